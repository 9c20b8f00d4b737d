package storage

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/actors/pbx/task"
	"tandem/ximss/object"
)

// desk is a Files in memory.
type desk struct {
	mu    sync.Mutex
	files map[string]File
	data  map[string][]byte
	clock int64
	fail  error            // of the next write
	race  func(key string) // called before a Put, as somebody who is quicker
}

func (d *desk) Stat(key string) (File, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, ok := d.files[key]
	return f, ok
}

func (d *desk) List(prefix string) (list []File) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(d.files)) {
		if strings.HasPrefix(key, prefix) {
			list = append(list, d.files[key])
		}
	}
	return list
}

func (d *desk) Get(_ context.Context, key string, offset, limit int64) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	b, ok := d.data[key]
	if !ok {
		return nil, ErrNoFile
	}
	b = b[min(offset, int64(len(b))):]
	if limit >= 0 {
		b = b[:min(limit, int64(len(b)))]
	}
	return slices.Clone(b), nil
}

func (d *desk) Put(_ context.Context, key string, b []byte, since int64, meta map[string]string) error {
	if race := d.race; race != nil {
		d.race = nil
		race(key)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	old, ok := d.files[key]
	switch {
	case d.fail != nil:
		return d.fail
	case since == 0 && ok:
		return ErrExists
	case since > 0 && since != old.Revision:
		return ErrChanged
	}
	d.clock++
	now := time.Unix(d.clock, 0).UTC()
	f := File{Name: key, Size: int64(len(b)), Created: now, Modified: now, Meta: meta, Digest: sha256.Sum256(b), Revision: d.clock}
	if ok {
		f.Created = old.Created
		if meta == nil {
			f.Meta = old.Meta
		}
	}
	d.files[key], d.data[key] = f, slices.Clone(b)
	return nil
}

func (d *desk) Append(ctx context.Context, key string, b []byte) error {
	return d.Put(ctx, key, append(slices.Clone(d.data[key]), b...), -1, nil)
}

func (d *desk) Rename(_ context.Context, from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, ok := d.files[from]
	if _, taken := d.files[to]; !ok || taken {
		return fmt.Errorf("rename %v %v: %w", ok, taken, ErrNoFile)
	}
	f.Name = to
	d.files[to], d.data[to] = f, d.data[from]
	delete(d.files, from)
	delete(d.data, from)
	return nil
}

func (d *desk) Delete(_ context.Context, key string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.files, key)
	delete(d.data, key)
	return d.fail
}

const alice, bob = "1000@tandem.local", "1001@tandem.local"

// people are alice, who may administer, and bob.
type people struct{}

func (people) Resolve(name, domain string) (string, bool) {
	if !strings.Contains(name, "@") {
		name += "@" + domain
	}
	switch strings.ToLower(name) {
	case alice, "alice@tandem.local":
		return alice, true
	case bob, "bob@tandem.local":
		return bob, true
	}
	return "", false
}

func (people) MayAdminister(account, _ string) bool { return account == alice }

// lab is a Storage with what it stands on, and the functions as programs of alice and bob call them.
type lab struct {
	*testing.T
	*Storage
	desk      *desk
	limits    Limits
	functions map[string]task.Service
}

func newLab(t *testing.T) *lab {
	l := &lab{T: t, desk: &desk{files: map[string]File{}, data: map[string][]byte{}},
		limits: Limits{Bytes: 1000, Files: 10, Messages: 3}, functions: map[string]task.Service{}}
	l.Storage = New(l.desk, func() Limits { return l.limits })
	for _, f := range l.Functions(people{}) {
		l.functions[f.Name] = f
	}
	return l
}

// call calls a function and tells its result in text form.
func (l *lab) call(account, function string, args ...object.Value) string {
	l.Helper()
	f, ok := l.functions[function]
	if !ok {
		l.Fatalf("no function %s", function)
	}
	v := f.Run(l.Context(), task.Caller{Account: account, Domain: "tandem.local"}, args)
	if b, ok := v.Bytes(); ok {
		return "[" + string(b) + "]"
	}
	return object.Format(v)
}

func (l *lab) text(account, name string) string {
	l.Helper()
	b, err := l.Read(l.Context(), account, name, 0, -1)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// keys are those of all files there are.
func (l *lab) keys() string { return strings.Join(slices.Sorted(maps.Keys(l.desk.files)), " ") }
