package actors

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"tandem/actors/pbx/storage"
	"tandem/media/spool"
)

// mailboxes tells who wants to know how many voice messages an account has: the message lamp.
type mailboxes struct {
	storage *storage.Storage

	mu      sync.Mutex
	told    []*mailSubscriber
	changed map[string]bool // accounts
	wake    chan struct{}   // one changed; holds one token
}

type mailSubscriber struct {
	f func(account string, fresh, heard int)
}

func newMailboxes(s *storage.Storage) *mailboxes {
	return &mailboxes{storage: s, changed: map[string]bool{}, wake: make(chan struct{}, 1)}
}

// subscribe has f told the numbers of messages, not heard and heard, of each account whose mailbox changes, by
// whatever member, until stop. Of changes that follow each other quickly the last one is told. f runs on the
// mailboxes' goroutine and must hand on and return.
func (m *mailboxes) subscribe(f func(account string, fresh, heard int)) (stop func()) {
	s := &mailSubscriber{f}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.told = append(m.told[:len(m.told):len(m.told)], s)
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		var left []*mailSubscriber
		for _, other := range m.told {
			if other != s {
				left = append(left, other)
			}
		}
		m.told = left
	}
}

// touch notes that an account's mailbox changed.
func (m *mailboxes) touch(account string) {
	m.mu.Lock()
	m.changed[account] = true
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// tell tells of changes until life ends: of numbers that are others than those told last.
func (m *mailboxes) tell(life context.Context) {
	last := map[string][2]int{}
	for {
		select {
		case <-m.wake:
		case <-life.Done():
			return
		}
		m.mu.Lock()
		changed, told := m.changed, m.told
		m.changed = map[string]bool{}
		m.mu.Unlock()
		for account := range changed {
			fresh, heard := m.storage.Count(account)
			if before, ok := last[account]; ok && before == [2]int{fresh, heard} {
				continue
			}
			last[account] = [2]int{fresh, heard}
			if fresh+heard == 0 {
				delete(last, account) // so that it grows with those that have messages only
			}
			for _, s := range told {
				s.f(account, fresh, heard)
			}
		}
	}
}

// shortOrphan is the size in bytes below which a recording that nobody took is thrown away: a header and a tenth
// of a second.
const shortOrphan = 44 + 1600

// deliverOrphans delivers recordings that a crash has left in the spool, as voice mail of the account that they
// were made for. What can not be delivered stays there, with a line in the log at each start.
func (h *House) deliverOrphans(ctx context.Context) error {
	dir := h.decks.Spool
	orphans, err := spool.Orphans(dir)
	if err != nil {
		return err
	}
	for _, o := range orphans {
		if err := h.deliverOrphan(ctx, dir, o); err != nil {
			h.log.Warn("a recording of before the last stop is not delivered", "file", filepath.Join(dir, o.Name),
				"account", o.Account, "from", o.From, "program", o.Program, "err", err)
		}
	}
	return nil
}

func (h *House) deliverOrphan(ctx context.Context, dir string, o spool.Orphan) error {
	account, ok := h.ledger.Resolve(o.Account, "")
	if !ok {
		return storage.ErrAccount
	}
	sound, err := spool.Read(dir, o.Name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(sound) < shortOrphan:
		return spool.Remove(dir, o.Name)
	}
	delivered, err := h.storage.DeliverOnce(ctx, account, storage.Message{From: o.From, Subject: "Voice message, cut off",
		Received: o.Started, Sound: sound})
	if err != nil {
		return err
	}
	if delivered {
		h.log.Info("a recording of before the last stop is delivered", "account", account, "from", o.From,
			"program", o.Program, "started", o.Started.Format(time.RFC3339))
	}
	return spool.Remove(dir, o.Name)
}

// expireMail deletes heard messages that are older than the settings say.
func (h *House) expireMail(ctx context.Context, now time.Time) {
	if h.live.Conf().Accounts.HeardMessages == 0 {
		return
	}
	for _, r := range h.directory.Records() {
		if err := h.storage.Expire(ctx, string(r.AOR), now); err != nil {
			h.log.Warn("heard voice messages are not deleted", "account", string(r.AOR), "err", err)
			return
		}
	}
}
