package actors

import (
	"context"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/conf"
)

// beside has work done beside all else until the house closes, which waits for its end.
func (h *House) beside(ctx context.Context, work ...func(life context.Context)) {
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var all sync.WaitGroup
	for _, w := range work {
		all.Go(func() { w(life) })
	}
	h.closes(func(context.Context) error { cancel(); all.Wait(); return nil })
}

// keepEvery is how often a named actor is told to look after what it keeps.
const keepEvery = time.Second

// keeping has named actors of a kind look after what they keep for the settings: a connection, a registration.
type keeping struct {
	kind  string
	names func(*conf.Conf) []string
	tell  proto.Message
	also  func(turn, known int) // done after each turn, with how many names were ever known; nil: nothing
}

// keep tells those that this member owns, until life ends.
func (h *House) keep(life context.Context, k keeping) {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	known := map[string]bool{}
	for turn := 0; ; turn++ {
		for _, name := range k.names(h.live.Conf()) {
			known[name] = true
		}
		for name := range known { // with those that are in the settings no more, which have to hear it
			if h.owns(k.kind, name) {
				_ = h.member.Tell(k.kind, name, k.tell) // the next one is as good
			}
		}
		if k.also != nil {
			k.also(turn, len(known))
		}
		select {
		case <-tick.C:
		case <-life.Done():
			return
		}
	}
}
