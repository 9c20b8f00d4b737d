package cluster

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

// perWay is how many pairs talk from phones at one member to phones at another, or the same: with three members nine
// times as many in all.
const perWay = 11

// pair is two phones that talk to each other.
type pair struct {
	out, in      *lab.Call
	caller, home int // numbers of the members with which the phones are: of who calls, and of who is called
	media        *lab.Member
	sent, got    [2]int // RTP of both sides at the last look: caller's, callee's
}

// load is pairs in all ways between the members, and the phones that they are calls of.
type load struct {
	all     []*lab.Member
	callers []*lab.Phone
	callees []*lab.Phone
	pairs   []*pair

	mu      sync.Mutex
	arrived map[string]*lab.Call // calls that came in, by the name of who called
}

// caller and callee are the accounts of the phones with a member.
func caller(i int) string { return fmt.Sprint(1004 + i) }
func callee(i int) string { return fmt.Sprint(1001 + i) }

// talk opens phones at each member and lets all call all.
func talk(t *testing.T, all []*lab.Member) *load {
	t.Helper()
	l := &load{all: all, arrived: map[string]*lab.Call{}}
	for i, m := range all {
		from, to := m.Phone(t, caller(i)), m.Phone(t, callee(i))
		from.Deaf, to.Deaf = true, true
		to.Register(3600)
		l.callers, l.callees = append(l.callers, from), append(l.callees, to)
		go l.answer(t, to)
	}
	began := time.Now()
	var calling sync.WaitGroup
	pairs := make([][]*pair, len(all))
	for i := range all {
		calling.Go(func() {
			for n := range perWay {
				for j := range all {
					if t.Failed() {
						return // one failure says it all
					}
					if p := l.call(t, i, j, n); p != nil {
						pairs[i] = append(pairs[i], p)
					}
				}
			}
		})
	}
	calling.Wait()
	for _, p := range pairs {
		l.pairs = append(l.pairs, p...)
	}
	if want := perWay * len(all) * len(all); len(l.pairs) != want {
		t.Fatalf("%d pairs talk, not %d", len(l.pairs), want)
	}
	t.Logf("%d pairs talk after %v", len(l.pairs), since(began))
	lab.Wait(t, settle, "all hear each other", func() bool {
		for _, p := range l.pairs {
			if p.out.Traffic().Received < 50 || p.in.Traffic().Received < 50 {
				return false
			}
		}
		return true
	})
	return l
}

// answer takes all calls of a phone until the test is over.
func (l *load) answer(t *testing.T, p *lab.Phone) {
	for {
		select {
		case c := <-p.Incoming():
			l.mu.Lock() // before the answer: its caller looks for the call as soon as that is there
			l.arrived[c.From[:max(0, strings.Index(c.From, " <"))]] = c
			l.mu.Unlock()
			c.Answer()
		case <-t.Context().Done():
			return
		}
	}
}

// call makes one pair.
func (l *load) call(t *testing.T, i, j, n int) *pair {
	from := l.callers[i]
	from.Display = fmt.Sprintf("pair %d %d %d", i, j, n)
	began := time.Now()
	var out *lab.Call
	for out = from.Call(callee(j)); out.Status == 480 && time.Since(began) < soon; { // its registration is under way to us
		out = from.Call(callee(j))
	}
	l.mu.Lock()
	in := l.arrived[fmt.Sprintf("%q", from.Display)]
	l.mu.Unlock()
	if out.Status != 200 || in == nil {
		t.Errorf("%s got %d %s", from.Display, out.Status, out.Reason)
		for _, m := range l.all {
			for _, r := range m.Registrations() {
				if strings.HasPrefix(r.AOR, callee(j)) {
					t.Logf("%s knows %+v", m.Name, r)
				}
			}
		}
		return nil
	}
	return &pair{out: out, in: in, caller: i, home: j, media: lives(l.all, out)}
}

// note notes the packets that have been sent and heard so far.
func (p *pair) note() {
	out, in := p.out.Traffic(), p.in.Traffic()
	p.sent, p.got = [2]int{out.Sent, in.Sent}, [2]int{out.Received, in.Received}
}

// underway is how many packets may be on their way between two looks: 100 ms of audio.
const underway = 5

// lost is how many packets have not come since the last look, of both sides.
func (p *pair) lost() int {
	out, in := p.out.Traffic(), p.in.Traffic()
	forth := (out.Sent - p.sent[0]) - (in.Received - p.got[1])
	back := (in.Sent - p.sent[1]) - (out.Received - p.got[0])
	lost := out.Missing + in.Missing
	for _, n := range []int{forth, back} {
		if n > underway {
			lost += n
		}
	}
	return lost
}

// touches tells whether a call needs a member to go on.
func (l *load) touches(p *pair, m *lab.Member) bool {
	return l.all[p.caller] == m || l.all[p.home] == m || p.media == m
}

func ended(c *lab.Call) bool {
	select {
	case <-c.Ended():
		return true
	default:
		return false
	}
}

func (p *pair) String() string {
	return fmt.Sprintf("from member %d to member %d with media on %s", p.caller+1, p.home+1, p.media.Name)
}
