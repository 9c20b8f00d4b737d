package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// The pulse writes when nobody else does, and tells when writes begin to fail and to succeed.
func TestPulse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fails atomic.Bool
		var beats atomic.Int32
		p := newPulse(testLog(t))
		p.write = func(ctx context.Context) error {
			beats.Add(1)
			if fails.Load() {
				<-ctx.Done()
				return ErrUnavailable
			}
			return nil
		}
		life, end := context.WithCancel(t.Context())
		var told []bool
		stop := p.watch(func(ok bool) { told = append(told, ok) })
		is := func(what string, want ...bool) {
			t.Helper()
			if synctest.Wait(); fmt.Sprint(told) != fmt.Sprint(want) {
				t.Errorf("%s: told %v, want %v", what, told, want)
			}
		}
		is("before the first", false)
		go p.beat(life)
		time.Sleep(pulseAgain)
		is("after the first", false, true)
		for range 100 { // somebody else writes
			time.Sleep(pulseEvery / 10)
			p.wrote(time.Now(), nil)
		}
		if n := beats.Load(); n > 2 {
			t.Errorf("%d beats beside other writes", n)
		}
		p.wrote(time.Now(), ErrUnavailable)
		p.wrote(time.Now().Add(-time.Minute), ErrUnavailable)
		p.wrote(time.Now().Add(-time.Minute), ErrConflict)
		is("what says nothing", false, true)
		fails.Store(true)
		time.Sleep(pulseEvery + pulseWait)
		is("loss", false, true, false)
		if good, err := p.state(); !errors.Is(err, ErrUnavailable) || time.Since(good) != pulseEvery+pulseWait {
			t.Errorf("%v ago, %v", time.Since(good), err)
		}
		fails.Store(false)
		time.Sleep(pulseAgain + pulseWait)
		is("again", false, true, false, true)
		stop()
		fails.Store(true)
		time.Sleep(time.Minute)
		is("after stop", false, true, false, true)
		end()
		<-p.ended
	})
}
