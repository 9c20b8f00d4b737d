package web

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// openCentre is a stage with a call centre by the real clock.
func openCentre(t *testing.T) (*stage, *callCentre) {
	st := openStage(t)
	c := centreAt(time.Now)
	st.services.Queues, st.services.Agents, st.services.LiveLogs = c, c, serversAt(time.Now)
	return st, c
}

// TestPagesOfTheCallCentreAreSound: as TestEveryPageIsSound, with a call centre that has some of everything.
func TestPagesOfTheCallCentreAreSound(t *testing.T) {
	st, _ := openCentre(t)
	p := st.tab()
	p.do(chromedp.EmulateViewport(1400, 1000))
	p.enter("watcher")
	for _, path := range []string{"/monitors/queues", "/monitors/live", "/monitors/queues/sales", "/monitors/agents"} {
		p.live(path)
		p.sound("centre" + path)
	}
	for _, path := range []string{"/monitors/queues/sales/callers/c-2", "/monitors/queues/sales/callers/c-2/withdraw",
		"/monitors/agents/1004", "/monitors/agents/1005/pause"} {
		p.open(path)
		p.sound("centre" + path)
	}
	p.live("/monitors/queues#full")
	p.await(`document.body.classList.contains("full")`)
	p.sound("centre-full")
}

// TestTheBoardLives: callers come and go, waits run on in the page, and nothing else changes its place.
func TestTheBoardLives(t *testing.T) {
	st, c := openCentre(t)
	p := st.tab()
	p.do(chromedp.EmulateViewport(1400, 1000))
	p.enter("watcher")
	p.await(`location.pathname === "/monitors/queues" && document.querySelector("#stream .good")`)
	eval[bool](p, `window.places = () => [...document.querySelectorAll("[aria-labelledby=h-queues] :is(th, td), .fig, .agents li")].map((e) => {
		const r = e.getBoundingClientRect(); return [r.left, r.top, r.width, r.height].join() }).join(";");
		window.before = places(); window.waited = () => document.querySelectorAll(".fig .v")[1].innerText; window.first = waited(); true`)
	c.change(func(c *callCentre) {
		c.queues[1].Waiting, c.queues[1].Answered, c.queues[2].State = 11, 4711, QueueClosed
		c.agents[3].State, c.agents[3].Since = "paused", time.Now()
		c.agents[3].Reason = hostile
		c.callers = append(c.callers, Caller{Queue: "sales", Caller: "c-5", Number: "1009", Name: hostile, Position: 4, State: "waiting"})
	})
	p.await(`document.body.innerText.includes("4711") && document.querySelectorAll("[aria-labelledby=h-callers] tbody tr").length === 4`)
	p.await(`[...document.querySelectorAll(".agents li")][3].innerText.includes("Paused")`)
	p.await(`waited() !== first`)
	if !eval[bool](p, "places() === before") {
		t.Error("something has changed its place")
	}
	c.change(func(c *callCentre) { c.callers = c.callers[1:] })
	p.await(`document.querySelectorAll("[aria-labelledby=h-callers] tbody tr")[0].classList.contains("gone")`)
	p.await(`document.querySelectorAll("[aria-labelledby=h-callers] tbody tr").length === 3`)
	if eval[bool](p, "Boolean(window.hit)") {
		t.Error("a name of a stranger acted")
	}
}

// TestTheBoardByKeys: there, the whole screen and back, a figure, and to the agents.
func TestTheBoardByKeys(t *testing.T) {
	st, _ := openCentre(t)
	p := st.tab()
	p.do(chromedp.EmulateViewport(1400, 1000))
	p.enter("admin")
	p.live("/monitors/legs")
	p.do(chromedp.KeyEvent("g"), chromedp.KeyEvent("q"))
	p.await(`location.pathname === "/monitors/queues" && document.querySelector("#stream .good")`)
	p.await(`document.querySelector(".head .end button:last-child")?.innerText === "Full screen"`)
	p.do(chromedp.KeyEvent("f"))
	p.await(`document.body.classList.contains("full") && location.hash === "#full" && getComputedStyle(document.querySelector(".side")).display === "none"`)
	p.do(chromedp.KeyEvent("f"))
	p.await(`!document.body.classList.contains("full") && location.hash === ""`)
	p.do(chromedp.KeyEvent("5"))
	p.await(`location.pathname === "/monitors/agents" && location.search === "?state=ready" && document.querySelector("#stream .good")`)
	p.do(chromedp.KeyEvent("g"), chromedp.KeyEvent("a"))
	p.await(`location.search === "" && document.querySelectorAll("tbody tr").length === 7`)
}

// TestActsOfASupervisor: an agent is set ready at once, a caller moves up; each says what was done.
func TestActsOfASupervisor(t *testing.T) {
	st, c := openCentre(t)
	p := st.tab()
	p.do(chromedp.EmulateViewport(1400, 1000))
	p.enter("watcher")
	p.live("/monitors/agents")
	eval[bool](p, `document.querySelector("[aria-label='Set ready 1004']").click(), true`)
	p.await(`document.querySelector("#notice").innerText.includes("1004 is ready now.")`)
	p.await(`document.querySelectorAll("tbody tr")[2].innerText.includes("Ready")`)
	eval[bool](p, `window.same = true; document.querySelector("[aria-label='Pause 1005']").click(), true`)
	p.await(`document.querySelector("dialog input[name=reason]") === document.activeElement`)
	p.do(chromedp.KeyEvent("lunch\r"))
	p.await(`document.querySelector("#notice").innerText.includes("1005 is paused now.") && !document.querySelector("dialog") && window.same`)
	p.live("/monitors/queues/sales")
	eval[bool](p, `document.querySelector("[aria-label^='Move up 1001']").click(), true`)
	p.await(`document.querySelector("#notice").innerText.includes("moved to position 1")`)
	c.change(func(c *callCentre) {
		if len(c.told) != 3 || c.told[1] != `pause 1005 "lunch" by watcher` || c.told[2] != `move sales c-2 "" 1 0 by watcher` {
			t.Errorf("told %q", c.told)
		}
	})
}

// TestActsOnTheWallboardOfServers: the menu of an agent opens by its button, its question is asked over the page, and what
// the servers have said is told; by keys alone. What was not done is told in the question, which stays.
func TestActsOnTheWallboardOfServers(t *testing.T) {
	st, _ := openCentre(t)
	x := serversAt(time.Now)
	st.services.LiveLogs = x
	p := st.tab()
	p.do(chromedp.EmulateViewport(1400, 1000))
	p.enter("watcher")
	p.live("/monitors/live")
	eval[bool](p, `window.same = true; document.querySelector("[aria-label='Acts: Agent/102']").focus(), true`)
	p.press("\r")
	p.await(`document.querySelector(".acts:popover-open b")?.textContent === "Agent/102"`)
	p.shoot("live-menu")
	p.press("\t")
	p.await(`document.activeElement.textContent === "Unpause …"`)
	p.press("\r")
	p.await(`document.querySelector("dialog form.ask") && !document.querySelector(".acts:popover-open") && document.activeElement.name === "queues"`)
	p.axe("a question over the page")
	p.shoot("live-ask")
	p.do(chromedp.KeyEvent("sales\r"))
	p.await(`document.querySelector("#notice").innerText.includes("Agent/102 is not paused any more at A.") && !document.querySelector("dialog")`)
	p.await(`document.activeElement.getAttribute("aria-label") === "Acts: Agent/102"`)
	x.answer(LiveAnswer{Server: "A", Text: "no such channel"})
	eval[bool](p, `document.querySelector("[aria-label='Hang up … anonymous']").click(), true`)
	p.await(`document.querySelector("dialog .risk")?.textContent === "End the call of anonymous"`)
	eval[bool](p, `document.querySelector("dialog .risk").click(), true`)
	p.await(`document.querySelector("dialog [role=alert]")?.textContent.includes("A: no such channel")`)
	if told := x.told(); len(told) != 2 || !strings.HasPrefix(told[1], "hangup A:1.8") || !eval[bool](p, "window.same === true") {
		t.Errorf("told %q, or the page was left", told)
	}
}

// TestNothingJumpsBelowTheHand: while the pointer is over a row, or the acts of one are open, rows that end stay, new ones
// come at the end, and nothing above grows; when it has left, all is as the member has it. A notice moves nothing.
func TestNothingJumpsBelowTheHand(t *testing.T) {
	st, _ := openCentre(t)
	x := serversAt(time.Now)
	st.services.LiveLogs = x
	p := st.tab()
	p.do(chromedp.EmulateViewport(1400, 1000))
	p.enter("watcher")
	p.live("/monitors/live")
	eval[bool](p, `window.calls = () => [...document.querySelectorAll("[aria-labelledby=h-calls] tbody tr")];
		window.place = () => { const r = calls()[1].getBoundingClientRect(); return [r.left, r.top].join() };
		window.point = (e) => e.dispatchEvent(new PointerEvent("pointermove", {bubbles: true}));
		window.before = place(); window.row = calls()[1]; point(row); true`)
	x.happens(func(v *LiveView) {
		first := v.Calls[0]
		first.ID, first.Number, first.Enter = "1.6", "5550099", first.Enter-900
		v.Calls = append([]LiveCall{first}, v.Calls[1:]...)
		v.Queues = append([]LiveQueue{{Name: "care", Servers: 1}}, v.Queues...)
	})
	p.await(`calls().length === 4 && calls()[3].innerText.includes("5550099") && calls()[0].classList.contains("gone")`)
	p.await(`document.querySelector("[aria-labelledby=h-queues] header .tag")?.innerText.startsWith("1 more")`)
	if !eval[bool](p, `place() === before && calls()[1] === row`) {
		t.Error("the row below the pointer has jumped")
	}
	eval[bool](p, `row.querySelector(".more").click(); point(document.body); true`)
	p.await(`document.querySelector(".acts:popover-open")`)
	eval[bool](p, `import(document.querySelector("script[type=module]").src.replace("app.js", "forms.js")).then((f) => { f.notice({state: {tone: "good", shape: "tick"}, text: "done"}); return true })`)
	p.await(`document.querySelector("#notice .alert") && place() === before`)
	eval[bool](p, `document.querySelector(".acts:popover-open").hidePopover(); document.activeElement.blur(); true`)
	p.await(`calls().length === 3 && calls()[0].innerText.includes("5550099")`)
	p.await(`document.querySelectorAll("[aria-labelledby=h-queues] tbody tr").length === 4 && !document.querySelector("[aria-labelledby=h-queues] header .tag")`)
}

// TestAForgottenMenuFreezesNoBoard: acts that nobody has touched for a minute are closed, and so are those that are open when
// the board takes the screen.
func TestAForgottenMenuFreezesNoBoard(t *testing.T) {
	st, _ := openCentre(t)
	x := serversAt(time.Now)
	st.services.LiveLogs = x
	p := st.tab()
	p.do(chromedp.EmulateViewport(1400, 1000))
	p.enter("watcher")
	p.live("/monitors/live")
	const more = `document.querySelector("[aria-labelledby=h-calls] tbody tr .more")`
	eval[bool](p, more+`.focus(); `+more+`.click(); true`)
	p.await(`document.querySelector(".acts:popover-open")`)
	x.happens(func(v *LiveView) { v.Calls = v.Calls[1:] })
	p.await(`document.querySelector("[aria-labelledby=h-calls] tbody tr").classList.contains("gone")`)
	eval[bool](p, `window.real = Date.now; Date.now = () => real() + 61000; true`)
	p.await(`!document.querySelector(".acts:popover-open") && document.querySelectorAll("[aria-labelledby=h-calls] tbody tr").length === 2`)
	eval[bool](p, more+`.click(); true`)
	p.await(`document.querySelector(".acts:popover-open")`)
	eval[bool](p, `[...document.querySelectorAll(".head .end button")].find((b) => b.innerText === "Full screen").click(); true`)
	p.await(`document.body.classList.contains("full") && !document.querySelector(".acts:popover-open")`)
}

// TestTheBellOfABoard: it is off until somebody turns it on, and rings once when a queue misses its target; the next page
// remembers it.
func TestTheBellOfABoard(t *testing.T) {
	st, _ := openCentre(t)
	x := serversAt(time.Now)
	st.services.LiveLogs = x
	calm := func(v *LiveView) { v.Calls = v.Calls[1:]; v.Queues[0].Cut, v.Queues[0].Waiting = 0, 0 }
	x.happens(calm)
	p := st.tab()
	p.enter("watcher")
	p.live("/monitors/live")
	const stub = `window.rings = 0; window.AudioContext = class { state = "running"; currentTime = 0; resume() { return Promise.resolve() } close() {}
		createGain() { return { gain: { setValueAtTime() {}, linearRampToValueAtTime() {} }, connect() {} } }
		createOscillator() { rings++; return { frequency: {}, connect: (x) => x, start() {}, stop() {} } } }; true`
	eval[bool](p, stub)
	p.await(`document.querySelector(".head .end button[aria-pressed=false]")?.innerText === "Bell off"`)
	p.press("b")
	p.await(`document.querySelector(".head .end button[aria-pressed=true]")?.innerText === "Bell on" && localStorage.getItem("tandem-bell:/monitors/live") === "on"`)
	x.happens(nil)
	p.await(`document.querySelector("[aria-labelledby=h-queues]").innerText.includes("Over limit") && rings === 2`)
	x.happens(calm)
	p.await(`!document.querySelector("[aria-labelledby=h-queues]").innerText.includes("Over limit")`)
	x.happens(nil)
	p.await(`document.querySelector("[aria-labelledby=h-queues]").innerText.includes("Over limit")`)
	if n := eval[int](p, "rings"); n != 2 {
		t.Errorf("%d tones of a queue that goes to and fro", n)
	}
	p.press("b")
	p.await(`document.querySelector(".head .end button[aria-pressed=false]")?.innerText === "Bell off" && localStorage.getItem("tandem-bell:/monitors/live") === "off"`)
}
