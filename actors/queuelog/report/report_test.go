package report

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// list is a Sink that keeps everything.
type list struct {
	stints   []*Stint
	sessions []*Session
	pauses   []*Pause
	attempts []Attempt
}

func (l *list) Stint(s *Stint)     { kept := *s; l.stints = append(l.stints, &kept) }
func (l *list) Session(s *Session) { l.sessions = append(l.sessions, s) }
func (l *list) Pause(p *Pause)     { l.pauses = append(l.pauses, p) }
func (l *list) Attempt(a Attempt)  { l.attempts = append(l.attempts, a) }

// story folds some lines.
func story(n Names, lines ...string) (*list, Read) {
	l := &list{}
	f := NewFold(Part{Name: "A"}, Source{}, n, l)
	for _, text := range lines {
		f.Line([]byte(text))
	}
	f.Open(l)
	return l, f.Read()
}

func TestSources(t *testing.T) {
	for text, want := range map[string]string{
		"sql:A": "", "cluster:A|B-|C-": "", "clustrw:A|B|C": "", "cluster:*": "", "clustrw:*": "", "cluster:A": "sql:A", "cluster:A-": "",
		"file:A":       "at character 1: a source begins with sql:, cluster: or clustrw:",
		"A|B":          "at character 1: a source begins with sql:, cluster: or clustrw:",
		"sql:":         "at character 5: after sql: comes one partition, a word of letters, digits, '_', '.' and '-'",
		"sql:A|B":      "at character 5: after sql: comes one partition, a word of letters, digits, '_', '.' and '-'",
		"cluster:A||B": "at character 11: after cluster:A| comes a partition, a word of letters, digits, '_', '.' and '-'",
		"cluster:A|A-": "at character 11: the partition A is there twice",
	} {
		s, err := ParseSource(text)
		got := s.String()
		if err != nil {
			got = err.Error()
		}
		if got != want && !(want == "" && got == text) {
			t.Errorf("%s: %q", text, got)
		}
	}
	if s, _ := ParseSource("cluster:*"); s.Expand([]string{"A", "B"}).Parts[1].Name != "B" {
		t.Error("cluster:* is not expanded")
	}
}

func TestJoinedCalls(t *testing.T) {
	for set, want := range map[string][4]int{"con-tri": {10, 7, 3, 1}, "ast22-r2": {129, 91, 38, 10}} {
		l := &list{}
		s, _ := ParseSource("cluster:A|B|C")
		for _, p := range s.Parts {
			read(t, set, p, s, l)
		}
		var got [4]int
		inbound := slices.DeleteFunc(l.stints, func(s *Stint) bool { return s.Outbound })
		for _, c := range Join(inbound) {
			one := c.Stint()
			switch one.State {
			case Answered, Talking:
				got[1]++
			case Lost:
				got[2]++
			default:
				continue
			}
			got[0]++
			if len(c.Stints) > 1 {
				got[3]++
			}
		}
		if got != want {
			t.Errorf("%s: calls, answered, lost, in several queues: %v, want %v", set, got, want)
		}
	}
}

// TestNames: one agent under several names.
func TestNames(t *testing.T) {
	n := Names{Strip: true, Aliases: map[string]string{"SIP/300": "Agent/3"}}
	l, _ := story(n,
		"1|x|NONE|Agent/7|HOTDESK|SIP/204", "2|x|q|SIP/204|ADDMEMBER|", "9|x|q|SIP/204|REMOVEMEMBER|",
		"10|NONE|NONE|Agent/7|AGENTLOGOFF|SIP/204|9", "11|x|q|SIP/204|ADDMEMBER|", "12|x|q|SIP/300|ADDMEMBER|", "13|x|q|SIP/9-2af|ADDMEMBER|")
	var who []string
	for _, s := range l.sessions {
		who = append(who, fmt.Sprint(s.Agent, " ", s.Start))
	}
	slices.Sort(who)
	if got := strings.Join(who, ", "); got != "Agent/3 12, Agent/7 1, Agent/7 2, SIP/204 11, SIP/9 13" {
		t.Error(got)
	}
}

// TestAnomalies: what must be survived (reference queuelog.md 1.4).
func TestAnomalies(t *testing.T) {
	l, r := story(Names{}, "\xef\xbb\xbf", "", "  ", "rubbish", "1|2|3", "x|c|q|NONE|ABANDON|1|1|1",
		" 5 | c1 | q | NONE | ENTERQUEUE | | 100 | 2 \r\n", // blanks, and an end
		"5.25|c2|q|NONE|ENTERQUEUE||a|b|1",                 // a bar in a text
		"7|c1|q|NONE|ENTERQUEUE||100|2",                    // the same key again
		"9|c1|q|Agent/1|COMPLETEAGENT|1|1|1",               // nobody was answered
		"20|c9|q|Agent/1|COMPLETECALLER|3|5|1",             // nobody has come
		"21|c2|q|NONE|AGENTDUMP|", "22|NONE|NONE|NONE|QUEUESTART|", "23|c3|q|NONE|WEIRD|1")
	if r.Malformed != 3+1 || r.Other["WEIRD"] != 1 || r.Last != 23 || len(r.Restarts) != 1 {
		t.Errorf("%+v", r)
	}
	var got []string
	for _, s := range l.stints {
		got = append(got, fmt.Sprint(s.CallID, " ", s.Enter, " ", s.Connect, " ", s.End, " ", s.Wait, " ", s.Talk, " ", s.Cause, " ", s.Estimated))
	}
	want := "c1 5 0 7 2 -1 missing-exit false\nc1 7 8 9 1 1 COMPLETEAGENT true\nc9 12 15 20 3 5 COMPLETECALLER true\nc2 5 0 22 17 -1 agent dump false"
	if strings.Join(got, "\n") != want {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

// notes is a Sink that keeps what is said of calls.
type notes struct {
	list
	said []string
}

func (n *notes) Note(x Note) {
	n.said = append(n.said, fmt.Sprint(x.At, " ", x.CallID, " ", x.Agent, " ", x.Kind, " ", x.Code, " ", x.Text))
}

// TestNotes: what is said of a call before, while and after it is in a queue, and what a stint tells beside its times.
func TestNotes(t *testing.T) {
	n := &notes{}
	f := NewFold(Part{Name: "A"}, Source{}, Names{}, n)
	for _, text := range []string{"1|c|NONE|NONE|INFO|IVRAPPEND|2|main", "2|c|600|NONE|DID|5550", "3|c|q|NONE|ENTERQUEUE||100|1",
		"5|c|q|Agent/1|RINGNOANSWER|2000", "9|c|q|Agent/2|CONNECT|6|x|2", "10|c|q|Agent/2|CALLERONHOLD|ask",
		"12|c|q|Agent/2|CALLEROFFHOLD|2", "20|c|q|Agent/2|BLINDTRANSFER|600|out|6|11|1", "21|c|NONE|Agent/2|CALLSTATUS|SALE",
		"21|c|NONE|Agent/2|INFO|FTR|VIP|gold card", "22|c|NONE|Agent/2|INFO|SOMETHING|x"} {
		f.Line([]byte(text))
	}
	want := []string{"1 c  4 2 main", "2 c  5 5550 ", "10 c Agent/2 6 ask ", "12 c Agent/2 7 2 ", "21 c Agent/2 0 SALE ", "21 c Agent/2 1 VIP gold card"}
	if !slices.Equal(n.said, want) {
		t.Errorf("%q", n.said)
	}
	if s := n.stints[0]; s.Attempts != 2 || s.Transfer != "600" || f.Read().Other["INFO"] != 3 {
		t.Errorf("%+v %v", s, f.Read().Other)
	}
}

// TestFile: squeezed, in pieces, with a line that has no end.
func TestFile(t *testing.T) {
	text, err := os.ReadFile("testdata/cases/con-tri-A.queue_log")
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(text)
	_ = z.Close()
	half := bytes.Index(text, []byte("\n1700000280")) + 1
	for name, pieces := range map[string][][]byte{
		"plain": {text}, "squeezed": {packed.Bytes()}, "rotated": {text[:half], text[half:]},
		"without an end": {text[:len(text)-1]}, "too long": {append(bytes.Repeat([]byte("x"), 3*maxLine), append([]byte("\n"), text...)...)},
	} {
		l := &list{}
		f := NewFold(Part{Name: "A"}, Source{}, Names{}, l)
		for _, piece := range pieces {
			if err := f.File(bytes.NewReader(piece)); err != nil {
				t.Fatal(name, err)
			}
		}
		if len(l.stints) != 3 || len(l.sessions) != 2 || f.Read().Malformed != one(name == "too long") {
			t.Errorf("%s: %d stints, %d sessions, %+v", name, len(l.stints), len(l.sessions), f.Read())
		}
	}
}

// TestLimits: a log of calls that never end does not fill the memory.
func TestLimits(t *testing.T) {
	l := &list{}
	f := NewFold(Part{Name: "A"}, Source{}, Names{}, l)
	for i := range 3 * maxOpen {
		f.Line(fmt.Appendf(nil, "%d|c%d|q|NONE|ENTERQUEUE||1", i, i))
	}
	if n := f.stays; n > maxOpen+64 || len(l.stints)+n != 3*maxOpen {
		t.Errorf("%d open, %d ended", n, len(l.stints))
	}
}

// A server that starts again and again, and an agent in any number of queues, fill no memory.
func TestLimitsOfOneServerAndAgent(t *testing.T) {
	l := &list{}
	f := NewFold(Part{Name: "A"}, Source{}, Names{}, l)
	for i := range 2 * maxRestarts {
		f.Line(fmt.Appendf(nil, "%d|NONE|NONE|NONE|QUEUESTART|", i+1))
	}
	if r := f.Read().Restarts; len(r) != maxRestarts || r[len(r)-1] != 2*maxRestarts {
		t.Errorf("%d restarts", len(r))
	}
	for i := range 2 * maxQueues {
		f.Line(fmt.Appendf(nil, "%d|NONE|q%d|Agent/1|ADDMEMBER|PAUSED", 30000+i, i))
		f.Line(fmt.Appendf(nil, "%d|NONE|q%d|Agent/1|PAUSE|lunch", 30000+i, i))
	}
	if p := f.agents["Agent/1"]; len(p.queues) != maxQueues || len(p.pauses) != maxQueues {
		t.Errorf("%d queues, %d pauses", len(p.queues), len(p.pauses))
	}
	f.Line([]byte("50000|NONE|NONE|Agent/1|AGENTLOGOFF|x|1"))
	if len(l.pauses) != maxQueues || len(l.sessions) != 1 || len(f.agents) != 0 {
		t.Errorf("%d pauses, %d sessions", len(l.pauses), len(l.sessions))
	}
}

// FuzzSource: what is read of an expression says the same when it is written, and names partitions alone.
func FuzzSource(f *testing.F) {
	for _, text := range []string{"sql:A", "cluster:A|B-|C", "clustrw:A|B", "cluster:*", "sql:../../etc", "cluster:A||B", "clustrw:A-|A", "sql:A'; DROP TABLE x;--"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSource(text)
		if err != nil {
			if e, ok := errors.AsType[*SourceError](err); !ok || e.At < 0 || e.At > len(text) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		for _, p := range s.Parts {
			if p.Name == "" || len(p.Name) > 64 || strings.ContainsAny(p.Name, "/\\|:*'\" \x00") || p.Name[len(p.Name)-1] == '-' {
				t.Errorf("%q names %q", text, p.Name)
			}
		}
		if again, err := ParseSource(s.String()); err != nil || !reflect.DeepEqual(again, s) {
			t.Errorf("%q is written %q: %+v, %v", text, s, again, err)
		}
	})
}

// FuzzFold: whatever a log says, nothing is counted twice or lost, and the same lines give the same figures.
func FuzzFold(f *testing.F) {
	for _, name := range []string{"con-tri-B", "con-old12", "ast22-r2-C"} {
		text, err := os.ReadFile("testdata/cases/" + name + ".queue_log")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		run := func() (*list, *Fold) {
			l := &list{}
			fold := NewFold(Part{Name: "A"}, Source{}, Names{}, l)
			if err := fold.File(bytes.NewReader(text)); err != nil {
				t.Skip(err) // squeezed, and torn
			}
			fold.Open(l)
			return l, fold
		}
		l, fold := run()
		for _, s := range l.stints {
			if s.State == Talking && s.Connect == 0 && s.Enter != 0 && !s.Estimated || s.Wait < Unknown && !s.Estimated && s.End >= s.Enter {
				t.Errorf("%+v", s)
			}
		}
		again, _ := run()
		if len(again.stints) != len(l.stints) || len(again.pauses) != len(l.pauses) || int64(len(l.stints)) > fold.lines {
			t.Errorf("%d and %d stints of %d lines", len(l.stints), len(again.stints), fold.lines)
		}
	})
}

// log makes lines of a busy server: callers who are answered, lost and rung for in vain, in several queues.
func log(calls int) []byte {
	var b bytes.Buffer
	dice := rand.New(rand.NewPCG(1, 2))
	at := int64(1700000000)
	for i := range calls {
		at += int64(dice.IntN(3))
		q, agent := dice.IntN(20), dice.IntN(100)
		fmt.Fprintf(&b, "%d|%d.%d|q%d|NONE|ENTERQUEUE||55%d|1\n", at, at, i, q, i)
		switch dice.IntN(4) {
		case 0:
			fmt.Fprintf(&b, "%d|%d.%d|q%d|NONE|ABANDON|1|1|15\n", at+15, at, i, q)
		default:
			fmt.Fprintf(&b, "%d|%d.%d|q%d|Agent/%d|RINGNOANSWER|5000\n", at+6, at, i, q, agent)
			fmt.Fprintf(&b, "%d|%d.%d|q%d|Agent/%d|CONNECT|9|%d.%d|3\n", at+9, at, i, q, agent, at, i)
			fmt.Fprintf(&b, "%d|%d.%d|q%d|Agent/%d|COMPLETECALLER|9|60|1\n", at+69, at, i, q, agent)
		}
	}
	return b.Bytes()
}

// BenchmarkFold: a line read, folded and summed up, to compare with BenchmarkScan, which only finds its end.
func BenchmarkFold(b *testing.B) {
	text := log(20000)
	lines := bytes.Count(text, []byte("\n"))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		s := NewSummary(Ask{Within: 20})
		f := NewFold(Part{Name: "A"}, Source{}, Names{}, s)
		if err := f.File(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*lines), "ns/line")
}

func BenchmarkScan(b *testing.B) {
	text := log(20000)
	lines := 0
	for b.Loop() {
		lines = 0
		for in := bufio.NewScanner(bytes.NewReader(text)); in.Scan(); {
			lines++
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*lines), "ns/line")
}

// TestSaved: a Fold that is saved and loaded after every line comes to the same.
func TestSaved(t *testing.T) {
	for _, set := range []string{"ast22-r2", "con-tri"} {
		for _, part := range []string{"A", "B", "C"} {
			text, err := os.ReadFile(cases(t, set) + "/" + set + "-" + part + ".queue_log")
			if err != nil {
				t.Fatal(err)
			}
			once, often := NewSummary(Ask{}), NewSummary(Ask{})
			whole := NewFold(Part{Name: part}, Source{}, Names{}, once)
			pieces := NewFold(Part{Name: part}, Source{}, Names{}, often)
			for text := range bytes.Lines(text) {
				whole.Line(text)
				pieces.Line(text)
				state := pieces.Save()
				pieces = NewFold(Part{Name: part}, Source{}, Names{}, often)
				if err := pieces.Load(state); err != nil {
					t.Fatal(err)
				}
			}
			whole.Open(once)
			pieces.Open(often)
			a, b := once.Figures(part, whole.Read()), often.Figures(part, pieces.Read())
			if written(a) != written(b) {
				t.Errorf("%s %s:\n%s\n%s", set, part, written(a), written(b))
			}
		}
	}
	f := NewFold(Part{Name: "A"}, Source{}, Names{}, NewSummary(Ask{}))
	for _, text := range []string{"", "{", `{"form":99}`} {
		if f.Load([]byte(text)) == nil {
			t.Errorf("%q was loaded", text)
		}
	}
}

func written(f Figures) string {
	text, _ := json.Marshal(f)
	return string(text)
}

// TestDeskWithoutSessions: calls are told by the same names, whether sessions are followed or not.
func TestDeskWithoutSessions(t *testing.T) {
	for _, callsOnly := range []bool{false, true} {
		l := &list{}
		f := NewFold(Part{Name: "A", CallsOnly: callsOnly}, Source{}, Names{}, l)
		for _, text := range []string{"1|x|NONE|Agent/7|HOTDESK|SIP/204", "2|x|q|SIP/204|ADDMEMBER|", "3|c1|q|NONE|ENTERQUEUE||",
			"4|c1|q|SIP/204|CONNECT|1", "5|c1|q|SIP/204|COMPLETEAGENT|1|1", "6|NONE|NONE|Agent/7|AGENTLOGOFF|SIP/204|9",
			"7|c2|q|NONE|ENTERQUEUE||", "8|c2|q|SIP/204|CONNECT|1", "9|c2|q|SIP/204|COMPLETEAGENT|1|1"} {
			f.Line([]byte(text))
		}
		if len(l.stints) != 2 || l.stints[0].Agent != "Agent/7" || l.stints[1].Agent != "SIP/204" {
			t.Errorf("calls only %v: %+v", callsOnly, l.stints)
		}
	}
}

// TestPacked: a Roll is the same after it was packed, and what is none is refused.
func TestPacked(t *testing.T) {
	fine, coarse, whole := NewRoll(false), NewRoll(true), NewSummary(Ask{Within: 20})
	read(t, "ast22-r2", Part{Name: "A"}, Source{}, whole)
	read(t, "ast22-r2", Part{Name: "A"}, Source{}, &ends{fine})
	coarse.Add(fine)
	want := written(whole.Figures("A"))
	for _, r := range []*Roll{fine, coarse} {
		text := r.Pack()
		again := NewRoll(r == coarse)
		if err := again.AddPacked(text); err != nil {
			t.Fatal(err)
		}
		text = again.Pack()
		sum := NewSummary(Ask{Within: 20})
		read(t, "ast22-r2", Part{Name: "A"}, Source{}, &open{sum})
		if err := sum.Packed(text, RollUse{Partition: "A", Stints: true}); err != nil {
			t.Fatal(err)
		}
		if got := written(sum.Figures("A")); got != want {
			t.Errorf("%s\nwant\n%s", got, want)
		}
		for n := range text {
			if err := NewRoll(false).AddPacked(text[:n]); err == nil {
				t.Fatalf("%d of %d bytes were taken", n, len(text))
			}
		}
	}
}

// ends lets through what is over, open what goes on.
type ends struct{ Sink }

func (e *ends) Stint(s *Stint) {
	if s.Cause != "" {
		e.Sink.Stint(s)
	}
}

type open struct{ Sink }

func (o *open) Stint(s *Stint) {
	if s.Cause == "" {
		o.Sink.Stint(s)
	}
}
func (o *open) Session(*Session) {}
func (o *open) Pause(*Pause)     {}
func (o *open) Attempt(Attempt)  {}

// FuzzUnpack: nothing makes it fail otherwise than by an error.
func FuzzUnpack(f *testing.F) {
	r := NewRoll(false)
	read(f, "con-tri", Part{Name: "A"}, Source{}, &ends{r})
	f.Add(r.Pack())
	f.Fuzz(func(t *testing.T, text []byte) {
		err := NewRoll(false).AddPacked(text)
		if again := NewSummary(Ask{}).Packed(text, RollUse{Stints: true}); (again == nil) != (err == nil) {
			t.Errorf("added: %v; added to a summary: %v", err, again)
		}
	})
}
