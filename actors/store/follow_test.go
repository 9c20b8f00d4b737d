package store

import (
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// toldMessage is how the engine tells of a revision.
func toldMessage(key, revision, at string, data []byte) *nats.Msg {
	m := nats.NewMsg("told")
	m.Header.Set("Nats-Subject", key)
	m.Header.Set("Nats-Sequence", revision)
	m.Header.Set("Nats-Time-Stamp", at)
	m.Data = data
	return m
}

// What the engine tells is taken when it is the next revision, and else left to the watch.
func TestToldChanges(t *testing.T) {
	b := &Bucket{name: Leases, copied: newCopied(), log: testLog(t), renew: make(chan struct{}, 1)}
	var seen []string
	b.Watch(func(e Entry) { seen = append(seen, fmt.Sprintf("%d %s", e.Revision, e.Key)) })
	at := time.Now().UTC()
	tell := func(revision uint64, key string) uint64 {
		return b.hear(toldMessage(kvSubject(Leases)+key, strconv.FormatUint(revision, 10), at.Format(time.RFC3339Nano),
			envelope{value: []byte("v")}.encode()))
	}
	for _, r := range []uint64{1, 2, 2, 1, 4, 3, 4} {
		if heard := tell(r, fmt.Sprint("k", r)); heard != r {
			t.Errorf("%d is heard as %d", r, heard)
		}
	}
	if got := fmt.Sprint(seen); got != "[1 k1 2 k2 3 k3 4 k4]" {
		t.Error(got)
	}
	if e, ok := b.Get("k3"); !ok || !e.At.Equal(at) || e.Revision != 3 {
		t.Errorf("%+v %v", e, ok)
	}
	tell(5, pulsePrefix+"tandem1")
	if len(seen) != 4 || b.copied.newest() != 5 {
		t.Errorf("a pulse is an entry: %v, newest %d", seen, b.copied.newest())
	}
}

func FuzzTold(f *testing.F) {
	f.Add(kvSubject(Leases)+"a", "1", "2026-01-02T03:04:05.678Z", envelope{value: []byte("v")}.encode())
	f.Add("$KV.other.a", "-1", "yesterday", []byte{})
	f.Add(kvSubject(Leases), "18446744073709551615", "", []byte{1})
	f.Fuzz(func(t *testing.T, key, revision, at string, data []byte) {
		m := toldMessage(key, revision, at, data)
		s, err := toldOf(Leases, m)
		if err != nil {
			if s.revision != 0 || !errors.Is(err, ErrBadEntry) {
				t.Errorf("%+v, %v", s, err)
			}
			return
		}
		if kvSubject(Leases)+s.key != key || s.revision == 0 {
			t.Errorf("%q, %q became %+v", key, revision, s)
		}
		if e, err := entryOf(s); err == nil && (e.Key == "" || e.Revision != s.revision) {
			t.Errorf("%+v became %+v", s, e)
		}
	})
}

func FuzzLoaded(f *testing.F) {
	f.Add([]byte(`{"message":{"subject":"a","seq":1,"hdrs":"TkFUUy8xLjANCmE6Yg0KDQo=","data":"YQ==","time":"2026-01-02T03:04:05Z"}}`))
	f.Add([]byte(`{"error":{"code":404,"err_code":10037,"description":"no message found"}}`))
	f.Add([]byte(`{"error":{"code":503,"err_code":10008}}`))
	f.Add([]byte(`{"message":{"hdrs":"AA=="}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		seq, m, err := loadedOf(b)
		if (seq == 0) != (m == nil) || m != nil && err != nil {
			t.Errorf("%d, %+v and %v", seq, m, err)
		}
	})
}
