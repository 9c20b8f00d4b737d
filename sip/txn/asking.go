package txn

import (
	"sync"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
)

// Answered takes the answers of a client transaction, one at a time and in order. A Local one was
// made here because none came: 408 for a time-out, 503 for a transport that failed.
type Answered func(*signal.Response)

// asked is one client transaction.
type asked struct {
	table *Table
	key   Key
	id    string

	mu      sync.Mutex
	reason  string // why it is cancelled, for the CANCEL
	timer   timer
	m       client
	request []byte // to repeat, and to derive ACK and CANCEL from
	ack     []byte // to repeat for a repeated final response
	path    path
	up      Answered
	inbox   []*signal.Response // answers on their way up
	busy    bool               // a goroutine is taking them there
	settled bool               // the final response is there, or will not come
}

// names finds pending INVITEs by the name that their author gave them, to cancel them.
type names struct {
	mu    sync.Mutex
	known map[string]*asked
}

// Ask sends a request over flow and begins its client transaction with key k. The id is what Cancel
// will be called with; only an INVITE needs one. After an error nothing was begun.
func (t *Table) Ask(id string, k Key, kind Kind, flow signal.Flow, request []byte, up Answered) error {
	if t.count.clients.Load() >= t.room(kind.rank()) {
		t.count.full.Add(1)
		return ErrFull
	}
	tx := &asked{table: t, key: k, id: id, request: request, path: t.nears.path(flow), up: up,
		m: newClient(t.times(), t.now(), kind != Other, t.reliable(flow.Transport))}
	tx.timer.owner = tx
	// The transaction is entered first: the answer may be here before send returns.
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if !t.enter(tx) {
		return ErrExists
	}
	if err := t.send(flow, request); err != nil {
		tx.perform(tx.m.failed()&^Failed, nil) // the error tells it
		return err
	}
	t.wheel.set(&tx.timer, tx.m.next())
	return nil
}

func (t *Table) enter(tx *asked) bool {
	s := t.of(tx.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clients[tx.key] != nil {
		return false
	}
	s.clients[tx.key] = tx
	t.count.clients.Add(1)
	t.count.pending.Add(1)
	if tx.path.conn != 0 {
		t.lines.add(tx.path.line(), tx)
	}
	if tx.m.invite && tx.id != "" {
		t.names.mu.Lock()
		t.names.known[tx.id] = tx
		t.names.mu.Unlock()
	}
	return true
}

func (t *Table) leave(tx *asked) {
	t.wheel.unset(&tx.timer)
	s := t.of(tx.key)
	s.mu.Lock()
	if s.clients[tx.key] == tx {
		delete(s.clients, tx.key)
		t.count.clients.Add(-1)
	}
	s.mu.Unlock()
	if tx.path.conn != 0 {
		t.lines.remove(tx.path.line(), tx)
	}
	t.unname(tx)
}

func (t *Table) unname(tx *asked) {
	if !tx.m.invite || tx.id == "" {
		return
	}
	t.names.mu.Lock()
	if t.names.known[tx.id] == tx {
		delete(t.names.known, tx.id)
	}
	t.names.mu.Unlock()
}

// Answer takes a response that came over flow to the transaction with key k. To is its To field as
// on the wire, for the ACK. False means that there is no such transaction, or that its request went
// elsewhere.
func (t *Table) Answer(k Key, flow signal.Flow, res *signal.Response, to string) bool {
	s := t.of(k)
	s.mu.Lock()
	tx := s.clients[k]
	s.mu.Unlock()
	if tx == nil {
		return false
	}
	tx.mu.Lock()
	if !tx.path.from(flow) {
		tx.mu.Unlock()
		t.count.strangers.Add(1)
		return false
	}
	act := tx.m.answered(t.times(), t.now(), res.Status)
	if act&Up == 0 {
		t.count.repeatsIn.Add(1)
	}
	if act&Ack != 0 {
		tx.acknowledge(to)
	}
	tx.perform(act, res)
	tx.mu.Unlock()
	tx.lift()
	return true
}

// Cancel asks for the end of the pending INVITE that was sent with this id.
func (t *Table) Cancel(id, reason string) {
	t.names.mu.Lock()
	tx := t.names.known[id]
	t.names.mu.Unlock()
	if tx == nil {
		return // it has its final response
	}
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.reason = reason
	tx.perform(tx.m.cancel(t.times(), t.now()), nil)
}

// perform does what the machine asked for; tx.mu is held. Calls of the user wait in the inbox
// until the lock is free: see lift.
func (tx *asked) perform(act Action, res *signal.Response) {
	t := tx.table
	if act&Repeat != 0 {
		t.count.repeatsOut.Add(1)
		if t.send(tx.path.flow(), tx.request) != nil {
			act = tx.m.failed()
		}
	}
	if act&Cancel != 0 {
		tx.sendCancel()
	}
	if act&Up != 0 {
		tx.inbox = append(tx.inbox, res)
	}
	if act&Late != 0 {
		t.count.timeouts.Add(1)
		tx.inbox = append(tx.inbox, local(sip.StatusRequestTimeout))
	}
	if act&Failed != 0 {
		tx.inbox = append(tx.inbox, local(sip.StatusServiceUnavailable))
	}
	if act&Forget != 0 {
		tx.request = nil
		t.unname(tx)
	}
	if !tx.settled && !tx.m.waiting() {
		tx.settled = true
		t.count.pending.Add(-1)
	}
	if act&End != 0 {
		t.leave(tx)
	} else if next := tx.m.next(); next != 0 {
		t.wheel.set(&tx.timer, next)
	}
}

func local(status int) *signal.Response { return &signal.Response{Status: status, Local: true} }

// acknowledge answers a final response other than 2xx; a failure to send is repaired by the peer,
// who repeats its response.
func (tx *asked) acknowledge(to string) {
	if tx.ack == nil {
		tx.ack = derive(tx.request, string(sip.ACK), to, "")
	} else {
		tx.table.count.repeatsOut.Add(1)
	}
	_ = tx.table.send(tx.path.flow(), tx.ack)
}

// sendCancel begins the CANCEL's own transaction, of which nobody wants to hear: the INVITE gets its
// final response, or its time runs out.
func (tx *asked) sendCancel() {
	t := tx.table
	message := derive(tx.request, string(sip.CANCEL), "", tx.reason)
	k := tx.key.with(sip.INVITE).with(sip.CANCEL)
	_ = t.Ask("", k, Other, tx.path.flow(), message, func(*signal.Response) {})
}

// lift takes answers up. One goroutine at a time does so, without the lock, so that the user may
// call the table from there and still gets them in order.
func (tx *asked) lift() {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if tx.busy {
		return
	}
	tx.busy = true
	for len(tx.inbox) > 0 {
		next := tx.inbox[0]
		tx.inbox = tx.inbox[1:]
		tx.mu.Unlock()
		tx.up(next)
		tx.mu.Lock()
	}
	tx.inbox = nil
	tx.busy = false
}

func (tx *asked) fire(now Tick) {
	tx.mu.Lock()
	if tx.m.state != Ended {
		tx.perform(tx.m.tick(tx.table.times(), now), nil)
	}
	tx.mu.Unlock()
	tx.lift()
}

// lose ends a transaction whose connection is gone: no answer can come any more.
func (tx *asked) lose(line) {
	tx.mu.Lock()
	if tx.m.state != Ended {
		tx.perform(tx.m.failed(), nil)
	}
	tx.mu.Unlock()
	tx.lift()
}
