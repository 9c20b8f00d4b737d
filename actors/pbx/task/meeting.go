package task

import (
	"time"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// keeper asks the one who keeps the meetings and queues of the current account, and makes a result of the
// answer.
func (t *Task) keeper(name string, ask *msg.MeetingAsk, answer func(*msg.MeetingAnswer) object.Value) (object.Value, error) {
	if t.who.account == "" {
		return fail(ErrNoAccount), nil
	}
	ask.Operation = t.number()
	t.do(ToMeeting{t.who.account, ask})
	t.within(keeperPatience)
	return t.block(wait{name: name, operation: ask.Operation,
		meeting: func(m *msg.MeetingAnswer) { t.resume(answer(m)) },
		timeout: func() { t.resume(answer(&msg.MeetingAnswer{Error: "meetings can not be reached", Position: -1})) },
	})
}

// keeperPatience bounds the wait for an answer that may have to come from another member, and for a new keeper where the
// member of the old one has died.
const keeperPatience = 10 * time.Second

// Answered is the keeper's answer.
func (t *Task) Answered(m *msg.MeetingAnswer, task string, now time.Time) {
	t.now = now
	if t.mode != over && t.wait.operation == m.Operation && t.wait.meeting != nil {
		t.wait.taskHandle = task
		t.wait.meeting(m)
	}
}

// errorOf is the result of functions that give an error text or null.
func errorOf(m *msg.MeetingAnswer) object.Value { return word(m.Error) }

// meetingCall makes CreateMeeting and its like: set, key, and perhaps a parameter.
func meetingCall(name, what string) function {
	return func(t *Task, c *cgpl.Call) (object.Value, error) {
		parameter, ok := t.write(c.Arg(2), false)
		key := c.Arg(1).Text()
		if !ok || key == "" || len(key) > 255 || len(c.Arg(0).Text()) > 255 || c.Arg(2).Handle() != nil {
			return fail(ErrParameter), nil
		}
		return t.keeper(name, &msg.MeetingAsk{What: what, Set: c.Arg(0).Text(), Key: key, Parameter: parameter}, errorOf)
	}
}

func fnFindMeeting(t *Task, c *cgpl.Call) (object.Value, error) {
	return t.keeper("FindMeeting", &msg.MeetingAsk{What: "find", Set: c.Arg(0).Text(), Key: c.Arg(1).Text()},
		func(m *msg.MeetingAnswer) object.Value {
			if !m.Found || m.Error != "" {
				return object.Null
			}
			d := object.NewFolded()
			t.setRead(d, "parameter", m.Parameter)
			if t.wait.taskHandle != "" {
				d.Set("id", handle(t.wait.taskHandle))
			}
			return d.Value()
		})
}

// setRead sets an element that came in text form.
func (t *Task) setRead(d *object.Dictionary, key, text string) {
	if v, err := t.read(text); err == nil {
		d.Set(key, v)
	}
}

func fnEnqueue(t *Task, c *cgpl.Call) (object.Value, error) {
	parameter, ok := t.write(c.Arg(1), false)
	if !ok || len(c.Arg(0).Text()) > 255 || !isPriority(c.Arg(2)) {
		return object.Null, nil
	}
	return t.keeper("Enqueue", &msg.MeetingAsk{What: "enqueue", Set: c.Arg(0).Text(), Parameter: parameter,
		Priority: c.Arg(2).Text()}, place)
}

// isPriority tells whether a priority is d.ddd, or none.
func isPriority(v object.Value) bool {
	if v.IsNull() {
		return true
	}
	s, ok := v.Str()
	if !ok || s == "" || len(s) > 5 || s[0] < '0' || s[0] > '9' || len(s) == 2 || len(s) > 1 && s[1] != '.' {
		return false
	}
	for i := 2; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func fnCheckQueue(t *Task, c *cgpl.Call) (object.Value, error) {
	return t.keeper("CheckQueue", &msg.MeetingAsk{What: "check", Set: c.Arg(0).Text()}, place)
}

// place is a queue's length and the Task's place in it.
func place(m *msg.MeetingAnswer) object.Value {
	if m.Error != "" {
		return object.Null
	}
	d := object.NewFolded()
	d.Set("length", object.Number(int64(m.Length)))
	if m.Position >= 0 {
		d.Set("position", object.Number(int64(m.Position)))
	}
	return d.Value()
}

func fnDequeue(t *Task, c *cgpl.Call) (object.Value, error) {
	return t.keeper("Dequeue", &msg.MeetingAsk{What: "dequeue", Set: c.Arg(0).Text()},
		func(*msg.MeetingAnswer) object.Value { return object.Null })
}

func fnReadQueue(t *Task, c *cgpl.Call) (object.Value, error) {
	return t.keeper("ReadQueue", &msg.MeetingAsk{What: "read", Set: c.Arg(0).Text()},
		func(m *msg.MeetingAnswer) object.Value {
			if !m.Found || t.wait.taskHandle == "" {
				return object.Null
			}
			d := object.NewFolded()
			d.Set("id", handle(t.wait.taskHandle))
			t.setRead(d, "parameter", m.Parameter)
			return d.Value()
		})
}
