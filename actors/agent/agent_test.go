package agent

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
)

// TestStories acts out the stories of testdata. Events:
//
//	settings [wrapup=DURATION] [outside] [skills=SKILL:LEVEL]     belongs QUEUE ...     gathered
//	logon DEVICE [queues=QUEUE,..] [only=QUEUE,..] [hotdesk]     defined QUEUE ..          logoff     device DEVICE     nodevice DEVICE
//	pause [QUEUE|-] [REASON]     resume [QUEUE]     reason REASON     more DURATION     check
//	add QUEUE [dynamic] [paused]     remove QUEUE     penalty QUEUE N     ringinuse QUEUE yes|no
//	reserve QUEUE OFFER [turn=N] [weight=N] [priority=N] [longest] [by=priority] [since=AGO]     pass QUEUE
//	dialling|ringing|answered|talking|ended|release QUEUE OFFER [wrapup=DURATION] [from=EPOCH]
//	vanished QUEUE OFFER     untold QUEUE     call LEG     callended LEG     wait DURATION     takeover     view
//
// An offer is written EPOCH/NUMBER. QUEUE may have attributes where he comes to belong to it: sales:weight=2:penalty=3.
func TestStories(t *testing.T) {
	acttest.Play(t, "testdata", func(t *testing.T) acttest.Player {
		p := &player{t: t, now: time.Unix(1e9, 0), epoch: 1}
		p.agent = New("alice", 1, Record{}, Settings{}, nil, p.now)
		p.seen = p.sees(p.agent.View())
		return p
	})
}

type player struct {
	t        *testing.T
	agent    *Agent
	settings Settings
	record   Record
	epoch    uint64
	now      time.Time
	out      []string
	seen     string // how he was shown last
}

func (p *player) Do(event string) []string {
	p.out = nil
	words := append(strings.Fields(event), "", "", "")
	p.says(p.event(words[0], words[1], words[2], words[1:]))
	if p.agent.faults > 0 {
		p.t.Errorf("after %q: an illegal transition", event)
	}
	return p.out
}

// weigh is what the agent knows of a queue already.
func (p *player) weigh(queue string) (weight int, longest bool) {
	m := find(p.agent.record.Queues, queue)
	if m == nil {
		return 0, false
	}
	return m.Weight, m.Longest
}

func (p *player) event(what, one, two string, w []string) []Effect {
	a, now := p.agent, p.now
	switch what {
	case "settings":
		p.settings = Settings{CountOutside: has(w, "outside"), WrapUp: p.duration(value(w, "wrapup"))}
		if skill, level, ok := strings.Cut(value(w, "skills"), ":"); ok {
			p.settings.Skills = map[string]int{skill: atoi(level)}
		}
		kept := slices.DeleteFunc(slices.Clone(a.record.Queues), func(m Membership) bool { return m.Dynamic })
		return a.Define(Definition{Settings: p.settings, Queues: kept}, p.weigh, now)
	case "belongs":
		for _, q := range w {
			if q != "" {
				p.says(a.Add(membership(q), "", now))
			}
		}
	case "defined":
		var d Definition
		for _, q := range w {
			if q != "" {
				d.Queues = append(d.Queues, membership(q))
			}
		}
		return a.Define(d, p.weigh, now)
	case "gathered":
		return a.Gathered(now)
	case "logon":
		l := LogOn{Device: one, Phone: "SIP/" + one, HotDesk: has(w, "hotdesk"), Source: "MANAGER"}
		if only := value(w, "only"); only != "" {
			l.Only = strings.Split(only, ",")
		}
		for q := range strings.SplitSeq(value(w, "queues"), ",") {
			if q != "" {
				l.Queues = append(l.Queues, membership(q))
			}
		}
		return a.LogOn(l, now)
	case "logoff":
		return a.LogOff("MANAGER", now)
	case "device":
		return a.DeviceUp(one, "SIP/"+one, now)
	case "nodevice":
		return a.DeviceDown(one, now)
	case "pause":
		return a.Pause(strings.Trim(one, "-"), two, "", now)
	case "resume":
		return a.Resume(one, "", now)
	case "reason":
		return a.Reason(one, "", now)
	case "more":
		return a.MoreWrapUp(p.duration(one), now)
	case "check":
		return a.Check(now)
	case "add":
		m := membership(one)
		m.Dynamic, m.Paused = has(w, "dynamic"), has(w, "paused")
		return a.Add(m, "CLI", now)
	case "remove":
		return a.Remove(one, "CLI", now)
	case "penalty":
		return a.SetPenalty(one, atoi(two), "", now)
	case "ringinuse":
		return a.SetRingInUse(one, two == "yes", "", now)
	case "call":
		return a.CallBegan(one, now)
	case "callended":
		return a.CallEnded(one, now)
	case "view":
		p.say("%s", p.sees(a.View()))
	case "untold":
		p.agent.Untold(one, now)
	case "wait":
		p.wait(p.duration(one))
	case "takeover":
		p.epoch++
		p.agent = New("alice", p.epoch, p.record, p.settings, nil, now)
		p.seen = p.sees(p.agent.View())
	default:
		return p.word(what, one, two, w)
	}
	return nil
}

// word is what queues say.
func (p *player) word(what, queue, offer string, w []string) []Effect {
	a, now := p.agent, p.now
	epoch, serial, _ := strings.Cut(offer, "/")
	id := OfferID{uint64(atoi(epoch)), uint64(atoi(serial))}
	said := Word{Queue: queue, By: max(1, id.Epoch), Offer: id, Caller: "c" + serial, WrapUp: p.duration(value(w, "wrapup")), Why: "the caller has gone"}
	if from := value(w, "from"); from != "" {
		said.By = uint64(atoi(from))
	}
	turn := uint64(atoi(value(w, "turn")))
	if t := a.told[queue]; t != nil && turn == 0 {
		turn = t.Turn
	}
	switch what {
	case "reserve":
		b := Bid{Queue: queue, Offer: id, Turn: turn, Weight: atoi(value(w, "weight")), Priority: atoi(value(w, "priority")),
			Since: now.Add(-p.duration(value(w, "since")))}
		if has(w, "longest") {
			b.Longest = LongestYes
		}
		if value(w, "by") == "priority" {
			b.Longest = LongestPriority
		}
		return a.Reserve(b, now)
	case "pass":
		return a.Pass(queue, turn, now)
	case "release":
		return a.Release(said, now)
	case "vanished":
		return a.Vanished(queue, id, now)
	case "dialling", "ringing", "answered", "talking", "ended":
		said.Stage = map[string]Stage{"dialling": StageDialling, "ringing": StageRinging, "answered": StageAnswered,
			"talking": StageTalking, "ended": StageEnded}[what]
		return a.Progress(said, now)
	}
	p.t.Fatalf("no such event: %s", what)
	return nil
}

func (p *player) wait(d time.Duration) {
	for end := p.now.Add(d); ; {
		next := p.agent.Next()
		if next.IsZero() || next.After(end) {
			p.now = end
			return
		}
		p.now = next
		p.says(p.agent.Elapsed(p.now))
	}
}

func membership(text string) Membership {
	parts := strings.Split(text, ":")
	return Membership{Queue: parts[0], Weight: atoi(value(parts, "weight")), Penalty: atoi(value(parts, "penalty")),
		Level: atoi(value(parts, "level")), RingInUse: has(parts, "ringinuse"), Paused: has(parts, "paused"), Longest: has(parts, "longest")}
}

func has(words []string, word string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}

func value(words []string, name string) string {
	for _, w := range words {
		if v, ok := strings.CutPrefix(w, name+"="); ok {
			return v
		}
	}
	return ""
}

func atoi(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

func (p *player) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil && text != "" {
		p.t.Error(err)
	}
	return d
}

func (p *player) say(format string, args ...any) { p.out = append(p.out, fmt.Sprintf(format, args...)) }

func (p *player) says(effects []Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case Stand:
			p.say("to %s: %s", e.Queue, standing(e))
		case Unstand:
			p.say("to %s: not there any more", e.Queue)
		case Granted:
			p.say("to %s: granted %d/%d, turn %d", e.Queue, e.Offer.Epoch, e.Offer.Number, e.Turn)
		case Refused:
			p.say("to %s: refused %d/%d, %s", e.Queue, e.Offer.Epoch, e.Offer.Number, e.Why)
		case Doubt:
			p.say("to %s: what of %d/%d?", e.Queue, e.Offer.Epoch, e.Offer.Number)
		case Keep:
			p.record = e.Record
		case Changed:
			if text := p.sees(e.View); text != p.seen {
				p.seen = text
				p.say("%s", text)
			}
		case Report:
			_, text, _ := strings.Cut(e.Fact.Line().String(), "|")
			p.say("  log %s", text)
		}
	}
}

func (p *player) sees(v View) string {
	text := "  is " + v.State.String()
	if !v.Reachable && v.State != LoggedOut {
		text += ", unreachable"
	}
	if v.Reason != "" {
		text += ", " + v.Reason
	}
	if v.Next != v.State {
		text += ", then " + v.Next.String()
	}
	if v.Queue != "" {
		text += ", " + v.Queue + " " + v.Caller
	}
	if !v.WrapUpUntil.IsZero() {
		text += fmt.Sprintf(", for %v", v.WrapUpUntil.Sub(p.now))
	}
	if v.Outside > 0 {
		text += fmt.Sprintf(", %d calls outside", v.Outside)
	}
	return text
}

func standing(e Stand) string {
	text := fmt.Sprintf("turn %d", e.Turn)
	if e.Epoch > 1 {
		text = fmt.Sprintf("epoch %d %s", e.Epoch, text)
	}
	for _, c := range []struct {
		is   bool
		word string
	}{{e.Ready, "ready"}, {e.Choosing, "choosing"}, {e.Asks, "asks"}, {e.Conditions.Paused, "paused"}, {e.Conditions.InUse, "in use"},
		{e.Conditions.Ringing, "ringing"}, {e.Conditions.Unavailable, "unavailable"}, {e.Conditions.WrapUp, "wrap-up"}} {
		if c.is {
			text += ", " + c.word
		}
	}
	if e.Offer != (OfferID{}) {
		text += fmt.Sprintf(", has %d/%d", e.Offer.Epoch, e.Offer.Number)
	}
	if len(e.Devices) > 1 {
		text += ", at " + strings.Join(e.Devices, " and ")
	}
	if e.Penalty > 0 {
		text += fmt.Sprintf(", penalty %d", e.Penalty)
	}
	if e.Calls+e.CallsAnywhere > 0 {
		text += fmt.Sprintf(", calls %d of %d", e.Calls, e.CallsAnywhere)
	}
	return text
}
