package router

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/acttest"
	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/signal"
)

// What another member's edge sent to nobody is answered by that edge.
func TestUnheard(t *testing.T) {
	l := newLab(t, newWorld())
	edge := l.ingress.Edge("c")
	request := func(m signal.Method, tag string) *msg.Request {
		to := signal.Party{URI: uri(t, "sip:1001@t.local")}
		if tag != "" {
			to = to.WithTag(tag)
		}
		return msg.FromRequest(&signal.Request{ID: "q", Method: m, CallID: "c", To: to})
	}
	for _, c := range []struct {
		kind    string
		message proto.Message
		err     error
		status  int
	}{
		{"leg", &msg.SignalRequest{Request: request(signal.BYE, "t"), Edge: edge}, cluster.ErrGone, 481},
		{"leg", &msg.SignalRequest{Request: request(signal.INVITE, "t"), Edge: edge}, cluster.ErrGone, 481},
		{"leg", &msg.SignalRequest{Request: request(signal.INVITE, ""), Edge: edge}, cluster.ErrGone, 503},
		{"lamp", &msg.SignalRequest{Request: request(signal.SUBSCRIBE, ""), Edge: edge}, cluster.ErrNoOwner, 503},
		{"lamp", &msg.SignalRequest{Request: request(signal.SUBSCRIBE, "t"), Edge: edge}, cluster.ErrOverload, 503},
		{"account", &msg.AccountRegister{Request: request(signal.REGISTER, ""), Edge: edge}, cluster.ErrNoOwner, 503},
		{"signal", &msg.SignalStart{Request: request(signal.INVITE, ""), Edge: edge}, cluster.ErrGone, 503},
		{"named", &msg.NamedMessage{Request: request(signal.MESSAGE, ""), Edge: edge}, cluster.ErrNoOwner, 503},
	} {
		l.ingress.Unheard(c.kind, c.message, c.err)
		r := l.response()
		if r.Status != c.status || r.Request != "q" || (r.Status == 503) != (r.Headers.Get("Retry-After") != "") {
			t.Errorf("%T to %s: answered %+v", c.message, c.kind, r)
		}
	}
	l.ingress.Unheard("leg", &msg.SignalRequest{Request: request(signal.ACK, "t"), Edge: edge}, cluster.ErrGone)
	l.ingress.Unheard("signal", &msg.SignalStart{Request: request(signal.MESSAGE, "")}, cluster.ErrGone)
	l.ingress.Unheard("leg", &msg.LegInfo{}, cluster.ErrGone)
	asker, err := l.member.Spawn("leg", &msg.LegStart{})
	if err != nil {
		t.Fatal(err)
	}
	l.ingress.Unheard("named", &msg.NamedPlace{Operation: "task", Owner: asker}, cluster.ErrNoOwner)
	if m := acttest.Await[*msg.Spawned](t, l.legs.Next(t)); m.Operation != "task" || m.Status != 503 || m.Pid != nil {
		t.Errorf("told %v", m)
	}
	if len(l.edge.responses) != 0 {
		t.Errorf("answered %+v too", l.response())
	}
}

// A member that is gone is remembered until its names have another owner.
func TestLostMemberIsToldAgain(t *testing.T) {
	w := newWorld()
	w.contacts["1000@t.local"] = []signal.Contact{{Flow: signal.Flow{Edge: "m9", Transport: "WS", Conn: 1}}}
	l := newLab(t, w)
	begin := time.Now()
	l.ingress.MemberLost("m9")
	probe := l.accounts.Next(t)
	for _, at := range []time.Time{begin, begin.Add(lossMemory / 2), begin.Add(2 * lossMemory)} {
		m := acttest.Await[*msg.AccountLost](t, probe)
		if m.Flow.Edge != "m9" || m.Flow.Conn != 0 || m.BeforeMs < begin.UnixMilli() {
			t.Errorf("told %v", m)
		}
		l.ingress.Sweep(at)
	}
	acttest.Await[*msg.AccountLost](t, probe)
	l.ingress.Sweep(begin.Add(3 * lossMemory))
	l.ingress.Lost(signal.Flow{Edge: "m9", Transport: "WS", Conn: 1}) // marks the end
	if m := acttest.Await[*msg.AccountLost](t, probe); m.Flow.Conn != 1 {
		t.Errorf("told once more: %v", m)
	}
}

// Who was asked for a Named Task has died with the question.
func TestNamedTaskThatNobodyPlaces(t *testing.T) {
	l := newLab(t, newWorld())
	l.call("q", "lobby")
	caller, work := l.leg()
	l.member.Send(work.Owner, &msg.LegReady{Leg: caller.PID, Codecs: []string{"PCMU"}})
	acttest.Await[*msg.NamedPlace](t, l.named.Next(t))
	l.member.Send(work.Owner, &taskLate{})
	if m := acttest.Await[*msg.LegReject](t, caller); m.Status != 503 {
		t.Errorf("the caller's leg was told %v", m)
	}
	l.answered("q", 503)
	l.quiet()
}
