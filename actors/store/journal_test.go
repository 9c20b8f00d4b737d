package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"

	"tandem/conf"
)

func TestJournalKeepsFactsAndOrder(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("x", 3600))
	facts := numbered(0, 5000)
	for i := range facts {
		facts[i].At, facts[i].Body = at, []byte{byte(i), 0, 1}
	}
	positions := appendAll(t, s.Journal(), facts...)
	if !slices.IsSorted(positions) || s.Journal().Last() != positions[4999] {
		t.Errorf("last %d, positions %v", s.Journal().Last(), positions[4990:])
	}
	closeStore(t, s)
	s = openStore(t, dir)
	if s.Journal().Last() != positions[4999] {
		t.Errorf("last after opening again: %d", s.Journal().Last())
	}
	i := 0
	err := s.Journal().Read(t.Context(), 0, func(f Fact) bool {
		if f.Kind != "test" || f.Subject != fmt.Sprint(i) || !f.At.Equal(at) || f.At.Location() != time.UTC ||
			!slices.Equal(f.Body, []byte{byte(i), 0, 1}) || f.Position != positions[i] {
			t.Fatalf("%d: %+v", i, f)
		}
		i++
		return true
	})
	if err != nil || i != 5000 {
		t.Errorf("%d facts, %v", i, err)
	}
	if got := subjects(t, s.Journal(), positions[2500]+1); len(got) != 2499 || got[0] != "2501" {
		t.Errorf("behind a position: %d", len(got))
	}
	if got := subjects(t, s.Journal(), positions[4999]+1); len(got) != 0 {
		t.Errorf("behind the end: %v", got)
	}
	n := s.Snapshot()
	if n.Last != positions[4999] {
		t.Errorf("%+v", n)
	}
}

// Who watches is told that there is more, once for any number of facts that he has not looked at, until he has enough.
func TestWatch(t *testing.T) {
	j := openStore(t, t.TempDir()).Journal()
	grown, stop := j.Watch()
	appendAll(t, j, numbered(0, 500)...)
	select {
	case <-grown:
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was told")
	}
	stop()
	select {
	case <-grown: // what was on its way
	default:
	}
	appendAll(t, j, numbered(500, 1)...)
	select {
	case <-grown:
		t.Error("told after the end")
	default:
	}
}

func TestReadStopsWhenTold(t *testing.T) {
	j := openStore(t, t.TempDir()).Journal()
	if got := subjects(t, j, 0); got != nil || j.Last() != 0 {
		t.Errorf("empty journal: %v, last %d", got, j.Last())
	}
	appendAll(t, j, numbered(0, 10)...)
	n := 0
	if err := j.Read(t.Context(), 0, func(Fact) bool { n++; return n < 3 }); err != nil || n != 3 {
		t.Errorf("%d %v", n, err)
	}
	n = 0
	if err := j.Tail(t.Context(), 9, nil, func(Fact) bool { n++; return n < 3 }); err != nil || n != 3 {
		t.Errorf("%d %v", n, err)
	}
}

func TestTail(t *testing.T) {
	j := openStore(t, t.TempDir()).Journal()
	for i := range 10 {
		appendAll(t, j, numbered(3*i, 3)...)
	}
	for n, want := range map[int]string{0: "", 1: "29", 5: "25 26 27 28 29", 6: "24 25 26 27 28 29"} {
		var got []string
		err := j.Tail(t.Context(), n, nil, func(f Fact) bool { got = append(got, f.Subject); return true })
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%d: %v %v", n, got, err)
		}
	}
	n := 0
	if err := j.Tail(t.Context(), 1000, nil, func(Fact) bool { n++; return true }); err != nil || n != 30 {
		t.Errorf("%d %v", n, err)
	}
}

func TestAppendRefuses(t *testing.T) {
	j := openStore(t, t.TempDir()).Journal()
	if err := j.Append(Fact{}, nil); !errors.Is(err, ErrBadFact) {
		t.Error(err)
	}
	if err := j.Append(Fact{Kind: "k", Body: make([]byte, j.limits.Frame)}, nil); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	fits := Fact{Kind: "k"}
	fits.Body = make([]byte, j.limits.Frame-frameHeader-factSize(&fits))
	appendAll(t, j, fits, fits)
}

// fakeFrames is a stream in memory that can fail before or behind the write. It blocks while gate is
// not nil.
type fakeFrames struct {
	gate    chan struct{}
	failing []string // for the next writes: "lost" on the way there, "unanswered" when written, "nobody" takes them
	mute    int      // so many searches are not answered
	ids     []string
	frames  [][]byte
}

func (f *fakeFrames) write(ctx context.Context, id string, frame []byte) (uint64, error) {
	if f.gate != nil {
		select {
		case <-f.gate:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	how := ""
	if len(f.failing) > 0 {
		how, f.failing = f.failing[0], f.failing[1:]
	}
	switch how {
	case "lost":
		return 0, ErrUnavailable
	case "nobody":
		return 0, verdict(nats.ErrNoResponders)
	}
	f.ids, f.frames = append(f.ids, id), append(f.frames, slices.Clone(frame))
	if how == "unanswered" {
		return 0, ErrUnavailable
	}
	return uint64(len(f.ids)), nil
}

func (f *fakeFrames) find(_ context.Context, _ time.Duration, after uint64, _ time.Time, id string) (uint64, bool, error) {
	if f.mute > 0 {
		f.mute--
		return 0, false, ErrUnavailable
	}
	i := slices.Index(f.ids[after:], id)
	return after + uint64(i) + 1, i >= 0, nil
}

func (f *fakeFrames) subjects(t *testing.T) (list []string) {
	for i, b := range f.frames {
		facts, err := decodeFrame(b, uint64(i+1))
		if err != nil {
			t.Fatal(err)
		}
		for _, fact := range facts {
			list = append(list, fact.Subject)
		}
	}
	return list
}

func TestFailedFramesAreWrittenOnceAndInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeFrames{failing: []string{"lost", "unanswered", "lost", "lost", "", "unanswered"}}
		j := newJournal(conf.DefaultStore(), f, "run", 0, callTime, nil, testLog(t))
		for i := range 4 {
			appendAll(t, j, numbered(2*i, 2)...)
		}
		n := j.snapshot()
		if got := strings.Join(f.subjects(t), " "); got != "0 1 2 3 4 5 6 7" {
			t.Error(got)
		}
		if n.Retries != 5 || n.Frames != 4 || n.Facts != 8 || n.Pending != 0 || n.PendingBytes != 0 {
			t.Errorf("%+v", n)
		}
		if err := j.close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// As long as nobody says whether a frame is there it is not written again; one that nobody took is.
func TestFrameOfUnknownFateIsSearchedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeFrames{failing: []string{"unanswered"}, mute: 5}
		j := newJournal(conf.DefaultStore(), f, "run", 0, callTime, nil, testLog(t))
		defer j.close(t.Context())
		appendAll(t, j, numbered(0, 1)...)
		if n := j.snapshot(); len(f.ids) != 1 || f.mute != 0 || n.Retries != 6 {
			t.Errorf("written %v, %d searches to come, %+v", f.ids, f.mute, n)
		}
		f.failing, f.mute = []string{"nobody", "nobody"}, 5
		appendAll(t, j, numbered(1, 1)...)
		if len(f.ids) != 2 || f.mute != 5 {
			t.Errorf("written %v, %d searches to come", f.ids, f.mute)
		}
		f.failing, f.mute = []string{"lost", "nobody"}, 0
		appendAll(t, j, numbered(2, 1)...)
		if got := strings.Join(f.subjects(t), " "); got != "0 1 2" {
			t.Error(got)
		}
	})
}

func TestFramesGatherUntilOldOrFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeFrames{}
		c := conf.DefaultStore()
		c.Frame = 1024
		j := newJournal(c, f, "run", 0, callTime, nil, testLog(t))
		defer j.close(t.Context())
		start := time.Now()
		appendAll(t, j, numbered(0, 10)...)
		if took := time.Since(start); took != c.FrameDelay || len(f.frames) != 1 {
			t.Errorf("%d frames after %v", len(f.frames), took)
		}
		time.Sleep(c.FrameDelay)
		start = time.Now()
		appendAll(t, j, numbered(10, 10)...) // nothing was written for a while: what comes together is not kept waiting
		if took := time.Since(start); took != c.FrameDelay/gatherPart || len(f.frames) != 2 {
			t.Errorf("%d frames after %v", len(f.frames), took)
		}
		appendAll(t, j, numbered(20, 1)...)
		if took := time.Since(start); took != c.FrameDelay/gatherPart+c.FrameDelay || len(f.frames) != 3 {
			t.Errorf("%d frames after %v", len(f.frames), took)
		}
		j.Append(Fact{Kind: "k", Body: make([]byte, 900)}, nil)
		j.Append(Fact{Kind: "k", Body: make([]byte, 900)}, nil)
		synctest.Wait() // the clock stands still: only the full frame can go
		if len(f.frames) != 4 {
			t.Errorf("%d frames", len(f.frames))
		}
	})
}

func TestAppendWhenFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeFrames{gate: make(chan struct{})}
		c := conf.DefaultStore()
		c.Pending = 10
		j := newJournal(c, f, "run", 0, callTime, nil, testLog(t))
		var acked int
		for range 10 {
			if err := j.Append(Fact{Kind: "k"}, func(_ uint64, err error) {
				if err == nil {
					acked++
				}
			}); err != nil {
				t.Fatal(err)
			}
		}
		if err := j.Append(Fact{Kind: "k"}, nil); !errors.Is(err, ErrFull) {
			t.Errorf("got %v", err)
		}
		close(f.gate)
		time.Sleep(time.Second) // the bubble's clock: until everything has settled
		if err := j.Append(Fact{Kind: "k"}, nil); err != nil {
			t.Errorf("after the jam: %v", err)
		}
		if n := j.snapshot(); n.Refused != 1 || acked != 10 {
			t.Errorf("acked %d, %+v", acked, n)
		}
		if err := j.close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestFullOfBytes(t *testing.T) {
	f := &fakeFrames{gate: make(chan struct{})}
	c := conf.DefaultStore()
	c.Pending = 100
	j := newJournal(c, f, "run", 0, callTime, nil, testLog(t))
	n := 0
	for j.Append(Fact{Kind: "k", Body: make([]byte, 10000)}, nil) == nil {
		n++
	}
	if n != 100*pendingFact/10000 {
		t.Errorf("%d large facts", n)
	}
	close(f.gate)
	if err := j.close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestCloseGivesUpAndTellsThoseWhoWait(t *testing.T) {
	f := &fakeFrames{gate: make(chan struct{})}
	j := newJournal(conf.DefaultStore(), f, "run", 0, callTime, nil, testLog(t))
	told := 0
	for range 3 {
		j.Append(Fact{Kind: "k"}, func(_ uint64, err error) {
			if errors.Is(err, ErrClosed) {
				told++
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.close(ctx); err == nil || !strings.Contains(err.Error(), "3 facts") {
		t.Errorf("got %v", err)
	}
	if told != 3 {
		t.Errorf("told %d", told)
	}
}

func TestFindLooksBehindAPosition(t *testing.T) {
	s := openStore(t, t.TempDir())
	j := s.Journal()
	for range 5 {
		appendAll(t, j, numbered(0, 1)...)
	}
	seq, ok, err := j.frames.find(t.Context(), callTime, 1, time.Now(), j.run+"-4")
	if err != nil || !ok || seq != 4 {
		t.Errorf("%d %v %v", seq, ok, err)
	}
	if _, ok, err := j.frames.find(t.Context(), callTime, 4, time.Now(), j.run+"-4"); ok || err != nil {
		t.Errorf("behind it: %v %v", ok, err)
	}
	if _, ok, err := j.frames.find(t.Context(), callTime, 5, time.Now(), "x"); ok || err != nil {
		t.Errorf("behind the end: %v %v", ok, err)
	}
}

// An answer that does not come is not waited for as long as the whole search may take.
func TestAnswersAreBounded(t *testing.T) {
	s := openStore(t, t.TempDir())
	sub, err := s.engine.nc.SubscribeSync(nats.NewInbox())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), findTime)
	defer cancel()
	if _, err := nextAnswer(ctx, sub, 10*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
		t.Errorf("%v, %v", err, ctx.Err())
	}
}

// A search need not begin before the frame was first tried.
func TestSearchSkipsOldFrames(t *testing.T) {
	s := openStore(t, t.TempDir())
	for range 5 {
		appendAll(t, s.Journal(), numbered(0, 1)...)
	}
	st, err := s.engine.js.Stream(t.Context(), journalStream)
	if err != nil {
		t.Fatal(err)
	}
	third, err := st.GetMsg(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	w := s.Journal().frames.(*journalFrames)
	for _, c := range []struct {
		next, want uint64
		since      time.Time
	}{{1, 3, third.Time}, {4, 4, third.Time}, {1, 4, third.Time.Add(1)}, {1, 1, third.Time.Add(-time.Hour)},
		{2, 2, third.Time.Add(time.Hour)}} {
		if got, err := w.skipTo(t.Context(), c.next, c.since); got != c.want || err != nil {
			t.Errorf("%+v: %d, %v", c, got, err)
		}
	}
}

// The engine itself refuses the same frame twice, and answers with the first one's sequence.
func TestSameIDIsWrittenOnce(t *testing.T) {
	j := openStore(t, t.TempDir()).Journal()
	frame := appendFact(newFrame(nil), &Fact{Kind: "k"})
	sealFrame(frame)
	for range 3 {
		if seq, err := j.frames.write(t.Context(), "same", frame); seq != 1 || err != nil {
			t.Fatalf("%d %v", seq, err)
		}
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	f := &fakeFrames{gate: make(chan struct{})}
	c := conf.DefaultStore()
	c.Frame = 1 << 20
	c.FrameDelay = time.Hour
	j := newJournal(c, f, "run", 0, callTime, nil, testLog(t))
	j.mu.Lock()
	j.spare = &batch{buf: make([]byte, 0, 1<<20), done: make([]func(uint64, error), 0, 10000)}
	j.mu.Unlock()
	fact := Fact{Kind: "leg.started", Subject: "leg-1", At: time.Now(), Body: make([]byte, 50)}
	if n := testing.AllocsPerRun(1000, func() { j.Append(fact, nil) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	close(f.gate)
	j.close(t.Context())
}

// Who follows the journal reads it after each frame: what that costs must not depend on what could be read at once.
func TestReadingTakesLittleMemory(t *testing.T) {
	s := openStore(t, t.TempDir())
	appendAll(t, s.Journal(), numbered(0, 1)...)
	read := func() {
		if err := s.Journal().Tail(t.Context(), 1, nil, func(Fact) bool { return true }); err != nil {
			t.Fatal(err)
		}
	}
	read()
	const times = 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		read()
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / times; each > 200<<10 {
		t.Errorf("reading one frame takes %d bytes", each)
	}
}
