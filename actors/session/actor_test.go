package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/acttest/company"
	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/signal"
	"tandem/ximss"
	"tandem/ximss/object"
)

// line is a client's connection that keeps what it is told.
type line struct {
	mu     sync.Mutex
	said   []string
	closed string
	unsaid []string // what it gives back
	stuck  bool     // the network takes nothing
	then   []func()
}

func (l *line) Say(documents ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, documents...)
}

func (l *line) Close(reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = reason
}

func (l *line) Unsaid() []string { return l.unsaid }

// Then calls at once, or keeps it while the network of the client stands still.
func (l *line) Then(f func()) {
	l.mu.Lock()
	if l.stuck {
		l.then = append(l.then, f)
		l.mu.Unlock()
		return
	}
	l.mu.Unlock()
	f()
}

// hears waits until a document was said that has all these parts, and forgets it with those before.
func (l *line) hears(t *testing.T, parts ...string) (document string) {
	t.Helper()
	acttest.Until(t, "the client hears "+strings.Join(parts, " "), func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		i := slices.IndexFunc(l.said, func(d string) bool {
			return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(d, p) })
		})
		if i < 0 {
			return false
		}
		document, l.said = l.said[i], l.said[i+1:]
		return true
	})
	return document
}

func (l *line) isClosed(t *testing.T, reason string) {
	t.Helper()
	acttest.Until(t, "the connection is closed: "+reason, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return strings.Contains(l.closed, reason)
	})
}

// accounts let everybody in.
type accounts struct {
	mu  sync.Mutex
	old []string // calls of EndOld
}

func (*accounts) Domain(netip.Addr, string) (string, error) { return "t.local", nil }
func (*accounts) Verify(context.Context, string, string, string) (string, bool, error) {
	return "", false, nil
}
func (*accounts) Password(context.Context, string, string) (string, []byte, bool, error) {
	return "", nil, false, nil
}
func (*accounts) RealName(signal.AOR) string { return "Ann" }
func (a *accounts) EndOld(_ context.Context, aor signal.AOR, address netip.Addr, but string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.old = append(a.old, fmt.Sprint(aor, " ", address, " ", but != ""))
}

// house is a member whose sessions are real; meetings and agents are probes.
type house struct {
	*testing.T
	member   *cluster.Member
	door     *Ingress
	table    *Table
	accounts accounts
	meetings *acttest.Probes
	agents   *acttest.Probes
	board    *Board
	limits   Limits
	end      func()
	waiting  atomic.Int64 // in each queue
	news     chan *news   // of statistics, of each session that opens one
}

// queueIn tells how a queue of the house stands.
func queueIn(h *house) func(context.Context, string) (QueueView, bool) {
	return func(_ context.Context, name string) (QueueView, bool) {
		n := int(h.waiting.Load())
		return QueueView{Queue: name, Waiting: n, Ready: 1}, n >= 0
	}
}

func newHouses(t *testing.T, n int) []*house {
	t.Helper()
	var houses []*house
	var members []*cluster.Member
	for i := range n {
		h := &house{T: t, table: NewTable(), meetings: acttest.NewProbes(), agents: acttest.NewProbes(), limits: DefaultLimits,
			news: make(chan *news, 10)}
		h.member = cluster.New(cluster.Options{Name: fmt.Sprint("m", i+1), Key: []byte("key"), Mailbox: 1000,
			Log: slog.New(slog.DiscardHandler), Kinds: []cluster.Kind{{Name: "session", Limit: 3}, {Name: "connection"},
				{Name: "meeting", Make: h.meetings.Make, Idle: time.Minute},
				{Name: "agent", Make: h.agents.Make, Idle: time.Minute, Announced: true}}})
		h.board = NewBoard(queueIn(h))
		h.end = sync.OnceFunc(h.member.Stop)
		t.Cleanup(func() {
			h.end()
			for _, kind := range h.member.Snapshot() {
				if kind.Crashed > 0 {
					t.Errorf("%d of kind %s panicked", kind.Crashed, kind.Kind)
				}
			}
		})
		floor := &Floor{Member: h.member, Services: fake{agent: &AgentView{Agent: "1000", State: "ready", Next: "ready"}},
			Table: h.table, Key: []byte("url"), Alone: n == 1, Known: func(signal.AOR) bool { return true },
			Limits: func() Limits { return h.limits }, Workers: make(chan struct{}, 2), Board: h.board,
			Stats: func() StatStream {
				n := &news{wake: make(chan struct{}, 1)}
				h.news <- n
				return n
			},
			AgentOf: func(signal.AOR) string { return "1000" }, Log: slog.New(slog.DiscardHandler)}
		h.member.Introduce("session", floor.Make)
		h.member.Introduce("connection", floor.MakeConnection)
		h.door = NewIngress(floor, &h.accounts, "1.0")
		houses, members = append(houses, h), append(members, h.member)
	}
	if n > 1 {
		company.Meet(t, members...)
	}
	return houses
}

var here = netip.MustParseAddrPort("10.0.0.1:5000")

// login opens a session of a client; nil: one over HTTP.
func (h *house) login(l *line) ximss.Session {
	h.Helper()
	login := ximss.Login{AOR: "1000@t.local", RequestID: "l", Binding: ximss.HTTP, Remote: here}
	if l != nil {
		login.Binding, login.Line = ximss.TCP, l
	}
	s, err := h.door.Open(h.Context(), login)
	if err != nil {
		h.Fatal(err)
	}
	return s
}

func (h *house) resume(s ximss.Session, random string, l *line) (ximss.Session, error) {
	return h.door.Resume(h.Context(), s.URLID(), random, ximss.Login{RequestID: "r", Binding: ximss.WebSocket, Line: l, Remote: here})
}

func element(t *testing.T, text string) *object.XML {
	t.Helper()
	x, err := object.ParseXML(text)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// ask hands over requests of a connection.
func (h *house) ask(s ximss.Session, texts ...string) {
	h.Helper()
	for _, text := range texts {
		if err := s.Take(h.Context(), element(h.T, text)); err != nil {
			h.Fatal(err)
		}
	}
}

func TestClientLogsInAsksAndGoes(t *testing.T) {
	h := newHouses(t, 1)[0]
	l := &line{}
	s := h.login(l)
	l.hears(t, "<session ", `urlID="`+s.URLID()+`"`, `userName="1000@t.local"`, `realName="Ann"`, `id="l"`)
	l.hears(t, `<response id="l"/>`)
	if greeting, _ := s.Greeting().Markup(); !strings.Contains(greeting, s.URLID()) {
		t.Errorf("the binding would greet with %s", greeting)
	}
	h.ask(s, `<setClientName id="1" name="page"/>`, `<cliExecute id="2">LIST</cliExecute>`)
	l.hears(t, `<response id="1"/>`)
	l.hears(t, "<cliResult", `id="2"`)
	l.hears(t, `<response id="2"/>`)
	rows := h.table.Rows()
	if len(rows) != 1 || rows[0].Client != "page" || rows[0].State != "attached" || rows[0].Account != "1000@t.local" {
		t.Errorf("lists show %v", rows)
	}
	h.ask(s, `<bye id="3"/>`)
	l.hears(t, `<response id="3"/>`)
	l.isClosed(t, "bye")
	acttest.Until(t, "nobody lives", func() bool {
		return len(h.table.Rows()) == 0 && h.member.Alive("session") == 0 && h.member.Alive("connection") == 0
	})
	if err := s.Take(t.Context(), element(t, `<noop id="4"/>`)); !errors.Is(err, ximss.ErrGone) {
		t.Errorf("the session takes a request after its end: %v", err)
	}
	if _, err := h.resume(s, "x", &line{}); !errors.Is(err, ximss.ErrGone) {
		t.Errorf("it is resumed after its end: %v", err)
	}
}

func TestSessionIsResumedByWhoHasTheProof(t *testing.T) {
	h := newHouses(t, 1)[0]
	first, second := &line{unsaid: []string{"<torn/>"}}, &line{}
	s := h.login(first)
	random := s.Greeting().Attr("random")
	if _, err := h.resume(s, "wrong", second); err == nil || err.Error() != ximss.ErrCredentials.Error() {
		t.Errorf("a wrong proof: %v", err)
	}
	s.Leave(first, "broken")
	acttest.Until(t, "it waits", func() bool { return h.table.Rows()[0].State == "detached" })
	acttest.Until(t, "its connection is no more", func() bool { return h.member.Alive("connection") == 0 })
	pid, _ := h.member.Parse(h.table.Rows()[0].Session)
	h.member.Send(pid, &msg.TaskEvent{Name: "missed"})
	again, err := h.resume(s, random, second)
	if err != nil {
		t.Fatal(err)
	}
	second.hears(t, `resumed="1"`, `id="r"`)
	second.hears(t, `<response id="r"/>`)
	second.hears(t, `<torn/>`)
	second.hears(t, `<taskEvent eventName="missed"/>`)

	third := &line{}
	if _, err := h.resume(s, random, third); err != nil {
		t.Fatal(err)
	}
	second.hears(t, "<bye/>")
	second.isClosed(t, "taken over")
	h.ask(again, `<noop id="late"/>`)
	h.member.Send(pid, &msg.SessionEnd{Reason: "killed"})
	third.hears(t, "<bye/>")
	third.isClosed(t, "killed")
	acttest.Until(t, "nobody lives", func() bool { return h.member.Alive("session")+h.member.Alive("connection") == 0 })
	for _, d := range third.said {
		t.Errorf("the last one hears %s too", d)
	}
}

func TestClientOverHTTP(t *testing.T) {
	h := newHouses(t, 1)[0]
	opened := h.login(nil)
	s, err := h.door.Find(t.Context(), opened.URLID(), here.Addr())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time the client has not heard the answer
		got, err := s.Sync(t.Context(), 1, []*object.XML{element(t, `<cliExecute id="1">LIST</cliExecute>`), element(t, `<noop id="2"/>`)}, false)
		if err != nil || len(got) != 3 {
			t.Errorf("answers are %v, %v", got, err)
		}
	}
	if err := s.Async(t.Context(), 2, []*object.XML{element(t, `<noop id="3"/>`)}); err != nil {
		t.Fatal(err)
	}
	for acked, want := range []string{`<response id="3"/>`, ""} {
		b, err := s.Poll(t.Context(), uint64(acked), time.Millisecond)
		if err != nil || strings.Join(b.Messages, "") != want {
			t.Errorf("a poll brings %v, %v", b, err)
		}
	}
	held := make(chan ximss.Batch)
	go func() {
		b, _ := s.Poll(context.Background(), 1, time.Minute)
		held <- b
	}()
	pid, _ := h.member.Parse(h.table.Rows()[0].Session)
	h.member.Send(pid, &msg.TaskEvent{Name: "now"})
	if b := <-held; len(b.Messages) == 1 && b.Messages[0] != `<taskEvent eventName="now"/>` {
		t.Errorf("the poll that was held brings %v", b)
	}
	stranger, err := h.door.Find(t.Context(), opened.URLID(), netip.MustParseAddr("10.0.0.2"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stranger.Sync(t.Context(), 0, nil, false); !errors.Is(err, ximss.ErrGone) {
		t.Errorf("from another address: %v", err)
	}
	if _, err := stranger.Poll(t.Context(), 0, time.Minute); !errors.Is(err, ximss.ErrGone) {
		t.Errorf("a poll from another address: %v", err)
	}
	if got, err := s.Sync(t.Context(), 3, []*object.XML{element(t, `<bye id="4"/>`)}, false); err != nil || len(got) != 1 {
		t.Errorf("goodbye is answered by %v, %v", got, err)
	}
	acttest.Until(t, "it is gone", func() bool {
		_, err := s.Sync(t.Context(), 4, nil, false)
		return errors.Is(err, ximss.ErrGone)
	})
	if _, err := h.door.Find(t.Context(), opened.URLID()+"A", here.Addr()); !errors.Is(err, ximss.ErrGone) {
		t.Errorf("a name that was made up: %v", err)
	}
}

// TestGoodbyeOverHTTP: its answer comes to the poll after it, and then there is no session.
func TestGoodbyeOverHTTP(t *testing.T) {
	h := newHouses(t, 1)[0]
	s, err := h.door.Find(t.Context(), h.login(nil).URLID(), here.Addr())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Async(t.Context(), 1, []*object.XML{element(t, `<bye id="1"/>`)}); err != nil {
		t.Fatal(err)
	}
	b, err := s.Poll(t.Context(), 0, time.Minute)
	if err != nil || strings.Join(b.Messages, "") != `<response id="1"/>` {
		t.Errorf("the next poll brings %v, %v", b, err)
	}
	if _, err := s.Poll(t.Context(), b.Seq, time.Minute); !errors.Is(err, ximss.ErrGone) {
		t.Errorf("and the one after it: %v", err)
	}
}

func TestMeetingsAreAsked(t *testing.T) {
	h := newHouses(t, 1)[0]
	l := &line{}
	s := h.login(l)
	h.ask(s, `<taskActivateMeeting id="1" meetingSet="s" meetingName="m"/>`)
	keeper := h.meetings.Next(t)
	asked := acttest.Await[*msg.MeetingAsk](t, keeper)
	if h.member.Handler(asked.Asker) != h.table.Rows()[0].Session || asked.What != "activate" {
		t.Errorf("the keeper is asked %v", asked)
	}
	h.member.Send(asked.Asker, &msg.MeetingAnswer{Operation: asked.Operation})
	l.hears(t, `<response id="1"/>`)
}

func TestSessionsHaveALimit(t *testing.T) {
	h := newHouses(t, 1)[0]
	for range 3 {
		h.login(&line{})
	}
	l := &line{}
	_, err := h.door.Open(t.Context(), ximss.Login{AOR: "1000@t.local", Line: l})
	var refused *ximss.Error
	if !errors.As(err, &refused) || refused.Num != ximss.NumLimit {
		t.Errorf("one too many: %v", err)
	}
	acttest.Until(t, "no connection is left of it", func() bool { return h.member.Alive("connection") == 3 })
	if l.closed != "" {
		t.Errorf("its line is closed: %s", l.closed)
	}
}

// One account can not take all sessions from the others.
func TestAccountHasALimitOfSessions(t *testing.T) {
	h := newHouses(t, 1)[0]
	h.limits.Account = 1
	first := h.login(nil)
	acttest.Until(t, "it is in the lists", func() bool { return h.table.Of("1000@t.local") == 1 })
	again := ximss.Login{AOR: "1000@t.local", Binding: ximss.HTTP, Remote: here}
	var refused *ximss.Error
	if _, err := h.door.Open(t.Context(), again); !errors.As(err, &refused) || refused.Num != ximss.NumLimit {
		t.Errorf("a second session: %v", err)
	}
	other := again
	other.AOR = "1001@t.local"
	if _, err := h.door.Open(t.Context(), other); err != nil {
		t.Error("another account:", err)
	}
	if _, err := first.Sync(t.Context(), 1, []*object.XML{element(t, `<bye id="1"/>`)}, false); err != nil {
		t.Fatal(err)
	}
	acttest.Until(t, "the first has ended", func() bool { return h.table.Of("1000@t.local") == 0 })
	if _, err := h.door.Open(t.Context(), again); err != nil {
		t.Error("after it has ended:", err)
	}
}

func TestSilentClientIsLetGo(t *testing.T) {
	h := newHouses(t, 1)[0]
	h.limits.Idle = 20 * time.Millisecond
	l := &line{}
	h.login(l)
	l.hears(t, "<bye/>")
	l.isClosed(t, "idle")
	h.limits.Resume = 20 * time.Millisecond
	h.login(nil)
	acttest.Until(t, "the silent one over HTTP is gone", func() bool { return h.member.Alive("session") == 0 })
}

func TestConnectionAndSessionOnTwoMembers(t *testing.T) {
	houses := newHouses(t, 2)
	a, b := houses[0], houses[1]
	first, second := &line{}, &line{}
	s := a.login(first)
	random := s.Greeting().Attr("random")
	s.Leave(first, "broken")
	there, err := b.resume(s, random, second)
	if err != nil {
		t.Fatal(err)
	}
	second.hears(t, `resumed="1"`)
	b.ask(there, `<cliExecute id="1">LIST</cliExecute>`)
	second.hears(t, `<response id="1"/>`)
	if _, err := b.resume(s, "wrong", &line{}); err == nil || err.Error() != ximss.ErrCredentials.Error() {
		t.Errorf("a wrong proof there: %v", err)
	}
	web, err := b.door.Find(t.Context(), s.URLID(), here.Addr())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := web.Sync(t.Context(), 1, []*object.XML{element(t, `<noop id="2"/>`)}, false); err != nil || len(got) != 1 {
		t.Errorf("over HTTP, there: %v, %v", got, err)
	}
	// The session is gone, which the other member does not know until it asks.
	dead := a.login(&line{})
	a.ask(dead, `<bye id="x"/>`)
	acttest.Until(t, "it is gone", func() bool { return a.member.Alive("session") == 1 })
	if _, err := b.resume(dead, "r", &line{}); !errors.Is(err, ximss.ErrGone) {
		t.Errorf("a session that has ended is resumed there: %v", err)
	}
	if web, err = b.door.Find(t.Context(), dead.URLID(), here.Addr()); err == nil {
		_, err = web.Sync(t.Context(), 1, nil, false)
	}
	if !errors.Is(err, ximss.ErrGone) {
		t.Errorf("a session that has ended is asked there: %v", err)
	}
	// The member of the session ends: its clients elsewhere are let go.
	a.end()
	second.isClosed(t, "")
	acttest.Until(t, "its connection is closed", func() bool { return b.member.Alive("connection") == 0 })
}

func TestMemberOfTheConnectionDies(t *testing.T) {
	houses := newHouses(t, 2)
	a, b := houses[0], houses[1]
	first, second := &line{}, &line{}
	s := a.login(first)
	random := s.Greeting().Attr("random")
	if _, err := b.resume(s, random, second); err != nil {
		t.Fatal(err)
	}
	first.isClosed(t, "taken over")
	b.end()
	acttest.Until(t, "the session waits for its client", func() bool { return a.table.Rows()[0].State == "detached" })
	third := &line{}
	if _, err := a.resume(s, random, third); err != nil {
		t.Fatal(err)
	}
	third.hears(t, `resumed="1"`)
}

func TestOlderSessionsAreEnded(t *testing.T) {
	h := newHouses(t, 1)[0]
	if _, err := h.door.Open(t.Context(), ximss.Login{AOR: "1000@t.local", Remote: here, KillOld: true}); err != nil {
		t.Fatal(err)
	}
	if got := h.accounts.old; len(got) != 1 || got[0] != "1000@t.local 10.0.0.1 true" {
		t.Errorf("it was asked for %q", got)
	}
}

// A session that watches an agent hears of him from his actor, and of a queue from the Board of its member; two sessions
// hear the same.
func TestAgentsAndQueuesAreWatched(t *testing.T) {
	h := newHouses(t, 1)[0]
	first, second := &line{}, &line{}
	s := h.login(first)
	first.hears(t, "<session ", `agent="1000"`)
	h.ask(s, `<agentSubscribe id="1"/>`, `<queueSubscribe id="2" queue="sales"/>`)
	first.hears(t, "<agentState", `state="ready"`, `id="1"`)
	first.hears(t, "<queueState", `waiting="1"`, `id="2"`)
	agent := h.agents.Next(t)
	watch := acttest.Await[*msg.AgentWatch](t, agent)
	other := h.login(second)
	h.ask(other, `<agentSubscribe id="1"/>`)
	also := acttest.Await[*msg.AgentWatch](t, agent)
	for also.Watcher.Equal(watch.Watcher) { // it may be said more than once
		also = acttest.Await[*msg.AgentWatch](t, agent)
	}
	for _, w := range []*msg.AgentWatch{watch, also} {
		h.member.Send(w.Watcher, &msg.AgentChanged{Agent: "1000", State: "talking", Next: "paused", Reason: "lunch", Queue: "sales",
			Number: "0301", Since: time.Now().UnixNano(), Queues: []*msg.AgentMembership{{Queue: "sales"}},
			Day: &msg.AgentDay{Begun: 1, Calls: 3, Talk: 90500}})
	}
	for _, l := range []*line{first, second} {
		l.hears(t, "<agentState", `state="talking"`, `next="paused"`, `reason="lunch"`, `number="0301"`, `talk="90"`, `<queue name="sales" on="1"/>`)
	}
	h.waiting.Store(7)
	first.hears(t, "<queueState", `waiting="7"`)
	h.waiting.Store(-1)
	first.hears(t, "<queueState", `waiting="7"`, `stale="1"`)
	h.ask(s, `<bye id="3"/>`)
	acttest.Until(t, "nobody watches the queue", func() bool {
		h.board.mu.Lock()
		defer h.board.mu.Unlock()
		return len(h.board.queues) == 0 && h.board.stop == nil
	})
}
