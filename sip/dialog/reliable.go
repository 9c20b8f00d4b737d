package dialog

import (
	"strconv"
	"strings"
	"time"

	"tandem/signal"
)

// Reliably says which provisional responses ask the peer for PRACK (RFC 3262).
type Reliably int

// From none to all.
const (
	Never      Reliably = iota // we do not know 100rel, and do not name it in Supported
	IfRequired                 // those to a peer that requires it
	WithSDP                    // also those with SDP, to a peer that supports it
	IfKnown                    // all of them, to a peer that supports it
	Demanded                   // the same; a peer that does not support it is refused
)

const option100rel = "100rel"

// unsureOf is a 1xx of ours that waits for its PRACK. We repeat it until then, over reliable transports too, since a
// proxy on the way may not have one (RFC 3262 section 3).
type unsureOf struct {
	response *signal.Response
	rseq     uint32
	sdp      bool // it has our answer or our offer: no 2xx may overtake it
	wait     time.Duration
	deadline time.Time
}

// Judge says whether our settings let an INVITE in: 0, or the status that refuses it and the fields of that answer. What
// nobody here knows is the guard's to refuse.
func (l *Local) Judge(invite *signal.Request) (status int, h signal.Headers) {
	least, short := l.Timing.TooShort(invite.Headers)
	switch {
	case l.Reliably == Never && invite.Headers.Has("Require", option100rel):
		return 420, signal.Headers{{Name: "Unsupported", Value: option100rel}}
	case l.Timing.Interval <= 0 && invite.Headers.Has("Require", optionTimer):
		return 420, signal.Headers{{Name: "Unsupported", Value: optionTimer}}
	case l.Reliably == Demanded && !knows(invite.Headers, option100rel):
		return 421, signal.Headers{{Name: "Require", Value: option100rel}}
	case short:
		return 422, signal.Headers{{Name: "Min-SE", Value: least}}
	}
	return 0, nil
}

// knows reports whether the sender of a message takes an extension.
func knows(h signal.Headers, option string) bool {
	return h.Has("Supported", option) || h.Has("Require", option)
}

// reliably decides whether a 1xx asks for PRACK. To an INVITE without SDP the first reliable response must carry our
// SDP offer (RFC 3262 section 5): where the peer does not insist we spare both sides that.
func (d *Dialog) reliably(sdp []byte) bool {
	h := d.server.invite.Headers
	switch {
	case d.local.Reliably == Never:
		return false
	case h.Has("Require", option100rel):
		return sdp != nil || d.server.told || d.invited()
	case !h.Has("Supported", option100rel), sdp == nil && !d.server.told && !d.invited():
		return false
	case d.local.Reliably == WithSDP:
		return sdp != nil
	}
	return d.local.Reliably > WithSDP
}

// invited reports whether the first INVITE brought an SDP offer. Before its 2xx.
func (d *Dialog) invited() bool { return len(d.server.invite.Body) > 0 }

// MustOffer reports whether Progress needs an SDP offer of ours: the INVITE brought none, and its sender requires that
// provisional responses are reliable.
func (d *Dialog) MustOffer() bool {
	return d.unanswered() && d.local.Reliably != Never && !d.invited() && !d.server.told &&
		d.server.invite.Headers.Has("Require", option100rel)
}

// Agreed reports that our SDP went out in a reliable response to the first INVITE: none may follow in its 2xx
// (RFC 6337 section 2.2), so Accept needs none.
func (d *Dialog) Agreed() bool { return d.server.told }

// assure sends a 1xx reliably. One at a time is under way; of those that wait the newest counts, and takes over the
// SDP of the one that it replaces.
func (d *Dialog) assure(r *signal.Response) {
	s := &d.server
	if s.unsure != nil {
		if s.next != nil && len(r.Body) == 0 {
			r.ContentType, r.Body = s.next.ContentType, s.next.Body
		}
		s.next = r
		return
	}
	s.next = nil
	if s.rseq == 0 {
		s.rseq = uint32(d.draw(1 << 30)) // from 1 to 2**31 - 1 (RFC 3262 section 3), with room to count
	}
	s.rseq++
	own := *r
	own.Headers = own.Headers.With("Require", option100rel).With("RSeq", strconv.FormatUint(uint64(s.rseq), 10))
	s.unsure = &unsureOf{response: &own, rseq: s.rseq, sdp: len(own.Body) > 0,
		wait: d.local.Timers.T1, deadline: d.now.Add(d.patience())}
	s.told = s.told || s.unsure.sdp
	d.emit(Respond{&own})
	d.arm(timerPRACK, s.unsure.wait)
}

// repeatUnsure sends the 1xx again, at intervals that double. Without PRACK for 64*T1 the INVITE is refused (RFC 3262
// section 3).
func (d *Dialog) repeatUnsure() {
	u := d.server.unsure
	if u == nil || !d.unanswered() {
		return
	}
	left := u.deadline.Sub(d.now)
	if left <= 0 {
		d.respond(d.server.invite, 504, "No PRACK")
		d.end(Cause{By: ByFailure, Status: 504, Reason: "no PRACK"}, "no PRACK for 64*T1")
		return
	}
	d.emit(Respond{u.response})
	u.wait *= 2
	d.arm(timerPRACK, min(u.wait, left))
}

// pracked takes a PRACK. Whatever it brings, the response that it names is known to have come.
func (d *Dialog) pracked(r *signal.Request) {
	u := d.server.unsure
	if u == nil || !u.named(r.Headers.Get("RAck"), d.server.cseq) {
		d.respond(r, 481, "")
		return
	}
	sdp, ok := sdpOf(r.ContentType, r.Body)
	d.server.unsure = nil
	d.disarm(timerPRACK)
	switch {
	case !ok:
		d.respondWith(r, 415, "Accept", sdpType)
	case u.sdp && !d.invited():
		d.server.agreed = true
		d.respond(r, 200, "")
		d.emit(EarlyAnswered{SDP: sdp})
	case sdp != nil && (u.sdp || d.server.agreed) && d.exchange.phase == quiet && d.unanswered():
		d.server.agreed = true
		d.ask(d.path, r, sdp)
		return // what waits goes on when the leg has answered
	case sdp != nil:
		d.respond(r, 488, "")
	default:
		d.server.agreed = d.server.agreed || u.sdp
		d.respond(r, 200, "")
	}
	d.resume()
}

// resume sends what waited for a PRACK, or for the exchange that it began: the 2xx, else the next 1xx.
func (d *Dialog) resume() {
	s := &d.server
	if !d.unanswered() || s.unsure != nil || d.exchange.phase != quiet {
		return
	}
	switch {
	case s.accepting:
		d.accept(s.sdp)
	case s.next != nil:
		d.assure(s.next)
	}
}

// named reports whether a RAck field means this response: "RSeq CSeq method" (RFC 3262 section 7.2).
func (u *unsureOf) named(rack string, cseq uint32) bool {
	f := strings.Fields(rack)
	if len(f) != 3 || f[2] != string(signal.INVITE) {
		return false
	}
	rseq, err := strconv.ParseUint(f[0], 10, 32)
	of, err2 := strconv.ParseUint(f[1], 10, 32)
	return err == nil && err2 == nil && uint32(rseq) == u.rseq && uint32(of) == cseq
}

// assured acknowledges a reliable 1xx of the peer; false where it must be ignored: a repeat, or one that came before
// another that is missing (RFC 3262 section 4).
func (d *Dialog) assured(f *path, r *signal.Response) bool {
	rseq, err := strconv.ParseUint(strings.TrimSpace(r.Headers.Get("RSeq")), 10, 32)
	switch {
	case err != nil, rseq == 0, f.rseq != 0 && uint32(rseq) != f.rseq+1, len(d.client.asides) >= maxAsides:
		return false
	}
	f.rseq = uint32(rseq)
	p := d.request(f, signal.PRACK)
	p.Headers = p.Headers.With("RAck", strconv.FormatUint(rseq, 10)+" "+
		strconv.FormatUint(uint64(d.client.invite.CSeq), 10)+" "+string(signal.INVITE))
	d.client.asides = append(d.client.asides, p.ID)
	d.send(p)
	return true
}
