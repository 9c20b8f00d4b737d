package ledger

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"tandem/actors/account"
	"tandem/actors/store"
	"tandem/actors/tally"
	"tandem/actors/vault"
	"tandem/conf"
	"tandem/signal"
)

// Ledger reads and changes what the store keeps, and has the directory follow it.
type Ledger struct {
	Options

	reading sync.Mutex // one entry at a time goes from the store's copy into the directory
	telnums sync.Mutex // changes of numbers go one after the other on a member: they seldom get in each other's way

	queues    shelf[Queue]
	agents    shelf[Agent]
	shelving  sync.Mutex // changes of queues' numbers, as above
	numbering sync.Mutex
	numbers   map[string][]signal.Number // of the queues that have any, by which calls are let in now
}

// Options are what the ledger stands on. What are functions is asked when it is needed, and may be opened after the
// ledger.
type Options struct {
	Store     *store.Store
	Directory *account.Directory
	Tally     *tally.Tally
	Vault     vault.Vault
	Log       *slog.Logger
	Conf      func() *conf.Conf

	Table func() *signal.Table // by which addresses are read now
	Obey  func(*signal.Policy) // has calls let in by a changed policy
	Files func() Files
	// Ask asks the virtual actor of a kind and name, and waits for its answer.
	Ask func(ctx context.Context, kind, name string, message any, wait time.Duration) (any, error)
	// Tell tells a virtual actor; nil where there are none.
	Tell func(kind, name string, message any) error
}

// Files are the files of accounts.
type Files interface {
	// Clear removes all files of an account.
	Clear(ctx context.Context, account string) error
	// Move gives them to another address.
	Move(ctx context.Context, from, to string) error
}

// New is the ledger on those things.
func New(o Options) *Ledger {
	l := &Ledger{Options: o}
	settings := func() *store.Bucket { return l.Store.Bucket(store.Settings) }
	l.queues = shelf[Queue]{kind: queueKind, bucket: settings, decode: decodeQueue, bad: l.Unreadable}
	l.agents = shelf[Agent]{kind: agentKind, bucket: settings, decode: l.decodeAgent, bad: l.Unreadable,
		second: func(a *Agent) string { return a.Account }}
	return l
}

// Unreadable logs what could not be read of one entry: that one is missing, and the member runs.
func (l *Ledger) Unreadable(what, name string, err error) {
	if err != nil {
		l.Log.Error("an entry in the store is not readable", "what", what, "account", name, "err", err)
	}
}

// FollowAccounts gives the directory the accounts of the store, now and whenever one changes, until stop.
func (l *Ledger) FollowAccounts() (stop func()) {
	accounts := l.Store.Bucket(store.Accounts)
	read := func(e store.Entry) { l.Unreadable("account", e.Key, l.ReadAccount(e.Key)) }
	stop = accounts.Watch(read)
	accounts.Range("", func(e store.Entry) bool { read(e); return true })
	return stop
}

// Follow gives the directory the forwarders, the Named Tasks and the rules of the store, now and whenever one
// changes, until stop; and obeys what is changed in its domains and in the numbers of its queues. All by whatever member.
func (l *Ledger) Follow() (stop func()) {
	settings := l.Store.Bucket(store.Settings)
	followed := map[string]func(store.Entry){
		forwarderKind: l.takeForwarder, taskKind: l.takeNamedTask,
		rulesKind: func(e store.Entry) { l.Unreadable("rules", e.Key, l.readRules(e.Key)) },
	}
	stopAgents := l.agents.follow()
	stopOthers := settings.Watch(func(e store.Entry) {
		for kind, take := range followed {
			if strings.HasPrefix(e.Key, kind) {
				take(e)
			}
		}
		if strings.HasPrefix(e.Key, domainKind) {
			l.Obey(l.Policy())
		}
		if name, ok := strings.CutPrefix(e.Key, queueKind); ok {
			l.obeyNumbers(name)
		}
	})
	l.followNumbers()
	for kind, take := range followed {
		settings.Range(kind, func(e store.Entry) bool { take(e); return true })
	}
	return func() { stopOthers(); stopAgents() }
}
