package writer

import "tandem/actors/msg"

// windowFacts is how many facts of queues the window knows. Two owners of one queue tell the same thing within
// seconds.
const windowFacts = 4096

// window recognises what a former and a present owner of a queue have both told: the same offer with the same end, or
// the same coming or going of a caller who has one place in one queue at a time.
type window struct {
	from  uint64 // position from which it must be filled; 0: it is
	seen  map[key]told
	order []entry // a ring
	next  int
}

// key is what makes two facts the same.
type key struct {
	queue, caller, agent string
	what                 msg.QueueFact_What
	epoch, number        uint64 // of the offer
	tries                int32  // of callbacks
}

type told struct{ position, by uint64 }

type entry struct {
	key
	position uint64
}

func newWindow() *window { return &window{seen: map[key]told{}} }

// double tells whether a fact was told already, by another owner, and notes it.
func (w *window) double(position uint64, f *msg.QueueFact) bool {
	if f.Line == nil || f.What == msg.QueueFact_NOT_ADMITTED { // who is refused may come again at once
		return false
	}
	k := keyOf(f)
	before, known := w.seen[k]
	w.note(k, told{position, f.By})
	if known && (k.number != 0 || before.by != f.By) {
		return true
	}
	w.separate(f)
	return false
}

// keyOf names what a fact tells. All ways in which a stay ends are one, and so are those of a conversation: the two
// owners may have taken it differently.
func keyOf(f *msg.QueueFact) key {
	k := key{queue: f.Queue, caller: f.Caller, what: f.What}
	switch {
	case f.What.Exits():
		k.what = msg.QueueFact_ABANDONED
		return k
	case ends(f.What):
		k.what = msg.QueueFact_COMPLETED_BY_CALLER
	case f.What == msg.QueueFact_CALLBACK_DIALLED || f.What == msg.QueueFact_CALLBACK_WANTED:
		k.tries = f.Tries
	}
	if f.Offer != nil {
		k.agent, k.epoch, k.number = f.Agent, f.Offer.Epoch, f.Offer.Number
	}
	return k
}

// ends tells whether a conversation is over.
func ends(what msg.QueueFact_What) bool {
	switch what {
	case msg.QueueFact_COMPLETED_BY_CALLER, msg.QueueFact_COMPLETED_BY_AGENT, msg.QueueFact_BLIND_TRANSFERRED,
		msg.QueueFact_ATTENDED_TRANSFERRED:
		return true
	}
	return false
}

// separate keeps two stays of a caller in one queue apart: who has left may come again, and who has come may leave.
func (w *window) separate(f *msg.QueueFact) {
	k := key{queue: f.Queue, caller: f.Caller}
	switch {
	case f.What == msg.QueueFact_ENTERED:
		k.what = msg.QueueFact_ABANDONED
	case f.What.Exits() || ends(f.What):
		k.what = msg.QueueFact_ENTERED
	default:
		return
	}
	delete(w.seen, k)
}

func (w *window) note(k key, t told) {
	w.seen[k] = t
	if len(w.order) < windowFacts {
		w.order = append(w.order, entry{k, t.position})
		return
	}
	old := &w.order[w.next]
	if w.seen[old.key].position == old.position {
		delete(w.seen, old.key)
	}
	*old = entry{k, t.position}
	w.next = (w.next + 1) % windowFacts
}

// oldest is the position from which the window must be filled to be the same again.
func (w *window) oldest() uint64 {
	switch {
	case w.from != 0:
		return w.from
	case len(w.order) == 0:
		return 0
	case len(w.order) < windowFacts:
		return w.order[0].position
	}
	return w.order[w.next].position
}
