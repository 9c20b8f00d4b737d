package task

import (
	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// mixing is the Task's mixer and who takes part in it.
type mixing struct {
	handler string
	rate    int32
	members []*attached
	own     role // how our own party takes part
}

// attached is the party of another Task in our mixer.
type attached struct {
	task   string
	number uint64
	leg    string
	role   role
}

// role is how a party takes part in a mixer: see msg.MixRole.
type role struct{ muted, special, hearsSpecial, deaf bool }

func (r role) message() *msg.MixRole {
	return &msg.MixRole{Muted: r.muted, Special: r.special, HearsSpecial: r.hearsSpecial, Deaf: r.deaf}
}

// Sample rates of mixers: whoever wants a narrow one says so before it is made.
const (
	narrowBand = 8000
	wideBand   = 16000
)

func fnAttachMixer(t *Task, c *cgpl.Call) (object.Value, error) {
	tk, e := claim(c.Arg(0), eventStartBridge)
	switch {
	case e != "":
		return fail(e), nil
	case t.bridge.active():
		return fail(ErrBridged), nil
	case t.mixing != nil:
		t.attach(tk)
		return object.Null, nil
	}
	op, rate := t.number(), int32(wideBand)
	if n, _ := t.optionValue("mixerrate").Int(); n < wideBand {
		rate = narrowBand
	}
	t.do(MakeMixer{op, rate})
	return t.block(wait{name: "AttachMixer", operation: op, spawned: func(handler string) {
		if handler == "" {
			t.resume(fail(ErrNoTask))
			return
		}
		t.mixing = &mixing{handler: handler, rate: rate}
		t.do(Watch{handler})
		if set := t.tuning(); set.SilenceLevel != 0 || set.DelayMs != 0 {
			t.do(ToMixer{handler, set})
		}
		t.mixOwn()
		if !tk.open() {
			t.dissolve()
			t.resume(fail(ErrCancelled))
			return
		}
		t.attach(tk)
		t.resume(object.Null)
	}})
}

// attach takes the ticket's party into the mixer.
func (t *Task) attach(tk *ticket) {
	t.spend(tk)
	t.mixing.members = append(t.mixing.members, &attached{task: tk.task, number: tk.number, leg: tk.leg})
	t.do(Watch{tk.task}, ToTask{Task: tk.task, Mixer: t.mixing.handler, Message: &msg.TaskBridged{
		Ticket: tk.number, Mix: &msg.LegMix{Room: t.mixing.handler, Rate: t.mixing.rate}}}, Publish{})
}

// mixOwn joins our own party with the mixer, or changes its part, where it has media.
func (t *Task) mixOwn() {
	if t.hasParty() && t.party.leg != "" {
		t.mix(t.party.leg, t.mixing.own)
	}
}

// mix joins a leg with our mixer, or changes its part in it.
func (t *Task) mix(leg string, r role) {
	t.do(ToLeg{Leg: leg, Partner: t.mixing.handler,
		Message: &msg.LegMix{Room: t.mixing.handler, Rate: t.mixing.rate, Role: r.message()}})
}

func fnDetachMixer(t *Task, c *cgpl.Call) (object.Value, error) {
	if t.mixing == nil {
		return fail(ErrNotBridged), nil
	}
	h := c.Arg(0).Handle()
	if h == nil {
		t.dissolve()
		return object.Null, nil
	}
	for _, m := range t.mixing.members {
		if m.task == h.ID {
			t.do(ToTask{Task: m.task, Message: &msg.TaskUnbridged{Ticket: m.number}})
			t.dropMember(m)
			return object.Null, nil
		}
	}
	return fail(ErrNoObject), nil
}

// dissolve ends the mixer; everybody in it is told.
func (t *Task) dissolve() {
	if t.mixing == nil {
		return
	}
	for _, m := range t.mixing.members {
		t.do(ToTask{Task: m.task, Message: &msg.TaskUnbridged{Ticket: m.number}})
	}
	t.mixing.members = nil
	t.endMixer()
}

// dropMember forgets who is not in the mixer any more; the last one ends it.
func (t *Task) dropMember(m *attached) {
	x := t.mixing
	for i, other := range x.members {
		if other == m {
			x.members = append(x.members[:i], x.members[i+1:]...)
			break
		}
	}
	if len(x.members) == 0 {
		t.endMixer()
	}
	t.do(Publish{})
}

// endMixer ends the mixer itself; our own party goes back to a channel of its own. A program that waited for a
// sound goes on by soundGone, when everything is in its new order.
func (t *Task) endMixer() {
	t.do(ToMixer{t.mixing.handler, &msg.LegHangup{}})
	t.mixing = nil
	t.sound.play = 0 // what was played went with it
	if t.hasParty() {
		t.toLeg(&msg.LegPart{})
	}
}

// memberLeft: a party left our mixer, or its Task is gone (number 0).
func (t *Task) memberLeft(task string, number uint64) {
	if t.mixing == nil {
		return
	}
	if task == t.mixing.handler { // the mixer itself crashed: everybody is told, nobody is left in silence
		t.dissolve()
		t.soundGone()
		return
	}
	for _, m := range t.mixing.members {
		if m.task == task && (number == 0 || m.number == number) {
			t.dropMember(m)
			t.event(eventBreakBridge, object.Null, task)
			t.soundGone()
			return
		}
	}
}

func fnMixerAttached(t *Task, _ *cgpl.Call) (object.Value, error) {
	if t.mixing == nil || len(t.mixing.members) == 0 {
		return object.Null, nil
	}
	a := object.NewArray()
	for _, m := range t.mixing.members {
		a.Append(handle(m.task))
	}
	return a.Value(), nil
}

// fnMuteMixer changes what a party of the mixer says and hears; null is our own.
func fnMuteMixer(t *Task, c *cgpl.Call) (object.Value, error) {
	if t.mixing == nil {
		return object.Null, nil
	}
	h := c.Arg(0).Handle()
	if h == nil || h.ID == t.world.Self() {
		turn(&t.mixing.own, c.Arg(1))
		t.mixOwn()
		return object.Null, nil
	}
	for _, m := range t.mixing.members {
		if m.task == h.ID {
			turn(&m.role, c.Arg(1))
			t.mix(m.leg, m.role)
		}
	}
	return object.Null, nil
}

// turn changes a role as MuteMixer's flag says: what concerns hearing leaves the muting as it is.
func turn(r *role, flag object.Value) {
	switch flag.Text() {
	case "special":
		r.muted, r.special = false, true
	case "hearsSpecial":
		r.hearsSpecial, r.deaf = true, false
	case "hearsMute":
		r.hearsSpecial, r.deaf = false, true
	case "hearsNormal":
		r.hearsSpecial, r.deaf = false, false
	default:
		r.muted, r.special = !flag.IsNull(), false
	}
}
