package stat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/actors/msg"
	"tandem/actors/stat/reader"
	"tandem/actors/store"
)

// waiting and others are what the stories ask for.
var (
	waiting  = Request{Object: "Queue:Q", Type: "CurrentCallsWaiting"}
	answered = Request{Object: "Queue:Q", Type: "Total_Calls_Answered"}
	ready    = Request{Object: "Agent:ann", Type: "CurrentReadyAgents"}
	talked   = Request{Object: "Agent:ann", Category: "TotalTime", Subject: "AgentStatus", Main: "CallInbound"}
	oldest   = Request{Object: "Queue:Q", Type: "CurrentOldestWaiting"}
)

// TestAnyMember: three members give the same values of the same moment, while calls run.
func TestAnyMember(t *testing.T) {
	h := newHamlet(t, "a", "b", "c")
	for i, r := range []Request{waiting, answered, ready, talked, oldest} {
		h.open(string("abc"[i%3]), r)
	}
	h.agent("ann", "ready", "")
	for i := range 20 {
		caller := fmt.Sprint("c", i)
		h.queue(caller, msg.QueueFact_ENTERED, 0, "")
		h.pass(1500 * time.Millisecond)
		if i%3 == 0 {
			h.queue(caller, msg.QueueFact_OFFERED, uint64(i+1), "ann")
			h.agent("ann", "talking", caller)
			h.queue(caller, msg.QueueFact_JOINED, uint64(i+1), "ann")
			h.pass(4 * time.Second)
			h.queue(caller, msg.QueueFact_COMPLETED_BY_AGENT, uint64(i+1), "ann")
			h.agent("ann", "ready", "")
		}
		a := strings.Join(h.values("a"), "\n")
		if b, c := strings.Join(h.values("b"), "\n"), strings.Join(h.values("c"), "\n"); a != b || a != c {
			t.Fatalf("%d:\n%s\n%s\n%s", i, a, b, c)
		}
	}
	for r, want := range map[Request]float64{waiting: 13, answered: 7, ready: 1, talked: 28} {
		if v := h.open("b", r); v.Number != want || !v.Valid || v.Member != "a" {
			t.Errorf("%+v is %+v, want %g", r, v, want)
		}
	}
}

// TestRefusals: what can not be meant is refused with what is wrong in it.
func TestRefusals(t *testing.T) {
	h := newHamlet(t, "a")
	for want, r := range map[string]Request{
		"object":       {Object: "sales", Type: "CurrentCallsWaiting"},
		"stat type":    {Object: "Queue:Q", Type: "Nothing"},
		"category":     {Object: "Queue:Q", Category: "Sum", Main: "CallWait"},
		"subject":      {Object: "Queue:Q", Category: "TotalTime", Subject: "Colour", Main: "CallWait"},
		"main mask":    {Object: "Queue:Q", Category: "TotalTime", Main: "~CallWait"},
		"relative":     {Object: "Queue:Q", Category: "RelativeNumberPercentage", Main: "CallWait"},
		"time profile": {Object: "Queue:Q", Type: "CurrentCallsWaiting", Profile: "Tuesdays"},
		"zone":         {Object: "Queue:Q", Type: "CurrentCallsWaiting", Zone: "Nowhere/Land"},
		"time range":   {Object: "Queue:Q", Type: "CurrentCallsWaiting", Range: "20-0"},
		"filter":       {Object: "Queue:Q", Type: "CurrentCallsWaiting", Filter: "Colour = 3"},
	} {
		_, err := h.halls["a"].Open(t.Context(), "", r)
		var refusal *Refusal
		if !errors.As(err, &refusal) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if n := len(h.facts); n != 0 {
		t.Errorf("%d facts were written", n)
	}
}

// TestMoments: a moment that is not to come soon is refused at once, by who is asked, by the owner and for a file; it does not
// move the world.
func TestMoments(t *testing.T) {
	h := newHamlet(t, "a", "b")
	v := h.open("b", waiting)
	for _, at := range []int64{-1, h.now + 3_000, math.MaxInt64 - 499, math.MaxInt64} {
		var refusal *Refusal
		if _, err := h.halls["b"].Peek(t.Context(), []string{v.ID}, at, false); !errors.As(err, &refusal) {
			t.Errorf("asked for %d: %v", at, err)
		}
		body := fmt.Appendf(nil, `{"ids":[%q],"at":%d}`, v.ID, at)
		if _, err := h.halls["a"].Answer(t.Context(), body); !errors.As(err, &refusal) {
			t.Errorf("the owner, asked for %d: %v", at, err)
		}
		if err := h.halls["b"].Export(t.Context(), at, io.Discard); !errors.As(err, &refusal) {
			t.Errorf("a file of %d: %v", at, err)
		}
	}
	h.queue("c1", msg.QueueFact_ENTERED, 0, "")
	h.values("a")
	if v = h.open("b", waiting); v.Number != 1 || v.At != h.now {
		t.Errorf("afterwards it is %+v", v)
	}
	if object := h.halls["b"].Object(v.ID); object != "Queue:Q" || h.halls["b"].Object("none") != "" {
		t.Errorf("its object is %q", object)
	}
}

// TestPredefined: each stat type that there is from the beginning can be opened over an object of its kind.
func TestPredefined(t *testing.T) {
	for name := range Predefined().Types {
		for _, object := range []string{"Queue:Q", "Agent:A", "GroupAgents:G"} {
			r, err := Predefined().Resolve(Request{Object: object, Type: name})
			if err != nil || len(r.id()) != idLength || r.Type != "" {
				t.Errorf("%s over %s: %+v, %v", name, object, r, err)
			}
		}
	}
}

// follow follows a statistic on a member, and gives what it is told until something is reached.
func (h *hamlet) follow(by string, f Following) (*Subscriber, func(what string, is func([]Event) bool)) {
	h.Helper()
	s := h.halls[by].Subscribe()
	if err := s.Follow(f); err != nil {
		h.Fatal(err)
	}
	var all []Event
	return s, func(what string, is func([]Event) bool) {
		h.Helper()
		h.until(what, func() bool { all = append(all, s.Next()...); return is(all) })
	}
}

func last(value float64) func([]Event) bool {
	return func(all []Event) bool {
		return len(all) > 0 && all[len(all)-1].Kind == Told && all[len(all)-1].Value.Number == value
	}
}

// TestFollowing: a change is told on another member, those that are too small are not, and a new owner goes on telling.
func TestFollowing(t *testing.T) {
	h := newHamlet(t, "a", "b")
	v := h.open("b", waiting)
	s, told := h.follow("b", Following{ID: v.ID, Insensitivity: 2})
	told("the first value", last(0))
	h.queue("c1", msg.QueueFact_ENTERED, 0, "")
	h.values("b")
	h.queue("c2", msg.QueueFact_ENTERED, 0, "")
	told("a change by two", last(2))
	s.Suspend(v.ID, true)
	for i := range 5 {
		h.queue(fmt.Sprint("d", i), msg.QueueFact_ENTERED, 0, "")
	}
	h.until("it is known here", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.follows[v.ID].latest.Number == 7 })
	s.Suspend(v.ID, false)
	told("the value after the pause", last(7))
	s.Leave(v.ID)
	s.Close()
	if n := len(h.halls["b"].board.by); n != 0 {
		t.Errorf("%d are followed still", n)
	}
}

// TestSlowSubscriber: it is told that it has missed some, and then the value as it is; nobody else waits for it.
func TestSlowSubscriber(t *testing.T) {
	h := newHamlet(t, "a")
	v := h.open("a", waiting)
	slow, _ := h.follow("a", Following{ID: v.ID})
	_, told := h.follow("a", Following{ID: v.ID})
	for i := range maxPending + 10 {
		h.halls["a"].board.take(tidings{Values: []Value{{ID: v.ID, Number: float64(i), Whole: true, Valid: true, At: begun + int64(i)}}})
	}
	told("all of it", last(maxPending+9))
	events := slow.Next()
	if len(events) < 2 || events[0].Kind != Overflow || events[len(events)-1].Value.Number != maxPending+9 {
		t.Errorf("the slow one is told %+v", events)
	}
}

func TestModes(t *testing.T) {
	h := newHamlet(t, "a")
	v := h.open("a", waiting)
	s, told := h.follow("a", Following{ID: v.ID, Mode: TimeBased, Frequency: 10})
	h.until("it is known", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.follows[v.ID].has })
	s.tick(begun + 1)
	told("the first one", last(0))
	h.queue("c1", msg.QueueFact_ENTERED, 0, "")
	h.until("it has changed", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.follows[v.ID].latest.Number == 1 })
	s.tick(begun + 9_999)
	if e := s.Next(); len(e) != 0 {
		t.Errorf("too early: %+v", e)
	}
	s.tick(begun + 10_000)
	told("at its time", last(1))
	for _, f := range []Following{{ID: v.ID, Mode: "Sometimes"}, {ID: v.ID, Mode: TimeBased}, {ID: v.ID, Insensitivity: -1}, {ID: "none"}} {
		if err := s.Follow(f); err == nil {
			t.Errorf("%+v was taken", f)
		}
	}
	q, final := h.follow("a", Following{ID: v.ID, Mode: ResetBased})
	q.take(Value{ID: v.ID, Number: 5, Valid: true}, false)
	q.take(Value{ID: v.ID, Number: 6, Valid: true}, true)
	final("the last before the reset", func(all []Event) bool { return len(all) == 1 && all[0].Kind == Final })
}

// TestFinalsWait: the last value before a reset is told to a member that could not be reached meanwhile. Where that asks no more
// it is lost, and counted.
func TestFinalsWait(t *testing.T) {
	h := newHamlet(t, "a", "b")
	v, a := h.open("a", waiting), h.halls["a"]
	h.values("b")
	_, told := h.follow("b", Following{ID: v.ID, Mode: ResetBased})
	h.until("the owner knows who follows it", func() (is bool) {
		a.alone(func() { is = a.watchers["b"] != nil })
		return is
	})
	away := func(member string) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.away = member
	}
	away("b")
	a.alone(func() { a.reset(v.ID, Value{ID: v.ID, Number: 7, Valid: true}) })
	h.queue("c1", msg.QueueFact_ENTERED, 0, "")
	h.until("it could not be told", func() (is bool) {
		a.alone(func() { is = a.watchers["b"] != nil && a.watchers["b"].missed })
		return is
	})
	away("")
	told("the value before the reset", func(all []Event) bool {
		return slices.ContainsFunc(all, func(e Event) bool { return e.Kind == Final && e.Value.Number == 7 })
	})
	away("b")
	a.alone(func() { a.reset(v.ID, Value{ID: v.ID, Number: 8, Valid: true}) })
	h.stop("b")
	h.pass(2 * watchLasts)
	h.queue("c2", msg.QueueFact_ENTERED, 0, "")
	h.until("what is lost is counted", func() (is bool) {
		a.alone(func() { is = a.untold == 1 })
		return is
	})
}

// TestDropped: what nobody asks for is dropped after its time, and not before.
func TestDropped(t *testing.T) {
	h := newHamlet(t, "a", "b")
	v := h.open("b", waiting)
	a := h.halls["a"]
	h.pass(2 * 24 * time.Hour)
	if _, err := h.halls["b"].Peek(t.Context(), []string{v.ID}, 0, false); err != nil {
		t.Fatal(err)
	}
	h.values("a")
	h.pass(DefaultKeep - time.Hour)
	a.dropOld(t.Context())
	h.values("a")
	if !a.knows(v.ID) {
		t.Fatal("it was dropped too early")
	}
	h.pass(2 * DefaultKeep)
	a.dropOld(context.Background())
	h.until("it is dropped", func() bool { return !a.knows(v.ID) && !h.halls["b"].knows(v.ID) })
	if again := h.open("b", waiting); again.ID != v.ID || again.Complete != h.now {
		t.Errorf("it begins anew: %+v", again)
	}
}

// TestFollowedIsKept: who follows a statistic asks for it, so that it is there still when its owner dies and nobody has told
// the next one yet that it is followed.
func TestFollowedIsKept(t *testing.T) {
	h := newHamlet(t, "a", "b")
	v := h.open("b", waiting)
	_, told := h.follow("b", Following{ID: v.ID})
	told("the first value", last(0))
	h.pass(30 * 24 * time.Hour)
	h.until("it is noted that somebody asks for it", func() bool {
		all, _ := h.halls["b"].List(Search{Limit: 1})
		return len(all) == 1 && all[0].Asked == h.time().UnixMilli()
	})
}

// TestFollowingAgain: a member that begins again and follows what it has followed before is told the values anew.
func TestFollowingAgain(t *testing.T) {
	h := newHamlet(t, "a", "b")
	v := h.open("b", waiting)
	for range 2 {
		_, told := h.follow("b", Following{ID: v.ID})
		told("the value", last(0))
		h.stop("b")
		h.start("b")
		h.values("b")
	}
}

// TestNamesChange: who follows statistics is told once that there are other names, however often they change before he looks,
// and also when he has missed values.
func TestNamesChange(t *testing.T) {
	h := newHamlet(t, "a")
	v := h.open("a", waiting)
	s, told := h.follow("a", Following{ID: v.ID})
	told("the first value", last(0))
	for range maxPending + 10 {
		h.halls["a"].Rename()
		s.mu.Lock()
		s.tell(Event{Told, v})
		s.mu.Unlock()
	}
	events := s.Next()
	if n := len(events); n != 3 || events[0].Kind != Overflow || events[1].Kind != Told || events[2].Kind != Renamed {
		t.Errorf("told are %+v", events)
	}
	if events := s.Next(); len(events) != 0 {
		t.Errorf("told again are %+v", events)
	}
	names := func() bool {
		s.Renew()
		return slices.ContainsFunc(s.Next(), func(e Event) bool { return e.Kind == Renamed })
	}
	if names() {
		t.Error("who has never asked for names is told of them")
	}
	if s.HearNames(); !names() {
		t.Error("who may have missed that there are other names is not told")
	}
}

// TestSubscribers: as many may follow statistics as there is room for, however many hear of names alone; who is closed makes
// room.
func TestSubscribers(t *testing.T) {
	h := newHamlet(t, "a")
	v, a := h.open("a", waiting), h.halls["a"]
	var follow []*Subscriber
	for range maxSubscribers {
		a.Subscribe().HearNames()
		follow = append(follow, a.Subscribe())
	}
	for _, s := range follow {
		if err := s.Follow(Following{ID: v.ID, Mode: NoNotification}); err != nil {
			t.Fatal(err)
		}
	}
	late := a.Subscribe()
	if err := late.Follow(Following{ID: v.ID}); !errors.Is(err, ErrFull) {
		t.Errorf("one more: %v", err)
	}
	follow[0].Close()
	if err := late.Follow(Following{ID: v.ID}); err != nil {
		t.Errorf("one more, when there is room: %v", err)
	}
}

// TestList: what is open is searched where it is; the best of a large pool are found by any order, and all are counted.
func TestList(t *testing.T) {
	h := newHamlet(t, "a")
	for i := range 30 {
		h.open("a", Request{Object: fmt.Sprintf("Queue:q%d", i%3), Category: "TotalNumber", Main: "CallEntered", Profile: fmt.Sprintf("Sliding %d,1", 1000+i)})
	}
	a := h.halls["a"]
	all, n := a.List(Search{Limit: 100})
	if n != 30 || len(all) != 30 || !slices.IsSortedFunc(all, func(x, y Listed) int { return strings.Compare(x.ID, y.ID) }) {
		t.Fatalf("%d of %d, in order of ids", len(all), n)
	}
	if some, n := a.List(Search{After: all[9].ID, Limit: 5}); n != 30 || len(some) != 5 || some[0].ID != all[10].ID || some[4].ID != all[14].ID {
		t.Errorf("behind one: %d of %d", len(some), n)
	}
	if some, n := a.List(Search{Object: "Queue:q1", Limit: 3}); n != 10 || len(some) != 3 {
		t.Errorf("of an object: %d of %d", len(some), n)
	}
	wanted := func(l *Listed) bool { return strings.HasSuffix(l.Request.Profile, "5,1") }
	newest := func(x, y *Listed) int { return strings.Compare(y.Request.Profile, x.Request.Profile) }
	some, n := a.List(Search{Wanted: wanted, Order: newest, Limit: 2})
	if n != 3 || len(some) != 2 || some[0].Request.Profile != "Sliding 1025,1" || some[1].Request.Profile != "Sliding 1015,1" {
		t.Errorf("wanted: %d of %d: %+v", len(some), n, some)
	}
	if err := a.Drop(context.Background(), all[0].ID); err != nil {
		t.Fatal(err)
	}
	if some, n := a.List(Search{Limit: 1}); n != 29 || some[0].ID != all[1].ID {
		t.Errorf("after a drop: %d, %+v", n, some)
	}
}

// TestRegistrationsRunOut: one member says that a registration has run out, once, and not where it was renewed meanwhile.
func TestRegistrationsRunOut(t *testing.T) {
	h := newHamlet(t, "a", "b")
	register := func(account string, after time.Duration) {
		body := fmt.Appendf(nil, `{"Bindings":[{"Expires":%q}]}`, h.time().Add(after).UTC().Format(time.RFC3339Nano))
		if err := h.Append(store.Fact{Kind: reader.RegisteredKind, Subject: account, At: h.time(), Body: body}, nil); err != nil {
			t.Fatal(err)
		}
	}
	status := func(device string) func() string {
		v := h.open("b", Request{Object: "RegDN:" + device, Category: "CurrentState", Subject: "DNStatus", Main: "*"})
		return func() string {
			values, err := h.halls["b"].Peek(context.Background(), []string{v.ID}, 0, false)
			if err != nil || values[0].State == nil {
				t.Fatalf("%v %+v", err, values)
			}
			return values[0].State.Status
		}
	}
	register("1002@t.local", time.Minute)
	register("1003@t.local", time.Minute)
	h.values("a")
	gone, stays, never := status("1002"), status("1003"), status("1004")
	h.pass(30 * time.Second)
	register("1003@t.local", time.Hour)
	if a, b, c := gone(), stays(), never(); a != "OnHook" || b != "OnHook" || c != "NotMonitored" {
		t.Errorf("registered are %s %s, and never %s", a, b, c)
	}
	h.pass(31 * time.Second)
	h.until("it has run out", func() bool { return gone() == "NotMonitored" })
	if s := stays(); s != "OnHook" {
		t.Errorf("the one that was renewed is %s", s)
	}
	n := 0
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range h.facts {
		if f.Kind == reader.ExpiredKind {
			n++
		}
	}
	if n != 1 {
		t.Errorf("it is said %d times", n)
	}
}
