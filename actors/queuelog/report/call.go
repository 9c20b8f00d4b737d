package report

import (
	"slices"
	"strings"

	"tandem/actors/queuelog/line"
)

// callRow takes a line about a call; false: it is none.
func (f *Fold) callRow(r *line.Row) bool {
	switch string(r.Verb) {
	case "ENTERQUEUE":
		s := f.enter(r, r.Arg(2))
		s.URL = f.word(r.Arg(1))
		s.Position, _ = line.Number(r.Arg(3))
	case "CALLOUTBOUND":
		s := f.enter(r, r.Arg(2))
		s.Outbound = true
		s.URL = f.word(r.Arg(1))
		s.Agent = f.agent(r.Agent)
	case "CONNECT":
		f.connect(r)
	case "COMPLETEAGENT", "COMPLETECALLER":
		f.complete(r, r.Arg(1), r.Arg(2))
	case "TRANSFER", "BLINDTRANSFER":
		f.transferred(r, r.Arg(1), r.Arg(3), r.Arg(4))
	case "ATTENDEDTRANSFER": // how many fields stand before depends on how it was done
		f.transferred(r, r.Arg(2), r.Last(3), r.Last(2))
	case "ABANDON", "EXITWITHTIMEOUT", "EXITEMPTY", "WITHDRAW":
		f.lost(r, r.Arg(1), r.Arg(3), nil)
	case "EXITWITHKEY":
		f.lost(r, r.Arg(2), r.Arg(4), r.Arg(1))
	case "SYSCOMPAT":
		f.lost(r, nil, nil, nil)
	case "RINGNOANSWER":
		f.attempt(r, RungInVain, r.Arg(1))
	case "RINGCANCELED":
		f.attempt(r, Canceled, r.Arg(1))
	case "AGENTDUMP":
		if s := f.at(r); s != nil {
			s.dumped = true
		}
		f.attempt(r, Dumped, nil)
	default:
		return false
	}
	return true
}

// agent is an agent's final name; "": there is none.
func (f *Fold) agent(raw []byte) string {
	if len(raw) == 0 || string(raw) == line.None {
		return ""
	}
	return f.names.of(raw)
}

// enter opens a stint.
func (f *Fold) enter(r *line.Row, caller []byte) *Stint {
	first := f.open[string(r.CallID)]
	if old := first.in(r.Queue); old != nil {
		f.cut(old, r.At, MissingExit)
		first = f.open[string(r.CallID)]
	}
	var names strings.Builder // both in one piece of memory
	names.Grow(len(r.CallID) + len(caller))
	names.Write(r.CallID)
	names.Write(caller)
	s := f.blank()
	*s = Stint{Partition: f.partition, CallID: names.String()[:len(r.CallID)], Caller: names.String()[len(r.CallID):],
		Queue: f.word(r.Queue), Enter: r.At, Wait: Unknown, Ring: Unknown, Talk: Unknown}
	f.keep(s, first)
	return s
}

// keep adds a stint to those that are open, before the first of the same call that is. The list of them is cleared of what
// has ended when that is the larger part.
func (f *Fold) keep(s, first *Stint) {
	if s.next = first; first != nil {
		first.prev = s
	}
	f.open[s.CallID] = s
	f.stays++
	f.line = append(f.line, s)
	for f.stays > maxOpen {
		if oldest := f.line[0]; f.isOpen(oldest) {
			f.cut(oldest, f.now, MissingExit)
		}
		f.line = f.line[1:]
	}
	if len(f.line) >= 64 && len(f.line) > 2*f.stays {
		f.line = slices.DeleteFunc(f.line, func(s *Stint) bool {
			if !f.isOpen(s) {
				f.free = append(f.free, s)
			}
			return !f.isOpen(s)
		})
	}
}

// at is the open stint that a line is about; nil: there is none.
func (f *Fold) at(r *line.Row) *Stint { return f.open[string(r.CallID)].in(r.Queue) }

// in is the one in a queue of those that are chained.
func (s *Stint) in(queue []byte) *Stint {
	for s != nil && s.Queue != string(queue) {
		s = s.next
	}
	return s
}

// close takes a stint out of those that are open.
func (f *Fold) close(s *Stint) {
	f.stays--
	if s.next != nil {
		s.next.prev = s.prev
	}
	switch {
	case s.prev != nil:
		s.prev.next = s.next
	case s.next == nil:
		delete(f.open, s.CallID)
	default:
		f.open[s.CallID] = s.next
	}
	s.next, s.prev = nil, nil
}

func (f *Fold) isOpen(s *Stint) bool { return s.State == Waiting || s.State == Talking }

// ended hands a stint on.
func (f *Fold) ended(s *Stint, at int64, cause string) {
	f.close(s)
	s.end(at, cause)
	f.sink.Stint(s)
}

// connect: a caller was answered. The key may be that of another call where channels were exchanged; then the caller is
// the one who entered the queue when this one must have.
func (f *Fold) connect(r *line.Row) {
	hold, told := line.Number(r.Arg(1))
	s := f.at(r)
	if s == nil || s.State != Waiting {
		if s = f.find(func(s *Stint) bool { return s.State == Waiting && near(s.Enter, r.At-hold) }, r.Queue); told && s != nil {
			f.count("connect-rematched")
		} else {
			s = f.enter(r, nil)
			s.Estimated, s.Enter = true, r.At-hold
		}
	}
	s.State, s.Connect, s.Agent = Talking, r.At, f.agent(r.Agent)
	s.Wait = r.At - s.Enter
	if told {
		s.Wait = hold
	}
	s.Ring, told = line.Number(r.Arg(3))
	if !told {
		s.Ring = Unknown
	}
	s.Attempts++
	if !s.Outbound {
		f.sink.Attempt(Attempt{f.partition, s.Queue, s.Agent, r.At, Taken, 1000 * max(s.Ring, 0)})
	}
}

// find looks among the open stints of a queue for one that another line must mean.
func (f *Fold) find(is func(*Stint) bool, queue []byte) *Stint {
	for _, s := range f.line {
		if f.isOpen(s) && s.Queue == string(queue) && is(s) {
			return s
		}
	}
	return nil
}

// blank is a stint to be filled in: one that is over, where there is one.
func (f *Fold) blank() *Stint {
	n := len(f.free)
	if n == 0 {
		return &Stint{}
	}
	s := f.free[n-1]
	f.free = f.free[:n-1]
	return s
}

// near: within the second by which times in whole seconds differ.
func near(a, b int64) bool { return a-b <= 1 && b-a <= 1 }

// complete: a conversation is over.
func (f *Fold) complete(r *line.Row, holdText, talkText []byte) {
	f.transferred(r, nil, holdText, talkText)
}

// transferred: a conversation is over, and goes on with somebody else.
func (f *Fold) transferred(r *line.Row, to, holdText, talkText []byte) {
	hold, _ := line.Number(holdText)
	talk, told := line.Number(talkText)
	s := f.at(r)
	if s == nil || s.State != Talking {
		agent := f.agent(r.Agent)
		other := f.find(func(s *Stint) bool {
			return s.State == Talking && s.Agent == agent && near(s.Connect, r.At-talk)
		}, r.Queue)
		switch {
		case other != nil && told:
			s = other
			f.count("end-rematched")
		case s == nil:
			s = f.enter(r, nil)
			s.Estimated, s.Enter = true, r.At-talk-hold
			fallthrough
		default: // it was never said that it was answered
			s.Estimated, s.State, s.Agent, s.Connect, s.Wait = true, Talking, agent, r.At-talk, r.At-talk-s.Enter
		}
	}
	s.Talk, s.Transfer = r.At-s.Connect, f.word(to)
	if told {
		s.Talk = talk
	}
	f.ended(s, r.At, f.word(r.Verb))
}

// lost: a caller has left, by a key if there is one.
func (f *Fold) lost(r *line.Row, position, waitText, pressed []byte) {
	wait, told := line.Number(waitText)
	s := f.at(r)
	switch {
	case s == nil:
		s = f.enter(r, nil)
		s.Estimated, s.Enter = true, r.At-wait
	case s.State == Talking: // his conversation has ended in a way that was not told
		f.cut(s, r.At, MissingExit)
		return
	}
	s.Wait = r.At - s.Enter
	if told {
		s.Wait = wait
	}
	s.Last, _ = line.Number(position)
	s.Key = f.word(pressed)
	f.ended(s, r.At, f.word(r.Verb))
}

func (f *Fold) attempt(r *line.Row, kind AttemptKind, rangText []byte) {
	rang, _ := line.Number(rangText)
	if s := f.at(r); s != nil {
		s.Attempts++
	}
	f.sink.Attempt(Attempt{f.partition, f.word(r.Queue), f.agent(r.Agent), r.At, kind, rang})
}
