package cluster

import (
	"runtime"
	"sync"
	"testing"

	"github.com/asynkron/protoactor-go/actor"
)

// All that is scheduled runs, also when each run waits for another one, and those that rest are few and end.
func TestCrew(t *testing.T) {
	before := runtime.NumGoroutine()
	c := &crew{}
	const many = 10 * crewRests
	var together, over sync.WaitGroup
	for range 3 {
		together.Add(many)
		over.Add(many)
		for range many {
			c.Schedule(func() {
				defer over.Done()
				together.Done()
				together.Wait()
			})
		}
		over.Wait()
	}
	until(t, "the rest has ended", func() bool { return runtime.NumGoroutine() <= before+crewRests })
	c.dismiss()
	until(t, "all have ended", func() bool { return runtime.NumGoroutine() <= before })
}

// digger is an actor whose work needs a stack of some kilobytes, as a leg's does.
type digger struct{ over *sync.WaitGroup }

func (d digger) Receive(ctx actor.Context) {
	if _, ok := ctx.Message().(int); ok {
		dig(40, [256]byte{})
		d.over.Done()
	}
}

//go:noinline
func dig(n int, b [256]byte) byte {
	if n == 0 {
		return b[3]
	}
	b[n] = 1
	return dig(n-1, b) + b[0]
}

// BenchmarkDispatch runs mailboxes by the runtime's own dispatcher and by a crew.
func BenchmarkDispatch(b *testing.B) {
	for name, options := range map[string][]actor.PropsOption{"made": nil, "crew": {actor.WithDispatcher(&crew{})}} {
		b.Run(name, func(b *testing.B) {
			m := lab(b, &probe{})
			var over sync.WaitGroup
			var all []*actor.PID
			for range 64 {
				all = append(all, m.system.Root.Spawn(actor.PropsFromProducer(func() actor.Actor { return digger{&over} }, options...)))
			}
			b.ReportAllocs()
			b.ResetTimer()
			for n := range b.N {
				over.Add(1)
				m.system.Root.Send(all[n%len(all)], n)
				if n%8 == 7 {
					over.Wait()
				}
			}
			over.Wait()
		})
	}
}
