package feed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// shop is a source that tests change.
type shop struct {
	mu    sync.Mutex
	parts Parts
	err   error
	times int
}

func (s *shop) source(context.Context) (Parts, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times++
	return s.parts, s.err
}

func (s *shop) set(p Parts, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parts, s.err = p, err
}

func (s *shop) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.times
}

func (s *shop) topic(name string) Topic { return Topic{Name: name, Key: name, Source: s.source} }

func parts(pairs ...string) Parts {
	p := Parts{}
	for i := 0; i < len(pairs); i += 2 {
		p[pairs[i]] = json.RawMessage(pairs[i+1])
	}
	return p
}

// told is the messages of a stream in short: topic, version, and what they hold.
func told(s *Stream) string {
	var all []string
	for _, m := range s.Next() {
		kind := "delta"
		if m.Whole {
			kind = "whole"
		}
		b, _ := json.Marshal(m.Parts)
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %d %s %s %s %s", m.Topic, m.Version, kind, b, strings.Join(m.Gone, ","), m.Trouble)))
	}
	return strings.Join(all, "; ")
}

func inBubble(t *testing.T, f func(t *testing.T, feed *Feed, tick func())) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f(t, New(time.Second, time.Now), func() {
			time.Sleep(time.Second)
			synctest.Wait()
		})
	})
}

func expect(t *testing.T, s *Stream, want string) {
	t.Helper()
	if got := told(s); got != want {
		t.Errorf("told %q, want %q", got, want)
	}
}

func TestASnapshotAndThenDeltas(t *testing.T) {
	inBubble(t, func(t *testing.T, feed *Feed, tick func()) {
		x := &shop{parts: parts("a", "1", "b", "2")}
		s, err := feed.Open([]Topic{x.topic("x")})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		synctest.Wait()
		expect(t, s, `x 1 whole {"a":1,"b":2}`)
		tick()
		expect(t, s, "") // nothing has changed
		x.set(parts("a", "3", "c", "4"), nil)
		tick()
		expect(t, s, `x 2 delta {"a":3,"c":4} b`)
	})
}

func TestASlowStreamGetsASnapshotAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, feed *Feed, tick func()) {
		x := &shop{parts: parts("a", "1")}
		slow, _ := feed.Open([]Topic{x.topic("x")})
		defer slow.Close()
		quick, _ := feed.Open([]Topic{x.topic("x")})
		defer quick.Close()
		synctest.Wait()
		expect(t, slow, `x 1 whole {"a":1}`)
		expect(t, quick, `x 1 whole {"a":1}`)
		for i := 2; i <= 4; i++ {
			x.set(parts("a", fmt.Sprint(i), "b", "0"), nil)
			tick()
			if i == 2 {
				expect(t, quick, `x 2 delta {"a":2,"b":0}`)
			} else {
				expect(t, quick, fmt.Sprintf(`x %d delta {"a":%d}`, i, i))
			}
		}
		expect(t, slow, `x 4 whole {"a":4,"b":0}`)
		if len(slow.wake) > 1 {
			t.Error("a queue")
		}
	})
}

func TestTroubleIsToldAndTheValuesStay(t *testing.T) {
	inBubble(t, func(t *testing.T, feed *Feed, tick func()) {
		x := &shop{err: errors.New("the store is away")}
		s, _ := feed.Open([]Topic{x.topic("x")})
		defer s.Close()
		synctest.Wait()
		expect(t, s, `x 1 whole null  the store is away`)
		x.set(parts("a", "1"), nil)
		tick()
		expect(t, s, `x 2 delta {"a":1}`)
		x.set(parts("a", "1"), errors.New("again"))
		tick()
		expect(t, s, `x 3 delta {}  again`)
		x.set(parts("a", "1"), nil)
		tick()
		expect(t, s, `x 4 delta {}`)
	})
}

func TestATopicIsComputedOnceForAllAndNotForNobody(t *testing.T) {
	inBubble(t, func(t *testing.T, feed *Feed, tick func()) {
		x := &shop{parts: parts("a", "1")}
		a, _ := feed.Open([]Topic{x.topic("x")})
		synctest.Wait()
		b, _ := feed.Open([]Topic{x.topic("x")})
		synctest.Wait()
		if x.asked() != 1 {
			t.Errorf("asked %d times", x.asked())
		}
		expect(t, b, `x 1 whole {"a":1}`) // at once, for who comes late
		a.Close()
		a.Close() // twice does no harm
		tick()
		if x.asked() != 2 || feed.Streams() != 1 {
			t.Errorf("asked %d times, %d streams", x.asked(), feed.Streams())
		}
		b.Close()
		tick()
		tick()
		if x.asked() > 3 || len(feed.topics) != 0 {
			t.Errorf("asked %d times for nobody", x.asked())
		}
	})
}

func TestAtMostFourTimesASecond(t *testing.T) {
	if f := New(time.Millisecond, time.Now); f.every != 250*time.Millisecond {
		t.Errorf("each %v", f.every)
	}
}

func TestTooMany(t *testing.T) {
	inBubble(t, func(t *testing.T, feed *Feed, _ func()) {
		x := &shop{}
		if _, err := feed.Open(nil); err == nil {
			t.Error("no topic")
		}
		if _, err := feed.Open(make([]Topic, MaxTopics+1)); err == nil {
			t.Error("too many topics")
		}
		var all []*Stream
		for range MaxStreams {
			s, err := feed.Open([]Topic{x.topic("x")})
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, s)
		}
		if _, err := feed.Open([]Topic{x.topic("x")}); !errors.Is(err, ErrFull) {
			t.Errorf("%v", err)
		}
		for _, s := range all {
			s.Close()
		}
	})
}
