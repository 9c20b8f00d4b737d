package resolve

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// Times and limits of what is kept.
const (
	keptFor  = time.Minute
	keptWait = 3 * time.Second // who has targets from before waits no longer for new ones
	maxKept  = 1000            // hops
	maxLed   = 10000           // names that are known to have records
)

// Kept are the targets that hops had last, for the time in which no name server answers, and for good the names that had NAPTR
// or SRV records. The zero Kept is ready, nil keeps nothing. Safe for concurrent use.
type Kept struct {
	mu  sync.Mutex
	of  map[string]kept
	led map[string]bool // names of NAPTR and of SRV records
}

type kept struct {
	found
	at time.Time
}

// found are targets, and of what host they are the addresses for want of word of its records; "" where it is known that those
// are right.
type found struct {
	targets []Target
	bare    string
}

func (r *Resolver) keptKey(h Hop, ours []string) string { return fmt.Sprint(h, ours, r.Sure) }

// find is what a hop had within the last minute; none otherwise, nor where it has turned out since that there are records.
func (k *Kept) find(key string, now time.Time) []Target {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if one, ok := k.of[key]; ok && now.Sub(one.at) < keptFor && (one.bare == "" || k.untold(one.bare)) {
		return slices.Clone(one.targets)
	}
	delete(k.of, key)
	return nil
}

// keep notes what a hop has. Where there are too many, those that are too old go, else any one.
func (k *Kept) keep(key string, f found, now time.Time) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == nil {
		k.of = map[string]kept{}
	}
	if _, ok := k.of[key]; !ok && len(k.of) >= maxKept {
		k.makeRoom(now)
	}
	f.targets = slices.Clone(f.targets)
	k.of[key] = kept{f, now}
}

// leads notes whether a name has records, as a name server has said.
func (k *Kept) leads(name string, so bool) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case !so:
		delete(k.led, spelt(name))
	case len(k.led) < maxLed:
		if k.led == nil {
			k.led = map[string]bool{}
		}
		k.led[spelt(name)] = true
	}
}

// spelt is a name as all spellings of it are known.
func spelt(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// hasLed tells whether a name is known to have records.
func (k *Kept) hasLed(name string) bool {
	if k == nil {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.led[spelt(name)]
}

// bare tells that no NAPTR or SRV record of a host has been seen. Where more names have had some than can be noted, and where
// nothing is kept, nobody knows: then it is not said of any.
func (k *Kept) bare(host string) bool {
	if k == nil {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.untold(host) && len(k.led) < maxLed
}

// untold tells that no record of a host is noted. k.mu is held.
func (k *Kept) untold(host string) bool {
	host = spelt(host)
	return !k.led[host] && !slices.ContainsFunc(services, func(s service) bool { return k.led[s.srv+host] })
}

func (k *Kept) makeRoom(now time.Time) {
	for key, one := range k.of {
		if now.Sub(one.at) >= keptFor {
			delete(k.of, key)
		}
	}
	for key := range k.of {
		if len(k.of) < maxKept {
			return
		}
		delete(k.of, key)
	}
}

// Absent tells of an error of Targets that the name leads nowhere: a name server has said so.
func Absent(err error) bool { return errors.Is(err, ErrNone) && !unanswered(err) }

// unanswered tells that no name server has said anything, not even that there is nothing.
func unanswered(err error) bool {
	var e *net.DNSError
	return errors.As(err, &e) && !e.IsNotFound
}
