package session

import (
	"context"
	"crypto/rand"
	"errors"
	"net/netip"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/signal"
	"tandem/ximss"
	"tandem/ximss/object"
)

// Accounts are those who log in. See ximss.Door for the first three.
type Accounts interface {
	Domain(local netip.Addr, asked string) (domain string, err error)
	Verify(ctx context.Context, name, domain, password string) (aor string, ok bool, err error)
	Password(ctx context.Context, name, domain string) (aor string, password []byte, ok bool, err error)
	// RealName is that of an account, "" where it has none.
	RealName(aor signal.AOR) string
	// EndOld ends the account's sessions of clients at an address, on all members, but for the one of that handler.
	EndOld(ctx context.Context, aor signal.AOR, address netip.Addr, but string)
}

// Ingress is where bindings meet sessions: it answers ximss.Door.
type Ingress struct {
	Accounts
	floor   *Floor
	version string // of the server
}

var _ ximss.Door = (*Ingress)(nil)

// NewIngress makes the ingress of a member's sessions.
func NewIngress(f *Floor, a Accounts, version string) *Ingress {
	return &Ingress{Accounts: a, floor: f, version: version}
}

// attachWait bounds the wait for a session that is resumed.
const attachWait = 5 * time.Second

// urlID is the name of a session in URLs.
func (f *Floor) urlID(pid *actor.PID) string {
	boot, serial, _ := f.Member.Number(pid)
	return urlID(f.Key, boot, serial, f.Alone)
}

// Open makes a session for who has logged in.
func (i *Ingress) Open(ctx context.Context, l ximss.Login) (ximss.Session, error) {
	who := Who{AOR: signal.AOR(l.AOR), RealName: i.RealName(signal.AOR(l.AOR)), Random: rand.Text(), Version: i.version,
		Agent: i.floor.agentOf(signal.AOR(l.AOR))}
	if n := i.floor.Limits().Account; i.floor.Table.Of(l.AOR) >= n {
		return nil, ximss.Fail(ximss.NumLimit, "the account has %d sessions, which is the limit", n)
	}
	connection, err := i.connect(l.Line)
	if err != nil {
		return nil, err
	}
	m := i.floor.Member
	pid, err := m.Spawn("session", &msg.SessionStart{Account: l.AOR, RealName: who.RealName, Version: who.Version,
		Random: who.Random, Method: l.Method, Client: wireClient(l), AnyAddress: l.AnyAddress, Request: l.RequestID,
		Connection: connection})
	if err != nil {
		i.disconnect(connection)
		i.floor.Log.Warn("no session for a client", "account", l.AOR, "err", err)
		return nil, ximss.Fail(ximss.NumLimit, "too many sessions, try again later")
	}
	m.Send(connection, &bound{pid})
	if l.KillOld {
		i.EndOld(ctx, who.AOR, l.Remote.Addr(), m.Handler(pid))
	}
	who.URLID = i.floor.urlID(pid)
	return &visit{floor: i.floor, who: who, pid: pid, line: l.Line, connection: connection, from: l.Remote.Addr()}, nil
}

// connect makes a connection of a line; nil of none.
func (i *Ingress) connect(line ximss.Line) (*actor.PID, error) {
	if line == nil {
		return nil, nil
	}
	pid, err := i.floor.Member.Spawn("connection", &msg.SessionSay{})
	if err != nil {
		return nil, ximss.ErrUnavailable
	}
	i.floor.Member.Send(pid, &online{line})
	return pid, nil
}

// disconnect forgets a connection that got no session: its line goes on.
func (i *Ingress) disconnect(connection *actor.PID) { i.floor.Member.Send(connection, &left{}) }

func wireClient(l ximss.Login) *msg.SessionClient {
	return &msg.SessionClient{Binding: string(l.Binding), Local: l.Local.String(), Remote: l.Remote.String(),
		Secure: l.Secure, Version: l.Version}
}

// find is the session of a name in URLs. It may have ended.
func (i *Ingress) find(id string) (*actor.PID, error) {
	m := i.floor.Member
	boot, serial, ok := readURL(i.floor.Key, id, m.BootTag())
	if !ok {
		return nil, ximss.ErrGone
	}
	pid, err := m.Numbered("session", boot, serial)
	if err != nil {
		return nil, ximss.ErrGone
	}
	return pid, nil
}

// Handler is the handler of the session of a name in URLs, whether it lives or not. False: it is the name of none.
func (i *Ingress) Handler(id string) (string, bool) {
	pid, err := i.find(id)
	if err != nil {
		return "", false
	}
	return i.floor.Member.Handler(pid), true
}

// Resume gives a session to another connection.
func (i *Ingress) Resume(ctx context.Context, id, random string, l ximss.Login) (ximss.Session, error) {
	pid, err := i.find(id)
	if err != nil {
		return nil, err
	}
	connection, err := i.connect(l.Line)
	if err != nil {
		return nil, err
	}
	m := i.floor.Member
	answer, err := m.AskActor(ctx, pid, &msg.SessionAttach{Random: random, Request: l.RequestID,
		Client: wireClient(l), Connection: connection}, attachWait)
	a, ok := answer.(*msg.SessionAttached)
	switch {
	case err == nil && ok && a.Error == 0:
		m.Send(connection, &bound{pid})
		who := Who{AOR: signal.AOR(a.Account), RealName: a.RealName, URLID: id, Random: random, Version: a.Version,
			Agent: i.floor.agentOf(signal.AOR(a.Account))}
		return &visit{floor: i.floor, who: who, pid: pid, line: l.Line, connection: connection, from: l.Remote.Addr()}, nil
	case err == nil && ok:
		err = &ximss.Error{Num: int(a.Error), Text: a.Text}
	default:
		err = asked(err)
	}
	i.disconnect(connection)
	return nil, err
}

// Find is the session of a URL, for a request from an address. Whether it lives, and whether the address may use it,
// shows when it is asked.
func (i *Ingress) Find(_ context.Context, id string, from netip.Addr) (ximss.Session, error) {
	pid, err := i.find(id)
	if err != nil {
		return nil, err
	}
	return &visit{floor: i.floor, who: Who{URLID: id}, pid: pid, from: from}, nil
}

// asked is what an error of a question to a session means to its client.
func asked(err error) error {
	if errors.Is(err, cluster.ErrGone) {
		return ximss.ErrGone
	}
	return ximss.ErrUnavailable
}

// visit is a session as a binding sees it.
type visit struct {
	floor      *Floor
	who        Who
	pid        *actor.PID
	line       ximss.Line
	connection *actor.PID
	from       netip.Addr
}

// URLID is the name of the session in URLs.
func (v *visit) URLID() string { return v.who.URLID }

// Greeting is the data message about the session.
func (v *visit) Greeting() *object.XML { return v.who.Greeting() }

// overloadPause is how often it is tried again to give a request to a session that has too many.
const overloadPause = 2 * time.Millisecond

// Take hands over one request. It waits while the session has too many.
func (v *visit) Take(ctx context.Context, request *object.XML) error {
	var message any = &take{v.connection, request}
	if !v.floor.Member.Here(v.pid) {
		text, err := request.Markup()
		if err != nil {
			return ximss.Fail(ximss.NumMalformed, "the document is malformed")
		}
		message = &msg.SessionTake{Connection: v.connection, Document: text}
	}
	err := cluster.ErrOverload
	if late := cluster.Until(ctx, overloadPause, func() bool {
		err = v.floor.Member.Offer(v.pid, message)
		return !errors.Is(err, cluster.ErrOverload)
	}); late != nil {
		return late
	}
	if err != nil {
		return ximss.ErrGone
	}
	return nil
}

// Leave says that the line is no more.
func (v *visit) Leave(line ximss.Line, reason string) {
	if line == v.line {
		v.floor.Member.Send(v.connection, &left{reason})
	}
}

// postWait bounds the wait for the answers to a POST.
const postWait = errandTime + 5*time.Second

// Sync does the requests of one HTTP POST and gives what they are answered with.
func (v *visit) Sync(ctx context.Context, seq uint64, requests []*object.XML, async bool) ([]string, error) {
	return v.post(ctx, &msg.SessionPost{Seq: seq, Fetch: async}, requests)
}

// Async does the same for a client that gets the answers by Poll.
func (v *visit) Async(ctx context.Context, seq uint64, requests []*object.XML) error {
	_, err := v.post(ctx, &msg.SessionPost{Seq: seq, Async: true}, requests)
	return err
}

func (v *visit) post(ctx context.Context, m *msg.SessionPost, requests []*object.XML) ([]string, error) {
	m.From = v.from.String()
	for _, x := range requests {
		text, err := x.Markup()
		if err != nil {
			return nil, ximss.Fail(ximss.NumMalformed, "the document is malformed")
		}
		m.Documents = append(m.Documents, text)
	}
	answer, err := v.floor.Member.AskActor(ctx, v.pid, m, postWait)
	p, ok := answer.(*msg.SessionPosted)
	switch {
	case err != nil || !ok:
		return nil, asked(err)
	case p.Gone:
		return nil, ximss.ErrGone
	}
	return p.Documents, nil
}

// pollGrace is how much longer a poll is waited for than the session holds it.
const pollGrace = 2 * time.Second

// Poll waits for messages.
func (v *visit) Poll(ctx context.Context, acked uint64, most time.Duration) (ximss.Batch, error) {
	answer, err := v.floor.Member.AskActor(ctx, v.pid, &msg.SessionPoll{From: v.from.String(), Acked: acked,
		MostMs: most.Milliseconds()}, most+pollGrace)
	b, ok := answer.(*msg.SessionBatch)
	switch {
	case err != nil || !ok:
		return ximss.Batch{}, asked(err)
	case b.Gone:
		return ximss.Batch{}, ximss.ErrGone
	}
	return ximss.Batch{Seq: b.Seq, Messages: b.Documents}, nil
}
