package source

import (
	"cmp"
	"maps"
	"slices"

	"tandem/actors/stat/engine"
	"tandem/actors/stat/measure"
)

// call is a call, or another item, as far as the source has told it.
type call struct {
	Conn    string            `json:"conn"`  // by which it was known first
	Heard   int64             `json:"heard"` // when a line named it last, by our clock
	With    *engine.Attached  `json:"with,omitempty"`
	Entered map[string]int64  `json:"entered,omitempty"` // when it came to each queue
	Parties map[string]*party `json:"parties,omitempty"` // by device
	Actions []action          `json:"actions,omitempty"` // that go on
	Away    bool              `json:"away,omitempty"`    // a queue has distributed it, and it is nowhere yet
}

// action is one that goes on.
type action struct {
	Object string       `json:"object"`
	Name   measure.Name `json:"name"`
	Key    string       `json:"key"`
	Since  int64        `json:"since"`
}

func (c *call) whole() {
	if c.Entered == nil {
		c.Entered = map[string]int64{}
	}
	if c.Parties == nil {
		c.Parties = map[string]*party{}
	}
	maps.DeleteFunc(c.Parties, func(_ string, p *party) bool { return p == nil })
}

// callOf is the call of a line, with what the line attaches to it.
func (f *Feed) callOf(t *told) *call {
	c := f.Calls[t.Conn]
	if c == nil {
		if len(f.Calls) >= maxCalls {
			f.forget(t.at)
		}
		c = &call{Conn: t.Conn}
		c.whole()
		f.Calls[t.Conn] = c
	}
	f.hear(c, t.arrived)
	if with := attach(c.With, t.attributes(f.Rules.media(&t.Line)), t.Data); with != c.With {
		c.With = with
		for _, a := range c.Actions {
			f.tell(engine.Fact{At: t.at, What: engine.Change, Object: object(a.Object), Key: a.Key, Name: a.Name, With: with})
		}
	}
	return c
}

// attach is what is attached to a call with what a line adds: the same where it adds nothing.
func attach(old *engine.Attached, attributes, pairs map[string]string) *engine.Attached {
	if old != nil && has(old.Attributes, attributes) && has(old.Pairs, pairs) {
		return old
	}
	with := &engine.Attached{Attributes: map[string]string{}, Pairs: map[string]string{}}
	if old != nil {
		maps.Copy(with.Attributes, old.Attributes)
		maps.Copy(with.Pairs, old.Pairs)
	}
	maps.Copy(with.Attributes, attributes)
	for _, k := range slices.Sorted(maps.Keys(pairs)) {
		if _, known := with.Pairs[k]; known || len(with.Pairs) < maxPairs {
			with.Pairs[k] = pairs[k]
		}
	}
	return with
}

func has(all, some map[string]string) bool {
	for k, v := range some {
		if x, ok := all[k]; !ok || x != v {
			return false
		}
	}
	return true
}

// attributes are those that a line gives its call.
func (t *told) attributes(media string) map[string]string {
	all := map[string]string{"MediaType": media}
	queue := t.Queue
	if t.Event == "EventQueued" || t.Event == "EventRouteRequest" {
		queue = t.DN
	}
	for _, a := range []keyed{{"ANI", t.ANI}, {"DNIS", t.DNIS}, {"CustomerID", t.Customer}, {"ThisQueue", queue}} {
		if a.text != "" {
			all[a.key] = a.text
		}
	}
	return all
}

// enters notes when a call came to a queue.
func (c *call) enters(queue string, at int64) {
	if _, known := c.Entered[queue]; known || len(c.Entered) < maxAtCall {
		c.Entered[queue] = at
	}
}

// joins puts a party at a device, where none is; false: the call is at too many.
func (c *call) joins(device string, p *party) bool {
	if len(c.Parties) >= maxAtCall {
		return false
	}
	c.Parties[device] = p
	return true
}

// begin begins an action of a call at an object, unless it goes on.
func (f *Feed) begin(c *call, o engine.Object, n measure.Name, at int64) {
	if c.index(o, n) >= 0 || len(c.Actions) >= maxAtCall {
		return
	}
	f.own(o, at)
	a := action{o.String(), n, f.key(), at}
	c.Actions = append(c.Actions, a)
	f.note(a.Object, c)
	f.tell(engine.Fact{At: at, What: engine.Begin, Object: o, Key: a.Key, Name: n, Conn: c.Conn, With: c.With})
}

// end ends it, if it goes on.
func (f *Feed) end(c *call, o engine.Object, n measure.Name, at int64) {
	if i := c.index(o, n); i >= 0 {
		f.stop(c, i, at)
	}
}

func (f *Feed) stop(c *call, i int, at int64) {
	a := c.Actions[i]
	c.Actions = slices.Delete(c.Actions, i, i+1)
	f.unnote(a.Object, c)
	f.tell(engine.Fact{At: at, What: engine.End, Object: object(a.Object), Key: a.Key, Name: a.Name, Conn: c.Conn})
}

func (c *call) index(o engine.Object, n measure.Name) int {
	key := o.String()
	return slices.IndexFunc(c.Actions, func(a action) bool { return a.Object == key && a.Name == n })
}

// note keeps in sight which calls have something going on at an object.
func (f *Feed) note(object string, c *call) {
	if f.there[object] == nil {
		f.there[object] = map[string]bool{}
	}
	f.there[object][c.Conn] = true
}

func (f *Feed) unnote(object string, c *call) {
	if slices.ContainsFunc(c.Actions, func(a action) bool { return a.Object == object }) {
		return
	}
	if delete(f.there[object], c.Conn); len(f.there[object]) == 0 {
		delete(f.there, object)
	}
}

// over forgets a call of which nothing goes on any more.
func (f *Feed) over(conn string) {
	if c := f.Calls[conn]; c != nil && len(c.Actions) == 0 && len(c.Parties) == 0 && !c.Away {
		delete(f.Calls, conn)
	}
}

// evidence: a call is still there, or what is attached to it has changed. Both was taken with the line.
func (f *Feed) evidence(t *told) { f.over(t.Conn) }

// forget gives up the calls of which nothing was heard for longest, a part of all at once: looking for them takes a while.
func (f *Feed) forget(at int64) {
	all := slices.SortedFunc(maps.Keys(f.Calls), func(a, b string) int {
		return cmp.Or(cmp.Compare(f.Calls[a].Heard, f.Calls[b].Heard), cmp.Compare(a, b))
	})
	for _, conn := range all[:len(all)/10+1] {
		f.clean(conn, at)
	}
}
