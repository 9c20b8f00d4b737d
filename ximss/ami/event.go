package ami

import "strings"

// Class is what an event is about. Clients choose events by class.
type Class string

// Classes. The first one is of whom an event is sent to anyhow.
const (
	System    Class = "system"
	CallClass Class = "call"
	Agents    Class = "agent"
	User      Class = "user"
)

// Event is something that has happened, for all clients that may know it.
type Event struct {
	Name   string
	Class  Class
	Queues []string // one of them one must be allowed to watch; none: it is for those who see all calls
	Of     Packet
}

// packet is an event as it travels.
func (e Event) packet() Packet {
	return append(Packet{{"Event", e.Name}, {"Privilege", string(e.Class) + ",all"}}, e.Of...)
}

// mask is which events a client wants.
type mask struct {
	all     bool
	classes map[Class]bool
}

// parseMask reads on, off, or a list of classes; classes that we do not have are no mistake.
func parseMask(text string) (m mask) {
	switch word := strings.ToLower(strings.TrimSpace(text)); word {
	case "on", "all", "true", "yes", "1":
		return mask{all: true}
	case "off", "none", "false", "no", "0", "":
		return mask{}
	}
	m.classes = map[Class]bool{}
	for word := range strings.SplitSeq(strings.ToLower(text), ",") {
		if word = strings.TrimSpace(word); word == "all" {
			return mask{all: true}
		}
		if c := Class(word); c == System || c == CallClass || c == Agents || c == User {
			m.classes[c] = true
		}
	}
	return m
}

func (m mask) has(c Class) bool { return m.all || m.classes[c] }

func (m mask) none() bool { return !m.all && len(m.classes) == 0 }
