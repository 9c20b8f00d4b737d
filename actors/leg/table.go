package leg

import (
	"sync"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
)

// Table shows the legs of this member to lists: those that live, and the last ones that ended. Each
// leg writes its own row when its state changes; readers get copies.
type Table struct {
	mu    sync.RWMutex
	live  map[string]*Row
	told  func(*Row)       // of each change; nil: nobody
	ended []*msg.LegRecord // ring, oldest at next
	next  int
	count map[outcome]uint64
}

// Row is a living leg as lists show it; it is never changed.
type Row struct {
	Record *msg.LegRecord
	State  string
}

// Recent is how many ended legs a member remembers beside the journal.
const Recent = 10000

// NewTable makes an empty table.
func NewTable() *Table {
	return &Table{live: map[string]*Row{}, count: map[outcome]uint64{}}
}

// outcome is how legs of one direction ended.
type outcome struct {
	outgoing bool
	status   int32
}

// Outcome is how many legs ended so since the start.
type Outcome struct {
	Direction string // in: the party called us; out
	Status    int
	Count     uint64
}

// show sets a live leg's row.
func (t *Table) show(r *msg.LegRecord, s state) {
	row := &Row{Record: proto.CloneOf(r), State: s.String()}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.live[r.Leg] = row
	if t.told != nil {
		t.told(row)
	}
}

// Follow has f told each change of a leg, in order. f must not wait. Before the first leg.
func (t *Table) Follow(f func(*Row)) { t.told = f }

// Again has who follows told once more how those legs stand that match, in order with their changes.
func (t *Table) Again(match func(*Row) bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, row := range t.live {
		if t.told != nil && match(row) {
			t.told(row)
		}
	}
}

// drop removes a live leg's row.
func (t *Table) drop(leg string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.live, leg)
}

// Add notes a leg that has ended and whose record is durable. Records are never changed after it.
func (t *Table) Add(r *msg.LegRecord) {
	t.Recall(r)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count[outcome{r.Outgoing, r.Status}]++
}

// Recall notes a leg that ended in an earlier life of this member.
func (t *Table) Recall(r *msg.LegRecord) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.ended) < Recent {
		t.ended = append(t.ended, r)
		return
	}
	t.ended[t.next] = r
	t.next = (t.next + 1) % Recent
}

// Live are the legs that live now, in no order.
func (t *Table) Live() []*Row {
	t.mu.RLock()
	defer t.mu.RUnlock()
	out := make([]*Row, 0, len(t.live))
	for _, r := range t.live {
		out = append(out, r)
	}
	return out
}

// Ended are the last records, newest first, as many as keep returns true for, at most n.
func (t *Table) Ended(n int, keep func(*msg.LegRecord) bool) []*msg.LegRecord {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var out []*msg.LegRecord
	for i := range t.ended {
		r := t.ended[(t.next-1-i+2*len(t.ended))%len(t.ended)]
		if len(out) == n {
			break
		}
		if keep(r) {
			out = append(out, r)
		}
	}
	return out
}

// Outcomes count the records that became durable since the start.
func (t *Table) Outcomes() []Outcome {
	t.mu.RLock()
	defer t.mu.RUnlock()
	out := make([]Outcome, 0, len(t.count))
	for o, n := range t.count {
		direction := "in"
		if o.outgoing {
			direction = "out"
		}
		out = append(out, Outcome{direction, int(o.status), n})
	}
	return out
}
