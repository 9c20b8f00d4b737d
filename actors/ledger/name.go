package ledger

import (
	"context"
	"strings"

	"tandem/actors/form"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/object"
)

// Kind is a kind of named things in the bucket of settings: what a key begins with. What follows is an address.
type Kind string

// The kinds of names that no account may have, and that have none of each other's.
const (
	Groups     Kind = groupKind
	Forwarders Kind = forwarderKind
	NamedTasks Kind = taskKind
)

const (
	groupKind     = "group."
	forwarderKind = "forwarder."
	taskKind      = "task."
	scheduleKind  = "schedule."
	datasetKind   = "dataset."
	domainKind    = "domain."
	telnumKind    = "telnum."
	queueKind     = "queue."
	agentKind     = "agent."
	// balanceKind begins the keys of accounts' balances: a dictionary from the name of a balance ("" is the default
	// one) to what it is. They are no data set: a program must not write its own money.
	balanceKind = "balance."
	clusterKey  = "cluster.settings"
)

// keptKinds are kept for an account under its own address, and go with it.
var keptKinds = []string{scheduleKind, datasetKind, balanceKind}

// stored is the text that is kept under a key.
func (l *Ledger) stored(key string) (string, bool) {
	e, ok := l.Store.Bucket(store.Settings).Get(key)
	return string(e.Value), ok
}

// Named is the text that is kept under a name; false: there is none.
func (l *Ledger) Named(kind Kind, aor signal.AOR) (string, bool) {
	return l.stored(string(kind) + string(aor))
}

// Names are the users of the names of a kind in a domain, in order.
func (l *Ledger) Names(kind Kind, domain string) (users []string) {
	l.Store.Bucket(store.Settings).Range(string(kind), func(e store.Entry) bool {
		aor := signal.AOR(strings.TrimPrefix(e.Key, string(kind)))
		if aor.Domain() == domain {
			users = append(users, aor.User())
		}
		return true
	})
	return users
}

// Free refuses a name that an account, a group, a forwarder or a named task has already, or a number of the
// settings: ErrTaken.
func (l *Ledger) Free(aor signal.AOR) error {
	if _, ok := l.Directory.Account(aor); ok {
		return ErrTaken
	}
	for _, kind := range []Kind{Groups, Forwarders, NamedTasks} {
		if _, ok := l.Named(kind, aor); ok {
			return ErrTaken
		}
	}
	if l.IsNumber(aor) {
		return ErrTaken
	}
	return nil
}

// Add keeps a text under a name that must be free.
func (l *Ledger) Add(ctx context.Context, kind Kind, aor signal.AOR, text string, w store.Write) error {
	if err := l.Free(aor); err != nil {
		return err
	}
	absent := uint64(0)
	w.Expect = &absent
	_, err := l.Store.Bucket(store.Settings).Put(ctx, string(kind)+string(aor), []byte(text), w)
	return err
}

// Rename moves a text to another name, which must be free. absent is said of one that is not there.
func (l *Ledger) Rename(ctx context.Context, kind Kind, from, to signal.AOR, absent error, w store.Write) error {
	settings := l.Store.Bucket(store.Settings)
	e, ok := settings.Get(string(kind) + string(from))
	if !ok {
		return absent
	}
	if err := l.Add(ctx, kind, to, string(e.Value), w); err != nil {
		return err
	}
	unchanged := w
	unchanged.Expect = &e.Revision
	err := settings.Delete(ctx, string(kind)+string(from), unchanged)
	if err != nil { // it was changed meanwhile, and stays where it is
		_ = settings.Delete(context.WithoutCancel(ctx), string(kind)+string(to), w)
	}
	return err
}

// Remove ends what is kept under a name. absent, if not nil, is said of one that is not there.
func (l *Ledger) Remove(ctx context.Context, kind Kind, aor signal.AOR, absent error, w store.Write) error {
	return l.change(ctx, store.Settings, string(kind)+string(aor), w, func(old []byte) ([]byte, error) {
		if old == nil && absent != nil {
			return nil, absent
		}
		return nil, nil
	})
}

// Rewrite changes a dictionary that is kept under a name. absent is said of one that is not there.
func (l *Ledger) Rewrite(ctx context.Context, kind Kind, aor signal.AOR, absent error, w store.Write, f func(*object.Dictionary) error) error {
	return l.change(ctx, store.Settings, string(kind)+string(aor), w, func(old []byte) ([]byte, error) {
		if old == nil {
			return nil, absent
		}
		d := form.Dictionary(string(old))
		if err := f(d); err != nil {
			return nil, err
		}
		text, err := form.Text(d)
		if text == "" {
			text = "{}" // empty, but there
		}
		return []byte(text), err
	})
}

// rewrite changes a dictionary that is kept under a key; an empty one is not kept.
func (l *Ledger) rewrite(ctx context.Context, key string, w store.Write, f func(*object.Dictionary) error) error {
	return l.change(ctx, store.Settings, key, w, func(old []byte) ([]byte, error) {
		d := form.Dictionary(string(old))
		if err := f(d); err != nil {
			return nil, err
		}
		text, err := form.Text(d)
		if text == "" {
			return nil, err
		}
		return []byte(text), err
	})
}

// Members are the members of a group as they were written, addresses or bare names; false: there is no such group.
func (l *Ledger) Members(group signal.AOR) ([]string, bool) {
	text, ok := l.Named(Groups, group)
	if !ok {
		return nil, false
	}
	names, _ := form.Strings(form.Dictionary(text).Get("Members"))
	return names, true
}

// ClusterSettings are the settings that operators keep for the whole cluster.
func (l *Ledger) ClusterSettings() *object.Dictionary {
	text, _ := l.stored(clusterKey)
	return form.Dictionary(text)
}

// SetClusterSettings replaces them.
func (l *Ledger) SetClusterSettings(ctx context.Context, settings *object.Dictionary, w store.Write) error {
	text, err := form.Text(settings)
	if err == nil {
		_, err = l.Store.Bucket(store.Settings).Put(ctx, clusterKey, []byte(text), w)
	}
	return err
}

// takeForwarder gives the directory what the store has of a forwarder now.
func (l *Ledger) takeForwarder(e store.Entry) {
	aor := signal.AOR(strings.TrimPrefix(e.Key, forwarderKind))
	to, _ := l.Named(Forwarders, aor)
	l.Directory.SetForwarder(aor, to)
}
