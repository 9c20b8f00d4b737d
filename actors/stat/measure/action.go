package measure

import "strings"

// Name is an action or a status by its place in the table of names.
type Name uint8

// Class is what kind of fact an action is.
type Class uint8

// Classes: a durable action has a beginning and an end; a momentary one happens; a retrospective one is told when
// something ends, and has the length of that.
const (
	Durable Class = 1 << iota
	Momentary
	Retrospective
)

// Instant is a fact without a beginning.
const Instant = Momentary | Retrospective

// kind describes a name. An action may be durable on one sort of object and an instant on another.
type kind struct {
	name  string
	class Class
	call  bool // it belongs to a call, and several may go on at once
}

// kinds is the table of names (reference statserver.md 2.2 to 2.5). The first ones are statuses too, in the order of
// their priority.
var kinds = buildKinds()

// statuses are the names that can be statuses, the weakest first.
var statuses = []string{"NotMonitored", "Monitored", "LoggedIn", "OnHook", "WaitForNextCall", "OffHook", "CallDialing", "CallRinging",
	"NotReadyForNextCall", "AfterCallWork", "CallOnHold", "ASM_Engaged", "ASM_Outbound", "CallUnknown", "CallConsult", "CallInternal",
	"CallOutbound", "CallInbound", "LoggedOut"}

// Statuses that rules speak of.
var (
	NotMonitored        = named("NotMonitored")
	Monitored           = named("Monitored")
	LoggedIn            = named("LoggedIn")
	WaitForNextCall     = named("WaitForNextCall")
	NotReadyForNextCall = named("NotReadyForNextCall")
	CallOnHold          = named("CallOnHold")
	LoggedOut           = named("LoggedOut")
	userEvent           = named("UserEvent")
)

// What an agent does behind a queue.
var (
	AgentLogin  = named("AgentLogin")
	AgentActive = named("AgentActive")
	AgentReady  = named("AgentReady")
)

const (
	durableCalls = "CallObserving CallObserved CallInternalOriginated CallInternalReceived CallConsultOriginated CallConsultReceived " +
		"CallOutboundOriginated CallOutboundReceived BeingMonitored BeingCoached CallWait"
	durableOthers = "UserEventReceived AgentActive AgentReady DNActive DNLogin DNReady"
	momentaries   = "CallDialingStarted CallRingingStarted CallInboundStarted CallOutboundStarted CallInternalStarted CallConsultStarted " +
		"CallUnknownStarted CallEntered CallPartyChanged CallTreatmentStarted CallTreatmentNotStarted CallTransferMade CallTransferTaken " +
		"CallTransferPartyChanged CallConferenceMade CallConferenceJoined CallConferenceOriginated CallConferencePartyAdded " +
		"CallConferencePartyDeleted UserEvent InteractionEntered InteractionDistributed InteractionCleared " +
		"InteractionDistributedToQueue InteractionDeleted ExternalServiceRequested ExternalServiceResponded"
	retrospectives = "CallInboundCompleted CallOutboundCompleted CallInternalCompleted CallConsultCompleted CallUnknownCompleted CallDialed " +
		"CallAnswered CallHeld CallRetrievedFromHold CallAbandonedFromDialing CallAbandonedFromRinging CallAbandonedFromHold " +
		"CallForwarded CallRingingPartyChanged CallDialConferenced CallDialTransferred CallDistributed CallAbandoned CallCleared " +
		"CallDistributedToQueue CallTreatmentCompleted CallReleased CallMissed ACWCompleted ACWMissed StuckCallCleaned " +
		"StuckCallCleanedWhileRinging"
)

func buildKinds() (all []kind) {
	for _, s := range statuses {
		all = append(all, kind{s, Durable, strings.HasPrefix(s, "Call")})
	}
	add := func(names string, c Class, call bool) {
		for _, n := range strings.Fields(names) {
			all = append(all, kind{n, c, call})
		}
	}
	add(durableCalls, Durable, true)
	add(durableOthers, Durable, false)
	add("AgentLogin", Durable|Momentary, false) // of agents behind a queue, and on a device
	add("AgentLogout", Momentary, false)
	add(momentaries, Momentary, true)
	add(retrospectives, Retrospective, true)
	return all
}

var byName = func() map[string]Name {
	all := map[string]Name{}
	for i, k := range kinds {
		all[k.name] = Name(i)
	}
	return all
}()

func named(text string) Name {
	n, ok := ParseName(text)
	if !ok {
		panic("measure: no such name: " + text)
	}
	return n
}

// ParseName finds a name as it is written in masks. False: there is no such action or status.
func ParseName(text string) (Name, bool) {
	n, ok := byName[text]
	return n, ok
}

func (n Name) String() string { return kinds[n].name }

// Class is what kind of fact it is.
func (n Name) Class() Class { return kinds[n].class }

// IsStatus tells whether it can be a status.
func (n Name) IsStatus() bool { return int(n) < len(statuses) }

// PerCall tells whether it belongs to a call: each call has its own.
func (n Name) PerCall() bool { return kinds[n].call }

// Valid tells whether it is in the table of names.
func (n Name) Valid() bool { return int(n) < len(kinds) }
