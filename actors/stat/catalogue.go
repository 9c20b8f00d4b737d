package stat

// Predefined are the names that there are from the beginning (reference statserver.md 3.9).
func Predefined() *Catalogue {
	queue := func(category, main string) Request { return Request{Category: category, Main: main} }
	agents := func(main string) Request {
		return Request{Category: "CurrentNumber", Subject: "AgentStatus", Main: main}
	}
	return &Catalogue{
		Types: map[string]Request{
			"Total_Calls_Entered":     queue("TotalNumber", "CallEntered"),
			"Total_Calls_Distributed": queue("TotalNumber", "CallDistributed"),
			"Total_Calls_Answered":    queue("TotalNumber", "CallAnswered"),
			"Total_Calls_Abandoned":   queue("TotalNumber", "CallAbandoned,CallAbandonedFromRinging"),
			"Short_Abandons":          queue("TotalNumberInTimeRange", "CallAbandoned,CallAbandonedFromRinging"),
			"AbandCallsPercentage": {Category: "RelativeNumberPercentage", Main: "CallAbandoned",
				Relative: "CallDistributed,CallAbandoned"},
			"Average_Speed_Of_Answer":      queue("AverageTime", "CallAnswered"),
			"Average_Handle_Time":          queue("AverageTime", "CallReleased,ACWCompleted"),
			"CurrentCallsWaiting":          queue("CurrentNumber", "CallWait"),
			"CurrentOldestWaiting":         queue("CurrentMaxTime", "CallWait"),
			"ServiceFactor1":               queue("ServiceFactor1", "CallAnswered,CallAbandoned,CallAbandonedFromRinging"),
			"EstimWaitingTime":             queue("EstimWaitingTime", "CallReleased,ACWCompleted,CallMissed,ACWMissed,CallWait"),
			"CurrentReadyAgents":           agents("WaitForNextCall"),
			"CurrNumberInboundStatuses":    agents("CallInbound"),
			"CurrNumberOutboundStatuses":   agents("CallOutbound"),
			"CurrNumberInternalStatuses":   agents("CallInternal"),
			"CurrNumberACWStatuses":        agents("AfterCallWork"),
			"CurrNumberNotReadyStatuses":   agents("NotReadyForNextCall"),
			"CurrNumberRingingStatuses":    agents("CallRinging"),
			"CurrentLoggedInAgents":        agents("*,~LoggedOut,~NotMonitored"),
			"CurrentReadyAgentsOfQueue":    queue("CurrentNumber", "AgentReady"),
			"CurrentLoggedInAgentsOfQueue": queue("CurrentNumber", "AgentLogin"),
			"Occupancy": {Category: "RelativeTimePercentage", Subject: "AgentStatus",
				Main: "CallInbound,CallOutbound,CallInternal,CallConsult,CallUnknown,CallOnHold,AfterCallWork", Relative: "*,~LoggedOut,~NotMonitored"},
			"Average_Calls_Per_Hour": {Category: "AverageNumberPerRelativeHour", Subject: "AgentStatus",
				Main: "CallInbound,CallOutbound,CallInternal,CallConsult,CallUnknown", Relative: "*,~LoggedOut,~NotMonitored"},
		},
		Profiles: map[string]string{"Default": "Growing 0:00", "LastHour": "Sliding 3600,15", "LastQuarter": "Sliding 900,5",
			"QuarterHours": "Growing 0:00 +0:15", "SinceLogin": "SinceLogin", "Forever": "Growing never", "LastTen": "Selection 10"},
		Ranges:  map[string]string{"Default": "0-20"},
		Filters: map[string]string{},
	}
}
