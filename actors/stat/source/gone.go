package source

import (
	"maps"
	"slices"

	"tandem/actors/stat/engine"
)

// shared tells whether another source has something too.
func (b *Book) shared(but *Feed) func(has func(*Feed) bool) bool {
	return func(has func(*Feed) bool) bool {
		for _, f := range b.feeds {
			if f != but && has(f) {
				return true
			}
		}
		return false
	}
}

// gone: the source is none any more. Its calls are cleaned away, who is logged in by it leaves, and nothing of it stays lost or
// belongs to its switch, but for what another source says too.
func (f *Feed) gone(shared func(has func(*Feed) bool) bool) {
	at := f.Latest
	for _, conn := range slices.Sorted(maps.Keys(f.Calls)) {
		f.clean(conn, at)
	}
	for _, key := range slices.Sorted(maps.Keys(f.Devices)) {
		f.leaveDevice(object(key), f.Devices[key], at, shared)
	}
	if is := f.Told; is != "" && !shared(func(o *Feed) bool { return o.Told == is }) {
		f.tell(engine.Fact{At: at, What: engine.Found, Object: switchOf(is)})
	}
	for _, key := range slices.Sorted(maps.Keys(f.Devices)) {
		if f.Devices[key].Out && !shared(func(o *Feed) bool { d := o.Devices[key]; return d != nil && d.Out }) {
			f.tell(engine.Fact{At: at, What: engine.Found, Object: object(key)})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(f.Objects)) {
		if home := f.Objects[key]; !shared(func(o *Feed) bool { return o.Objects[key] == home }) {
			f.tell(engine.Fact{At: at, What: engine.Leave, Object: object(key), Other: switchOf(home)})
		}
	}
}

// leaveDevice ends what goes on at a device beside calls.
func (f *Feed) leaveDevice(o engine.Object, d *desk, at int64, shared func(has func(*Feed) bool) bool) {
	f.goes(o, d, at)
	if d.Hook != "" {
		f.tell(engine.Fact{At: at, What: engine.End, Object: o, Name: name(d.Hook), Key: f.hookKey()})
	}
	key := o.String()
	if d.Place != "" && !shared(func(o *Feed) bool { other := o.Devices[key]; return other != nil && other.Place == d.Place }) {
		f.tell(engine.Fact{At: at, What: engine.Leave, Object: o, Other: engine.Object{Type: engine.AgentPlace, ID: d.Place}})
	}
}
