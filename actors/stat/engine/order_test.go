package engine

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"tandem/actors/stat/filter"
	"tandem/actors/stat/measure"
)

// dice make random histories.
type dice struct{ *rand.Rand }

func (d dice) of(all ...string) string { return all[d.IntN(len(all))] }

// object of a type, of which there are a few.
func (d dice) object(t Type) Object { return Object{t, fmt.Sprint(d.IntN(3))} }

// fact is some fact at a moment.
func (d dice) fact(at int64, seq uint64) Fact {
	f := Fact{At: at, Seq: seq, Object: d.object([]Type{RegDN, RegDN, RegDN, Agent, Queue, Channel}[d.IntN(6)])}
	if d.IntN(3) == 0 {
		f.With = &Attached{Pairs: map[string]string{"n": fmt.Sprint(d.IntN(3))}}
	}
	switch n := d.IntN(20); {
	case n < 12:
		names := []string{"CallRinging", "CallInbound", "CallOnHold", "WaitForNextCall", "NotReadyForNextCall", "AfterCallWork", "CallWait"}
		f.Name, _ = measure.ParseName(d.of(names...))
		f.What = []What{Begin, Begin, End, End, End, Change}[d.IntN(6)]
		f.Key = d.of("c1", "c2")
		f.Conn = f.Key
	case n < 14:
		f.What = Happen
		f.Name, _ = measure.ParseName(d.of("CallReleased", "CallAbandoned", "ACWCompleted", "CallMissed"))
		f.Length, f.Conn = d.Int64N(5000), d.of("c1", "c2")
	case n < 17:
		f.What, f.Object = []What{Login, Login, Logout}[d.IntN(3)], d.object(Agent)
		f.Other = d.object([]Type{RegDN, RegDN, Channel, Queue}[d.IntN(4)])
	case n < 19:
		f.What, f.Object, f.Other = []What{Join, Join, Leave}[d.IntN(3)], d.object(Agent), Object{GroupAgents, "fixed"}
		if d.IntN(2) == 0 {
			f.Object, f.Other = d.object(RegDN), d.object(AgentPlace)
		} else if d.IntN(3) == 0 {
			f.What, f.Object, f.Key, f.Level = Skill, d.object(Agent), "French", d.IntN(4)-1
		}
	default:
		f.What, f.Object = []What{Lost, Found}[d.IntN(2)], d.object(RegDN)
	}
	return f
}

// definition is some definition.
func (d dice) definition() measure.Definition {
	for {
		def := measure.Definition{Category: d.of(measure.Categories()...), Exact: d.IntN(2) == 0, Distinct: d.IntN(4) == 0,
			InProgress: d.IntN(4) == 0, Subject: measure.Subject(d.IntN(int(measure.Subjects)))}
		profiles := []string{"Growing 0:00", "Growing 0:00 +0:01", "Sliding 9,1", "Selection 4", "Growing never"}
		kind, value, _ := bytes.Cut([]byte(d.of(profiles...)), []byte(" "))
		def.Profile, _ = measure.ParseProfile(string(kind), string(value), nil)
		def.Main, _ = measure.ParseMask(d.of("*", "CallInbound,CallRinging", "WaitForNextCall", "*,~LoggedOut,~NotMonitored"), def.Subject)
		def.Relative, _ = measure.ParseMask("*", def.Subject)
		if d.IntN(4) == 0 {
			def.Filter, _ = filter.Parse(`PairExists("n","1")`)
		}
		if _, _, err := measure.Prepare(def); err == nil {
			return def
		}
		def.Formula, _ = measure.ParseFormula(`Value("n") + Duration`)
		def.Main, _ = measure.ParseMask("CallInbound,CallReleased", def.Subject)
		if _, _, err := measure.Prepare(def); err == nil {
			return def
		}
	}
}

// step is a fact or the opening of a statistic, and when it comes.
type step struct {
	comes int64
	fact  Fact
	open  *opening
}

type opening struct {
	id string
	o  Object
	d  measure.Definition
}

const (
	begun    = int64(1_700_000_000_000)
	lateness = 3000
)

// history is a random one: its steps in the order of time.
func (d dice) history(facts, statistics int) (all []step) {
	expression := Fact{At: begun, What: Expression, Object: Object{GroupAgents, "virtual"}, Key: `Skill("French") >= 1`}
	all = append(all, step{fact: expression})
	at := begun
	for i := range facts {
		if d.IntN(3) > 0 {
			at += d.Int64N(1500)
		}
		all = append(all, step{fact: d.fact(at, uint64(i+1))})
	}
	types := []Object{{Agent, "0"}, {Agent, "1"}, {RegDN, "0"}, {AgentPlace, "0"}, {GroupAgents, "fixed"}, {GroupAgents, "virtual"}, {Queue, "0"}}
	for i := 0; i < statistics; {
		o := opening{id: fmt.Sprint("s", i), o: types[d.IntN(len(types))], d: d.definition()}
		if fits(o.o, o.d) != nil {
			continue
		}
		all = append(all, step{fact: Fact{At: begun + d.Int64N(max(1, at-begun))*int64(d.IntN(2))}, open: &o})
		i++
	}
	slices.SortStableFunc(all, func(a, b step) int {
		first := func(s step) int { return map[bool]int{true: 0, false: 1}[s.open != nil] }
		return cmp.Or(cmp.Compare(a.fact.At, b.fact.At), cmp.Compare(first(a), first(b)), cmp.Compare(a.fact.Seq, b.fact.Seq))
	})
	return all
}

func (s step) tell(t *testing.T, w *World) {
	t.Helper()
	if s.open != nil {
		if _, err := w.Open(s.open.id, s.open.o, s.open.d, s.fact.At); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err := w.Apply(s.fact); err != nil {
		t.Fatal(err)
	}
}

// values are those of all statistics at a moment.
func values(w *World, at int64) map[string]string {
	all := map[string]string{}
	for id := range w.statistics {
		v, err := w.Value(id, at)
		all[id] = fmt.Sprintf("%+v %v", v, err)
	}
	return all
}

func differ(t *testing.T, what string, all []step, got, want map[string]string) {
	t.Helper()
	for _, s := range all {
		if s.open != nil && got[s.open.id] != want[s.open.id] {
			text, _ := s.open.d.MarshalJSON()
			t.Errorf("%s: %s over %s %s\n%s, want\n%s", what, s.open.id, s.open.o, text, got[s.open.id], want[s.open.id])
		}
	}
}

// seeds is how many histories are tried.
func seeds(n uint64) uint64 {
	if testing.Short() {
		return n / 5
	}
	return n
}

// TestOrder: the same facts give the same values in any order within the lateness, whatever is asked meanwhile, saved and
// loaded, or moved to another world.
func TestOrder(t *testing.T) {
	for seed := range seeds(40) {
		d := dice{rand.New(rand.NewPCG(seed, 7))}
		all := d.history(10+d.IntN(200), 25)
		twin := New(Options{Lateness: -1})
		for _, s := range all {
			s.tell(t, twin)
		}
		end := all[len(all)-1].fact.At + d.Int64N(20000)
		want := values(twin, end)
		shuffled := slices.Clone(all)
		for i := range shuffled {
			shuffled[i].comes = shuffled[i].fact.At + d.Int64N(lateness)
		}
		slices.SortStableFunc(shuffled, func(a, b step) int { return cmp.Compare(a.comes, b.comes) })
		w := New(Options{Lateness: lateness})
		for _, s := range shuffled {
			s.tell(t, w)
			w = d.disturb(t, w, s.comes)
		}
		differ(t, fmt.Sprint("seed ", seed), all, values(w, end), want)
		if t.Failed() {
			return
		}
	}
}

// disturb does now and then what must not make a difference.
func (d dice) disturb(t *testing.T, w *World, now int64) *World {
	t.Helper()
	switch d.IntN(60) {
	case 0, 1:
		values(w, now)
	case 2, 3, 4:
		w.Advance(now)
	case 5, 6, 7, 8:
		w.Changed()
	case 9:
		w = again(t, w)
	case 10, 11, 12:
		if err := w.AsOf(now-d.Int64N(lateness/2), func() { values(w, now) }); err != nil && !errors.Is(err, ErrPast) {
			t.Fatal(err)
		}
	}
	return w
}

// again is a world that was saved and loaded.
func again(t *testing.T, w *World) *World {
	t.Helper()
	var text bytes.Buffer
	if err := w.Save(&text); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(bytes.NewReader(text.Bytes()), Options{Lateness: w.lateness})
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// TestTake: statistics that are parted among worlds, and moved from one to the other, are what they are in one.
func TestTake(t *testing.T) {
	for seed := range seeds(40) {
		d := dice{rand.New(rand.NewPCG(seed, 8))}
		all := d.history(20+d.IntN(150), 20)
		twin, left, right := New(Options{Lateness: lateness}), New(Options{Lateness: lateness}), New(Options{Lateness: lateness})
		moved := d.IntN(len(all))
		var ids []string
		for i, s := range all {
			s.tell(t, twin)
			switch {
			case s.open == nil:
				s.tell(t, left)
				s.tell(t, right)
				left = d.disturb(t, left, s.fact.At)
				right = d.disturb(t, right, s.fact.At)
			case i < moved && d.IntN(2) == 0:
				s.tell(t, right)
				ids = append(ids, s.open.id)
			default:
				s.tell(t, left)
			}
			if i == moved {
				left.Take(right, ids)
			}
		}
		end := all[len(all)-1].fact.At + d.Int64N(20000)
		if got := values(right, end); len(got) != 0 {
			t.Errorf("seed %d: what was moved is still there: %v", seed, got)
		}
		differ(t, fmt.Sprint("seed ", seed), all, values(left, end), values(twin, end))
		if t.Failed() {
			return
		}
	}
}

// TestAsOf: what was at a moment is what a world says that was told the facts up to it alone; and asking changes nothing.
func TestAsOf(t *testing.T) {
	asked := 0
	for seed := range seeds(60) {
		d := dice{rand.New(rand.NewPCG(seed, 9))}
		all := d.history(20+d.IntN(150), 20)
		w, twin := New(Options{Lateness: lateness}), New(Options{Lateness: lateness})
		cut := d.IntN(len(all))
		at := all[cut].fact.At
		for _, s := range all {
			if s.fact.At > at+lateness/2 {
				break
			}
			s.tell(t, w)
			if s.fact.At <= at {
				s.tell(t, twin)
			}
		}
		for range 2 {
			var got map[string]string
			if err := w.AsOf(at, func() { got = values(w, at) }); err != nil {
				t.Fatal(seed, err)
			}
			want := values(twin, at)
			for id := range got {
				if asked++; want[id] != "" && got[id] != want[id] {
					t.Errorf("seed %d: %s is %s, want %s", seed, id, got[id], want[id])
				}
			}
		}
		if err := w.AsOf(begun-1, func() {}); !errors.Is(err, ErrPast) && at > begun+lateness {
			t.Errorf("seed %d: before all: %v", seed, err)
		}
	}
	if asked == 0 {
		t.Error("nothing was asked")
	}
}
