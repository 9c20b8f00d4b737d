package setting

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"tandem/actors/store"
	"tandem/conf"
)

// Settings are the settings that the cluster keeps, as one member sees them.
type Settings struct {
	live   *conf.Live
	bucket *store.Bucket
	member string // its name
	log    *slog.Logger
	lives  func(member string) bool // nil: nobody knows

	wake    chan struct{} // something may have changed; holds one token
	quit    chan struct{}
	ended   chan struct{}
	cancels []func()
	once    sync.Once
	waits   map[string]string // values that wait for a restart, by key; of the goroutine that follows

	mu      sync.Mutex
	seen    uint64        // newest revision that was dealt with
	taken   uint64        // newest revision that acts, but for the values that are kept out
	trouble string        // why they are not the same
	moved   chan struct{} // closed when seen changes

	telling sync.Mutex
	told    []byte          // state that was last written
	warned  map[string]bool // what was logged as not taken
}

// Open lays what the store keeps over the member's own settings, also what needs a restart (conf.Live.Begin):
// nothing else may be open by them yet. Then it follows the store until Close.
func Open(live *conf.Live, bucket *store.Bucket, log *slog.Logger) (*Settings, error) {
	s := &Settings{live: live, bucket: bucket, member: live.Conf().Member.Name, log: log,
		wake: make(chan struct{}, 1), quit: make(chan struct{}), ended: make(chan struct{}), moved: make(chan struct{}),
		told: []byte("{}")}
	if e, ok := bucket.Get(stateOf + s.member); ok {
		s.told = e.Value
	}
	stop := bucket.Watch(func(e store.Entry) {
		if strings.HasPrefix(e.Key, kind) && !strings.HasPrefix(e.Key, stateOf) {
			s.nudge()
		}
	})
	if err := s.apply(live.Begin); err != nil {
		stop()
		return nil, err
	}
	s.cancels = []func(){stop, live.SubscribeFates(func([]conf.Fate) { s.tell() })}
	go s.follow()
	return s, nil
}

// Lives says who tells of a member whether it is there. Before the first Save.
func (s *Settings) Lives(lives func(member string) bool) { s.lives = lives }

// Close ends it. What is laid over the member's settings stays.
func (s *Settings) Close(context.Context) error {
	s.once.Do(func() {
		for _, cancel := range s.cancels {
			cancel()
		}
		close(s.quit)
	})
	<-s.ended
	return nil
}

func (s *Settings) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Taken is the newest revision of the cluster's settings that this member has taken, 0 if there are none.
// Members that have taken the same have the same one.
func (s *Settings) Taken() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}

func (s *Settings) follow() {
	defer close(s.ended)
	for {
		select {
		case <-s.wake:
			if err := s.apply(s.live.Overlay); err != nil {
				s.log.Error("settings of the cluster are not taken", "err", err)
			}
		case <-s.quit:
			return
		}
	}
}

// apply lays what the store keeps now over the member's settings.
func (s *Settings) apply(lay func([]conf.Over) (conf.Report, error)) error {
	all, newest := s.read()
	report, err := lay(s.mine(all))
	s.note(report)
	s.mu.Lock()
	s.seen, s.trouble = newest, ""
	if err != nil {
		s.trouble = err.Error()
	} else {
		s.taken = newest
	}
	close(s.moved)
	s.moved = make(chan struct{})
	s.mu.Unlock()
	s.tell()
	return err
}

// note logs changes; one that waits for a restart is reported each time, and logged once.
func (s *Settings) note(report conf.Report) {
	waits := map[string]string{}
	for _, c := range report {
		if c.Effect == conf.Restart {
			waits[c.Key] = c.New
			if old, known := s.waits[c.Key]; known && old == c.New {
				continue
			}
		}
		s.log.Info("setting changed", "key", c.Key, "old", c.Old, "new", c.New,
			"from", c.Origin.String(), "acts", c.Effect.String())
	}
	s.waits = waits
}

// read is all that the store keeps, with values that were taken back, and the newest revision among it.
func (s *Settings) read() (all []revision, newest uint64) {
	s.bucket.Range(kind, func(e store.Entry) bool {
		if strings.HasPrefix(e.Key, stateOf) {
			return true
		}
		newest = max(newest, e.Revision)
		r, err := read(e)
		if err != nil {
			s.log.Error("a setting in the store is not readable", "key", e.Key, "err", err)
			return true
		}
		all = append(all, r)
		return true
	})
	return all, newest
}

// mine are the values that concern this member.
func (s *Settings) mine(all []revision) (overs []conf.Over) {
	for _, r := range all {
		if r.set && (r.Member == "" || r.Member == s.member) {
			overs = append(overs, r.Over)
		}
	}
	return overs
}

// await waits until a revision was dealt with here.
func (s *Settings) await(ctx context.Context, revision uint64) error {
	for {
		s.mu.Lock()
		seen, moved := s.seen, s.moved
		s.mu.Unlock()
		if seen >= revision {
			return nil
		}
		select {
		case <-moved:
		case <-s.quit:
			return store.ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// state is what this member does not obey.
func (s *Settings) state() state {
	now := stateNow(s.live.Fates())
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Trouble = s.trouble; now.Trouble != "" {
		now.Taken = s.taken
	}
	return now
}

// tell writes into the store what this member does not obey, when that has changed, and logs what is new.
func (s *Settings) tell() {
	s.telling.Lock()
	defer s.telling.Unlock()
	now := s.state()
	warned := map[string]bool{}
	for _, f := range now.Fates {
		if f.State != conf.NotTaken.String() {
			continue
		}
		about := fmt.Sprint(f)
		if warned[about] = true; !s.warned[about] {
			s.log.Warn("a setting of the cluster is not taken", "key", f.Key, "revision", f.Revision, "why", f.Why)
		}
	}
	s.warned = warned
	text, err := json.Marshal(now)
	if err != nil || bytes.Equal(text, s.told) { // it always marshals: texts and numbers
		return
	}
	s.told = text
	if err := s.bucket.PutLater(stateOf+s.member, text); err != nil {
		s.told = nil // so that it is written the next time
		s.log.Debug("what is not taken of the settings is not told", "err", err)
	}
}

// Trouble is one line for people about what of the cluster's settings this member can not take, "" if there
// is nothing.
func (s *Settings) Trouble() string {
	var all []string
	now := s.state()
	if now.Trouble != "" {
		all = append(all, "not taken: "+now.Trouble)
	}
	for _, f := range now.Fates {
		if f.State == conf.NotTaken.String() {
			all = append(all, fmt.Sprintf("%s (revision %d) is not taken: %s", f.Key, f.Revision, f.Why))
		}
	}
	return strings.Join(all, "; ")
}
