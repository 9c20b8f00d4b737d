package slot

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestOf holds the hash fast: members of different builds must agree on it.
func TestOf(t *testing.T) {
	for name, want := range map[string]Slot{"account 1000@tandem.local": 3, "meeting lobby": 27, "named a": 40, "lamp ": 13} {
		kind, name, _ := strings.Cut(name, " ")
		if got := Of(kind, name); got != want {
			t.Errorf("%s %q hashes to %d, and always did to %d", kind, name, got, want)
		}
	}
}

// TestSpread: names that differ in a digit alone go everywhere.
func TestSpread(t *testing.T) {
	var count [Slots]int
	const names = 6400
	for i := range names {
		count[Of("account", fmt.Sprintf("%d@tandem.local", 1000+i))]++
	}
	for s, n := range count {
		if n < names/Slots/2 || n > names/Slots*2 {
			t.Errorf("slot %d has %d of %d names", s, n, names)
		}
	}
}

func TestKeys(t *testing.T) {
	for s := range Controller + 1 {
		if got, ok := ParseKey(s.Key()); !ok || got != s {
			t.Errorf("%v becomes %v, %v", s, got, ok)
		}
	}
	for _, key := range []string{"", "slot.", "slot.64", "slot.-1", "slot.05", "slot.+5", "slot.100", "slot.5 ",
		"session.a", "Controller"} {
		if s, ok := ParseKey(key); ok {
			t.Errorf("%q is taken for %v", key, s)
		}
	}
}

func members(n int) (all []Holder) {
	for i := range n {
		all = append(all, Holder{fmt.Sprintf("tandem%d", i+1), uint32(i + 1)})
	}
	return all
}

// TestShare: every number of members gets even parts, whatever order they are in, and few slots change their owner
// when one goes.
func TestShare(t *testing.T) {
	for n := 1; n <= 70; n++ {
		all := members(n)
		before, part := share(all), (Slots+n-1)/n
		has := make([]int, n)
		for _, who := range before {
			has[who]++
		}
		for i, h := range has {
			if h > part || n <= 8 && 2*h*n < Slots {
				t.Errorf("%d members: %v has %d slots", n, all[i], h)
			}
		}
		if n < 2 || n > 8 {
			continue
		}
		after := share(all[:n-1])
		moved := 0
		for s := range Slots {
			if before[s] != n-1 && before[s] != after[s] {
				moved++
			}
		}
		if moved > Slots/4 {
			t.Errorf("when one of %d goes, %d slots move between the others", n, moved)
		}
	}
}

func TestLone(t *testing.T) {
	table := Lone("tandem1", 7)
	if e := table.Tick(noon); e != nil {
		t.Errorf("it wants %v", e)
	}
	if e := table.Leave(noon); e != nil || !table.Left() {
		t.Errorf("it can not leave: %v", e)
	}
	m := table.Map(noon)
	for s := range Controller + 1 {
		o, ok := m.Owner(s, noon.Add(1000*time.Hour))
		if want := (Owner{Holder{"tandem1", 7}, 1, true}); o != want || !ok {
			t.Errorf("owner of %v: %v, %v", s, o, ok)
		}
	}
	if n := m.Mine(noon); n != Slots {
		t.Errorf("%d slots are ours", n)
	}
}

// TestMapRunsOut: an old Map does not say that a slot is ours when our time is over.
func TestMapRunsOut(t *testing.T) {
	p := newTeller(t)
	p.Do("tick 100ms")
	m, begun := p.table.Map(p.now), p.now
	for after, want := range map[time.Duration]bool{0: true, 8*time.Second - 1: true, 8 * time.Second: false, time.Hour: false} {
		if o, ok := m.Owner(5, begun.Add(after)); o.Mine != want || ok != want {
			t.Errorf("%v later: %v, %v", after, o, ok)
		}
	}
	for _, s := range []Slot{-1, Controller + 1} {
		if _, ok := m.Owner(s, begun); ok {
			t.Errorf("%d has an owner", s)
		}
	}
}

// TestNoSuchSlot: reports on what is none change nothing.
func TestNoSuchSlot(t *testing.T) {
	p := newTeller(t)
	p.Do("tick 100ms")
	for _, s := range []Slot{-1, Controller + 1} {
		p.table.Record(s, Holder{"b", 2}, 1000, false, p.now)
		p.table.Claimed(s, true, 1001, p.now)
		p.table.HandedOver(s, true, 1002, p.now)
		p.table.Drained(s, 1003, p.now)
	}
	if got := strings.Join(p.Do("owners"), ""); got != "100ms [a/00000001:64]" {
		t.Error(got)
	}
}

// TestForgets: lives that came and went do not fill the memory, those that matter are kept.
func TestForgets(t *testing.T) {
	p := newTeller(t)
	p.Do("tick 100ms")
	p.Do("record 5 kept/77")
	p.Do("surely 77")
	for boot := range uint32(20 * maxBoots) {
		p.now = p.now.Add(100 * time.Millisecond)
		p.perform(p.table.Session("b", 1000+boot, "b:7010", p.next(), p.now))
		p.perform(p.table.Surely(1000+boot, p.now))
	}
	if n := len(p.table.heard) + len(p.table.dead); n > maxBoots+500 {
		t.Errorf("%d lives are remembered", n)
	}
}

// TestFlying: no more than 16 writes are on their way, and none is forgotten.
func TestFlying(t *testing.T) {
	p := newTeller(t)
	p.store = "slow"
	p.Do("tick 100ms")
	p.Do("renewed ok")
	for range 100 {
		p.Do("tick 500ms")
		p.renewed(true)
		flying := 0
		for _, s := range p.table.slots {
			if !s.flight.IsZero() {
				flying++
			}
		}
		if flying > maxFlying || flying != p.table.flying {
			t.Fatalf("%d writes fly, %d are counted", flying, p.table.flying)
		}
	}
}

// FuzzEntry: whatever lies in the store, the table neither panics nor owns what it did not claim.
func FuzzEntry(f *testing.F) {
	f.Add("slot.5", HolderValue(Holder{"b", 2}), false)
	f.Add("slot.5", HolderValue(Holder{"a", 1}), false)
	f.Add("controller", []byte(`{"member":"b","boot":"xyz"}`), true)
	f.Add("session.b", SessionValue(2, "127.0.0.1:7010"), false)
	f.Add("session.a", SessionValue(9, ""), false)
	f.Fuzz(func(t *testing.T, key string, value []byte, deleted bool) {
		table := New(Options{Member: "a", Boot: 1, Lease: leaseTime})
		effects, _ := table.Entry(key, value, 1, deleted, noon)
		effects = append(effects, table.Copied(noon)...)
		more, _ := table.Entry(key, value, 2, !deleted, noon)
		for _, e := range append(effects, more...) {
			switch e.(type) {
			case Renew, Named, Held:
			default:
				t.Errorf("%#v", e)
			}
		}
		if s, ok := ParseKey(key); ok {
			if o, _ := table.Owner(s, noon); o.Mine {
				t.Errorf("%v is ours", s)
			}
		}
	})
}

// TestValues: what is written is read.
func TestValues(t *testing.T) {
	for _, h := range []Holder{{"tandem1", 0}, {`a "b"`, 0xffffffff}} {
		if got, ok := parseHolder(HolderValue(h)); got != h || !ok {
			t.Errorf("%v becomes %v, %v", h, got, ok)
		}
		got, at, ok := parseSession(SessionValue(h.Boot, "127.0.0.1:7010"))
		if got != h.Boot || at != "127.0.0.1:7010" || !ok {
			t.Errorf("%v becomes %x at %q, %v", h, got, at, ok)
		}
	}
	for _, bad := range []string{"", "null", `{"member":"b"}`, `{"member":"","boot":"00000001"}`, `{"member":"b","boot":"1"}`,
		`{"member":"b","boot":"0000000A"}`, `{"member":"` + strings.Repeat("x", maxValue) + `","boot":"00000001"}`} {
		if h, ok := parseHolder([]byte(bad)); ok {
			t.Errorf("%.40s is taken for %v", bad, h)
		}
	}
}
