// Package router carries one request from its source to its target.
//
// What it is: the Signal actor (one request on its way), the edge actors (the member's transports as
// something that can be told from another member), and the ingress by which the SIP edge hands
// requests in.
//
// Who creates it, who ends it: the ingress makes a Signal for each INVITE and MESSAGE outside a
// dialog; a leg makes one for a transfer, or to find others for its Task; a Task makes one for a call of
// its own. A Signal ends when its request is answered and what it started is told so. Edge actors live as
// long as the member.
//
//	              ┌────────────► responded            (refused by the route, or by a rule of the server)
//	started ──────┤
//	              │  caller's    ┌───────────► responded   (nobody takes the call)
//	              └► placing ───►│ ringing │
//	                 leg ready   └───────────► connected   (a branch won)
//	placing, ringing ── a program takes the call ─► running
//	   any ── caller cancels or its leg ends ─► ended, all branches hung up
//
// A program is a built-in application, which the caller's leg runs itself, or one that a new Task runs:
// the Task is made when the leg is ready, and the leg serves it. Where the caller lived before (a leg or a
// Task), placing is left out, and the Signal ends as soon as it has found somebody.
//
// Rules decide at each stage of a call (package signal): those of server and cluster before it is routed,
// the others while its accounts are called. What they want done beside is an errand (errand.go).
//
// A Named Task is asked from the keeper of its name (actors/pbx/named), which has one instance at most.
//
// Messages in: SignalStart, SignalCancelled, Spawned, LegReady, LegProgressed, LegAnswered,
// LegRefused, LegEnded; SignalResponse for MESSAGE. Edge: SignalSend, SignalCancel, SignalRespond,
// SignalPacket.
// Messages out: LegStart and TaskStart (by placement), NamedPlace, LegProgress, LegAccept, LegBridge, LegServe,
// LegReject, LegRun, LegHangup, TaskKill; SignalRespond; AccountRegister.
package router
