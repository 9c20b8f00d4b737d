package scribe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/media"
	"tandem/media/sdp"
	"tandem/signal"
	"tandem/sip/dialog"
)

// Floor is what the scribes of a member stand on.
type Floor struct {
	Member *cluster.Member
	Engine *media.Engine
	Log    *slog.Logger
	// Recorder gives the settings of one; false: there is none of that name.
	Recorder func(name string) (Recorder, bool)
	// Birth gives the settings of the moment, for a server at that address, which may be invalid: not known.
	Birth func(peer netip.Addr) (Birth, Ground)
	Edge  func(flow signal.Flow, callID string) *actor.PID // by which requests are sent
	// Resolve looks up the addresses to which the host of a URI leads, the best first. It may take its time.
	Resolve func(context.Context, signal.URI) ([]netip.Addr, error)

	recording atomic.Int64
	outcomes  [outcomes]atomic.Uint64
}

// Ground is what the media of an attempt are made of.
type Ground struct {
	Bind      netip.Addr
	Media     sdp.Capability // without a port
	ClearKeys bool           // keys of the audio may be in signalling that others can read
}

// Figures are what the scribes of a member count.
type Figures struct {
	Recording int64             // calls that a server has now
	Outcomes  map[string]uint64 // by the names of outcomes
}

// Figures counts.
func (f *Floor) Figures() Figures {
	out := Figures{Recording: f.recording.Load(), Outcomes: map[string]uint64{}}
	for o := range outcomes {
		out.Outcomes[o.String()] = f.outcomes[o].Load()
	}
	return out
}

// scribeActor is the shell of one scribe.
type scribeActor struct {
	floor   *Floor
	log     *slog.Logger
	machine *Scribe
	leg     *actor.PID
	edge    *actor.PID // by which a server's last request came, to answer by
	timers  map[any]*time.Timer
	ways    map[uint64]*way // by attempt
	present uint64
}

// way is how an attempt reaches its server.
type way struct {
	edge    *actor.PID
	streams []*media.Stream
}

// ofAttempt names a timer of an attempt's dialog.
type ofAttempt struct {
	attempt uint64
	kind    any
}

// Messages that never leave the scribe.
type (
	dialogFired struct {
		attempt uint64
		id      dialog.TimerID
	}
	timerFired struct {
		kind       timerKind
		generation int
	}
	// resolved: the server of an attempt is at that address.
	resolved struct {
		dial dial
		peer netip.Addr
		err  error
	}
)

// Make makes scribe actors.
func (f *Floor) Make() actor.Actor {
	return &scribeActor{floor: f, log: f.Log, timers: map[any]*time.Timer{}, ways: map[uint64]*way{}}
}

// Receive is the table of contents.
func (a *scribeActor) Receive(ctx actor.Context) {
	now := time.Now()
	switch m := ctx.Message().(type) {
	case *msg.ScribeStart:
		a.onStart(ctx, m, now)
	case *msg.ScribeTalk:
		a.machine.Talk(m, now)
	case *msg.ScribeEnd:
		a.machine.End(now)
	case *msg.SignalRequest:
		a.edge = m.Edge
		a.machine.Request(m.Request.Signal(), now)
	case *msg.SignalResponse:
		a.machine.Response(m.Response.Signal(), now)
	case *msg.SignalCancelled:
		a.machine.Cancelled(m.Reason, now)
	case *dialogFired:
		a.machine.DialogTimer(m.attempt, m.id, now)
	case *timerFired:
		a.machine.Timer(m.kind, m.generation, now)
	case *resolved:
		a.onResolved(m, now)
	case *actor.Terminated:
		a.machine.End(now)
	case *actor.Stopping:
		a.free()
	}
	if a.machine != nil {
		a.perform(ctx, now)
	}
}

func (a *scribeActor) onStart(ctx actor.Context, m *msg.ScribeStart, now time.Time) {
	handler := a.floor.Member.Handler(ctx.Self())
	a.log = a.log.With("kind", "scribe", "id", handler, "call", m.Call, "recorder", m.Recorder)
	a.leg = m.Leg
	ctx.Watch(m.Leg)
	recorder, _ := a.floor.Recorder(m.Recorder) // of one that is gone there are no servers, which is told as such
	birth, _ := a.floor.Birth(netip.Addr{})
	birth.Handler, birth.Log, birth.Now = handler, a.log, now
	a.machine = New(birth, recorder, m)
}

// Crashed: a message made the scribe panic. Servers are told with BYE, and the leg that its call is not recorded any more.
func (a *scribeActor) Crashed(ctx actor.Context, _ any) {
	if a.machine == nil {
		return
	}
	a.machine.out = nil
	a.floor.Member.Send(a.leg, &msg.ScribeFailed{Recorder: a.machine.work.Recorder, Status: 500, Reason: "Server fault"})
	a.machine.End(time.Now())
	a.perform(ctx, time.Now())
}

// timer sets a timer; an earlier one of its kind has no meaning any more.
func (a *scribeActor) timer(ctx actor.Context, kind any, after time.Duration, fired any) {
	if old := a.timers[kind]; old != nil {
		old.Stop()
	}
	a.timers[kind] = cluster.After(ctx, after, fired)
}

// free gives back what the scribe held, however it ends.
func (a *scribeActor) free() {
	for _, t := range a.timers {
		t.Stop()
	}
	for _, w := range a.ways {
		w.hush()
	}
	if a.machine != nil && a.machine.state == recording {
		a.floor.recording.Add(-1)
		a.machine.state = over
	}
}

// forget gives back what an attempt held, that a scribe whose servers are down does not grow.
func (a *scribeActor) forget(attempt uint64) {
	if w := a.ways[attempt]; w != nil {
		w.hush()
		delete(a.ways, attempt)
	}
	for kind, t := range a.timers {
		if of, ok := kind.(ofAttempt); ok && of.attempt == attempt {
			t.Stop()
			delete(a.timers, kind)
		}
	}
}

func (w *way) hush() {
	for _, s := range w.streams {
		s.Close()
	}
	w.streams = nil
}

// perform does what the machine wants, in order, until it wants nothing more.
func (a *scribeActor) perform(ctx actor.Context, now time.Time) {
	for effects := a.machine.effects(); len(effects) > 0; effects = a.machine.effects() {
		for _, e := range effects {
			a.do(ctx, e, now)
		}
	}
}

func (a *scribeActor) do(ctx actor.Context, e effect, now time.Time) {
	switch e := e.(type) {
	case dial:
		a.dial(ctx, e, now)
	case toEdge:
		a.toEdge(ctx, e)
	case dialogTimer:
		a.timer(ctx, ofAttempt{e.attempt, e.timer.ID.Kind}, e.timer.After, &dialogFired{e.attempt, e.timer.ID})
	case wake:
		a.timer(ctx, e.kind, e.after, &timerFired{e.kind, e.generation})
	case apply:
		a.apply(e)
	case listen:
		a.listen(e, now)
	case hush:
		if w := a.ways[e.attempt]; w != nil {
			w.hush()
		}
	case forget:
		a.forget(e.attempt)
	case tellLeg:
		a.floor.Member.Send(a.leg, e.message)
	case count:
		a.floor.outcomes[e.what].Add(1)
	case moved:
		if e.to == recording {
			a.floor.recording.Add(1)
		}
		if e.from == recording {
			a.floor.recording.Add(-1)
		}
	case stop:
		ctx.Stop(ctx.Self())
	}
}

// dial finds out where the server of an attempt is: by which address it is sent audio depends on that.
func (a *scribeActor) dial(ctx actor.Context, e dial, now time.Time) {
	if peer, err := netip.ParseAddr(e.server.URI.Host); err == nil {
		a.open(e, peer, now)
		return
	}
	self, patience := ctx.Self(), a.machine.recorder.Patience
	go func() {
		wait, stop := context.WithTimeout(context.Background(), patience)
		defer stop()
		r := &resolved{dial: e}
		all, err := a.floor.Resolve(wait, e.server.URI)
		if len(all) > 0 {
			r.peer = all[0].Unmap()
		} else if r.err = err; err == nil {
			r.err = errors.New("its name has no address")
		}
		a.floor.Member.Send(self, r)
	}()
}

func (a *scribeActor) onResolved(m *resolved, now time.Time) {
	switch {
	case !a.machine.calls(m.dial.attempt): // it has had its time
	case m.err != nil:
		a.machine.NotResolved(m.dial.attempt, m.err.Error(), now)
	default:
		a.open(m.dial, m.peer, now)
	}
}

// open opens the streams of an attempt.
func (a *scribeActor) open(e dial, peer netip.Addr, now time.Time) {
	lines, err := a.streams(e, peer)
	if err != nil {
		a.log.Warn("no media for a recording server", "server", e.server.Name, "err", err)
		a.machine.NotOpened(e.attempt, err.Error(), now)
		return
	}
	w, callID := a.ways[e.attempt], fmt.Sprint(a.machine.birth.Handler, ".", e.attempt, "@", lines[0].Address)
	if w.edge = a.floor.Edge(signal.Flow{}, callID); w.edge == nil {
		a.machine.NotOpened(e.attempt, "no edge", now)
		return
	}
	a.present = e.attempt
	a.machine.Opened(e.attempt, callID, lines, now)
}

func (a *scribeActor) streams(e dial, peer netip.Addr) (lines []sdp.Capability, err error) {
	_, ground := a.floor.Birth(peer)
	if !ground.ClearKeys && !e.server.URI.Sealed() {
		ground.Media.Suites, ground.Media.Fingerprint = nil, ""
	}
	w := &way{}
	a.ways[e.attempt] = w
	for _, label := range labels {
		s, err := a.floor.Engine.Open(media.Options{ID: fmt.Sprint(a.machine.birth.Handler, ".", e.attempt, ".", label),
			Call: a.machine.work.Call, Local: ground.Bind, Fixed: true, Urgent: a.machine.work.Urgent})
		if err != nil {
			w.hush()
			return nil, err
		}
		w.streams = append(w.streams, s)
		line := ground.Media
		line.Port = s.Port()
		lines = append(lines, line)
	}
	return lines, nil
}

func (a *scribeActor) toEdge(ctx actor.Context, e toEdge) {
	var edge *actor.PID // nil: the attempt is forgotten
	if w := a.ways[e.attempt]; w != nil {
		edge = w.edge
	}
	switch x := e.what.(type) {
	case dialog.Send:
		a.floor.Member.Send(edge, &msg.SignalSend{Request: msg.FromRequest(x.Request), Flow: msg.FromFlow(x.Flow), Owner: ctx.Self()})
	case dialog.Cancel:
		a.floor.Member.Send(edge, &msg.SignalCancel{Request: x.Request, Reason: x.Reason})
	case dialog.Respond:
		ctx.Send(a.edge, &msg.SignalRespond{Response: msg.FromResponse(x.Response)})
	}
}

// apply sets the streams of an attempt up; one that the server does not take is closed.
func (a *scribeActor) apply(e apply) {
	w := a.ways[e.attempt]
	if w == nil {
		return
	}
	for i, s := range w.streams {
		if e.lines[i].Refused {
			s.Close()
			continue
		}
		if err := s.Apply(e.lines[i].Params); err != nil && !errors.Is(err, media.ErrClosed) {
			a.log.Warn("media", "label", labels[i], "err", err)
		}
	}
}

// listen has the streams of the present attempt carry what others hear.
func (a *scribeActor) listen(e listen, now time.Time) {
	w := a.ways[a.present]
	if w == nil {
		return
	}
	for i, s := range w.streams {
		other, ok := a.floor.Engine.Find(e.streams[i])
		if !ok {
			s.Play(nil)
			continue
		}
		if err := s.Copy(other); err != nil && !errors.Is(err, media.ErrClosed) {
			a.log.Warn("a party is not recorded", "label", labels[i], "err", err)
			a.machine.NotHeard(a.present, now)
		}
	}
}
