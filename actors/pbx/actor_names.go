package pbx

import (
	"sync"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
)

// names remembers the handlers that were written and read last, for all Tasks of a member: each is signed, and
// to sign costs more than all else about an event. What was read has been proved once. The zero names is ready
// but for its member.
type names struct {
	mu         sync.Mutex
	young, old generation
}

// generation are names that were used in the same while; the older one is forgotten whole.
type generation struct {
	texts map[string]string     // by the actor's name in the runtime
	pids  map[string]*actor.PID // by handler
}

// mostNames is how many of each a generation has, at most: about 200 bytes each.
const mostNames = 4096

// text is the handler of an address.
func (n *names) text(m *cluster.Member, pid *actor.PID) string {
	n.mu.Lock()
	s, ok := n.young.texts[pid.GetId()]
	if !ok {
		s = n.old.texts[pid.GetId()]
	}
	n.mu.Unlock()
	if ok {
		return s
	}
	if s == "" {
		s = m.Handler(pid)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.renew()
	n.young.texts[pid.GetId()] = s
	return s
}

// pid is whose handler it is; nil: nobody's who can be reached.
func (n *names) pid(m *cluster.Member, text string) *actor.PID {
	n.mu.Lock()
	p, ok := n.young.pids[text]
	if !ok {
		p = n.old.pids[text]
	}
	n.mu.Unlock()
	if ok {
		return fresh(p)
	}
	if p == nil {
		var err error
		if p, err = m.Parse(text); err != nil {
			return nil // what is no handler would only fill the memory
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.renew()
	n.young.pids[text] = p
	return fresh(p)
}

// fresh is the same address for use: one that was used keeps its actor, with all that it has, for as long as itself.
func fresh(p *actor.PID) *actor.PID { return actor.NewPID(p.Address, p.Id) }

// renew makes room for one more.
func (n *names) renew() {
	if n.young.texts == nil || len(n.young.texts) >= mostNames || len(n.young.pids) >= mostNames {
		n.old, n.young = n.young, generation{map[string]string{}, map[string]*actor.PID{}}
	}
}
