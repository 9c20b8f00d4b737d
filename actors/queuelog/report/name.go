package report

import "strings"

// Names says how agents' names are made equal (reference queuelog.md 2.3). The zero value only makes Agent/101 of
// Local/101@somewhere.
type Names struct {
	KeepLocal bool              // Local/101@agents stays what it is
	Strip     bool              // SIP/101-8f2c is SIP/101: old servers wrote channels for agents
	Aliases   map[string]string // what an agent is called in place of an interface
}

// Of is a name as reports have it, of a source that does not rewrite names.
func (n Names) Of(name string) string { return newNamer(n, "").plain(name) }

// namer gives the names of one partition their final form.
type namer struct {
	Names
	prefix string            // of the partition, for clustrw
	desks  map[string]string // interfaces at which somebody works for a time (HOTDESK)
	known  map[string]string
	near   recents
}

func newNamer(n Names, prefix string) *namer {
	return &namer{Names: n, prefix: prefix, desks: map[string]string{}, known: map[string]string{}}
}

// of is the final form of a name.
func (n *namer) of(raw []byte) string {
	near := n.near.of(raw)
	if near.raw == string(raw) {
		return near.name
	}
	name, ok := n.known[string(raw)]
	if !ok {
		name = n.make(string(raw))
		if len(n.known) < maxNames {
			n.known[string(raw)] = name
		}
	}
	*near = recent{string(raw), name}
	return name
}

func (n *namer) make(name string) string { return n.rewrite(n.plain(name)) }

// plain is a name without the partition in it.
func (n *namer) plain(name string) string {
	if desk, ok := n.desks[name]; ok {
		name = desk
	} else if alias, ok := n.Aliases[name]; ok {
		name = alias
	}
	if who, ok := strings.CutPrefix(name, "Local/"); ok && !n.KeepLocal {
		who, _, _ = strings.Cut(who, "@")
		name = "Agent/" + who
	}
	technology, who, isChannel := strings.Cut(name, "/")
	if n.Strip && isChannel && technology != "Agent" {
		if dash := strings.LastIndexByte(who, '-'); dash > 0 {
			name = technology + "/" + who[:dash]
		}
	}
	return name
}

// rewrite puts the partition into a name.
func (n *namer) rewrite(name string) string {
	if n.prefix == "" {
		return name
	}
	return rewritten(n.prefix, name)
}

func rewritten(prefix, name string) string {
	technology, who, isChannel := strings.Cut(name, "/")
	if !isChannel {
		return prefix + "-" + name
	}
	return technology + "/" + prefix + "-" + who
}

// Agent is what an agent of a partition is called in this source, given what its partition calls him.
func (s Source) Agent(partition, name string) string {
	if name == "" || !s.Rewrite {
		return name
	}
	return rewritten(partition, name)
}

// desk: from now on an interface is an agent; "": it is itself again.
func (n *namer) desk(device, agent string) {
	if agent == "" {
		delete(n.desks, device)
	} else if len(n.desks) < maxNames {
		n.desks[device] = agent
	}
	clear(n.known)
	n.near = recents{}
}

// leave: an agent works at no device any more.
func (n *namer) leave(agent string) {
	for device, who := range n.desks {
		if n.of([]byte(who)) == agent {
			n.desk(device, "")
		}
	}
}
