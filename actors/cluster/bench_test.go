package cluster

import (
	"context"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
	"tandem/conf"
)

// The benchmarks have each thing done on one member and by way of two, both in this process:
//
//	go test -run xxx -bench . ./actors/cluster

// ahead is how many messages are sent that were not taken yet, at most.
const ahead = 1000

// counter is an actor that counts, and one that answers.
type counter struct{ taken chan struct{} }

func (c *counter) Receive(ctx actor.Context) {
	if m, ok := ctx.Message().(*msg.LegInfo); ok {
		if ctx.Sender() != nil {
			ctx.Respond(m)
			return
		}
		c.taken <- struct{}{}
	}
}

// spawned makes a counter on a member, and gives its address as another process would have it.
func (c *counter) spawned(m *Member) *actor.PID {
	c.taken = make(chan struct{}, ahead)
	pid := m.system.Root.Spawn(actor.PropsFromProducer(func() actor.Actor { return c }))
	return actor.NewPID(pid.Address, pid.Id)
}

// hereAndThere runs a benchmark against an actor of the member itself and against one of another member.
func hereAndThere(b *testing.B, run func(b *testing.B, m *Member, c *counter, to *actor.PID)) {
	first, second, _, _ := pair(b)
	for _, at := range []struct {
		name string
		m    *Member
	}{{"here", first}, {"there", second}} {
		b.Run(at.name, func(b *testing.B) {
			c := &counter{}
			to := c.spawned(at.m)
			b.ReportAllocs()
			b.ResetTimer()
			run(b, first, c, to)
		})
	}
}

// info is a message of usual size.
func info() *msg.LegInfo {
	return &msg.LegInfo{ContentType: "application/sdp", Body: make([]byte, 400)}
}

// BenchmarkSend sends messages one after the other: an operation is one, sent and taken.
func BenchmarkSend(b *testing.B) {
	hereAndThere(b, func(b *testing.B, m *Member, c *counter, to *actor.PID) {
		message := info()
		for n := range b.N {
			m.Send(to, message)
			if n >= ahead {
				<-c.taken
			}
		}
		for range min(b.N, ahead) {
			<-c.taken
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	})
}

// BenchmarkTrip sends a message and waits for the answer.
func BenchmarkTrip(b *testing.B) {
	hereAndThere(b, func(b *testing.B, m *Member, _ *counter, to *actor.PID) {
		message := info()
		for range b.N {
			if _, err := m.request(b.Context(), to, message, 10*time.Second); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkPlace makes an actor and waits until it is known where: here, and on another member.
func BenchmarkPlace(b *testing.B) {
	members, probes, _ := company(b, 2, func(i int, c *conf.Cluster) {
		c.CallLegs = []string{conf.Locally, conf.LocallyForOthers}[i]
	})
	for _, p := range probes {
		go func() { // until the process ends
			for range p.got {
			}
		}()
	}
	m := members[0]
	until(b, "the list is known", func() bool { return len(m.Society().Willing.GetMembers()) == 1 })
	for name, placement := range map[string]string{"here": conf.Locally, "there": conf.Remotely} {
		b.Run(name, func(b *testing.B) {
			m.SetPlacement(Placement{CallLegs: placement})
			b.ReportAllocs()
			for range b.N {
				pid, err := m.PlaceNow(context.Background(), "leg", &msg.LegStart{Call: "c"})
				if err != nil {
					b.Fatal(err)
				}
				m.system.Root.Stop(actor.NewPID(pid.Address, pid.Id))
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "placements/s")
		})
	}
}
