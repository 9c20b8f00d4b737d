package session

import (
	"time"

	"tandem/ximss"
	"tandem/ximss/object"
)

// meetingFamily are the operations on meetings of the account. The session itself can be the one who is active there.
var meetingFamily = family{next: meetingNext, elapsed: meetingElapsed, ended: meetingEnded, rows: map[string]run{
	"taskFindMeeting":       findMeeting,
	"taskCreateMeeting":     changeMeeting("create"),
	"taskActivateMeeting":   changeMeeting("activate"),
	"taskDeactivateMeeting": changeMeeting("deactivate"),
	"taskClearMeeting":      changeMeeting("clear"),
	"taskRemoveMeeting":     changeMeeting("remove"),
}}

// meetings are the questions that the keeper of the account's meetings has not answered yet.
type meetings struct {
	last uint64
	open map[uint64]question
}

// question is one of them.
type question struct {
	operation *Operation
	answer    func(Meeting)
	until     time.Time
}

// AskMeeting asks the keeper of the account's meetings; he is answered for by Met.
type AskMeeting struct {
	Number                    uint64
	What, Set, Key, Parameter string
}

// Meeting is what the keeper answers. Task is a handler, Parameter in the text form of objects.
type Meeting struct {
	Error     string
	Found     bool
	Parameter string
	Task      string
}

// meetingPatience bounds the wait for an answer that may have to come from another member.
const meetingPatience = 5 * time.Second

// askMeeting asks about the meeting that an operation names.
func (s *Session) askMeeting(o *Operation, what, parameter string, answer func(Meeting)) {
	key, set := o.Attr("meetingName"), o.Attr("meetingSet")
	switch {
	case key == "":
		o.fail(ximss.ErrMissing)
		return
	case len(key) > maxName || len(set) > maxName:
		o.fail(ximss.Fail(ximss.NumMalformed, "the name of a meeting is too long"))
		return
	}
	m := &s.meetings
	if m.open == nil {
		m.open = map[uint64]question{}
	}
	m.last++
	m.open[m.last] = question{o, answer, s.now.Add(meetingPatience)}
	s.do(AskMeeting{m.last, what, set, key, parameter})
}

// changeMeeting makes an operation that has nothing to tell but whether it was done.
func changeMeeting(what string) func(*Session, *Operation) {
	return func(s *Session, o *Operation) {
		parameter, err := parameterText(o.Held())
		if err != nil {
			o.fail(ximss.Fail(ximss.NumLimit, "the parameter is too long"))
			return
		}
		s.askMeeting(o, what, parameter, func(Meeting) { o.done() })
	}
}

func parameterText(v object.Value) (string, error) {
	if v.IsNull() {
		return "", nil
	}
	return object.Writer{Limit: MaxParameter}.Write(v)
}

// MaxParameter is how long the parameter of a meeting or an event may be, in bytes, as for Tasks.
const MaxParameter = 64 << 10

// findMeeting tells what is known of a meeting: its parameter, and who is active there.
func findMeeting(s *Session, o *Operation) {
	s.askMeeting(o, "find", "", func(m Meeting) {
		if !m.Found {
			o.fail(ximss.ErrMeeting)
			return
		}
		x := object.NewXML("taskMeeting")
		for _, name := range []string{"meetingSet", "meetingName"} {
			if v := o.Attr(name); v != "" {
				x.SetAttribute(name, "", v)
			}
		}
		if m.Task != "" {
			x.SetAttribute("taskRef", "", m.Task)
		}
		if v, err := object.Parse(m.Parameter); err == nil && m.Parameter != "" {
			_ = x.Hold(v) // it was short enough to be stored
		}
		o.answer(x)
		o.done()
	})
}

// Met is the keeper's answer. One that comes too late means nothing.
func (s *Session) Met(number uint64, m Meeting, now time.Time) {
	s.now = now
	q, ok := s.meetings.open[number]
	if !ok || s.state == ended {
		return
	}
	delete(s.meetings.open, number)
	switch m.Error {
	case "":
		q.answer(m)
	case ximss.ErrMeeting.Text:
		q.operation.fail(ximss.ErrMeeting)
	case ximss.ErrActive.Text:
		q.operation.fail(ximss.ErrActive)
	default:
		q.operation.fail(ximss.Fail(ximss.NumMeeting, "%s", m.Error))
	}
}

func meetingNext(s *Session) (next time.Time) {
	for _, q := range s.meetings.open {
		if next.IsZero() || q.until.Before(next) {
			next = q.until
		}
	}
	return next
}

func meetingElapsed(s *Session) {
	for number, q := range s.meetings.open {
		if !s.now.Before(q.until) {
			delete(s.meetings.open, number)
			q.operation.fail(ximss.Fail(ximss.NumMeeting, "meetings can not be reached"))
		}
	}
}

func meetingEnded(s *Session) {
	for _, q := range s.meetings.open {
		q.operation.fail(ximss.ErrGone)
	}
	s.meetings.open = nil
}
