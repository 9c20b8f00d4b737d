package agent

import (
	"log/slog"
	"maps"
	"slices"
	"time"
)

// Agent is the pure machine of one agent. Its methods are the events; each returns what is to be done for it, in a
// slice that is good until the next event.
type Agent struct {
	name     string
	epoch    uint64
	settings Settings
	log      *slog.Logger

	unsure    map[string]bool // queues that have not said whether they hold him
	sure      time.Time       // when that does not matter any more
	gathering bool            // he still hears what he is held for, and is not ready before
	state     State
	since     time.Time
	because   string    // of the state
	now       time.Time // of the event
	record    Record
	turn      uint64              // counts what was told to anybody
	told      map[string]*telling // what each queue was told last
	heard     map[string]uint64   // the highest epoch of each queue's owner
	offer     *offer              // that he has
	next      *wish               // for after the call

	devices map[string]string    // that are there: their interfaces
	outside map[string]time.Time // calls outside queues, by leg

	bids     []Bid // while he chooses
	awaited  map[string]bool
	choosing time.Time // until when; zero: he does not choose
	wrapped  time.Time // when his wrap-up is over
	doubted  time.Time // when he asks what has become of his offer
	untold   time.Time // when a queue that could not be told how he stands is told again

	kept     bool // the record has changed
	shown    View
	revision int // how often what he is to his queues has changed
	faults   int // illegal transitions
	out      []Effect
}

// wish is what an agent has chosen for after his call.
type wish struct {
	state  State // Paused or LoggedOut
	reason string
	source string
}

// New makes an agent from what was kept of him. He gathers until Gathered is called. log may be nil.
func New(name string, epoch uint64, r Record, s Settings, log *slog.Logger, now time.Time) *Agent {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	a := &Agent{name: name, epoch: epoch, settings: s, log: log.With("kind", "agent", "id", name), gathering: true,
		record: r.clone(), now: now, since: now, told: map[string]*telling{}, heard: map[string]uint64{}, devices: map[string]string{},
		outside: map[string]time.Time{}, awaited: map[string]bool{}, unsure: map[string]bool{}}
	switch {
	case r.LoggedOn && r.Paused:
		a.state = Paused
	case r.LoggedOn:
		a.state = Ready
	}
	if r.LoggedOn {
		for _, m := range r.Queues {
			a.unsure[m.Queue] = true
		}
		a.sure = now.Add(sureAfter)
	}
	a.shown = a.View()
	return a
}

func (a *Agent) begin(now time.Time) {
	a.now = now
	a.out = a.out[:0]
}

func (a *Agent) emit(e Effect) { a.out = append(a.out, e) }

// end tells everybody what has changed.
func (a *Agent) end() []Effect {
	for i := range a.record.Queues {
		a.tell(&a.record.Queues[i])
	}
	if a.kept {
		a.kept = false
		a.emit(Keep{a.record.clone()})
	}
	if v := a.View(); v != a.shown {
		a.shown = v
		a.emit(Changed{v})
	}
	return a.out
}

// tell tells a queue how he stands, if that has changed for it.
func (a *Agent) tell(m *Membership) {
	last := a.told[m.Queue]
	if a.state == LoggedOut {
		if last != nil {
			delete(a.told, m.Queue)
			a.emit(Unstand{m.Queue, a.epoch})
		}
		return
	}
	s := a.standing(m)
	if last != nil && !last.again && last.same(&s) {
		return
	}
	a.turn++
	s.Turn = a.turn
	s.Asks = a.unsure[m.Queue]
	s.Choosing = s.Ready && !a.choosing.IsZero()
	a.told[m.Queue] = &telling{Stand: s}
	a.emit(s)
}

// telling is what a queue was told last.
type telling struct {
	Stand
	again bool // it is told again, with another turn, though nothing may have changed
}

// again has a queue told how he stands in any case.
func (a *Agent) again(queue string) {
	if t := a.told[queue]; t != nil {
		t.again = true
	}
}

// Untold: a queue could not be told how he stands, so it is tried again after a while, or with the next event. It may be
// called while the effects of an event are carried out.
func (a *Agent) Untold(queue string, now time.Time) {
	a.again(queue)
	if a.untold.IsZero() {
		a.untold = now.Add(tellAgain)
	}
}

// standing is how he stands for a queue.
func (a *Agent) standing(m *Membership) Stand {
	s := Stand{Queue: m.Queue, Epoch: a.epoch, Interface: a.record.Device, Devices: slices.Sorted(maps.Keys(a.devices)),
		Penalty: m.Penalty, Level: m.Level, Position: m.Position, Skills: a.settings.Skills, Ready: a.readyFor(m), Calls: m.Calls, LastCall: m.LastCall,
		LastOffer: m.LastOffer}
	s.Conditions = Conditions{Paused: a.state == Paused || m.Paused, InUse: a.state == Talking || a.busyFor(m),
		Ringing: a.state == Reserved || a.state == Ringing, Unavailable: len(a.devices) == 0 && !a.state.busy(),
		WrapUp: a.state == WrapUp}
	if a.offer != nil && a.offer.queue == m.Queue {
		s.Offer = a.offer.id
	}
	if a.settings.CountOutside {
		s.CallsAnywhere, s.LastCallAnywhere = a.record.Calls, a.record.LastCall
	}
	for i := range a.record.Queues {
		other := &a.record.Queues[i]
		s.CallsAnywhere += other.Calls
		if other.LastCall.After(s.LastCallAnywhere) {
			s.LastCallAnywhere = other.LastCall
		}
	}
	return s
}

// same tells whether two standings say the same. Skills are settings: see Set.
func (s *Stand) same(o *Stand) bool {
	return s.Interface == o.Interface && slices.Equal(s.Devices, o.Devices) && s.Penalty == o.Penalty &&
		s.Level == o.Level && s.Position == o.Position && s.Ready == o.Ready && s.Conditions == o.Conditions && s.Offer == o.Offer && s.Calls == o.Calls &&
		s.CallsAnywhere == o.CallsAnywhere && s.LastCall.Equal(o.LastCall) && s.LastCallAnywhere.Equal(o.LastCallAnywhere)
}

// readyFor tells whether a queue may ask to ring him.
func (a *Agent) readyFor(m *Membership) bool {
	return a.state == Ready && !a.gathering && len(a.unsure) == 0 && len(a.devices) > 0 && !m.Paused && !a.busyFor(m)
}

// busyFor tells whether other calls keep him from those of a queue.
func (a *Agent) busyFor(m *Membership) bool { return len(a.outside) > 0 && !m.RingInUse }

// sureOf notes that a queue has said whether it holds him. Before all have he is not ready.
func (a *Agent) sureOf(queue string) {
	delete(a.unsure, queue)
	if len(a.unsure) == 0 && !a.sure.IsZero() {
		a.sure = time.Time{}
		a.choose()
	}
}

// Gathered: he has heard all that he is held for.
func (a *Agent) Gathered(now time.Time) []Effect {
	a.begin(now)
	if !a.gathering {
		return nil
	}
	a.gathering = false
	a.choose()
	return a.end()
}

// View is how he stands.
func (a *Agent) View() View {
	v := View{State: a.state, Since: a.since, Because: a.because, Reachable: len(a.devices) > 0, Next: a.state,
		WrapUpUntil: a.wrapped, Outside: len(a.outside), Revision: a.revision}
	if a.state == Paused {
		v.Reason = a.record.Reason
	}
	if a.next != nil {
		v.Next, v.Reason = a.next.state, a.next.reason
	}
	if a.offer != nil {
		v.Queue, v.Caller = a.offer.queue, a.offer.caller
		v.Number, v.Name, v.CallerSince = a.offer.party.number, a.offer.party.name, a.offer.party.since
	}
	return v
}

// Idle tells that nothing would be lost with him but what is kept.
func (a *Agent) Idle() bool {
	return a.state == LoggedOut && len(a.devices) == 0 && len(a.outside) == 0
}

// Next is when Elapsed is to be called; zero: nothing is due.
func (a *Agent) Next() (next time.Time) {
	for _, t := range [...]time.Time{a.choosing, a.wrapped, a.doubted, a.sure, a.untold} {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	return next
}

// Elapsed does all that is due now.
func (a *Agent) Elapsed(now time.Time) []Effect {
	a.begin(now)
	due := func(t time.Time) bool { return !t.IsZero() && !t.After(now) }
	if due(a.choosing) {
		a.decide(true)
	}
	if due(a.sure) {
		clear(a.unsure)
		a.sureOf("")
	}
	if due(a.wrapped) {
		a.free("the wrap-up is over")
	}
	if due(a.doubted) {
		a.doubt()
	}
	if due(a.untold) {
		a.untold = time.Time{} // end tells
	}
	return a.end()
}
