package session

import (
	"context"
	"time"

	"tandem/ximss"
)

// statFamily are the operations about statistics: what queues, agents and devices come to. Which of them an account may see
// the services say.
var statFamily = family{rows: map[string]run{
	"statOpen":    statOpen,
	"statPeek":    statPeek,
	"statSuspend": statSuspend(true),
	"statResume":  statSuspend(false),
	"statClose":   statClose,
	"statProfile": statProfile,
}, resumed: func(s *Session) {
	s.stats.busy = false
	if len(s.stats.open) > 0 || s.stats.names {
		s.do(RenewStats{})
		s.stats.waits = true
	}
	s.takeStats() // in any case: it is not woken again before it has taken what waits
}}

// statistics are those that a session has open.
type statistics struct {
	open  map[string]int64 // by id: of which moment the value is that the client was told last
	names bool             // it has asked for names
	waits bool             // there may be something to tell
	busy  bool             // the network has not taken what was told last
}

// StatStream is what a session is told of its statistics. It holds a bounded number of events, and no more than one
// overflow beyond them.
type StatStream interface {
	Wake() <-chan struct{}
	Next() []ximss.StatEvent
	// Follow begins to tell of a statistic that is open, or does so in another way. Its value is told first.
	Follow(id string, f ximss.StatFollowing) *ximss.Error
	Suspend(id string, suspended bool)
	Leave(id string)
	// HearNames begins to tell when requests may use other names.
	HearNames()
	// Renew forgets what waits, and tells all values as they are, and names to who hears of them.
	Renew()
	Close()
}

// The effects.
type (
	// FollowStat has the session told of a statistic; LeaveStat ends that.
	FollowStat struct {
		ID  string
		How ximss.StatFollowing
	}
	LeaveStat struct{ ID string }
	// SuspendStat has it told no more for a while, or again.
	SuspendStat struct {
		ID        string
		Suspended bool
	}
	// HearNames has it told when requests may use other names.
	HearNames struct{}
	// TakeStats asks for what there is to tell: StatsTold. RenewStats has all values be told as they are.
	TakeStats  struct{}
	RenewStats struct{}
)

// maxStatID is how long the name of a statistic may be.
const maxStatID = 64

func (s *Session) errStats() *ximss.Error {
	return ximss.Fail(ximss.NumLimit, "a session may have %d statistics open", s.limits.Stats)
}

// statOpen opens a statistic, tells its value, and from then on what its mode says. One that is open already is told in
// the new way.
func statOpen(s *Session, o *Operation) {
	q, how, err := ximss.ReadStatOpen(o.XML)
	if err == nil && len(s.stats.open) > s.limits.Stats { // one more may be open already
		err = s.errStats()
	}
	if err != nil {
		o.fail(err)
		return
	}
	aor := s.AOR
	s.serve(o, func(ctx context.Context, services Services) Result {
		v, err := services.Statistic(ctx, aor, q)
		return func(s *Session) {
			if err == nil {
				err = s.followStat(o, v, how)
			}
			o.end(err)
		}
	})
}

func (s *Session) followStat(o *Operation, v ximss.StatValue, how ximss.StatFollowing) *ximss.Error {
	if _, known := s.stats.open[v.ID]; !known && len(s.stats.open) >= s.limits.Stats {
		return s.errStats()
	}
	if s.stats.open == nil {
		s.stats.open = map[string]int64{}
	}
	s.stats.open[v.ID] = v.At
	o.answer(v.Message())
	s.do(FollowStat{v.ID, how})
	return nil
}

// statPeek tells what a statistic comes to, now or at another moment.
func statPeek(s *Session, o *Operation) {
	id := o.Attr("statistic")
	at, err := ximss.ReadStatMoment(o.XML)
	switch {
	case err != nil:
	case id == "":
		err = ximss.ErrMissing
	case len(id) > maxStatID:
		err = ximss.ErrStatistic
	}
	if err != nil {
		o.fail(err)
		return
	}
	aor := s.AOR
	s.serve(o, func(ctx context.Context, services Services) Result {
		v, err := services.StatPeek(ctx, aor, id, at)
		return func(*Session) {
			if err == nil {
				o.answer(v.Message())
			}
			o.end(err)
		}
	})
}

// statSuspend makes an operation that has a statistic told no more, or again: with its value as it is then.
func statSuspend(suspended bool) run {
	return func(s *Session, o *Operation) {
		if id, ok := s.ownStat(o); ok {
			s.do(SuspendStat{id, suspended})
			o.done()
		}
	}
}

// statClose ends it for this session; others may have it open still.
func statClose(s *Session, o *Operation) {
	if id, ok := s.ownStat(o); ok {
		delete(s.stats.open, id)
		s.do(LeaveStat{id})
		o.done()
	}
}

// ownStat is the statistic that an operation is about; one that the session has not opened is refused.
func (s *Session) ownStat(o *Operation) (id string, ok bool) {
	if id = o.Attr("statistic"); id == "" {
		o.fail(ximss.ErrMissing)
		return "", false
	}
	if _, ok = s.stats.open[id]; !ok {
		o.fail(ximss.ErrStatistic)
	}
	return id, ok
}

// statProfile tells the names that requests may use; from then on also when these change.
func statProfile(s *Session, o *Operation) {
	s.stats.names = true
	s.do(HearNames{}) // before they are read: no change falls between
	s.serve(o, func(_ context.Context, services Services) Result {
		names := services.StatNames()
		return func(s *Session) {
			o.answer(names.Message())
			o.done()
		}
	})
}

// StatsWait: there is something to tell of statistics.
func (s *Session) StatsWait(now time.Time) {
	s.now, s.stats.waits = now, true
	s.takeStats()
}

// StatsHeard: the network has taken what was told last.
func (s *Session) StatsHeard(now time.Time) {
	s.now, s.stats.busy = now, false
	s.takeStats()
}

// takeStats asks for what there is to tell, if the client can hear it. It waits where it is bounded, not on its way to a
// slow client: so what such a client is told is fresh.
func (s *Session) takeStats() {
	hears := s.line && !s.stats.busy || !s.line && s.polls.ask != 0
	if s.state == ended || !s.stats.waits || !hears {
		return
	}
	s.stats.waits, s.stats.busy = false, s.line
	s.do(TakeStats{})
}

// StatsTold is what there is to tell. What is older than what the client knows is left out.
func (s *Session) StatsTold(events []ximss.StatEvent, now time.Time) {
	s.now = now
	var documents []string
	for _, e := range events {
		told, open := s.stats.open[e.Value.ID]
		switch {
		case e.Kind == "overflow" || e.Kind == "names":
		case !open || e.Kind == "value" && e.Value.At < told:
			continue
		case e.Kind == "gone":
			delete(s.stats.open, e.Value.ID)
		default:
			s.stats.open[e.Value.ID] = max(told, e.Value.At)
		}
		if text, ok := s.text(e.Message()); ok {
			documents = append(documents, text)
		}
	}
	switch {
	case len(documents) == 0:
		s.stats.busy = false
	case s.line:
		s.do(Say{Documents: documents, Heard: true})
	default:
		s.tell(documents...)
	}
}

// StatFailed: a statistic can not be followed.
func (s *Session) StatFailed(id string, err *ximss.Error, now time.Time) {
	s.now = now
	delete(s.stats.open, id)
	s.say(ximss.StatFault(id, err))
}
