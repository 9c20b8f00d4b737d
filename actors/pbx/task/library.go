package task

import (
	"tandem/actors/pbx/cgpl"
	"tandem/actors/pbx/cgpl/lib"
	"tandem/ximss/object"
)

// function is a builtin with its Task.
type function func(t *Task, c *cgpl.Call) (object.Value, error)

// entry is one function of the PBX environment.
type entry struct {
	name      string
	min, max  int
	procedure bool
	either    bool // a function that may stand as a statement
	run       function
}

// Library are all functions that a program can call: those that compute, and those of the PBX environment.
func Library() cgpl.Library {
	l := lib.New()
	for _, group := range [][]entry{inputs, calls, sounds, bridges, tasks, queues, accounts, services} {
		for _, e := range group {
			l.Add(cgpl.Builtin{Name: e.name, Min: e.min, Max: e.max, Procedure: e.procedure, Either: e.either,
				Call: func(c *cgpl.Call) (object.Value, error) { return e.run(c.Host.(*Task), c) }})
		}
	}
	return l
}

var inputs = []entry{
	{name: "ReadInput", min: 1, max: 1, run: fnReadInput},
	{name: "IsDisconnectEvent", min: 1, max: 1, run: isEvent(eventDisconnected)},
	{name: "DTMF", run: fnDTMF},
	{name: "ClearDTMF", procedure: true, run: fnClearDTMF},
	{name: "SetInterruptOnDTMF", min: 1, max: 1, either: true, run: fnSetInterruptOnDTMF},
	{name: "SendDTMF", min: 1, max: 1, either: true, run: fnSendDTMF},
	{name: "SendEvent", min: 2, max: 3, either: true, run: fnSendEvent},
	{name: "IsInstantMessageEvent", min: 1, max: 1, run: isEvent(eventMessage)},
	{name: "IsXMPPIQEvent", min: 1, max: 1, run: isEvent(eventIQ)},
	{name: "SetTaskTimer", min: 1, max: 1, procedure: true, run: fnSetTaskTimer},
	{name: "IsTimerEvent", min: 1, max: 1, run: isEvent(eventTimer)},
	{name: "LinkTask", min: 1, max: 1, either: true, run: fnLinkTask},
	{name: "IsTaskEndedEvent", min: 1, max: 1, run: isEvent(eventEnded)},
	{name: "StartHTTPCall", min: 2, max: 2, either: true, run: fnStartHTTPCall},
	{name: "IsHTTPCompletedEvent", min: 1, max: 1, run: isEvent(eventHTTP)},
}

var calls = []entry{
	{name: "AcceptCall", either: true, run: fnAcceptCall},
	{name: "ProvisionCall", min: 1, max: 2, either: true, run: fnProvisionCall},
	{name: "RejectCall", min: 1, max: 1, procedure: true, run: fnRejectCall},
	{name: "RedirectCall", min: 1, max: 1, procedure: true, run: fnRedirectCall},
	{name: "ForkCall", min: 1, max: 1, procedure: true, run: fnForkCall},
	{name: "IncomingRequestURI", run: fnIncomingRequestURI},
	{name: "PendingRequestData", min: 1, max: 1, run: fnPendingRequestData},
	{name: "PendingRequestExData", min: 1, max: 1, run: fnPendingRequestExData},

	{name: "SetCallParameters", min: 1, max: 1, procedure: true, run: fnSetCallParameters},
	{name: "StartCall", min: 1, max: 1, either: true, run: fnStartCall},
	{name: "IsCallProvisionEvent", min: 1, max: 1, run: isEvent(eventProvision)},
	{name: "IsCallCompletedEvent", min: 1, max: 1, run: isEvent(eventCompleted)},
	{name: "CancelCall", procedure: true, run: fnCancelCall},
	{name: "Disconnect", max: 2, procedure: true, run: fnDisconnect},
	{name: "IsConnected", run: fnIsConnected},
	{name: "IsHalfConnected", run: fnIsHalfConnected},
	{name: "RemoteURI", run: fnRemoteURI},
	{name: "LocalURI", run: fnLocalURI},
	{name: "RemoteIPAddress", run: fnRemoteIPAddress},
	{name: "RemoteAuthentication", run: fnRemoteAuthentication},
	{name: "SetLocalContactParameter", min: 2, max: 2, procedure: true, run: fnSetLocalContactParameter},
	{name: "SendCallInfo", min: 1, max: 1, either: true, run: fnSendCallInfo},
	{name: "IsCallInfoEvent", min: 1, max: 1, run: isEvent(eventInfo)},
	{name: "SendCallOptions", min: 1, max: 1, either: true, run: fnSendCallOptions},
	{name: "SignalOption", min: 1, max: 2, either: true, run: setOption(true)},
}

var sounds = []entry{
	{name: "PlayFile", min: 1, max: 2, procedure: true, run: fnPlayFile},
	{name: "PlayFileInLoop", min: 2, max: 2, procedure: true, run: fnPlayFile},
	{name: "Play", min: 1, max: 2, procedure: true, run: fnPlay},
	{name: "PlayMusic", max: 1, either: true, run: fnPlayMusic},
	{name: "PlayTone", min: 2, max: 4, procedure: true, run: fnPlayTone},
	{name: "GetPlayPosition", run: fnGetPlayPosition},
	{name: "SetPlayPosition", min: 1, max: 1, procedure: true, run: fnSetPlayPosition},
	{name: "IsPlayCompleted", run: fnIsPlayCompleted},
	{name: "Record", min: 1, max: 1, run: fnRecord},
	{name: "SetLocalHold", min: 1, max: 1, procedure: true, run: fnSetLocalHold},
	{name: "ReleaseMediaChannel", procedure: true, run: fnReleaseMediaChannel},
	{name: "MediaOption", min: 1, max: 2, either: true, run: setOption(false)},
}

var bridges = []entry{
	{name: "StartBridge", min: 1, max: 1, either: true, run: fnStartBridge},
	{name: "IsStartBridgeEvent", min: 1, max: 1, run: isEvent(eventStartBridge)},
	{name: "AcceptBridge", min: 1, max: 1, either: true, run: fnAcceptBridge},
	{name: "RejectBridge", min: 2, max: 2, either: true, run: fnRejectBridge},
	{name: "BreakBridge", either: true, run: fnBreakBridge},
	{name: "IsBreakBridgeEvent", min: 1, max: 1, run: isEvent(eventBreakBridge)},
	{name: "StartBridgedCall", min: 2, max: 2, either: true, run: fnStartBridgedCall},
	{name: "AttachMixer", min: 1, max: 1, either: true, run: fnAttachMixer},
	{name: "DetachMixer", min: 1, max: 1, either: true, run: fnDetachMixer},
	{name: "MixerAttached", run: fnMixerAttached},
	{name: "MuteMixer", min: 2, max: 2, procedure: true, run: fnMuteMixer},
	{name: "AttendCall", min: 1, max: 2, either: true, run: fnAttendCall},
	{name: "IsAttendEndedEvent", min: 1, max: 1, run: isEvent(eventAttendEnded)},
	{name: "RecordBridge", min: 1, max: 2, either: true, run: fnRecordBridge},
	{name: "TransferSupported", run: fnTransferSupported},
	{name: "TransferCall", min: 1, max: 1, either: true, run: fnTransferCall},
	{name: "StartTransfer", min: 1, max: 1, either: true, run: fnStartTransfer},
	{name: "IsStartTransferEvent", min: 1, max: 1, run: isEvent(eventTransfer)},
	{name: "AcceptTransfer", min: 1, max: 1, either: true, run: fnAcceptTransfer},
	{name: "RejectTransfer", min: 2, max: 2, either: true, run: fnRejectTransfer},
	{name: "IsCallTransferredEvent", min: 1, max: 1, run: isEvent(eventTransferred)},
}

var tasks = []entry{
	{name: "ThisTask", run: fnThisTask},
	{name: "IsTask", min: 1, max: 1, run: fnIsTask},
	{name: "spawn", min: 2, max: 2, run: fnSpawn},
	{name: "SystemInfo", min: 1, max: 1, run: fnSystemInfo},
	{name: "SysLog", min: 1, max: 1, procedure: true, run: fnSysLog},
	{name: "SysProfile", min: 1, max: 1, procedure: true, run: fnSysProfile},
	{name: "SetApplicationStatus", min: 1, max: 1, procedure: true, run: fnSetApplicationStatus},

	{name: "CreateMeeting", min: 2, max: 3, either: true, run: meetingCall("CreateMeeting", "create")},
	{name: "ActivateMeeting", min: 2, max: 3, either: true, run: meetingCall("ActivateMeeting", "activate")},
	{name: "DeactivateMeeting", min: 2, max: 3, either: true, run: meetingCall("DeactivateMeeting", "deactivate")},
	{name: "ClearMeeting", min: 2, max: 2, either: true, run: meetingCall("ClearMeeting", "clear")},
	{name: "RemoveMeeting", min: 2, max: 2, either: true, run: meetingCall("RemoveMeeting", "remove")},
	{name: "FindMeeting", min: 2, max: 2, run: fnFindMeeting},
	{name: "Enqueue", min: 1, max: 3, either: true, run: fnEnqueue},
	{name: "CheckQueue", min: 1, max: 1, run: fnCheckQueue},
	{name: "Dequeue", min: 1, max: 1, procedure: true, run: fnDequeue},
	{name: "ReadQueue", min: 1, max: 1, run: fnReadQueue},
}

// queues are beyond the ancestor.
var queues = []entry{
	{name: "QueueJoin", min: 1, max: 2, either: true, run: fnQueueJoin},
	{name: "QueueLeave", either: true, run: fnQueueLeave},
	{name: "QueueKey", min: 1, max: 1, either: true, run: fnQueueKey},
	{name: "QueueCallback", min: 1, max: 1, either: true, run: fnQueueCallback},
	{name: "QueueOutcome", min: 2, max: 3, either: true, run: fnQueueOutcome},
	{name: "IsQueueEvent", min: 1, max: 1, run: isEvent(eventQueue)},
}

var accounts = []entry{
	{name: "MyDomain", run: fnMyDomain},
	{name: "MyEmail", run: fnMyEmail},
	{name: "Impersonate", min: 1, max: 1, either: true, run: fnImpersonate},
	{name: "GetLanguage", run: fnGetLanguage},
	{name: "SetLanguage", min: 1, max: 1, procedure: true, run: fnSetLanguage},
	{name: "GetTimeZoneName", run: fnGetTimeZoneName},
	{name: "SetTimeZone", min: 1, max: 1, procedure: true, run: fnSetTimeZone},
}

// services are carried out by the platform around the Task; see World.Service.
var services = serviceEntries([]entry{
	{name: "GetAccountPreferences", min: 1, max: 1},
	{name: "SetAccountPreferences", min: 1, max: 2},
	{name: "ReadGroupMembers", min: 1, max: 1},
	{name: "ReadTelnums", max: 1},
	{name: "UpdateAccountMailRule", min: 1, max: 2},
	{name: "UpdateAccountSignalRule", min: 1, max: 2},
	{name: "AgentCommand", min: 1, max: 2},
	{name: "QueueSettings", min: 1, max: 1},
	{name: "ReadRoster", max: 1},
	{name: "SetRoster", min: 1, max: 2},
	{name: "DatasetList", min: 3, max: 3},
	{name: "DatasetCreate", min: 1, max: 1},
	{name: "DatasetRemove", min: 2, max: 2},
	{name: "DatasetSet", min: 4, max: 4},
	{name: "DatasetDelete", min: 3, max: 3},
	{name: "DirectorySearch", min: 3, max: 3},
	{name: "DoBalance", min: 2, max: 2},
	{name: "ReadCallInfo", max: 1},

	{name: "RouteAddress", min: 2, max: 2},
	{name: "RouteENUM", min: 3, max: 3},
	{name: "RouteLocalURI", min: 1, max: 1},

	{name: "ReadStorageFile", min: 1, max: 1},
	{name: "WriteStorageFile", min: 2, max: 2},
	{name: "AppendStorageFile", min: 2, max: 2},
	{name: "DeleteStorageFile", min: 1, max: 1},
	{name: "RenameStorageFile", min: 2, max: 2},
	{name: "CreateStorageDirectory", min: 1, max: 1},
	{name: "RenameStorageDirectory", min: 2, max: 2},
	{name: "DeleteStorageDirectory", min: 1, max: 1},
	{name: "ListStorageFiles", min: 1, max: 1},

	{name: "ReadEnvirFile", min: 1, max: 1},
	{name: "StoreCDR", min: 1, max: 1, procedure: true},
	{name: "Statistics", min: 3, max: 3},
	{name: "HTTPCall", min: 2, max: 2},
	{name: "SubmitEMail", min: 2, max: 2, run: fnSubmitEMail},
	{name: "SendEMail", min: 5, max: 5},
	{name: "SendInstantMessage", min: 3, max: 3},
	{name: "SendXMPPIQ", min: 3, max: 3},
	{name: "SendCallNotify", min: 1, max: 1},
	{name: "SendCallRegister", min: 1, max: 1},
	{name: "RADIUSCall", min: 2, max: 2},
	{name: "ExecuteCLI", min: 1, max: 1, run: fnExecuteCLI},
})

// serviceEntries fills in what carries the services out.
func serviceEntries(list []entry) []entry {
	for i, e := range list {
		if e.run == nil {
			list[i].run = service(e.name, nil)
		}
		list[i].either = !e.procedure
	}
	return list
}

// Services are the names of all functions that World.Service is asked for.
func Services() []string {
	var names []string
	for _, e := range services {
		names = append(names, e.name)
	}
	return names
}
