package deck

import (
	"log/slog"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/media"
	"tandem/media/shelf"
)

// Floor is what the decks of a member stand on.
type Floor struct {
	Engine *media.Engine
	Sounds *shelf.Shelf
	Spool  string // directory of recordings for Tasks
}

// Line is the audio that a deck works on.
type Line interface {
	// Play plays a source in place of what is played; nil is silence. Its end comes by Finished.
	Play(source media.Source)
	// Rate is what is heard there: 8000 or 16000 samples a second.
	Rate() int
	Record(r *media.Recorder) error
	StopRecord(r *media.Recorder)
}

// Deck plays one sound and makes one recording at a time. It belongs to one actor; no method is called
// from elsewhere.
type Deck struct {
	floor Floor
	line  Line
	log   *slog.Logger
	back  func(any)           // brings what was made into the owner's mailbox, from any goroutine
	tell  func(proto.Message) // says it to the Task of the moment

	sounds uint64 // how many were played, for their names
	alone  bool   // there is no Task
	played *played
	taped  *taped          // the recording that is made now
	closes map[*taped]bool // those that are made whole
	spool  map[string]bool // those that were handed over, by name, and are not let go
}

// New makes a deck without a Task: see Serve.
func New(f Floor, l Line, back func(any), log *slog.Logger) *Deck {
	return &Deck{floor: f, line: l, back: back, log: log,
		alone: true, tell: func(proto.Message) {}, closes: map[*taped]bool{}, spool: map[string]bool{}}
}

// Serve makes tell the way to the Task; what is under way for another one ends, and is told to that one.
func (d *Deck) Serve(tell func(proto.Message)) {
	d.End()
	d.alone, d.tell = false, tell
}

// Stop ends what is played and what is recorded under these numbers; others go on.
func (d *Deck) Stop(m *msg.LegStop) {
	if d.played != nil && d.played.number == m.Play {
		d.Hush()
	}
	if d.taped != nil && d.taped.number == m.Record {
		d.endTape()
	}
}

// End ends all that is under way. It must come before the line is closed.
func (d *Deck) End() {
	d.Hush()
	d.endTape()
}

// Busy tells that the deck has something to deliver or to keep yet.
func (d *Deck) Busy() bool { return d.taped != nil || len(d.closes) > 0 || len(d.spool) > 0 }

// Forsaken: the Task is gone. What it left in the spool stays there.
func (d *Deck) Forsaken() {
	d.End()
	d.alone, d.tell = true, func(proto.Message) {}
	clear(d.spool)
}

// Came takes what a goroutine of the deck has made; false: it is none of the deck's.
func (d *Deck) Came(m any) bool {
	switch m := m.(type) {
	case *made:
		d.onMade(m)
	case *opened:
		d.onOpened(m)
	case *over:
		if d.taped == m.tape {
			d.endTape()
		}
	case *closed:
		d.onClosed(m)
	default:
		return false
	}
	return true
}
