package queue

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// A new owner to whom all callers come at once does not tell them their positions at once.
func TestAnnouncementsKeepTheirPhase(t *testing.T) {
	s := Default()
	s.Announce.Every = 30 * time.Second
	began := time.Unix(1e9, 0)
	q := New("sales", 2, s, rand.NewPCG(1, 2), nil)
	const callers = 500
	took := began.Add(10 * time.Minute)
	for i := range callers {
		came := began.Add(time.Duration(i) * 610 * time.Millisecond)
		q.Rejoin(Arrival{Join: Join{Caller: CallerID(fmt.Sprint(i))}, Since: came, Place: Place{Rank: Rank{At: came.UnixNano()}}}, took)
	}
	q.Gathered(took)
	told, most := 0, 0
	for at := q.Next(); !at.IsZero() && at.Before(took.Add(25*time.Second)); at = q.Next() {
		n := 0
		for _, e := range q.Elapsed(at) {
			if p, ok := e.(Play); ok && p.What == SoundPosition {
				n++
			}
		}
		told, most = told+n, max(most, n)
	}
	if told < callers-1 || most > callers/25 {
		t.Errorf("%d of %d callers were told, up to %d together", told, callers, most)
	}
}
