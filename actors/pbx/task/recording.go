package task

import (
	"strings"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// recordingsUser is the account whose files recordings of calls come into where a program names none.
const recordingsUser = "recordings"

// fnRecordBridge is RecordBridge(action[, options]), beyond the ancestor: start, pause, resume and stop the recording of our
// party's call, or note something of it. It may begin before there is a bridge, and goes on over all that follow. Null,
// or an error text. Of the options account is whose files it comes into, and all others, queue and agent among them,
// are kept with it.
func fnRecordBridge(t *Task, c *cgpl.Call) (object.Value, error) {
	m := &msg.LegRecordCall{Action: c.Arg(0).Text(), Program: t.start.program, Meta: map[string]string{}}
	if m.Action == "start" {
		m.Account = recordingsUser + "@" + t.home()
	}
	d := c.Arg(1).Dictionary()
	for i := range d.Len() {
		key, _ := d.Key(i)
		value := d.At(i).Text()
		switch {
		case value == "":
		case key != "account":
			m.Meta[key] = value
		case m.Action == "start":
			account, ok := t.recordingAccount(value)
			if !ok {
				return fail(ErrParameter), nil
			}
			m.Account = account
		}
	}
	return t.operate("RecordBridge", func(op uint64) message {
		m.Operation = op
		return m
	})
}

// recordingAccount is the account that a program names for a recording: one of its own domain.
func (t *Task) recordingAccount(name string) (string, bool) {
	user, domain, full := strings.Cut(name, "@")
	if !full {
		domain = t.home()
	}
	ok := token(user) && domain == t.home()
	return user + "@" + domain, ok
}
