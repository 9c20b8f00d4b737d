package browser

import (
	"strings"
	"testing"

	"tandem/test/lab"
)

// TestRegister lets a page register and unregister.
func TestRegister(t *testing.T) {
	d := open(t)
	p := d.registered("1000")
	own := d.registrations("1000")
	if len(own) != 1 || own[0].Transport != "ws" || !strings.HasPrefix(own[0].Agent, "JsSIP") {
		t.Errorf("registered as %+v", own)
	}
	p.do("agent.unregister()")
	p.await("unregistered")
	if own := d.registrations("1000"); len(own) != 0 {
		t.Errorf("unregistered and still there: %+v", own)
	}
}

// TestWrongPassword: the account stays as it was, and the page learns that it was refused.
func TestWrongPassword(t *testing.T) {
	d := open(t)
	p := d.phone(d.site, "1000", "wrong")
	if e := p.await("refused"); e.Status != 401 && e.Status != 403 {
		t.Errorf("refused with %d %s", e.Status, e.Cause)
	}
	if own := d.registrations("1000"); len(own) != 0 {
		t.Errorf("registered: %+v", own)
	}
}

// TestForeignPage: a page of a site that http.origins does not name gets no WebSocket.
func TestForeignPage(t *testing.T) {
	d := open(t)
	foreign := d.phone(serve(t), "1000", lab.Password)
	foreign.await("disconnected")
	for _, e := range foreign.events() {
		if e.What == "connected" {
			t.Error("connected")
		}
	}
}

// TestReload: a page that comes again and again leaves no registration behind, since nothing can be
// sent over a connection that is closed; else the account would soon have as many as it may.
func TestReload(t *testing.T) {
	d := open(t)
	for range 12 { // two more than an account may have
		d.registered("1000").close()
	}
	lab.Wait(t, patience, "registrations outlive their connections", func() bool {
		return len(d.registrations("1000")) == 0
	})
}
