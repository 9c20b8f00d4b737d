package txn

import (
	"slices"
	"sync"
)

// lines knows which transactions need which connection: client ones that wait for an answer, and
// server ones of INVITE or outside any dialog.
type lines struct {
	mu    sync.Mutex
	known map[line]map[waiter]bool
	lost  []line // connections that are gone, until the next turn of the wheel
}

// line is one connection: each member numbers its own, so two of them may use one number.
type line struct {
	edge string
	conn uint64
}

// waiter is a transaction that needs its connection.
type waiter interface {
	// lose is called once when the connection is gone.
	lose(line)
}

// loss is a transaction whose connection is gone.
type loss struct {
	of   waiter
	conn line
}

func (l *lines) add(conn line, tx waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := l.known[conn]
	if waiting == nil {
		waiting = map[waiter]bool{}
		l.known[conn] = waiting
	}
	waiting[tx] = true
}

func (l *lines) remove(conn line, tx waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := l.known[conn]
	delete(waiting, tx)
	if len(waiting) == 0 {
		delete(l.known, conn)
	}
}

// take returns the transactions whose connection was lost since the last time.
func (l *lines) take() (all []loss) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range l.lost {
		for tx := range l.known[conn] {
			all = append(all, loss{tx, conn})
		}
	}
	l.lost = l.lost[:0]
	return all
}

// gone tells of a connection that it was lost since the last time.
func (l *lines) gone(conn line) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Contains(l.lost, conn)
}

// Lost tells that a connection of the member edge is gone. Client transactions over it fail, unanswered INVITEs are
// orphans, and a request that came over it may come again, with the next turn of the wheel, not at once: whoever notices the
// loss may be in the middle of sending for one of them.
func (t *Table) Lost(edge string, conn uint64) {
	gone := line{edge, conn}
	t.lines.mu.Lock()
	defer t.lines.mu.Unlock()
	if len(t.lines.known[gone]) > 0 {
		t.lines.lost = append(t.lines.lost, gone)
	}
}

// LostAll is Lost for every connection of a member that is gone.
func (t *Table) LostAll(edge string) {
	t.lines.mu.Lock()
	defer t.lines.mu.Unlock()
	for l := range t.lines.known {
		if l.edge == edge {
			t.lines.lost = append(t.lines.lost, l)
		}
	}
}

// OnOrphan names who hears, like of a CANCEL, of an INVITE whose connection is gone before its final
// response. It is called before the first transaction.
func (t *Table) OnOrphan(told func(Key)) { t.orphan = told }
