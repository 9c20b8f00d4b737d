package session

import (
	"context"
	"time"

	"tandem/ximss"
	"tandem/ximss/object"
)

// taskFamily are the operations with Tasks (reference communigate.md 2.5). A session is to Tasks what a Task is: they
// find each other by meetings and send each other events.
var taskFamily = family{rows: map[string]run{
	"taskStart":     taskStart,
	"taskSendEvent": taskSendEvent,
}}

// taskStart starts a program in the name of the account. The data message taskStarted has its taskRef.
func taskStart(s *Session, o *Operation) {
	program, entry, aor := o.Attr("programName"), o.Attr("entryName"), s.AOR
	if program == "" {
		o.fail(ximss.ErrMissing)
		return
	}
	parameter := object.Null
	if x := o.Child("param"); x != nil {
		parameter = object.FromXML(x)
	}
	s.serve(o, func(ctx context.Context, services Services) Result {
		task, err := services.StartTask(ctx, aor, program, entry, parameter)
		return func(*Session) {
			if err == nil {
				o.answer(object.NewXML("taskStarted", "taskRef", task))
			}
			o.end(err)
		}
	})
}

// taskSendEvent sends an event; the content of the request is its parameter.
func taskSendEvent(s *Session, o *Operation) {
	to, name, from := o.Attr("taskRef"), o.Attr("eventName"), s.Handler
	switch {
	case to == "" || name == "":
		o.fail(ximss.ErrMissing)
		return
	case !eventName(name):
		o.fail(ximss.Fail(ximss.NumMalformed, "the name of an event begins with a letter"))
		return
	}
	parameter := o.Held()
	s.serve(o, func(ctx context.Context, services Services) Result {
		err := services.SendEvent(ctx, to, name, parameter, from)
		return func(*Session) { o.end(err) }
	})
}

// eventName tells whether a text can be the name of an event, as for SendEvent of programs.
func eventName(s string) bool { return s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z' && len(s) <= maxName }

// TaskEvent tells the client an event of a Task or of another session. sender is its handler, "" of the platform; the
// parameter is in the text form of objects.
func (s *Session) TaskEvent(name, parameter, sender string, now time.Time) {
	s.now = now
	x := object.NewXML("taskEvent", "eventName", name)
	if sender != "" {
		x.SetAttribute("taskRef", "", sender)
	}
	if parameter != "" {
		v, err := object.Parser{Handles: true}.Parse(parameter)
		if err == nil {
			err = x.Hold(v)
		}
		if err != nil {
			s.log.Warn("the parameter of an event can not be told", "event", name, "err", err)
			return
		}
	}
	s.say(x)
}
