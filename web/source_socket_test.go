package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tandem/conf"
)

// slowSources takes offers one by one, each when it is let go on, and of texts offered together three at most.
type slowSources struct {
	goes chan struct{}
	mu   sync.Mutex
	took []int // offers, as the number of their texts
	next uint64
}

func (*slowSources) Stand(context.Context, string) ([]Source, error) { return nil, nil }

func (*slowSources) Feeds(string, string) error { return nil }

func (s *slowSources) Offer(_ context.Context, o SourceOffer) (a SourceAnswer, err error) {
	if o.Step != "" {
		return SourceAnswer{Next: 1}, nil
	}
	<-s.goes
	s.mu.Lock()
	defer s.mu.Unlock()
	texts := append([][]byte{o.Text}, o.Behind...)
	s.took = append(s.took, len(texts))
	answer := func() SourceAnswer { s.next++; return SourceAnswer{Next: s.next, Taken: 1} }
	if string(texts[0]) == "bad" {
		return a, Invalid("it is bad")
	}
	a = answer()
	for _, text := range texts[1:min(3, len(texts))] {
		if string(text) == "bad" {
			break
		}
		a.Behind = append(a.Behind, answer())
	}
	return a, nil
}

// TestMessagesOfAnAdapter: what comes while lines are being taken is offered together; each message has its own answer, in
// order, and one that is refused takes no other with it.
func TestMessagesOfAnAdapter(t *testing.T) {
	h, o := newHouse(), settings()
	o.Adapter = conf.DefaultAdapters()
	x := &slowSources{goes: make(chan struct{}, 100)}
	s, err := New(o, Services{Accounts: houseAccounts{h}, Registrations: houseRegistrations{h}, Calls: h, Tasks: h, Sessions: h, Queues: houseQueues{},
		Agents: houseAgents{}, Recordings: houseRecordings{}, Health: h, Settings: h, Stored: &houseStored{}, Sockets: h, Authenticator: h, Sources: x})
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	d := websocket.Dialer{Subprotocols: []string{"tandem-source"}, HandshakeTimeout: patience}
	c, _, err := d.Dial(strings.TrimSuffix(sipURL(s), "/sip")+"/api/v1/stat/sources/pbx", http.Header{"Authorization": {"Bearer secret"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetReadDeadline(time.Now().Add(patience))
	for i := range 9 {
		text := fmt.Sprint("line ", i)
		if i == 5 {
			text = "bad"
		}
		if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	c.SetPongHandler(func(string) error { // it has read all: they wait behind the first one
		for range 9 {
			x.goes <- struct{}{}
		}
		return nil
	})
	if err := c.WriteControl(websocket.PingMessage, nil, time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	var answers []string
	for range 10 { // the first says which line is wanted
		var a struct {
			Next  uint64
			Error *struct{ Message string }
		}
		if err := c.ReadJSON(&a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, fmt.Sprint(a.Next))
		if a.Error != nil {
			answers[len(answers)-1] = a.Error.Message
		}
	}
	if want := []string{"1", "1", "2", "3", "4", "5", "it is bad", "6", "7", "8"}; !slices.Equal(answers, want) {
		t.Errorf("answered %q", answers)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if !slices.ContainsFunc(x.took, func(n int) bool { return n > 1 }) {
		t.Errorf("offered are %v texts at once, though all of them waited", x.took)
	}
}

// TestTogether: no more is offered at once than one message may have.
func TestTogether(t *testing.T) {
	text := make([]byte, sourceTogether/4)
	all := [][]byte{text, text, text, text, text}
	if got := len(together(text, all)); got != 3 {
		t.Errorf("%d behind the first", got)
	}
	if got := len(together(make([]byte, sourceTogether), all)); got != 0 {
		t.Errorf("%d behind one that is as large as may be", got)
	}
}
