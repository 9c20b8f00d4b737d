package sip

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
	"tandem/sip/resolve"
	"tandem/sip/txn"
)

// maxDatagram is the size beyond which a request goes by TCP where the URI leaves that to us and the peer takes it; one
// that does not gets fragments (RFC 3261 section 18.1.1).
const maxDatagram = 1300

// connectTime is how long opening a connection may take: there may be another target, or a datagram does.
const connectTime = 4 * time.Second

// A peer that does not say whether it takes TCP is asked so long, and for what is large only; that it does not is known for so
// long: that seldom changes, and whoever calls it is not to wait again.
const (
	tryTCP  = time.Second
	deafFor = time.Hour
)

// pursuit is a request on its way to one of several targets. As long as there are others its entry among the lookups
// stays, so that a CANCEL ends the whole of it.
type pursuit struct {
	lookup
	server  *Server
	ctx     context.Context
	request *signal.Request
	hop     resolve.Hop
	rest    []resolve.Target // those not tried yet
	turns   bool             // one that is silent makes room for the next
	left    atomic.Bool      // one has done so
	reply   txn.Answered
}

// pursue looks the hop up on a goroutine of its own, then tries its targets in their order.
func (s *Server) pursue(r *signal.Request, hop resolve.Hop, reply txn.Answered) {
	ctx, stop := context.WithCancel(s.ctx)
	p := &pursuit{server: s, ctx: ctx, request: r, hop: hop, reply: reply}
	p.stop = stop
	if !s.lookups.add(r, &p.lookup) {
		stop()
		s.notSent(r, errLookups, reply)
		return
	}
	s.work.start(func() {
		ctx, stop := context.WithTimeout(p.ctx, p.patience())
		defer stop()
		targets, err := s.resolver().Targets(ctx, hop, s.ours())
		p.rest = s.sick.Order(targets, time.Now())
		p.turns = len(p.rest) > 1 && takesTurns(r)
		p.next(err)
	})
}

// patience is how long finding a way may take: 64*T1, as long as a transaction.
func (p *pursuit) patience() time.Duration { return 64 * p.server.live.Load().T1 }

// next sends to the first target left that takes the request. cause is why the one before did not.
func (p *pursuit) next(cause error) {
	s := p.server
	for {
		switch {
		case p.cancelled.Load():
			p.end()
			p.reply(&signal.Response{Status: sip.StatusRequestTerminated, Local: true})
			return
		case len(p.rest) == 0:
			p.end()
			s.notSent(p.request, cause, p.reply)
			return
		}
		target, last := p.rest[0], len(p.rest) == 1
		p.rest = p.rest[1:]
		if cause = p.try(target, last); cause != nil {
			if !p.cancelled.Load() {
				s.sick.Failed(target, time.Now())
			}
			continue
		}
		if p.cancelled.Load() { // just while it was sent
			s.txns.Cancel(p.request.ID, p.reason)
		}
		if last || p.request.Method == signal.ACK {
			p.end()
		}
		return
	}
}

// end takes the request off the list of those whose way is being found.
func (p *pursuit) end() { p.ended.Do(func() { p.server.lookups.remove(p.request.ID, &p.lookup) }) }

// try sends the request to one target.
func (p *pursuit) try(t resolve.Target, last bool) error {
	s := p.server
	flow, err := p.open(t, p.connectTime(last))
	if err != nil {
		return err
	}
	out, err := s.write(p.request, flow)
	if err != nil {
		return err
	}
	if t.Transport == "UDP" && p.hop.Transport == "" && len(out.data) > maxDatagram {
		if larger, ok := p.byTCP(t); ok {
			out = larger
		}
		if p.cancelled.Load() { // while we waited for the connection
			return errCancelled
		}
	}
	one := &attempt{target: t, last: last}
	if err = s.ask(p.request, out, p.answered(one)); err == nil {
		p.await(one)
	}
	return err
}

// byTCP writes the request for the same address by TCP; false where nobody listens there.
func (p *pursuit) byTCP(t resolve.Target) (prepared, bool) {
	s, now := p.server, time.Now()
	if t.Transport = "TCP"; s.deaf.Is(t, now) {
		return prepared{}, false
	}
	flow, err := p.open(t, tryTCP)
	if err != nil {
		if !p.cancelled.Load() {
			s.deaf.Failed(t, now)
		}
		return prepared{}, false
	}
	out, err := s.write(p.request, flow)
	return out, err == nil
}

// open is the flow to a target. A connection may take so long.
func (p *pursuit) open(t resolve.Target, most time.Duration) (signal.Flow, error) {
	if t.Transport == "UDP" {
		return p.server.transports.FlowUDP(t.Addr)
	}
	ctx, stop := context.WithTimeout(p.ctx, most)
	defer stop()
	return p.server.transports.Dial(ctx, t.Transport, t.Addr, t.Name)
}

// answered takes the answers of one target. Where it gives none, or is out of service, the next one is tried (RFC 3263
// section 4.3); who once said anything is not out of reach.
func (p *pursuit) answered(a *attempt) txn.Answered {
	return func(r *signal.Response) {
		s, first := p.server, a.word.CompareAndSwap(unheard, heard)
		r = p.merged(r)
		switch {
		case a.word.Load() == passed:
			p.late(r)
			return
		case r.Provisional():
			if first {
				s.sick.Well(a.target)
			}
		case outOfService(r, !first):
			s.sick.Failed(a.target, time.Now())
			if !a.last && !p.cancelled.Load() {
				s.work.start(func() { p.next(nil) })
				return
			}
		default:
			s.sick.Well(a.target)
		}
		if !r.Provisional() {
			p.end()
		}
		p.reply(r)
	}
}

// outOfService reports an answer that says nothing of the request, only that this target will not do. It may have spoken
// before.
func outOfService(r *signal.Response, spoke bool) bool {
	return r.Status == sip.StatusServiceUnavailable || r.Local && r.Status == sip.StatusRequestTimeout && !spoke
}
