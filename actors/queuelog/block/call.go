package block

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/actors/queuelog/report"
)

// call is a stint, or the stints of a caller as one, with what else is known of it.
type call struct {
	*report.Stint
	said   *said // nil: nothing, or nobody has asked
	visits int   // queues that its caller went through; 0: nobody has asked
	when   when
}

func (c *call) answered() bool { return c.State == report.Answered || c.State == report.Talking }

// name is how the call is told from those of other servers.
func (c *call) name() string { return c.Partition + ":" + c.CallID }

// when is a moment as days and hours are counted.
type when struct{ day, slot, weekday string }

// clock tells the day, slot and weekday of moments.
type clock struct {
	zone  *time.Location
	slot  int
	slots []string
	last  time.Time // a midnight, and its day in words
	next  time.Time
	words [2]string
}

func newClock(zone *time.Location, slot int) *clock {
	c := &clock{zone: zone, slot: slot}
	for m := 0; m < 1440; m += slot {
		c.slots = append(c.slots, time.Date(2000, 1, 1, 0, m, 0, 0, time.UTC).Format("15:04"))
	}
	return c
}

// at places a moment. In the night in which clocks go back an hour comes twice, and both are counted as one.
func (c *clock) at(seconds int64) when {
	t := time.Unix(seconds, 0).In(c.zone)
	if t.Before(c.last) || !t.Before(c.next) {
		y, m, d := t.Date()
		c.last, c.next = time.Date(y, m, d, 0, 0, 0, 0, c.zone), time.Date(y, m, d+1, 0, 0, 0, 0, c.zone)
		c.words = [2]string{t.Format("2006-01-02"), t.Weekday().String()}
	}
	hour, minute, _ := t.Clock()
	return when{c.words[0], c.slots[(60*hour+minute)/c.slot], c.words[1]}
}

// until is when the slot of a moment ends.
func (c *clock) until(seconds int64) int64 {
	t := time.Unix(seconds, 0).In(c.zone)
	hour, minute, second := t.Clock()
	past := (60*hour+minute)%c.slot*60 + second
	return seconds + int64(c.slot*60-past)
}

func (c *clock) text(seconds int64) string {
	return time.Unix(seconds, 0).In(c.zone).Format("2006-01-02 15:04:05")
}

func (c *clock) moment(seconds int64) Cell {
	if seconds == 0 {
		return none(Moment)
	}
	return Cell{Kind: Moment, Text: c.text(seconds), Value: float64(seconds)}
}

// attribute is what calls can be sorted by. A call may have several values of it, or none.
type attribute struct {
	head string
	of   func(r *run, c *call) []string
	sort func(a, b *row) int
	need need
}

// Orders of rows.
func byName(a, b *row) int { return cmp.Compare(a.name, b.name) }
func byNumber(a, b *row) int {
	return cmp.Or(cmp.Compare(number(a.name), number(b.name)), byName(a, b))
}
func byCalls(a, b *row) int { return cmp.Or(cmp.Compare(b.sums.calls, a.sums.calls), byName(a, b)) }
func byWeekday(a, b *row) int {
	return cmp.Compare(slices.Index(weekdays, a.name), slices.Index(weekdays, b.name))
}

var weekdays = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// attributes by the word that a Where has for them. It is filled by init because their functions look at runs, which look
// at attributes.
var attributes map[string]attribute

func init() {
	attributes = map[string]attribute{
		"queue":     {"Queue", func(r *run, c *call) []string { return r.ask.asked(c.Queue) }, byName, 0},
		"server":    {"Srv", func(_ *run, c *call) []string { return one(c.Partition) }, byName, 0},
		"call":      {"Call", func(_ *run, c *call) []string { return one(c.name()) }, byName, 0},
		"agent":     {"Agent", func(_ *run, c *call) []string { return one(c.Agent) }, byName, 0},
		"caller":    {"Caller", func(_ *run, c *call) []string { return one(c.Caller) }, byCalls, 0},
		"cause":     {"Cause", func(_ *run, c *call) []string { return one(causeOf(c.Stint)) }, byCalls, 0},
		"direction": {"Direction", func(_ *run, c *call) []string { return one(directionOf(c.Stint)) }, byName, 0},
		"day":       {"Day", func(_ *run, c *call) []string { return one(c.when.day) }, byName, 0},
		"hour":      {"Hour", func(_ *run, c *call) []string { return one(c.when.slot) }, byName, 0},
		"weekday":   {"Day of week", func(_ *run, c *call) []string { return one(c.when.weekday) }, byWeekday, 0},
		"position":  {"Position", func(_ *run, c *call) []string { return one(positive(c.Position)) }, byNumber, 0},
		"key":       {"Key", func(_ *run, c *call) []string { return one(c.Key) }, byCalls, 0},
		"stints":    {"Stints", func(_ *run, c *call) []string { return one(positive(int64(c.visits))) }, byNumber, needVisits},
		"transfer":  {"Transferred to", func(_ *run, c *call) []string { return one(c.Transfer) }, byCalls, 0},
		"area":      {"Area code", func(r *run, c *call) []string { return one(r.area(c.Caller)) }, byCalls, 0},
		"group":     {"Agent group", func(r *run, c *call) []string { return one(sorted(r.ask.Groups, c.Agent)) }, byName, 0},
		"location":  {"Location", func(r *run, c *call) []string { return one(sorted(r.ask.Locations, c.Agent)) }, byName, 0},
		"level":     {"Level", func(r *run, c *call) []string { return one(sorted(r.ask.Levels, c.Agent)) }, byName, 0},
		"code":      {"Outcome", func(_ *run, c *call) []string { return one(c.outcome()) }, byCalls, needNotes},
		"feature":   {"Feature", func(_ *run, c *call) []string { return c.said.list(featureList) }, byCalls, needNotes},
		"tag":       {"Tag", func(_ *run, c *call) []string { return c.said.list(tagList) }, byCalls, needNotes},
		"ivr":       {"IVR path", func(_ *run, c *call) []string { return one(c.said.pathText()) }, byCalls, needNotes},
		"dnis":      {"DNIS", func(_ *run, c *call) []string { return one(c.said.number()) }, byCalls, needNotes},
		"held":      {"Held", func(_ *run, c *call) []string { return one(yes(c.said.times() > 0)) }, byName, needNotes},
		"outcome":   {"Kind of outcome", func(r *run, c *call) []string { return r.kinds(c.outcome()) }, byName, needNotes},
	}
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func positive(n int64) string {
	if n <= 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

// notSorted is where somebody belongs who was put nowhere.
const notSorted = "(none)"

func sorted(places map[string]string, agent string) string {
	if place, ok := places[agent]; ok {
		return place
	}
	return notSorted
}

func directionOf(s *report.Stint) string {
	if s.Outbound {
		return Out
	}
	return In
}

// causes are in words how stints end, by the verb of the line that ends them.
var causes = map[string]string{
	"COMPLETEAGENT": "Agent disconnected", "COMPLETECALLER": "Caller disconnected", "TRANSFER": "Transferred",
	"BLINDTRANSFER": "Blind transfer", "ATTENDEDTRANSFER": "Attended transfer", "ABANDON": "Abandon",
	"EXITWITHTIMEOUT": "Timeout", "EXITWITHKEY": "Key press", "EXITEMPTY": "Exit empty", "WITHDRAW": "Withdrawn",
	"SYSCOMPAT": "Incompatible channel", report.AgentDump: "Agent dump", report.Restart: "Restart",
	report.MissingExit: "Exit not logged",
}

func causeOf(s *report.Stint) string {
	switch {
	case s.State == report.Waiting:
		return "Unanswered yet"
	case s.State == report.Talking:
		return "Ongoing"
	case causes[s.Cause] != "":
		return causes[s.Cause]
	}
	return s.Cause
}

// area is how a caller's number begins.
func (r *run) area(caller string) string {
	digits := strings.TrimLeft(caller, "+")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return digits[:min(len(digits), r.ask.AreaDigits)]
}
