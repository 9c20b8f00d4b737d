package cluster

import "sync"

// The runtime makes a goroutine for each run of a mailbox, whose stack then grows, by copying, to what an actor needs:
// for a call's many short runs that was a tenth of all processor time. A crew's goroutines stay, with their stacks.

// Limits of a crew.
const (
	crewRests  = 64  // goroutines that wait for work; further ones end
	throughput = 300 // messages of one mailbox, as the runtime has it, before others get a turn
)

// crew is a dispatcher of mailboxes. The goroutine that rested last works first: its stack is warm.
type crew struct {
	mu    sync.Mutex
	rests []chan func() // of those that wait
}

// Schedule implements actor.Dispatcher.
func (c *crew) Schedule(run func()) {
	c.mu.Lock()
	if n := len(c.rests); n > 0 {
		work := c.rests[n-1]
		c.rests = c.rests[:n-1]
		c.mu.Unlock()
		work <- run // has room: who rests has nothing
		return
	}
	c.mu.Unlock()
	go c.serve(run)
}

// Throughput implements actor.Dispatcher.
func (c *crew) Throughput() int { return throughput }

// serve runs one mailbox after another.
func (c *crew) serve(run func()) {
	work := make(chan func(), 1)
	for {
		run()
		if !c.rest(work) {
			return
		}
		if run = <-work; run == nil {
			return
		}
	}
}

func (c *crew) rest(work chan func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.rests) >= crewRests {
		return false
	}
	c.rests = append(c.rests, work)
	return true
}

// dismiss ends those that rest.
func (c *crew) dismiss() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, work := range c.rests {
		work <- nil
	}
	c.rests = nil
}
