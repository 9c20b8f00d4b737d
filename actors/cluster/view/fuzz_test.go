package view

import (
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
)

// record is a member's, as far as anything goes by it.
func record(name string, boot int, address string) *msg.Member {
	return &msg.Member{Name: name, Boot: uint32(boot), Address: address, Cluster: "here", Wire: Wire}
}

// FuzzHeartbeat lets a view that knows a, up at a:7010, take any bytes as a heartbeat, several times, while time
// passes. It never gets beyond its limits, and never forgets who it is.
func FuzzHeartbeat(f *testing.F) {
	others := []*msg.Sight{{Name: "a", Boot: 1, State: dead},
		{Name: "c", Boot: 3, Address: "c:7010", State: up, AgeMs: -5},
		{Name: "me", Boot: 100, State: left, Refused: "no"}, {Boot: 4, Address: "nowhere"}}
	for _, hb := range []*msg.Heartbeat{
		{},
		{Member: record("a", 1, "a:7010"), Serial: 9, LivedMs: -1 << 63},
		{Member: record("a", 2, "a:7010"), Serial: 1},
		{Member: record("a", 2, "b:7010"), LivedMs: 1<<63 - 1},
		{Member: record("me", 2, "b:7010"), LivedMs: 1},
		{Member: record("b", 100, "b:7010")},
		{Member: record("b", 2, "b:7010"), Quorum: true, Sights: others},
	} {
		b, err := proto.Marshal(hb)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		hb := &msg.Heartbeat{}
		if proto.Unmarshal(b, hb) != nil {
			return
		}
		s := newStage(t)
		s.Do("quorum yes")
		s.Do("heard a sees=up")
		var fenced bool
		for range 3 {
			for _, e := range s.view.Heard(hb, s.now) {
				_, f := e.(Fence)
				fenced = fenced || f
			}
			hb.Serial++
			s.Do("pass 1s")
			s.limits(t, 4)
		}
		if fenced && sightOf(hb.Sights, 100) == nil && hb.Member.Name != "me" {
			t.Error("fenced without a reason")
		}
	})
}

// limits checks what must hold whatever was heard.
func (s *stage) limits(t *testing.T, rows int) {
	t.Helper()
	v := s.view
	if v.self.Name != "me" || v.self.Boot != 100 || v.rows[100] != nil || v.graves.by[100] != nil {
		t.Error("it forgot who it is")
	}
	for _, x := range [][2]int{{len(v.rows), rows}, {len(v.addresses), maxAddresses}, {len(v.strangers), maxStrangers},
		{len(v.graves.by), maxGraves}, {len(v.graves.order), maxGraves}} {
		if x[0] > x[1] {
			t.Errorf("a table has %d entries, more than %d", x[0], x[1])
		}
	}
	names := map[string]bool{}
	for _, r := range v.Rows() {
		if names[r.Member.Name] {
			t.Errorf("two rows of %q", r.Member.Name)
		}
		names[r.Member.Name] = true
	}
	if v.addresses[v.self.Address] != nil || v.counts.Illegal > 0 {
		t.Errorf("it calls itself, or %+v", v.counts)
	}
}

// TestLimits fills every table beyond its limit.
func TestLimits(t *testing.T) {
	s := newStage(t, addresses(3*maxSeeds)...)
	if n := len(s.view.addresses); n != maxSeeds {
		t.Errorf("%d seeds", n)
	}
	beat := func(i int, change func(*msg.Heartbeat)) []Effect {
		hb := &msg.Heartbeat{Serial: uint64(i), Member: record(fmt.Sprint("m", i), 1000+i, fmt.Sprintf("h%d:1", i))}
		if change != nil {
			change(hb)
		}
		return s.view.Heard(hb, s.now)
	}
	for i := range 3 * maxMembers {
		beat(i, func(hb *msg.Heartbeat) {
			for j := range 100 { // and each tells of a hundred others that nobody ever heard
				other := record("", 1e6+100*i+j, fmt.Sprintf("o%d-%d:1", i, j))
				hb.Sights = append(hb.Sights, sight(other, up, 0, ""))
			}
		})
	}
	s.limits(t, maxMembers-1)
	if n := len(s.view.rows); n != maxMembers-1 {
		t.Errorf("%d members", n)
	}
	if w := s.view.strangers[uint32(1000+3*maxMembers-1)]; w == nil || w.why != "the cluster has its 64 members" {
		t.Errorf("the last one is %+v", w)
	}
	// They are called all the same.
	called := map[string]bool{}
	for _, e := range s.view.Tick(s.now.Add(tick)) {
		called[e.(Beat).Address] = true
		if n := proto.Size(e.(Beat).Heartbeat); n > maxHeartbeat || !bounded(e.(Beat).Heartbeat) {
			t.Errorf("a heartbeat of %d bytes that others would not take", n)
		}
	}
	if !called["h0:1"] || !called["h62:1"] || !called[addresses(1)[0]] {
		t.Errorf("called are %v", called)
	}
	// Who is lost makes room for one that lives.
	s.view.Refused("h0:1", 1000, s.now)
	beat(500, nil)
	if s.view.rows[1000] != nil || s.view.rows[1500] == nil {
		t.Error("a lost member keeps out a living one")
	}
	// Lives come and go at one address.
	for i := range 2 * maxGraves {
		beat(1, func(hb *msg.Heartbeat) { hb.Member.Boot = uint32(10000 + i) })
	}
	s.limits(t, maxMembers-1)
	if _, ok := s.view.ByBoot(10000 + 2*maxGraves - 2); !ok || len(s.view.graves.by) != maxGraves {
		t.Errorf("%d graves", len(s.view.graves.by))
	}
	for i := range 3 * maxStrangers {
		s.now = s.now.Add(time.Millisecond)
		beat(700+i, func(hb *msg.Heartbeat) { hb.Member.Cluster = "elsewhere" })
	}
	s.limits(t, maxMembers-1)
}

func addresses(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("seed%d:1", i))
	}
	return all
}

// TestBounded: what is beyond a limit is not taken at all.
func TestBounded(t *testing.T) {
	long := string(make([]byte, maxText+1))
	for name, change := range map[string]func(*msg.Heartbeat){
		"no record":       func(hb *msg.Heartbeat) { hb.Member = nil },
		"no name":         func(hb *msg.Heartbeat) { hb.Member.Name = "" },
		"long name":       func(hb *msg.Heartbeat) { hb.Member.Name = long },
		"no port":         func(hb *msg.Heartbeat) { hb.Member.Address = "host" },
		"no host":         func(hb *msg.Heartbeat) { hb.Member.Address = ":1" },
		"long address":    func(hb *msg.Heartbeat) { hb.Member.Address = long + ":1" },
		"long version":    func(hb *msg.Heartbeat) { hb.Member.Version = long },
		"long SIP":        func(hb *msg.Heartbeat) { hb.Member.Sip = []string{long} },
		"many SIP":        func(hb *msg.Heartbeat) { hb.Member.Sip = make([]string, maxSIP+1) },
		"long reason":     func(hb *msg.Heartbeat) { hb.Sights = []*msg.Sight{{Boot: 1, Refused: long}} },
		"sight of no one": func(hb *msg.Heartbeat) { hb.Sights = []*msg.Sight{{Name: "b"}} },
		"many sights": func(hb *msg.Heartbeat) {
			for i := range maxSights + 1 {
				hb.Sights = append(hb.Sights, &msg.Sight{Boot: uint32(i + 1)})
			}
		},
		"words not known": func(hb *msg.Heartbeat) {
			hb.ProtoReflect().SetUnknown(append([]byte{0xfa, 0x7f, 0x81, 0x80, 0x10}, make([]byte, maxHeartbeat+1)...))
		},
	} {
		s := newStage(t)
		hb := &msg.Heartbeat{Serial: 1, Member: record("a", 1, "a:1")}
		if !bounded(hb) {
			t.Fatal("the plain one is not taken")
		}
		change(hb)
		if s.view.Heard(hb, s.now); len(s.view.rows) > 0 || s.view.counts.Hostile != 1 {
			t.Errorf("%s: it was taken", name)
		}
	}
}

// TestAge: an age is what another member says, and no reason to calculate with what can not be.
func TestAge(t *testing.T) {
	most := int64(1<<63 - 1)
	for ms, want := range map[int64]time.Duration{-most: 0, -1: 0, 0: 0, 3: 3 * time.Millisecond, most: maxAge} {
		if got := age(ms); got != want {
			t.Errorf("%d ms is %s", ms, got)
		}
	}
}

// TestRefusedElsewhere: a refusal says something of a life only at the address where that life is.
func TestRefusedElsewhere(t *testing.T) {
	s := newStage(t)
	s.Do("heard a sees=up")
	for _, effects := range [][]Effect{s.view.Refused("b:7010", 1, s.now), s.view.Refused("a:7010", 2, s.now),
		s.view.Broke("b:7010", s.now), s.view.Left(&msg.MemberLeaves{Name: "b", Boot: 1}, s.now),
		s.view.Left(nil, s.now), s.view.Heard(nil, s.now)} {
		if len(effects) > 0 {
			t.Errorf("it did %v", effects)
		}
	}
	if r, _ := s.view.ByBoot(1); r.State != up || r.Sure {
		t.Errorf("it is %s", r.State)
	}
}

// BenchmarkTick is a view of 64 members that sends its heartbeats and hears all others: half a second of work.
func BenchmarkTick(b *testing.B) {
	now := epoch
	v := newView()
	hbs := make([]*msg.Heartbeat, maxMembers-1)
	for i := range hbs {
		hbs[i] = &msg.Heartbeat{Member: record(fmt.Sprint("m", i), 1000+i, fmt.Sprintf("h%d:1", i)),
			Sights: []*msg.Sight{sight(v.self, up, 0, "")}}
		for j := range hbs {
			other := record(fmt.Sprint("m", j), 1000+j, fmt.Sprintf("h%d:1", j))
			hbs[i].Sights = append(hbs[i].Sights, sight(other, up, 0, ""))
		}
	}
	for b.Loop() {
		for range 5 {
			now = now.Add(tick)
			v.Tick(now)
		}
		for _, hb := range hbs {
			hb.Serial++
			v.Heard(hb, now)
		}
	}
}
