package router

import (
	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
	"tandem/signal"
)

// session is the session that a flow leads to; nil: it is gone with its member.
func (in *Ingress) session(flow signal.Flow) *actor.PID {
	pid, err := in.member.Parse(flow.Session)
	if err != nil {
		in.log.Debug("a session is gone with its member", "edge", flow.Edge, "because", err.Error())
		return nil
	}
	return pid
}

// Begin takes a request outside any dialog that a session makes, as if a phone of its account had sent it: the
// session is told the answer as an edge is. It gives the Signal, to which an INVITE may be cancelled; or why
// nothing comes of it.
func (in *Ingress) Begin(r *signal.Request, session *actor.PID) (*actor.PID, *signal.Refusal) {
	in.Recognize(r)
	switch v := in.Admit(r); v.Action {
	case signal.Proceed:
	case signal.Challenge, signal.Ignore: // nobody who can prove himself is asked again
		return nil, &signal.Refusal{Status: 403}
	default:
		return nil, &signal.Refusal{Status: v.Status, Reason: v.Reason, Headers: v.Headers}
	}
	if a, ok := in.directory.Account(r.Origin.Account); !ok || a.Disabled {
		return nil, &signal.Refusal{Status: 403, Reason: "The account is disabled"}
	}
	if r.Method == signal.REGISTER {
		work := &msg.AccountRegister{Aor: string(r.Origin.Account), Request: msg.FromRequest(r), Edge: session}
		if err := in.member.Tell("account", string(r.Origin.Account), work); err != nil {
			return nil, &signal.Refusal{Status: 503, Headers: retryLater}
		}
		return nil, nil
	}
	pid, err := in.member.Spawn("signal", &msg.SignalStart{Request: msg.FromRequest(r), Edge: session, Call: NewCall()})
	if err != nil {
		in.log.Debug("request of a session refused", "method", string(r.Method), "because", err.Error())
		return nil, &signal.Refusal{Status: 503, Headers: retryLater}
	}
	return pid, nil
}

// watchSession has a Signal told when a session ends that has a message: unlike an edge it may do so without an answer.
func (a *signalActor) watchSession(ctx actor.Context, c copyTo, session *actor.PID) {
	if c.flow.Session == "" {
		return
	}
	if a.sessions == nil {
		a.sessions = map[string]*actor.PID{}
	}
	a.sessions[c.request.ID] = session
	ctx.Watch(session)
}

// sessionGone answers for a session that will not.
func (a *signalActor) sessionGone(ctx actor.Context, who *actor.PID) {
	for id, session := range a.sessions {
		if session.Equal(who) {
			a.onResponse(ctx, msg.Unsent(&signal.Request{ID: id, Method: signal.MESSAGE}))
			return
		}
	}
}
