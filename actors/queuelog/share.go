package queuelog

import (
	"slices"
	"strings"

	"tandem/actors/msg"
)

// shares says which member's partition each line of our own queues belongs to: calls where they live, agents where they
// logged on. What is said of one call, or of one agent until he logs off, stays together, whoever says it: a session that
// began in one partition and ended in another would last for ever in the first. It is a function of the journal, so that
// each Controller deals the lines out as the one before would have.
type shares struct {
	Names  []string // members that have had a line, in order
	Calls  homes
	Agents homes
}

// Limits of what is remembered, twice as many at most.
const (
	maxCallHomes  = 2000 // of a call that is forgotten its home is asked for again, which nearly always is the same
	maxAgentHomes = 5000
	maxOwn        = 1000 // members that ever were
)

// homes remember the member of a name as long as it is heard now and then.
type homes struct{ Recent, Older map[string]string }

// of is the member of a name: the first one that was said of it.
func (h *homes) of(name, said string, most int) string {
	if home, ok := h.Recent[name]; ok {
		return home
	}
	if home, ok := h.Older[name]; ok {
		said = home
	}
	if len(h.Recent) >= most {
		h.Older, h.Recent = h.Recent, nil
	}
	if h.Recent == nil {
		h.Recent = map[string]string{}
	}
	h.Recent[name] = said
	return said
}

func (h *homes) forget(name string) { delete(h.Recent, name); delete(h.Older, name) }

// agentVerbs are those of lines that are about an agent, whatever call they name (reference queuelog.md 2.1).
var agentVerbs = map[string]bool{"AGENTLOGIN": true, "AGENTLOGOFF": true, "AGENTCALLBACKLOGIN": true, "AGENTCALLBACKLOGOFF": true,
	"ADDMEMBER": true, "ADDMEMBER2": true, "REMOVEMEMBER": true, "PAUSE": true, "UNPAUSE": true, "PAUSEALL": true, "UNPAUSEALL": true,
	"PAUSEREASON": true, "PENALTY": true, "RINGINUSE": true, "HOTDESK": true}

// of are the partitions of a line. A start of all queues is one in each.
func (s *shares) of(l *msg.FactLine) []string {
	home := ownName(l.Member)
	switch {
	case l.Verb == "QUEUESTART" && l.Call == "":
		s.seen(home)
		s.Calls, s.Agents = homes{}, homes{}
		return s.Names
	case isName(l.Agent) && (agentVerbs[l.Verb] || !isName(l.Call)):
		home = s.Agents.of(l.Agent, home, maxAgentHomes)
		if l.Verb == "AGENTLOGOFF" || l.Verb == "AGENTCALLBACKLOGOFF" {
			s.Agents.forget(l.Agent)
		}
	case isName(l.Call):
		home = s.Calls.of(l.Call, home, maxCallHomes)
	}
	s.seen(home)
	return []string{home}
}

func (s *shares) seen(name string) {
	if !slices.Contains(s.Names, name) && len(s.Names) < maxOwn {
		s.Names = append(s.Names, name)
		slices.Sort(s.Names)
	}
}

// isName tells whether a field names a call or an agent, or only says that there is none, or how the line came about.
func isName(name string) bool {
	switch name {
	case "", "NONE", "MANAGER", "CLI", "REALTIME":
		return false
	}
	return true
}

// noMember is the partition of lines whose member is not known, or has a name that no partition can have.
const noMember = "tandem"

// ownName is the partition of a member.
func ownName(member string) string {
	name := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-' {
			return c
		}
		return '_'
	}, member)
	if name = strings.TrimRight(name, "-"); name == "" || len(name) > 64 {
		return noMember
	}
	return name
}
