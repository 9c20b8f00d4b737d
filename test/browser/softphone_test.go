package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tandem/test/lab"
)

// listener lets a test look at the phone page: its module, a tone of its own in place of the microphone, and the
// loudest frequency of what the call that is spoken to plays.
const listener = `(async () => {
	const page = await import(document.querySelector("script[type=module]").src);
	window.phone = page.phone; window.known = page.state;
	const audio = new AudioContext(), ears = new WeakMap();
	window.spoken = () => [...phone().calls.values()].find((c) => c.state === "connected" && !c.held);
	window.heard = () => {
		const stream = spoken()?.media.player.srcObject;
		if (!stream) return { hz: 0, db: -200 };
		if (!ears.has(stream)) {
			const ear = new AnalyserNode(audio, { fftSize: 8192, smoothingTimeConstant: 0 });
			audio.createMediaStreamSource(stream).connect(ear);
			ears.set(stream, ear);
		}
		const ear = ears.get(stream), spectrum = new Float32Array(ear.frequencyBinCount);
		ear.getFloatFrequencyData(spectrum);
		let best = 0;
		for (let i = 1; i < spectrum.length; i++) if (spectrum[i] > spectrum[best]) best = i;
		return { hz: best * audio.sampleRate / ear.fftSize, db: Math.max(spectrum[best], -200) };
	};
	return true;
})()`

// singing makes the page send a tone: there is no microphone for it.
const singing = `Object.defineProperty(navigator, "mediaDevices", { configurable: true, value: {
	getUserMedia: () => Promise.reject(new DOMException("", "NotAllowedError")), enumerateDevices: async () => [], addEventListener() {} } }); true`

// softphone opens the phone page of an account, logs in, and lets it sing a tone.
func (d *desk) softphone(number string, hz float64) *page {
	d.t.Helper()
	return d.softphoneAt(d.Member, number, hz)
}

func (d *desk) softphoneAt(m *lab.Member, number string, hz float64) *page {
	d.t.Helper()
	tab, end := chromedp.NewContext(d.browser)
	d.t.Cleanup(end)
	if err := chromedp.Do(tab); err != nil {
		d.t.Fatal(err)
	}
	p := &page{t: d.t, number: number, tab: tab}
	d.t.Cleanup(func() {
		if d.t.Failed() && tab.Err() == nil {
			d.t.Logf("the phone of %s shows %s", number, get[string](p, "document.body.innerText"))
		}
	})
	p.visit(m.URL() + "/user/")
	p.shows(`document.body?.dataset.ready`)
	p.prepare(hz)
	for field, text := range map[string]string{"account": number, "password": lab.Password} {
		p.types("input[name="+field+"]", text)
	}
	p.types("input[name=password]", kb.Enter)
	p.shows(`document.querySelector("#state .good") && document.querySelector(".dialpad")`)
	p.sings(hz)
	d.bound(number)
	return p
}

// prepare gives the page ears, and takes its microphone unless hz is 0.
func (p *page) prepare(hz float64) {
	p.t.Helper()
	get[bool](p, listener)
	if hz > 0 {
		get[bool](p, singing)
	}
}

func (p *page) sings(hz float64) {
	p.t.Helper()
	get[bool](p, fmt.Sprintf("phone().microphone.frequency = %v; true", hz))
}

func (p *page) types(where, text string) {
	p.t.Helper()
	if err := p.in(chromedp.SendKeys(where, text)); err != nil {
		p.t.Fatalf("%s of %s: %v", where, p.number, err)
	}
}

// presses a key of the keyboard, outside of fields.
func (p *page) presses(key string) {
	p.t.Helper()
	get[bool](p, "document.activeElement.blur(); true")
	if err := p.in(chromedp.KeyEvent(key)); err != nil {
		p.t.Fatal(err)
	}
}

func (p *page) dials(number string) {
	p.t.Helper()
	p.shows(`document.querySelector(".dialpad input")`)
	p.types(".dialpad input", number+kb.Enter)
}

// button presses a button by its name.
func (p *page) button(name string) {
	p.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll("main button")].find((b) => [...b.childNodes].some((n) => n.nodeType === 3 && n.data.trim() === %q))`, name)
	p.shows(find + " && !" + find + ".disabled")
	get[bool](p, find+".click(); true")
}

func (p *page) reads(text string) {
	p.t.Helper()
	p.shows(fmt.Sprintf("document.body.innerText.includes(%q)", text))
}

// talksTo waits until the call that is spoken to is with somebody.
func (p *page) talksTo(number string) {
	p.t.Helper()
	p.shows(fmt.Sprintf(`document.querySelector("#h-call")?.textContent.startsWith(%q) && document.querySelector(".call.live")`, number))
}

// silence waits until the page hears nothing of weight.
func (p *page) silence() {
	p.t.Helper()
	lab.Wait(p.t, patience, "the page of "+p.number+" still hears something", func() bool { return get[sound](p, "heard()").DB < -70 })
}

// bound waits until the account can be called at a session.
func (d *desk) bound(number string) {
	d.t.Helper()
	lab.Wait(d.t, patience, number+" is bound nowhere", func() bool {
		for _, r := range d.registrations(number) {
			if strings.EqualFold(r.Transport, "ximss") {
				return true
			}
		}
		return false
	})
}

// ufrag is by what ICE knows the path of the call.
const ufrag = `/a=ice-ufrag:(.*)/.exec(spoken().media.pc.localDescription.sdp)[1]`

// TestSoftphoneEcho: the page hears itself, on hold nothing, and then itself again, over another path too.
func TestSoftphoneEcho(t *testing.T) {
	d := open(t)
	p := d.softphone("1000", 700)
	p.dials("9196")
	p.talksTo("9196")
	p.hears(700)
	p.reads("a tone is sent instead")
	p.reads("Good sound")
	if legs := d.Legs(); len(legs) != 1 || legs[0].Encryption != "DTLS-SRTP" {
		t.Errorf("legs: %+v", legs)
	}
	p.presses("m")
	p.silence()
	p.presses("m")
	p.hears(700)
	p.presses("h")
	p.reads("On hold")
	p.button("Take back")
	p.talksTo("9196")
	p.hears(700)
	before := get[string](p, ufrag)
	get[bool](p, "phone().moved(); true") // as when the machine changes its network
	p.shows(fmt.Sprintf("%s !== %q && spoken().media.pc.signalingState === 'stable' && spoken().path === 'connected'", ufrag, before))
	p.hears(700)
	p.presses("e")
	p.presses("e")
	p.shows(`document.querySelector(".dialpad") && document.querySelector("[data-part=recent] .one")?.textContent.includes("9196")`)
	lab.Wait(t, patience, "a leg is left", func() bool { return len(d.Legs()) == 0 })
}

// TestTwoSoftphones: they hear each other, one holds, the other hangs up.
func TestTwoSoftphones(t *testing.T) {
	d := open(t)
	a, b := d.softphone("1000", 700), d.softphone("1001", 500)
	a.dials("1001")
	b.shows(`document.querySelector("[role=alert].call .who")?.textContent.startsWith("1000")`)
	a.reads("Ringing")
	b.presses("a")
	a.talksTo("1001")
	b.talksTo("1000")
	a.hears(500)
	b.hears(700)
	a.presses("h")
	a.reads("On hold")
	lab.Wait(t, patience, "who is held still hears the other side", func() bool {
		s := get[sound](b, "heard()")
		return s.DB < -60 || s.Hz < 680 || s.Hz > 720
	})
	a.button("Take back")
	a.hears(500)
	b.hears(700)
	b.button("End")
	a.reads("1001 ")
	a.shows(`document.querySelector(".dialpad")`)
	a.dials("1001")
	b.shows(`document.querySelector("[role=alert].call")`)
	b.presses("d")
	a.reads("busy")
}

// TestSoftphoneAndPhones: a SIP phone calls the page, which answers, calls another one and brings both together.
func TestSoftphoneAndPhones(t *testing.T) {
	d := open(t)
	p := d.softphone("1000", 700)
	caller, other := d.Phone(t, "1001"), d.Phone(t, "1002")
	caller.Register(600)
	other.Register(600)
	answered := make(chan *lab.Call, 1)
	go func() { answered <- caller.Call("1000") }()
	p.shows(`document.querySelector("[role=alert].call .who")?.textContent.startsWith("1001")`)
	p.presses("a")
	first := <-answered
	if first.Status != 200 {
		t.Fatalf("the call to the page ended with %d %s", first.Status, first.Reason)
	}
	first.Say(500)
	p.hears(500)
	first.AwaitTones(t, time.Second, 700)

	p.button("Transfer")
	p.types(".transfer input", "1002")
	p.button("Talk first")
	second := other.Await()
	second.Answer()
	p.talksTo("1002")
	second.Say(900)
	p.hears(900)
	second.AwaitTones(t, time.Second, 700)
	p.button("Swap")
	p.talksTo("1001")
	p.hears(500)
	p.button("Join")
	first.AwaitTones(t, time.Second, 900)
	second.AwaitTones(t, time.Second, 500)
	p.shows(`document.querySelector(".dialpad")`)
}

// TestSoftphoneSendsACallOn: a blind transfer.
func TestSoftphoneSendsACallOn(t *testing.T) {
	d := open(t)
	p := d.softphone("1000", 700)
	caller, other := d.Phone(t, "1001"), d.Phone(t, "1002")
	caller.Register(600)
	other.Register(600)
	answered := make(chan *lab.Call, 1)
	go func() { answered <- caller.Call("1000") }()
	p.shows(`document.querySelector("[role=alert].call")`)
	p.button("Answer")
	first := <-answered
	first.Say(500)
	p.hears(500)
	p.presses("t")
	p.types(".transfer input", "1002"+kb.Enter)
	second := other.Await()
	second.Answer()
	second.Say(900)
	first.AwaitTones(t, time.Second, 900)
	second.AwaitTones(t, time.Second, 500)
	p.shows(`document.querySelector(".dialpad")`)
}

// TestSoftphoneKeys: digits reach a menu, which calls the extension that they are.
func TestSoftphoneKeys(t *testing.T) {
	d := open(t)
	p := d.softphone("1000", 700)
	other := d.Phone(t, "1002")
	other.Register(600)
	p.dials("200")
	p.talksTo("200")
	lab.Wait(t, patience, "the menu says nothing", func() bool { return get[sound](p, "heard()").DB > -60 })
	for _, digit := range "11002#" { // one for the menu
		p.presses(string(digit))
	}
	second := other.Await()
	second.Answer()
	second.Say(900)
	p.hears(900)
	p.button("End")
}

// TestSoftphoneMessages: between pages, and with a page of JsSIP; who writes to nobody is told.
func TestSoftphoneMessages(t *testing.T) {
	d := open(t)
	a, b, c := d.softphone("1000", 700), d.softphone("1001", 500), d.registered("1002")
	a.writes("1001", "hello <b>Bob</b>, Grüße 🙂")
	b.shows(`document.querySelector("[data-part=messages] .d")?.textContent === "hello <b>Bob</b>, Grüße 🙂"`)
	get[bool](b, `document.querySelector("[data-part=messages] .one").click(); true`)
	b.types(".log ~ form input", "and to you"+kb.Enter)
	a.shows(`[...document.querySelectorAll(".log bdi")].some((e) => e.textContent === "and to you")`)
	get[bool](a, `[...document.querySelectorAll("[data-part=messages] header button")][0].click(); true`)
	a.writes("1002", "to a phone")
	if e := c.await("message"); !strings.Contains(e.Text, "isComposing") {
		t.Errorf("the phone was not told that 1000 writes, but %q", e.Text)
	}
	c.expect("1000", "to a phone")
	c.deliver("1000", "from a phone")
	a.shows(`[...document.querySelectorAll(".log bdi")].some((e) => e.textContent === "from a phone")`)
	get[bool](a, `[...document.querySelectorAll("[data-part=messages] header button")][0].click(); true`)
	a.writes("1007", "anybody?")
	a.reads("not delivered")
}

// writes begins a conversation.
func (p *page) writes(to, text string) {
	p.t.Helper()
	p.types("[data-part=messages] input[name=to]", to+kb.Enter)
	p.types(".log ~ form input", text+kb.Enter)
}

// stands waits until the page shows how somebody is.
func (p *page) stands(number, words string) {
	p.t.Helper()
	p.shows(fmt.Sprintf(`[...document.querySelectorAll("[data-part=people] .one")].some((e) => e.textContent.includes(%q) && e.querySelector(".d").textContent === %q)`,
		number, words))
}

// TestSoftphonePeople: who is there, who is in a call, who has chosen to be away, who has left.
func TestSoftphonePeople(t *testing.T) {
	d := open(t)
	a, b := d.softphone("1000", 700), d.softphone("1001", 500)
	a.stands("1001", "free")
	b.stands("1000", "free")
	b.dials("9196")
	a.stands("1001", "busy, in a call")
	b.button("End")
	a.stands("1001", "free")
	get[bool](b, `(() => { const e = document.querySelector(".self select"); e.value = "away"; e.dispatchEvent(new Event("change")); return true })()`)
	a.stands("1001", "away")
	get[bool](b, `known.logout().then(() => true)`)
	a.stands("1001", "not there")
	b.shows(`!document.querySelector("#login").hidden`)
}

// TestSoftphonesOfOneAccount: both ring, one answers, the other says so. Who calls gives up: both have missed it.
func TestSoftphonesOfOneAccount(t *testing.T) {
	d := open(t)
	a, b, caller := d.softphone("1000", 700), d.softphone("1000", 500), d.softphone("1001", 900)
	lab.Wait(t, patience, "both can be called", func() bool { return len(d.registrations("1000")) == 2 })
	caller.dials("1000")
	a.shows(`document.querySelector("[role=alert].call")`)
	b.shows(`document.querySelector("[role=alert].call")`)
	b.presses("a")
	a.reads("was answered on another phone")
	b.hears(900)
	caller.hears(500)
	caller.button("End")
	b.reads("has hung up")
	caller.dials("1000")
	a.shows(`document.querySelector("[role=alert].call")`)
	b.shows(`document.querySelector("[role=alert].call")`)
	caller.button("End")
	a.reads("You missed a call")
	b.reads("You missed a call")
}

// TestSoftphoneOverMembers: the session is on a member without audio, the leg on a second one, a phone on a third. When
// the second dies the page says so at once.
func TestSoftphoneOverMembers(t *testing.T) {
	lab.Long(t)
	chromium := lab.Tool(t, "chromium", "chromium", "chromium-browser", "google-chrome")
	all := lab.StartCluster(t, lab.ClusterOptions{SetOf: map[string][]string{"tandem1": {"cluster.call_legs=remotely"},
		"tandem2": {"cluster.call_legs=locally-for-others"}, "tandem3": {"cluster.call_legs=locally"}}})
	d := &desk{t: t, Member: all[0], browser: browse(t, chromium)}
	p, office := d.softphone("1000", 700), all[2].Phone(t, "1001")
	lab.Wait(t, patience, "the phone is registered", func() bool { return office.TryRegister(600) == 200 })
	lab.Wait(t, patience, "there is a member for the leg", func() bool {
		p.dials("9196")
		p.shows(`document.querySelector(".call.live") || document.querySelector(".call.bad")`)
		if get[bool](p, `Boolean(document.querySelector(".call.live"))`) {
			return true
		}
		p.button("Close")
		return false
	})
	p.hears(700)
	p.button("End")
	p.dials("1001")
	c := office.Await()
	c.Answer()
	p.talksTo("1001")
	c.Say(500)
	p.hears(500)
	c.AwaitTones(t, time.Second, 700)
	p.presses("h")
	p.reads("On hold")
	p.button("Take back")
	p.hears(500)
	all[1].Kill()
	began := time.Now()
	p.reads("The call broke off")
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the page was told after %v", took)
	}
	p.shows(`document.querySelector("#state .good")`)
}

// TestModuleInAPageOfOthers: what the README shows, in a page of another site that the member knows.
func TestModuleInAPageOfOthers(t *testing.T) {
	d := open(t)
	p := d.registered("1001") // of that site
	get[bool](p, fmt.Sprintf(`import("%s/static/ximss/ximss.js").then(async ({ Connection, Phone, XIMSSError }) => {
		const wrong = new Connection({ url: %[2]q });
		window.refused = await wrong.login({ account: "1000", password: "x" }).catch((e) => e instanceof XIMSSError ? e.number : e);
		const connection = new Connection({ url: %[2]q });
		window.theirs = new Phone(connection, { sdpForm: "text" });
		await connection.login({ account: "1000", password: %q });
		await theirs.bind();
		window.made = theirs.dial("9196");
		return true })`, d.URL(), "ws"+strings.TrimPrefix(d.URL(), "http")+"/ximss", lab.Password))
	p.shows(`made.state === "connected" && made.quality?.grade === "good"`)
	if n := get[int](p, "refused"); n != 515 {
		t.Errorf("a wrong password was refused with %d", n)
	}
	get[bool](p, `made.hold().then(() => made.unhold()).then(() => true)`)
	get[bool](p, `made.kill().then(() => theirs.connection.close()).then(() => true)`)
	lab.Wait(t, patience, "something is left", func() bool { return len(d.Legs()) == 0 && len(d.registrations("1000")) == 0 })
}
