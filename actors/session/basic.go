package session

import (
	"strconv"
	"time"

	"tandem/ximss"
)

// basicFamily are the operations about the session itself (reference communigate.md 1.3).
var basicFamily = family{rows: map[string]run{
	"noop":             func(_ *Session, o *Operation) { o.done() },
	"bye":              bye,
	"setSessionOption": setSessionOption,
	"setClientName":    setClientName,
}}

// bye ends the session. The response is still delivered.
func bye(s *Session, o *Operation) {
	o.done()
	s.end("bye", false)
}

// setSessionOption takes idleTimeout, in seconds. Options of mailboxes, which there are none of, change nothing.
func setSessionOption(s *Session, o *Operation) {
	switch value := o.Attr("value"); o.Attr("name") {
	case "idleTimeout":
		n, err := strconv.ParseInt(value, 10, 32)
		if err != nil || n <= 0 {
			o.fail(ximss.Fail(ximss.NumMalformed, "idleTimeout is a number of seconds"))
			return
		}
		s.idle = min(max(time.Duration(n)*time.Second, s.limits.MinIdle), s.limits.MaxIdle)
		o.done()
	case "reportMailboxChanges":
		o.done()
	case "":
		o.fail(ximss.ErrMissing)
	default:
		o.fail(ximss.Fail(ximss.NumMalformed, "unknown session option"))
	}
}

// setClientName is the client's name in lists.
func setClientName(s *Session, o *Operation) {
	name, ok := o.Attribute("name", "")
	switch {
	case !ok:
		o.fail(ximss.ErrMissing)
	case len(name) > maxName:
		o.fail(ximss.Fail(ximss.NumMalformed, "the name is too long"))
	default:
		s.client.Name = name
		s.do(Publish{})
		o.done()
	}
}
