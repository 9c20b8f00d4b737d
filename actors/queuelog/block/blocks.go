package block

import "tandem/actors/queuelog/report"

// Block is one named table of a report.
type Block struct {
	Name  string
	Title string // in plain words
	By    string // attribute of calls by which it is sorted; "": none
	of    func(*run, *call) bool
	make  func(*run, *Block) maker
	need  need
}

var (
	isAnswered = Term{"state", "answered"}
	isLost     = Term{"state", "lost"}
	isOffered  = Term{"state", "offered"}
	isWhole    = Term{"whole", "yes"}
)

// Blocks are all of them, in the order of reference queuelog.md 3.2.
var Blocks = concat(okBlocks, koBlocks, areaBlocks, acdBlocks, spanBlocks(), agentBlocks, detailBlocks, outcomeBlocks, ivrBlocks, tagBlocks)

func concat(families ...[]Block) (all []Block) {
	for _, f := range families {
		all = append(all, f...)
	}
	return all
}

var okBlocks = []Block{
	{"OkDO.RiassAllCalls", "Answered calls", "", answeredCalls, values(answeredValues, isAnswered), 0},
	{"OkDO.RiassFullyWithin", "Answered calls that begin and end in the period", "", wholeAnswered, values(answeredValues, isAnswered, isWhole), 0},
	{"OkDO.AgentsOnQueue", "Answered calls by agent", "agent", answeredCalls, by(agentCols, isAnswered), 0},
	{"OkDO.ServiceLevelAgreement", "Service level", "", offeredCalls, limits{head: "Answer", counted: (*call).answered,
		base: Where{isAnswered}, ofOffered: true}.make, 0},
	{"OkDO.DisconnectionCauses", "How answered calls ended", "cause", answeredCalls, by(answerCols, isAnswered), 0},
	{"OkDO.Transfers", "Transfers", "transfer", answeredCalls, by(answerCols, isAnswered), 0},
	{"OkDO.AnsweredcallsByQueue", "Answered calls by queue", "queue", answeredCalls, by(answerCols, isAnswered), 0},
	{"OkDO.AnsweredcallsByDirection", "Answered calls by direction", "direction", everyAnswered, by(answerCols, isAnswered), 0},
	{"OkDO.StintsOk", "Answered calls by number of queues visited", "stints", answeredCalls, by(answerCols, isAnswered), 0},
	{"OkDO.QPosOk", "Answered calls by position at entry", "position", answeredCalls, by(answerCols, isAnswered), 0},
	{"OkDO.IvrOk", "Answered calls by choices in menus", "ivr", answeredCalls, by(answerCols, isAnswered), 0},
	{"OkDO.DnisOk", "Answered calls by number dialled", "dnis", answeredCalls, by(answerCols, isAnswered), 0},
	{"OkDO.MOHOk", "Answered calls on hold", "queue", answeredCalls, by(heldCols, isAnswered), needNotes},
	{"OkDO.HDRRpt", "What was asked for", "", nothing, (*run).header, 0},
}

var answeredValues = []measure{
	{Column{"N. Calls", Count}, callsM.cell, Where{}}, talkAvgM, talkMinM, talkMaxM, talkTotalM, waitAvgM, waitMinM, waitMaxM, waitTotalM,
	{Column{"Avg ring", Seconds}, func(s, _ *sums) Cell { return s.ring.average() }, nil},
	{Column{"Ongoing", Count}, func(s, _ *sums) Cell { return count(s.ongoing) }, Where{{"state", "talking"}}},
	{Column{"Cut by a restart", Count}, func(s, _ *sums) Cell { return count(s.cut) }, nil},
	{Column{"Effective", Count}, func(s, _ *sums) Cell { return count(s.effective) }, nil},
	{Column{"Effective %", Percent}, func(s, _ *sums) Cell { return percent(s.effective, s.answered) }, nil},
}

var agentCols = append(answerCols[:len(answerCols):len(answerCols)], talkMinM, talkMaxM)

var heldCols = []measure{callsM,
	{Column{"On hold", Count}, func(s, _ *sums) Cell { return count(s.held) }, Where{{"held", "yes"}}},
	{Column{"Holds", Count}, func(s, _ *sums) Cell { return count(s.holds) }, nil},
	{Column{"Time on hold", Seconds}, func(s, _ *sums) Cell { return seconds(s.heldTime) }, nil},
	{Column{"Avg hold", Seconds}, func(s, _ *sums) Cell { return average(s.heldTime, s.holds) }, nil}}

var koBlocks = []Block{
	{"KoDO.ReportKoAll", "Lost calls", "", lostCalls, values(lostValues, isLost), 0},
	{"KoDO.ReportKoFully", "Lost calls that begin and end in the period", "", wholeLost, values(lostValues, isLost, isWhole), 0},
	{"KoDO.DiscCauses", "Why calls were lost", "cause", lostCalls, by(lossCols, isLost), 0},
	{"KoDO.UnansByQueue", "Lost calls by queue", "queue", lostCalls, by(lossCols, isLost), 0},
	{"KoDO.OutboundKo", "Outbound calls without answer", "queue", outboundLost, by(lossCols, isLost, Term{"direction", Out}), 0},
	{"KoDO.UnansByLen", "Lost calls by wait", "", lostCalls, limits{head: "Hangup", counted: isLostCall, base: Where{isLost}}.make, 0},
	{"KoDO.InclusiveSLA", "Inclusive service level", "", offeredCalls, limits{head: "Hangup", counted: anyCall, base: Where{isOffered}}.make, 0},
	{"KoDO.InclusiveAnswSLA", "Inclusive service level of answered calls", "", offeredCalls, limits{head: "Answer",
		counted: (*call).answered, base: Where{isAnswered}, ofAll: true}.make, 0},
	{"KoDO.ReportKoKeyPress", "Lost calls by key", "key", lostCalls, by(lossCols, isLost), 0},
	{"KoDO.StintsKo", "Lost calls by number of queues visited", "stints", lostCalls, by(lossCols, isLost), 0},
	{"KoDO.StintsOkKo", "Calls by number of queues visited", "stints", offeredCalls, by(bothCols), 0},
	{"KoDO.QPosKo", "Lost calls by position at entry", "position", lostCalls, by(lossCols, isLost), 0},
	{"KoDO.QPosOkKo", "Calls by position at entry", "position", offeredCalls, by(bothCols), 0},
	{"KoDO.IvrKo", "Lost calls by choices in menus", "ivr", lostCalls, by(lossCols, isLost), 0},
	{"KoDO.IvrOkKo", "Calls by choices in menus", "ivr", offeredCalls, by(bothCols), 0},
	{"KoDO.DnisKo", "Lost calls by number dialled", "dnis", lostCalls, by(lossCols, isLost), 0},
	{"KoDO.DnisOkKo", "Calls by number dialled", "dnis", offeredCalls, by(bothCols), 0},
	{"KoDO.OverviewOkKo", "Overview by queue", "queue", offeredCalls, by(overviewCols), 0},
	{"KoDO.Totals", "All calls together", "", offeredCalls, values(totals), 0},
	{"KoDO.OverviewByServer", "Overview by server", "server", offeredCalls, by(overviewCols), 0},
}

var totals = []measure{offeredM, answeredM, lostM,
	{Column{"In time", Count}, func(s, _ *sums) Cell { return count(s.inTime) }, nil},
	{Column{"Answered in time", Percent}, func(s, _ *sums) Cell { return percent(s.inTime, s.answered) }, nil},
	{Column{"Of offered in time", Percent}, func(s, _ *sums) Cell { return percent(s.inTime, s.answered+s.lost) }, nil}, waitAvgM, waitMaxM, talkAvgM}

func isLostCall(c *call) bool { return c.State == report.Lost }
func anyCall(*call) bool      { return true }

var lostValues = []measure{
	{Column{"N. Calls", Count}, callsM.cell, Where{}}, lostAvgM, lostMinM, lostMaxM, lostTotalM,
	{Column{"Avg position at entry", Ratio}, func(s, _ *sums) Cell { return ratio(s.positionLost.sum, s.positionLost.n) }, nil},
	{Column{"Avg position at exit", Ratio}, func(s, _ *sums) Cell { return ratio(s.exit.sum, s.exit.n) }, nil},
	{Column{"Attempts per call", Ratio}, func(s, _ *sums) Cell { return ratio(s.attemptsLost.sum, s.attemptsLost.n) }, nil},
}

var areaBlocks = []Block{
	{"AreaAnDO.Setup", "How areas are told", "", nothing, (*run).areaSetup, 0},
	{"AreaAnDO.CallsOK", "Answered calls by area", "area", answeredCalls, by(answerCols, isAnswered), 0},
	{"AreaAnDO.CallsKO", "Lost calls by area", "area", lostCalls, by(lossCols, isLost), 0},
}

var outcomeBlocks = []Block{
	{"OutcomesDO.GeneralRep", "Outcomes", "", answeredCalls, (*run).outcomes, needNotes | needSessions | needPauses},
	{"OutcomesDO.CallResByOutcome", "Calls by outcome", "code", answeredCalls, by(answerCols, isAnswered), 0},
	{"OutcomesDO.CallResByFeature", "Calls by feature", "feature", answeredCalls, by(answerCols, isAnswered), 0},
	{"OutcomesDO.ActivBillable", "Pauses that are working time", "", nothing, activities(true), needSessions | needPauses},
	{"OutcomesDO.ActivNotBillable", "Pauses that are not", "", nothing, activities(false), needSessions | needPauses},
	{"OutcomesDO.AgentReportDetailed", "Outcomes by agent", "agent", answeredCalls, (*run).agentOutcomes, needNotes | needSessions | needPauses},
	{"OutcomesDO.AgentOutcomes", "Agents by outcome", "", answeredCalls, (*run).outcomesOfAgents, needNotes},
}

var ivrBlocks = []Block{
	{"IvrDO.IvrReport", "Choices in menus", "ivr", offeredCalls, by(ivrCols), 0},
	{"IvrDO.IvrTiming", "Time in menus before a queue", "ivr", offeredCalls, by(ivrTimes), 0},
}

var ivrCols = []measure{{Column{"Hits", Count}, callsM.cell, Where{isOffered}}, shareM, answeredM, lostM,
	{Column{"Attrition", Percent}, func(s, _ *sums) Cell { return percent(s.lost, s.calls) }, nil}}

var ivrTimes = []measure{{Column{"Hits", Count}, callsM.cell, Where{isOffered}},
	{Column{"Avg time", Seconds}, func(s, _ *sums) Cell { return s.queueing.average() }, nil},
	{Column{"Min time", Seconds}, func(s, _ *sums) Cell { return s.queueing.min() }, nil},
	{Column{"Max time", Seconds}, func(s, _ *sums) Cell { return s.queueing.max() }, nil}}

var tagBlocks = []Block{{"CallTagDO.CallResByTag", "Calls by tag", "tag", answeredCalls, by(answerCols, isAnswered), 0}}
