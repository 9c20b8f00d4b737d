package cluster

import "github.com/asynkron/protoactor-go/actor"

// Foreign tells for whom an actor was made here that another member needs.
type Foreign struct {
	Member string // name of the member that asked
	Why    string // the word by which this one was chosen: "remotely", "near"
}

// madeFor notes an actor that was made for another member, as long as it lives.
func (m *Member) madeFor(pid *actor.PID, f Foreign) {
	m.foreigners.Store(pid.Id, f)
	if _, lives := m.cells.Load(pid.Id); !lives { // it was quicker
		m.foreigners.Delete(pid.Id)
	}
}

// For tells for whom the actor of a handler was made. False: for this member itself, or it does not live here.
func (m *Member) For(handler string) (Foreign, bool) {
	pid, err := m.Parse(handler)
	if err != nil {
		return Foreign{}, false
	}
	f, ok := m.foreigners.Load(pid.Id)
	if !ok {
		return Foreign{}, false
	}
	return f.(Foreign), true
}

// Foreigners counts the actors of a kind that live here for other members, by the member that asked.
func (m *Member) Foreigners(kind string) map[string]int {
	out := map[string]int{}
	m.foreigners.Range(func(id, f any) bool {
		if k, _, _, err := splitID(id.(string)); err == nil && k == kind {
			out[f.(Foreign).Member]++
		}
		return true
	})
	return out
}

// Home is the member on which the actor of a handler lives, or did. ErrHandler and ErrGone as from Parse.
func (m *Member) Home(handler string) (string, error) {
	pid, err := m.Parse(handler)
	switch {
	case err != nil:
		return "", err
	case m.Here(pid):
		return m.name, nil
	}
	if p := m.peers.of(pid); p != nil {
		return p.name, nil
	}
	return "", ErrGone
}
