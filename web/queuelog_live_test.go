package web

import (
	"context"
	"testing"
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
