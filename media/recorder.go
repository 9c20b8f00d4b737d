package media

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tandem/media/codec"
	"tandem/media/wav"
)

// ErrRecordings tells that as many recordings are running as may, on all streams or on one.
var ErrRecordings = errors.New("media: too many recordings")

// Recorder writes what streams hear into a WAV file: one channel for each leg, aligned by the time
// at which it was heard. The disk never holds up a call: frames wait in a bounded queue for the
// recorder's own goroutine, and are dropped and counted when that is full. What is on disk is a
// valid file at any time, half a second behind at most while the disk keeps up.
type Recorder struct {
	engine   *Engine
	path     string
	rate     int
	channels int
	limit    int64 // sample frames

	queue    chan *heard
	stop     chan struct{}
	stopping sync.Once
	done     chan struct{}
	full     atomic.Bool // the limit is reached, or the disk failed
	dropped  atomic.Uint64
	written  atomic.Int64 // sample frames

	gaps      gaps
	skipAfter atomic.Int64 // of silence, sample frames; 0 keeps all
	skipPeak  atomic.Int32 // what is not above it is silence

	// The goroutine's own until done is closed:
	err    error
	start  time.Time
	window []int16 // interleaved; what may still change
	base   int64   // sample frame at the start of window
	quiet  int64   // sample frames of silence that were heard last
}

// soundFile is what a recorder writes to: samples, those of its channels interleaved.
type soundFile interface {
	Write(pcm []int16) error
	Close() error
}

// tap is a stream's way into a recording.
type tap struct {
	recorder *Recorder
	channel  int

	// The recorder's goroutine's own:
	next  int64 // sample frame after the last one
	rated rated
}

// heard is a frame on its way to the disk.
type heard struct {
	tap *tap
	at  time.Time
	pcm []int16
}

var heardPool = sync.Pool{New: func() any { return &heard{pcm: make([]int16, 0, 320)} }}

// Recorder begins a recording of 1 or 2 channels at 8000 or 16000 samples a second. A path that is
// not absolute lies in the directory of recordings. An existing file is not overwritten.
func (e *Engine) Recorder(path string, channels, rate int) (*Recorder, error) {
	if channels < 1 || channels > 2 || rate != 8000 && rate != 16000 {
		return nil, fmt.Errorf("media: cannot record %d channels at %d Hz", channels, rate)
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(e.conf.Recordings, path)
	}
	r := newRecorder(e, path, channels, rate)
	if err := e.admitRecorder(r); err != nil {
		return nil, err
	}
	file, err := create(path, rate, channels)
	if err != nil {
		e.dropRecorder(r)
		return nil, fmt.Errorf("media: record: %w", err)
	}
	go r.run(file)
	return r, nil
}

func newRecorder(e *Engine, path string, channels, rate int) *Recorder {
	return &Recorder{
		engine: e, path: path, rate: rate, channels: channels,
		limit: int64(e.conf.MaxRecording/time.Millisecond) * int64(rate) / 1000,
		queue: make(chan *heard, recorderQueue), stop: make(chan struct{}), done: make(chan struct{}),
	}
}

func create(path string, rate, channels int) (soundFile, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, err
	}
	return wav.Create(path, rate, channels)
}

func (e *Engine) admitRecorder(r *Recorder) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return ErrClosed
	}
	if limit := e.conf.MaxRecordings; limit > 0 && len(e.recorders) >= limit {
		return fmt.Errorf("%w: %d", ErrRecordings, limit)
	}
	e.recorders[r] = struct{}{}
	return nil
}

func (e *Engine) dropRecorder(r *Recorder) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.recorders, r)
}

// Record writes what the stream hears into a channel of the recording, counted from 0; with one
// channel for several streams they are added. A stream may be in a few recordings at a time, in each in one channel.
func (s *Stream) Record(r *Recorder, channel int) error {
	if channel < 0 || channel >= r.channels {
		return fmt.Errorf("media: no channel %d in a recording of %d", channel, r.channels)
	}
	if s.closed.Load() || r.full.Load() {
		return ErrClosed
	}
	if !s.ear.record(&tap{recorder: r, channel: channel}) {
		return ErrRecordings
	}
	return nil
}

// StopRecord takes the stream out of a recording, which goes on. Nothing happens when it is not in it.
func (s *Stream) StopRecord(r *Recorder) { s.ear.leave(r) }

// SkipSilence leaves out what of a silence is longer than that: frames whose peak, 0 to 32767, is not
// above the given one. It is for the recording of one stream or voice in one channel, from now on; one of
// two channels keeps all, and so does 0.
func (r *Recorder) SkipSilence(longer time.Duration, peak int) {
	r.skipPeak.Store(int32(min(max(peak, inaudible), 1<<15-1)))
	after := max(int64(longer/time.Millisecond), 0) * int64(r.rate) / 1000
	if r.channels > 1 {
		after = 0
	}
	r.skipAfter.Store(after)
}

// Path is where the file is.
func (r *Recorder) Path() string { return r.path }

// Length is how much is on disk.
func (r *Recorder) Length() time.Duration {
	return time.Duration(r.written.Load()) * time.Second / time.Duration(r.rate)
}

// Dropped is how many frames were lost since the disk was too slow.
func (r *Recorder) Dropped() uint64 { return r.dropped.Load() }

// Done is closed when the recording has ended: by Close, at its greatest length, or since the disk
// failed.
func (r *Recorder) Done() <-chan struct{} { return r.done }

// Close ends the recording and returns when the file is whole, with the first error that writing it
// met. It may be called again.
func (r *Recorder) Close() error {
	r.stopping.Do(func() { close(r.stop) })
	<-r.done
	return r.err
}

func (t *tap) into() any { return t.recorder }

// write queues a frame. It is called with the ear locked and never waits.
func (t *tap) write(pcm []int16, at time.Time) {
	if t.recorder.full.Load() {
		return
	}
	h := heardPool.Get().(*heard)
	h.tap, h.at, h.pcm = t, at, append(h.pcm[:0], pcm...)
	select {
	case t.recorder.queue <- h:
	default:
		t.recorder.dropped.Add(1)
		heardPool.Put(h)
	}
}

func (r *Recorder) run(file soundFile) {
	defer close(r.done)
	defer r.engine.dropRecorder(r)
	for more := true; more; {
		select {
		case h := <-r.queue:
			more = r.take(file, h)
		case <-r.stop:
			more = len(r.queue) > 0 && r.take(file, <-r.queue)
		}
	}
	r.full.Store(true)
	r.flush(file, r.base+int64(len(r.window)/r.channels))
	if err := file.Close(); r.err == nil {
		r.err = err
	}
	if r.err != nil {
		r.engine.log.Error("recording failed", "path", r.path, "err", r.err)
	}
}

// take puts a frame where it belongs, and writes what is old enough that nobody will add to it.
func (r *Recorder) take(file soundFile, h *heard) bool {
	defer heardPool.Put(h)
	if r.gaps.within(h.at) {
		return true
	}
	pcm := h.tap.rated.at(r.rate, h.pcm)
	if r.start.IsZero() {
		r.start = h.at.Add(-r.gaps.before(h.at))
	}
	if r.skips(pcm) {
		r.start = r.start.Add(codec.Frame)
		return true
	}
	since := h.at.Add(-r.gaps.before(h.at)).Sub(r.start)
	at := h.tap.place(int64(since) * int64(r.rate) / int64(time.Second))
	r.skip(file, at)
	r.add(h.tap.channel, at, pcm)
	settled := at + int64(len(pcm)) - int64(settle/time.Millisecond)*int64(r.rate)/1000
	r.flush(file, settled)
	return r.err == nil && r.base < r.limit
}

// skips tells that a frame is part of a silence that has lasted long enough.
func (r *Recorder) skips(pcm []int16) bool {
	after := r.skipAfter.Load()
	if after == 0 || above(pcm, int16(r.skipPeak.Load())) {
		r.quiet = 0
		return false
	}
	r.quiet += int64(len(pcm))
	return r.quiet > after
}

// place is where a frame goes: right after the one before, or where its time is when that is far off.
func (t *tap) place(due int64) int64 {
	slack := int64(2 * frameSamples(t.recorder.rate))
	if off := due - t.next; off > slack || off < -slack {
		t.next = max(due, 0)
	}
	at := t.next
	t.next += int64(frameSamples(t.recorder.rate))
	return at
}

// add mixes a frame into the window.
func (r *Recorder) add(channel int, at int64, pcm []int16) {
	if at < r.base {
		r.dropped.Add(1)
		return
	}
	r.widen(at + int64(len(pcm)))
	for i, x := range pcm {
		slot := &r.window[(int(at-r.base)+i)*r.channels+channel]
		*slot = int16(min(max(int(*slot)+int(x), -1<<15), 1<<15-1))
	}
}

// skip writes the silence of a long time in which nothing was heard, without holding it in memory.
func (r *Recorder) skip(file soundFile, to int64) {
	second := int64(r.rate)
	for r.err == nil && r.base < r.limit && to-r.base > 2*second {
		r.widen(r.base + second)
		r.flush(file, r.base+second)
	}
}

// widen makes the window reach to a sample frame.
func (r *Recorder) widen(to int64) {
	missing := int(to-r.base)*r.channels - len(r.window)
	if missing > 0 {
		r.window = slices.Grow(r.window, missing)
		r.window = r.window[:len(r.window)+missing]
		clear(r.window[len(r.window)-missing:])
	}
}

// flush writes the window up to a sample frame.
func (r *Recorder) flush(file soundFile, until int64) {
	until = min(until, r.base+int64(len(r.window)/r.channels), r.limit)
	n := int(until-r.base) * r.channels
	if n <= 0 || r.err != nil {
		return
	}
	r.err = file.Write(r.window[:n])
	r.window = r.window[:copy(r.window, r.window[n:])]
	r.base = until
	r.written.Store(until)
}
