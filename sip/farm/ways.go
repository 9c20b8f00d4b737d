package farm

import "sync"

const (
	waySets = 4096 // sets of the table
	wayWays = 8    // transactions in one set: the last 32768 are remembered, in 1 MiB
)

// Ways remembers where transactions were passed on to, so that a change of the farm moves none of them. It
// is a fixed table: a transaction lives in the set that its key names, and a new one replaces the one in that
// set that was asked for longest ago. At a thousand new transactions a second each is remembered for half a
// minute, as long as it can be repeated; who is forgotten goes by the rules.
type Ways struct{ sets [waySets]waySet }

type waySet struct {
	mu   sync.Mutex
	turn uint32 // grows with each use
	way  [wayWays]way
}

type way struct {
	key  [2]uint64
	boot uint32
	used uint32
}

// NewWays makes an empty table.
func NewWays() *Ways { return &Ways{} }

// Note remembers that the transaction with that key, which must be as good as random, went to the member with
// that boot tag.
func (w *Ways) Note(key [2]uint64, boot uint32) {
	s := w.of(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	oldest := &s.way[0]
	for i := range s.way {
		e := &s.way[i]
		if e.key == key {
			oldest = e
			break
		}
		if s.turn-e.used > s.turn-oldest.used {
			oldest = e
		}
	}
	s.turn++
	*oldest = way{key, boot, s.turn}
}

// Find says where the transaction went.
func (w *Ways) Find(key [2]uint64) (boot uint32, ok bool) {
	s := w.of(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.way {
		if e := &s.way[i]; e.key == key && e.used != 0 {
			s.turn++
			e.used = s.turn
			return e.boot, true
		}
	}
	return 0, false
}

func (w *Ways) of(key [2]uint64) *waySet { return &w.sets[key[1]%waySets] }
