package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"
)

// Limits of write-behind, per bucket.
const (
	maxLater   = 100000   // keys waiting
	maxLaterMB = 64 << 20 // bytes of values waiting
	laterBatch = 64       // writes in flight, each of one key
	laterPause = 250 * time.Millisecond
)

// PutLater writes a value some time soon, behind the caller's back, with others where many wait (see bundle.go); a nil
// value deletes the key. A
// later value for the same key replaces one that is still waiting. What waits is written at Close; a
// crash loses it. ErrFull: 100000 keys or 64 MiB wait already. Do not mix it with Put on the same
// key: the order of the two is open.
func (b *Bucket) PutLater(key string, value []byte) error {
	if _, err := message(b.name, key, envelope{value: value}); err != nil {
		return err
	}
	return b.later.put(key, value)
}

// later holds the newest value of each key that waits to be written, in the order of their arrival.
type later struct {
	send sendValues
	most int // keys written at a time
	log  *slog.Logger
	run  string // makes the ids of this writer's values unique

	wake   chan struct{}
	hurry  chan struct{} // closed at Close
	ended  chan struct{}
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	values  map[string]laterValue
	last    int // number of the newest value
	order   []string
	bytes   int
	writing int   // keys that have been taken out and are not written yet
	failure error // of the last attempt
	closing bool
}

// laterValue is a value with the id under which it is written, however often that is tried.
type laterValue struct {
	value []byte // nil deletes the key
	id    string
}

// sendValues writes values and returns the keys of those that failed.
type sendValues func(ctx context.Context, batch map[string]laterValue) (failed []string, err error)

func newLater(send sendValues, most int, log *slog.Logger) *later {
	l := &later{send: send, most: most, log: log, run: rand.Text(), values: make(map[string]laterValue),
		wake: make(chan struct{}, 1), hurry: make(chan struct{}), ended: make(chan struct{})}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	go l.write()
	return l
}

func (l *later) put(key string, value []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	old, waits := l.values[key]
	switch {
	case l.closing:
		return ErrClosed
	case !waits && len(l.values) >= maxLater, l.bytes-len(old.value)+len(value) > maxLaterMB:
		return ErrFull
	}
	l.last++
	l.set(key, laterValue{value, l.run + "-" + strconv.Itoa(l.last)})
	l.nudge()
	return nil
}

// set replaces or adds a waiting value. Lock held.
func (l *later) set(key string, v laterValue) {
	old, waits := l.values[key]
	if !waits {
		l.order = append(l.order, key)
	}
	l.values[key] = v
	l.bytes += len(v.value) - len(old.value)
}

func (l *later) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// write writes what waits, a batch at a time, until closed and empty, or cancelled.
func (l *later) write() {
	defer close(l.ended)
	wait, failing := retryFirst, false
	for {
		batch, over := l.take()
		if over {
			return
		}
		if len(batch) == 0 {
			<-l.wake
			continue
		}
		failed, err := l.send(l.ctx, batch)
		l.settle(batch, failed, err)
		if err == nil {
			if failing {
				l.log.Info("values are written behind again", "keys", l.waiting())
			}
			wait, failing = retryFirst, false
			l.rest()
			continue
		}
		if !failing {
			l.log.Warn("write-behind failed; values wait in memory", "keys", len(failed), "err", err)
		}
		failing = true
		select {
		case <-time.After(wait):
			wait = min(2*wait, retryLast)
		case <-l.ctx.Done():
			return
		}
	}
}

// rest waits a little, so that changes of one key in quick succession become one write, and writes
// behind do not crowd out those that somebody waits for; not when many keys wait, nor at Close.
func (l *later) rest() {
	l.mu.Lock()
	busy := l.closing || len(l.order) > l.most
	l.mu.Unlock()
	if busy {
		return
	}
	select {
	case <-time.After(laterPause):
	case <-l.hurry:
	}
}

// take moves up to most waiting values out.
func (l *later) take() (batch map[string]laterValue, over bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.order) == 0 {
		return nil, l.closing
	}
	n := min(len(l.order), l.most)
	batch = make(map[string]laterValue, n)
	for _, key := range l.order[:n] {
		batch[key] = l.values[key]
		l.bytes -= len(l.values[key].value)
		delete(l.values, key)
	}
	l.order = l.order[n:]
	l.writing = n
	return batch, false
}

// each writes values side by side, each by itself.
func each(send func(ctx context.Context, key string, v laterValue) error) sendValues {
	return func(ctx context.Context, batch map[string]laterValue) (failed []string, err error) {
		var mu sync.Mutex
		var wg sync.WaitGroup
		for key, v := range batch {
			wg.Go(func() {
				if e := send(ctx, key, v); e != nil {
					mu.Lock()
					failed, err = append(failed, key), e
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		return failed, err
	}
}

// settle puts failed values back, unless a newer one came meanwhile.
func (l *later) settle(batch map[string]laterValue, failed []string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writing, l.failure = 0, err
	for _, key := range failed {
		if _, newer := l.values[key]; !newer {
			l.set(key, batch[key])
		}
	}
}

func (l *later) waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.values) + l.writing
}

// close refuses new values and writes the waiting ones, until ctx ends. The error wraps why the last attempt failed.
func (l *later) close(ctx context.Context) error {
	l.mu.Lock()
	if !l.closing {
		close(l.hurry)
	}
	l.closing = true
	l.mu.Unlock()
	l.nudge()
	defer l.cancel()
	select {
	case <-l.ended:
	case <-ctx.Done():
		l.cancel()
		<-l.ended
	}
	n := l.waiting()
	if n == 0 {
		return nil
	}
	err := fmt.Errorf("store: closed with %d write-behind values not written", n)
	if l.failure != nil {
		err = fmt.Errorf("%w: %w", err, l.failure)
	}
	return err
}
