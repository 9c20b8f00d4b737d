package txn

import (
	"bytes"
	"net/netip"
	"sync"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
)

// Server is one server transaction.
type Server struct {
	table *Table
	key   Key
	merge uint64

	mu    sync.Mutex
	timer timer
	m     server
	kept  []byte // the response to repeat
	path  path
	open  *open // nil after the final response
}

// open is what a transaction needs only until it is answered.
type open struct {
	request   *sip.Request
	tag       string // To tag of our responses so far
	cancelled bool
}

// Build makes the bytes of a response to a request that came over flow.
type Build func(req *sip.Request, flow signal.Flow) ([]byte, error)

// Server finds the server transaction with key k, nil when there is none.
func (t *Table) Server(k Key) *Server {
	s := t.of(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.servers[k]
}

// Begin makes the server transaction of a new request that came over flow. One outside any dialog
// is also checked for having come by another way. Errors are ErrFull, ErrMerged and, when another
// goroutine was faster with the same request, ErrExists.
func (t *Table) Begin(k Key, req *sip.Request, flow signal.Flow, rank Rank) (*Server, error) {
	if t.count.servers.Load() >= t.room(rank) {
		t.count.full.Add(1)
		return nil, ErrFull
	}
	var merge uint64
	if rank != Inside {
		merge = mergeKey(req)
	}
	tx := &Server{table: t, key: k, merge: merge, path: t.nears.path(flow),
		open: &open{request: req},
		m:    newServer(t.times(), t.now(), req.Method == sip.INVITE, t.reliable(flow.Transport))}
	tx.timer.owner = tx
	if other := t.claim(tx); other != nil {
		if other.key == k {
			return nil, ErrExists
		}
		t.count.merged.Add(1)
		return nil, ErrMerged
	}
	s := t.of(k)
	s.mu.Lock()
	if s.servers[k] != nil {
		s.mu.Unlock()
		t.release(tx)
		return nil, ErrExists
	}
	s.servers[k] = tx
	s.mu.Unlock()
	t.count.servers.Add(1)
	t.count.pending.Add(1)
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if tx.onLine() && tx.m.state != Ended {
		t.lines.add(tx.path.line(), tx)
	}
	tx.perform(0, nil) // sets the timer
	return tx, nil
}

// Merged tells whether a request outside any dialog, with key k, has come by another way already and is being worked on
// (RFC 3261 section 8.2.2.2). Begin finds that as well; who is asked before need not judge the request first.
func (t *Table) Merged(k Key, req *sip.Request) bool {
	merge := mergeKey(req)
	s := &t.shard[merge%shards]
	s.mu.Lock()
	tx := s.merges[merge]
	s.mu.Unlock()
	if tx == nil || tx.key == k || t.lines.gone(tx.line()) {
		return false
	}
	t.count.merged.Add(1)
	return true
}

// claim enters the merge key of tx, if it has one, and returns nil, or the other transaction that has it, which may not be in the
// table yet. One whose connection has just been lost has it no more: its sender comes again over another.
func (t *Table) claim(tx *Server) (other *Server) {
	if tx.merge == 0 {
		return nil
	}
	s := &t.shard[tx.merge%shards]
	for {
		s.mu.Lock()
		if other = s.merges[tx.merge]; other == nil {
			s.merges[tx.merge] = tx
		}
		s.mu.Unlock()
		if other == nil || !t.lines.gone(other.line()) {
			return other
		}
		t.release(other)
	}
}

// line is the connection that the answer goes over.
func (tx *Server) line() line {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	return tx.path.line()
}

func (t *Table) release(tx *Server) {
	s := &t.shard[tx.merge%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.merges[tx.merge] == tx {
		delete(s.merges, tx.merge)
	}
}

// Repeated tells that the request came again, over flow; the last response goes out again if that is due, by the way that is
// open now: see path.moves.
func (tx *Server) Repeated(flow signal.Flow) {
	tx.table.count.repeatsIn.Add(1)
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if now := tx.table.nears.path(flow); tx.path.moves(now) {
		tx.move(now)
	}
	tx.perform(tx.m.repeated(), nil)
}

// move takes another way for the answers; tx.mu is held.
func (tx *Server) move(now path) {
	waits := tx.onLine() && tx.m.state != Ended
	if waits {
		tx.table.lines.remove(tx.path.line(), tx)
	}
	if tx.path = now; waits {
		tx.table.lines.add(now.line(), tx)
	}
}

// Acked tells that an ACK came for this INVITE. True means that it is the dialog's, for a 2xx.
func (tx *Server) Acked() (up bool) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	act := tx.m.acked(tx.table.times(), tx.table.now())
	tx.perform(act, nil)
	return act&Up != 0
}

// Cancelled notes that a CANCEL came from an address. First is true when the user has to hear of it:
// it is the first one and no final response has been given. Tag is the To tag of our responses, if
// any, which that to the CANCEL should have too (RFC 3261 section 9.2). Ours is false when the CANCEL
// comes from elsewhere than the INVITE: who only listened in ends nobody's call.
func (tx *Server) Cancelled(from netip.Addr) (first bool, tag string, ours bool) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if from != tx.path.remote.Addr() {
		return false, "", false
	}
	if tx.open == nil {
		return false, toTag(tx.kept), true
	}
	first = !tx.open.cancelled
	tx.open.cancelled = true
	return first, tx.open.tag, true
}

const tagIs = ";tag="

// toTag is the To tag of a response that we wrote, "" when there is none. It stands last in the field: what looks like one before
// is the peer's, in a name or a URI.
func toTag(message []byte) string {
	for line := range bytes.Lines(message) {
		value, found := bytes.CutPrefix(line, []byte("To:"))
		if !found {
			continue
		}
		at := bytes.LastIndex(value, []byte(tagIs))
		if at < 0 {
			return ""
		}
		tag := value[at+len(tagIs):]
		if end := bytes.IndexAny(tag, ";\r\n"); end >= 0 {
			tag = tag[:end]
		}
		return string(tag)
	}
	return ""
}

// Respond answers the request of the transaction with key k. Build makes the message from the
// request and the flow that it came over; its error is returned as it is. It is not called when
// there is a final response already: a 2xx to INVITE then goes out again as it was. Other errors
// are ErrNone, and those of sending.
func (t *Table) Respond(k Key, status int, tag string, build Build) error {
	tx := t.Server(k)
	if tx == nil {
		return ErrNone
	}
	tx.mu.Lock()
	defer tx.mu.Unlock()
	var message []byte
	if tx.open != nil {
		var err error
		if message, err = build(tx.open.request, tx.path.flow()); err != nil {
			return err
		}
		if tag != "" {
			tx.open.tag = tag
		}
		if status >= 200 {
			tx.settle()
		}
	}
	return tx.perform(tx.m.respond(t.times(), t.now(), status), message)
}

// OnTrying names who writes the 100 for an INVITE that is not answered soon; nobody else answers one unasked. It is
// to be called before the first message comes.
func (t *Table) OnTrying(write func(*sip.Request) []byte) { t.trying = write }

// Abandon forgets a transaction that was just begun, as if the request had never come.
func (t *Table) Abandon(tx *Server) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.m.state = Ended
	tx.perform(Forget|End, nil)
}

// perform does what the machine asked for; tx.mu is held.
func (tx *Server) perform(act Action, message []byte) (err error) {
	t := tx.table
	if act&Try != 0 {
		if message = t.trying(tx.open.request); message == nil {
			act &^= Send | Keep
		}
	}
	if act&Keep != 0 {
		tx.kept = message
	}
	if act&Send != 0 {
		err = t.send(tx.path.flow(), message)
	}
	if act&Repeat != 0 && tx.kept != nil {
		t.count.repeatsOut.Add(1)
		err = t.send(tx.path.flow(), tx.kept)
	}
	if act&Late != 0 {
		t.count.timeouts.Add(1)
	}
	if act&Forget != 0 {
		tx.kept = nil
		tx.settle()
	}
	if act&End != 0 {
		t.remove(tx)
	} else if next := tx.m.next(); next != 0 {
		t.wheel.set(&tx.timer, next)
	}
	return err
}

// settle lets go of what is needed only until the final response.
func (tx *Server) settle() {
	if tx.open == nil {
		return
	}
	tx.open = nil
	tx.table.count.pending.Add(-1)
}

// onLine reports whether the end of its connection matters to the transaction: to an INVITE, and to all that may come again over
// another one.
func (tx *Server) onLine() bool { return tx.path.conn != 0 && (tx.m.invite || tx.merge != 0) }

// lose tells that a connection is gone. The request may come again over another one, be it under another branch: it is merged with
// none then. An unanswered INVITE is an orphan: its only way back is gone.
func (tx *Server) lose(gone line) {
	tx.mu.Lock()
	if tx.path.line() != gone { // it has come again already
		tx.mu.Unlock()
		return
	}
	orphan := tx.m.invite && tx.open != nil && !tx.open.cancelled
	if orphan {
		tx.open.cancelled = true
	}
	tx.mu.Unlock()
	if tx.merge != 0 {
		tx.table.release(tx)
	}
	if orphan {
		tx.table.orphan(tx.key)
	}
}

func (t *Table) remove(tx *Server) {
	t.wheel.unset(&tx.timer)
	s := t.of(tx.key)
	s.mu.Lock()
	if s.servers[tx.key] == tx {
		delete(s.servers, tx.key)
		t.count.servers.Add(-1)
	}
	s.mu.Unlock()
	if tx.onLine() {
		t.lines.remove(tx.path.line(), tx)
	}
	if tx.merge != 0 {
		t.release(tx)
	}
}

func (tx *Server) fire(now Tick) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if tx.m.state != Ended {
		tx.perform(tx.m.tick(tx.table.times(), now), nil)
	}
}
