package load

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
)

// trial is a testing.TB of one story among thousands: what it fails is told to the story, and what it leaves for the end
// is done at the story's end and not at the test's.
type trial struct {
	testing.TB

	mu     sync.Mutex
	wrong  []string
	atEnd  []func()
	finish sync.Once
}

// run performs a story in a goroutine of its own, so that Fatal ends it and nothing else, and returns what went wrong.
func (c *trial) run(story func()) []string {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer c.end()
		story()
	}()
	<-done
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wrong
}

// end does what was left for it, the last first.
func (c *trial) end() {
	c.finish.Do(func() {
		for {
			c.mu.Lock()
			n := len(c.atEnd) - 1
			if n < 0 {
				c.mu.Unlock()
				return
			}
			f := c.atEnd[n]
			c.atEnd = c.atEnd[:n]
			c.mu.Unlock()
			apart(f)
		}
	})
}

// apart does something whose Fatal ends nothing else.
func apart(f func()) {
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	<-done
}

func (c *trial) fail(what string) { c.mu.Lock(); c.wrong = append(c.wrong, what); c.mu.Unlock() }

// Helper, Cleanup and the others are those of testing.TB, for the trial alone.
func (c *trial) Helper()                      {}
func (c *trial) Cleanup(f func())             { c.mu.Lock(); c.atEnd = append(c.atEnd, f); c.mu.Unlock() }
func (c *trial) Failed() bool                 { c.mu.Lock(); defer c.mu.Unlock(); return len(c.wrong) > 0 }
func (c *trial) Log(...any)                   {}
func (c *trial) Logf(string, ...any)          {}
func (c *trial) Fail()                        { c.fail("failed") }
func (c *trial) FailNow()                     { c.Fail(); runtime.Goexit() }
func (c *trial) Error(args ...any)            { c.fail(fmt.Sprint(args...)) }
func (c *trial) Errorf(f string, args ...any) { c.fail(fmt.Sprintf(f, args...)) }
func (c *trial) Fatal(args ...any)            { c.Error(args...); runtime.Goexit() }
func (c *trial) Fatalf(f string, args ...any) { c.Errorf(f, args...); runtime.Goexit() }
func (c *trial) SkipNow()                     { c.FailNow() }
func (c *trial) Skip(args ...any)             { c.Fatal(args...) }
func (c *trial) Skipf(f string, args ...any)  { c.Fatalf(f, args...) }
