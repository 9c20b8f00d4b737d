package view

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/msg"
)

var epoch = time.Unix(1_000_000_000, 0)

const tick = 100 * time.Millisecond

// TestTranscripts plays the stories of testdata. They are about the member "me", with boot tag 100, at address
// me:7010. Words:
//
//	heard NAME [k=v ...]   a heartbeat of it; what is not said stays as it was: boot, address, sees (how it sees
//	                       us), quorum, lived (seconds), cluster, wire, clock (ms ahead), draining, serial,
//	                       refused (us), and of=NAME:BOOT:STATE:AGE, how it sees others
//	pass TIME [NAME ...]   time passes in ticks, and these are heard each half second
//	beats TIME             the same, and shows the heartbeats that leave
//	frozen TIME            no tick for so long; late TIME: and none after it
//	broke NAME, refused NAME, left NAME, quorum yes|no, leave, rows, named NAME BOOT, graves, update draining
func TestTranscripts(t *testing.T) {
	acttest.Play(t, "testdata", func(t *testing.T) acttest.Player {
		return newStage(t, "seed:7010")
	})
}

func newStage(t *testing.T, seeds ...string) *stage {
	return &stage{t: t, now: epoch, peers: map[string]*peer{}, view: newView(seeds...)}
}

func newView(seeds ...string) *View {
	return New(Options{Heartbeat: heartbeat, DeadAfter: deadAfter, Seeds: seeds,
		Self: &msg.Member{Name: "me", Boot: 100, Address: "me:7010", Cluster: "here"}}, epoch)
}

type peer struct {
	hb   *msg.Heartbeat
	born time.Time
}

type stage struct {
	t     *testing.T
	view  *View
	now   time.Time
	peers map[string]*peer
	out   []string
}

func (s *stage) Do(event string) []string {
	s.out = nil
	words := strings.Fields(event)
	if len(words) == 1 {
		words = append(words, "")
	}
	name := words[1]
	switch words[0] {
	case "heard":
		s.heard(name, words[2:])
	case "pass", "beats":
		s.pass(s.duration(name), words[0] == "beats", words[2:])
	case "late":
		s.now = s.now.Add(s.duration(name))
	case "frozen":
		s.now = s.now.Add(s.duration(name))
		s.does(s.view.Tick(s.now), false)
	case "broke":
		s.does(s.view.Broke(name+":7010", s.now), true)
	case "refused":
		m := s.peer(name).hb.Member
		s.does(s.view.Refused(m.Address, m.Boot, s.now), true)
	case "left":
		m := s.peer(name).hb.Member
		s.does(s.view.Left(&msg.MemberLeaves{Name: m.Name, Boot: m.Boot}, s.now), true)
	case "quorum":
		s.does(s.view.Quorum(name == "yes", s.now), true)
	case "leave":
		s.does(s.view.Leave(s.now), true)
	case "named":
		s.view.Named(name, uint32(s.number(words[2])))
	case "update":
		s.view.Update(func(m *msg.Member) { m.Draining, m.Name, m.Boot = true, "other", 7 })
	case "rows":
		s.rows()
	case "counts":
		s.say("%+v", s.view.Counts())
	default:
		s.t.Fatalf("no event %q", event)
	}
	if n := s.view.Counts().Illegal; n > 0 {
		s.t.Errorf("%q: %d illegal changes of state", event, n)
	}
	return s.out
}

func (s *stage) say(format string, args ...any) { s.out = append(s.out, fmt.Sprintf(format, args...)) }

func (s *stage) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

func (s *stage) number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// peer makes up a member on first sight; its boot tag is the place of its name in the alphabet.
func (s *stage) peer(name string) *peer {
	p := s.peers[name]
	if p == nil {
		p = &peer{born: s.now, hb: &msg.Heartbeat{Member: &msg.Member{Name: name, Boot: uint32(name[0]-'a') + 1,
			Address: name + ":7010", Cluster: "here", Wire: Wire}}}
		s.peers[name] = p
	}
	return p
}

func (s *stage) heard(name string, words []string) {
	p := s.peer(name)
	hb := p.hb
	hb.Serial++
	for _, w := range words {
		k, v, _ := strings.Cut(w, "=")
		switch k {
		case "boot":
			hb.Member.Boot, hb.Serial, hb.Sights, p.born = uint32(s.number(v)), 1, nil, s.now
		case "name":
			hb.Member.Name = v
		case "address":
			hb.Member.Address = v
		case "cluster":
			hb.Member.Cluster = v
		case "wire":
			hb.Member.Wire = uint32(s.number(v))
		case "draining":
			hb.Member.Draining = v == "yes"
		case "clock":
			hb.Member.Clock = s.now.UnixMilli() + int64(s.number(v))
		case "quorum":
			hb.Quorum = v == "yes"
		case "lived":
			p.born = s.now.Add(-time.Duration(s.number(v)) * time.Second)
		case "serial":
			hb.Serial = uint64(s.number(v))
		case "refused":
			p.see(&msg.Sight{Name: "me", Boot: 100, Address: "me:7010", Refused: v})
		case "sees":
			p.see(&msg.Sight{Name: "me", Boot: 100, Address: "me:7010", State: state(v)})
		case "of":
			f := strings.Split(v, ":")
			p.see(&msg.Sight{Name: f[0], Boot: uint32(s.number(f[1])), Address: f[0] + ":7010", State: state(f[2]),
				AgeMs: int64(s.number(f[3]))})
		default:
			s.t.Fatalf("no word %q", w)
		}
	}
	s.does(s.view.Heard(p.beat(s.now), s.now), true)
}

// see replaces how the peer sees one member.
func (p *peer) see(s *msg.Sight) {
	p.hb.Sights = slices.DeleteFunc(slices.Clone(p.hb.Sights), func(x *msg.Sight) bool { return x.Boot == s.Boot })
	if s.State != unknown || s.Refused != "" {
		p.hb.Sights = append(p.hb.Sights, s)
	}
}

// beat is the peer's heartbeat, with whatever it said last.
func (p *peer) beat(now time.Time) *msg.Heartbeat {
	m := p.hb.Member
	return &msg.Heartbeat{Quorum: p.hb.Quorum, Serial: p.hb.Serial, Sights: p.hb.Sights,
		LivedMs: now.Sub(p.born).Milliseconds(),
		Member: &msg.Member{Name: m.Name, Boot: m.Boot, Address: m.Address, Cluster: m.Cluster, Wire: m.Wire,
			Draining: m.Draining, Clock: m.Clock}}
}

func state(word string) msg.MemberState {
	return msg.MemberState(msg.MemberState_value[strings.ToUpper(word)])
}

func (s *stage) pass(d time.Duration, beats bool, heard []string) {
	for end := s.now.Add(d); s.now.Before(end); {
		s.now = s.now.Add(tick)
		s.does(s.view.Tick(s.now), beats)
		if s.now.Sub(epoch)%(500*time.Millisecond) == 0 {
			for _, name := range heard {
				s.heard(name, nil)
			}
		}
	}
}

func (s *stage) does(effects []Effect, beats bool) {
	at := s.now.Sub(epoch).Milliseconds()
	for _, e := range effects {
		switch e := e.(type) {
		case Beat:
			if beats {
				s.say("%d beat %s %d%s", at, e.Address, e.Heartbeat.Serial, seen(e.Heartbeat))
			}
		case Goodbye:
			s.say("%d goodbye %s %s %d", at, e.Address, e.Leaves.Name, e.Leaves.Boot)
		case Changed:
			s.say("%d %s %d %s -> %s: %s", at, e.Row.Member.Name, e.Row.Member.Boot, e.From, e.Row.State, e.Why)
		case Cut:
			s.say("%d cut %d %s", at, e.Boot, e.Address)
		case Fence:
			s.say("%d fence: %s", at, e.Why)
		case Inherits:
			s.say("%d inherits %d", at, e.Boot)
		case Thawed:
			s.say("%d thawed %s", at, e.Gap)
		case Stranger:
			s.say("%d stranger %s %d: %s", at, e.Member.Name, e.Member.Boot, e.Why)
		}
	}
}

func seen(hb *msg.Heartbeat) (text string) {
	if hb.Quorum {
		text += " quorum"
	}
	if hb.Member.Draining {
		text += " draining"
	}
	for _, x := range hb.Sights {
		text += fmt.Sprintf(" [%s %d %s %d%s]", x.Name, x.Boot, x.State, x.AgeMs,
			strings.TrimRight(" "+x.Refused, " "))
	}
	return text
}

func (s *stage) rows() {
	for _, r := range s.view.Rows() {
		since := r.Since.Sub(epoch).Milliseconds()
		text := fmt.Sprintf("%s %d %s since=%d", r.Member.Name, r.Member.Boot, r.State, since)
		if !r.Heard.IsZero() {
			text += fmt.Sprintf(" heard=%d", r.Heard.Sub(epoch).Milliseconds())
		}
		if r.Member.Clock != 0 && !r.Self {
			text += fmt.Sprintf(" offset=%d", r.Offset.Milliseconds())
		}
		if r.Sure {
			text += " sure"
		}
		for _, x := range r.Sights {
			text += fmt.Sprintf(" [%s %s]", x.Name, x.State)
		}
		s.say("%s", text)
		if by, ok := s.view.ByBoot(r.Member.Boot); !ok || by.State != r.State {
			s.t.Errorf("by boot %d: %v", r.Member.Boot, by)
		}
		if by, ok := s.view.ByName(r.Member.Name); !ok || by.Member.Boot != r.Member.Boot {
			s.t.Errorf("by name %s: %v", r.Member.Name, by)
		}
	}
}
