package pbx

import (
	"strings"
	"testing"
	"testing/synctest"
)

// Many Tasks of one account wait, and one of each of two others: those are the next to have turns, and Tasks of
// one account have theirs in the order in which they came.
func TestTurnsAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var shared turns
		var order []string // one program runs at a time below, and appends
		for range atOnce[long] {
			shared.take("first", long)
		}
		wait := func(account, name string) {
			go func() {
				shared.take(account, long)
				order = append(order, name)
				shared.give(long)
			}()
			synctest.Wait()
		}
		for _, name := range []string{"a1", "a2", "a3", "a4"} {
			wait("a", name)
		}
		wait("b", "b1")
		wait("c", "c1")
		shared.take("a", brief) // does not wait for the long ones
		shared.give(brief)
		if len(order) > 0 {
			t.Fatalf("%v ran beside %d others", order, atOnce[long])
		}
		shared.give(long)
		synctest.Wait()
		if got := strings.Join(order, " "); got != "a1 b1 c1 a2 a3 a4" {
			t.Errorf("order: %s", got)
		}
		for range atOnce[long] - 1 {
			shared.give(long)
		}
		for p := range shared.lanes {
			l := &shared.lanes[p]
			if l.running != 0 || len(l.lines) != 0 || len(l.next) != 0 {
				t.Errorf("left in lane %d: %d running, %d lines, %d turns", p, l.running, len(l.lines), len(l.next))
			}
		}
	})
}
