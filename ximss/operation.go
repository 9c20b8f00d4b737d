package ximss

// operations are the names of what a session can be asked (reference communigate.md 1.3, 2.2, 2.3, 2.5).
var operations = namesOf(
	"noop", "bye", "setSessionOption", "setClientName", "passwordModify", "cliExecute", "prefsRead", "prefsStore",
	"signalBind", "signalUnbind", "presenceSet", "rosterList", "rosterSet", "sendIM", "iqSend",
	"callStart", "callProvision", "callAccept", "callReject", "callRedirect", "callUpdate", "callUpdateAccept",
	"callUpdateReject", "callTransfer", "callSendDTMF", "callSendInfo", "callKill", "callList", "makeCall",
	"taskStart", "taskSendEvent", "taskFindMeeting", "taskCreateMeeting", "taskActivateMeeting",
	"taskDeactivateMeeting", "taskClearMeeting", "taskRemoveMeeting",
	"agentSubscribe", "agentUnsubscribe", "agentFind", "agentLogin", "agentLogout", "agentPause", "agentReady",
	"agentMoreWrapUp", "agentQueue", "agentCheck", "agentRecording", "queueSubscribe", "queueUnsubscribe", "queueCallers",
	"queueExplain", "queueWithdraw", "queueMove", "queuePromote", "queueSend",
	"statOpen", "statPeek", "statSuspend", "statResume", "statClose", "statProfile",
)

// IsOperation tells whether a session can be asked for it. Before login this tells what has to wait from what is no
// operation at all.
func IsOperation(word string) bool { return operations[word] }

func namesOf(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}
