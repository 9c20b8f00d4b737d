package source

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"tandem/actors/stat/engine"
)

// maxSources is how many sources there are.
const maxSources = 1000

// Book is what is known of all sources. It is for one goroutine.
type Book struct {
	feeds map[string]*Feed
	roll  roll
}

// NewBook is a Book that knows nothing yet.
func NewBook() *Book { return &Book{map[string]*Feed{}, roll{}} }

var errSources = errors.New("there are more sources than are allowed")

// Read takes a fact of the journal and tells what it means, in the order of the journal.
func (b *Book) Read(body []byte, tell func(engine.Fact)) error {
	batch, err := decode(body)
	if err != nil {
		return err
	}
	name := batch.Source
	f := b.feeds[name]
	if f == nil {
		if batch.What == Gone {
			return nil
		}
		if len(b.feeds) >= maxSources {
			return errSources
		}
		f = newFeed(name, b.roll)
		b.feeds[name] = f
	}
	f.tell = tell
	defer func() { f.tell = nil }()
	if batch.What == Gone {
		f.gone(b.shared(f))
		delete(b.feeds, name)
		return nil
	}
	return f.read(&batch)
}

// State is how a source stands.
type State struct {
	Next       uint64 // number of the line that is wanted
	Known      bool   // it was heard of, ever
	Lost       bool   // it is not heard of any more
	Down       bool   // it says that its switch can not be reached
	Member     string // that took the last lines
	Latest     int64  // newest time, by its clock, ms since 1970; 0: none
	Arrived    int64  // when the last lines came, by ours
	Lag        int64  // ms by which the last lines came behind their times
	Lines      uint64 // taken
	Duplicates uint64
	Malformed  uint64
	Skewed     uint64 // whose times were too far ahead of our clock
	Objects    int
	Calls      int
}

// State is how a source stands; one of which nothing is known wants line 1.
func (b *Book) State(name string) State {
	f := b.feeds[name]
	if f == nil {
		return State{Next: 1}
	}
	return f.standing()
}

// Names are those of the sources of which something is known, in order.
func (b *Book) Names() []string { return slices.Sorted(maps.Keys(b.feeds)) }

// Silent are calls of a source of which nothing was heard since a moment, by our clock, in order; at most some.
func (b *Book) Silent(name string, before int64, most int) []string {
	f := b.feeds[name]
	if f == nil {
		return nil
	}
	return f.silent(before, most)
}

// MarshalJSON writes what is known. Equal books write the same.
func (b *Book) MarshalJSON() ([]byte, error) { return json.Marshal(b.feeds) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (b *Book) UnmarshalJSON(text []byte) error {
	b.feeds, b.roll = map[string]*Feed{}, roll{}
	if err := json.Unmarshal(text, &b.feeds); err != nil {
		return err
	}
	for name, f := range b.feeds {
		if f == nil {
			return errors.New("what was known of a source can not be read")
		}
		f.whole(name, b.roll)
	}
	return nil
}
