package source

import (
	"maps"
	"slices"
	"strconv"

	"tandem/actors/stat/engine"
	"tandem/actors/stat/measure"
)

// Limits of what is known of one source.
const (
	maxCalls   = 100_000
	maxObjects = 200_000
	// maxAtCall is how many queues one call has come to, at how many devices it is, and how many actions of it go on: each.
	// What a source tells beyond it is passed over.
	maxAtCall = 200
)

// Feed is one source.
type Feed struct {
	name string
	tell func(engine.Fact)

	there map[string]map[string]bool // calls of which something goes on at an object
	quiet int64                      // no call was heard of last before it; 0: not known
	roll  roll                       // of all feeds

	Rules   Rules             `json:"rules"`
	Last    uint64            `json:"last"`    // number of the last line
	Count   State             `json:"count"`   // of lines
	Latest  int64             `json:"latest"`  // newest time of its clock
	Lost    bool              `json:"lost"`    // it is not heard of
	Down    bool              `json:"down"`    // its switch is not, as it says
	Told    string            `json:"told"`    // the Switch that was told to be lost; "": none is
	Number  uint64            `json:"number"`  // of the last action
	Calls   map[string]*call  `json:"calls"`   // by connection id
	Devices map[string]*desk  `json:"devices"` // by object
	Objects map[string]string `json:"objects"` // the switch to which each was told to belong
}

func newFeed(name string, roll roll) *Feed {
	f := &Feed{}
	f.whole(name, roll)
	return f
}

// whole makes good what a file leaves out.
func (f *Feed) whole(name string, roll roll) {
	f.name, f.roll = name, roll
	if f.Calls == nil {
		f.Calls = map[string]*call{}
	}
	if f.Devices == nil {
		f.Devices = map[string]*desk{}
	}
	if f.Objects == nil {
		f.Objects = map[string]string{}
	}
	maps.DeleteFunc(f.Calls, func(_ string, c *call) bool { return c == nil })
	maps.DeleteFunc(f.Devices, func(_ string, d *desk) bool { return d == nil })
	for o, d := range f.Devices {
		if d.Agent != "" {
			roll.enlist(d.Agent, o)
		}
		for _, q := range d.Queues {
			roll.enlist(d.Agent, q)
		}
	}
	f.there = map[string]map[string]bool{}
	for _, c := range f.Calls {
		c.whole()
		for _, a := range c.Actions {
			f.note(a.Object, c)
		}
	}
}

func (f *Feed) standing() State {
	s := f.Count
	s.Next, s.Known, s.Lost, s.Down, s.Latest = f.Last+1, true, f.Lost, f.Down, f.Latest
	s.Objects, s.Calls = len(f.Objects), len(f.Calls)
	return s
}

// told is a line with its moment and what it is about.
type told struct {
	Line
	at      int64
	arrived int64
	call    *call // nil: it names none
}

func (f *Feed) read(b *Batch) error {
	switch b.What {
	case Lost:
		f.Lost = true
	case Stuck:
		f.stuck(b)
	default:
		f.lines(b)
	}
	f.validity()
	return nil
}

// lines takes lines that were not taken before.
func (f *Feed) lines(b *Batch) {
	f.Rules = b.Rules
	f.Count.Duplicates += b.Duplicates
	f.Count.Malformed += b.Malformed
	f.Count.Member, f.Count.Arrived = b.Member, b.Arrived
	for _, text := range b.Lines {
		l, err := Parse(text)
		switch {
		case err != nil: // an older version took it
			f.Count.Malformed++
		case l.Seq <= f.Last:
			f.Count.Duplicates++
			continue
		default:
			f.line(l, b)
		}
		f.Last = max(f.Last, l.Seq)
	}
	f.Last = max(f.Last, b.Last)
	f.Lost = false
}

func (f *Feed) line(l Line, b *Batch) {
	t := &told{Line: l, at: f.moment(&l, b), arrived: b.Arrived}
	f.Count.Lines++
	f.Count.Lag = b.Arrived - t.at
	if l.Conn != "" {
		t.call = f.callOf(t)
	}
	events[l.Event].take(f, t)
}

// moment is when a line happened. Its source may set its clock back: its lines stay in their order.
func (f *Feed) moment(l *Line, b *Batch) int64 {
	at := b.Arrived
	if l.At != nil && !f.Rules.Arrival {
		at = int64(*l.At)
		if f.Rules.Ahead > 0 && at > b.Arrived+f.Rules.Ahead {
			at = b.Arrived
			f.Count.Skewed++
		}
	}
	f.Latest = max(f.Latest, at)
	return f.Latest
}

// home is the switch to which all objects of the source belong.
func (f *Feed) home() string {
	if f.Rules.Switch != "" {
		return f.Rules.Switch
	}
	return f.name
}

func switchOf(name string) engine.Object { return engine.Object{Type: engine.Switch, ID: name} }

// own has an object belong to the source's switch.
func (f *Feed) own(o engine.Object, at int64) {
	key, home := o.String(), f.home()
	was, known := f.Objects[key]
	if was == home || !known && len(f.Objects) >= maxObjects {
		return
	}
	if known {
		f.tell(engine.Fact{At: at, What: engine.Leave, Object: o, Other: switchOf(was)})
	}
	f.Objects[key] = home
	f.tell(engine.Fact{At: at, What: engine.Join, Object: o, Other: switchOf(home)})
	if f.Told == home { // what belongs to a switch is lost with it
		f.tell(engine.Fact{At: at, What: engine.Lost, Object: o})
	}
}

// validity tells where the source, or its switch, is lost or found: once, about the switch. Its moment is the last one of
// the source, so that lines that are sent again are not late.
func (f *Feed) validity() {
	is := ""
	if f.Lost || f.Down {
		is = f.home()
	}
	if is == f.Told {
		return
	}
	if f.Told != "" {
		f.tell(engine.Fact{At: f.Latest, What: engine.Found, Object: switchOf(f.Told)})
		for _, key := range slices.Sorted(maps.Keys(f.Devices)) { // they are still out
			if f.Devices[key].Out {
				f.tell(engine.Fact{At: f.Latest, What: engine.Lost, Object: object(key)})
			}
		}
	}
	if f.Told = is; is != "" {
		f.tell(engine.Fact{At: f.Latest, What: engine.Lost, Object: switchOf(is)})
	}
}

func (f *Feed) linkDown(*told) { f.link(true) }
func (f *Feed) linkUp(*told)   { f.link(false) }

func (f *Feed) link(down bool) {
	f.Down = down
	f.validity()
}

func (f *Feed) outOfService(t *told) { f.serve(t, true) }

func (f *Feed) backInService(t *told) { f.serve(t, false) }

// serve tells that a device or a queue can not be reached, or can again.
func (f *Feed) serve(t *told, out bool) {
	o := f.objectOf(t)
	f.own(o, t.at)
	d := f.deskOf(o)
	if d == nil || d.Out == out {
		return
	}
	d.Out = out
	switch {
	case out:
		f.tell(engine.Fact{At: t.at, What: engine.Lost, Object: o})
	case f.Told == "":
		f.tell(engine.Fact{At: t.at, What: engine.Found, Object: o})
	}
}

// objectOf is the device or queue of a line, as it says itself.
func (f *Feed) objectOf(t *told) engine.Object {
	switch t.Kind {
	case "Queue":
		return f.Rules.queue(t.DN)
	case "RoutePoint":
		return engine.Object{Type: engine.RoutePoint, ID: f.Rules.named(t.DN)}
	}
	return f.Rules.device(&t.Line)
}

// object reads what a Feed has written.
func object(key string) engine.Object {
	o, _ := engine.ParseObject(key)
	return o
}

// key names an action that begins.
func (f *Feed) key() string {
	f.Number++
	return f.name + "/" + strconv.FormatUint(f.Number, 10)
}

// happens tells an instant at an object; length is of what is over by it.
func (f *Feed) happens(o engine.Object, n measure.Name, at, length int64, c *call) {
	f.own(o, at)
	fact := engine.Fact{At: at, What: engine.Happen, Object: o, Name: n, Length: max(0, length)}
	if c != nil {
		fact.Conn, fact.With = c.Conn, c.With
	}
	f.tell(fact)
}
