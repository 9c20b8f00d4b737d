package router

import (
	"cmp"
	"log/slog"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/signal"
)

// Signal is the pure machine of one INVITE: where does it go, who takes it. Each method takes an
// event and returns what is to be done.
type Signal struct {
	log      *slog.Logger
	table    *signal.Table
	dir      signal.Directory
	now      func() time.Time // for the rules
	fork     *signal.Fork
	request  *signal.Request
	terms    terms
	callees  []signal.Callee            // who is called when the caller's leg is ready
	target   signal.Target              // what takes the call in place of them
	number   string                     // as dialled
	shown    int                        // the highest progress shown to the caller since the last forward
	cancel   string                     // the Reason field of the caller's CANCEL, in our own writing
	diverted map[signal.AOR][]diversion // how the call came to accounts that were forwarded to, the last step first
	told181  bool                       // the caller knows that its call is forwarded
	rings    map[signal.BranchID]bool   // branches that live, and whether they ring
	whose    map[signal.BranchID]signal.AOR
	state    state
	trunks   trunks
	entered  signal.URI // what a call from a trunk calls here
}

// terms are what a Signal is told beside its request.
type terms struct {
	adopted bool         // the caller lived before, as a leg or as a Task
	task    bool         // the caller is a Task: it has no voice, and takes itself what it finds
	targets []signal.URI // all are called at once, in place of the request's URI
	plain   bool         // no rule of the called accounts is looked at
	codecs  []string     // the caller's, once its leg is ready
}

// effect is what the shell must do. The set is closed.
type effect interface{ effect() }

type (
	// respond answers the request while no leg owns it.
	respond struct{ response *signal.Response }
	// placeCaller makes the caller's leg, with an application to run or none.
	placeCaller struct{ application, argument, number string }
	// placeBranch makes a leg that rings a device.
	placeBranch struct {
		id     signal.BranchID
		number string
		call   *msg.LegCall
		trunk  string
	}
	// tellCaller and tellBranch send to a leg, as soon as it is known.
	tellCaller struct{ message proto.Message }
	tellBranch struct {
		id      signal.BranchID
		message proto.Message
	}
	// showEarly lets the caller hear a branch: LegProgress with that branch as partner.
	showEarly struct {
		id       signal.BranchID
		progress *msg.LegProgress
	}
	// join connects the caller with a branch: LegAccept to one; to the other LegBridge, or LegServe where
	// the caller is a Task.
	join struct {
		id      signal.BranchID
		stream  string
		codec   string
		headers []*msg.Header
	}
	// placeTask makes a Task for the caller's leg.
	placeTask struct{ target signal.Target }
	// serve gives the caller's leg to the Task that was made; dismiss ends that Task.
	serve   struct{ program string }
	dismiss struct{}
	// errand is what a rule wants done beside.
	errand struct{ note signal.Note }
	// startTimer asks for Timeout.
	startTimer struct{ timer signal.ForkTimer }
	// stop ends the actor.
	stop struct{}
)

func (respond) effect()     {}
func (placeCaller) effect() {}
func (placeBranch) effect() {}
func (tellCaller) effect()  {}
func (tellBranch) effect()  {}
func (showEarly) effect()   {}
func (join) effect()        {}
func (placeTask) effect()   {}
func (serve) effect()       {}
func (dismiss) effect()     {}
func (errand) effect()      {}
func (startTimer) effect()  {}
func (stop) effect()        {}

// newSignal makes the machine of a request.
func newSignal(r *signal.Request, t *signal.Table, d signal.Directory, l signal.ForkLimits, now func() time.Time,
	log *slog.Logger) *Signal {
	return &Signal{log: log, table: t, dir: d, now: now, fork: signal.NewFork(r, l, now), request: r,
		rings: map[signal.BranchID]bool{}, whose: map[signal.BranchID]signal.AOR{}}
}

// Start routes the request. Where the caller lived before, it is not placed.
func (s *Signal) Start(t terms) []effect {
	s.terms = t
	effects, refused := s.route()
	switch {
	case refused != nil:
		return append(effects, s.refuse(*refused)...)
	case len(s.callees) == 0:
		return append(effects, s.handOver(s.target)...)
	case t.adopted:
		s.become(ringing, "transfer")
		return append(effects, s.ring()...)
	}
	s.become(placing, "account")
	return append(effects, placeCaller{number: s.number})
}

// handOver gives the call to a program.
func (s *Signal) handOver(t signal.Target) []effect {
	s.target = t
	if t.Kind == signal.ToApplication {
		return s.runApplication()
	}
	name := "program " + t.Program
	if s.state == started && !s.terms.adopted { // a Task is made for a leg, so that comes first
		s.become(placing, name)
		return []effect{placeCaller{number: t.Number}}
	}
	if s.state == started {
		s.become(ringing, "transfer")
	}
	s.become(running, name)
	return []effect{placeTask{t}}
}

// runApplication hands the call to a built-in application.
func (s *Signal) runApplication() []effect {
	t := s.target
	if !s.terms.adopted && s.state == started {
		s.become(placing, "application "+t.Application)
		s.become(running, "application "+t.Application)
		return []effect{placeCaller{t.Application, t.Argument, t.Number}}
	}
	run := tellCaller{&msg.LegRun{Application: t.Application, Argument: t.Argument, Number: t.Number}}
	if s.state == started {
		s.become(ringing, "transfer")
	}
	s.become(running, "application "+t.Application)
	if s.terms.adopted { // that leg has its own life: nothing is left to pass on
		return append([]effect{run}, s.end("handed over")...)
	}
	return []effect{run}
}

// TaskPlaced takes the host's answer for the Task.
func (s *Signal) TaskPlaced(refused *signal.Refusal) []effect {
	switch {
	case s.state == ended && refused == nil: // the caller has gone meanwhile
		return []effect{dismiss{}}
	case s.state != running:
		return nil
	case refused != nil:
		return s.refuse(*refused)
	}
	effects := []effect{serve{s.target.Program}}
	if s.terms.adopted {
		return append(effects, s.end("handed over")...)
	}
	return effects
}

// CallerPlaced takes the host's answer for the caller's leg.
func (s *Signal) CallerPlaced(refused *signal.Refusal) []effect {
	if refused == nil || s.state == ended {
		return nil
	}
	return append([]effect{s.answer(*refused)}, s.CallerEnded("no leg for the caller")...)
}

// Ready: the caller's leg has read the SDP offer. Now the devices are rung, or the Task is made.
func (s *Signal) Ready(codecs []string) []effect {
	if s.state != placing {
		return nil
	}
	s.terms.codecs = codecs
	if len(s.callees) == 0 {
		return s.handOver(s.target)
	}
	s.become(ringing, "caller's leg is ready")
	return s.ring()
}

// ring calls all callees, by the devices that they have now.
func (s *Signal) ring() []effect {
	for i := range s.callees {
		if len(s.callees[i].Ways) > 0 {
			continue
		}
		s.callees[i].Contacts = s.devices(s.callees[i].Account.AOR)
	}
	return s.forked(s.fork.Begin(s.callees...))
}

// devices are those of an account that take calls.
func (s *Signal) devices(aor signal.AOR) []signal.Contact {
	return signal.Taking(signal.INVITE, s.dir.Contacts(aor))
}

// BranchPlaced takes the host's answer for a branch.
func (s *Signal) BranchPlaced(id signal.BranchID, refused *signal.Refusal) []effect {
	if refused == nil {
		return nil
	}
	delete(s.rings, id)
	refused.Local = true
	return s.forked(s.fork.Refused(id, *refused))
}

// Progressed: a device rings, or sends early media. That is let through only while a single device
// rings: of several the caller would hear one that perhaps does not answer.
func (s *Signal) Progressed(id signal.BranchID, m *msg.LegProgressed) []effect {
	if _, lives := s.rings[id]; !lives || s.state != ringing {
		return nil
	}
	s.rings[id] = true
	s.fork.Progressed(id)
	p := &msg.LegProgress{Status: m.Status, Reason: m.Reason}
	if len(s.rings) == 1 {
		p.Headers = s.answerer(id)
	}
	if m.Early && s.ringers() == 1 {
		p.Stream, p.Codec = m.Stream, m.Codec
		s.shown = max(s.shown, int(m.Status))
		return []effect{showEarly{id, p}}
	}
	if p.Status == 183 {
		p.Status = 180 // several devices: the caller hears ringing, not one of them
	}
	if int(p.Status) <= s.shown {
		return nil
	}
	s.shown = int(p.Status)
	return []effect{tellCaller{p}}
}

// ringers is how many branches ring now.
func (s *Signal) ringers() (n int) {
	for _, rings := range s.rings {
		if rings {
			n++
		}
	}
	return n
}

// Answered: a device has taken the call.
func (s *Signal) Answered(id signal.BranchID, m *msg.LegAnswered) []effect {
	effects := s.forked(s.fork.Answered(id))
	if len(effects) == 0 { // it crossed our CANCEL
		return []effect{tellBranch{id, &msg.LegHangup{Reason: signal.ReasonElsewhere}}}
	}
	for i, e := range effects {
		if j, ok := e.(join); ok {
			j.stream, j.codec, j.headers = m.Stream, m.Codec, s.answerer(id)
			effects[i] = j
		}
	}
	return effects
}

// Refused: a device refused. A redirection to addresses served here is followed, to all of them at once; others are
// not: nobody dials abroad on the word of a phone.
func (s *Signal) Refused(id signal.BranchID, m *msg.LegRefused) []effect {
	var redirects []string
	if m.Status/100 == 3 {
		redirects = s.redirects(m)
	}
	r := signal.Refusal{Status: int(m.Status), Reason: m.Reason, Headers: msg.ToHeaders(m.Headers), Local: m.Local}
	if s.trunks.branches[id] {
		r, redirects = carrierRefusal(r), nil
	}
	if notForCallers(r.Status) {
		r = signal.Refusal{Status: 480}
	}
	delete(s.rings, id)
	return s.forked(s.fork.Refused(id, r, redirects...))
}

// redirects are the addresses served here that a refusal names, each once. A member of an older version names one.
func (s *Signal) redirects(m *msg.LegRefused) (to []string) {
	named := m.Redirects
	if len(named) == 0 && m.Redirect != nil {
		named = []*msg.URI{m.Redirect}
	}
	for _, u := range named {
		aor, _ := s.table.Resolve(u.Signal())
		if aor != "" && !slices.Contains(to, string(aor)) {
			to = append(to, string(aor))
		}
	}
	return to
}

// notForCallers are the refusals of a device that mean nothing to who called an account: redirections
// that are not followed, and questions for a password that the device alone knows.
func notForCallers(status int) bool { return status < 400 || status == 401 || status == 407 }

// BranchEnded: a branch died on the way, without an answer.
func (s *Signal) BranchEnded(id signal.BranchID, m *msg.LegEnded) []effect {
	delete(s.rings, id)
	return s.forked(s.fork.Refused(id, signal.Refusal{Status: int(max(m.Status, 500)), Local: true}))
}

// Timeout: devices have rung for so long that a rule comes, or it is enough.
func (s *Signal) Timeout(timer int) []effect { return s.forked(s.fork.Timeout(timer)) }

// Cancelled: the caller gave up. Its leg answers the INVITE and then says that it ended.
func (s *Signal) Cancelled(reason string) []effect {
	if s.state == ended || s.state == started {
		return nil
	}
	s.cancel = signal.ReasonField(signal.ReadReasons([]string{reason}))
	return []effect{tellCaller{&msg.SignalCancelled{Request: s.request.ID, Reason: reason}}}
}

// CallerAnswered: the caller's leg has answered. The story is now the legs' own.
func (s *Signal) CallerAnswered() []effect {
	if s.state == ended {
		return nil
	}
	// The fork has won, or never began: a leg that took over from another one is answered while it
	// is being placed.
	return append(s.forked(s.fork.Cancelled()), s.end("answered")...)
}

// CallerEnded: the caller's leg is over. The devices are told why, if the caller said so: that the call was taken
// elsewhere they do not show as missed.
func (s *Signal) CallerEnded(because string) []effect {
	if s.state == ended {
		return nil
	}
	return append(s.forked(s.fork.Ended(cmp.Or(s.cancel, signal.ReasonCancelled))), s.end(because)...)
}

// CallerGone: the caller's leg died without a word, so nobody else answers the request.
func (s *Signal) CallerGone(status int) []effect {
	if s.state == ended {
		return nil
	}
	effects := s.CallerEnded("caller's leg is gone")
	if s.terms.adopted {
		return effects
	}
	return append([]effect{s.answer(signal.Refusal{Status: status})}, effects...)
}

// forked turns what the fork wants into effects.
func (s *Signal) forked(fork []signal.ForkEffect) []effect {
	var out []effect
	for _, e := range fork {
		switch e := e.(type) {
		case signal.BranchStart:
			s.rings[e.ID], s.whose[e.ID] = false, e.Account
			out = append(out, placeBranch{e.ID, e.Number, s.branch(e), e.Trunk})
			if e.Trunk != "" {
				s.overTrunk(e.ID)
			}
		case signal.BranchCancel:
			delete(s.rings, e.ID)
			out = append(out, tellBranch{e.ID, &msg.LegHangup{Reason: e.Reason}})
		case signal.ForkWon:
			s.become(connected, "answered")
			out = append(out, join{id: e.ID})
		case signal.ForkRefused:
			out = append(out, s.refuse(e.Refusal)...)
		case signal.ForkRoute:
			out = append(out, s.destination(e)...)
		case signal.ForkWay:
			s.goesOn(e)
			out = append(out, s.seek(e.ID, e.Ways, e.Number)...)
		case signal.ForkNote:
			out = append(out, errand{e.Note})
		case signal.ForkTimer:
			out = append(out, startTimer{e})
		}
	}
	if s.terms.adopted && s.state == connected { // that leg has its own life: it will not tell us more
		out = append(out, s.end("handed over")...)
	}
	return out
}

// branch describes the INVITE to one device.
func (s *Signal) branch(b signal.BranchStart) *msg.LegCall {
	if b.Trunk != "" {
		return s.trunkBranch(b)
	}
	c := b.Contact
	return &msg.LegCall{
		Contact: msg.FromURI(c.URI), Routes: c.Routes, Flow: msg.FromFlow(c.Flow),
		From: msg.FromParty(s.appearance()), To: msg.FromParty(signal.Party{URI: address(b.Account)}),
		Account: string(b.Account), MaxForwards: int32(s.request.MaxForwards - 1),
		Codecs: s.terms.codecs, Headers: s.headers(b.Account),
	}
}

// recorded tells whether the caller or a called one wants its calls recorded. It is asked once, when the caller's leg is made:
// who is called later, or for a caller that lived before, has no say.
func (s *Signal) recorded() bool {
	caller, _ := s.dir.Account(s.request.Origin.Account)
	recorded := caller.Recorded || s.target.Account.Recorded
	for _, c := range s.callees {
		recorded = recorded || c.Account.Recorded
	}
	return recorded
}

// called is the AOR that the request means here, or its own words where none is served.
func (s *Signal) called() signal.AOR {
	if s.entered.Scheme != "" {
		return s.entered.AOR()
	}
	if aor, ok := s.table.Resolve(s.request.URI); ok {
		return aor
	}
	return s.request.URI.AOR()
}

// refuse ends the request with a refusal: by the caller's leg where there is one.
func (s *Signal) refuse(r signal.Refusal) []effect {
	if s.state == started && !s.terms.adopted {
		return append([]effect{s.answer(r)}, s.end("refused")...)
	}
	reject := &msg.LegReject{Status: int32(r.Status), Reason: r.Reason, Headers: msg.FromHeaders(r.Headers)}
	return append([]effect{tellCaller{reject}}, s.end("refused")...)
}

func (s *Signal) answer(r signal.Refusal) effect {
	return respond{&signal.Response{Request: s.request.ID, Method: s.request.Method,
		Status: r.Status, Reason: r.Reason, To: s.request.To, Headers: r.Headers}}
}

func (s *Signal) end(because string) []effect {
	s.become(ended, because)
	return []effect{stop{}}
}
