package script

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"tandem/actors/msg"
	"tandem/signal"
	"tandem/ximss/object"
)

// stageEvents are those that are not about one Task.
var stageEvents = map[string]func(p *Player, rest string) error{
	"call":  onCall,
	"start": onStart,
	"dial":  onDial,
	"wait": func(p *Player, rest string) error {
		d, err := time.ParseDuration(rest)
		if err != nil {
			return err
		}
		return p.wait(d)
	},
	"given": func(p *Player, rest string) error {
		name, v, err := named(rest)
		p.given[name] = v
		return err
	},
	"next": func(p *Player, rest string) error {
		name, v, err := named(rest)
		p.next[name] = append(p.next[name], v)
		return err
	},
	"fails": func(p *Player, rest string) error {
		name, code, _ := strings.Cut(rest, " ")
		n, err := strconv.Atoi(code)
		p.fails[name] = append(p.fails[name], n)
		return err
	},
}

// named reads a service's name and what it answers.
func named(s string) (string, object.Value, error) {
	name, text, _ := strings.Cut(s, " ")
	v, err := object.Parse(text)
	return strings.ToLower(name), v, err
}

func onCall(p *Player, rest string) error {
	r := &signal.Request{ID: "1", Method: signal.INVITE, CallID: "call-1", CSeq: 1, MaxForwards: 70,
		Origin: signal.Origin{Agent: "script", Flow: signal.Flow{Edge: "script", Transport: "UDP",
			Remote: netip.MustParseAddrPort("192.0.2.1:5060")}}}
	from, to := "sip:caller@elsewhere.test", "sip:"+p.stage.Account
	var params []string
	var asserted *msg.Party
	for _, w := range strings.Fields(rest) {
		name, value, _ := strings.Cut(w, "=")
		switch {
		case name == "from":
			from = value
		case name == "to":
			to = value
		case name == "auth":
			r.Origin.Account = signal.AOR(value)
		case name == "param":
			params = append(params, value)
		case name == "asserted":
			p, err := signal.ParseParty(value)
			if err != nil {
				return err
			}
			asserted = msg.FromParty(p)
		case strings.HasPrefix(name, "header:"):
			r.Headers = append(r.Headers, signal.Header{Name: name[len("header:"):], Value: value})
		default:
			return fmt.Errorf("call: %q is not known", w)
		}
	}
	var err error
	if r.From.URI, err = signal.ParseURI(from); err != nil {
		return err
	}
	if r.URI, err = signal.ParseURI(to); err != nil {
		return err
	}
	r.To.URI = r.URI
	p.serial++
	p.start(&msg.TaskStart{Program: p.stage.Name, Account: p.stage.Account, Request: msg.FromRequest(r), Params: params,
		Asserted: asserted, Call: "call", Codecs: []string{"PCMU"}}, "leg"+strconv.Itoa(p.serial))
	return nil
}

func onStart(p *Player, rest string) error {
	m := &msg.TaskStart{Program: p.stage.Name, Account: p.stage.Account}
	if before, param, ok := strings.Cut(rest, "param="); ok {
		m.Parameter, rest = param, before
	}
	for _, w := range strings.Fields(rest) {
		name, value, _ := strings.Cut(w, "=")
		if name != "entry" {
			return fmt.Errorf("start: %q is not known", w)
		}
		m.Entry = value
	}
	p.start(m, "")
	return nil
}

// taskEvents are those about one Task.
var taskEvents = map[string]func(t *played, rest string) error{
	"digit":   func(t *played, rest string) error { t.task.Digit(rest, t.leg, t.now); return nil },
	"hangup":  onHangup,
	"info":    onInfo,
	"refer":   onRefer,
	"rings":   onRings,
	"early":   onEarly,
	"answers": onAnswers,
	"refuses": onRefuses,
	"taken":   func(t *played, _ string) error { t.task.LegTaken(t.leg, t.now); return nil },
	"event":   onEvent,
	"queue":   onQueue,
	"bridge":  onBridge,
	"bridged": func(t *played, rest string) error { return t.decided(rest, "") },
	"rejects": func(t *played, rest string) error {
		from, text, _ := strings.Cut(rest, " ")
		return t.decided(from, text)
	},
	"parts":  onParts,
	"parted": func(t *played, _ string) error { t.task.LegParted(t.partner, t.leg, t.now); return nil },
	"gone":   onGone,
	"kill":   func(t *played, _ string) error { t.task.Kill(t.now); return nil },
}

func onHangup(t *played, rest string) error {
	code, reason, _ := strings.Cut(rest, " ")
	n, _ := strconv.Atoi(code)
	if n == 0 {
		n = 200
		if t.task.Mode() == "incoming" || t.task.Mode() == "provisioned" {
			n, reason = 487, "Request Cancelled"
		}
	}
	t.endSounds(t.leg)
	t.task.LegEnded(&msg.LegEnded{Status: int32(n), Reason: reason}, t.leg, t.now)
	return nil
}

func onInfo(t *played, rest string) error {
	kind, body, _ := strings.Cut(rest, " ")
	t.task.LegInfo(&msg.LegInfo{ContentType: kind, Body: []byte(body)}, t.leg, t.now)
	return nil
}

func onRefer(t *played, rest string) error {
	u, err := signal.ParseURI(rest)
	if err == nil {
		t.task.Referred(&msg.LegReferred{Refer: "1", Target: msg.FromURI(u)}, t.leg, t.now)
	}
	return err
}

func onRings(t *played, rest string) error {
	n := 180
	if rest != "" {
		n, _ = strconv.Atoi(rest)
	}
	t.task.Progress(&msg.LegProgress{Status: int32(n), Reason: signal.ReasonPhrase(n)}, "", t.now)
	return nil
}

func onEarly(t *played, _ string) error {
	t.task.Progress(&msg.LegProgress{Status: 183, Stream: "early", Codec: "PCMU"}, "branch", t.now)
	return nil
}

func onAnswers(t *played, _ string) error {
	t.serial++
	leg := "leg" + strconv.Itoa(t.serial)
	t.task.Taken(&msg.LegAccept{Codec: "PCMU"}, leg, t.now)
	if t.task.Row().Leg == leg { // else it is hung up
		t.leg = leg
	}
	return nil
}

func onRefuses(t *played, rest string) error {
	code, reason, _ := strings.Cut(rest, " ")
	n, err := strconv.Atoi(code)
	t.task.Refused(n, reason, t.now)
	return err
}

func onEvent(t *played, rest string) error {
	name, text, _ := strings.Cut(rest, " ")
	t.task.Event(&msg.TaskEvent{Name: name, Parameter: text}, "somebody", t.now)
	return nil
}

// onBridge: a Task that is not on the stage asks for a bridge: "bridge FROM [transfer]".
func onBridge(t *played, rest string) error {
	from, what, _ := strings.Cut(rest, " ")
	t.task.Bridge(&msg.TaskBridge{Ticket: 1, Codec: "PCMU", Codecs: []string{"PCMU"}, Transfer: what == "transfer",
		Remote: from + "@elsewhere.test"}, from, "legof"+from, t.now)
	return nil
}

// decided: the Task that was asked by StartBridge or StartTransfer decides.
func (t *played) decided(from, text string) error {
	if t.asked == 0 {
		return fmt.Errorf("nothing was asked of %s", from)
	}
	m := &msg.TaskBridged{Ticket: t.asked, Error: text, Codec: "PCMU", Transfer: t.transfer}
	t.task.Bridged(m, from, "legof"+from, "", t.now)
	return nil
}

func onParts(t *played, from string) error {
	ticket := uint64(1)
	if t.askedOf == from {
		ticket = t.asked
	}
	t.task.Unbridged(&msg.TaskUnbridged{Ticket: ticket}, from, t.now)
	return nil
}

// onGone: an actor that is not played is no more: its leg, the Signal that looks for a party, a Task.
func onGone(t *played, handler string) error {
	if handler == "signal" { // each Task has one of its own, and always hears of it
		t.task.Gone(handler, t.now)
		return nil
	}
	t.gone[handler] = true
	for _, w := range t.watchers(handler) {
		w.task.Gone(handler, w.now)
	}
	return nil
}
