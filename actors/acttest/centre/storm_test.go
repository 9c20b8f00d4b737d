package centre

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"tandem/actors/cluster"
	"tandem/actors/msg"
)

// TestStorm has all agents log on at once, each of two queues, on three members in one process, and says how long it
// takes until all are ready and all queues know them: 300 of 30 queues, or with TANDEM_LOAD 10,000 of 1,000. It fails
// when somebody is missing, never because it took long.
func TestStorm(t *testing.T) {
	queues, agents := 30, 300
	if os.Getenv("TANDEM_LOAD") != "" {
		queues, agents = 1000, 10000
	}
	const askers = 32
	c := newCentre(t, 3)
	for i := range queues {
		c.define(fmt.Sprint("q", i), nil)
	}
	for i := range agents {
		c.employ(fmt.Sprint("a", i), fmt.Sprint("q", i%queues), fmt.Sprint("q", (i*7+1)%queues))
	}
	begun := time.Now()
	var work sync.WaitGroup
	for n := range askers {
		work.Go(func() {
			for i := n; i < agents; i += askers {
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				err := cluster.Until(ctx, 50*time.Millisecond, func() bool {
					_, err := c.members[i%3].Ask(ctx, "agent", fmt.Sprint("a", i), &msg.AgentLogOn{}, 10*time.Second)
					return err == nil
				})
				if cancel(); err != nil {
					c.fault("a%d: %v", i, err)
				}
			}
		})
	}
	work.Wait()
	answered := time.Since(begun)
	looks := 0
	c.until("all queues know all of their agents", func() bool {
		if looks++; looks%500 == 0 {
			c.wake() // where members have taken each other for lost meanwhile, names have moved
		}
		ready := 0
		for _, f := range c.queues {
			for _, r := range f.Table.Rows() {
				ready += r.Ready
			}
		}
		return ready >= 2*agents-queues // one who belongs to a queue twice is there once
	})
	t.Logf("%d agents of %d queues: all answered after %v, all ready for their queues after %v", agents, queues,
		answered.Round(time.Millisecond), time.Since(begun).Round(time.Millisecond))
	c.sound()
}
