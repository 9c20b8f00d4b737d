package ami

import (
	"cmp"
	"context"
	"strconv"
)

// queues are those that the client may see, and that it names.
func (s *session) queues(ctx context.Context, p Packet) ([]Queue, error) {
	all, err := s.server.options.House.Queues(ctx, p.Get("Queue"))
	if err != nil {
		return nil, err
	}
	var out []Queue
	for _, q := range all {
		if s.may(Watch, q.Name) {
			out = append(out, q)
		}
	}
	return out, nil
}

func queueStatus(s *session, ctx context.Context, p Packet) error {
	queues, err := s.queues(ctx, p)
	if err != nil {
		return err
	}
	var events []Packet
	add := func(name string, of Packet) { events = append(events, append(Packet{{"Event", name}}, of...)) }
	for _, q := range queues {
		add("QueueParams", q.parameters())
		for _, m := range q.Members {
			if want := p.Get("Member"); want == "" || want == m.Name || want == m.Location {
				add("QueueMember", m.entry())
			}
		}
		for _, c := range q.Callers {
			add("QueueEntry", c.entry())
		}
	}
	s.list(p, "Queue status will follow", "QueueStatusComplete", events)
	return nil
}

func queueSummary(s *session, ctx context.Context, p Packet) error {
	queues, err := s.queues(ctx, p)
	if err != nil {
		return err
	}
	var events []Packet
	for _, q := range queues {
		events = append(events, append(Packet{{"Event", "QueueSummary"}}, q.summary()...))
	}
	s.list(p, "Queue summary will follow", "QueueSummaryComplete", events)
	return nil
}

func queueAdd(s *session, ctx context.Context, p Packet) error {
	v, err := needs(p, "Queue", "Interface")
	if err != nil {
		return err
	}
	penalty, err := natural(p, "Penalty")
	if err != nil {
		return err
	}
	agent := cmp.Or(p.Get("MemberName"), v[1])
	if err := s.server.options.House.Add(ctx, s.who(), v[0], agent, penalty, truth(p.Get("Paused"))); err != nil {
		return err
	}
	s.success(p, "Added interface to queue")
	return nil
}

func queueRemove(s *session, ctx context.Context, p Packet) error {
	v, err := needs(p, "Queue", "Interface")
	if err != nil {
		return err
	}
	if err := s.server.options.House.Remove(ctx, s.who(), v[0], v[1]); err != nil {
		return err
	}
	s.success(p, "Removed interface from queue")
	return nil
}

func queuePause(s *session, ctx context.Context, p Packet) error {
	v, err := needs(p, "Interface", "Paused")
	if err != nil {
		return err
	}
	paused := truth(v[1])
	if err := s.server.options.House.Pause(ctx, s.who(), p.Get("Queue"), v[0], paused, p.Get("Reason")); err != nil {
		return err
	}
	if paused {
		s.success(p, "Interface paused successfully")
	} else {
		s.success(p, "Interface unpaused successfully")
	}
	return nil
}

func queuePenalty(s *session, ctx context.Context, p Packet) error {
	v, err := needs(p, "Interface", "Penalty")
	if err != nil {
		return err
	}
	penalty, err := natural(p, "Penalty")
	if err != nil {
		return err
	}
	if err := s.server.options.House.SetPenalty(ctx, s.who(), p.Get("Queue"), v[0], penalty); err != nil {
		return err
	}
	s.success(p, "Interface penalty set successfully")
	return nil
}

func queueRingInUse(s *session, ctx context.Context, p Packet) error {
	v, err := needs(p, "Interface", "RingInUse")
	if err != nil {
		return err
	}
	if err := s.server.options.House.SetRingInUse(ctx, s.who(), p.Get("Queue"), v[0], truth(v[1])); err != nil {
		return err
	}
	s.success(p, "Interface ringinuse set successfully")
	return nil
}

// queueLog writes a line.
func queueLog(s *session, ctx context.Context, p Packet) error {
	v, err := needs(p, "Queue", "Event")
	if err != nil {
		return err
	}
	l := LogLine{Call: p.Get("Uniqueid"), Queue: v[0], Agent: p.Get("Interface"), Verb: v[1], Text: p.Get("Message")}
	if err := s.server.options.House.Log(ctx, l); err != nil {
		return err
	}
	s.success(p, "Event added successfully")
	return nil
}

func queueWithdraw(s *session, ctx context.Context, p Packet) error {
	v, err := needs(p, "Queue", "Caller")
	if err != nil {
		return err
	}
	caller, err := s.caller(ctx, v[0], v[1])
	if err != nil {
		return err
	}
	if err := s.server.options.House.Withdraw(ctx, s.who(), v[0], caller, p.Get("WithdrawInfo")); err != nil {
		return err
	}
	s.success(p, "Withdraw requested successfully")
	return nil
}

func queuePriority(s *session, ctx context.Context, p Packet) error {
	v, err := needs(p, "Queue", "Caller", "Priority")
	if err != nil {
		return err
	}
	priority, err := natural(p, "Priority")
	if err != nil {
		return err
	}
	caller, err := s.caller(ctx, v[0], v[1])
	if err != nil {
		return err
	}
	if err := s.server.options.House.Promote(ctx, s.who(), v[0], caller, priority); err != nil {
		return err
	}
	s.success(p, "Priority change for caller on queue requested successfully")
	return nil
}

// caller finds a caller whom a client names by its channel, or as records name its call.
func (s *session) caller(ctx context.Context, queue, name string) (string, error) {
	all, err := s.server.options.House.Queues(ctx, queue)
	if err != nil {
		return "", err
	}
	if len(all) == 0 {
		return "", Refusal("There is no such queue")
	}
	for _, c := range all[0].Callers {
		if name == c.ID || name == channelOf(c.Number, c.ID) {
			return c.ID, nil
		}
	}
	return "", Refusal("There is no such caller in that queue")
}

// natural is a header's number from 0; one that is not there is 0.
func natural(p Packet, name string) (int, error) {
	text := p.Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 1_000_000 {
		return 0, Refusal("'" + name + "' is no number from 0 to 1000000")
	}
	return n, nil
}
