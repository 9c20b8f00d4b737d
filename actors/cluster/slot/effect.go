package slot

// Effect is something that the owner of a table must do, in the order in which effects come.
type Effect interface{ effect() }

// Renew: write our session (SessionKey, SessionValue) by compare-and-set, and report with Renewed.
type Renew struct {
	Serial uint64 // to be given back
	Expect uint64 // revision that the key must have; 0: must not exist
}

// Named: the store has the session of this life under its name, another one than before, or the first.
type Named struct{ Holder }

// Held: another life at another address has our name and may live. Our session is not written, and nothing can be owned
// here, until that life is over. It comes once for each such life.
type Held struct {
	Boot    uint32
	Address string
}

// Claim: write the record with our own name by compare-and-set, and report with Claimed.
type Claim struct {
	Slot   Slot
	Expect uint64 // revision that the key must have; 0: must not exist
}

// Own: from now on the slot's names live here.
type Own struct {
	Slot  Slot
	Epoch uint64 // every write made as owner carries it
}

// Disown: the slot's names must not act here any more; stop their actors and report with Drained.
type Disown struct {
	Slot  Slot
	Epoch uint64 // which ownership ends
	Why   Why
}

// Release: write the record with another one's name by compare-and-set, and report with HandedOver.
type Release struct {
	Slot   Slot
	Expect uint64
	To     Holder
}

// Fence: this life of the member is over: its name is another life's, or it was declared dead. Nothing is renewed or
// claimed any more; the process must end.
type Fence struct {
	Why string // a few words for the log
}

func (Renew) effect()   {}
func (Named) effect()   {}
func (Held) effect()    {}
func (Claim) effect()   {}
func (Own) effect()     {}
func (Disown) effect()  {}
func (Release) effect() {}
func (Fence) effect()   {}

// Why says why an ownership ends.
type Why int

// Reasons of Disown.
const (
	Lapsed  Why = iota // our session was not renewed in time
	Taken              // its record does not name us any more
	Moved              // another member should have it
	Leaving            // we go
	Fenced             // this life is over
)

var whys = [...]string{"lease lapsed", "not in our name", "moved", "leaving", "fenced"}

// String is a few words for the log.
func (w Why) String() string { return whys[w] }
