package txn

import "sync"

// lines knows which client transactions wait for an answer on which connection.
type lines struct {
	mu    sync.Mutex
	known map[uint64]map[*asked]bool
	lost  []uint64 // connections that are gone, until the next turn of the wheel
}

func (l *lines) add(tx *asked) {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := l.known[tx.path.conn]
	if waiting == nil {
		waiting = map[*asked]bool{}
		l.known[tx.path.conn] = waiting
	}
	waiting[tx] = true
}

func (l *lines) remove(tx *asked) {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := l.known[tx.path.conn]
	delete(waiting, tx)
	if len(waiting) == 0 {
		delete(l.known, tx.path.conn)
	}
}

// take returns the transactions whose connection was lost since the last time.
func (l *lines) take() (all []*asked) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range l.lost {
		for tx := range l.known[conn] {
			all = append(all, tx)
		}
	}
	l.lost = l.lost[:0]
	return all
}

// Lost tells that a connection is gone. Client transactions over it fail with the next turn of the
// wheel, not at once: whoever notices the loss may be in the middle of sending for one of them.
func (t *Table) Lost(conn uint64) {
	t.lines.mu.Lock()
	defer t.lines.mu.Unlock()
	if len(t.lines.known[conn]) > 0 {
		t.lines.lost = append(t.lines.lost, conn)
	}
}
