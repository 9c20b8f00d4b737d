package junction

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/msg"
	"tandem/media/codec"
)

func TestStories(t *testing.T) {
	acttest.Play(t, "testdata", func(t *testing.T) acttest.Player { return &stage{t: t} })
}

func newMachine(number uint64, first bool, address string, talks string) *machine {
	m := &machine{log: slog.New(slog.DiscardHandler), first: first, near: side{number: number,
		address: netip.MustParseAddrPort(address), codec: talks, packet: 20 * time.Millisecond, knows: known()}}
	return m
}

// stage is one end; the other one is what a story says.
type stage struct {
	t       *testing.T
	machine *machine
}

func (s *stage) Do(line string) []string {
	word, rest, _ := strings.Cut(line, " ")
	a := map[string]string{}
	for f := range strings.FieldsSeq(rest) {
		k, v, _ := strings.Cut(f, "=")
		a[k] = v
	}
	if s.machine == nil {
		s.machine = newMachine(number(a["number"]), a["first"] == "yes", "127.0.0.1:4000", a["codec"])
	}
	m, before := s.machine, s.machine.state
	switch word {
	case "end":
	case "open":
		m.open()
	case "heard":
		w := &msg.LegJunction{Junction: number(a["junction"]), Seen: number(a["seen"]), Codec: a["codec"], Reason: a["reason"],
			Status: int32(number(a["status"])), PacketMs: int32(number(a["packet"])), Over: a["over"] == "yes", Knows: known()}
		w.Address, w.Port = a["address"], uint32(number(a["port"]))
		if v, ok := a["knows"]; ok {
			w.Knows = strings.Split(v, ",")
		}
		m.heard(w)
	case "talks":
		c, _ := codec.ByName(a["codec"])
		m.retune(Party{Codec: c, Fax: a["fax"] == "yes", Packet: time.Duration(number(a["packet"])) * time.Millisecond,
			Role: &msg.MixRole{Muted: a["muted"] == "yes"}})
	case "late":
		m.late()
	case "leave":
		m.leave()
	default:
		s.t.Fatalf("no word %q", word)
	}
	var out []string
	for _, e := range m.effects() {
		out = append(out, spell(e))
	}
	if m.state != before {
		out = append(out, "state "+m.state.String())
	}
	return out
}

func number(s string) (n uint64) {
	_, _ = fmt.Sscan(s, &n)
	return n
}

func spell(e effect) string {
	switch e := e.(type) {
	case tell:
		w := e.message
		if w.Over {
			return fmt.Sprintf("tell over junction=%d seen=%d %d %s", w.Junction, w.Seen, w.Status, w.Reason)
		}
		return fmt.Sprintf("tell junction=%d seen=%d %s port=%d %s %d ms muted=%v", w.Junction, w.Seen, w.Address, w.Port, w.Codec,
			w.PacketMs, w.Role.GetMuted())
	case apply:
		p := e.params
		if p.Fax != "" {
			return fmt.Sprintf("apply %s a fax", p.Remote)
		}
		return fmt.Sprintf("apply %s %s number %d, events %d, %v", p.Remote, name(p.Codec), p.Payload, p.Event, p.Ptime)
	case ended:
		return fmt.Sprintf("ended %d %s", e.status, e.reason)
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", e), "junction.")
}

// world is two ends with a way between them that keeps the order, and loses nothing.
type world struct {
	random *rand.Rand
	ends   [2]*machine
	tunes  [2]string             // what the stream of each does; "" when it is closed
	ways   [2][]*msg.LegJunction // to each
	number [2]uint64
}

func (w *world) settle(i int) {
	if w.ends[i] == nil {
		return
	}
	for _, e := range w.ends[i].effects() {
		switch e := e.(type) {
		case tell:
			w.ways[1-i] = append(w.ways[1-i], e.message)
		case apply:
			w.tunes[i] = fmt.Sprint(e.params.Remote.Port(), " ", name(e.params.Codec), " ", e.params.Ptime)
		case ended:
			w.ends[i], w.tunes[i] = nil, ""
		}
	}
}

func (w *world) end(i int) *machine {
	w.number[i]++
	talks := []string{"PCMU/8000", "G722/8000", ""}[w.random.IntN(3)]
	w.ends[i] = newMachine(w.number[i], i == 0, fmt.Sprint("127.0.0.1:", 4000+1000*i+2*int(w.number[i])), talks)
	return w.ends[i]
}

// arrive delivers the next word to an end; one that has none answers as the owner's wish says.
func (w *world) arrive(i int, wanted bool) {
	word := w.ways[i][0]
	w.ways[i] = w.ways[i][1:]
	if w.ends[i] == nil {
		if !Begins(word) {
			return
		}
		if !wanted {
			w.ways[1-i] = append(w.ways[1-i], Refusal(word, 481, "no"))
			return
		}
		w.end(i)
	}
	w.ends[i].heard(word)
	w.settle(i)
}

// Whatever two ends do at once and in whatever order they hear of it: when all is heard both are closed, or both are
// up and send each other the same codec. Nobody is left with an end that has no other.
func TestBothEndsAgree(t *testing.T) {
	stories := 20000
	if testing.Short() {
		stories = 4000
	}
	both := 0
	for seed := range stories {
		w := &world{random: rand.New(rand.NewPCG(uint64(seed), 7))}
		for range 20 {
			i := w.random.IntN(2)
			switch w.random.IntN(6) {
			case 0:
				if w.ends[i] == nil {
					w.end(i).open()
				}
			case 1:
				if w.ends[i] != nil && w.random.IntN(3) == 0 {
					w.ends[i].leave()
				}
			case 2:
				if w.ends[i] != nil {
					c, _ := codec.ByName([]string{"PCMA", "PCMU", "G722"}[w.random.IntN(3)])
					w.ends[i].retune(Party{Codec: c, Packet: time.Duration(1+w.random.IntN(3)) * codec.Frame})
				}
			case 3:
				if w.ends[i] != nil && w.random.IntN(4) == 0 {
					w.ends[i].late()
				}
			default:
				if len(w.ways[i]) > 0 {
					w.arrive(i, w.random.IntN(4) > 0)
				}
			}
			w.settle(i)
		}
		for len(w.ways[0])+len(w.ways[1]) > 0 {
			for i := range 2 {
				if len(w.ways[i]) > 0 {
					w.arrive(i, true)
				}
			}
		}
		a, b := w.ends[0], w.ends[1]
		if a == nil && b == nil {
			continue
		}
		if a == nil || b == nil || a.state != up || b.state != up {
			t.Fatalf("seed %d: %+v and %+v", seed, a, b)
		}
		_, one, _ := strings.Cut(w.tunes[0], " ")
		_, two, _ := strings.Cut(w.tunes[1], " ")
		if one != two || a.sent.Remote != b.near.address || b.sent.Remote != a.near.address {
			t.Fatalf("seed %d: %s and %s", seed, w.tunes[0], w.tunes[1])
		}
		both++
	}
	if both < stories/10 || both == stories {
		t.Errorf("%d of %d stories end with a junction", both, stories)
	}
}

func TestEveryCodecHasItsNumber(t *testing.T) {
	seen := map[uint8]bool{eventPayload: true}
	for _, c := range codec.Known {
		n := payload(c)
		if seen[n] || n > 127 {
			t.Errorf("%s has number %d", name(c), n)
		}
		seen[n] = true
		if back, ok := codec.ByName(name(c)); !ok || back != c {
			t.Errorf("%s is read as %v", name(c), back)
		}
	}
}

// FuzzHeard: no word of another member does harm.
func FuzzHeard(f *testing.F) {
	f.Add("127.0.0.1", uint32(4000), "PCMU/8000", int32(20), uint64(1), uint64(0), false)
	f.Add("::1%eth0", uint32(65535), "L16/16000", int32(-1), uint64(0), uint64(9), true)
	f.Fuzz(func(t *testing.T, address string, port uint32, talks string, packet int32, junction, seen uint64, over bool) {
		m := newMachine(9, true, "127.0.0.1:4000", "PCMA/8000")
		m.open()
		m.heard(&msg.LegJunction{Junction: junction, Seen: seen, Address: address, Port: port, Codec: talks, PacketMs: packet,
			Over: over, Knows: []string{talks}})
		m.leave()
		last := m.effects()
		if _, ok := last[len(last)-1].(ended); !ok || m.state != closed {
			t.Errorf("it ends by %#v", last)
		}
		for _, e := range last {
			if a, ok := e.(apply); ok && (!a.params.Remote.IsValid() || a.params.Remote.Port() == 0) {
				t.Errorf("told to send to %v", a.params.Remote)
			}
		}
	})
}
