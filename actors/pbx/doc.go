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
// Messages in: TaskStart, TaskEvent, TaskMessage, TaskKill; from its party's leg LegAnswered, LegEnded, LegDigit, LegPlayed,
// LegRecorded, LegTaken, LegFound, LegParted, LegInfo, LegDone, LegReferred; from a Signal that looks for a party
// LegProgress, LegAccept, LegReject; from other Tasks TaskBridge, TaskBridged, TaskUnbridged, TaskProvisioned;
// QueuePlaced, QueueRefused, QueueLeft, QueueOffer, QueueNoted, QueueWithdrawn, QueuePlay; MeetingAnswer, MeetingParted.
// Messages out: the counterparts, see package msg.
//
// # Functions
//
// Those that only compute, reference cgpl.md 2.1 to 2.7, are in the documentation of package lib. The rest:
//
//	done      input      ReadInput DTMF ClearDTMF SetInterruptOnDTMF SendDTMF SendEvent              task/input.go
//	                     IsDisconnectEvent and the other tests of events
//	          incoming   AcceptCall ProvisionCall RejectCall RedirectCall ForkCall                   task/incoming.go
//	                     IncomingRequestURI
//	                     PendingRequestData PendingRequestExData                                     task/pending.go
//	          outgoing   StartCall SetCallParameters CancelCall                                      task/outgoing.go
//	          the call   Disconnect IsConnected IsHalfConnected RemoteURI LocalURI RemoteIPAddress   task/party.go
//	                     RemoteAuthentication SetLocalContactParameter SendCallInfo SendCallOptions
//	                     SetLocalHold ReleaseMediaChannel
//	                     SignalOption MediaOption                                                    task/option.go
//	          media      PlayFile PlayFileInLoop Play PlayTone GetPlayPosition SetPlayPosition       task/playing.go
//	                     IsPlayCompleted Record
//	          bridge     StartBridge AcceptBridge RejectBridge BreakBridge StartBridgedCall          task/bridge.go
//	          recording  RecordBridge                                                                task/recording.go
//	          attending  AttendCall IsAttendEndedEvent                                               task/attending.go
//	          mixer      AttachMixer DetachMixer MixerAttached MuteMixer                             task/mixing.go
//	          transfer   TransferSupported TransferCall StartTransfer AcceptTransfer RejectTransfer  task/transfer.go
//	          meetings   CreateMeeting ActivateMeeting DeactivateMeeting FindMeeting ClearMeeting    task/meeting.go
//	                     RemoveMeeting Enqueue CheckQueue Dequeue ReadQueue
//	          queues     QueueJoin QueueLeave QueueKey QueueCallback QueueOutcome IsQueueEvent        task/queue_functions.go
//	          tasks      ThisTask IsTask spawn SysLog SysProfile SetApplicationStatus SystemInfo     task/account.go
//	          account    MyDomain MyEmail Impersonate GetLanguage SetLanguage GetTimeZoneName        task/account.go
//	                     SetTimeZone
//	          services   GetAccountPreferences SetAccountPreferences ReadGroupMembers ReadTelnums    actors/service/account.go
//	                     UpdateAccountSignalRule ReadCallInfo ExecuteCLI
//	                     DatasetList DatasetCreate DatasetRemove DatasetSet DatasetDelete            actors/service/dataset.go
//	                     ReadRoster SetRoster                                                        actors/service/roster.go
//	                     DoBalance                                                                   actors/service/balance.go
//	                     RouteAddress RouteLocalURI                                                  actors/service/route.go
//	                     ReadStorageFile WriteStorageFile AppendStorageFile DeleteStorageFile        actors/files.go
//	                     RenameStorageFile CreateStorageDirectory RenameStorageDirectory
//	                     DeleteStorageDirectory ListStorageFiles ReadEnvirFile
//	                     StoreCDR Statistics                                                         actors/service/statistic.go
//	                     HTTPCall                                                                    actors/service/http.go
//	                     SubmitEMail SendEMail SendInstantMessage                                    actors/service/message.go
//	                     RADIUSCall                                                                  actors/service/radius.go
//	                     RouteENUM                                                                   actors/service/outside.go
//	beyond    QueueJoin and its family: the queues of package queue; what they say are events: queuePlaced, queueOffer,
//	          queueWithdrawn, queuePlay, queueRefused, queueLeft. See stock/files/queue.sppr.
//	          PlayMusic: music behind all else (task/music.go). StartCall with an array of addresses: all are rung.
//	          AgentCommand: an agent works by a program; QueueSettings: what is said of a queue (actors/service/agent.go).
//	          LinkTask: the event taskEnded when another Task ends. SetTaskTimer: the event timer, once.
//	          StartHTTPCall: HTTPCall whose result is the event httpCompleted. IsTaskEndedEvent IsTimerEvent
//	          IsHTTPCompletedEvent. MediaOption mixerRate: 8000 or 16000, before the first AttachMixer.
//	          SystemInfo upTime: for how long the member has run, in microseconds.
//	in part   ProvisionCall: reliably changes nothing, sip.reliable says what is acknowledged by PRACK
//	          SubmitEMail, SendEMail: a message with a sound, to an account here; others are an error text
//	          StartCall: authUsername and authPassword wait for trunks; other domains are not called yet
//	          SendCallOptions: in a call; SignalOption bridgedProvisionToTags and bridgedProvisionQueue are kept
//	          and change nothing, and so do MediaOption preplay, mixMOH, mixerDelay; of callInfo there are the
//	          keys id, connected, remote and local
//	          SendCallNotify: the event message-summary alone, for the phones of the current account
//	refused   SendXMPPIQ SendCallRegister UpdateAccountMailRule DirectorySearch: with an error text that says why
//	          what belongs to mailboxes and calendars: lib.Refused
//
// RecordBridge(action[, options]) records the party's call with whomever it is joined: the party in the left channel, the
// other one in the right. action is start, pause (what is said from then on is cut out), resume, stop, or note. options is a
// dictionary of texts that are kept with the recording, at most 16; queue and agent are in the name of its file
// too, and note tells the agent when he is known. account, with start, says whose files of the Task's domain it comes
// into; else those of recordings. The result is null or an error text: 481 there is nothing to record, 491 it is so
// already, 503 it can not be recorded. start may come before the bridge or in it; the recording then goes on over
// holds, transfers and the end of the Task, and comes into the store when it is stopped or the call is over.
//
// AttendCall(whom[, part]) lets the party attend the call that an agent or an account has now: listen, which is the default,
// whisper (whom hears it, the other side does not) or barge. Who calls must have proved to be an account with the right
// CanListen, over all queues or over one of the agent's; in a call that the Task made itself it is the current
// account. It may be said again with another part; AttendCall(null) leaves. When the call that is attended ends, the event attendEnded
// comes. The stock program listen does all of that.
//
// A Task speaks to others by their handlers alone, and never to media or dialogs: its party's leg serves it,
// wherever that lives. The machine is package task, pure; this package is its shell. What others must do for a
// program (files, commands, HTTP) are services, which the house gives.
package pbx
