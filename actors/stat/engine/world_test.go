package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tandem/actors/stat/measure"
)

// read makes a definition of its text.
func read(t *testing.T, text string) (d measure.Definition) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func tell(t *testing.T, w *World, all ...Fact) {
	t.Helper()
	for i, f := range all {
		f.Seq = uint64(i)
		if err := w.Apply(f); err != nil {
			t.Fatal(err)
		}
	}
}

func named(text string) measure.Name { n, _ := measure.ParseName(text); return n }

var (
	queue  = Object{Queue, "sales"}
	device = Object{RegDN, "7001"}
	agent  = Object{Agent, "A1"}
	team   = Object{GroupAgents, "team"}
)

// TestValidity has J5 and M7: while a source is lost the value is kept and is not valid; a state always is.
func TestValidity(t *testing.T) {
	w := New(Options{})
	link := Object{Switch, "S"}
	tell(t, w, Fact{What: Join, Object: queue, Other: link}, Fact{At: 5, What: Happen, Object: queue, Name: named("CallAbandoned")})
	for id, d := range map[string]string{"n": `{"category":"TotalNumber","main_mask":"CallAbandoned","time_profile":"Growing never"}`,
		"state": `{"category":"CurrentState","subject":"DNStatus","main_mask":"*"}`} {
		if _, err := w.Open(id, queue, read(t, d), 0); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for i, what := range []What{Lost, Found} {
		w.Changed()
		tell(t, w, Fact{At: int64(10 + i), What: what, Object: link})
		n, _ := w.Value("n", int64(10+i))
		state, _ := w.Value("state", int64(10+i))
		got = append(got, fmt.Sprint(w.Changed(), n.Number, n.Valid, state.Valid))
	}
	if fmt.Sprint(got) != "[[n state] 1 false true [n state] 1 true true]" {
		t.Error(got)
	}
}

// TestRestart has L1 and L2: what a restart makes of a saved value.
func TestRestart(t *testing.T) {
	at := func(text string) int64 {
		m, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return m.UnixMilli()
	}
	for _, c := range []struct {
		profile, saved, restarted string
		want                      float64
	}{
		{"Growing 0:00", "2026-01-05 23:50", "2026-01-05 23:55", 2}, {"Growing 0:00", "2026-01-05 23:50", "2026-01-06 00:05", 0},
		{"Sliding 3600,10", "2026-01-05 10:00", "2026-01-05 10:20", 1}, {"Sliding 3600,10", "2026-01-05 10:00", "2026-01-05 11:05", 0},
		{"Selection 10", "2026-01-05 10:00", "2026-01-06 10:00", 2},
	} {
		w := New(Options{})
		d := read(t, `{"category":"TotalNumber","main_mask":"CallAbandoned","time_profile":"`+c.profile+`"}`)
		saved := at(c.saved)
		if _, err := w.Open("n", queue, d, saved-3600_000); err != nil {
			t.Fatal(err)
		}
		for _, ago := range []int64{50, 10} {
			tell(t, w, Fact{At: saved - ago*60_000, What: Happen, Object: queue, Name: named("CallAbandoned")})
		}
		w = again(t, w)
		if v, err := w.Value("n", at(c.restarted)); err != nil || v.Number != c.want {
			t.Errorf("%+v: %v, %v", c, v, err)
		}
		d.Exact = true // L2: another definition
		if _, err := w.Open("n", queue, d, at(c.restarted)); err != nil {
			t.Fatal(err)
		}
		if v, _ := w.Value("n", at(c.restarted)); v.Number != 0 {
			t.Errorf("another definition goes on with %v", v)
		}
	}
}

// TestExplain: a value with what it is made of.
func TestExplain(t *testing.T) {
	w := New(Options{})
	if _, err := w.Open("sf", queue, read(t, `{"category":"ServiceFactor1","main_mask":"CallAnswered,CallAbandoned","time_range2":"0-5"}`), 0); err != nil {
		t.Fatal(err)
	}
	for i, f := range []Fact{{Name: named("CallAnswered"), Length: 10_000}, {Name: named("CallAnswered"), Length: 30_000},
		{Name: named("CallAbandoned"), Length: 2000}, {Name: named("CallAbandoned"), Length: 20_000}} {
		f.At, f.What, f.Object, f.Conn = int64(40_000+i), Happen, queue, fmt.Sprint("c", i)
		tell(t, w, f)
	}
	e, err := w.Explain("sf", 50_000)
	if err != nil || e.Value.Number != 100.0/3 || e.Sides[0].Number != 2 || e.Sides[0].InRange[0] != 1 || e.Sides[1].Number != 2 ||
		e.Sides[1].InRange[1] != 1 || len(e.Facts) != 4 || e.Facts[3].Conn != "c3" || e.Facts[0].From != 30_000 {
		t.Errorf("%+v, %v", e, err)
	}
	if _, err := w.Explain("other", 1); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

// TestState: the tree of what a group is doing.
func TestState(t *testing.T) {
	w := New(Options{})
	tell(t, w, Fact{What: Join, Object: agent, Other: team}, Fact{What: Login, Object: agent, Other: device},
		Fact{At: 5, What: Begin, Object: device, Name: named("CallInbound"), Key: "c1", Conn: "c1",
			With: &Attached{Pairs: map[string]string{"Reason": "x"}}})
	for subject, want := range map[string]string{
		"AgentStatus": `{"object":"GroupAgents:team","status":"NotReadyForNextCall","since":5,"parts":[{"object":"Agent:A1",` +
			`"status":"CallInbound","since":5,"attached":{"pairs":{"Reason":"x"}}}]}`,
		"DNAction": `"actions":[{"name":"CallInbound","conn":"c1","since":5}]}]}]}`,
	} {
		d := read(t, `{"category":"CurrentStateReasons","subject":"`+subject+`","main_mask":"*"}`)
		if _, err := w.Open(subject, team, d, 10); err != nil {
			t.Fatal(err)
		}
		s, err := w.State(subject, 10)
		text, _ := json.Marshal(s)
		if err != nil || !strings.HasSuffix(string(text), want) {
			t.Errorf("%s, %v", text, err)
		}
	}
}

// TestRefusals: what makes no sense is refused with the reason, and nothing has changed.
func TestRefusals(t *testing.T) {
	w := New(Options{Limits: Limits{Objects: 2}})
	for want, f := range map[string]Fact{
		"before 1970":           {At: -1, What: Happen, Object: queue, Name: named("CallAbandoned")},
		"CallAbandoned is no":   {What: Begin, Object: queue, Name: named("CallAbandoned")},
		"WaitForNextCall is no": {What: Happen, Object: queue, Name: named("WaitForNextCall")},
		"join: Queue:sales":     {What: Join, Object: queue, Other: team},
		"login: Queue:sales":    {What: Login, Object: queue, Other: device},
		"below zero":            {What: Happen, Object: queue, Name: named("CallAbandoned"), Length: -1},
		"at character 1":        {What: Expression, Object: team, Key: "Skil"},
		"a type and a name":     {What: Happen, Name: named("CallAbandoned")},
	} {
		if err := w.Apply(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	for want, o := range map[string]Object{"AgentStatus is not for Queue": queue, "": agent} {
		_, err := w.Open("x", o, read(t, `{"category":"TotalNumber","subject":"AgentStatus","main_mask":"*"}`), 0)
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) || want == "" && err != nil {
			t.Errorf("%s: %v", o, err)
		}
	}
	tell(t, w, Fact{What: Happen, Object: device, Name: named("CallReleased")})
	if err := w.Apply(Fact{What: Happen, Object: team, Name: named("CallReleased")}); !errors.Is(err, ErrLimit) {
		t.Error(err)
	}
}

// FuzzLoad: what is no saved world is refused.
func FuzzLoad(f *testing.F) {
	d := dice{rand.New(rand.NewPCG(1, 1))}
	w := New(Options{})
	for _, s := range d.history(30, 5) {
		if s.open != nil {
			_, _ = w.Open(s.open.id, s.open.o, s.open.d, s.fact.At)
		} else {
			_ = w.Apply(s.fact)
		}
	}
	var text bytes.Buffer
	if err := w.Save(&text); err != nil {
		f.Fatal(err)
	}
	f.Add(text.Bytes())
	f.Fuzz(func(_ *testing.T, text []byte) { _, _ = Load(bytes.NewReader(text), Options{}) })
}

// TestDefinitionsEnd: what a world keeps of definitions ends with the statistics that have them, however many there were.
func TestDefinitionsEnd(t *testing.T) {
	w := New(Options{})
	for i := range 500 {
		d := measure.Definition{Category: "TotalNumberInTimeRange", Range: measure.Range{To: float64(i + 1)}}
		d.Main, _ = measure.ParseMask("CallReleased", d.Subject)
		for _, id := range []string{"a", "b"} {
			if _, err := w.Open(id, Object{Queue, "Q"}, d, begun); err != nil {
				t.Fatal(err)
			}
		}
		w.Close("b")
	}
	if w.Close("a"); len(w.plans) != 0 {
		t.Errorf("%d definitions are kept", len(w.plans))
	}
}
