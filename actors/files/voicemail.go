package files

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"tandem/actors/pbx/storage"
	"tandem/actors/store"
	"tandem/media/spool"
)

// Mailboxes tells who wants to know how many voice messages an account has: the message lamp.
type Mailboxes struct {
	storage *storage.Storage
	close   func()

	mu      sync.Mutex
	told    []*mailSubscriber
	changed map[string]bool // accounts
	wake    chan struct{}   // one changed; holds one token
}

type mailSubscriber struct {
	f func(account string, fresh, heard int)
}

// OpenMailboxes follows the mailboxes of those files until Close.
func OpenMailboxes(ctx context.Context, files *store.Files, s *storage.Storage) *Mailboxes {
	m := &Mailboxes{storage: s, changed: map[string]bool{}, wake: make(chan struct{}, 1)}
	stop := files.Watch(storage.Prefix(), func(i store.FileVersion, _ bool) {
		if account, ok := storage.Mailbox(i.Name); ok {
			m.touch(account)
		}
	})
	m.close = background(ctx, stop, m.tell)
	return m
}

// Close ends telling.
func (m *Mailboxes) Close(context.Context) error {
	m.close()
	return nil
}

// Subscribe has f told the numbers of messages, not heard and heard, of each account whose mailbox changes, by
// whatever member, until stop. Of changes that follow each other quickly the last one is told. f runs on the
// mailboxes' goroutine and must hand on and return.
func (m *Mailboxes) Subscribe(f func(account string, fresh, heard int)) (stop func()) {
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
func (m *Mailboxes) touch(account string) {
	m.mu.Lock()
	m.changed[account] = true
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// tell tells of changes until life ends: of numbers that are others than those told last.
func (m *Mailboxes) tell(life context.Context) {
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

// Orphans are recordings that a crash has left in the spool.
type Orphans struct {
	Spool   string // directory
	Resolve func(name, domain string) (account string, ok bool)
	Storage *storage.Storage
	Log     *slog.Logger
}

// Deliver delivers them as voice mail of the accounts that they were made for. What can not be delivered stays there,
// with a line in the log at each start.
func (o Orphans) Deliver(ctx context.Context) error {
	orphans, err := spool.Orphans(o.Spool)
	if err != nil {
		return err
	}
	for _, one := range orphans {
		if err := o.deliver(ctx, one); err != nil {
			o.Log.Warn("a recording of before the last stop is not delivered", "file", filepath.Join(o.Spool, one.Name),
				"account", one.Account, "from", one.From, "program", one.Program, "err", err)
		}
	}
	return nil
}

func (o Orphans) deliver(ctx context.Context, one spool.Orphan) error {
	account, ok := o.Resolve(one.Account, "")
	if !ok {
		return storage.ErrAccount
	}
	sound, err := spool.Read(o.Spool, one.Name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(sound) < shortOrphan:
		return spool.Remove(o.Spool, one.Name)
	}
	delivered, err := o.Storage.DeliverOnce(ctx, account, storage.Message{From: one.From, Subject: "Voice message, cut off",
		Received: one.Started, Sound: sound})
	if err != nil {
		return err
	}
	if delivered {
		o.Log.Info("a recording of before the last stop is delivered", "account", account, "from", one.From,
			"program", one.Program, "started", one.Started.Format(time.RFC3339))
	}
	return spool.Remove(o.Spool, one.Name)
}
