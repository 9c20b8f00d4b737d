package queue

import (
	"fmt"
	"strings"
)

// follow keeps what those around the queue know.
func (p *player) follow(e Effect) {
	switch e := e.(type) {
	case Placed:
		a := p.callers[e.Caller]
		a.Place, a.Since, a.Original = e.Place, e.Since, e.Original
	case Offer:
		p.offers[e.Agent] = Held{e.Offer, e.Agent, StageRinging, p.now}
		p.caller[e.Offer] = e.Caller
	case Dial:
		for name, r := range p.asked {
			if r.Offer == e.Offer {
				p.offers[name] = Held{e.Offer, name, StageDialling, p.now}
				p.caller[e.Offer] = e.Caller
			}
		}
	case Progress:
		if o, ok := p.offers[e.Agent]; ok && o.Offer == e.Offer && o.Stage != e.Stage {
			o.Stage, o.At = e.Stage, p.now
			p.offers[e.Agent] = o
		}
	case Left:
		if e.Why != CallbackTaken {
			p.callers[e.Caller] = nil
		}
	case Refused:
		if e.Why != Known {
			p.callers[e.Caller] = nil
		}
	case Keep:
		a := e.Record
		p.callers[a.Caller] = &a
	}
}

// printed writes an effect as a line; "" for those that say the same as another one.
func printed(e Effect) string {
	switch e := e.(type) {
	case Placed:
		return fmt.Sprintf("%s: in line at %d", e.Caller, e.Position)
	case Refused:
		return fmt.Sprintf("%s: refused, %s%s", e.Caller, e.Why, option(" go to ", e.To))
	case Left:
		return fmt.Sprintf("%s: left, %s%s%s, waited %v", e.Caller, e.Why, option(" key ", e.Key), option(" go to ", e.To), e.Waited)
	case Reserve:
		return fmt.Sprintf("%s: reserve %d/%d%s", e.Agent, e.Offer.Epoch, e.Offer.Number, option(" weight ", weight(e.Weight)))
	case Pass:
		return fmt.Sprintf("%s: nobody here", e.Agent)
	case Release:
		return fmt.Sprintf("%s: free from %d/%d, %s", e.Agent, e.Offer.Epoch, e.Offer.Number, e.Why)
	case Progress:
		wrap := ""
		if e.WrapUp > 0 {
			wrap = ", wrap-up " + e.WrapUp.String()
		}
		return fmt.Sprintf("%s: %s %s%s", e.Agent, e.Stage, e.Caller, wrap)
	case Offer:
		text := fmt.Sprintf("%s: ring %s for %v", e.Caller, e.Agent, e.Ring) + option(" at ", strings.Join(e.Devices, ","))
		return text + option(", hears ", e.Announce)
	case Withdraw:
		return fmt.Sprintf("%s: ring %s no more, %s", e.Caller, e.Agent, e.Why)
	case PauseAgent:
		return fmt.Sprintf("%s: pause, all %v", e.Agent, e.All)
	case Play:
		return fmt.Sprintf("%s hears: %s", e.Caller, sound(e))
	case Dial:
		return fmt.Sprintf("%s: dial %s for %v, try %d", e.Caller, e.Number, e.Ring, e.Try)
	case Keep:
		return fmt.Sprintf("%s is kept", e.Record.Caller)
	case Forget:
		return fmt.Sprintf("%s is forgotten", e.Caller)
	case Report:
		if l, ok := e.Fact.Line(true); ok {
			_, text, _ := strings.Cut(l.String(), "|")
			return "  log " + text
		}
	}
	return ""
}

func sound(e Play) string {
	switch e.What {
	case SoundPeriodic:
		return e.Text
	case SoundCallback:
		return "we call you back at " + e.Number
	}
	var text []string
	if e.Position > 0 {
		text = append(text, fmt.Sprintf("position %d", e.Position))
	}
	if e.More {
		text[0] += " or more"
	}
	if e.Wait >= 0 {
		text = append(text, fmt.Sprintf("wait %v", e.Wait))
	}
	return strings.Join(text, ", ")
}

func option(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}

func weight(w int) string {
	if w == 0 {
		return ""
	}
	return fmt.Sprint(w)
}
