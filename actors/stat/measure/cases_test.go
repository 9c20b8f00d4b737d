package measure

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"tandem/actors/stat/filter"
)

// worked is a case of testdata/cases.md.
type worked struct {
	Given  json.RawMessage
	Expect json.RawMessage
}

// cases are those that have numbers, by their identifiers.
var cases = func() map[string]worked {
	text, err := os.ReadFile("testdata/cases.md")
	if err != nil {
		panic(err)
	}
	all := map[string]worked{}
	for _, block := range strings.Split(string(text), "```json\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		var c struct {
			ID string
			worked
		}
		if err := json.Unmarshal([]byte(block), &c); err != nil {
			panic(err)
		}
		all[c.ID] = c.worked
	}
	return all
}()

// read gives what a case has.
func read[G, E any](t *testing.T, id string) (given G, expect E) {
	t.Helper()
	c, ok := cases[id]
	if !ok {
		t.Fatalf("there is no case %s", id)
	}
	if err := json.Unmarshal(c.Given, &given); err != nil {
		t.Fatalf("%s: %v", id, err)
	}
	if err := json.Unmarshal(c.Expect, &expect); err != nil {
		t.Fatalf("%s: %v", id, err)
	}
	return given, expect
}

// ms are milliseconds of seconds.
func ms(s float64) int64 { return int64(math.Round(s * 1000)) }

// near demands a value within the tolerance of the cases.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-6 {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// instant and durable are facts as the cases write them.
type instant struct {
	Action  string
	At, Dur float64
}

type durable struct {
	Agent, Action, Conn string
	Start               float64
	End                 *float64
}

// stat opens a statistic at the time 0, ever growing unless the profile says else.
func stat(t *testing.T, category string, s Subject, main, rel string, change ...func(*Definition)) *Meter {
	t.Helper()
	d := Definition{Category: category, Subject: s}
	var err error
	if d.Main, err = ParseMask(main, s); err != nil {
		t.Fatal(err)
	}
	if rel != "" {
		if d.Relative, err = ParseMask(rel, s); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range change {
		c(&d)
	}
	m, _, err := Open(d, 0)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func happen(m *Meter, all ...instant) {
	for _, i := range all {
		m.Happen(&Fact{Name: named(i.Action), At: ms(i.At), Length: ms(i.Dur), With: bare{}})
	}
}

// bare has no attributes.
type bare map[string]string

func (b bare) Pair(key string) (string, bool) { v, ok := b[key]; return v, ok }
func (bare) Attribute(string) (string, bool)  { return "", false }

// line plays a status line into a meter, up to a moment.
func play(m *Meter, line []segment, until float64) {
	for i, s := range line {
		if i > 0 && line[i-1].to == s.from {
			m.End(uint64(i-1), ms(s.from))
		}
		if s.from > until {
			return
		}
		begin(m, Fact{ID: uint64(i), Name: named(s.name), At: ms(s.from), With: bare{}})
		if s.to > until {
			return
		}
		if i+1 == len(line) || line[i+1].from != s.to {
			m.End(uint64(i), ms(s.to))
		}
	}
}

// segment is ["WaitForNextCall", 0, 10].
type segment struct {
	name     string
	from, to float64
}

func (s *segment) UnmarshalJSON(text []byte) error {
	var parts []any
	if err := json.Unmarshal(text, &parts); err != nil || len(parts) != 3 {
		return fmt.Errorf("%s is no segment: %v", text, err)
	}
	s.name, s.from, s.to = parts[0].(string), parts[1].(float64), parts[2].(float64)
	return nil
}

func TestTimeRanges(t *testing.T) {
	for _, id := range []string{"A1", "A2"} {
		g, e := read[struct {
			Queued   string `json:"queued_at"`
			Answered string `json:"answered_at"`
		}, struct {
			Duration int64           `json:"duration_s"`
			In       map[string]bool `json:"in_range"`
		}](t, id)
		from, _ := time.Parse("15:04:05.000", g.Queued)
		to, _ := time.Parse("15:04:05.000", g.Answered)
		length := wholeSeconds.length(from.UnixMilli(), to.UnixMilli())
		if length != e.Duration*1000 {
			t.Errorf("%s: %d ms", id, length)
		}
		for text, want := range e.In {
			if r, err := ParseRange(text); err != nil || r.has(length) != want {
				t.Errorf("%s: %s: %v, %v", id, text, r.has(length), err)
			}
		}
		if exact := milliseconds.length(from.UnixMilli(), to.UnixMilli()); exact != to.Sub(from).Milliseconds() {
			t.Errorf("%s: exactly %d ms", id, exact)
		}
	}
	_, want := read[any, []string](t, "A4")
	for i, c := range []struct {
		all  Ranges
		name string
	}{{nil, ""}, {Ranges{"Default": {0, 30}}, ""}, {Ranges{"Default": {0, 30}, "R": {5, 10}}, "R"}} {
		r, err := c.all.Named(c.name)
		if got := fmt.Sprintf("%v-%v", r.From, r.To); err != nil || got != want[i] {
			t.Errorf("A4: %s, want %s, %v", got, want[i], err)
		}
	}
	if _, err := (Ranges{}).Named("R"); err == nil {
		t.Error("a range that there is not")
	}
}

// TestInstants has the cases whose facts are instants in an interval that does not end.
func TestInstants(t *testing.T) {
	for id, names := range map[string]string{"A5": "CallAnswered", "G11": "CallReleased"} {
		g, e := read[struct {
			Instants []instant
			Range    string
		}, map[string]float64](t, id)
		for category, want := range e {
			rel := ""
			if category == "TotalNumberInTimeRangePercentage" {
				rel = names
			}
			m := stat(t, category, DNAction, names, rel)
			happen(m, g.Instants...)
			near(t, id+" "+category, m.Value(ms(1000)).Number, want)
		}
	}
}

func TestServiceFactor(t *testing.T) {
	for _, id := range []string{"B2", "B3", "B5"} {
		g, e := read[struct {
			Answered  []float64 `json:"answered_waits_s"`
			Abandoned []float64 `json:"abandoned_waits_s"`
			Range     string
			Range2    string
		}, struct{ ServiceFactor1 float64 }](t, id)
		m := stat(t, "ServiceFactor1", DNAction, "CallAnswered,CallAbandoned,CallAbandonedFromRinging", "", func(d *Definition) {
			d.Range, _ = ParseRange(g.Range)
			d.Range2, _ = ParseRange(g.Range2)
		})
		for i, wait := range g.Answered {
			happen(m, instant{"CallAnswered", float64(200 + i), wait})
		}
		for i, wait := range g.Abandoned {
			happen(m, instant{"CallAbandoned", float64(300 + i), wait})
		}
		v := m.Value(ms(1000))
		near(t, id, v.Number, e.ServiceFactor1)
		if v.Empty != (id == "B5") {
			t.Errorf("%s: empty %v", id, v.Empty)
		}
	}
}

func TestEstimatedWait(t *testing.T) {
	for _, id := range []string{"C1", "C3", "C4", "C6", "C7", "C9"} {
		g, e := read[struct {
			AHT, EP, CIQ, AR, AA float64
			Own                  float64 `json:"handling_s_from_this_queue"`
			All                  float64 `json:"handling_s_all_queues"`
		}, struct{ EstimWaitTime float64 }](t, id)
		if id == "C9" {
			g.EP = g.Own / g.All
		}
		l := Load{Handling: g.AHT, Waiting: int64(g.CIQ), Ready: int64(g.AR), Active: int64(g.AA), Portion: g.EP}
		near(t, id, l.Wait(), e.EstimWaitTime)
	}
	// The same as a statistic: of 1320 s of work 660 s came from here, 180 s for each call.
	m := stat(t, "EstimWaitingTime", DNAction, "CallWait", "")
	near(t, "nothing handled yet, nobody there", m.Value(1).Number, 0)
	happen(m, instant{"CallReleased", 10, 400}, instant{"CallReleased", 11, 200}, instant{"ACWCompleted", 12, 60}, instant{"CallMissed", 13, 400},
		instant{"ACWMissed", 14, 20})
	for i := range 6 {
		begin(m, Fact{ID: uint64(i), Name: named("CallWait"), At: ms(20), With: bare{}})
	}
	for i := range 3 {
		begin(m, Fact{ID: uint64(100 + i), Name: named("AgentActive"), At: ms(20), With: bare{}})
	}
	begin(m, Fact{ID: 200, Name: named("AgentReady"), At: ms(20), With: bare{}})
	near(t, "as a statistic", m.Value(ms(30)).Number, 1080.0/3*5/(3*660.0/1080))
}

// TestStatuses has the status lines of E and what is counted of them.
func TestStatuses(t *testing.T) {
	for _, id := range []string{"E5", "E6"} {
		g, e := read[struct {
			Durables []durable
			Now      float64
		}, struct {
			Line []segment `json:"status_line"`
		}](t, id)
		if got := statusLine(g.Durables, g.Now); fmt.Sprint(got) != fmt.Sprint(e.Line) {
			t.Errorf("%s: %v, want %v", id, got, e.Line)
		}
	}
	_, want := read[any, struct{ AgentStatus string }](t, "E8")
	if got := StatusOfAgent(0, 0, false, false); got.String() != want.AgentStatus {
		t.Errorf("E8: %v", got)
	}
	// E1: one uninterrupted action, hidden for a while by a call.
	line := []segment{{"WaitForNextCall", 0, 10}, {"CallRinging", 10, 15}, {"CallInbound", 15, 75}, {"AfterCallWork", 75, 95},
		{"WaitForNextCall", 95, 120}}
	_, e2 := read[any, map[string]float64](t, "E2")
	_, e3 := read[any, map[string]float64](t, "E3")
	for category, number := range e2 {
		m := stat(t, category, DNStatus, "WaitForNextCall", "")
		play(m, line, 119)
		near(t, "E2 "+category, m.Value(ms(120)).Number, number)
	}
	for category, number := range e3 {
		m := stat(t, category, DNAction, "WaitForNextCall", "")
		begin(m, Fact{ID: 1, Name: WaitForNextCall, With: bare{}})
		near(t, "E3 "+category, m.Value(ms(120)).Number, number)
		m = stat(t, category, DNAction, "WaitForNextCall", "", func(d *Definition) { d.InProgress = true })
		begin(m, Fact{ID: 1, Name: WaitForNextCall, With: bare{}})
		near(t, "with what goes on "+category, m.Value(ms(120)).Number, map[string]float64{"TotalNumber": 1, "TotalTime": 120}[category])
	}
}

// statusLine follows the status of a device over its actions.
func statusLine(all []durable, now float64) (line []segment) {
	for at := 0.0; at < now; at++ {
		var running []Running
		for _, d := range all {
			if d.Start <= at && (d.End == nil || at < *d.End) {
				running = append(running, Running{named(d.Action), d.Conn})
			}
		}
		status, _ := StatusOfDevice(running)
		if n := len(line); n > 0 && line[n-1].name == status.String() {
			line[n-1].to = at + 1
			continue
		}
		line = append(line, segment{status.String(), at, at + 1})
	}
	return line
}

func TestPlacesAndGroups(t *testing.T) {
	n := func(text string) Name { return named(text) }
	for _, c := range []struct {
		got  Name
		want string
	}{
		{StatusOfPlace(n("CallInbound"), n("CallRinging"), true, true, true), "CallInbound"},
		{StatusOfPlace(n("WaitForNextCall"), n("CallRinging"), true, true, true), "CallRinging"},
		{StatusOfPlace(n("OffHook"), n("WaitForNextCall"), true, true, true), "OffHook"},
		{StatusOfPlace(n("OffHook"), n("WaitForNextCall"), true, true, false), "WaitForNextCall"},
		{StatusOfPlace(n("OffHook"), 0, true, false, true), "OffHook"},
		{StatusOfPlace(0, n("AfterCallWork"), false, true, false), "AfterCallWork"},
		{StatusOfPlace(n("CallInbound"), n("CallInbound"), false, false, false), "NotMonitored"},
		{StatusOfGroup([]Name{LoggedOut, n("CallInbound"), WaitForNextCall}), "WaitForNextCall"},
		{StatusOfGroup([]Name{LoggedOut, n("CallInbound")}), "NotReadyForNextCall"},
		{StatusOfGroup([]Name{LoggedOut, NotMonitored}), "LoggedOut"},
		{StatusOfGroup(nil), "NotMonitored"},
	} {
		if c.got.String() != c.want {
			t.Errorf("%v, want %s", c.got, c.want)
		}
	}
}

func TestMasks(t *testing.T) {
	g, e := read[struct{ Mask string }, struct {
		Size int
		Has  map[string]bool
	}](t, "F1")
	m, err := ParseMask(g.Mask, AgentStatus)
	if err != nil {
		t.Fatal(err)
	}
	engaged := set("ASM_Engaged", "ASM_Outbound") // of the switching matrix; the case counts the published 17
	if size := m.Size() - m.and(engaged).Size(); size != e.Size {
		t.Errorf("F1: %d statuses, want %d", size, e.Size)
	}
	for name, want := range e.Has {
		if m.Has(named(name)) != want {
			t.Errorf("F1: %s %v", name, !want)
		}
	}
	for text, want := range map[string]string{"~CallInbound": "selects nothing", "CallInbund": `"CallInbund" is no action`, "": `"" is no action`,
		"CallInbound,~CallInbound": "selects nothing"} {
		if _, err := ParseMask(text, DNAction); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := ParseMask("CallWait", AgentStatus); err == nil || !strings.Contains(err.Error(), "no status") {
		t.Error(err)
	}
	d := Definition{Category: "CurrentNumber", Main: set("CallAbandoned", "CallWait")} // F4
	opened, warnings, err := Open(d, 0)
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "CallAbandoned") || opened.Main != set("CallWait") {
		t.Errorf("F4: %v, %v", warnings, err)
	}
}

func TestCurrent(t *testing.T) {
	g2, e2 := read[struct{ Now float64 }, map[string]float64](t, "G2")
	for category, want := range e2 {
		v := stat(t, category, DNAction, "CallWait", "").Value(ms(g2.Now))
		near(t, "G2 "+category, v.Number, want)
	}
	g3, e3 := read[struct {
		Line  []segment `json:"status_line"`
		Mask  string
		Probe []float64 `json:"probe_at"`
	}, []float64](t, "G3")
	for i, at := range g3.Probe {
		m := stat(t, "CurrentContinuousTime", AgentStatus, g3.Mask, "")
		play(m, g3.Line, at)
		near(t, fmt.Sprint("G3 at ", at), m.Value(ms(at)).Number, e3[i])
	}
	g12, _ := read[struct{ Statuses map[string]string }, any](t, "G12")
	for _, c := range []struct {
		category, main, rel string
		want                float64
	}{
		{"CurrentNumber", "*,~LoggedOut,~NotMonitored", "", 4}, {"CurrentNumber", "WaitForNextCall", "", 1},
		{"CurrentRelativeNumberPercentage", "WaitForNextCall", "*,~LoggedOut", 25},
	} {
		m := stat(t, c.category, AgentStatus, c.main, c.rel)
		id := uint64(0)
		for _, status := range g12.Statuses {
			begin(m, Fact{ID: id, Name: named(status), With: bare{}})
			id++
		}
		near(t, "G12 "+c.category, m.Value(ms(10)).Number, c.want)
	}
}

// TestAges: what goes on, by its age.
func TestAges(t *testing.T) {
	for category, want := range map[string]float64{"CurrentNumber": 3, "CurrentTime": 60, "CurrentMaxTime": 30, "CurrentMinTime": 10,
		"CurrentAverageTime": 20, "CurrentNumberInTimeRange": 1, "CurrentNumberInTimeRangePercentage": 100.0 / 3, "CurrentDistinctNumber": 2,
		"CurrentRelativeTimePercentage": 100, "MaxNumber": 3, "AverageOfCurrentTime": (30*30 + 20*20 + 10*10) / 2.0 / 30} {
		rel := ""
		if category == "CurrentRelativeTimePercentage" {
			rel = "CallWait"
		}
		m := stat(t, category, DNAction, "CallWait", rel)
		for i, conn := range []string{"a", "b", "a"} {
			begin(m, Fact{ID: uint64(i), Name: named("CallWait"), Conn: conn, At: ms(float64(i) * 10), With: bare{}})
		}
		near(t, category, m.Value(ms(30)).Number, want)
	}
}

func TestRelative(t *testing.T) {
	g, e := read[struct {
		CallAbandoned, CallDistributed int
		Main, Rel                      string
	}, struct{ Value float64 }](t, "G5")
	m := stat(t, "RelativeNumberPercentage", DNAction, g.Main, g.Rel)
	for range g.CallAbandoned {
		happen(m, instant{"CallAbandoned", 1, 1})
	}
	for range g.CallDistributed {
		happen(m, instant{"CallDistributed", 1, 1})
	}
	near(t, "G5", m.Value(ms(10)).Number, e.Value)
	g6, e6 := read[struct {
		Status   string
		Segments [][2]float64
	}, struct{ Value float64 }](t, "G6")
	m = stat(t, "ElapsedTimePercentage", DNStatus, g6.Status, "")
	for i, s := range g6.Segments {
		begin(m, Fact{ID: uint64(i), Name: named(g6.Status), At: ms(s[0]), With: bare{}})
		if s[1] < 3600 {
			m.End(uint64(i), ms(s[1]))
		}
	}
	near(t, "G6", m.Value(ms(3600)).Number, e6.Value)
	m = stat(t, "AverageNumberPerRelativeHour", AgentStatus, "CallInbound", "*,~LoggedOut,~NotMonitored")
	play(m, []segment{{"WaitForNextCall", 0, 500}, {"CallInbound", 500, 900}, {"LoggedOut", 900, 5000}}, 5000)
	near(t, "per hour", m.Value(ms(5000)).Number, 4)
}

// TestLevels: how many at once, as the steps of G8 and G9.
func TestLevels(t *testing.T) {
	for _, id := range []string{"G8", "G9"} {
		g, e := read[struct {
			Steps    [][2]float64
			Interval [2]float64
		}, map[string]float64](t, id)
		for category, want := range e {
			m := stat(t, category, DNAction, "CallWait", "")
			next, open := uint64(0), []uint64{}
			for _, s := range g.Steps {
				for len(open) > int(s[1]) {
					m.End(open[0], ms(s[0]))
					open = open[1:]
				}
				for len(open) < int(s[1]) {
					begin(m, Fact{ID: next, Name: named("CallWait"), At: ms(s[0]), With: bare{}})
					open, next = append(open, next), next+1
				}
			}
			near(t, id+" "+category, m.Value(ms(g.Interval[1])).Number, want)
		}
	}
	m := stat(t, "TotalContinuousNumber", AgentStatus, "CallRinging,CallInbound", "")
	play(m, []segment{{"CallRinging", 0, 5}, {"CallInbound", 5, 9}, {"WaitForNextCall", 9, 20}, {"CallRinging", 20, 25}, {"CallInbound", 25, 30}}, 30)
	near(t, "entries", m.Value(ms(40)).Number, 2)
	m = stat(t, "MinNumber", AgentStatus, "CallRinging,CallInbound", "")
	play(m, []segment{{"CallRinging", 0, 5}, {"CallInbound", 5, 9}}, 8)
	near(t, "one status that follows another", m.Value(ms(8)).Number, 1)
}

func TestIntervals(t *testing.T) {
	p, err := ParseProfile("Growing", "0:00 +0:15", nil)
	if err != nil {
		t.Fatal(err)
	}
	clock := func(text string) int64 {
		at, err := time.Parse("15:04:05", text)
		if err != nil {
			t.Fatal(err)
		}
		return at.AddDate(2026, 0, 0).UnixMilli()
	}
	g, e := read[struct{ Now string }, struct {
		Start string `json:"interval_start"`
		Next  string `json:"next_reset"`
	}](t, "H1")
	if b, n := p.Begun(clock(g.Now)), p.Next(clock(g.Now)); b != clock(e.Start) || n != clock(e.Next) {
		t.Errorf("H1: %v to %v", time.UnixMilli(b).UTC(), time.UnixMilli(n).UTC())
	}
	quarter := func(d *Definition) { d.Profile = p }
	g2, e2 := read[struct{ Durables []durable }, map[string]map[string]float64](t, "H2")
	for _, category := range []string{"TotalNumber", "TotalTime"} {
		m := stat(t, category, DNAction, "CallInbound", "", quarter)
		begin(m, Fact{ID: 2, Name: named("CallInbound"), At: ms(g2.Durables[1].Start), With: bare{}})
		m.End(2, ms(*g2.Durables[1].End))
		begin(m, Fact{ID: 1, Name: named("CallInbound"), At: ms(g2.Durables[0].Start), With: bare{}})
		finals := m.Advance(ms(920))
		m.End(1, ms(*g2.Durables[0].End))
		if len(finals) != 1 || finals[0].At != ms(900) {
			t.Fatalf("H2: %+v", finals)
		}
		near(t, "H2 first "+category, finals[0].Value.Number, e2["interval [0,900)"][category])
		near(t, "H2 second "+category, m.Value(ms(1000)).Number, e2["interval [900,1800)"][category])
	}
	_, e4 := read[any, map[string]map[string]float64](t, "H4")
	for _, category := range []string{"TotalNumber", "TotalTime"} {
		m := stat(t, category, DNStatus, "NotReadyForNextCall", "", quarter)
		begin(m, Fact{ID: 1, Name: NotReadyForNextCall, At: ms(600), With: bare{}})
		finals := m.Advance(ms(900))
		near(t, "H4 first "+category, finals[0].Value.Number, e4["interval [0,900) at its end"][category])
		m.End(1, ms(1500))
		near(t, "H4 second "+category, m.Value(ms(1500)).Number, e4["interval [900,1800) at 1500"][category])
	}
}

func TestWindows(t *testing.T) {
	g, e := read[struct {
		Instants []instant
		Sliding  string
		Probe    []float64 `json:"probe_at"`
	}, []float64](t, "H5")
	p, err := ParseProfile("Sliding", g.Sliding, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := stat(t, "TotalNumber", DNAction, "CallAbandoned", "", func(d *Definition) { d.Profile = p })
	for i, at := range g.Probe {
		for len(g.Instants) > 0 && g.Instants[0].At <= at {
			happen(m, g.Instants[0])
			g.Instants = g.Instants[1:]
		}
		near(t, fmt.Sprint("H5 at ", at), m.Value(ms(at)).Number, e[i])
	}
	m = stat(t, "TotalTime", DNStatus, "CallInbound", "", func(d *Definition) { d.Profile = p })
	play(m, []segment{{"CallInbound", 0, 50}, {"WaitForNextCall", 50, 80}, {"CallInbound", 80, 200}}, 100)
	near(t, "the parts of statuses in the window", m.Value(ms(100)).Number, 30)
	near(t, "later", m.Value(ms(120)).Number, 40)
	g7, e7 := read[struct {
		Instants  []instant
		Selection int
	}, map[string]float64](t, "H7")
	for category, want := range e7 {
		m := stat(t, category, DNAction, "CallReleased", "", func(d *Definition) { d.Profile = Profile{Kind: Selection, Last: g7.Selection} })
		happen(m, g7.Instants...)
		near(t, "H7 "+category, m.Value(ms(60)).Number, want)
	}
	m = stat(t, "TotalNumber", DNAction, "CallReleased", "", func(d *Definition) { d.Profile = Profile{Kind: SinceLogin} })
	happen(m, g7.Instants...)
	m.Login(ms(55))
	happen(m, instant{"CallReleased", 60, 1})
	near(t, "since login", m.Value(ms(70)).Number, 1)
}

// TestSinceRequest: what was before a statistic was opened does not count, and what goes on counts from then on (H8).
func TestSinceRequest(t *testing.T) {
	_, e := read[any, map[string]float64](t, "H8")
	d := Definition{Category: "TotalNumber", Main: set("CallAbandoned"), Profile: DefaultProfile}
	m, _, err := Open(d, ms(200))
	if err != nil {
		t.Fatal(err)
	}
	happen(m, instant{"CallAbandoned", 300, 5})
	near(t, "H8", m.Value(ms(400)).Number, e["at 400"])
	d = Definition{Category: "TotalTime", Subject: DNStatus, Main: set("CallInbound"), Profile: DefaultProfile}
	m, _, err = Open(d, ms(200))
	if err != nil {
		t.Fatal(err)
	}
	begin(m, Fact{ID: 1, Name: named("CallInbound"), At: ms(100), With: bare{}})
	near(t, "a status that was there", m.Value(ms(260)).Number, 60)
}

func TestFilterWithin(t *testing.T) {
	g, e := read[struct {
		Reasons [][]any
		Filter  string
	}, map[string]float64](t, "I1")
	condition, err := filter.Parse(g.Filter)
	if err != nil {
		t.Fatal(err)
	}
	for category, want := range e {
		for _, filtered := range []bool{true, false} {
			m := stat(t, category, AgentStatus, "NotReadyForNextCall", "", func(d *Definition) {
				if filtered {
					d.Filter = condition
				}
			})
			for i, r := range g.Reasons {
				with, at := bare{"Reason": r[0].(string)}, ms(r[1].(float64))
				if i == 0 {
					begin(m, Fact{ID: 1, Name: NotReadyForNextCall, At: at, With: with})
				} else {
					m.Change(1, with, at)
				}
			}
			m.End(1, ms(430))
			if !filtered {
				want = map[string]float64{"TotalTime": 330, "TotalNumber": 1}[category]
			}
			near(t, fmt.Sprint("I1 ", category, filtered), m.Value(ms(1000)).Number, want)
		}
	}
	// I2: a retrospective action is judged once, and counts whole.
	spanish, _ := filter.Parse(`PairExists("Language","Spanish")`)
	m := stat(t, "TotalTime", DNAction, "CallDistributed", "", func(d *Definition) { d.Filter = spanish })
	m.Happen(&Fact{Name: named("CallDistributed"), At: ms(30), Length: ms(30), With: bare{"Language": "Spanish"}})
	near(t, "I2", m.Value(ms(40)).Number, 30)
}

func TestNotices(t *testing.T) {
	for id, whole := range map[string]bool{"J1": true, "J2": false} {
		g, e := read[struct {
			Values        []float64
			Insensitivity float64
		}, struct{ Sent []float64 }](t, id)
		n := Notice{Insensitivity: g.Insensitivity}
		var sent []float64
		for _, v := range g.Values {
			if n.Due(Value{Number: v, Whole: whole}) {
				sent = append(sent, v)
			}
		}
		if fmt.Sprint(sent) != fmt.Sprint(e.Sent) {
			t.Errorf("%s: %v, want %v", id, sent, e.Sent)
		}
	}
	n := Notice{Insensitivity: 5}
	if !n.Due(Value{}) || n.Due(Value{}) || !n.Due(Value{Number: 0.1}) {
		t.Error("any change from 0 is told, and no change is not")
	}
}

// TestResetBased has J4: one report before each reset.
func TestResetBased(t *testing.T) {
	p, _ := ParseProfile("Growing", "0:00 +0:15", nil)
	m := stat(t, "TotalNumber", DNAction, "CallAbandoned", "", func(d *Definition) { d.Profile = p })
	happen(m, instant{"CallAbandoned", 10, 1}, instant{"CallAbandoned", 20, 1}, instant{"CallAbandoned", 30, 1})
	var got []string
	for _, at := range []float64{900, 1800} {
		for _, f := range m.Advance(ms(at)) {
			got = append(got, fmt.Sprint(f.At/1000, " ", f.Value.Number))
		}
	}
	if strings.Join(got, ", ") != "900 3, 1800 0" {
		t.Errorf("J4: %v", got)
	}
}

// TestGroupOfMembers has P3: a group has the facts of its members.
func TestGroupOfMembers(t *testing.T) {
	g, e := read[struct{ Durables []durable }, map[string]float64](t, "P3")
	for category, want := range e {
		m := stat(t, category, DNAction, "CallInbound", "")
		type moment struct {
			at    float64
			id    uint64
			begin bool
		}
		var all []moment
		for i, d := range g.Durables {
			if d.Agent != "A3" {
				all = append(all, moment{d.Start, uint64(i), true}, moment{*d.End, uint64(i), false})
			}
		}
		for at := 0.0; at <= 1000; at++ {
			for _, x := range all {
				switch {
				case x.at != at:
				case x.begin:
					begin(m, Fact{ID: x.id, Name: named("CallInbound"), At: ms(at), With: bare{}})
				default:
					m.End(x.id, ms(at))
				}
			}
		}
		near(t, "P3 "+category, m.Value(ms(1000)).Number, want)
	}
}

// begin tells a meter of a fact that has belonged to its object from its beginning on.
func begin(m *Meter, f Fact) { m.Begin(&f, f.With, f.At) }
