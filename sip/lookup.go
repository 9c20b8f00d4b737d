package sip

import (
	"context"
	"sync"
	"sync/atomic"
)

// maxLookups is how many requests at once may wait for a name, for a connection to be opened, or for the answer of one
// target when there are others.
const maxLookups = 10000

// lookups are the requests whose way is being found, by the ID of the request.
type lookups struct {
	mu    sync.Mutex
	count int
	known map[string]*lookup
}

// lookup is one of them.
type lookup struct {
	stop      context.CancelFunc
	reason    string // of the CANCEL; written before cancelled is set
	cancelled atomic.Bool
	ended     sync.Once
}

// add enters a lookup; false when there are too many.
func (l *lookups) add(id string, one *lookup) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count >= maxLookups {
		return false
	}
	if l.known == nil {
		l.known = map[string]*lookup{}
	}
	l.count++
	l.known[id] = one
	return true
}

func (l *lookups) remove(id string, one *lookup) {
	one.stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count--
	if l.known[id] == one {
		delete(l.known, id)
	}
}

// cancel ends the search for a request, if there is one.
func (l *lookups) cancel(id, reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if one := l.known[id]; one != nil {
		one.reason = reason
		one.cancelled.Store(true)
		one.stop()
	}
}
