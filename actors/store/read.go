package store

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Limits of one request for frames.
const (
	readFrames = 512
	readBytes  = 4 << 20
	// maxTail is the most facts Tail collects, maxTailFrames how many frames it looks at.
	maxTail       = 100000
	maxTailFrames = 20000
	// clocksDiffer is how much the clocks of two members may be apart.
	clocksDiffer = 5 * time.Minute
)

// frameReader reads the frames of the journal's stream.
type frameReader struct {
	engine  *engine
	damaged *atomic.Uint64
	log     *slog.Logger
}

// Read calls f with every fact from a position on, in order, up to the end the journal had when Read
// was called, or until f returns false. To go on behind a fact, start at its position + 1. Facts
// that have been dropped for their age are not told; frames that cannot be read are skipped, counted and
// logged. It must not be called where nothing may wait.
func (j *Journal) Read(ctx context.Context, from uint64, f func(Fact) bool) error {
	st, err := j.reader.bounds(ctx)
	if err != nil {
		return err
	}
	next := max(sequence(from), st.FirstSeq, 1)
	more := true
	each := func(seq uint64, frame []byte) bool {
		for _, fact := range j.reader.decode(ctx, seq, frame) {
			if more = fact.Position < from || f(fact); !more {
				break
			}
		}
		return more
	}
	for more && next <= st.LastSeq {
		if next, err = j.reader.batch(ctx, next, st.LastSeq, each); err != nil {
			return err
		}
	}
	return nil
}

// End is a position that whoever has read the journal so far has reached: that of the first fact of its last frame. It asks the
// engine, and tells all that was acknowledged to whatever member before it was called.
func (j *Journal) End(ctx context.Context) (uint64, error) {
	st, err := j.reader.bounds(ctx)
	if err != nil || st.LastSeq == 0 {
		return 0, err
	}
	return position(st.LastSeq, 0), nil
}

// Tail calls f with the last n facts that keep wants (all, when it is nil), oldest first, or until f
// returns false. It reads batches of frames from the end, stops as soon as it has enough, and looks at
// 20000 frames at most, so that it takes a fraction of a second whatever the journal holds. n is
// limited to 100000.
func (j *Journal) Tail(ctx context.Context, n int, keep func(Fact) bool, f func(Fact) bool) error {
	n = min(n, maxTail)
	st, err := j.reader.bounds(ctx)
	if err != nil {
		return err
	}
	first := max(st.FirstSeq, 1)
	if st.LastSeq > maxTailFrames {
		first = max(first, st.LastSeq-maxTailFrames+1)
	}
	var batches [][]Fact // the newest first
	for last := st.LastSeq; n > 0 && last >= first; {
		begin := max(first, last-min(last, readFrames)+1)
		facts, err := j.reader.between(ctx, begin, last, keep)
		if err != nil {
			return err
		}
		facts = facts[max(0, len(facts)-n):]
		n -= len(facts)
		batches = append(batches, facts)
		last = begin - 1
	}
	for _, facts := range slices.Backward(batches) {
		for _, fact := range facts {
			if !f(fact) {
				return nil
			}
		}
	}
	return nil
}

// between are the facts of some frames that keep wants, in order.
func (r *frameReader) between(ctx context.Context, begin, last uint64, keep func(Fact) bool) ([]Fact, error) {
	var out []Fact
	each := func(seq uint64, frame []byte) bool {
		for _, fact := range r.decode(ctx, seq, frame) {
			if keep == nil || keep(fact) {
				out = append(out, fact)
			}
		}
		return true
	}
	for next := begin; next <= last; {
		var err error
		if next, err = r.batch(ctx, next, last, each); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *frameReader) bounds(ctx context.Context) (jetstream.StreamState, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return r.engine.state(ctx, journalStream)
}

// decode returns the facts of a frame, none if it is missing (nil) or damaged.
func (r *frameReader) decode(ctx context.Context, seq uint64, frame []byte) []Fact {
	if frame == nil && r.engine.lags() { // missing in the copy that answered
		if m, err := r.engine.load(ctx, journalStream, seq); err == nil && m != nil {
			frame = m.Data
		}
	}
	facts, err := decodeFrame(frame, seq)
	if err == nil || frame == nil && r.dropped(ctx, seq) {
		return facts
	}
	r.damaged.Add(1)
	r.log.Error("a frame of the journal cannot be read and is skipped", "sequence", seq, "err", err)
	return nil
}

// dropped tells whether a missing frame has gone for its age, perhaps while we were reading.
func (r *frameReader) dropped(ctx context.Context, seq uint64) bool {
	st, err := r.bounds(ctx)
	return err == nil && seq < st.FirstSeq
}

// one reads a single frame; nil if it is missing or damaged, which for the engine is the same.
func (r *frameReader) one(ctx context.Context, seq uint64) ([]byte, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	st, err := r.engine.js.Stream(ctx, journalStream)
	if err != nil {
		return nil, verdict(err)
	}
	m, err := st.GetMsg(ctx, seq)
	switch {
	case isMissing(err):
		return nil, nil
	case err != nil:
		return nil, verdict(err)
	}
	return m.Data, nil
}

// batch reads some frames from sequence next on, at least one step, and returns where to go on. each
// is called in order, with nil for a frame that is missing; it may stop the reading.
func (r *frameReader) batch(ctx context.Context, next, last uint64,
	each func(seq uint64, frame []byte) bool) (uint64, error) {
	start := next
	err := r.request(ctx, map[string]any{"seq": next}, func(seq uint64, m *nats.Msg) bool {
		for ; next < min(seq, last+1); next++ {
			if !each(next, nil) {
				return false
			}
		}
		if seq > last {
			return false
		}
		next++
		return each(seq, m.Data)
	})
	if err != nil || next > start {
		return next, err
	}
	// The engine stops a batch at a frame that it cannot read.
	frame, err := r.one(ctx, next)
	if err != nil {
		return next, err
	}
	each(next, frame)
	return next + 1, nil
}

// request asks for a batch of stored messages from a sequence or a time on, each answered by a message of its
// own, with an end marker (status 204) or "nothing found" (404) behind the last.
func (r *frameReader) request(ctx context.Context, from map[string]any, each func(uint64, *nats.Msg) bool) error {
	inbox := nats.NewInbox()
	sub, err := r.engine.nc.SubscribeSync(inbox)
	if err != nil {
		return verdict(err)
	}
	defer sub.Unsubscribe()
	from["batch"], from["max_bytes"] = readFrames, readBytes
	ask, err := json.Marshal(from)
	if err != nil {
		return err
	}
	if err := r.engine.nc.PublishRequest("$JS.API.DIRECT.GET."+journalStream, inbox, ask); err != nil {
		return verdict(err)
	}
	for {
		m, err := nextAnswer(ctx, sub, callTime)
		if err != nil {
			return verdict(err)
		}
		switch status := m.Header.Get("Status"); status {
		case "":
		case "204", "404":
			return nil
		default:
			return fmt.Errorf("%w: status %s %s", ErrUnavailable, status, m.Header.Get("Description"))
		}
		seq, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
		if err != nil {
			return fmt.Errorf("%w: answer without a sequence", ErrUnavailable)
		}
		if !each(seq, m) {
			return nil
		}
	}
}

// nextAnswer waits for one message; the bound is on the engine, not on what is done with its answers. It holds for a
// ctx that ends later too: what a member was asked that is cut off is never answered, and must be asked again.
func nextAnswer(ctx context.Context, sub *nats.Subscription, within time.Duration) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return sub.NextMsgWithContext(ctx)
}

// journalFrames is the journal's stream as the writer sees it.
type journalFrames struct {
	*frameReader
	check func() error // room on the disk
	mark  func(seq uint64)
}

func (w *journalFrames) write(ctx context.Context, id string, frame []byte) (uint64, error) {
	if err := w.check(); err != nil {
		return 0, err
	}
	m := &nats.Msg{Subject: journalSubject, Data: frame}
	seq, err := w.engine.publish(ctx, m, jetstream.WithMsgID(id), jetstream.WithRetryAttempts(0))
	if err == nil {
		w.mark(seq)
	}
	return seq, err
}

func (w *journalFrames) find(ctx context.Context, within time.Duration, after uint64, since time.Time,
	id string) (uint64, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, findTime)
	defer cancel()
	asking, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	st, err := w.bounds(asking) // of the copy that all writes go through
	if err != nil {
		return 0, false, err
	}
	next := max(after+1, st.FirstSeq)
	if st.LastSeq > next+readFrames {
		if next, err = w.skipTo(ctx, next, since.Add(-clocksDiffer)); err != nil {
			return 0, false, err
		}
	}
	found := uint64(0)
	is := func(seq uint64, m *nats.Msg) bool {
		if m != nil && m.Header.Get(jetstream.MsgIDHeader) == id {
			found = seq
		}
		return found != 0
	}
	for found == 0 && next <= st.LastSeq {
		if next, err = w.findIn(ctx, next, is); err != nil {
			return 0, false, err
		}
	}
	if found != 0 {
		w.mark(found)
	}
	return found, found != 0, nil
}

// findIn looks at some frames from sequence next on, at least one, and returns where to go on.
func (w *journalFrames) findIn(ctx context.Context, next uint64, is func(uint64, *nats.Msg) bool) (uint64, error) {
	start := next
	err := w.request(ctx, map[string]any{"seq": next}, func(seq uint64, m *nats.Msg) bool {
		if seq > next && w.engine.lags() {
			return false // what lies between is asked of another copy
		}
		next = seq + 1
		return !is(seq, m)
	})
	if err != nil || next > start {
		return next, err
	}
	if w.engine.lags() {
		ctx, cancel := context.WithTimeout(ctx, callTime)
		defer cancel()
		m, err := w.engine.load(ctx, journalStream, next)
		if err != nil {
			return next, err
		}
		is(next, m)
	}
	return next + 1, nil
}

// skipTo is the sequence of the first frame written since a time, if it is behind next.
func (w *journalFrames) skipTo(ctx context.Context, next uint64, since time.Time) (uint64, error) {
	err := w.request(ctx, map[string]any{"start_time": since.UTC()}, func(seq uint64, _ *nats.Msg) bool {
		next = max(next, seq)
		return false
	})
	return next, err
}

// lastPosition is the position of the newest readable fact.
func (r *frameReader) lastPosition(ctx context.Context) (uint64, error) {
	st, err := r.bounds(ctx)
	if err != nil {
		return 0, err
	}
	if st.Msgs == 0 {
		return position(st.LastSeq, 0), nil
	}
	frame, err := r.one(ctx, st.LastSeq)
	if err != nil {
		return 0, err
	}
	if facts := r.decode(ctx, st.LastSeq, frame); len(facts) > 0 {
		return facts[len(facts)-1].Position, nil
	}
	return position(st.LastSeq, 0), nil
}
