package browser

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"tandem/test/lab"
)

// sound is the loudest frequency that a page hears.
type sound struct{ Hz, DB float64 }

// count is what a page's connection says of its audio.
type count struct {
	Received, Lost, Sent int
	Codec                string
}

// get evaluates an expression of the page, a promise too.
func get[T any](p *page, expression string) T {
	p.t.Helper()
	within, end := context.WithTimeout(p.tab, patience)
	defer end()
	out, err := chromedp.Run(within, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("the page of %s: %v", p.number, err)
	}
	return out
}

// hears waits until a tone of that frequency is the loudest thing that the page hears.
func (p *page) hears(hz float64) {
	p.t.Helper()
	var last sound
	lab.Wait(p.t, patience, fmt.Sprintf("the page of %s does not hear %v Hz", p.number, hz), func() bool {
		last = get[sound](p, "heard()")
		return last.DB > -60 && last.Hz > hz-20 && last.Hz < hz+20
	})
}

// TestEchoInPage: a page calls the echo and hears its own tone.
func TestEchoInPage(t *testing.T) {
	d := open(t)
	p := d.registered("1000")
	p.do("call(%q, 700)", uri("9196"))
	p.await("confirmed")
	p.hears(700)
	legs := d.Legs()
	if len(legs) != 1 || legs[0].Encryption != "DTLS-SRTP" {
		t.Errorf("legs: %+v", legs)
	}
	if n := get[count](p, "counted()"); n.Received == 0 || n.Sent == 0 {
		t.Errorf("counted %+v", n)
	}
	p.do("session.of.terminate()")
	p.await("ended")
}
