package browser

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tandem/test/lab"
)

// TestSoftphoneMicrophone: with a device the page sends what that hears, and says nothing of tones.
func TestSoftphoneMicrophone(t *testing.T) {
	d := open(t)
	p := d.softphone("1000", 0)
	p.dials("9196")
	p.talksTo("9196")
	lab.Wait(t, patience, "the device is not heard", func() bool { return get[sound](p, "heard()").DB > -60 })
	if kind := get[string](p, "phone().microphone.kind"); kind != "microphone" {
		t.Errorf("it sends %s", kind)
	}
	p.button("End")
}

// asking makes the browser ask for the microphone until the page calls allow.
const asking = `(() => {
	const devices = navigator.mediaDevices, find = devices.getUserMedia.bind(devices);
	window.given = [];
	devices.getUserMedia = (what) => new Promise((go) => { window.allow = () => go(find(what).then((s) => (given.push(s), s))) });
	return true })()`

// TestSoftphoneAsksForTheMicrophone: what is allowed when nobody wants it any more is let go, also when the page has
// looked for another source meanwhile.
func TestSoftphoneAsksForTheMicrophone(t *testing.T) {
	d := open(t)
	p := d.softphone("1000", 0)
	get[bool](p, asking)
	p.dials("9196")
	p.reads("The browser asks whether")
	p.button("End")
	get[bool](p, "allow(); true")
	p.shows(`given.length === 1 && given[0].getTracks().every((t) => t.readyState === "ended") && phone().microphone.kind === "none"`)
	p.dials("9196")
	p.shows(`phone().microphone.kind === "asking"`)
	get[bool](p, "window.late = allow; true")
	p.takesTone(700)
	get[bool](p, "late(); true")
	p.talksTo("9196")
	p.hears(700)
	p.shows(`given.length === 2 && given[1].getTracks().every((t) => t.readyState === "ended") && phone().microphone.kind === "tone"`)
	p.button("End")
}

// TestSoftphoneReload: the page comes again and has the call, with new keys.
func TestSoftphoneReload(t *testing.T) {
	d := open(t)
	p := d.softphone("1000", 700)
	p.dials("9196")
	p.talksTo("9196")
	p.hears(700)
	p.reload(700)
	p.talksTo("9196")
	p.hears(700)
	if legs := d.Legs(); len(legs) != 1 {
		t.Errorf("legs: %+v", legs)
	}
	p.presses("h")
	p.reads("On hold")
	p.reload(700)
	p.reads("On hold")
	p.button("Take back")
	p.hears(700)
	p.button("End")
	lab.Wait(t, patience, "a leg is left", func() bool { return len(d.Legs()) == 0 })
}

// TestSoftphoneReloadWhileItRings: the page that comes again can answer, since it is told what is offered.
func TestSoftphoneReloadWhileItRings(t *testing.T) {
	d := open(t)
	p := d.softphone("1000", 700)
	caller := d.Phone(t, "1001")
	caller.Register(600)
	answered := make(chan *lab.Call, 1)
	go func() { answered <- caller.Call("1000") }()
	rings := `document.querySelector("[role=alert].call .who")?.textContent.startsWith("1001")`
	p.shows(rings)
	p.reload(700)
	p.shows(rings)
	p.presses("a")
	call := <-answered
	if call.Status != 200 {
		t.Fatalf("the call to the page ended with %d %s", call.Status, call.Reason)
	}
	call.Say(500)
	p.hears(500)
	call.AwaitTones(t, time.Second, 700)
}

// reload loads the page again. It would ask because of the call, so it is made to forget that.
func (p *page) reload(hz float64) {
	p.t.Helper()
	get[bool](p, "window.old = true; known.calls.value = []; setTimeout(() => location.reload()); true")
	lab.Wait(p.t, patience, "the page never came again", func() bool {
		within, end := context.WithTimeout(p.tab, patience)
		defer end() // while it goes there is nothing to ask
		again, err := chromedp.Run(within, chromedp.Evaluate[bool](`Boolean(!window.old && document.body?.dataset.ready)`))
		return err == nil && again
	})
	p.prepare(hz)
	p.takesTone(hz) // it may have taken the microphone before it lost that
}

// takesTone makes the page send a tone from now on, in a call too.
func (p *page) takesTone(hz float64) {
	p.t.Helper()
	get[bool](p, singing)
	p.sings(hz)
	get[bool](p, `phone().microphone.close(); phone().microphone.open().then(() => phone().each((c) => c.media.renew())).then(() => true)`)
}

// TestSoftphoneIsRefusedItsMedia: the media of a call that a page has after a reload are made again when they fail.
func TestSoftphoneIsRefusedItsMedia(t *testing.T) {
	d := open(t)
	p := d.softphone("1000", 700)
	p.dials("9196")
	p.talksTo("9196")
	p.hears(700)
	get[bool](p, `(() => {
		const ask = phone().connection.request;
		window.refused = 0;
		phone().connection.request = function (name, ...rest) {
			if (name === "callUpdate" && refused < 2) return Promise.reject(new Error("refusal " + ++refused));
			return ask.call(this, name, ...rest);
		};
		spoken().media.reset();
		phone().restore();
		return true })()`)
	p.shows(`refused === 2 && spoken().path === "connected"`)
	p.hears(700)
	p.button("End")
}
