package life

import (
	"testing"

	"tandem/actors/msg"
	"tandem/actors/store"
)

// A record counts that its member wrote before it died, or the last closer behind that.
func TestFence(t *testing.T) {
	for name, tell := range map[string]func(*Fence){
		"journal": func(f *Fence) {
			for _, d := range []store.Fact{
				{Kind: FactDead, Subject: "b1", Position: 10, Body: Dead{Closer: "x"}.Encode()},
				{Kind: "leg.ended", Subject: "b1", Position: 15, Body: []byte("no JSON")},
				{Kind: FactDead, Subject: "b1", Position: 20, Body: Dead{Closer: "y"}.Encode()},
			} {
				if err := f.Take(d); err != nil {
					t.Error(err)
				}
			}
		},
		"grave": func(f *Fence) {
			f.Note(Grave{Boot: "b1", Deaths: []Death{{10, "x"}, {20, "y"}}})
		},
		"both": func(f *Fence) { // the later one first, and one twice
			_ = f.Take(store.Fact{Kind: FactDead, Subject: "b1", Position: 20, Body: Dead{Closer: "y"}.Encode()})
			f.Note(Grave{Boot: "b1", Deaths: []Death{{10, "x"}, {20, "y"}}})
		},
	} {
		var f Fence
		tell(&f)
		for _, c := range []struct {
			boot, closer string
			position     uint64
			counts       bool
		}{
			{"b1", "", 9, true},
			{"b1", "x", 9, false}, // nobody closes the legs of the living
			{"b1", "", 11, false}, // it was declared dead and writes on
			{"b1", "x", 11, true},
			{"b1", "z", 11, false},
			{"b1", "x", 21, false}, // a Controller that another one has replaced
			{"b1", "y", 21, true},
			{"b1", "", 21, false},
			{"b2", "", 21, true}, // another life
			{"b2", "y", 21, false},
		} {
			if got := f.Counts(&msg.LegRecord{Boot: c.boot, Closer: c.closer}, c.position); got != c.counts {
				t.Errorf("%s: %+v counts: %v", name, c, got)
			}
		}
	}
	var f Fence
	if err := f.Take(store.Fact{Kind: FactDead, Subject: "b1", Position: 10, Body: []byte("{")}); err == nil {
		t.Error("a death that can not be read is no error")
	}
	if f.Counts(&msg.LegRecord{Boot: "b1"}, 11) || !f.Counts(&msg.LegRecord{Boot: "b1"}, 9) {
		t.Error("behind a death that can not be read something counts, or before it nothing")
	}
}

func TestGraveIsBounded(t *testing.T) {
	g := Grave{Boot: "b"}
	for n := range 2 * maxDeaths {
		g.Died(Death{Position: uint64(n)})
	}
	if len(g.Deaths) != maxDeaths || g.Deaths[maxDeaths-1].Position != 2*maxDeaths-1 {
		t.Errorf("%d deaths, the last %+v", len(g.Deaths), g.Deaths[len(g.Deaths)-1])
	}
	back, ok := ReadGrave(store.Entry{Key: g.Key(), Value: g.Encode()})
	if !ok || len(back.Deaths) != maxDeaths {
		t.Errorf("read back: %+v", back)
	}
	for _, e := range []store.Entry{{Key: g.Key(), Value: []byte("{")}, {Key: "~dead.x", Value: g.Encode()},
		{Key: "1000@t.local", Value: g.Encode()}, {Key: g.Key(), Deleted: true}} {
		if _, ok := ReadGrave(e); ok {
			t.Errorf("%s is read as a grave", e.Key)
		}
	}
}
