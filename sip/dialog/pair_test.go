package dialog

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/signal"
)

// side is one of two dialogs that talk to each other over a wire that keeps the order but for ACK,
// which has no transaction and may be lost.
type side struct {
	name   string
	d      *Dialog
	wire   []any // *signal.Request, *signal.Response and Cancel for this side, oldest first
	offers bool  // Offered waits for an answer
	owes   bool  // Accepted with NeedsACK waits for Acknowledge
	refer  string
	asks   int // REFERs sent that the peer accepted, less those that came to their end
	over   bool
}

// due is a timer of one side.
type due struct {
	side *side
	id   TimerID
	at   time.Time
}

// pair is a client and a server.
type pair struct {
	t              *rapid.T
	client, server *side
	asked          map[string]*side // who sent a request, by its ID
	lost           int              // ACKs
	timers         []due
	now            time.Time
}

func newPair(t *rapid.T) *pair {
	p := &pair{t: t, client: &side{name: "client"}, server: &side{name: "server"}, asked: map[string]*side{},
		now: time.Unix(1_000_000_000, 0)}
	p.client.d = NewClient(Call{Target: bob.URI, From: alice, To: bob, CallID: "c"}, p.local("from"), p.now)
	return p
}

func (p *pair) local(tag string) Local {
	return Local{Tag: tag, Contact: bob, Headers: signal.Headers{{Name: "Supported", Value: "100rel"}},
		Reliably: Reliably(rapid.IntRange(0, int(Demanded)).Draw(p.t, "reliably")), Moved: func(m Move) {
			if m.Illegal {
				p.t.Fatalf("illegal move %+v", m)
			}
		}}
}

func (p *pair) other(s *side) *side {
	if s == p.client {
		return p.server
	}
	return p.client
}

// perform does for one side what an edge and a leg would do.
func (p *pair) perform(s *side, effects []Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case Send:
			p.asked[e.Request.ID] = s
			if e.Request.Method == signal.ACK && p.lost < 5 && rapid.IntRange(0, 3).Draw(p.t, "ACK lost") == 0 {
				p.lost++
				continue
			}
			p.other(s).wire = append(p.other(s).wire, e.Request)
		case Respond:
			to := p.asked[e.Response.Request]
			to.wire = append(to.wire, e.Response)
		case Cancel:
			p.other(s).wire = append(p.other(s).wire, e) // the edge has it wait for the INVITE
		case StartTimer:
			p.timers = append(p.timers, due{s, e.ID, p.now.Add(e.After)})
		case Offered:
			s.offers = true
		case Accepted:
			s.owes = e.NeedsACK
		case Referred:
			if s.refer != "" {
				p.perform(s, must(s.d.RefuseRefer(e.ID, 603, "", p.now)))
			} else {
				s.refer = e.ID
			}
		case ReferAnswered:
			if e.Status == 202 {
				s.asks++
			}
		case ReferProgress:
			if e.Final {
				s.asks--
			}
		case Ended, Refused:
			s.over = true
		}
	}
}

// deliver takes the oldest message off the wire of one side.
func (p *pair) deliver(s *side) bool {
	if len(s.wire) == 0 {
		return false
	}
	m := s.wire[0]
	s.wire = s.wire[1:]
	switch m := m.(type) {
	case *signal.Request:
		if s.d == nil {
			s.d = NewServer(m, p.local("to"), p.now)
			return true
		}
		p.perform(s, s.d.Received(m, p.now))
	case *signal.Response:
		p.perform(s, s.d.Answered(m, p.now))
	case Cancel:
		p.perform(s, s.d.Cancelled(m.Reason, p.now))
	}
	return true
}

// fire lets time pass until the next timer.
func (p *pair) fire() bool {
	if len(p.timers) == 0 {
		return false
	}
	slices.SortStableFunc(p.timers, func(a, b due) int { return a.at.Compare(b.at) })
	next := p.timers[0]
	p.timers = p.timers[1:]
	p.now = next.at
	p.perform(next.side, next.side.d.TimerFired(next.id, p.now))
	return true
}

// act lets the leg of one side do something that its state allows.
func (p *pair) act(s *side) {
	var effects []Effect
	var err error
	sdp := []byte("v=0 " + s.name)
	switch {
	case s.d == nil:
		return
	case s.offers:
		s.offers = false
		if rapid.Bool().Draw(p.t, "refuse") {
			effects, err = s.d.RefuseOffer(488, "", p.now)
		} else {
			effects, err = s.d.AcceptOffer(sdp, p.now)
		}
	case s.owes:
		s.owes = false
		effects, err = s.d.Acknowledge(sdp, p.now)
	case s.d.unanswered() && s.d.server.progress == nil && rapid.Bool().Draw(p.t, "progress"):
		if !s.d.invited() && !s.d.MustOffer() {
			sdp = nil
		}
		effects, err = s.d.Progress(183, "", sdp, nil, p.now)
	case s.d.unanswered():
		effects, err = s.d.Accept(sdp, p.now)
	case s.refer != "":
		effects, err = s.d.AcceptRefer(s.refer, p.now)
		if err == nil {
			p.perform(s, effects)
			effects, err = s.d.ReportRefer(s.refer, 200, "", p.now)
		}
		s.refer = ""
	default:
		switch rapid.IntRange(0, 4).Draw(p.t, "wish") {
		case 0:
			effects, err = s.d.Reinvite(nil, p.now)
		case 1:
			effects, err = s.d.Info("text/plain", sdp, p.now)
		case 2:
			effects, err = s.d.Refer(bob.URI, nil, "", p.now)
		default:
			effects, err = s.d.Reinvite(sdp, p.now)
		}
	}
	if err == nil {
		p.perform(s, effects)
	}
}

// due reports whether the dialog waits for its leg.
func (s *side) due() bool {
	return s.offers || s.owes || s.refer != "" || s.d != nil && s.d.unanswered() && !s.d.server.accepting
}

// settle lets everything run out: messages first, then legs, then timers.
func (p *pair) settle() {
	for range 10000 {
		switch {
		case p.deliver(p.client), p.deliver(p.server):
		case p.client.due():
			p.act(p.client)
		case p.server.due():
			p.act(p.server)
		case p.fire():
		default:
			return
		}
	}
	p.t.Fatal("the two never come to rest")
}

// TestTwoDialogs lets two dialogs talk: whatever their legs do and whichever ACKs are lost, every
// SDP exchange comes to its end on both sides, and one hanging up ends both.
func TestTwoDialogs(t *testing.T) {
	manyChecks(t)
	calls := 0
	rapid.Check(t, func(t *rapid.T) {
		p := newPair(t)
		var sdp []byte
		if rapid.Bool().Draw(t, "offer") {
			sdp = []byte("v=0")
		}
		p.perform(p.client, must(p.client.d.Invite(sdp, p.now)))
		hangup := 40 // never
		if rapid.Bool().Draw(t, "hangup") {
			hangup = rapid.IntRange(0, 39).Draw(t, "hangup at")
		}
		for i := range 40 {
			s := p.client
			if rapid.Bool().Draw(t, "server") {
				s = p.server
			}
			switch {
			case i == hangup && s.d != nil:
				p.perform(s, s.d.Hangup(0, "", p.now))
			case rapid.IntRange(0, 2).Draw(t, "leg") == 0:
				p.act(s)
			default:
				p.deliver(s)
			}
		}
		p.settle()
		up := p.client.d.State() == Established && p.server.d.State() == Established
		if !up && hangup == 40 {
			t.Fatalf("nobody hung up, %d ACKs were lost, and the call is gone", p.lost)
		}
		if up {
			calls++
			for _, s := range []*side{p.client, p.server} {
				if s.asks != 0 || len(s.d.refers.ours)+len(s.d.refers.theirs) > 0 {
					t.Fatalf("%s: %d transfers never came to their end", s.name, s.asks)
				}
				if !s.d.settled() || s.d.exchange.waiting != nil {
					t.Fatalf("%s: exchange is %d, unacked %v", s.name, s.d.exchange.phase, s.d.unacked)
				}
			}
			p.perform(p.client, p.client.d.Hangup(0, "", p.now))
			p.settle()
		}
		if !p.client.over || p.server.d != nil && !p.server.over {
			t.Fatalf("client %s, server %v", p.client.d.State(), p.server.d)
		}
	})
	if calls == 0 {
		t.Error("no call was ever up: the test has lost its reach")
	}
}
