package actors

import (
	"context"
	"strings"

	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// maxDictionary bounds a dictionary that is kept for others, as text in bytes.
const maxDictionary = 256 << 10

// dictionaryOf reads a stored dictionary; one that is not there or not readable is empty.
func dictionaryOf(text string) *object.Dictionary {
	v, err := object.Parser{Folded: true}.Parse(text)
	if d := v.Dictionary(); err == nil && d != nil {
		return d
	}
	return object.NewFolded()
}

// textOf is a dictionary as it is stored; "" is an empty one.
func textOf(d *object.Dictionary) (string, error) {
	if d.Len() == 0 {
		return "", nil
	}
	text, err := object.Writer{Limit: maxDictionary}.Write(d.Value())
	if err != nil {
		return "", errTooLarge
	}
	return text, nil
}

// merge takes over what a dictionary says; null and the word "default" take away.
func merge(into, from *object.Dictionary) {
	for i := range from.Len() {
		key, _ := from.Key(i)
		if v := from.At(i); v.IsNull() || strings.EqualFold(v.Text(), "default") {
			into.Delete(key)
		} else {
			into.Set(key, object.Copy(v))
		}
	}
}

// Kinds of named things in the bucket of settings: what a key begins with. What follows is an address.
const (
	groupKind     = "group."
	forwarderKind = "forwarder."
	taskKind      = "task."
	scheduleKind  = "schedule."
	datasetKind   = "dataset."
	domainKind    = "domain."
	telnumKind    = "telnum."
	clusterKey    = "cluster.settings"
)

// keptKinds are kept for an account under its own address, and go with it.
var keptKinds = []string{scheduleKind, datasetKind, balanceKind}

// stored is the text that is kept under a key.
func (c commands) stored(kind, name string) (string, bool) {
	e, ok := c.store.Bucket(store.Settings).Get(kind + name)
	return string(e.Value), ok
}

// names are the names of a kind in a domain, in order.
func (c commands) names(kind, domain string) (users []string) {
	c.store.Bucket(store.Settings).Range(kind, func(e store.Entry) bool {
		aor := signal.AOR(strings.TrimPrefix(e.Key, kind))
		if aor.Domain() == domain {
			users = append(users, aor.User())
		}
		return true
	})
	return users
}

// taken refuses a name that an account, a group, a forwarder or a named task has already, or a number of
// the settings.
func (c commands) taken(aor signal.AOR) *cli.Failure {
	if _, ok := c.directory.Account(aor); ok {
		return errTaken
	}
	for _, kind := range []string{groupKind, forwarderKind, taskKind} {
		if _, ok := c.stored(kind, string(aor)); ok {
			return errTaken
		}
	}
	if accounts(c).isNumber(aor) {
		return errTaken
	}
	return nil
}

// add keeps a text under a name that must be free.
func (c commands) add(r *request, kind string, aor signal.AOR, text string) error {
	if f := c.taken(aor); f != nil {
		return f
	}
	w := r.write()
	absent := uint64(0)
	w.Expect = &absent
	_, err := c.store.Bucket(store.Settings).Put(r.ctx, kind+string(aor), []byte(text), w)
	return err
}

// rename moves a text to another name, which must be free. absent is said of one that is not there.
func (c commands) rename(r *request, kind string, from, to signal.AOR, absent *cli.Failure) error {
	e, ok := c.store.Bucket(store.Settings).Get(kind + string(from))
	if !ok {
		return absent
	}
	if err := c.add(r, kind, to, string(e.Value)); err != nil {
		return err
	}
	w := r.write()
	w.Expect = &e.Revision
	err := c.store.Bucket(store.Settings).Delete(r.ctx, kind+string(from), w)
	if err != nil { // it was changed meanwhile, and stays where it is
		_ = c.store.Bucket(store.Settings).Delete(context.WithoutCancel(r.ctx), kind+string(to), r.write())
	}
	return err
}

// remove ends what is kept under a name. absent, if not nil, is said of one that is not there.
func (c commands) remove(r *request, kind string, aor signal.AOR, absent *cli.Failure) error {
	return c.changeKey(r.ctx, store.Settings, kind+string(aor), r.write(), func(old []byte) ([]byte, error) {
		if old == nil && absent != nil {
			return nil, absent
		}
		return nil, nil
	})
}

// rewrite changes a dictionary that is kept under a name.
func (c commands) rewrite(r *request, kind string, name string, absent *cli.Failure, f func(*object.Dictionary) error) error {
	return c.changeKey(r.ctx, store.Settings, kind+name, r.write(), func(old []byte) ([]byte, error) {
		if old == nil && absent != nil {
			return nil, absent
		}
		d := dictionaryOf(string(old))
		if err := f(d); err != nil {
			return nil, err
		}
		text, err := textOf(d)
		if text == "" && absent != nil {
			text = "{}" // empty, but there
		}
		if text == "" {
			return nil, err
		}
		return []byte(text), err
	})
}
