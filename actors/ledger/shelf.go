package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"tandem/actors/store"
)

// shelf is a kind of objects that the bucket of settings keeps as JSON under names: it decodes each revision once. What
// it returns is shared, and nobody changes it.
type shelf[T any] struct {
	kind   string // what keys begin with
	bucket func() *store.Bucket
	decode func(name string, value []byte) (*T, error)
	second func(*T) string                    // another name by which it is found; nil: none has any
	bad    func(what, name string, err error) // hears of what can not be read
	mu     sync.Mutex                         // of what follows
	known  map[string]shelved[T]              // by name
	names  map[string]string                  // by second name
}

// shelved is one object as it was decoded; nil: it can not be.
type shelved[T any] struct {
	revision uint64
	object   *T
}

// get is the newest revision of an object, from this member's own copy.
func (s *shelf[T]) get(name string) (*T, uint64, bool) {
	e, ok := s.bucket().Get(s.kind + name)
	if !ok {
		s.drop(name)
		return nil, 0, false
	}
	o := s.take(name, e)
	return o, e.Revision, o != nil
}

// kept is the entry of an object: by whom it was changed last, and why.
func (s *shelf[T]) kept(name string) (store.Entry, bool) { return s.bucket().Get(s.kind + name) }

// take decodes an entry unless that was done already.
func (s *shelf[T]) take(name string, e store.Entry) *T {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k, ok := s.known[name]; ok && k.revision >= e.Revision {
		return k.object
	}
	o, err := s.decode(name, e.Value)
	s.bad(strings.TrimSuffix(s.kind, "."), name, err)
	s.forget(name)
	if s.known == nil {
		s.known, s.names = map[string]shelved[T]{}, map[string]string{}
	}
	s.known[name] = shelved[T]{e.Revision, o}
	if o != nil && s.second != nil {
		s.names[s.second(o)] = name
	}
	return o
}

func (s *shelf[T]) drop(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(name)
}

// forget is called under the lock.
func (s *shelf[T]) forget(name string) {
	k, ok := s.known[name]
	if ok && k.object != nil && s.second != nil && s.names[s.second(k.object)] == name {
		delete(s.names, s.second(k.object))
	}
	delete(s.known, name)
}

// named is the name of the object that has a second name, as far as it was looked at: see prime.
func (s *shelf[T]) named(second string) (name string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, ok = s.names[second]
	return name, ok
}

// all are the objects that can be read, in the order of their names.
func (s *shelf[T]) all() (all []*T) {
	s.bucket().Range(s.kind, func(e store.Entry) bool {
		if o := s.take(strings.TrimPrefix(e.Key, s.kind), e); o != nil {
			all = append(all, o)
		}
		return true
	})
	return all
}

// count is how many there are, readable or not.
func (s *shelf[T]) count() int { return s.bucket().Count(s.kind) }

// watch calls f with the name of each that changes.
func (s *shelf[T]) watch(f func(name string)) (stop func()) {
	return s.bucket().Watch(func(e store.Entry) {
		if name, ok := strings.CutPrefix(e.Key, s.kind); ok {
			f(name)
		}
	})
}

// put keeps an object and returns its revision.
func (s *shelf[T]) put(ctx context.Context, name string, o T, w store.Write) (uint64, error) {
	text, err := json.Marshal(o)
	if err != nil {
		return 0, err
	}
	revision, err := s.bucket().Put(ctx, s.kind+name, text, w)
	return revision, s.conflict(name, w, err)
}

func (s *shelf[T]) remove(ctx context.Context, name string, w store.Write) error {
	return s.conflict(name, w, s.bucket().Delete(ctx, s.kind+name, w))
}

// conflict says which revision somebody else has made meanwhile.
func (s *shelf[T]) conflict(name string, w store.Write, err error) error {
	if !errors.Is(err, store.ErrConflict) || w.Expect == nil {
		return err
	}
	what := strings.TrimSuffix(s.kind, ".")
	_, revision, exists := s.get(name)
	switch {
	case *w.Expect == 0:
		return refuse(Conflict, "%s %q exists already: edit it instead", what, name)
	case !exists:
		return refuse(Conflict, "%s %q has been removed meanwhile", what, name)
	}
	return refuse(Conflict, "%s %q has changed: the revision is %d now, not %d; look at it and try again", what, name, revision, *w.Expect)
}

// follow keeps the second names current, until stop.
func (s *shelf[T]) follow() (stop func()) {
	stop = s.watch(func(name string) { s.get(name) })
	s.all()
	return stop
}
