package script

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/actors/pbx/task"
	"tandem/ximss/object"
)

// effect does what a Task wants.
func (t *played) effect(e task.Effect) {
	switch e := e.(type) {
	case task.ToLeg:
		t.toLeg(e.Leg, e.Partner, e.Message)
	case task.ToMixer:
		t.toMixer(e.Mixer, e.Message)
	case task.ToTask:
		t.toTask(e)
	case task.ToMeeting:
		t.toMeeting(e)
	case task.InLine, task.OutOfLine, task.ToQueue, task.Engage:
		t.toQueue(e)
	case task.Dial:
		t.say("calls %s as %s%s", addresses(e), e.Request.From, dialDetail(e))
		t.task.Dialled("signal", t.now)
	case task.CancelDial:
		t.say("cancels the call")
	case task.Spawn:
		if len(t.tasks) >= mostTasks {
			t.later(func() { t.task.Spawned(e.Operation, "", t.now) })
			return
		}
		child := t.start(&msg.TaskStart{Program: t.stage.Name, Account: t.stage.Account, Entry: e.Entry, Parameter: e.Parameter}, "")
		t.later(func() { t.task.Spawned(e.Operation, child.name(), t.now) })
	case task.MakeMixer:
		t.say("makes a mixer")
		t.later(func() { t.task.Spawned(e.Operation, "mixerof"+t.name(), t.now) })
	case task.Serve:
		v := t.service(e.Service.Name, e.Arguments)
		t.later(func() { t.task.Result(e.Operation, v, t.now) })
	case task.StartTimer:
		t.at([2]any{t, e.Kind}, e.After, func() { t.task.Timer(e.Kind, e.Generation, t.now) })
	case task.Again:
		t.task.Continue(t.now)
	case task.Stop:
		if f := t.task.Fault(); f != "" {
			t.say("ends by an exception: %s", f)
		} else {
			t.say("ends")
		}
		t.ended()
	case task.Watch:
		t.watched(e.Handler)
	case task.Unwatch:
		delete(t.watches, e.Handler)
	case task.Publish:
	}
}

func addresses(e task.Dial) string {
	var all []string
	for _, u := range e.Targets {
		all = append(all, u.String())
	}
	return strings.Join(all, " and ")
}

func dialDetail(e task.Dial) string {
	s := ""
	if e.NoServices {
		s += " without services"
	}
	if e.Ring > 0 {
		s += " for " + e.Ring.String()
	}
	for _, h := range e.Request.Headers {
		s += fmt.Sprintf(" %s=%q", h.Name, h.Value)
	}
	return s
}

// toLeg plays the party's leg; one that is not the Task's own belongs to a party in its mixer.
func (t *played) toLeg(leg, partner string, m proto.Message) {
	whose := ""
	if leg != t.leg {
		whose = leg + " "
	}
	switch m := m.(type) {
	case *msg.LegProgress:
		t.say("%sshows %d%s%s", whose, m.Status, when(m.Media, " with media"), headers(m.Headers))
	case *msg.LegAnswer:
		t.say("%sanswers", whose)
		t.reply([2]any{t, "answer"}, func() { t.task.LegAnswered(&msg.LegAnswered{Codec: "PCMU"}, leg, t.now) })
	case *msg.LegReject:
		t.say("%srejects with %d%s%s", whose, m.Status, when(m.Reason != "", " "+m.Reason), headers(m.Headers))
	case *msg.LegHangup:
		t.say("%shangs up%s", whose, when(m.Reason != "", " because "+m.Reason))
		t.endSounds(leg)
	case *msg.LegFind:
		t.say("%s %s", when(m.Fork, "forks to"), targets(m))
	case *msg.LegAccept:
		t.say("%sis joined with %s", whose, partner)
		t.partner = partner
		t.hush(leg)
		t.reply([2]any{t, "answer"}, func() { t.task.LegAnswered(&msg.LegAnswered{Codec: "PCMU"}, leg, t.now) })
	case *msg.LegPart:
		t.say("%sis alone again", whose)
	case *msg.LegServe:
		t.say("%sis given away", whose)
	case *msg.LegMix:
		t.say("%sis in the mixer%s", whose, role(m.Role))
	case *msg.LegPress:
		t.say("%sis sent the key %s", whose, m.Digits)
	case *msg.LegTransferred:
		t.say("%stransfer is answered with %d", whose, m.Status)
	case *msg.LegContact:
		t.say("%scontact parameter %s=%q", whose, m.Name, m.Value)
	case *msg.LegKept:
	default:
		if !t.sound(leg, m) {
			t.operation(whose, leg, m)
		}
	}
}

func when(b bool, s string) string {
	if b {
		return s
	}
	return ""
}

func headers(list []*msg.Header) string {
	s := ""
	for _, h := range list {
		s += " " + h.Name + ": " + h.Value
	}
	return s
}

func targets(m *msg.LegFind) string {
	var list []string
	for _, u := range m.Targets {
		list = append(list, u.Signal().String())
	}
	if !m.Fork {
		return "redirects to " + strings.Join(list, ", ")
	}
	return strings.Join(list, ", ")
}

func role(r *msg.MixRole) string {
	var words []string
	for _, w := range []struct {
		on   bool
		name string
	}{{r.GetMuted(), "muted"}, {r.GetSpecial(), "special"}, {r.GetHearsSpecial(), "hears special"}, {r.GetDeaf(), "deaf"}} {
		if w.on {
			words = append(words, w.name)
		}
	}
	return when(len(words) > 0, ": "+strings.Join(words, ", "))
}

// operation is something that the phone answers.
func (t *played) operation(whose, leg string, m proto.Message) {
	var name, what string
	var op uint64
	switch m := m.(type) {
	case *msg.LegHoldParty:
		name, op, what = "hold", m.Operation, when(!m.Held, "un")+"held"
		what = "is " + what
	case *msg.LegInform:
		name, op, what = "info", m.Operation, fmt.Sprintf("is sent INFO %s %q", m.ContentType, m.Body)
	case *msg.LegRefer:
		name, op, what = "refer", m.Operation, "is asked to call "+m.Target.Signal().String()
	case *msg.LegAttend:
		name, op, what = "attend", m.Operation, "attends: "+m.Part
	case *msg.LegRecordCall:
		name, op, what = "record", m.Operation, "has its recording told to "+m.Action
	case *msg.LegProbe:
		name, op, what = "options", m.Operation, "is sent OPTIONS"
	default:
		t.say("%s%T", whose, m)
		return
	}
	t.say("%s%s", whose, what)
	status := 200
	if f := t.fails[name]; len(f) > 0 {
		status, t.fails[name] = f[0], f[1:]
	}
	t.reply([2]any{t, name}, func() {
		t.task.LegDone(&msg.LegDone{Operation: op, Status: int32(status), Reason: "phone said so"}, leg, t.now)
	})
}

// sound plays a sound or a recording, by a leg or a mixer; false: it is something else.
func (t *played) sound(by string, m proto.Message) bool {
	switch m := m.(type) {
	case *msg.LegPlay:
		t.hush(by)
		what, turn := t.soundOf(m.Sound)
		t.say("plays %s%s", what, limitText(m.LimitMs))
		p := playing{by: by, from: t.now, at: m.FromMs, turn: turn, limit: m.LimitMs}
		if p.limit == 0 {
			p.limit = turn - p.at
		}
		t.sounds[m.Play] = p
		if p.limit >= 0 {
			t.at([2]any{t, m.Play}, time.Duration(p.limit)*time.Millisecond, func() { t.endSound(m.Play, true) })
		}
	case *msg.LegTape:
		t.say("records for %s", time.Duration(m.LimitMs)*time.Millisecond)
		t.sounds[m.Record] = playing{by: by, from: t.now, limit: m.LimitMs, turn: -1}
		t.at([2]any{t, m.Record}, time.Duration(m.LimitMs)*time.Millisecond, func() { t.endSound(m.Record, true) })
	case *msg.LegStop:
		for _, n := range []uint64{m.Play, m.Record} {
			if _, ok := t.sounds[n]; ok {
				t.endSound(n, false)
			}
		}
	default:
		return false
	}
	return true
}

func limitText(ms int64) string {
	switch {
	case ms == 0:
		return ""
	case ms < 0:
		return " until interrupted"
	}
	return " for " + (time.Duration(ms) * time.Millisecond).String()
}

// soundOf is what a sound is called, and how long a turn of it is.
func (t *played) soundOf(s *msg.Sound) (string, int64) {
	switch {
	case s.File != nil:
		ms := int64(1000)
		if t.stage.Sound != nil {
			if _, d, ok := t.stage.Sound("", s.File.Path); ok {
				ms = d.Milliseconds()
			}
		}
		return s.File.Path, ms
	case s.Tone != nil:
		text := fmt.Sprintf("a tone of %d Hz", s.Tone.Frequency)
		if s.Tone.Second != 0 {
			text += fmt.Sprintf(" and %d Hz at %d", s.Tone.Second, s.Tone.Ratio)
		}
		return text, 1 << 40
	}
	return fmt.Sprintf("%d bytes", len(s.Data)), 1000
}

// endSound tells the Task that a sound or a recording is over.
func (t *played) endSound(n uint64, complete bool) {
	p, ok := t.sounds[n]
	if !ok {
		return
	}
	delete(t.sounds, n)
	t.cancel([2]any{t, n})
	ms := t.now.Sub(p.from).Milliseconds()
	if p.turn < 0 {
		var data []byte
		if ms > 0 {
			// As long as mu-law is: programs throw away what is too short.
			data = append([]byte("RIFF recording of "+strconv.FormatInt(ms, 10)+" ms"), make([]byte, ms*8)...)
		}
		t.task.LegRecorded(&msg.LegRecorded{Record: n, Data: data}, p.by, t.now)
		return
	}
	position := p.at + ms
	if p.turn > 0 && position > p.turn {
		position %= p.turn
	}
	t.task.LegPlayed(&msg.LegPlayed{Play: n, PositionMs: position, Completed: complete}, t.now)
}

// hush ends what a leg or a mixer plays, since something else takes its place.
func (t *played) hush(by string) {
	for n, p := range t.sounds {
		if p.by == by && p.turn >= 0 {
			t.endSound(n, false)
		}
	}
}

// endSounds: a leg or a mixer is no more, and what it recorded is brought all the same.
func (t *played) endSounds(by string) {
	var list []uint64
	for n, p := range t.sounds {
		if p.by == by {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	for _, n := range list {
		if t.sounds[n].turn < 0 {
			t.at([2]any{t, n}, 0, func() { t.endSound(n, false) })
			continue
		}
		delete(t.sounds, n)
		t.cancel([2]any{t, n})
	}
}

func (t *played) toMixer(mixer string, m proto.Message) {
	switch m := m.(type) {
	case *msg.LegHangup:
		t.say("ends the mixer")
		t.endSounds(mixer)
	case *msg.MixerSet:
		t.say("sets the mixer: level %d, delay %d ms", m.SilenceLevel, m.DelayMs)
	case *msg.LegKept:
	default:
		t.sound(mixer, m)
	}
}

// toTask tells another Task, on the stage or not.
func (t *played) toTask(e task.ToTask) {
	switch m := e.Message.(type) {
	case *msg.TaskBridge:
		t.asked, t.askedOf, t.transfer = m.Ticket, e.Task, m.Transfer
		t.say("asks %s for a %s", e.Task, map[bool]string{true: "transfer", false: "bridge"}[m.Transfer])
	case *msg.TaskBridged:
		t.say("tells %s: %s", e.Task, bridgedText(m, e))
	case *msg.TaskUnbridged:
		t.say("tells %s: no bridge", e.Task)
	case *msg.TaskProvisioned:
		t.say("tells %s: %d", e.Task, m.Progress.Status)
	}
	if to := t.find(e.Task); to != nil {
		to.later(func() { to.hears(t, e) })
	}
}

// hears takes what another Task says.
func (t *played) hears(from *played, e task.ToTask) {
	switch m := e.Message.(type) {
	case *msg.TaskBridge:
		t.task.Bridge(m, from.name(), e.Leg, t.now)
	case *msg.TaskBridged:
		t.task.Bridged(m, from.name(), e.Leg, e.Mixer, t.now)
	case *msg.TaskUnbridged:
		t.task.Unbridged(m, from.name(), t.now)
	case *msg.TaskProvisioned:
		t.task.Provisioned(m, from.name(), e.Leg, t.now)
	}
}

func bridgedText(m *msg.TaskBridged, e task.ToTask) string {
	switch {
	case m.Error != "":
		return "refused, " + m.Error
	case e.Mixer != "":
		return "joined with the mixer"
	}
	return "joined with " + e.Leg
}

func (t *played) toMeeting(e task.ToMeeting) {
	a, who := t.hall.Answer(e.Ask, t.name(), t.now)
	t.say("asks %s: %s %q %q%s", e.Account, e.Ask.What, e.Ask.Set, e.Ask.Key, when(e.Ask.Parameter != "", " "+e.Ask.Parameter))
	t.later(func() { t.task.Answered(a, who, t.now) })
}

// service is what a service answers, as the script says.
func (t *played) service(name string, args []object.Value) object.Value {
	t.say("%s(%s)", name, argumentText(args))
	if t.stage.Service != nil {
		if v, ok := t.stage.Service(name, args); ok {
			return v
		}
	}
	key := strings.ToLower(name)
	if list := t.next[key]; len(list) > 0 {
		t.next[key] = list[1:]
		return list[0]
	}
	return object.Copy(t.given[key])
}

// longestArgument is how much of one a transcript shows, in bytes.
const longestArgument = 400

func argumentText(args []object.Value) string {
	var list []string
	for _, a := range args {
		if b, ok := a.Bytes(); ok {
			b, _, _ = bytes.Cut(b, []byte{0})
			list = append(list, strconv.Quote(string(b[:min(len(b), 60)])))
			continue
		}
		s := object.Format(a)
		if len(s) > longestArgument {
			s = s[:longestArgument] + "..."
		}
		list = append(list, s)
	}
	return strings.Join(list, ", ")
}
