package cluster

import (
	"testing"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster/link"
	"tandem/actors/msg"
)

// apart is a peer of a member that has no way to others: what is sent to it goes nowhere.
func apart(t *testing.T, l link.Limits) *peer {
	t.Helper()
	m := lab(t, &probe{})
	m.linkLimits = l
	p := m.silentPeer("b", 7, "127.0.0.1:1")
	p.admit()
	return p
}

// silentPeer is a peer whose pump has ended: there is no carrier that could take its frames.
func (m *Member) silentPeer(name string, boot uint32, address string) *peer {
	p := m.newPeer(name, boot, address)
	p.once.Do(func() { close(p.done) })
	m.pumps.Wait()
	return p
}

// say puts a message for an actor there before the tie.
func (p *peer) say() {
	to := actor.NewPID(p.address, makeID("leg", p.boot, 1))
	p.put(to, &msg.LegHangup{}, &msg.LinkEntry{Target: to.Id})
}

func (p *peer) waiting() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tie.Waiting()
}

func TestFullTieIsBrokenOffOnce(t *testing.T) {
	p := apart(t, link.Limits{Entries: 2, Bytes: 1 << 20})
	p.taking.Lock() // as while something of the peer's is delivered: the tie is not broken off yet
	for range 5 {
		p.say()
	}
	// By now the peer has made room, but the third message is lost: the ones behind it must not arrive before that is known.
	p.mu.Lock()
	p.tie.Take(&msg.LinkFrame{From: p.boot, To: p.member.boot, Epoch: 1, First: 1, Ack: 2}, p.listed)
	p.mu.Unlock()
	p.say()
	if n := p.waiting(); n != 0 {
		t.Errorf("%d messages wait behind one that is lost", n)
	}
	p.taking.Unlock()
	until(t, "the tie takes messages again", func() bool { p.say(); return p.waiting() > 0 })
	if n := p.member.crossed.overflowed.Load(); n != 1 {
		t.Errorf("the tie was given up %d times", n)
	}
}

// That a tie was broken off does not say that the peer lives: the view says so.
func TestSuspicionOutlastsABreak(t *testing.T) {
	p := apart(t, link.Limits{Entries: 10, Bytes: 1 << 20})
	p.doubt()
	p.take(&msg.LinkFrame{From: p.boot, To: p.member.boot, Epoch: 2, First: 1})
	if err := p.room(); err != ErrGone {
		t.Errorf("a member that may be dead is offered a message: %v", err)
	}
	p.admit()
	if err := p.room(); err != nil {
		t.Errorf("a member that is heard again is not: %v", err)
	}
}

// A phone waits for the answer to its REGISTER although the owner of its account has died with it: somebody must answer.
func TestMessagesToNamesAreGivenBack(t *testing.T) {
	p := apart(t, link.Limits{Entries: 10, Bytes: 1 << 20})
	m := p.member
	var heard []string
	m.Unheard(func(kind string, message proto.Message, err error) {
		if r, ok := message.(*msg.AccountRegister); ok && err == ErrGone {
			heard = append(heard, kind+" "+r.Request.Id)
		}
	})
	body, err := proto.Marshal(&msg.AccountRegister{Request: &msg.Request{Id: "r"}})
	if err != nil {
		t.Fatal(err)
	}
	waits := actor.NewFuture(m.system, -1)
	for _, sender := range []*actor.PID{nil, waits.PID()} {
		tell := &msg.NameTell{Kind: "account", Name: "anna", Type: "tandem.msg.AccountRegister", Body: body, Sender: sender}
		data, err := proto.Marshal(tell)
		if err != nil {
			t.Fatal(err)
		}
		p.put(hostOf(p), tell, &msg.LinkEntry{Target: hostOf(p).Id, Type: nameTell, Body: data})
	}
	p.close()
	if len(heard) != 1 || heard[0] != "account r" {
		t.Errorf("given back are %q", heard)
	}
	if err := waits.Wait(); err != actor.ErrDeadLetter {
		t.Errorf("who waits for the runtime's answer is told %v", err)
	}
}
