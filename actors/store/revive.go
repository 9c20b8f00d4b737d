package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// A copy among several is written by whoever leads a stream, whatever room its own disk has: checkSpace keeps this member
// from writing and not the others. At the first write that does not fit, its engine takes itself out of service. The others
// go on with the copies that they have, and when there is room again this one comes back, as after a start.
const (
	reviveEvery = time.Second
	reviveRoom  = 2 * minFree // so much must be free, or it would be out of service again at once
	// reviveRest is how long the engine has been out of service for sure: it ends its logs last.
	reviveRest = 5 * time.Second
	// maxReviveRest is how long it rests at most after a try that failed: each reads all files, and says why it failed.
	maxReviveRest = 10 * time.Minute
)

// outage is the time that the engine has been out of service, or has rested since it was tried last.
type outage struct {
	since time.Time // zero: it is in service
	rest  time.Duration
}

// due tells whether it is time for a try. The first time it only notes that the engine is out.
func (o *outage) due(now time.Time) bool {
	if o.since.IsZero() {
		o.since, o.rest = now, reviveRest
	}
	return now.Sub(o.since) >= o.rest
}

// tried notes a try that ended now. Another one comes later each time.
func (o *outage) tried(now time.Time) { o.since, o.rest = now, min(2*o.rest, maxReviveRest) }

// keepCopy brings the engine of this copy back whenever it has taken itself out of service.
func (s *Store) keepCopy(sec *Security) {
	t := time.NewTicker(reviveEvery)
	defer t.Stop()
	var out outage
	for {
		select {
		case <-t.C:
		case <-s.ctx.Done():
			return
		}
		switch {
		case s.engine.srv.JetStreamEnabled():
			out = outage{}
		case s.engine.srv.JetStreamConfig() != nil: // it is about to
		case !out.due(time.Now()):
		default:
			if free, err := freeSpace(s.dir); err == nil && free >= reviveRoom {
				s.revive(s.ctx, sec)
				out.tried(time.Now())
			}
		}
	}
}

// revive starts the engine of this copy again, with its files checked as at a start.
func (s *Store) revive(ctx context.Context, sec *Security) {
	s.log.Info("there is room again: this copy of the store comes back")
	err := s.verifyCopy(ctx, sec)
	if err == nil {
		err = s.engine.revive()
	}
	if err != nil {
		s.log.Error("this copy of the store does not come back", "err", err)
		return
	}
	s.renewWatches()
	s.pulse.hurry()
	s.log.Info("this copy of the store is back")
}

// revive puts the engine into service again with the options that it began with. After an error it is out of service as before.
func (e *engine) revive() error {
	o := e.options
	err := e.srv.EnableJetStream(&server.JetStreamConfig{StoreDir: o.StoreDir, SyncAlways: o.SyncAlways, Strict: true,
		MaxMemory: o.JetStreamMaxMemory, MaxStore: o.JetStreamMaxStore, CompressOK: true})
	if err == nil {
		return nil
	}
	// It calls itself in service from the first step on, and after a step that failed too. Shutting down keeps what it
	// agreed on with the others; disabling would delete that.
	return fmt.Errorf("store: %w", errors.Join(err, e.srv.ShutdownJetStream()))
}
