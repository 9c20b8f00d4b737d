package sip

import (
	"context"
	"sync"
	"sync/atomic"

	"tandem/signal"
)

// maxLookups is how many requests at once may wait for a name, for a connection to be opened, or for the answer of one
// target when there are others.
const maxLookups = 10000

// lookupReserve is how many more may wait of what is no INVITE, or calls for help: a trunk whose name nobody answers for
// must keep neither the end of a call back, nor an emergency call.
const lookupReserve = maxLookups / 4

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

// add enters the lookup of a request; false when there are too many.
func (l *lookups) add(r *signal.Request, one *lookup) bool {
	room := maxLookups
	if r.Method != signal.INVITE || r.Urgent {
		room += lookupReserve
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count >= room {
		return false
	}
	if l.known == nil {
		l.known = map[string]*lookup{}
	}
	l.count++
	l.known[r.ID] = one
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
