// Package block makes the named tables of a report: the data blocks of reference queuelog.md 3.2, out of stints, sessions,
// pauses, attempts and notes, whatever they were read from. It is pure.
//
//	Facts (files, tables) ─► notes, stints, sessions, pauses, attempts ─► one maker for each block asked for ─► Table
//
// A block is a row of the table in blocks.go: its name, what it is called in plain words, and how it is made. Most are
// one sum for each value of an attribute of calls (the queue, the hour, the cause ...). Each number that counts calls
// has a Where: asked for with it, the block DetailsDO.Calls has just these calls.
//
// # Columns
//
// Where the reference gives the order of columns, it is kept, but for bars, which are pictures. What we add stands
// behind. Everywhere else the columns are our own:
//
//	name and value        OkDO.RiassAllCalls and RiassFullyWithin, KoDO.ReportKoAll and ReportKoFully, AreaAnDO.Setup,
//	                      AgentsDO.ReportAgents, DistrDO.ReportAcd, OutcomesDO.GeneralRep, OkDO.HDRRpt (what was asked)
//	by an attribute       its value, N. Calls, Percent of all calls of the block, then sums, averages, extremes
//	by day, hour, weekday the slot, then the same; Traffic as the reference lists it
//	agents by hour        agent, all, then one column for each slot in which anybody was there
//	DetailsDO.Calls       all calls whatever became of them; our own
//
// Numbers are plain: seconds, counts, per cent with one decimal, averages with two. Times are those of the zone asked
// for. Outbound calls stand in blocks that say so, and where Ask.Direction wants them.
//
// Not here: blocks of which the log says nothing (ButtonExportCalls, a button; IvrGoals and the blocks by queue, tag and
// feature, whose lines are not known), and those of live state.
package block
