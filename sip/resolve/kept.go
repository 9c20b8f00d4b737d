package resolve

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

// Times and limits of what is kept.
const (
	keptFor  = time.Minute
	keptWait = 3 * time.Second // who has targets from before waits no longer for new ones
	maxKept  = 1000            // hops
)

// Kept are the targets that hops had last, for the time in which no name server answers. The zero Kept is ready, nil keeps
// nothing. Safe for concurrent use.
type Kept struct {
	mu sync.Mutex
	of map[string]kept
}

type kept struct {
	targets []Target
	at      time.Time
}

func keptKey(h Hop, ours []string) string { return fmt.Sprint(h, ours) }

// find is what a hop had within the last minute; none otherwise.
func (k *Kept) find(key string, now time.Time) []Target {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if one, ok := k.of[key]; ok && now.Sub(one.at) < keptFor {
		return slices.Clone(one.targets)
	}
	delete(k.of, key)
	return nil
}

// keep notes the targets of a hop. Where there are too many, those that are too old go, else any one.
func (k *Kept) keep(key string, targets []Target, now time.Time) {
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
	k.of[key] = kept{slices.Clone(targets), now}
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
