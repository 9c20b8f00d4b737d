package ami

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"
)

// ringTime is how long a channel is rung where Originate says nothing.
const ringTime = 30 * time.Second

func coreShowChannels(s *session, ctx context.Context, p Packet) error {
	calls, err := s.server.options.House.Calls(ctx)
	if err != nil {
		return err
	}
	var events []Packet
	for _, c := range calls {
		e := append(Packet{{"Event", "CoreShowChannel"}}, c.channel()...)
		events = append(events, append(e, Header{"Application", c.Application}, Header{"ApplicationData", ""},
			Header{"Duration", clock(c.Duration)}, Header{"BridgeId", c.Bridge}))
	}
	s.list(p, "Channels will follow", "CoreShowChannelsComplete", events)
	return nil
}

func status(s *session, ctx context.Context, p Packet) error {
	calls, err := s.server.options.House.Calls(ctx)
	if err != nil {
		return err
	}
	var events []Packet
	for _, c := range calls {
		if want := p.Get("Channel"); want != "" && !c.is(want) {
			continue
		}
		e := append(Packet{{"Event", "Status"}, {"Privilege", "Call"}}, c.channel()...)
		events = append(events, append(e, Header{"Type", "SIP"}, Header{"Application", c.Application}, Header{"BridgeID", c.Bridge},
			Header{"Seconds", seconds(c.Duration)}))
	}
	if p.Get("Channel") != "" && len(events) == 0 {
		return noChannel
	}
	s.list(p, "Channel status will follow", "StatusComplete", events)
	return nil
}

const noChannel = Refusal("No such channel")

// call finds the call leg that a client names.
func (s *session) call(ctx context.Context, p Packet) (string, error) {
	name, err := need(p, "Channel")
	if err != nil {
		return "", err
	}
	calls, err := s.server.options.House.Calls(ctx)
	if err != nil {
		return "", err
	}
	for _, c := range calls {
		if c.is(name) {
			return c.ID, nil
		}
	}
	return "", noChannel
}

func hangup(s *session, ctx context.Context, p Packet) error {
	call, err := s.call(ctx, p)
	if err != nil {
		return err
	}
	if err := s.server.options.House.Hangup(ctx, s.who(), call); err != nil {
		return err
	}
	s.success(p, "Channel Hungup")
	return nil
}

func redirect(s *session, ctx context.Context, p Packet) error {
	exten, err := need(p, "Exten")
	if err != nil {
		return err
	}
	call, err := s.call(ctx, p)
	if err != nil {
		return err
	}
	if err := s.server.options.House.Redirect(ctx, s.who(), call, exten); err != nil {
		return err
	}
	s.success(p, "Redirect successful")
	return nil
}

// originate begins a call. It is answered when the call has begun; what becomes of it is told by an event, to
// this client and to those who see all calls.
func originate(s *session, ctx context.Context, p Packet) error {
	v, err := needs(p, "Channel", "Exten")
	if err != nil {
		if p.Get("Application") != "" {
			return Refusal("Application is not known here: name an Exten")
		}
		return err
	}
	ms, err := natural(p, "Timeout")
	if err != nil {
		return err
	}
	name, num := callerID(p.Get("CallerID"))
	server, action := s.server, p.Get("ActionID")
	o := Order{ID: p.Get("ChannelId"), Channel: v[0], Exten: v[1], Number: num, Name: name, Account: p.Get("Account"),
		Timeout: cmp.Or(time.Duration(ms)*time.Millisecond, ringTime)}
	o.Callback = func(out Outcome) { server.publish(originated(action, out), s) }
	if err := server.options.House.Originate(ctx, s.who(), o); err != nil {
		return err
	}
	s.success(p, "Originate successfully queued")
	return nil
}

func originated(action string, out Outcome) Event {
	e := Event{"OriginateResponse", CallClass, nil, nil}
	if action != "" {
		e.Of = Packet{{"ActionID", action}}
	}
	response, reason := "Success", "4"
	if out.Failed != "" {
		response, reason = "Failure", "0"
	}
	e.Of = append(e.Of, Header{"Response", response}, Header{"Channel", out.Order.Channel}, Header{"Context", "calls"},
		Header{"Exten", out.Order.Exten}, Header{"Reason", reason}, Header{"Uniqueid", cmp.Or(out.Call, "<null>")},
		Header{"CallerIDNum", cmp.Or(out.Order.Number, unknown)}, Header{"CallerIDName", cmp.Or(out.Order.Name, unknown)})
	return e
}

// callerID reads `"Name" <number>`, or a number.
func callerID(text string) (name, num string) {
	before, rest, ok := strings.Cut(text, "<")
	if !ok {
		return "", strings.TrimSpace(text)
	}
	num, _, _ = strings.Cut(rest, ">")
	return strings.Trim(strings.TrimSpace(before), `"`), strings.TrimSpace(num)
}

// clock is a duration as hours, minutes and seconds.
func clock(d time.Duration) string {
	s := int64(max(0, d) / time.Second)
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}
