package life

import (
	"encoding/json"
	"fmt"
	"strings"

	"tandem/actors/store"
)

// Reserved is what the keys of marks, graves and the like begin with in the bucket of registrations: no AOR does.
const Reserved = "~"

const (
	markPrefix  = Reserved + "life."
	gravePrefix = Reserved + "dead."
)

// Mark is where the journal ended when nothing before it was left open by one life of a member: no leg without a record,
// no registration that has no snapshot.
type Mark struct {
	Member   string
	Boot     string
	Position uint64
}

// Grave tells of a life that is over where the journal says so.
type Grave struct {
	Member string
	Boot   string
	Deaths []Death // in the order of the journal
}

// Death is one fact member.dead.
type Death struct {
	Position uint64
	Closer   string
}

// maxDeaths are the deaths noted of one life: a Controller that dies at its work makes one more.
const maxDeaths = 32

// Died adds a death.
func (g *Grave) Died(d Death) {
	g.Deaths = append(g.Deaths, d)
	if n := len(g.Deaths); n > maxDeaths {
		g.Deaths = g.Deaths[n-maxDeaths:]
	}
}

// Key is where the mark lies.
func (m Mark) Key() string { return markPrefix + m.Boot }

// Key is where the grave lies.
func (g Grave) Key() string { return gravePrefix + g.Boot }

// Encode writes the store's form.
func (m Mark) Encode() []byte { return encode(m) }

// Encode writes the store's form.
func (g Grave) Encode() []byte { return encode(g) }

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("life: " + err.Error()) // these types have no value that can not be written
	}
	return b
}

// Marks are the marks in a bucket. One that can not be read is an error: what that life left open would stay so.
func Marks(b *store.Bucket) (all []Mark, err error) {
	b.Range(markPrefix, func(e store.Entry) bool {
		var m Mark
		if err = json.Unmarshal(e.Value, &m); err != nil || m.Key() != e.Key {
			err = fmt.Errorf("life: mark %s can not be read: %w", e.Key, err)
			return false
		}
		all = append(all, m)
		return true
	})
	return all, err
}

// Graves are the graves in a bucket.
func Graves(b *store.Bucket) (all []Grave) {
	b.Range(gravePrefix, func(e store.Entry) bool {
		if g, ok := ReadGrave(e); ok {
			all = append(all, g)
		}
		return true
	})
	return all
}

// ReadGrave reads an entry of the bucket; false: it is none that can be read.
func ReadGrave(e store.Entry) (g Grave, ok bool) {
	if e.Deleted || !strings.HasPrefix(e.Key, gravePrefix) {
		return g, false
	}
	return g, json.Unmarshal(e.Value, &g) == nil && g.Key() == e.Key
}
