package block

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"tandem/actors/queuelog/report"
)

var update = flag.Bool("update", false, "write testdata anew")

// usual are the measures of most tests.
func usual() Ask {
	return Ask{Ask: report.Ask{Within: 20}, Steps: Steps{5, 20, 10, 50}, Sales: []string{"SALE"}}
}

// TestEveryBlock compares every block over con-tri with what was worked out by hand: testdata/con-tri.txt tells how.
func TestEveryBlock(t *testing.T) {
	const file = "testdata/con-tri.txt"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(text), "\n== ")
	var got strings.Builder
	got.WriteString(strings.TrimRight(head, "\n") + "\n")
	from := facts(t, "con-tri", "cluster:A|B|C")
	for _, b := range Blocks {
		fmt.Fprintf(&got, "\n== %s, %s\n%s", b.Name, b.Title, made(t, usual(), b.Name, from))
	}
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if want := strings.ReplaceAll(string(text), "\r", ""); got.String() != want {
		t.Errorf("run with -update and look at what has changed:\n%s", firstDifference(got.String(), want))
	}
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d: %q, want %q", i+1, a[i], b[i])
		}
	}
	return "one is longer"
}

// TestRealLogs compares blocks over ast22-r2 with counts that awk makes of the raw lines. For the first, over the three
// files:
//
//	awk -F'|' '$5=="RINGNOANSWER"{n[$3]++; ms[$3]+=$6} $5=="AGENTDUMP"{n[$3]++} $5=="CONNECT"{t[$3]++; s[$3]+=$8}'
func TestRealLogs(t *testing.T) {
	from := facts(t, "ast22-r2", "cluster:A|B|C")
	for name, want := range map[string][]string{
		"DistrDO.AcdByQueue": {"autop | 1 | 4 | 4 |", "dump | 3 | 0 | 0 | 1 | 1 | 1", "leaver | 2 | 8 | 16 |",
			"sales | 8 | 8 | 64 | 64 | 2.27 | 145", "support | 6 | 4.5 | 27 | 27 | 2.15 | 58"},
		// DID, IVRAPPEND: callers' ids of these lines, then their ENTERQUEUE and CONNECT lines.
		"KoDO.DnisOkKo":                 {"18005550100 | 76 | 57 | 19 | 75"},
		"KoDO.IvrOkKo":                  {"2 | 4 | 3 | 1 | 75"},
		"IvrDO.IvrReport":               {"2 | 4 | 2.9 | 3 | 1 | 25"},
		"OkDO.Transfers":                {"777 | 2 | 2.2 |", "778 | 2 | 2.2 |"},
		"KoDO.ReportKoKeyPress":         {"1 | 1 | 2.1 |"},
		"OkDO.AnsweredcallsByDirection": {"in | 92 | 98.9 |", "out | 1 | 1.1 |"},
		"KoDO.OutboundKo":               {"outb | 1 | 100 |"},
		"OutcomesDO.CallResByOutcome":   {"SALE | 2 | 2.2 |"},
		"OutcomesDO.CallResByFeature":   {"VIP | 2 | 2.2 |"},
		"OutcomesDO.AgentOutcomes":      {"Agent/101 | SALE | 1 |", "Agent/103 | SALE | 1 |"},
		"KoDO.OverviewByServer":         {"A | 58 | 35 | 23 |", "B | 44 | 35 | 9 |", "C | 37 | 22 | 15 |"},
	} {
		got := made(t, usual(), name, from)
		for _, line := range want {
			if !strings.Contains(got, "\n"+line) {
				t.Errorf("%s has no line %q:\n%s", name, line, got)
			}
		}
	}
}

// TestBlocksEqualFigures: blocks and Figures say the same of the same lines.
func TestBlocksEqualFigures(t *testing.T) {
	for _, set := range []string{"con-tri", "ast22-r2"} {
		from := facts(t, set, "cluster:A|B|C")
		sum := report.NewSummary(usual().Ask)
		_ = from.Stints(report.Ask{}, func(s *report.Stint) bool { sum.Stint(s); return true })
		figures := sum.Figures("")
		got := made(t, usual(), "KoDO.OverviewOkKo", from)
		for name, q := range figures.Queues {
			if line := fmt.Sprintf("\n%s | %d | %d | %d | ", name, q.Offered, q.Answered, q.Lost); q.Offered > 0 && !strings.Contains(got, line) {
				t.Errorf("%s: no %q in\n%s", set, line, got)
			}
		}
		within := fmt.Sprintf("Within 20 seconds | %d | ", figures.All.AnsWithin)
		if got := made(t, usual(), "OkDO.ServiceLevelAgreement", from); !strings.Contains(got, within) {
			t.Errorf("%s: no %q in\n%s", set, within, got)
		}
	}
}

// TestBehindEveryNumber: the calls behind a number are as many as it says, whatever is asked for.
func TestBehindEveryNumber(t *testing.T) {
	asks := map[string]func(*Ask){
		"usual":   func(*Ask) {},
		"joined":  func(a *Ask) { a.Joined = true },
		"both":    func(a *Ask) { a.Direction = Both },
		"out":     func(a *Ask) { a.Direction = Out },
		"short":   func(a *Ask) { a.ShortWait, a.ShortTalk, a.Slot = 5, 10, 5 },
		"servers": func(a *Ask) { a.Servers = []string{"B", "C"}; a.Zone = time.FixedZone("", 3600) },
		"composite": func(a *Ask) {
			a.Queues, a.Composites = []string{"front", "sales", "q1"}, map[string][]string{"front": {"sales", "support", "q2"}}
		},
		"grouped": func(a *Ask) {
			a.Groups, a.Locations = map[string]string{"Agent/101": "one"}, map[string]string{"Agent/102": "Bern"}
		},
	}
	for _, set := range []string{"con-tri", "ast22-r2"} {
		from := facts(t, set, "cluster:A|B|C")
		for what, change := range asks {
			ask := usual()
			change(&ask)
			for _, b := range Blocks {
				tables, err := Make(ask, []string{b.Name}, from)
				if err != nil {
					t.Fatal(err)
				}
				behind(t, set+" "+what, ask, tables[0], from)
			}
		}
	}
}

// behind counts the calls behind every number of a table.
func behind(t *testing.T, what string, ask Ask, b Table, from Facts) {
	t.Helper()
	for _, row := range b.Rows {
		for i, c := range row {
			if c.Where == "" {
				continue
			}
			where, err := ParseWhere(c.Where)
			if err != nil {
				t.Fatal(b.Name, err)
			}
			ask.Where = where
			tables, err := Make(ask, []string{"DetailsDO.Calls"}, from)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(tables[0].Rows); float64(n) != c.Value {
				t.Errorf("%s: %s, %s, %s: %v, and behind it %d calls (%s)", what, b.Name, row[0], b.Columns[i].Name, c.Value, n, c.Where)
			}
		}
	}
}

// TestWhatIsAsked: periods, zones, slots, short calls, servers, composites, groups, joined calls.
func TestWhatIsAsked(t *testing.T) {
	const start = 1700000000 // Tue 14 Nov 2023 22:13:20 UTC
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		what   string
		change func(*Ask)
		block  string
		want   string // in what is made
	}{
		{"what touches 200 to 300", func(a *Ask) { a.From, a.To = start+200, start+300 }, "KoDO.OverviewOkKo", "\nq1 | 2 | 1 | 1 |"},
		{"what is within 200 to 300", func(a *Ask) { a.From, a.To, a.Whole = start+200, start+300, true }, "KoDO.OverviewOkKo", "\nq1 | 1 | 0 | 1 |"},
		{"fully within by block", func(a *Ask) { a.From, a.To = start+200, start+301 }, "OkDO.RiassFullyWithin", "\nN. Calls | 1\n"},
		{"touching by block", func(a *Ask) { a.From, a.To = start+200, start+301 }, "OkDO.RiassAllCalls", "\nN. Calls | 2\n"},
		{"in Berlin it is 23 o'clock", func(a *Ask) { a.Zone = berlin }, "CallDistrDO.AnsDistrPerHr", "\n23:00 | 7 |"},
		{"in Kiribati it is Wednesday", func(a *Ask) { a.Zone = time.FixedZone("", 14*3600) }, "CallDistrDO.AnsDistrPerDOW", "\nWednesday | 7 |"},
		// Answered ones enter at 60 (two), which is 22:14:20, at 100, 130, 246, 350, from 22:15:00 on, and at 450, which is 22:20:50.
		{"slots of five minutes", func(a *Ask) { a.Slot = 5 }, "CallDistrDO.AnsDistrPerHr", "\n22:10 | 2 | 28.6 | 60 | 60 | 60 | 120\n22:15 | 4 |"},
		{"who was there by slots of five minutes", func(a *Ask) { a.Slot = 5 }, "AgentsDO.AgentSessionTimeByHour",
			"All | 22:10 | 22:15 | 22:20\nAgent/101 | 640 | 90 | 300 | 250\n"},
		{"lost calls from 20 s on", func(a *Ask) { a.ShortWait = 20 }, "KoDO.ReportKoAll", "\nN. Calls | 2\n"},
		{"conversations from 60 s on", func(a *Ask) { a.ShortTalk = 60 }, "OkDO.RiassAllCalls", "\nN. Calls | 5\n"},
		{"attempts from 11 s on", func(a *Ask) { a.ShortAttempt = 11 }, "DistrDO.ReportAcd", "\nAttempts lost | 0\n"},
		{"of server B", func(a *Ask) { a.Servers = []string{"B"} }, "KoDO.OverviewByServer", "\nB | 4 | 3 | 1 |"},
		{"sessions of server B", func(a *Ask) { a.Servers = []string{"B"} }, "AgentsDO.SessionPauseDur", "\nAgent/101 | 2 | 628 |"},
		{"a composite", func(a *Ask) {
			a.Queues, a.Composites = []string{"both", "q2"}, map[string][]string{"both": {"q1", "q2"}}
		},
			"KoDO.OverviewOkKo", "\nboth | 11 | 7 | 4 | 69.83 | 419 | 10.43 | 73\nq2 | 3 |"},
		{"groups", func(a *Ask) { a.Groups = map[string]string{"Agent/101": "x", "Agent/102": "x"} }, "AgentsDO.AnsCallsCG",
			"\n(none) | 2 | 28.6 |"},
		{"stints joined", func(a *Ask) { a.Joined = true }, "KoDO.StintsOkKo", "\n1 | 9 | 6 | 3 | 66.7\n2 | 1 | 1 | 0 | 100\n"},
		{"lunch is working time", func(a *Ask) { a.Billable = []string{"Lunch"} }, "AgentsDO.AgentAvail", "| Agent/101 | 640 | 60 | 60 | 0 |"},
		{"of one agent", func(a *Ask) { a.Agents = []string{"Agent/102"} }, "OkDO.AgentsOnQueue", "\nAgent/102 | 1 | 100 |"},
		{"of an area of two digits", func(a *Ask) { a.AreaDigits = 2 }, "AreaAnDO.CallsOK", "\n55 | 7 |"},
		{"two rows alone", func(a *Ask) { a.Rows = 2 }, "DetailsDO.CallsOK", "C:"},
	} {
		ask := usual()
		x.change(&ask)
		got := made(t, ask, x.block, facts(t, "con-tri", "cluster:A|B|C"))
		if cut := x.what == "two rows alone"; !cut && !strings.Contains(got, x.want) || cut && strings.Count(got, "\n") != 3 {
			t.Errorf("%s: no %q in\n%s", x.what, x.want, got)
		}
	}
}

// TestNotes: tags, holds, menus and outcomes that come late.
func TestNotes(t *testing.T) {
	from := story("100|c|NONE|NONE|INFO|IVRAPPEND|2|main", "103|c|NONE|NONE|INFO|IVRAPPEND|1|sales", "104|c|NONE|NONE|INFO|DID|5550",
		"110|c|q|NONE|ENTERQUEUE||100|1", "112|c|q|A/1|CONNECT|2|x|2", "120|c|q|A/1|CALLERONHOLD|ask", "130|c|q|A/1|CALLEROFFHOLD|10",
		"140|c|q|A/1|CALLERONHOLD|", "145|c|q|A/1|CALLEROFFHOLD|", "160|c|q|A/1|COMPLETEAGENT|2|48|1", "161|c|NONE|A/1|CALLSTATUS|SALE",
		"162|c|NONE|A/1|INFO|FTR|VIP|", "163|c|NONE|A/1|INFO|FTR|NEW|", "164|c|NONE|A/1|INFO|NOFTR|NEW|", "165|c|NONE|A/1|INFO|TAG|blue",
		"200|d|q|NONE|ENTERQUEUE||101|1", "201|d|q|A/1|CONNECT|1|x|1", "210|d|q|A/1|COMPLETEAGENT|1|9|1",
		"2011|d|NONE|A/1|CALLSTATUS|SALE") // 1801 s after its end: too late
	for name, want := range map[string]string{
		"OkDO.MOHOk":                  "q | 2 | 1 | 2 | 15 | 7.5\n",
		"OkDO.IvrOk":                  "2-1 | 1 | 50 |",
		"OkDO.DnisOk":                 "5550 | 1 | 50 |",
		"IvrDO.IvrTiming":             "2-1 | 1 | 10 | 10 | 10\n",
		"DetailsDO.CallsIVR":          "1970-01-01 00:01:50 | 100 | 2-1 | sales | 5550 | q | answered | 2 | A | A:c\n",
		"CallTagDO.CallResByTag":      "blue | 1 | 50 | 48 |",
		"OutcomesDO.CallResByFeature": "VIP | 1 | 50 | 48 |",
		"OutcomesDO.CallResByOutcome": "SALE | 1 | 50 | 48 |",
		"OutcomesDO.GeneralRep":       "\nSales | 1\n",
		"CallDistrDO.SalesPerDay":     "1970-01-01 | 2 | 1 | 0 | 0 | 100\n",
	} {
		got := made(t, usual(), name, from)
		if !strings.Contains(got, want) || name == "OutcomesDO.CallResByFeature" && strings.Contains(got, "NEW") {
			t.Errorf("%s: no %q in\n%s", name, want, got)
		}
	}
}

// TestAcrossClocks: the hour that comes twice in autumn is counted as one, the one that spring leaves out is not there.
func TestAcrossClocks(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	ask := usual()
	ask.Zone = berlin
	autumn := time.Date(2025, 10, 26, 0, 30, 0, 0, time.UTC).Unix() // 2:30 summer time
	from := story(fmt.Sprintf("%d|c|q|A/1|ADDMEMBER|", autumn-1800), fmt.Sprintf("%d|c|q|NONE|ENTERQUEUE||1|1", autumn),
		fmt.Sprintf("%d|d|q|NONE|ENTERQUEUE||1|1", autumn+3600), fmt.Sprintf("%d|c|q|NONE|ABANDON|1|1|9", autumn+3600),
		fmt.Sprintf("%d|d|q|NONE|ABANDON|1|1|9", autumn+3601), fmt.Sprintf("%d|c|q|A/1|REMOVEMEMBER|", autumn+3*3600))
	if got := made(t, ask, "CallDistrDO.UnansWaitPerHr", from); !strings.Contains(got, "\n02:00 | 2 |") {
		t.Error(got)
	}
	if got := made(t, ask, "AgentsDO.AgentSessionTimeByHour", from); !strings.Contains(got, "All | 02:00 | 03:00 | 04:00\nA/1 | 12600 | 7200 | 3600 | 1800\n") {
		t.Error(got)
	}
}

func TestRefusals(t *testing.T) {
	var unknown *UnknownBlock
	if _, err := Make(usual(), []string{"OkDO.Nothing"}, story()); !errors.As(err, &unknown) || unknown.Name != "OkDO.Nothing" {
		t.Error(err)
	}
	var much *TooMuch
	if _, err := Make(usual(), make([]string, maxBlocks+1), story()); !errors.As(err, &much) {
		t.Error(err)
	}
	ask := usual()
	ask.Slot = 5
	if _, err := Make(ask, []string{"CallDistrDO.StaffPerDay"}, story("1|x|q|A/1|ADDMEMBER|", "90000000|x|q|A/1|REMOVEMEMBER|")); !errors.As(err, &much) {
		t.Error(err)
	}
	for text, says := range map[string]string{"colour=red": `calls have no "colour"`, "state=%": "is not written as part of an address",
		strings.Repeat("queue=q&", maxTerms+1): "more than 32 terms"} {
		if _, err := ParseWhere(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestNamesOfBlocks: no two have the same, and each is what its family says.
func TestNamesOfBlocks(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range Blocks {
		if seen[b.Name] || Find(b.Name).Title != b.Title || b.Title == "" || b.By != "" && attributes[b.By].of == nil {
			t.Errorf("%+v", b.Name)
		}
		seen[b.Name] = true
	}
	if got := strings.Join(Families(), " "); got != "AgentsDO AreaAnDO CallDistrDO CallTagDO DetailsDO DistrDO IvrDO KoDO OkDO OutcomesDO" {
		t.Error(got)
	}
}
