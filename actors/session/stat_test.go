package session

import (
	"fmt"
	"sync"
	"testing"

	"tandem/actors/acttest"
	"tandem/ximss"
)

// news is what there is to tell of one statistic: a bounded stream, as a hall has it.
type news struct {
	wake chan struct{}

	mu       sync.Mutex
	events   []ximss.StatEvent
	overflow bool
	closed   bool
	latest   ximss.StatValue
}

const mostNews = 10

func (n *news) Wake() <-chan struct{} { return n.wake }

func (n *news) Next() []ximss.StatEvent {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := n.events
	if n.events = nil; n.overflow {
		out = []ximss.StatEvent{{Kind: "overflow"}, {Kind: "value", Value: n.latest}}
	}
	n.overflow = false
	return out
}

func (n *news) tell(number int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.latest = ximss.StatValue{ID: "a", Number: float64(number), Valid: true, At: int64(100 + number), Age: -1}
	if n.events = append(n.events, ximss.StatEvent{Kind: "value", Value: n.latest}); len(n.events) > mostNews {
		n.events, n.overflow = nil, true
	}
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

func (n *news) Renew() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.events, n.overflow = []ximss.StatEvent{{Kind: "value", Value: n.latest}}, false
}

func (n *news) Close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
}

func (n *news) isClosed() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.closed
}

func (*news) Follow(string, ximss.StatFollowing) *ximss.Error { return nil }
func (*news) Suspend(string, bool)                            {}
func (*news) Leave(string)                                    {}
func (*news) HearNames()                                      {}

// stick has the network of a client stand still, or go on.
func (l *line) stick(is bool) {
	l.mu.Lock()
	l.stuck = is
	then := l.then
	if is {
		then = nil
	} else {
		l.then = nil
	}
	l.mu.Unlock()
	for _, f := range then {
		f()
	}
}

// TestSlowClientOfStatistics: it is told that it has missed some, and then the value as it is; nobody waits for it. A
// client that comes back is told the value as it is, and the end of the session closes what it has open.
func TestSlowClientOfStatistics(t *testing.T) {
	h := newHouses(t, 1)[0]
	open := func() (*line, ximss.Session, *news) {
		l := &line{}
		s := h.login(l)
		h.ask(s, `<statOpen id="1" object="Queue:q" statType="A"/>`)
		l.hears(t, "<statInfo", `id="1"`)
		return l, s, <-h.news
	}
	slow, session, slowNews := open()
	quick, _, quickNews := open()
	slow.stick(true)
	const many = 200
	for i := range many {
		slowNews.tell(i)
		quickNews.tell(i)
		quick.hears(t, "<statInfo", fmt.Sprintf(`value="%d"`, i))
	}
	slow.mu.Lock()
	said := len(slow.said)
	slow.mu.Unlock()
	if said > 2*mostNews {
		t.Errorf("%d messages wait on the way to the slow client", said)
	}
	slow.stick(false)
	slow.hears(t, "<statError", "changes were missed")
	slow.hears(t, "<statInfo", fmt.Sprintf(`value="%d"`, many-1))

	random := session.Greeting().Attr("random")
	session.Leave(slow, "broken")
	again := &line{}
	back, err := h.resume(session, random, again)
	if err != nil {
		t.Fatal(err)
	}
	again.hears(t, `resumed="1"`)
	again.hears(t, "<statInfo", fmt.Sprintf(`value="%d"`, many-1))
	h.ask(back, `<bye id="2"/>`)
	acttest.Until(t, "its statistics are closed", slowNews.isClosed)
}
