package source

import (
	"slices"

	"tandem/actors/stat/engine"
	"tandem/actors/stat/measure"
)

// What agents do at devices.
var (
	agentLogin  = name("AgentLogin")
	agentLogout = name("AgentLogout")
	loggedIn    = name("LoggedIn")
	waits       = name("WaitForNextCall")
	rests       = name("NotReadyForNextCall")
	afterCall   = name("AfterCallWork")
	acwDone     = name("ACWCompleted")
	acwMissed   = name("ACWMissed")
	hookOn      = name("OnHook")
	hookOff     = name("OffHook")
)

// afterCallWork is the work mode of an agent who has something to do for the call that is over.
const afterCallWork = "AfterCallWork"

// maxQueues is into how many queues an agent is logged in at one device.
const maxQueues = 100

// desk is a device with who works at it.
type desk struct {
	Agent   string   `json:"agent,omitempty"`
	Place   string   `json:"place,omitempty"`
	Queues  []string `json:"queues,omitempty"` // objects into which he is logged in
	Work    string   `json:"work,omitempty"`   // what he does beside calls: an action; "": that is not known
	Since   int64    `json:"since,omitempty"`
	Reason  string   `json:"reason,omitempty"`
	Served  string   `json:"served,omitempty"`  // queue of the last call
	Wrapped string   `json:"wrapped,omitempty"` // queue of the call for which he works
	Hook    string   `json:"hook,omitempty"`    // OnHook, OffHook
	Out     bool     `json:"out,omitempty"`     // of service
}

// deskOf is what is known of a device; nil where there are too many.
func (f *Feed) deskOf(o engine.Object) *desk {
	key := o.String()
	d := f.Devices[key]
	if d == nil && len(f.Devices) < maxObjects {
		d = &desk{}
		f.Devices[key] = d
	}
	return d
}

// place has a device belong to the place that a line names.
func (f *Feed) place(o engine.Object, t *told) {
	if t.Place == "" {
		return
	}
	d := f.deskOf(o)
	if d == nil || d.Place == t.Place {
		return
	}
	if d.Place != "" {
		f.tell(engine.Fact{At: t.at, What: engine.Leave, Object: o, Other: engine.Object{Type: engine.AgentPlace, ID: d.Place}})
	}
	d.Place = t.Place
	f.tell(engine.Fact{At: t.at, What: engine.Join, Object: o, Other: engine.Object{Type: engine.AgentPlace, ID: d.Place}})
}

// at is the device of a line and who works there; nil: there are too many.
func (f *Feed) at(t *told) (engine.Object, *desk) {
	o := f.Rules.device(&t.Line)
	f.own(o, t.at)
	f.place(o, t)
	return o, f.deskOf(o)
}

func agentOf(name string) engine.Object { return engine.Object{Type: engine.Agent, ID: name} }

// Keys of what goes on at a device beside calls, behind the name of the source.
func (f *Feed) loginKey() string { return f.name + "/login" }
func (f *Feed) workKey() string  { return f.name + "/work" }
func (f *Feed) hookKey() string  { return f.name + "/hook" }

func (f *Feed) login(t *told) {
	o, d := f.at(t)
	if d == nil {
		return
	}
	if d.Agent != "" && d.Agent != t.Agent {
		f.goes(o, d, t.at)
	}
	if d.Agent == "" {
		d.Agent = t.Agent
		f.roll.enlist(t.Agent, o.String())
		f.tell(engine.Fact{At: t.at, What: engine.Login, Object: agentOf(t.Agent), Other: o})
		f.happens(o, agentLogin, t.at, 0, nil)
		f.tell(engine.Fact{At: t.at, What: engine.Begin, Object: o, Name: loggedIn, Key: f.loginKey()})
	}
	if t.Queue == "" {
		return
	}
	q := f.Rules.queue(t.Queue)
	if key := q.String(); !slices.Contains(d.Queues, key) && len(d.Queues) < maxQueues {
		d.Queues = append(d.Queues, key)
		f.roll.enlist(t.Agent, key)
		f.own(q, t.at)
		f.tell(engine.Fact{At: t.at, What: engine.Login, Object: agentOf(t.Agent), Other: q})
	}
}

func (f *Feed) logout(t *told) {
	if o, d := f.at(t); d != nil {
		f.goes(o, d, t.at)
	}
}

// goes: the agent leaves the device.
func (f *Feed) goes(o engine.Object, d *desk, at int64) {
	f.works(o, d, "", "", at)
	if d.Agent == "" {
		return
	}
	f.tell(engine.Fact{At: at, What: engine.End, Object: o, Name: loggedIn, Key: f.loginKey()})
	f.happens(o, agentLogout, at, 0, nil)
	for _, q := range d.Queues {
		if f.roll.delist(d.Agent, q) {
			f.tell(engine.Fact{At: at, What: engine.Logout, Object: agentOf(d.Agent), Other: object(q)})
		}
	}
	if f.roll.delist(d.Agent, o.String()) {
		f.tell(engine.Fact{At: at, What: engine.Logout, Object: agentOf(d.Agent), Other: o})
	}
	d.Agent, d.Queues, d.Served = "", nil, ""
}

func (f *Feed) ready(t *told) {
	if o, d := f.at(t); d != nil {
		f.works(o, d, waits.String(), "", t.at)
	}
}

func (f *Feed) notReady(t *told) {
	o, d := f.at(t)
	if d == nil {
		return
	}
	n := rests
	if t.WorkMode == afterCallWork {
		n = afterCall
	}
	f.works(o, d, n.String(), t.Reason, t.at)
}

// works: what an agent does beside calls is something else now, or for another reason.
func (f *Feed) works(o engine.Object, d *desk, n, reason string, at int64) {
	if d.Work == n {
		if n != "" && d.Reason != reason {
			d.Reason = reason
			f.tell(engine.Fact{At: at, What: engine.Change, Object: o, Name: name(n), Key: f.workKey(), With: reasons(reason)})
		}
		return
	}
	if d.Work != "" {
		f.tell(engine.Fact{At: at, What: engine.End, Object: o, Name: name(d.Work), Key: f.workKey()})
	}
	if d.Work == afterCall.String() {
		f.wrapped(d, at)
	}
	d.Work, d.Reason, d.Since = n, reason, at
	if n == "" {
		return
	}
	if n == afterCall.String() {
		d.Wrapped = d.Served
	}
	f.tell(engine.Fact{At: at, What: engine.Begin, Object: o, Name: name(n), Key: f.workKey(), With: reasons(reason)})
}

// wrapped: the work after a call is over; that of its queue, missed by the other queues of the agent.
func (f *Feed) wrapped(d *desk, at int64) {
	if d.Wrapped != "" {
		f.happens(object(d.Wrapped), acwDone, at, at-d.Since, nil)
	}
	for _, q := range d.Queues {
		if q != d.Wrapped {
			f.happens(object(q), acwMissed, at, at-d.Since, nil)
		}
	}
	d.Wrapped = ""
}

// reasons is what is attached to what an agent does.
func reasons(text string) *engine.Attached {
	if text == "" {
		return nil
	}
	return &engine.Attached{Attributes: map[string]string{"ExtensionReasonCode": text}, Pairs: map[string]string{"Reason": text}}
}

func (f *Feed) onHook(t *told)  { f.hook(t, hookOn) }
func (f *Feed) offHook(t *told) { f.hook(t, hookOff) }

func (f *Feed) hook(t *told, n measure.Name) {
	o, d := f.at(t)
	if d == nil || d.Hook == n.String() {
		return
	}
	if d.Hook != "" {
		f.tell(engine.Fact{At: t.at, What: engine.End, Object: o, Name: name(d.Hook), Key: f.hookKey()})
	}
	d.Hook = n.String()
	f.tell(engine.Fact{At: t.at, What: engine.Begin, Object: o, Name: n, Key: f.hookKey()})
}
