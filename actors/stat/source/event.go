package source

// row says what an event must have, in words of a line of which | names alternatives, and who takes it.
type row struct {
	needs string
	take  func(*Feed, *told)
}

// events are those that are known (reference statserver.md 2.4). What an adapter tells of a queue has its name as dn.
var events map[string]row

// The table is filled in here because what is in it looks up what is in it.
func init() {
	device := "dn|agent"
	events = map[string]row{
		"EventQueued":              {"dn conn", (*Feed).queued},
		"EventRouteRequest":        {"dn conn", (*Feed).queued},
		"EventDiverted":            {"dn conn", (*Feed).diverted},
		"EventRouteUsed":           {"dn conn", (*Feed).diverted},
		"EventTreatmentApplied":    {"dn conn", instant(treatmentStarted)},
		"EventTreatmentNotApplied": {"dn conn", instant(treatmentNotStarted)},
		"EventTreatmentEnd":        {"dn conn", (*Feed).treated},

		"EventDialing":             {"dn conn", (*Feed).dialing},
		"EventRinging":             {device + " conn", (*Feed).ringing},
		"EventInvite":              {device + " conn", (*Feed).ringing},
		"EventEstablished":         {device + " conn", (*Feed).established},
		"EventAccepted":            {device + " conn", (*Feed).established},
		"EventHeld":                {device + " conn", (*Feed).held},
		"EventRetrieved":           {device + " conn", (*Feed).retrieved},
		"EventReleased":            {device + " conn", (*Feed).released},
		"EventRejected":            {device + " conn", (*Feed).released},
		"EventRevoked":             {device + " conn", (*Feed).released},
		"EventAbandoned":           {device + " conn", (*Feed).abandoned},
		"EventPartyChanged":        {device + " conn old_conn", (*Feed).changed},
		"EventAttachedDataChanged": {"conn", (*Feed).evidence},
		"EventPartyInfo":           {"conn", (*Feed).evidence},
		"EventUserEvent":           {"dn", instant(userEvent)},

		"EventAgentLogin":    {device + " agent", (*Feed).login},
		"EventAgentLogout":   {device, (*Feed).logout},
		"EventAgentReady":    {device, (*Feed).ready},
		"EventAgentNotReady": {device, (*Feed).notReady},
		"EventOnHook":        {"dn", (*Feed).onHook},
		"EventOffHook":       {"dn", (*Feed).offHook},

		"EventRegistered":       {device, (*Feed).registered},
		"EventDNOutOfService":   {"dn", (*Feed).outOfService},
		"EventDNBackInService":  {"dn", (*Feed).backInService},
		"EventLinkDisconnected": {"", (*Feed).linkDown},
		"EventLinkConnected":    {"", (*Feed).linkUp},

		"EventSubmitted":                {"dn conn", (*Feed).placed},
		"EventPlacedInQueue":            {"dn conn", (*Feed).placed},
		"EventTakenFromQueue":           {"dn conn", (*Feed).taken},
		"EventProcessingStopped":        {"dn conn", (*Feed).stopped},
		"EventExternalServiceRequested": {"customer", (*Feed).serviceRequested},
		"EventExternalServiceResponded": {"customer", (*Feed).serviceResponded},
	}
}
