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
// The Task announces itself (cluster.Announcement), so that a keeper on another member knows it too, when the name has
// moved there. Before it has heard all that is announced, 3 s at most, it starts nothing. Where two instances have come to
// be all the same, since nobody knew of one of them, the younger one is ended.
//
// Messages in: NamedPlace (by a Signal), NamedMessage (by the house), NamedStands (by Tasks).
// Messages out: TaskStart (by spawn), TaskMessage, TaskKill; Spawned; SignalRespond.
package named
