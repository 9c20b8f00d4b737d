package store

import "sync"

// Limits of the frames that are kept for those who follow the journal; who is further behind reads it.
const (
	recentFrames = 128
	recentBytes  = 4 << 20
)

// recent are the newest frames of the journal, without a gap between them: as the engine tells them, or as this member has
// written them itself.
type recent struct {
	mu     sync.Mutex
	first  uint64 // sequence of the oldest; those behind it follow
	frames [][]byte
	bytes  int
}

// add takes a frame, and keeps b. One that is there, or older, is passed over; one that leaves a gap begins anew.
func (r *recent) add(seq uint64, b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch next := r.first + uint64(len(r.frames)); {
	case seq < next && len(r.frames) > 0:
		return
	case seq > next || len(r.frames) == 0:
		clear(r.frames)
		r.first, r.frames, r.bytes = seq, r.frames[:0], 0
	}
	r.frames, r.bytes = append(r.frames, b), r.bytes+len(b)
	n := 0
	for len(r.frames)-n > recentFrames || r.bytes > recentBytes && n < len(r.frames)-1 {
		r.bytes -= len(r.frames[n])
		r.frames[n] = nil
		n++
	}
	r.first, r.frames = r.first+uint64(n), r.frames[n:]
}

// from are the frames from a sequence on; false: not all of them are there.
func (r *recent) from(seq uint64) (first uint64, frames [][]byte, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.frames) == 0 || seq < r.first {
		return 0, nil, false
	}
	skip := min(seq-r.first, uint64(len(r.frames)))
	return r.first + skip, append([][]byte(nil), r.frames[skip:]...), true
}

// Recent calls f with every fact from a position on, in order, as far as this member has been told of them, or until f returns
// false. It asks nobody and never waits: so it may lag behind what has been acknowledged, and where it lacks something, since
// a frame was not told or is no more kept, it calls nothing and is false. Then Read does it.
func (j *Journal) Recent(from uint64, f func(Fact) bool) bool {
	first, frames, ok := j.recent.from(sequence(from))
	if !ok {
		return false
	}
	all := make([][]Fact, len(frames))
	for i, b := range frames {
		var err error
		if all[i], err = decodeFrame(b, first+uint64(i)); err != nil {
			return false
		}
	}
	for _, facts := range all {
		for _, fact := range facts {
			if fact.Position >= from && !f(fact) {
				return true
			}
		}
	}
	return true
}
