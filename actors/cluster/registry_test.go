package cluster

import (
	"runtime"
	"strconv"
	"testing"

	"github.com/asynkron/protoactor-go/actor"
)

// The table of actors keeps nothing of those that are gone, but some room in each of its parts.
func TestRegistry(t *testing.T) {
	const actors, most = 200_000, 1 << 20
	system := actor.NewActorSystem()
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	table, before := system.ProcessRegistry, heap()
	for i := range actors {
		pid, ok := table.Add(system.DeadLetter, strconv.Itoa(i))
		if !ok {
			t.Fatalf("there is an actor %d", i)
		}
		table.Remove(pid)
	}
	if after := heap(); after > before+most {
		t.Errorf("%d actors that are gone keep %d octets", actors, after-before)
	}
	runtime.KeepAlive(system)
}
