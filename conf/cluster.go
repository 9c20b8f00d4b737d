package conf

import (
	"net"
	"strconv"
	"strings"
	"time"
)

// Words of Cluster.CallLegs.
const (
	Locally          = "locally"
	LocallyForOthers = "locally-for-others"
	Remotely         = "remotely"
)

// Words of Cluster.Farm.
const (
	FarmMember   = "member"
	FarmRelay    = "relay"
	FarmAuto     = "auto"
	FarmDisabled = "disabled"
)

// Cluster says how this member works with others.
type Cluster struct {
	// Address at which other members reach this one, HOST:PORT; empty: the member is alone.
	Address string `change:"restart" scope:"early"`
	// Addresses of other members, HOST:PORT; one of them that lives is enough.
	Seeds []string `change:"restart" scope:"early"`
	// Ticket that another member has printed: how a new member gets its certificate.
	Join Secret `change:"restart"`
	// Where this member makes its call legs: here, here and for others too, or on members that do so for others.
	CallLegs string `oneof:"locally locally-for-others remotely" change:"next call"`
	// Whether a member that places remotely makes a leg itself when no other member is willing; else 503.
	Fallback bool `change:"next call"`
	// Part in the SIP farm: takes its share of requests, relays all, as its call legs say, or none.
	Farm string `oneof:"member relay auto disabled" change:"now"`
	// Pause between two signs of life to each other member.
	Heartbeat time.Duration `range:"50ms..5s" change:"restart"`
	// A member that was not heard for so long is dead.
	DeadAfter time.Duration `range:"200ms..60s" change:"restart"`
	// How long names stay with a member that can not renew its lease and is not known to have ended; they are taken over
	// after it. Shorter than 15s some restart whenever the store changes its leader.
	Lease time.Duration `range:"1s..5m" change:"restart"`
	// Longest wait for calls to end when others have declared this member dead.
	FenceDrain time.Duration `range:"0s..24h" change:"now"`
	// Messages to one other member that wait for it; beyond it the tie to it is given up.
	MaxWaiting int `unit:"messages" range:"100..10000000" change:"restart"`
	// Size of those messages together.
	MaxWaitingBytes int `unit:"bytes" range:"64KiB..4GiB" change:"restart"`
}

// DefaultCluster returns the section's defaults.
func DefaultCluster() Cluster {
	return Cluster{CallLegs: Locally, Farm: FarmDisabled, Heartbeat: 500 * time.Millisecond,
		DeadAfter: 2500 * time.Millisecond, Lease: 18 * time.Second, FenceDrain: 30 * time.Second,
		MaxWaiting: 100000, MaxWaitingBytes: 64 << 20}
}

// Alone says that there are no other members.
func (c Cluster) Alone() bool { return c.Address == "" }

func (c Cluster) check(k *checker) {
	k.endpoints("cluster.address", false, c.Address)
	k.endpoints("cluster.seeds", true, c.Seeds...)
	if c.Alone() && len(c.Seeds) > 0 {
		k.wrong("cluster.seeds", "have no use without cluster.address", "the address of this member, or no seeds",
			"cluster.address")
	}
	if c.Alone() && c.Join != "" {
		k.wrong("cluster.join", "has no use without cluster.address", "the address of this member, or no ticket",
			"cluster.address")
	}
	if host, _, cut := strings.Cut(string(c.Join), "#"); c.Join != "" && (!cut || !strings.HasPrefix(host, "http://")) {
		k.wrong("cluster.join", "is no ticket", "http://HOST:PORT#SECRET, as tandem cluster ticket prints it")
	}
	if c.DeadAfter < 3*c.Heartbeat {
		k.wrong("cluster.dead_after", c.DeadAfter.String()+" is too short", "at least three times cluster.heartbeat",
			"cluster.heartbeat")
	}
	if c.Lease < 2*c.DeadAfter {
		k.wrong("cluster.lease", c.Lease.String()+" is too short", "at least twice cluster.dead_after", "cluster.dead_after")
	}
}

// endpoints demands addresses as others reach them: HOST:PORT, neither of them left open. One that is not a list
// may be empty.
func (k *checker) endpoints(key string, list bool, all ...string) {
	for i, s := range all {
		host, port, err := net.SplitHostPort(s)
		n, bad := strconv.Atoi(port)
		if err == nil && bad == nil && n > 0 && n < 1<<16 && hostLike(host) || !list && s == "" {
			continue
		}
		at := key
		if list {
			at = part(key, i)
		}
		k.wrong(at, quote(s)+" is no address", "HOST:PORT, such as 10.0.0.1:7010")
	}
	if list {
		k.once(key, all)
	}
}
