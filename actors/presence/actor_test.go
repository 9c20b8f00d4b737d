package presence

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/acttest"
	"tandem/actors/acttest/company"
	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/notify"
	"tandem/signal"
	"tandem/sip/pidf"
)

const alice, bob = "1000@t.local", "1001@t.local"

// lab is some members whose presence is real; probes are their sessions and their edge.
type lab struct {
	*testing.T
	members  []*cluster.Member
	floors   []*Floor
	sessions []*acttest.Probes
	edge     *acttest.Probe
	ends     []func()

	mu     sync.Mutex
	roster []*msg.PresenceItem // of alice
	open   bool
}

func newLab(t *testing.T, n int) *lab {
	t.Helper()
	l := &lab{T: t}
	for i := range n {
		sessions, edges := acttest.NewProbes(), acttest.NewProbes()
		m := cluster.New(cluster.Options{Name: string(rune('a' + i)), Key: []byte("key"), Mailbox: 1000,
			Log: slog.New(slog.DiscardHandler), Kinds: []cluster.Kind{{Name: "session", Make: sessions.Make},
				{Name: "edge", Make: edges.Make}, {Name: "presence", Idle: time.Minute}}})
		end := sync.OnceFunc(m.Stop)
		t.Cleanup(end)
		f := &Floor{Way: notify.Way{Member: m, Edge: func(signal.Flow, string) *actor.PID { return l.edge.PID }},
			Log: slog.New(slog.DiscardHandler), Roster: l.rosterOf, Contacts: func(signal.AOR) []signal.Contact { return nil },
			Open: func() bool { l.mu.Lock(); defer l.mu.Unlock(); return l.open }}
		m.Introduce("presence", f.Make)
		if i == 0 {
			if _, err := m.Spawn("edge", &msg.SignalCancel{}); err != nil {
				t.Fatal(err)
			}
			l.edge = edges.Next(t)
		}
		l.members, l.floors, l.sessions = append(l.members, m), append(l.floors, f), append(l.sessions, sessions)
		l.ends = append(l.ends, end)
	}
	if n > 1 {
		company.Meet(t, l.members...)
	}
	return l
}

func (l *lab) rosterOf(aor signal.AOR) []*msg.PresenceItem {
	l.mu.Lock()
	defer l.mu.Unlock()
	if aor != alice {
		return nil
	}
	return l.roster
}

// change changes alice's roster, or the setting; every member hears of it.
func (l *lab) change(f func()) {
	l.mu.Lock()
	f()
	l.mu.Unlock()
	for _, floor := range l.floors {
		floor.RosterChanged(alice)
		floor.RulesChanged()
	}
}

// session is a session on a member.
func (l *lab) session(i int) *acttest.Probe {
	l.Helper()
	if _, err := l.members[i].Spawn("session", &msg.SessionStart{}); err != nil {
		l.Fatal(err)
	}
	return l.sessions[i].Next(l)
}

func (l *lab) tell(i int, aor string, m any) {
	l.Helper()
	acttest.Until(l, "the name has an owner", func() bool { return l.members[i].Tell("presence", aor, m) == nil })
}

// sees waits until a session is told how alice stands.
func (l *lab) sees(what string, s *acttest.Probe, state string, standing msg.PresenceStanding) {
	l.Helper()
	m := acttest.Await[*msg.PresenceChanged](l, s)
	if m.Account != alice || m.State != state || m.Standing != standing {
		l.Errorf("%s: the session is told %v, want %s, %s", what, m, state, standing)
	}
}

// Sessions on several members say how alice stands, and one of another account watches, wherever her name is owned.
func TestSessionsOnSeveralMembers(t *testing.T) {
	l := newLab(t, 2)
	one, other, watcher := l.session(0), l.session(1), l.session(1)
	l.tell(0, alice, &msg.PresenceSet{Source: one.PID, State: "online", Attend: true})
	if m := acttest.Await[*msg.PresenceRosterItems](t, one); !m.Whole || len(m.Items) != 0 {
		t.Errorf("the roster is %v", m)
	}
	l.tell(1, alice, &msg.PresenceWatch{Watcher: watcher.PID, Account: bob})
	l.sees("not in the roster", watcher, "offline", msg.PresenceStanding_PRESENCE_PENDING)
	if m := acttest.Await[*msg.PresenceAsked](t, one); m.Account != bob {
		t.Errorf("%v asks", m)
	}
	l.change(func() { l.roster = []*msg.PresenceItem{{Peer: bob, Name: "Bob", Sees: true, Wanted: true}} })
	if m := acttest.Await[*msg.PresenceRosterItems](t, one); m.Whole || len(m.Items) != 1 || m.Items[0].Name != "Bob" || m.Items[0].Agreed {
		t.Errorf("new in the roster is %v", m)
	}
	l.sees("agreed", watcher, "online", msg.PresenceStanding_PRESENCE_ACTIVE)
	l.tell(1, alice, &msg.PresenceSet{Source: other.PID, State: "busy"})
	l.sees("a second device", watcher, "busy", msg.PresenceStanding_PRESENCE_ACTIVE)
	other.Stop(t)
	l.sees("its end", watcher, "online", msg.PresenceStanding_PRESENCE_ACTIVE)
	found, err := l.members[1].Ask(t.Context(), "presence", alice, &msg.PresenceFind{}, 5*time.Second)
	if f, ok := found.(*msg.PresenceFound); err != nil || !ok || f.State != "online" || f.Sources != 1 {
		t.Errorf("asked, it says %v, %v", found, err)
	}
	l.tell(0, alice, &msg.PresenceRefuse{Account: bob})
	l.sees("refused", watcher, "offline", msg.PresenceStanding_PRESENCE_REFUSED)
}

// The setting acts on those that watch already.
func TestSettingActsAtOnce(t *testing.T) {
	l := newLab(t, 1)
	watcher := l.session(0)
	l.tell(0, alice, &msg.PresenceWatch{Watcher: watcher.PID, Account: bob})
	l.sees("by roster", watcher, "offline", msg.PresenceStanding_PRESENCE_PENDING)
	l.change(func() { l.open = true })
	l.sees("by domain", watcher, "offline", msg.PresenceStanding_PRESENCE_ACTIVE)
	l.change(func() { l.open = false })
	l.sees("by roster again", watcher, "offline", msg.PresenceStanding_PRESENCE_PENDING)
	l.tell(0, alice, &msg.PresenceUnwatch{Watcher: watcher.PID})
	acttest.Until(t, "it may be put away", func() bool {
		l.members[0].PutAway(time.Now().Add(time.Hour))
		return l.members[0].Alive("presence") == 0
	})
}

// A phone publishes and watches itself; when the name is given up it is told to come again.
func TestPhoneIsToldToComeAgain(t *testing.T) {
	l := newLab(t, 1)
	ask := func(method signal.Method, id, body string) {
		party := signal.Party{URI: signal.URI{Scheme: "sip", User: "1000", Host: "t.local"}}
		r := &signal.Request{ID: id, Method: method, URI: party.URI, From: party.WithTag("theirs"), To: party, CallID: id, CSeq: 1,
			Contacts: []signal.Party{party}, Headers: signal.Headers{{Name: "Event", Value: "presence"}},
			Origin: signal.Origin{Account: alice, Flow: signal.Flow{Transport: "UDP"}}, ContentType: pidf.Type, Body: []byte(body)}
		l.tell(0, alice, &msg.SignalRequest{Request: msg.FromRequest(r), Edge: l.edge.PID})
		if got := acttest.Await[*msg.SignalRespond](t, l.edge).Response; got.Request != id || got.Status != 200 {
			t.Errorf("%s got %v", id, got)
		}
	}
	ask(signal.PUBLISH, "p", pidf.Document{Presence: signal.PresenceBusy}.String())
	ask(signal.SUBSCRIBE, "s", "")
	first := acttest.Await[*msg.SignalSend](t, l.edge)
	if d, err := pidf.Read(first.Request.Body); err != nil || d.Presence != signal.PresenceBusy {
		t.Errorf("the first NOTIFY says %+v, %v", d, err)
	}
	l.edge.Do(t, func(ctx actor.Context) { ctx.Poison(first.Owner) })
	last := acttest.Await[*msg.SignalSend](t, l.edge).Request.Signal()
	if got := last.Headers.Get("Subscription-State"); got != "terminated;reason=deactivated" {
		t.Errorf("the last NOTIFY says %s", got)
	}
	acttest.Until(t, "it is gone", func() bool { return l.members[0].Alive("presence") == 0 })
	ask(signal.SUBSCRIBE, "again", "")
	if d, err := pidf.Read(acttest.Await[*msg.SignalSend](t, l.edge).Request.Body); err != nil || d.Presence != signal.PresenceOffline {
		t.Errorf("the next one says %+v, %v", d, err)
	}
}

// What a session said is withdrawn when its member is lost.
func TestSessionIsLostWithItsMember(t *testing.T) {
	l := newLab(t, 2)
	l.open = true
	owner := -1
	acttest.Until(t, "the name has an owner", func() bool {
		name, ok := l.members[0].Owner("presence", alice)
		if ok {
			owner = int(name[0] - 'a')
		}
		return ok
	})
	watcher, other := l.session(owner), l.session(1-owner)
	l.tell(owner, alice, &msg.PresenceWatch{Watcher: watcher.PID, Account: bob})
	l.sees("nobody", watcher, "offline", msg.PresenceStanding_PRESENCE_ACTIVE)
	l.tell(1-owner, alice, &msg.PresenceSet{Source: other.PID, State: "away"})
	l.sees("a session elsewhere", watcher, "away", msg.PresenceStanding_PRESENCE_ACTIVE)
	l.ends[1-owner]()
	l.sees("it is lost", watcher, "offline", msg.PresenceStanding_PRESENCE_ACTIVE)
}
