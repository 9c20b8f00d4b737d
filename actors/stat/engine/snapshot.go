package engine

import (
	"cmp"
	"encoding/json"
	"io"
	"slices"

	"tandem/actors/stat/measure"
)

// Snapshot is a world as it is at one moment, which is written while the world goes on. What changes before it is written
// is kept as it was; so a world is told facts without waiting for a file.
type Snapshot struct {
	world      *World
	head       head
	again      []event // what was told since the moment to which the world can go back
	things     []*thing
	statistics []*statistic
	kept       before[*thing, image]     // those that have changed since and are not written yet; an empty one is written
	meters     before[*statistic, gauge] // the same of statistics
}

// image is what facts have made of an object.
type image struct {
	state
	going []going
}

// going is an action that goes on.
type going struct {
	key    string
	action *action
}

// gauge is a statistic as it was.
type gauge struct {
	meter          *measure.Meter // nil: it was not open
	last, reported int64
}

// stepThings is how many objects or statistics are looked at while the world stands still.
const stepThings = 256

// Save writes the world, all facts taken and all statistics. What is written is the world before the facts that late ones
// may still precede, and these. The same world is always written in the same way.
func (w *World) Save(to io.Writer) error {
	return w.Snapshot().Write(to, func(look func()) { look() })
}

// Snapshot begins to keep the world as it is now, to be written by Write, and no longer than that.
func (w *World) Snapshot() *Snapshot {
	s := &Snapshot{world: w, kept: before[*thing, image]{}, meters: before[*statistic, gauge]{}}
	later := w.toBase()
	s.head = head{Version: savedVersion, Head: w.head, Latest: w.latest, Floor: w.floor, IDs: w.ids, LastSeq: w.lastSeq, Counts: w.counts,
		Finals: slices.Clone(w.finals)}
	s.again = slices.DeleteFunc(slices.Clone(later), func(e event) bool { return e.open != nil && e.open.closed })
	s.things = make([]*thing, 0, len(w.things))
	for _, t := range w.things {
		s.things = append(s.things, t)
	}
	s.statistics = make([]*statistic, 0, len(w.statistics))
	for _, st := range w.statistics {
		s.statistics = append(s.statistics, st)
	}
	w.snapshots = append(w.snapshots, s)
	w.redo(later)
	return s
}

// Write writes the snapshot, and ends it. alone calls a function while nobody else uses the world; it is called often, each
// time for a moment.
func (s *Snapshot) Write(to io.Writer, alone func(look func())) error {
	defer alone(func() {
		s.world.snapshots = slices.DeleteFunc(s.world.snapshots, func(o *Snapshot) bool { return o == s })
	})
	slices.SortFunc(s.things, func(a, b *thing) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID)) })
	slices.SortFunc(s.statistics, func(a, b *statistic) int { return cmp.Compare(a.id, b.id) })
	places := make(map[*thing]int, len(s.things))
	for i, t := range s.things {
		places[t] = i
	}
	definitions := s.definitions()
	s.head.Things, s.head.Statistics, s.head.Events = len(s.things), len(s.statistics), len(s.again)
	out := json.NewEncoder(to)
	err := out.Encode(s.head)
	for part := range slices.Chunk(s.things, stepThings) {
		if err != nil {
			return err
		}
		images := make([]image, len(part))
		alone(func() {
			for i, t := range part {
				images[i] = s.kept.take(t, (*thing).image)
			}
		})
		for i, t := range part {
			err = cmp.Or(err, out.Encode(images[i].save(t.Object, places)))
		}
	}
	for part := range slices.Chunk(s.statistics, stepThings) {
		if err != nil {
			return err
		}
		gauges := make([]gauge, len(part))
		alone(func() {
			for i, st := range part {
				gauges[i] = s.meters.take(st, (*statistic).gauge)
			}
		})
		for i, st := range part {
			err = cmp.Or(err, out.Encode(gauges[i].save(st, places, definitions)))
		}
	}
	for i := range s.again {
		err = cmp.Or(err, out.Encode(s.again[i].save()))
	}
	return err
}

// definitions are the places of those in the head, each once.
func (s *Snapshot) definitions() map[string]int {
	all := map[string]int{}
	for _, st := range s.statistics {
		if _, known := all[st.text]; !known {
			all[st.text] = len(s.head.Definitions)
			s.head.Definitions = append(s.head.Definitions, json.RawMessage(st.text))
		}
	}
	return all
}

// before has things as they were before their first change.
type before[K comparable, V any] map[K]V

// keep keeps a thing as it is now, unless it was kept.
func (b before[K, V]) keep(k K, now func(K) V) {
	if _, known := b[k]; !known {
		b[k] = now(k)
	}
}

// take is a thing as it was. What it becomes matters no more.
func (b before[K, V]) take(k K, now func(K) V) V {
	was, known := b[k]
	if !known {
		was = now(k)
	}
	var none V
	b[k] = none
	return was
}

// image is what an object is. All but its map of actions is never changed in place.
func (t *thing) image() image {
	im := image{state: t.state}
	for key, a := range t.running {
		im.going = append(im.going, going{key.key, a})
	}
	return im
}

func (st *statistic) gauge() gauge {
	g := gauge{last: st.last, reported: st.reported}
	if st.meter != nil {
		g.meter = new(measure.Meter)
		st.meter.Copy(g.meter)
	}
	return g
}

func (g *gauge) save(st *statistic, places map[*thing]int, definitions map[string]int) savedStatistic {
	s := savedStatistic{ID: st.id, Thing: places[st.on], Definition: definitions[st.text], Last: g.last, Opens: st.opens, Reported: g.reported}
	if g.meter != nil {
		m := g.meter.Save()
		s.Meter = &m
	} else {
		s.Seed = st.seed
	}
	return s
}
