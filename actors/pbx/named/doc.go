// Package named keeps Named Tasks to one instance each: programs that are reached by a name.
//
// What it is: a virtual actor for each name that something came for, by its address. It knows the Task that
// runs under the name, and starts one where none does.
//
//	idle ── call or message ──► running ── the Task ends ──► idle
//	                            running ── call ──► refused, 486: a Task has one party
//	                            running ── message ──► told to the Task
//
// Who creates it, who ends it: whoever tells it something makes it; it is put away when no instance runs.
//
// Messages in: NamedPlace (by a Signal), NamedMessage (by the house).
// Messages out: TaskStart (by spawn), TaskMessage; Spawned; SignalRespond.
package named
