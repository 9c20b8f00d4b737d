package live

import (
	"cmp"
	"slices"
	"time"

	"tandem/actors/msg"
	"tandem/actors/queuelog/report"
	"tandem/web"
)

// Log is what the lines of a partition leave open, and what they have come to.
type Log struct {
	Stints   []report.Stint
	Present  []report.Present
	Last     int64 // time of the last line
	Restarts []int64
	Queues   map[string]report.Queue
	All      report.Queue
}

// Stint, Session, Pause and Attempt implement report.Sink: of what is open stints alone are wanted.
func (l *Log) Stint(s *report.Stint) {
	one := *s
	if one.State == report.Lost { // an agent has hung up, and it may wait yet: at this moment it does
		one.State, one.Wait, one.Cause = report.Waiting, report.Unknown, ""
	}
	l.Stints = append(l.Stints, one)
}

func (l *Log) Session(*report.Session) {}
func (l *Log) Pause(*report.Pause)     {}
func (l *Log) Attempt(report.Attempt)  {}

// LogOf is what a Fold leaves open, with the figures of its lines.
func LogOf(f *report.Fold, figures report.Figures) *Log {
	l := &Log{Present: f.Present(), Queues: figures.Queues, All: figures.All}
	r := f.Read()
	l.Last, l.Restarts = r.Last, r.Restarts
	f.Open(l)
	return l
}

// Server is what is known of one server.
type Server struct {
	report.Part
	Log     *Log               // nil: there are no lines of it
	Told    *msg.ExchangeFound // nil: no manager interface is set
	LogFeed web.LiveFeed       // how old what the lines say is
	Ahead   time.Duration      // of its clock, as whoever reads its file says
}

// managerFeed says how old that is which the manager interface says.
func (s *Server) managerFeed(now time.Time, quiet time.Duration) (f web.LiveFeed) {
	if s.Told == nil {
		return f
	}
	f = web.LiveFeed{State: web.LiveOn, Heard: moment(s.Told.HeardMs), Last: moment(s.Told.EventMs), Why: s.Told.Why}
	switch {
	case s.Told.State != web.LiveOn || now.Sub(f.Heard) > ManagerCut:
		f.State = web.LiveCut
		f.Why = cmp.Or(f.Why, s.Told.State)
	case now.Sub(f.Last) > quiet:
		f.State = web.LiveQuiet
	}
	return f
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// heard tells whether a feed says what is, and not what was.
func heard(f web.LiveFeed) bool { return f.Used() && f.State != web.LiveCut }

// hears tells whether the manager interface is heard.
func (s *Server) hears() bool { return s.Told != nil && s.Told.State == web.LiveOn }

// key names a call of a server in a queue.
type key struct{ id, queue string }

// calls are those of a server that wait or are talked in. live: its manager interface is heard.
func (s *Server) calls(live bool, source report.Source, names report.Names) (all []web.LiveCall) {
	logged := map[key]*report.Stint{}
	if s.Log != nil {
		for i := range s.Log.Stints {
			c := &s.Log.Stints[i]
			logged[key{c.CallID, c.Queue}] = c
		}
	}
	seen := map[key]bool{}
	if live {
		for _, c := range s.Told.Callers {
			k := key{c.Id, c.Queue}
			if logged[k] == nil && s.over(c) {
				continue
			}
			seen[k] = true
			all = append(all, s.told(c, logged[k], source, names))
		}
	}
	if s.Log != nil {
		for i := range s.Log.Stints {
			c := &s.Log.Stints[i]
			if !seen[key{c.CallID, c.Queue}] && (!live || s.stays(c)) {
				all = append(all, s.logged(c, source))
			}
		}
	}
	slices.SortFunc(all, func(a, b web.LiveCall) int {
		return cmp.Or(cmp.Compare(a.Enter, b.Enter), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Queue, b.Queue))
	})
	return all
}

// over tells whether the log has come past a call that the manager interface has, without having it open.
func (s *Server) over(c *msg.ExchangeCaller) bool {
	began := max(c.EnterMs, c.ConnectMs) / 1000
	return s.Log != nil && heard(s.LogFeed) && s.Log.Last > began+slack
}

// stays tells whether a call that the log alone has goes on: it is no call that the manager interface would know, or it is
// too new for that.
func (s *Server) stays(c *report.Stint) bool {
	switch clock := s.Told.ClockMs / 1000; {
	case c.Outbound:
		return true
	case c.State == report.Talking:
		return c.Connect <= s.Told.SinceMs/1000+slack || c.Connect > clock-slack
	default:
		return c.Enter > clock-slack
	}
}

func (s *Server) told(c *msg.ExchangeCaller, line *report.Stint, source report.Source, names report.Names) web.LiveCall {
	out := web.LiveCall{Server: s.Name, ID: c.Id, Queue: c.Queue, State: "waiting", Number: c.Number, Name: c.Name, Channel: c.Channel,
		Position: int64(c.Position), Enter: c.EnterMs / 1000, Known: true}
	if c.Talking {
		out.State, out.Connect, out.Agent = "talking", c.ConnectMs/1000, source.Agent(s.Name, names.Of(c.Agent))
	}
	if line != nil {
		out.Number, out.Enter = cmp.Or(line.Caller, out.Number), line.Enter
	}
	return out
}

func (s *Server) logged(c *report.Stint, source report.Source) web.LiveCall {
	out := web.LiveCall{Server: s.Name, ID: c.CallID, Queue: c.Queue, State: "waiting", Outbound: c.Outbound, Number: c.Caller,
		Agent: source.Agent(s.Name, c.Agent), Position: c.Position, Enter: c.Enter, Known: heard(s.LogFeed) || s.hears()}
	if c.State == report.Talking {
		out.State, out.Connect, out.Position = "talking", c.Connect, 0
	}
	return out
}
