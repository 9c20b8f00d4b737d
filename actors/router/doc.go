// Package router carries one request from its source to its target.
//
// What it is: the Signal actor (one request on its way), the edge actors (the member's transports as
// something that can be told from another member), and the ingress by which the SIP edge hands
// requests in.
//
// Who creates it, who ends it: the ingress makes a Signal for each INVITE and MESSAGE outside a
// dialog; a leg makes one for a transfer. A Signal ends when its request is answered and what it
// started is told so. Edge actors live as long as the member.
//
//	              ┌────────────► responded            (refused by the route)
//	started ──────┤
//	              │  caller's    ┌───────────► responded   (nobody takes the call)
//	              └► placing ───►│ ringing │
//	                 leg ready   └───────────► connected   (a branch won, or an application runs)
//	   any ── caller cancels or its leg ends ─► ended, all branches hung up
//
// Messages in: SignalStart, SignalCancelled, Spawned, LegReady, LegProgressed, LegAnswered,
// LegRefused, LegEnded; SignalResponse for MESSAGE. Edge: SignalSend, SignalCancel, SignalRespond.
// Messages out: LegStart (by placement), LegProgress, LegAccept, LegBridge, LegReject, LegRun,
// LegHangup; SignalRespond; AccountRegister.
package router
