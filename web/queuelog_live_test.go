package web

import (
	"context"
	"sync/atomic"
	"testing"
	"time"
)

// sighted are servers of which only a master sees the queue care.
type sighted struct{ servers }

func (x sighted) Live(ctx context.Context, q LiveQuery) (LiveView, error) {
	v, err := x.servers.Live(ctx, q)
	if q.By.Master {
		v.Queues = append(v.Queues, LiveQueue{Name: "care"})
	}
	return v, err
}

// Two who ask the same question at the same time are told what each of them may see, whoever comes first.
func TestALiveStreamShowsWhatItsAskerSees(t *testing.T) {
	s := inTownListening(t, newTown())
	s.services.LiveLogs = sighted{serversAt(s.now)}
	for _, order := range [][]string{{"admin", "leader"}, {"leader", "admin"}} {
		var open []*listener
		for _, account := range order {
			l := listenTo(t, s, as(t, s, account), "/api/v1/queuelog/live/events?source=cluster:A")
			open = append(open, l)
			m, ok := l.change()
			if care := m.Parts["queue care"] != nil; !ok || care != (account == "admin") {
				t.Errorf("%v: %s sees care: %t (%t)", order, account, care, ok)
			}
		}
		for _, l := range open {
			_ = l.body.Close()
		}
	}
}

// demoted are people of whom the administrator becomes a supervisor.
type demoted struct {
	people
	now *atomic.Bool
}

func (d demoted) Identity(account string) (Identity, bool) {
	who, ok := d.people.Identity(account)
	if d.now.Load() {
		who.Roles = []string{roleSupervisor}
	}
	return who, ok
}

// A stream shows what could be seen when it began: it ends when the right of whoever follows it is another, so that he asks
// again.
func TestAStreamEndsWhenARightIsTaken(t *testing.T) {
	s := inTown(t, newTown())
	now := &atomic.Bool{}
	s.services.LiveLogs, s.services.Logins, s.beatEvery = serversAt(s.now), demoted{now: now}, 20*time.Millisecond
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Stop(t.Context()) }()
	for _, path := range []string{"/api/v1/queuelog/live/events?source=cluster:A", "/events?topics=members"} {
		now.Store(false)
		l := listenTo(t, s, as(t, s, "admin"), path)
		if _, ok := l.change(); !ok {
			t.Fatalf("%s: ended", path)
		}
		now.Store(true)
		for _, ok := l.change(); ok; _, ok = l.change() {
		}
		if l.lines.Err() != nil {
			t.Errorf("%s did not end: %v", path, l.lines.Err())
		}
	}
}
