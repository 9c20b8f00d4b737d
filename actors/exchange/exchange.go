package exchange

import (
	"strconv"
	"strings"
	"time"

	"tandem/actors/msg"
	"tandem/actors/queuelog/live"
	"tandem/conf"
	"tandem/ximss/ami"
)

// Exchange is the machine of one server.
type Exchange struct {
	log     func(text string, about ...any) // of a change; nil: nobody reads it
	set     conf.Exchange                   // as the connection was made
	state   state
	changed time.Time // the state
	why     string    // the last connection ended
	said    string    // the same, as it was logged
	next    time.Time // a connection may be tried
	wait    time.Duration

	told   live.Told
	serial uint64
	listID string    // of the list that is under way
	listed time.Time // it was asked for
	since  time.Time // all events are heard, by the server's clock
	clock  time.Time // the newest time of the server's own
	ahead  time.Duration
	heard  time.Time
	event  time.Time
	pinged time.Time

	acts map[string]*act // by the id of each action that has no answer yet
}

// New is a server that nothing is known of. log is told of connections that are made and lost; nil: nobody is.
func New(log func(text string, about ...any)) *Exchange {
	x := &Exchange{log: log, wait: firstWait, acts: map[string]*act{}}
	x.told.Clear()
	return x
}

// Keep looks after the connection: set is the server's entry in the settings; none: there is no such server any more.
func (x *Exchange) Keep(set *conf.Exchange, now time.Time) []Effect {
	switch {
	case set == nil:
		return x.end("it is not in the settings exchanges.servers of this member", now)
	case x.state != away && *set != x.set:
		x.wait = firstWait
		out := x.end("its settings have changed", now)
		x.next = now
		return append(out, x.Keep(set, now)...)
	case x.state == away && now.Before(x.next):
		return nil
	case x.state == away:
		x.set = *set
		x.become(dialling, now)
		return []Effect{Dial{set.Address}}
	case x.state == dialling:
		return nil // that has a time limit of its own
	case x.state != living && now.Sub(x.changed) > loginTime:
		return x.end("it does not answer while it is "+x.state.String(), now)
	case now.Sub(x.heard) > silence:
		return x.end("nothing is heard of it", now)
	}
	return x.tend(now)
}

// tend asks again what is to be asked now and then, and gives acts up that are not answered.
func (x *Exchange) tend(now time.Time) (out []Effect) {
	out = x.overdue(now)
	if x.state != living {
		return out
	}
	if now.Sub(x.listed) >= listEvery && x.listID == "" {
		out = append(out, x.list(now))
	}
	if now.Sub(x.pinged) >= pingEvery {
		x.pinged = now
		out = append(out, x.ask("Ping"))
	}
	return out
}

// ask makes an action.
func (x *Exchange) ask(name string, headers ...ami.Header) Write {
	return Write{append(ami.Packet{{Name: "Action", Value: name}, {Name: "ActionID", Value: x.id()}}, headers...)}
}

func (x *Exchange) id() string {
	x.serial++
	return "tandem-" + strconv.FormatUint(x.serial, 10)
}

// lastID is that of the action which was made last.
func (x *Exchange) lastID() string { return "tandem-" + strconv.FormatUint(x.serial, 10) }

// Connected is told that the server has greeted.
func (x *Exchange) Connected(now time.Time) []Effect {
	if x.state != dialling {
		return []Effect{HangUp{}}
	}
	x.heard, x.ahead, x.clock, x.event = now, 0, now, time.Time{}
	x.told.Clear()
	x.become(proving, now)
	return []Effect{x.ask("Challenge", ami.Header{Name: "AuthType", Value: "MD5"})}
}

// Lost is told that the connection could not be made, or has ended.
func (x *Exchange) Lost(why string, now time.Time) []Effect { return x.end(why, now) }

// end gives a connection up.
func (x *Exchange) end(why string, now time.Time) []Effect {
	x.why = why
	if x.state == away {
		return nil
	}
	was := x.state
	if was == living {
		x.wait = firstWait
	}
	x.next, x.wait = now.Add(x.wait), min(2*x.wait, lastWait)
	x.become(away, now)
	out := []Effect{HangUp{}}
	for _, a := range x.open() {
		out = append(out, x.give(a, false, why))
	}
	x.listID = ""
	return out
}

// Heard takes what the server says.
func (x *Exchange) Heard(p ami.Packet, now time.Time) []Effect {
	if x.state == away || x.state == dialling {
		return nil
	}
	x.heard = now
	x.time(p, now)
	if response := p.Get("Response"); response != "" {
		return x.response(p, response, now)
	}
	name := p.Get("Event")
	switch {
	case name == "QueueStatusComplete" && p.Get("ActionID") == x.listID && x.listID != "":
		x.listID = ""
		x.told.Listed()
		if x.state == listing {
			x.why = ""
			x.become(living, now)
		}
	case name == "Shutdown":
		return x.end("it is being shut down", now)
	case x.told.Hear(p, x.clock):
		x.event = now
	}
	return nil
}

// time reads the server's clock. Events that do not tell it are of now.
func (x *Exchange) time(p ami.Packet, now time.Time) {
	if s, err := strconv.ParseFloat(p.Get("Timestamp"), 64); err == nil && s > 0 && s < 1<<33 {
		x.clock = time.UnixMicro(int64(s * 1e6))
		x.ahead = x.clock.Sub(now)
		return
	}
	x.clock = now.Add(x.ahead)
}

func (x *Exchange) response(p ami.Packet, response string, now time.Time) []Effect {
	good := !strings.EqualFold(response, "Error")
	if x.state == proving || x.state == entering {
		if p.Get("ActionID") != x.lastID() {
			return nil
		}
		if !good {
			return x.end("the login is refused: "+p.Get("Message"), now)
		}
	}
	switch x.state {
	case proving:
		x.become(entering, now)
		return []Effect{x.ask("Login", ami.Header{Name: "AuthType", Value: "MD5"}, ami.Header{Name: "Username", Value: x.set.User},
			ami.Header{Name: "Key", Value: ami.Key(p.Get("Challenge"), string(x.set.Secret))}, ami.Header{Name: "Events", Value: "system,agent"})}
	case entering:
		x.since = x.clock
		x.become(listing, now)
		return []Effect{x.list(now)}
	}
	if id := p.Get("ActionID"); id == x.listID && id != "" && !good {
		x.listID = ""
		return x.end("it does not tell how its queues stand: "+p.Get("Message"), now)
	}
	return x.answered(p, good)
}

// list asks for all there is.
func (x *Exchange) list(now time.Time) Effect {
	x.told.List()
	w := x.ask("QueueStatus")
	x.listID, x.listed, x.pinged = x.lastID(), now, now
	return w
}

// Find shows what is known.
func (x *Exchange) Find() *msg.ExchangeFound {
	f := &msg.ExchangeFound{State: x.state.String(), Why: x.why, SinceMs: millis(x.since), ClockMs: millis(x.clock), HeardMs: millis(x.heard),
		EventMs: millis(x.event), AheadMs: x.ahead.Milliseconds()}
	x.told.Show(f)
	return f
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
