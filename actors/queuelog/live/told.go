package live

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/ximss/ami"
)

// Told is what the manager interface of one server has told (reference queuelog.md 4.8). The zero value has been told
// nothing.
type Told struct {
	members map[place]*member
	callers map[place]*caller
	turn    uint64 // of the list of all that is under way, or was last
	left    uint64
}

// place is somebody in a queue: the interface of a member, the call of a caller.
type place struct{ queue, who string }

type member struct {
	msg  *msg.ExchangeMember
	turn uint64
}

type caller struct {
	msg  *msg.ExchangeCaller
	turn uint64
}

// Clear forgets all: a new connection is a new beginning.
func (t *Told) Clear() { *t = Told{members: map[place]*member{}, callers: map[place]*caller{}} }

// List begins a list of all that there is: who has not been named when it ends is not there.
func (t *Told) List() { t.turn++ }

// Listed ends it. Conversations are in no list.
func (t *Told) Listed() {
	for at, m := range t.members {
		if m.turn < t.turn {
			delete(t.members, at)
		}
	}
	for at, c := range t.callers {
		if c.turn < t.turn && !c.msg.Talking {
			delete(t.callers, at)
		}
	}
}

// Hear takes an event that has happened at a time. False: it says nothing of queues.
func (t *Told) Hear(p ami.Packet, at time.Time) bool {
	switch p.Get("Event") {
	case "QueueMember", "QueueMemberAdded", "QueueMemberStatus", "QueueMemberPause", "QueueMemberPaused", "QueueMemberPenalty", "QueueMemberRinginuse":
		t.member(p)
	case "QueueMemberRemoved":
		delete(t.members, placeOf(p, "Interface", "Location"))
	case "QueueEntry":
		wait, _ := strconv.ParseInt(p.Get("Wait"), 10, 32)
		t.enters(p, at.Add(-time.Duration(wait)*time.Second), true)
	case "QueueCallerJoin", "Join":
		t.enters(p, at, false)
	case "QueueCallerLeave", "QueueCallerAbandon", "Leave":
		t.leaves(p)
	case "AgentConnect":
		t.connects(p, at)
	case "AgentComplete":
		delete(t.callers, placeOf(p, "Uniqueid", ""))
	case "Hangup":
		t.gone(p.Get("Uniqueid"))
	default:
		return false
	}
	return true
}

func placeOf(p ami.Packet, name, older string) place {
	return place{p.Get("Queue"), cmp.Or(p.Get(name), p.Get(older))}
}

// member takes all that is said of an agent in a queue. What an event leaves out stays as it was.
func (t *Told) member(p ami.Packet) {
	at := placeOf(p, "Interface", "Location")
	m := t.members[at]
	if m == nil {
		if len(t.members) >= maxMembers {
			t.left++
			return
		}
		m = &member{msg: &msg.ExchangeMember{Queue: at.queue, Interface: at.who}}
		t.members[at] = m
	}
	m.turn = t.turn
	now := m.msg
	now.Name = cmp.Or(p.Get("MemberName"), p.Get("Name"), now.Name, at.who)
	for name, to := range map[string]*int64{"LastPause": &now.PausedAt, "LoginTime": &now.LoginAt, "LastCall": &now.LastCallAt} {
		if n, ok := number(p, name); ok {
			*to = n
		}
	}
	for name, to := range map[string]*int32{"Status": &now.Status, "Penalty": &now.Penalty} {
		if n, ok := number(p, name); ok {
			*to = int32(min(max(n, -1), 1<<30))
		}
	}
	if text := p.Get("Paused"); text != "" {
		now.Paused = text == "1"
		now.Reason = p.Get("PausedReason")
	}
	if text := p.Get("InCall"); text != "" {
		now.InCall = text == "1"
	}
	if text := p.Get("Membership"); text != "" {
		now.Static = text == "static"
	}
}

func number(p ami.Packet, name string) (int64, bool) {
	n, err := strconv.ParseInt(p.Get(name), 10, 64)
	return n, err == nil
}

// known is a text that may stand for nothing.
func known(text string) string {
	if text == "<unknown>" {
		return ""
	}
	return text
}

// enters: somebody waits in a queue. A list says it of those of whom it is known.
func (t *Told) enters(p ami.Packet, at time.Time, listed bool) {
	where := placeOf(p, "Uniqueid", "")
	c := t.callers[where]
	if c == nil || !listed || c.msg.Talking {
		if c = t.caller(where); c == nil {
			return
		}
		c.msg.EnterMs = at.UnixMilli()
	}
	c.turn = t.turn
	position, _ := number(p, "Position")
	c.msg.Position = int32(min(max(position, 0), 1<<30))
	c.about(p)
}

// caller is a new one in place of whoever was there; nil: there are too many.
func (t *Told) caller(where place) *caller {
	if t.callers[where] == nil && len(t.callers) >= maxCallers {
		t.left++
		return nil
	}
	c := &caller{msg: &msg.ExchangeCaller{Queue: where.queue, Id: where.who}, turn: t.turn}
	t.callers[where] = c
	return c
}

func (c *caller) about(p ami.Packet) {
	c.msg.Channel = cmp.Or(p.Get("Channel"), c.msg.Channel)
	c.msg.Number = cmp.Or(known(cmp.Or(p.Get("CallerIDNum"), p.Get("CallerID"))), c.msg.Number)
	c.msg.Name = cmp.Or(known(p.Get("CallerIDName")), c.msg.Name)
}

// leaves: he waits no more. It is said of those too who go to an agent, before or after that is told.
func (t *Told) leaves(p ami.Packet) {
	where := placeOf(p, "Uniqueid", "")
	if c := t.callers[where]; c != nil && !c.msg.Talking {
		delete(t.callers, where)
	}
}

func (t *Told) connects(p ami.Packet, at time.Time) {
	where := placeOf(p, "Uniqueid", "")
	c := t.callers[where]
	if c == nil {
		if c = t.caller(where); c == nil {
			return
		}
		hold, _ := number(p, "HoldTime")
		c.msg.EnterMs = at.Add(-time.Duration(min(max(hold, 0), 1<<30)) * time.Second).UnixMilli()
	}
	c.turn = t.turn
	c.about(p)
	c.msg.Talking, c.msg.ConnectMs, c.msg.Position = true, at.UnixMilli(), 0
	c.msg.Agent = cmp.Or(p.Get("MemberName"), p.Get("Member"))
	c.msg.AgentChannel = cmp.Or(p.Get("DestChannel"), p.Get("BridgedChannel"))
}

// gone: a channel has ended, and with it its call in every queue.
func (t *Told) gone(id string) {
	if id == "" {
		return
	}
	for at := range t.callers {
		if at.who == id {
			delete(t.callers, at)
		}
	}
}

// Seated are the queues of whoever is rung at a device.
func (t *Told) Seated(device string) (queues []string) {
	for at := range t.members {
		if at.who == device {
			queues = append(queues, at.queue)
		}
	}
	slices.Sort(queues)
	return queues
}

// Call is a call by its id; nil: none is known. One that talks goes before one that waits.
func (t *Told) Call(id string) (found *msg.ExchangeCaller) {
	for at, c := range t.callers {
		if at.who == id && (found == nil || c.msg.Talking) {
			found = c.msg
		}
	}
	return found
}

// Show puts all that was told into an answer, in an order of its own. The answer has copies: it is read while more is told.
func (t *Told) Show(f *msg.ExchangeFound) {
	f.LeftOut = t.left
	for _, m := range t.members {
		f.Members = append(f.Members, proto.Clone(m.msg).(*msg.ExchangeMember))
	}
	for _, c := range t.callers {
		f.Callers = append(f.Callers, proto.Clone(c.msg).(*msg.ExchangeCaller))
	}
	slices.SortFunc(f.Members, func(a, b *msg.ExchangeMember) int {
		return cmp.Or(strings.Compare(a.Queue, b.Queue), strings.Compare(a.Interface, b.Interface))
	})
	slices.SortFunc(f.Callers, func(a, b *msg.ExchangeCaller) int {
		return cmp.Or(cmp.Compare(a.EnterMs, b.EnterMs), strings.Compare(a.Id, b.Id), strings.Compare(a.Queue, b.Queue))
	})
}
