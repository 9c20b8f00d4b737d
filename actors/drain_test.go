package actors

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/web"
)

// A drained member refuses new calls until that is taken back; what goes on may end by itself, or is hung up at the limit.
func TestDrainAndUndrain(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	p := newPhone(t, h)
	first := p.answered(p.dial("first", "9196"))
	if err := h.Drain(0, "admin"); err != nil {
		t.Fatal(err)
	}
	p.dial("refused", "9196")
	if r := p.await("SIP/2.0 503"); field(r, "Retry-After: ") == "" {
		t.Errorf("refused with %q", r)
	}
	if status, body := get(t, h, "/readyz"); status != 503 || !strings.Contains(body, "drain") {
		t.Errorf("/readyz says %d %q", status, body)
	}
	if status, _ := get(t, h, "/healthz"); status != 200 {
		t.Errorf("/healthz says %d", status)
	}
	if err := h.Undrain("admin"); err != nil {
		t.Fatal(err)
	}
	second := p.answered(p.dial("second", "9196"))
	p.bye(second)
	if status, _ := get(t, h, "/readyz"); status != 200 {
		t.Errorf("/readyz says %d when it is drained no more", status)
	}
	if err := h.Drain(time.Nanosecond, "admin"); err != nil {
		t.Fatal(err)
	}
	bye := p.await("BYE ")
	if !strings.Contains(field(bye, "Reason: "), "drained") || field(bye, "Call-ID: ") != first.id {
		t.Errorf("at the limit it says %q", bye)
	}
	answer := "SIP/2.0 200 OK\r\n"
	for _, name := range []string{"Via: ", "From: ", "To: ", "Call-ID: ", "CSeq: "} {
		answer += name + field(bye, name) + "\r\n"
	}
	if _, err := p.sip.Write([]byte(answer + "Content-Length: 0\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	acttest.Until(t, "the first call has its record", func() bool {
		for _, r := range records(t, h) {
			if r.SIPCallID == first.id {
				return r.By == "member"
			}
		}
		return false
	})
	if err := h.Undrain("admin"); err != nil {
		t.Fatal(err)
	}
	var refused *web.Error
	if err := h.Undrain("admin"); !errors.As(err, &refused) || refused.Status != 409 {
		t.Errorf("undrained twice: %v", err)
	}
	stop(t, h)
	for _, err := range []error{h.Drain(time.Hour, "admin"), h.Undrain("admin")} {
		if !errors.As(err, &refused) || refused.Status != 409 {
			t.Errorf("when it has ended: %v", err)
		}
	}
}

// Other members go on to live and die while this one ends, and say so.
func TestNothingIsBegunBehindTheEnd(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	begun := make(chan struct{})
	h.aside(func() { close(begun) })
	<-begun
	stop(t, h)
	h.aside(func() { t.Error("the house has ended") })
	h.work.Wait()
}
