package trunk

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"tandem/conf"
	"tandem/signal"
)

// target is one place to which calls are sent.
type target struct {
	hop      conf.TrunkTarget
	standing standing
	why      string
	since    time.Time
	asked    time.Time // OPTIONS was sent last
	waits    bool      // that has no answer yet
	answered time.Time
	trip     time.Duration
	until    time.Time // it is down, where it is not asked
	rests    time.Time // until then it has asked to be left alone
	shut     time.Time // until then its registrar has
	leads    leads
}

// uri is where requests to the target go.
func (x *target) uri(user string) signal.URI {
	return signal.TrunkTarget{Host: x.hop.Host, Port: x.hop.Port, Transport: x.hop.Wanted()}.URI(user)
}

// keepTargets asks those whose time has come, and gives up those that have not answered.
func (t *Trunk) keepTargets(now time.Time) {
	for i := range t.targets {
		x := &t.targets[i]
		switch {
		case now.Before(x.rests): // it has said so
			x.waits = false
		case t.set.Unprobed:
			if x.standing == down && !now.Before(x.until) {
				t.stands(x, unknown, "", now)
			}
		case x.waits && now.Sub(x.asked) >= t.set.Patience:
			x.waits = false
			t.fails(x, "no answer to OPTIONS", now)
		case !x.waits && (x.asked.IsZero() || now.Sub(x.asked) >= t.set.Probe || !x.rests.IsZero()):
			t.probe(i, now)
		}
	}
}

// probe asks a target for a sign of life (RFC 3261 section 11).
func (t *Trunk) probe(i int, now time.Time) {
	x := &t.targets[i]
	x.asked, x.waits, x.rests = now, true, time.Time{}
	t.ask(purposeProbe, i, &signal.Request{Method: signal.OPTIONS, URI: x.uri(""), To: signal.Party{URI: x.uri("")},
		Headers: signal.Headers{{Name: "Accept", Value: "application/sdp"}}}, now)
}

// probed takes the answer to OPTIONS. Whatever the target says, it is there, but for what says that it takes no calls.
func (t *Trunk) probed(i int, r *signal.Response, now time.Time) {
	x := &t.targets[i]
	if x.waits {
		x.waits, x.trip = false, now.Sub(x.asked)
	}
	switch {
	case now.Before(x.rests): // it was asked before it said that it takes no calls
	case r.Local:
		t.fails(x, map[bool]string{true: "no answer to OPTIONS", false: "no way there"}[r.Status == 408], now)
	case r.Status == 503 || r.Status == 500 || r.Status == 502 || r.Status == 504:
		x.answered = now
		t.fails(x, fmt.Sprintf("%d %s to OPTIONS", r.Status, clip(cmp.Or(r.Reason, signal.ReasonPhrase(r.Status)))), now)
		if n, err := strconv.Atoi(r.Headers.Get("Retry-After")); err == nil && r.Status == 503 {
			t.rest(x, time.Duration(n)*time.Second, now)
		}
	default:
		x.answered = now
		t.stands(x, up, "", now)
	}
}

// fails notes that a target does not do what it should.
func (t *Trunk) fails(x *target, why string, now time.Time) {
	x.until = now.Add(downTime)
	t.stands(x, down, why, now)
	t.wrong(x.hop.Address()+": "+why, now)
}

// rest leaves a target alone that has asked for it (RFC 3261 section 21.5.4): it has no calls but those for help, and no
// OPTIONS, until then, and is asked for a sign of life then.
func (t *Trunk) rest(x *target, wanted time.Duration, now time.Time) {
	if wanted <= 0 {
		return
	}
	x.rests = now.Add(min(wanted, lastWait))
	x.until = x.rests
}

// doubt looks again at a target at which a call has failed.
func (t *Trunk) doubt(i int, why string, alone time.Duration, now time.Time) {
	x := &t.targets[i]
	if alone > 0 {
		t.fails(x, why, now)
		t.rest(x, alone, now)
		return
	}
	if t.set.Unprobed {
		t.fails(x, why, now)
		return
	}
	t.wrong(x.hop.Address()+": "+why, now)
	if !x.waits {
		t.probe(i, now)
	}
}

// order says which targets are tried, and in which order: the lowest priority first, those of one priority as often first
// as their weights say (RFC 2782). Those that are down come last, and only where all says so.
func (t *Trunk) order(all bool) (places []uint32) {
	for _, alive := range []bool{true, false} {
		if !alive && !all {
			break
		}
		byPriority := map[int][]int{}
		for i, x := range t.targets {
			if (x.standing != down) == alive {
				byPriority[x.hop.Priority] = append(byPriority[x.hop.Priority], i)
			}
		}
		priorities := make([]int, 0, len(byPriority))
		for p := range byPriority {
			priorities = append(priorities, p)
		}
		slices.Sort(priorities)
		for _, p := range priorities {
			places = append(places, t.shuffle(byPriority[p])...)
		}
	}
	return places
}

// shuffle draws targets of one priority by their weights. Those without any come last.
func (t *Trunk) shuffle(from []int) (places []uint32) {
	for len(from) > 0 {
		sum := 0
		for _, i := range from {
			sum += t.targets[i].hop.Weight
		}
		drawn := 0
		if sum > 0 {
			for n := t.draw(sum); n >= t.targets[from[drawn]].hop.Weight; drawn++ {
				n -= t.targets[from[drawn]].hop.Weight
			}
		}
		places = append(places, uint32(from[drawn]))
		from = slices.Delete(from, drawn, drawn+1)
	}
	return places
}
