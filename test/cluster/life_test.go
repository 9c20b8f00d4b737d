package cluster

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tandem/test/lab"
)

// waiter is a program that waits for events for ever.
const waiter = "entry main is loop readInput(1000); end loop; end entry;"

// TestLife kills a member of three, and lets it come back at its address.
func TestLife(t *testing.T) {
	all := start(t, lab.ClusterOptions{})
	a, d := all[0], all[2]
	a.Program("waiter.sppr", waiter)
	task := ""
	lab.Wait(t, settle, "the program is on all members", func() (ok bool) {
		text, err := d.Console().Do("STARTPBXTASK 1000 PROGRAM waiter")
		task = text
		return err == nil
	})
	c := a.Console()
	if _, err := c.Do("SENDTASKEVENT " + task + " EVENT hello"); err != nil {
		t.Fatalf("a task on another member can not be told: %v", err)
	}
	kept := call(t, a, "1000", "9196")
	killed := time.Now()
	d.Kill()
	lab.Wait(t, soon, "a task of the dead member is not found", func() bool {
		_, err := c.Do("SENDTASKEVENT " + task + " EVENT hello")
		return err != nil
	})
	t.Logf("senders told %v after the kill", since(killed))
	t.Logf("known dead by all %v after the kill", awaitGone(t, d.Name, killed, others(all, d)...).Round(time.Millisecond))

	again := time.Now()
	d.Restart()
	awaitAll(t, all)
	back := time.Now()
	t.Logf("back at its address and seen by all %v after its start", since(again))
	kept.Say(700)
	kept.AwaitTones(t, 4*time.Second, 700) // longer than it takes to find somebody dead
	if words := blamed(d.Name, back, others(all, d)...); len(words) > 0 {
		t.Errorf("the new life was doubted: %+v", words)
	}
	if _, err := c.Do("SENDTASKEVENT " + task + " EVENT hello"); err == nil {
		t.Error("a handler of the old life finds something in the new one")
	}
	if missing := kept.Traffic().Missing; missing > 0 {
		t.Errorf("a call on another member has lost %d packets", missing)
	}
	kept.Hangup()

	strangerIsRefused(t, all)
	history(t, all)
}

// call makes a call from a phone of its own and demands that it is answered.
func call(t *testing.T, m *lab.Member, user, number string) *lab.Call {
	t.Helper()
	c := m.Phone(t, user).Call(number)
	if c.Status != 200 {
		t.Fatalf("the call of %s to %s got %d %s", user, number, c.Status, c.Reason)
	}
	return c
}

// strangerIsRefused comes to the members' door with the papers of another cluster, and with none.
func strangerIsRefused(t *testing.T, all []*lab.Member) {
	t.Helper()
	address := net.JoinHostPort(all[0].Bind, deliveryPort)
	foreign := forged(t, all[1].Name)
	for name, c := range map[string]*tls.Config{
		"no certificate":             {InsecureSkipVerify: true},
		"another cluster's":          {InsecureSkipVerify: true, Certificates: []tls.Certificate{foreign}},
		"an old version of the door": {InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12},
	} {
		if err := knock(address, c); err == nil {
			t.Errorf("a stranger with %s was let in", name)
		}
	}
	papers := filepath.Join(all[1].Data, "cluster", "member.pem")
	own, err := tls.LoadX509KeyPair(papers, papers)
	if err != nil {
		t.Fatal(err)
	}
	if err := knock(address, &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{own}}); err != nil {
		t.Errorf("a member was not let in, so the refusals above say nothing: %v", err)
	}
}

// deliveryPort is where members hear each other.
const deliveryPort = "7010"

// knock opens a connection and says by which address it is reached, as a member does. Who is let in hears nothing, for
// members answer over connections of their own; who is refused is hung up on.
func knock(address string, c *tls.Config) error {
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: soon}, "tcp", address, c)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(hangUp)); err != nil {
		return err
	}
	if _, err := fmt.Fprint(conn, "\x00\x00\x00\x0b\x00127.0.0.1:1"); err != nil {
		return err
	}
	if _, err = conn.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return fmt.Errorf("hung up: %w", err)
}

// hangUp is how long a refused connection may take to be hung up on.
const hangUp = 2 * time.Second

// forged are papers of a cluster of the test's own, with the name of a member.
func forged(t *testing.T, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{certificate}, PrivateKey: key}
}

// TestFreeze stops a member for longer than the others wait for it, and then for less.
func TestFreeze(t *testing.T) {
	lab.Long(t)
	all := start(t, lab.ClusterOptions{Supervised: true})
	a, b, d := all[0], all[1], all[2]
	kept := call(t, b, "1001", "9196")

	hic := time.Now()
	b.Pause()
	<-time.After(1500 * time.Millisecond) // a pause is an input
	b.Resume()
	kept.Say(700)
	kept.AwaitTones(t, 4*time.Second, 700)
	if words := append(blamed(b.Name, hic, d, a), blamed(a.Name, hic, b)...); len(words) > 0 {
		t.Errorf("a pause of 1.5 s was taken for a death: %+v", words)
	}
	if kept.Traffic().Missing > 0 {
		t.Logf("the pause has cost %d packets", kept.Traffic().Missing)
	}

	old := d.PID()
	frozen := time.Now()
	d.Pause()
	t.Logf("known dead by all %v after it froze", awaitGone(t, d.Name, frozen, a, b).Round(time.Millisecond))
	<-time.After(time.Until(frozen.Add(8 * time.Second)))
	thawed := time.Now()
	d.Resume()
	lab.Wait(t, settle, "the one that froze has ended and runs again", func() bool {
		return len(lines(d, "this member was declared dead by others")) > 0 && said(d, "tandem: "+d.Name+" ended by itself (exit status 1)") && said(d, "tandem: "+d.Name+" runs again")
	})
	d.AwaitReady()
	t.Logf("it has ended by itself and is back %v after it thawed", since(thawed))
	if d.PID() == old {
		t.Error("it is the same process")
	}
	kept.Say(900)
	kept.AwaitTones(t, time.Second, 900)
	kept.Hangup()
}
