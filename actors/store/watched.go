package store

import (
	"strconv"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// journalTold is the subject under which the engine tells the members each frame that the journal has grown by, once it is
// on the disks of enough of them.
const journalTold = "tandem.told.journal"

// watched are those who want to know when the journal has grown.
type watched struct {
	mu  sync.Mutex
	all map[chan struct{}]bool
}

// tell nudges all of them; one that has not taken the nudge before gets no second one.
func (w *watched) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.all {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Watch nudges whoever calls it each time that the journal may have grown, by whatever member, until stop is called. A nudge
// may be missing: where a server outside keeps the store only what this member writes itself is told. So who must not miss
// anything looks now and then.
func (j *Journal) Watch() (grown <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	w := &j.watched
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = map[chan struct{}]bool{}
	}
	w.all[c] = true
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.all, c)
	}
}

// hear takes a frame that the engine tells. One without contents, of an engine that another version has set up, is read.
func (j *Journal) hear(m *nats.Msg) {
	seq, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
	if err == nil && len(m.Data) > 0 {
		j.recent.add(seq, m.Data)
	}
	j.watched.tell()
}
