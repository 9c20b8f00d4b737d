package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// The pulse tells whether the store can be written from here. No state of the engine says so: a leader that
// others have left believes in itself for ten seconds more. A write says so that was acknowledged lately, by
// whomever of this member it was made; where nobody writes, the pulse does.
const (
	pulseEvery = time.Second // since the start of the last write that was acknowledged
	pulseWait  = time.Second // for an acknowledgement; what takes less, as a change of leaders in good order, is no loss
	pulseAgain = 250 * time.Millisecond

	// pulsePrefix begins the key of the pulse. No encoded key looks like it: there, two hex digits follow '='.
	pulsePrefix = "=pulse."
)

// pulse is whether writes succeed.
type pulse struct {
	write func(ctx context.Context) error // nil: nobody else can stand between this member and its store
	log   *slog.Logger
	again chan struct{} // try now; holds one token
	ended chan struct{} // closed when beat has returned

	mu       sync.Mutex
	good     time.Time // start of the last write that was acknowledged
	failure  error     // of the last attempt; nil: writes succeed
	watchers []*quorumWatch
}

type quorumWatch struct{ f func(ok bool) }

var errNoWrite = fmt.Errorf("%w: nothing was written yet", ErrUnavailable)

func newPulse(log *slog.Logger) *pulse {
	return &pulse{log: log, failure: errNoWrite, again: make(chan struct{}, 1), ended: make(chan struct{})}
}

// beat writes as long as life lasts, whenever nobody else has done so lately.
func (p *pulse) beat(life context.Context) {
	defer close(p.ended)
	for wait := pulseAgain; ; {
		select {
		case <-time.After(wait):
			if wait = p.due(); wait > 0 {
				continue
			}
		case <-p.again:
		case <-life.Done():
			return
		}
		start := time.Now()
		ctx, cancel := context.WithTimeout(life, pulseWait)
		err := p.write(ctx)
		cancel()
		if life.Err() == nil {
			p.wrote(start, err)
		}
		wait = pulseAgain
	}
}

// due is how long nothing need be written yet.
func (p *pulse) due() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failure != nil {
		return 0
	}
	return time.Until(p.good.Add(pulseEvery))
}

// wrote hears of an attempt to write: when it began and how it ended.
func (p *pulse) wrote(start time.Time, err error) {
	if err != nil && !errors.Is(err, ErrUnavailable) {
		return // a conflict, a limit, or somebody who would not wait: it says nothing
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil && (start.Before(p.good) || time.Since(start) < pulseWait) {
		return // a later one succeeded meanwhile, or its writer had no patience
	}
	if err == nil && start.After(p.good) {
		p.good = start
	}
	p.become(err)
}

// hurry has the next attempt made at once.
func (p *pulse) hurry() {
	select {
	case p.again <- struct{}{}:
	default:
	}
}

// become is the one place where the state changes. Lock held, so that watchers hear in order.
func (p *pulse) become(err error) {
	was := p.failure
	p.failure = err
	switch {
	case (was == nil) == (err == nil):
		return
	case err != nil:
		p.log.Warn("the store cannot be written from here", "err", err)
	default:
		p.log.Info("the store can be written from here")
	}
	for _, w := range p.watchers {
		w.f(err == nil)
	}
}

func (p *pulse) state() (good time.Time, failure error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.good, p.failure
}

func (p *pulse) watch(f func(bool)) (stop func()) {
	w := &quorumWatch{f}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watchers = append(p.watchers, w)
	f(p.failure == nil)
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.watchers = slices.DeleteFunc(p.watchers, func(o *quorumWatch) bool { return o == w })
	}
}

// Quorum tells whether the store can be written from here: the last attempt succeeded, at most about two
// seconds ago. It costs nothing. A member alone can always write, unless its engine has failed.
func (s *Store) Quorum() bool {
	if s.role == alone {
		return s.engine.ready() == nil
	}
	_, failure := s.pulse.state()
	return failure == nil
}

// Written is when the last write began, by this process's clock, that was acknowledged by all whom it needs.
// Whoever must be sure that others could not have gone on without this member counts from there. For a member
// alone it is always now.
func (s *Store) Written() time.Time {
	if s.role == alone {
		return time.Now()
	}
	good, _ := s.pulse.state()
	return good
}

// WatchQuorum calls f with what Quorum returns, at once and at each change, in order. f must hand on and
// return, and must not call WatchQuorum or stop. After stop has returned no new call begins. For a member
// alone nothing ever changes.
func (s *Store) WatchQuorum(f func(ok bool)) (stop func()) {
	if s.role == alone {
		f(s.Quorum())
		return func() {}
	}
	return s.pulse.watch(f)
}

// startPulse begins to write pulses, as long as the store is open.
func (s *Store) startPulse(member string) {
	if s.role == alone {
		return
	}
	subject := kvSubject(Leases) + pulsePrefix + member
	b := s.buckets[Leases]
	s.pulse.write = func(ctx context.Context) error {
		seq, err := s.engine.insist(ctx, &nats.Msg{Subject: subject}, rand.Text())
		if err != nil {
			return err
		}
		b.mark(seq)
		if b.copied.wait(ctx, seq) != nil {
			b.askAgain() // written, but the watch stands still
		}
		return nil
	}
	go s.pulse.beat(s.ctx)
}
