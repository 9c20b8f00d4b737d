package ami

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"
)

// greeting is what clients look for: the version of the interface that these events and answers are of.
const greeting = "Asterisk Call Manager/11.0.0\r\n"

// actionTime bounds one action.
const actionTime = 15 * time.Second

// strangerAction is the size of an action of somebody who is not logged in.
const strangerAction = 2 << 10

// session is the dialogue of one connection.
type session struct {
	server *Server
	in     *reader
	out    *outbox
	source string // for the log
	// guess asks whether the source may try a password now; right tells that it was none.
	guess func() (right func(), wait time.Duration)

	account   atomic.Pointer[string] // nil: nobody is logged in
	wants     atomic.Pointer[mask]
	challenge string
	over      bool
}

// run answers actions until the client goes, or is sent away.
func (s *session) run(ctx context.Context) error {
	s.out.raw([]byte(greeting))
	for !s.over && ctx.Err() == nil {
		most := strangerAction
		if s.account.Load() != nil {
			most = s.server.conf.Load().MaxAction
		}
		p, err := s.in.read(most)
		switch {
		case errors.Is(err, errLarge) || errors.Is(err, errGarbage):
			s.fail(nil, err.Error()+": the connection is closed")
			return nil
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		s.obey(ctx, p)
	}
	return nil
}

// obey does one action.
func (s *session) obey(ctx context.Context, p Packet) {
	name := p.Get("Action")
	if name == "" {
		s.fail(p, "Missing action in request")
		return
	}
	a, ok := actionOf(name)
	switch {
	case ok && a.stranger != nil:
		a.stranger(s, ctx, p)
	case s.account.Load() == nil:
		s.fail(p, "Permission denied")
	case !ok:
		s.fail(p, "Invalid/unknown command: ListCommands tells what there is")
	case !s.may(a.right, p.Get("Queue")):
		s.fail(p, "Permission denied")
	default:
		s.do(ctx, a, p)
	}
}

// do does an action of somebody who may.
func (s *session) do(ctx context.Context, a *action, p Packet) {
	ctx, cancel := context.WithTimeout(ctx, actionTime)
	defer cancel()
	err := s.server.guarded(func() error { return a.do(s, ctx, p) })
	var refused Refusal
	switch {
	case err == nil:
	case errors.As(err, &refused):
		s.fail(p, string(refused))
	case errors.Is(err, context.DeadlineExceeded):
		s.fail(p, "No answer in time: it may be done yet")
	default:
		s.server.options.Log.Warn("an action failed", "action", a.name, "account", s.who(), "err", err)
		s.fail(p, "Internal error, see the log")
	}
}

func (s *session) who() string {
	if a := s.account.Load(); a != nil {
		return *a
	}
	return ""
}

// may tells whether the client may do something, in a queue where one is named. Somebody who was shut out meanwhile
// may nothing.
func (s *session) may(right Right, queue string) bool {
	who := s.who()
	if who == "" {
		return false
	}
	known := s.server.options.Authenticator
	return known.May(who, Enter, "") && (right == Enter || known.May(who, right, queue))
}

// answer answers an action with what belongs to it behind.
func (s *session) answer(p Packet, response string, headers ...Header) {
	s.out.put(append(begin(p, response), headers...))
}

func (s *session) success(p Packet, message string) {
	s.answer(p, "Success", Header{"Message", message})
}

func (s *session) fail(p Packet, message string) {
	s.server.count(func(c *Snapshot) { c.Refused++ })
	s.answer(p, "Error", Header{"Message", message})
}

// begin is how every answer begins.
func begin(p Packet, response string) Packet {
	answer := Packet{{"Response", response}}
	return append(answer, id(p)...)
}

// id is the name that the client has given its action, for all that answers it.
func id(p Packet) Packet {
	if text := p.Get("ActionID"); text != "" {
		return Packet{{"ActionID", text}}
	}
	return nil
}

// list answers an action with events, between a beginning and an end.
func (s *session) list(p Packet, message, complete string, events []Packet) {
	packets := []Packet{append(begin(p, "Success"), Header{"EventList", "start"}, Header{"Message", message})}
	for _, e := range events {
		packets = append(packets, append(e, id(p)...))
	}
	end := append(Packet{{"Event", complete}}, id(p)...)
	packets = append(packets, append(end, Header{"EventList", "Complete"}, Header{"ListItems", number(len(events))}))
	s.out.put(packets...)
}

// hear sends an event to a client who wants it and may know it.
func (s *session) hear(e Event, text []byte) {
	if m := s.wants.Load(); m != nil && m.has(e.Class) && (e.Class == System || s.sees(e)) {
		s.out.raw(text)
	}
}

// sees tells whether the client may know an event.
func (s *session) sees(e Event) bool {
	watches := func(queue string) bool { return s.may(Watch, queue) }
	return slices.ContainsFunc(e.Queues, watches) || len(e.Queues) == 0 && s.may(Calls, "")
}

// hearOwn sends an event of what the client has ordered, who may know it, if he wants such events.
func (s *session) hearOwn(e Event, text []byte) {
	if m := s.wants.Load(); m != nil && m.has(e.Class) && s.may(Enter, "") {
		s.out.raw(text)
	}
}

// fullyBooted is what clients wait for behind a login.
func (s *session) fullyBooted(now time.Time) Event {
	return Event{"FullyBooted", System, nil, Packet{
		{"Status", "Fully Booted"},
		{"Uptime", seconds(now.Sub(s.server.began))},
		{"LastReload", seconds(now.Sub(s.server.began))},
	}}
}

// stamp is a time as Ping has it.
func stamp(now time.Time) string {
	return fmt.Sprintf("%d.%06d", now.Unix(), now.Nanosecond()/1000)
}
