// Package session is the XIMSS session: who has logged in, what it asks, what it is told. It outlives its connection.
//
// Who creates it, who ends it: a binding opens one when somebody has logged in (ingress.go), on the member where he
// did. It ends by bye, by a command, when its client is silent for too long, or when a connection that was lost is not
// followed by another one in time.
//
//	login ──► attached ◄────── resume ────── detached
//	           │   └──── connection lost ──────► │
//	           │ bye, killed, idle               │ nobody came back
//	           ▼                                 ▼
//	         ended ◄─────────────────────────────┘
//
// A client over HTTP has no connection: it is attached as long as it asks, and what it is to hear waits for its poll.
//
// A connection is a small actor on the member that has the socket; its session may be on another one. On two
// members they watch each other, on one each tells the other when it ends.
//
// Messages in: SessionStart, SessionAttach, SessionTake, SessionLeave, SessionUnsaid, SessionPost, SessionPoll,
// SessionEnd, TaskEvent, MeetingAnswer, PresenceChanged, PresenceAsked, PresenceRosterItems, AgentChanged; as an edge
// SignalSend, SignalCancel and SignalRespond. Messages out: SessionSay to the connection, SessionAttached,
// SessionPosted, SessionBatch, MeetingAsk, PresenceSet, PresenceWatch, PresenceUnwatch, AgentWatch, AgentDevice; as an
// edge SignalRequest, SignalResponse and SignalCancelled.
//
//	session.go     the machine: its parts, time, and its end
//	state.go       where a session stands
//	outbox.go      what waits for the client, bounded
//	poll.go        requests over HTTP, and batches until they are acknowledged
//	resume.go      connections come, go, and take over from one another
//	operation.go   one operation under way; the table of all operations
//	errand.go      what takes time: one after the other
//	limits.go      what one session may use
//	table.go       the sessions of this member, for lists; name.go   their names in URLs
//	ingress.go     where bindings hand in logins and requests
//	call.go        the telephone, which is package phone
//	presence.go    what is said of the user and seen of others; roster.go   who they are
//	agent.go       what an agent of queues does, and how he stands; queue.go how queues stand, what supervisors do
//	stat.go        statistics that the client has opened
//	board.go       how queues stand that sessions of this member watch
//	basic.go ...   families of operations, a file each
//
// # A family of operations
//
// A family is a file with a variable of type family and one line in the list families (operation.go). Its rows are
// its operations. An operation may be answered at once or later: first data messages (answer), then exactly one of
// done and fail. What the client is told unasked is said by Session.say. What is to be done outside
// is an effect (do), which the shell performs; what comes of it is an event: a method of Session that the shell calls.
//
// # Operations
//
//	basic.go     noop bye; setSessionOption (idleTimeout in seconds; reportMailboxChanges changes nothing); setClientName
//	cli.go       cliExecute (data: cliResult, whose content is the result); passwordModify oldPassword newPassword
//	pref.go      prefsRead type="custom"? with elements name; prefsStore (data: prefs; an element is a preference)
//	task.go      taskStart programName entryName? with param (data: taskStarted taskRef); taskSendEvent taskRef eventName
//	meeting.go   taskCreateMeeting taskActivateMeeting taskDeactivateMeeting taskFindMeeting (data: taskMeeting)
//	             taskClearMeeting taskRemoveMeeting, each meetingSet? meetingName
//
//	agent.go     agentLogin device? with queue name? agentLogout; agentPause reason? agentReady; agentMoreWrapUp seconds?
//	             agentQueue queue on reason? agentCheck; agentRecording turn? (data: agentRecording); agentFind
//	             agentSubscribe (data: agentState) agentUnsubscribe, each with agent? of somebody else
//	queue.go     queueSubscribe queue (data: queueState) queueUnsubscribe; queueCallers after? limit? (data: queueCaller,
//	             queueState) queueExplain caller (data: queueReason); queueWithdraw queueMove position queuePromote priority
//	             queueSend to, each queue caller
//	stat.go      statOpen object statType, or category mainMask and what else defines it, mode? insensitivity? frequency?
//	             (data: statInfo); statPeek statistic time? (data: statInfo); statSuspend statResume statClose, each
//	             statistic; statProfile (data: statProfile, the names that requests may use, also unasked
//	             for when they change)
//
// Those of calls and messages are in package phone; those of presence in presence.go and roster.go.
//
// # Beyond the reference
//
// All operations and messages of agents and queues are our own. The message session has the attribute agent where the
// account is that of an agent. He who has subscribed is told agentState and queueState whenever they change: times are
// moments in GMT, the attribute now is the server's own, so that a page counts on by the server's clock.
//
// So are those of statistics. Their times are milliseconds since 1970. Who has opened one is told statInfo as its mode says,
// statInvalid and statValid when a source of its object is lost and back, and statError when it was dropped. A client that
// takes its messages slower than values change is told by a statError without a statistic that changes were missed, and
// then the values as they are; these alone are told to one that comes back. Statistics are closed with the session.
//
// What a connection could not give to the network any more is told to the client that resumes; what the network has
// taken and lost is not known to be missing, which is why callList tells all that a client needs of its calls.
//
// A client that has lost what waited for it (overflow) is told so: by overflow="1" in the message session when it
// resumes, over HTTP by the message <overflow/>. It then asks for the state anew.
package session
