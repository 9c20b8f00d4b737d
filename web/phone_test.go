package web

import (
	"context"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tandem/test/lab"
	"tandem/web/static"
	userpage "tandem/web/user"
)

// deskPhone is the phone page in a browser, and the exchange that it talks to.
type deskPhone struct {
	*tab
	x *exchange
}

// openPhone opens the page; nobody has logged in.
func openPhone(t *testing.T) *deskPhone {
	t.Helper()
	st := openStage(t)
	d := &deskPhone{st.tab(), newExchange(t)}
	st.ximss = d.x
	d.do(chromedp.EmulateViewport(1400, 1000))
	d.open("/user/")
	return d
}

// loggedIn opens the page and logs in, as a user does.
func loggedIn(t *testing.T) *deskPhone {
	t.Helper()
	d := openPhone(t)
	d.enterPhone("1234")
	d.await(`document.querySelector("#state .good")`)
	d.x.await("signalBind", "media=WebRTC")
	d.await(`document.querySelector(".dialpad")`)
	return d
}

func (d *deskPhone) enterPhone(password string) {
	d.t.Helper()
	d.do(chromedp.SendKeys("input[name=account]", "1000"), chromedp.SendKeys("input[name=password]", password+"\r"))
}

// button presses the button of a name, as a hand does.
func (d *deskPhone) button(name string) {
	d.t.Helper()
	const find = `[...document.querySelectorAll("main button")].find((b) => b.firstChild && [...b.childNodes].some((n) => n.nodeType === 3 && n.data.trim() === %q))`
	d.await(find+` && !`+find+`.disabled`, name, name)
	eval[bool](d.tab, find+`.click(); true`, name)
}

func (d *deskPhone) shows(text string) {
	d.t.Helper()
	d.await(`document.body.innerText.includes(%q)`, text)
}

// dials calls somebody and is answered; it returns the leg.
func (d *deskPhone) dials(peer string) string {
	d.t.Helper()
	d.await(`document.querySelector("input[name=peer]")`)
	d.do(chromedp.SendKeys("input[name=peer]", peer+"\r"))
	start := d.x.await("callStart", "peer="+peer)
	if start.attr("media") != "WebRTC" || !strings.Contains(start.Inner, "fingerprint") {
		d.t.Errorf("the offer is %s", start.Inner)
	}
	d.shows("Trying")
	leg := d.x.connect(start)
	d.shows("Talking")
	return leg
}

func TestThePhonePageIsForEverybody(t *testing.T) {
	s := inTown(t, newTown())
	w := ask(s, "GET", "/user/", "", func(r *http.Request) { r.Header.Del("Authorization") })
	if w.Code != 200 || !strings.Contains(w.Body.String(), "<h1 id=\"h-login\">Phone</h1>") ||
		!strings.Contains(w.Header().Get("Permissions-Policy"), "microphone=(self)") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := ask(s, "GET", "/login", ""); !strings.Contains(w.Header().Get("Permissions-Policy"), "microphone=()") {
		t.Errorf("other pages may use the microphone: %v", w.Header())
	}
	if w := ask(s, "GET", "/user", ""); w.Code != 303 || w.Header().Get("Location") != "/user/" {
		t.Errorf("%d", w.Code)
	}
}

// needs is what a module imports before it runs. What it imports by a call, import("..."), comes later: the panel of
// agents, the dialogs.
var needs = regexp.MustCompile(`(?m)^(?:import|export)\b[^;]*?from "(\.[^"]+)"`)

// TestThePhoneIsLight: what everybody loads before the phone can be used, compressed. Files that the page names count,
// and the modules that they need, theirs, and so on.
func TestThePhoneIsLight(t *testing.T) {
	page, err := userpage.Render(userpage.Page{})
	if err != nil {
		t.Fatal(err)
	}
	weight, seen := len(page), map[string]bool{}
	for loads := slices.Clone(userpage.Files); len(loads) > 0; loads = loads[1:] {
		file := loads[0]
		if seen[file] {
			continue
		}
		seen[file] = true
		if weight += static.Size(file); static.Size(file) == 0 {
			t.Errorf("there is no %s", file)
		}
		text, err := os.ReadFile("static/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range needs.FindAllStringSubmatch(string(text), -1) {
			loads = append(loads, path.Join(path.Dir(file), m[1]))
		}
	}
	t.Logf("%d bytes, %d files", weight, len(seen))
	if weight > 80<<10 {
		t.Errorf("the phone weighs %d bytes", weight)
	}
	if !seen["ximss/sdp.js"] || !seen["vendor/signals-core.js"] || seen["js/phone/agent.js"] {
		t.Errorf("the phone loads %v", slices.Sorted(maps.Keys(seen)))
	}
}

func TestPastCallsOfTheAccountAlone(t *testing.T) {
	s := inTown(t, newTown())
	for _, c := range []struct {
		user, password string
		status         int
	}{{"watcher", "1234", 200}, {"watcher", "wrong", 401}, {"", "", 401}} {
		w := ask(s, "GET", "/user/calls", "", func(r *http.Request) {
			r.Header.Del("Authorization")
			if c.user != "" {
				r.SetBasicAuth(c.user, c.password)
			}
		})
		if w.Code != c.status {
			t.Errorf("%s: %d %s", c.user, w.Code, w.Body)
		}
	}
	out := pastCallOf(Record{Leg: Leg{Direction: "in", From: "a", To: "b"}, Cause: "bye"})
	in := pastCallOf(Record{Leg: Leg{Direction: "out", From: "a", To: "b"}, Cause: "cancelled"})
	if out.Direction != "out" || out.Peer != "b" || in.Direction != "in" || in.Peer != "a" || in.Cause != "cancelled" {
		t.Errorf("%+v %+v", out, in)
	}
}

func TestPagesOfKnownOriginsImportTheModule(t *testing.T) {
	s := inTown(t, newTown())
	for origin, want := range map[string]string{"http://127.0.0.1:8010": "http://127.0.0.1:8010", "http://evil.test": "", "": ""} {
		w := ask(s, "GET", "/static/ximss/ximss.js", "", func(r *http.Request) {
			if origin != "" {
				r.Header.Set("Origin", origin)
			}
		})
		if got := w.Header().Get("Access-Control-Allow-Origin"); w.Code != 200 || got != want {
			t.Errorf("%q: %d %q", origin, w.Code, got)
		}
	}
}

// TestACallAtSeveralDevicesIsOne: and answered if one of them was, whichever record comes first.
func TestACallAtSeveralDevicesIsOne(t *testing.T) {
	leg := func(call string, answered bool) Record {
		r := Record{Leg: Leg{Call: call, Direction: "out", From: "a", To: "b"}, Cause: "cancelled"}
		if answered {
			r.Answered, r.Cause = moment, "bye"
		}
		return r
	}
	got := pastCalls([]Record{leg("1", false), leg("1", true), leg("2", true), leg("2", false), leg("3", false), leg("", false), leg("", false)})
	if len(got) != 5 || got[0].Answered.IsZero() || got[1].Answered.IsZero() || got[2].Cause != "cancelled" {
		t.Errorf("%+v", got)
	}
}

// TestDescriptionsAsTheServerHasThem: the page's forms are those of ximss/sdp, both ways.
func TestDescriptionsAsTheServerHasThem(t *testing.T) {
	d := openPhone(t)
	files, _ := filepath.Glob("../ximss/sdp/testdata/*.txt")
	if len(files) == 0 {
		t.Fatal("no testdata")
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(string(b), "----\n")
		got := eval[string](d.tab, `import("/static/ximss/ximss.js").then((x) => x.toXML(%q).text)`, parts[0])
		if want := strings.ReplaceAll(parts[1], "\n", ""); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", file, got, want)
		}
		text := eval[string](d.tab, `import("/static/ximss/ximss.js").then((x) => x.toText(x.parse(%q)))`, strings.ReplaceAll(parts[1], "\n", ""))
		if text = strings.ReplaceAll(text, "\r\n", "\n"); text != parts[2] {
			t.Errorf("%s:\n%s\nwant\n%s", file, text, parts[2])
		}
	}
	for _, bad := range []string{`<sdp ip="[1.2.3.4] x"/>`, `<sdp><attr name="a&#10;m=audio"/></sdp>`, `<sdp><media ip="x"/></sdp>`} {
		if !eval[bool](d.tab, `import("/static/ximss/ximss.js").then((x) => { try { x.toText(x.parse(%q)); return false } catch { return true } })`, bad) {
			t.Errorf("%s was taken", bad)
		}
	}
}

// TestMarkupOfStrangersIsText: what is written can be read again, and is one element.
func TestMarkupOfStrangersIsText(t *testing.T) {
	d := openPhone(t)
	for _, s := range []string{hostile, "a\tb\r\nc", "\x00\x1f\ufffe", "]]>", "ü🙂", "&amp;"} {
		got := eval[string](d.tab, `import("/static/ximss/ximss.js").then((x) => { const e = x.parse(x.element("a", {b: %q}, %q).text);
			return e.getAttribute("b") === e.textContent && e.children.length === 0 ? e.textContent : "differs" })`, s, s)
		want := strings.NewReplacer("\x00", "\ufffd", "\x1f", "\ufffd", "\ufffe", "\ufffd").Replace(s)
		if got != want {
			t.Errorf("%q came back as %q", s, got)
		}
	}
}

func TestLoginOfThePhone(t *testing.T) {
	d := openPhone(t)
	d.await(`!document.querySelector("#login").hidden`)
	d.enterPhone("wrong")
	d.shows("Account or password is wrong.")
	d.await(`document.activeElement.name === "password" && document.querySelector("[name=account]").value === "1000"`)
	d.sound("phone-login")
	eval[bool](d.tab, `document.querySelector("input[name=password]").select(); true`)
	d.do(chromedp.KeyEvent("1234\r"))
	d.await(`document.querySelector("#state .good")`)
	d.await(`document.querySelector("[data-part=recent] .one")?.textContent.includes("9196")`) // as the server has it
	d.sound("phone-idle")
}

func TestAnOutgoingCall(t *testing.T) {
	d := loggedIn(t)
	d.do(chromedp.SendKeys("input[name=peer]", "9196\r"))
	start := d.x.await("callStart", "peer=9196")
	leg := start.attr("callLeg")
	d.x.say(`<callProvisioned callLeg="` + leg + `" tag="t1"/>`)
	d.x.await("callUpdateAccept", leg)
	d.shows("Ringing")
	d.x.connect(start)
	d.x.await("callUpdateAccept", leg)
	d.shows("Talking")
	d.await(`/Talking: 9196/.test(document.querySelector("#say").textContent)`)
	d.await(`document.title.startsWith("In a call")`)
	d.shows("a tone is sent instead") // nobody has allowed the microphone
	d.press("m")
	d.await(`document.querySelector(".acts button").getAttribute("aria-pressed") === "true"`)
	d.press("5")
	d.await(`document.querySelector(".sent").textContent === "5"`)
	d.sound("phone-talking")
	d.press("h")
	if n := d.x.updated(leg, "inactive"); n.attr("media") != "WebRTC" {
		t.Errorf("%+v", n)
	}
	d.shows("On hold")
	d.button("Take back")
	d.x.updated(leg, "sendrecv")
	d.shows("Talking")
	d.press("e")
	d.shows("E again")
	d.press("e")
	d.x.await("callKill", leg)
	d.await(`document.querySelector(".dialpad")`)
	d.await(`document.querySelector("[data-part=recent] .one")?.textContent.includes("9196")`)
}

// TestASecondCallHidesNothing: answering holds the first; both are there, can be swapped, and joined.
func TestASecondCallHidesNothing(t *testing.T) {
	d := loggedIn(t)
	first := d.dials("1001")
	d.x.incoming("in_1", "1002@tandem.local", "Bob")
	d.await(`document.querySelector("[role=alert].call .who")?.textContent === "1002 Bob"`)
	d.await(`document.title.startsWith("1002 Bob calls")`)
	d.shows("answering holds your call")
	d.x.await("callProvision", "in_1")
	d.x.say(`<callUpdated callLeg="in_1"/>`)
	d.sound("phone-incoming")
	d.press("a")
	d.x.updated(first, "inactive")
	if n := d.x.await("callAccept", "in_1"); !strings.Contains(n.Inner, "fingerprint") {
		t.Errorf("the answer is %s", n.Inner)
	}
	d.x.say(`<callConnected callLeg="in_1"/>`)
	d.await(`document.querySelector("#h-call")?.textContent === "1002 Bob"`)
	d.await(`document.querySelector(".slim .name")?.textContent === "1001"`)
	d.sound("phone-two-calls")
	d.button("Swap")
	d.x.updated("in_1", "inactive")
	d.x.updated(first, "sendrecv")
	d.await(`document.querySelector("#h-call")?.textContent === "1001"`)
	d.button("Join")
	if n := d.x.await("callTransfer", "otherLeg="+first); n.attr("callLeg") != "in_1" {
		t.Errorf("%+v", n)
	}
	d.x.say(`<callOpCompleted callLeg="in_1"/>`)
	d.x.say(`<callDisconnected callLeg="in_1"/>`)
	d.x.say(`<callDisconnected callLeg="` + first + `"/>`)
	d.x.await("callKill", first)
	d.await(`document.querySelector(".dialpad")`)
}

func TestTransfer(t *testing.T) {
	d := loggedIn(t)
	leg := d.dials("1001")
	d.press("t")
	d.await(`document.activeElement.closest(".transfer")`)
	d.sound("phone-transfer")
	d.do(chromedp.SendKeys(".transfer input", "1003\r"))
	d.x.await("callTransfer", "peer=1003")
	d.x.say(`<callOpFailed callLeg="` + leg + `" errorText="Busy Here" signalCode="486"/>`)
	d.shows("The transfer failed: Busy Here.")
	d.button("Transfer")
	d.do(chromedp.SendKeys(".transfer input", "1004"))
	d.button("Talk first")
	d.x.updated(leg, "inactive")
	d.shows("Trying")
	d.x.connect(d.x.await("callStart", "peer=1004"))
	d.await(`document.querySelector("#h-call")?.textContent === "1004"`)
	d.button("Join")
	d.x.await("callTransfer", "otherLeg=")
}

func TestDeclineRedirectAndElsewhere(t *testing.T) {
	d := loggedIn(t)
	d.x.incoming("in_1", "1002", "")
	d.await(`document.querySelector("[role=alert].call")`)
	d.press("d")
	if n := d.x.await("callReject", "in_1"); n.attr("signalCode") != "486" {
		t.Errorf("%+v", n)
	}
	d.x.incoming("in_2", "1002", "")
	d.button("Send elsewhere")
	d.do(chromedp.SendKeys("[role=alert] input", "1005\r"))
	if n := d.x.await("callRedirect", "in_2"); n.Inner != "<To>1005</To>" {
		t.Errorf("%+v", n)
	}
	d.x.incoming("in_3", "1002", "Bob")
	d.await(`document.querySelector("[role=alert].call")`)
	d.x.say(`<callDisconnected callLeg="in_3" errorText="Call completed elsewhere"/>`)
	d.shows("The call of 1002 Bob was answered on another phone.")
	d.x.incoming("in_4", "1002", "Bob")
	d.x.say(`<callDisconnected callLeg="in_4"/>`)
	d.shows("You missed a call of 1002 Bob.")
	d.await(`document.querySelector("[data-part=recent] .bad")?.textContent.includes("missed")`)
}

// TestAStrangersCallIsText: wherever its name stands.
func TestAStrangersCallIsText(t *testing.T) {
	d := loggedIn(t)
	d.x.incoming("in_1", hostile, hostile)
	d.await(`[...document.querySelectorAll(".who bdi")].some((e) => e.textContent.includes(%q))`, `<script>hit=1</script>`)
	d.x.say(`<readIM peer="` + escaped(hostile) + `" peerName="` + escaped(hostile) + `"><body>` + escaped(hostile) + `</body></readIM>`)
	d.await(`[...document.querySelectorAll("[data-part=messages] bdi")].some((e) => e.textContent === %q)`, hostile)
	d.x.say(`<alert>` + escaped(hostile) + `</alert>`)
	d.await(`document.querySelector(".alert.warn bdi")?.textContent === %q`, hostile)
	d.sound("phone-hostile")
	d.x.say(`<callDisconnected callLeg="in_1" errorText="` + escaped(hostile) + `"/>`)
	d.await(`document.querySelector("[data-part=recent] .one")`)
	if eval[bool](d.tab, "Boolean(window.hit)") {
		t.Error("it acted")
	}
}

// TestTheConnectionComesBack: the call stays on screen, what is pressed meanwhile is done afterwards.
func TestTheConnectionComesBack(t *testing.T) {
	d := loggedIn(t)
	leg := d.dials("1001")
	d.x.set(func() {
		d.x.answers["callList"] = `<callState id="%ID" callLeg="` + leg + `" peer="1001" direction="out" state="connected"/>`
	})
	d.x.cut(true)
	d.shows("Reconnecting: audio goes on, control returns")
	d.shows("Talking")
	d.button("Hold")
	d.x.cut(false)
	d.x.await("login", "sessionID=100001-AAAABBBBCCCCDDDDEEEE")
	d.x.updated(leg, "inactive")
	d.shows("On hold")
	d.await(`document.querySelector("#state .good")`)
}

// TestALostSessionIsBegunAnew: with the password that the page still has; calls of the old one are gone.
func TestALostSessionIsBegunAnew(t *testing.T) {
	d := loggedIn(t)
	d.dials("1001")
	d.x.cut(true)
	d.x.set(func() { d.x.gone = true })
	d.x.cut(false)
	d.x.await("signalBind", "")
	d.shows("the session was lost")
	d.x.mu.Lock()
	defer d.x.mu.Unlock()
	if d.x.logins != 2 {
		t.Errorf("%d logins", d.x.logins)
	}
}

func TestAReloadKeepsTheCall(t *testing.T) {
	d := loggedIn(t)
	leg := d.dials("1001")
	d.x.set(func() {
		d.x.answers["callList"] = `<callState id="%ID" callLeg="` + leg + `" peer="1001" peerName="Bob" direction="out" state="connected" since="20260131T120000"/>
<callState id="%ID" callLeg="in_7" peer="1002" direction="in" state="ringing"/>`
	})
	d.reload()
	d.x.await("login", "sessionID=")
	d.x.updated(leg, "fingerprint")
	d.await(`document.querySelector("#h-call")?.textContent === "1001 Bob"`)
	d.await(`document.querySelector("[role=alert].call .who")?.textContent === "1002"`)
	d.shows("Talking")
}

// reload loads the page again. That asks while there is a call, so the page is made to forget it.
func (d *deskPhone) reload() {
	d.t.Helper()
	if !eval[bool](d.tab, `!dispatchEvent(new Event("beforeunload", {cancelable: true}))`) {
		d.t.Error("the page can be left with a call and does not ask")
	}
	eval[bool](d.tab, `import(document.querySelector("script[type=module]").src).then((m) => {
		m.state.calls.value = []; setTimeout(() => location.reload()); return true })`)
	lab.Wait(d.t, browserPatience, "the page never came again", func() bool {
		within, end := context.WithTimeout(d.ctx, browserPatience)
		defer end() // while it goes there is nothing to ask
		again, err := chromedp.Run(within, chromedp.Evaluate[bool](
			`Boolean(performance.getEntriesByType("navigation")[0]?.type === "reload" && document.body?.dataset.ready)`))
		return err == nil && again
	})
}

// TestTakenOverElsewhere: the page says so and can have the session back.
func TestTakenOverElsewhere(t *testing.T) {
	d := loggedIn(t)
	d.x.say(`<bye/>`)
	d.shows("it goes on in another window")
	d.sound("phone-taken")
	d.button("Use it here")
	d.x.await("login", "sessionID=")
	d.await(`document.querySelector("#state .good")`)
}

func TestPeopleAndMessages(t *testing.T) {
	d := openPhone(t)
	d.x.refuse["rosterList"] = ""
	d.x.answers["rosterList"] = `<rosterItem id="%ID" peer="1002@tandem.local" name="Bob" subscription="both"/>
<rosterItem id="%ID" peer="1003@tandem.local" name="Carol" subscription="both"/>`
	d.enterPhone("1234")
	d.shows("1003 Carol")
	d.x.say(`<presence peer="1002@tandem.local"><presence>busy</presence><status>until 3</status></presence>`)
	d.await(`document.querySelector(".one.live")?.textContent.includes("busy, until 3")`)
	d.x.say(`<presence peer="1002@tandem.local" type="unavailable"/>`)
	d.await(`document.querySelector(".one.idle .d")?.textContent.includes("not there")`)
	d.button("Edit")
	d.do(chromedp.SendKeys("[data-part=people] input[name=peer]", "1004"), chromedp.SendKeys("[data-part=people] input[name=name]", "Dave\r"))
	d.x.await("rosterSet", "Dave")
	d.shows("1004 Dave")
	d.x.say(`<readIM peer="1002@tandem.local" peerName="Bob"><body>hello</body></readIM>`)
	d.await(`document.querySelector("[data-part=messages] .t")?.textContent === "1 new"`)
	d.await(`document.querySelector("#say").textContent === "Message from Bob"`)
	eval[bool](d.tab, `document.querySelector("[data-part=messages] .one").click(); true`)
	d.do(chromedp.SendKeys(".log ~ form input", "good day\r"))
	d.x.await("sendIM", "composing")
	if n := d.x.await("sendIM", "good day"); n.attr("peer") != "1002@tandem.local" {
		t.Errorf("%+v", n)
	}
	d.x.say(`<readIM peer="1002@tandem.local"><composing/></readIM>`)
	d.shows("writes")
	d.x.set(func() { d.x.refuse["sendIM"] = "Temporarily unavailable" })
	d.do(chromedp.SendKeys(".log ~ form input", "there?\r"))
	d.shows("not delivered: Temporarily unavailable")
	d.sound("phone-messages")
}

// TestThePhoneInTheHand: one part at a time, and an incoming call above each.
func TestThePhoneInTheHand(t *testing.T) {
	d := loggedIn(t)
	d.do(chromedp.EmulateViewport(360, 740))
	for _, part := range []string{"recent", "people", "messages", "call"} {
		eval[bool](d.tab, `document.querySelector(".tabs a[href='#%s']").click(); true`, part)
		d.await(`[...document.querySelectorAll("[data-part]")].every((e) => (e.dataset.part === %q) === (e.offsetParent !== null))`, part)
	}
	eval[bool](d.tab, `document.querySelector(".tabs a[href='#recent']").click(); true`)
	d.x.incoming("in_1", "1002", "Bob")
	d.await(`document.querySelector("[role=alert].call")?.getBoundingClientRect().top < 200`)
	d.shoot("phone-hand")
	small := eval[string](d.tab, `[...document.querySelectorAll(".call button")].filter((b) => b.offsetParent && b.getBoundingClientRect().height < 36).map((b) => b.textContent).join()`)
	if small != "" {
		t.Errorf("too small to hit: %s", small)
	}
}

// TestKeysOfThePhone: the list, letters that are text in fields, and Enter in an empty field.
func TestKeysOfThePhone(t *testing.T) {
	d := loggedIn(t)
	d.press("?")
	d.await(`document.querySelector("dialog[open] dl.facts")`)
	d.press(kb.Escape)
	d.await(`!document.querySelector("dialog")`)
	d.press("12")
	d.await(`document.activeElement.name === "peer" && document.activeElement.value === "12"`)
	d.press("ad")
	d.await(`document.activeElement.value === "12ad"`)
	d.do(chromedp.KeyEvent(strings.Repeat(kb.Backspace, 4)))
	leg := d.dials("1001")
	d.x.say(`<callDisconnected callLeg="` + leg + `"/>`)
	d.shows("1001 has hung up.")
	d.do(chromedp.SendKeys("input[name=peer]", kb.Enter))
	d.await(`document.querySelector("input[name=peer]").value === "1001"`)
}

// TestTheBrowserAsks: while it does, the page says what the call waits for.
func TestTheBrowserAsks(t *testing.T) {
	d := loggedIn(t)
	eval[bool](d.tab, `navigator.mediaDevices.getUserMedia = () => new Promise((yes, no) => window.deny = () => no(new DOMException("", "NotAllowedError"))); true`)
	d.do(chromedp.SendKeys("input[name=peer]", "1001\r"))
	d.shows("The browser asks whether this page may use the microphone")
	eval[bool](d.tab, `deny(); true`)
	d.shows("The browser was not allowed to use the microphone")
	d.x.connect(d.x.await("callStart", "peer=1001"))
	d.shows("Talking")
}

// TestAnotherAccountOfTheSameBrowser sees nothing of the one before.
func TestAnotherAccountOfTheSameBrowser(t *testing.T) {
	d := loggedIn(t)
	d.x.incoming("in_1", "1002@tandem.local", "Bob")
	d.await(`document.querySelector("[role=alert].call")`)
	d.press("d")
	d.x.await("callReject", "in_1")
	d.x.say(`<readIM peer="1002@tandem.local" peerName="Bob"><body>a secret</body></readIM>`)
	d.shows("a secret")
	eval[bool](d.tab, `import(document.querySelector("script[type=module]").src).then((m) => m.state.logout()).then(() => true)`)
	d.await(`!document.querySelector("#login").hidden`)
	d.x.set(func() { d.x.account = "1001" })
	eval[bool](d.tab, `document.querySelector("[name=account]").select(); true`)
	d.do(chromedp.KeyEvent("1001\t1234\r"))
	d.await(`document.querySelector("#state .good") && document.querySelector(".dialpad")`)
	if text := eval[string](d.tab, "document.body.innerText"); strings.Contains(text, "secret") || strings.Contains(text, "1002") {
		t.Errorf("it shows %s", text)
	}
}
