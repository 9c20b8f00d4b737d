// Package pbx is the PBX Task: a CG/PL program with a mailbox that owns a call's story.
//
// Who creates it, who ends it: a Signal starts one for a call whose route leads to a program; a command, a
// client, a clock or another Task starts one without a call. It ends when its program does, by an exception,
// or by TaskKill. What it holds ends with it: its party gets BYE or a refusal, bridges break, mixers end.
//
//	                ┌───────────────────────────────────────┐
//	                ▼                                       │ party gone, Disconnect, Reject, Redirect
//	            disconnected ──── StartCall answered ──► connected ◄─┐
//	                ▲                                     ▲    │     │
//	incoming ───────┤            AcceptCall, bridge       │    │     │ decided
//	   │  └─────────┼─────────────────────────────────────┤    ▼     │
//	   └─► provisioned ───────────────────────────────────┘  waiting ┘   in StartBridge or StartTransfer
//
// Messages in: TaskStart, TaskEvent, TaskKill; from its party's leg LegAnswered, LegEnded, LegDigit, LegPlayed,
// LegRecorded, LegTaken, LegParted, LegInfo, LegDone, LegReferred; from a Signal that looks for a party
// LegProgress, LegAccept, LegReject; from other Tasks TaskBridge, TaskBridged, TaskUnbridged, TaskProvisioned;
// MeetingAnswer.
// Messages out: the counterparts, see package msg.
//
// A Task speaks to others by their handlers alone, and never to media or dialogs: its party's leg serves it,
// wherever that lives. The machine is package task, pure; this package is its shell. What others must do for a
// program (files, commands, HTTP) are services, which the house gives.
package pbx
