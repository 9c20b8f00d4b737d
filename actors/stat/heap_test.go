package stat

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/actors/msg"
)

// inUse is how much of the heap lives, in bytes.
func inUse() uint64 {
	runtime.GC()
	runtime.GC() // what a finalizer has let go
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestDroppedAreForgotten: nothing is left of statistics that were dropped, once later facts have come.
func TestDroppedAreForgotten(t *testing.T) {
	const many = 300
	h := newHamlet(t, "a")
	long := strings.Repeat(`PairExists("class","gold") & ~PairExists("class","*") | `, 34)
	each := func(f func(i int)) {
		var all sync.WaitGroup
		for i := range many {
			all.Go(func() { f(i) })
		}
		all.Wait()
	}
	ids := make([]string, many)
	before := inUse()
	each(func(i int) {
		ids[i] = h.open("a", Request{Object: "Queue:Q", Category: "TotalNumber", Main: "CallEntered", Filter: long + fmt.Sprintf(`PairExists("x","%d")`, i)}).ID
	})
	open := inUse()
	each(func(i int) {
		if err := h.halls["a"].Drop(context.Background(), ids[i]); err != nil {
			t.Error(err)
		}
	})
	h.mu.Lock()
	for i := range h.facts { // the journal is not the hall's
		h.facts[i].Body = nil
	}
	h.mu.Unlock()
	for i := range 5 {
		h.pass(time.Second)
		h.queue(fmt.Sprint("c", i), msg.QueueFact_ENTERED, 0, "")
		h.values("a")
	}
	left := inUse()
	t.Logf("%d bytes before, %d with %d statistics, %d when these are dropped", before, open, many, left)
	if left > before+(open-before)/4 {
		t.Errorf("of %d bytes %d are left", open-before, left-before)
	}
	runtime.KeepAlive(h)
}
