package cluster

import (
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"tandem/test/lab"
)

// The provider is a member that belongs to nobody here, at which the trunk registers as one of its accounts.
const (
	providerDomain = "provider.example"
	lineUser       = "1001"
)

// provider is that member, with a customer of its own who calls the trunk.
type provider struct {
	*lab.Member
	customer *lab.Phone
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{Member: lab.Start(t, lab.Options{Set: []string{"routing.domain=" + providerDomain, "log.level=info"}})}
	p.customer = p.Phone(t, "1003")
	p.customer.Domain = providerDomain
	p.customer.Register(600)
	return p
}

// contacts are the hosts at which the trunk is registered there.
func (p *provider) contacts(t *testing.T) (hosts []string) {
	t.Helper()
	var found struct {
		Registrations []struct{ AOR, Contact string }
	}
	if err := p.Ask(http.MethodGet, "registrations", nil, &found); err != nil {
		t.Fatal(err)
	}
	for _, r := range found.Registrations {
		if r.AOR == lineUser+"@"+providerDomain {
			hosts = append(hosts, r.Contact)
		}
	}
	return hosts
}

// at waits until the trunk is registered with one member alone, which is none of those.
func (p *provider) at(t *testing.T, all []*lab.Member, not ...*lab.Member) *lab.Member {
	t.Helper()
	var here *lab.Member
	lab.Wait(t, settle, "the trunk is registered at one member alone", func() bool {
		contacts := p.contacts(t)
		for _, m := range all {
			if len(contacts) == 1 && contains(contacts[0], m.Bind+":") && !slices.Contains(not, m) {
				here = m
			}
		}
		return here != nil
	})
	return here
}

func contains(text, part string) bool {
	for i := range len(text) - len(part) + 1 {
		if text[i:i+len(part)] == part {
			return true
		}
	}
	return false
}

// calls calls the trunk: the call is answered by the phone that it is for.
func (p *provider) calls() int {
	c := p.customer.Call(lineUser)
	if c.Status == 200 {
		c.Hangup()
	}
	return c.Status
}

// ownerOf is the member that owns the trunk.
func ownerOf(t *testing.T, all []*lab.Member, ask *lab.Member) *lab.Member {
	t.Helper()
	var stands struct{ Member, State, Registration string }
	lab.Wait(t, settle, "the trunk is registered", func() bool {
		return ask.Ask(http.MethodGet, "trunks/provider", nil, &stands) == nil && stands.Registration == "registered" && stands.State == "up"
	})
	for _, m := range all {
		if m.Name == stands.Member {
			return m
		}
	}
	t.Fatalf("nobody is called %s", stands.Member)
	return nil
}

// TestTrunkChangesItsOwner: the member that has registered a trunk is killed. Another one registers, the Contact of the dead one
// is taken back, and calls go out and come in. Then the owner is drained: calls come to another member from then on, and not
// one is refused meanwhile.
func TestTrunkChangesItsOwner(t *testing.T) {
	lab.Long(t)
	p := newProvider(t)
	all := start(t, lab.ClusterOptions{Set: []string{"log.level=info",
		fmt.Sprintf("trunks.list=[{name: provider, targets: [%q], domain: %s, user: %q, secret: %q, register: true, probe: 1s}]",
			p.UDPAddr(), providerDomain, lineUser, lab.Password),
		`trunks.numbers=[{match: "0n.", trunks: [provider], strip: 1}]`, `trunks.incoming=[{match: ".", to: "1002"}]`}})
	owner := ownerOf(t, all, all[0])
	for _, m := range all { // a member that has heard nothing of the registration could not take it back
		lab.Wait(t, settle, m.Name+" has heard of the trunk", func() bool { return m.Metric("tandem_trunk_up", `trunk="provider"`) == 1 })
	}
	if at := p.at(t, all); at != owner {
		t.Errorf("%s owns the trunk, and %s is registered", owner.Name, at.Name)
	}
	rest := others(all, owner)
	rung := rest[0].Phone(t, "1002")
	rung.Deaf = true
	rung.Register(600)
	go func() {
		for c := range rung.Incoming() {
			c.Answer()
		}
	}()
	both := func(m *lab.Member) {
		t.Helper()
		lab.Wait(t, settle, "a call comes in", func() bool { return p.calls() == 200 })
		out := m.Phone(t, "1000")
		lab.Wait(t, settle, "a call goes out", func() bool {
			c := out.Call("09196")
			if c.Status == 200 {
				c.Hangup()
			}
			return c.Status == 200
		})
	}
	both(rest[1])

	killed := time.Now()
	owner.Kill()
	at := p.at(t, all, owner)
	t.Logf("%s was killed, and %s is registered alone %v after", owner.Name, at.Name, since(killed))
	both(rest[1])
	if next := ownerOf(t, all, rest[0]); next != at {
		t.Errorf("%s owns the trunk, and %s is registered", next.Name, at.Name)
	}
	owner.Restart()
	awaitAll(t, all)
	drainUnderCalls(t, p, all, ownerOf(t, all, rest[0]))
}

// drainUnderCalls drains the owner while calls come in without end.
func drainUnderCalls(t *testing.T, p *provider, all []*lab.Member, owner *lab.Member) {
	t.Helper()
	var calls, refused atomic.Int32
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			calls.Add(1)
			if p.calls() != 200 {
				refused.Add(1)
			}
		}
	}()
	lab.Wait(t, settle, "calls come in", func() bool { return calls.Load() > 3 })
	began := time.Now()
	go owner.Verb("cluster", "drain", owner.Name, "--limit", "5m")
	at := p.at(t, all, owner)
	moved := calls.Load()
	lab.Wait(t, settle, "calls come in still", func() bool { return calls.Load() > moved+3 })
	close(stop)
	<-stopped
	t.Logf("%s is drained, and %s is registered alone %v after; %d calls came meanwhile", owner.Name, at.Name, since(began), calls.Load())
	if n := refused.Load(); n > 0 {
		t.Errorf("%d of %d calls were refused", n, calls.Load())
	}
	if c := owner.Phone(t, "1000").Call("9196"); c.Status == 200 {
		t.Error("the drained member takes calls")
	}
}
