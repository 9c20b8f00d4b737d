package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// agentIs is a message of how the agent stands; more are further attributes.
func agentIs(state string, since time.Duration, more string) string {
	moment := func(ago time.Duration) string { return time.Now().Add(-ago).UTC().Format("20060102T150405") }
	return fmt.Sprintf(`<agentState agent="1000" state=%q now=%q since=%q reachable="1" loggedOn=%q %s>`+
		`<queue name="sales" on="1"/><queue name="support" on="0" reason="busy"/>`+
		`<day begun=%[4]q calls="2" worked="3000" talk="360" wrapUp="60" paused="600"/></agentState>`,
		state, moment(0), moment(since), moment(time.Hour), more)
}

// working opens the page of an agent who has not logged in as one.
func working(t *testing.T) *deskPhone {
	t.Helper()
	d := openPhone(t)
	d.x.set(func() {
		d.x.agent = "1000"
		d.x.answers["agentSubscribe"] = `<agentState id="%ID" agent="1000" state="logged out" reachable="0"><queue name="sales" on="1"/><queue name="support" on="1"/></agentState>`
		d.x.answers["queueSubscribe"] = `<queueState id="%ID" queue="sales" waiting="0" agents="3" ready="1"/>`
	})
	d.enterPhone("1234")
	d.await(`document.querySelector("#h-agent")?.textContent === "Agent 1000"`)
	d.x.await("agentSubscribe", "")
	d.x.await("queueSubscribe", "queue=support")
	return d
}

// shown waits until the panel shows a state.
func (d *deskPhone) shown(word string) {
	d.t.Helper()
	d.await(`document.querySelector(".agent header .st")?.textContent.trim() === %q`, word)
}

// chooses presses a button of the panel, as a hand does.
func (d *deskPhone) chooses(name string) {
	d.t.Helper()
	const find = `[...document.querySelectorAll(".agent button")].find((b) => b.textContent === %q)`
	d.await(find+` && !`+find+`.disabled`, name, name)
	eval[bool](d.tab, find+`.click(); true`, name)
}

// pressed waits until one of the three buttons is pressed, and no other.
func (d *deskPhone) pressed(name string) {
	d.t.Helper()
	d.await(`[...document.querySelectorAll(".agent .seg [aria-pressed=true]")].map((b) => b.textContent).join() === %q`, name)
}

// TestOthersSeeNoAgent: nor do they load what only agents need.
func TestOthersSeeNoAgent(t *testing.T) {
	d := loggedIn(t)
	if eval[bool](d.tab, `Boolean(document.querySelector(".agent") || performance.getEntriesByType("resource").some((e) => e.name.includes("agent")))`) {
		t.Error("somebody who is no agent has loaded their panel")
	}
}

// TestAnAgentWorks: logs in, pauses with a reason, is ready again, leaves a queue, and logs out.
func TestAnAgentWorks(t *testing.T) {
	d := working(t)
	d.shown("Logged out")
	d.sound("agent-out")
	d.chooses("Log in")
	d.x.await("agentLogin", "")
	d.x.say(agentIs("ready", 5*time.Second, ""))
	d.shown("Ready")
	d.pressed("Ready")
	d.await(`/Agent: Ready/.test(document.querySelector("#say").textContent)`)
	d.await(`document.querySelector("#h-day").closest("section").innerText.includes("Occupancy")`)
	d.x.say(`<queueState queue="sales" now="20260101T000005" waiting="2" longestSince="20260101T000000" agents="3" ready="0"/>`)
	d.await(`/sales\s*2\s*0:0\d/.test(document.querySelector("#h-queues").closest("section").innerText)`)
	d.sound("agent-ready")
	d.press("p")
	d.x.await("agentPause", "reason=Break")
	d.x.say(agentIs("paused", time.Minute, `reason="Break"`))
	d.shown("Paused: Break")
	d.pressed("Pause")
	eval[bool](d.tab, `(() => { const e = document.querySelector(".agent select"); e.value = "Lunch"; e.dispatchEvent(new Event("change")); return true })()`)
	d.x.await("agentPause", "reason=Lunch")
	d.x.say(agentIs("paused", time.Minute, `reason="Lunch"`))
	d.sound("agent-paused")
	d.press("p")
	d.x.await("agentReady", "")
	d.x.say(agentIs("ready", 0, ""))
	d.pressed("Ready")
	const support = `[...document.querySelectorAll("[role=switch]")].find((e) => e.getAttribute("aria-label") === "Work in support")`
	eval[bool](d.tab, support+`.click(); true`)
	d.x.await("agentQueue", "queue=support on=1")
	if eval[bool](d.tab, support+`.checked`) {
		t.Error("the switch shows what the server has not said")
	}
	d.x.set(func() { d.x.refuse["agentLogout"] = "the agent can not do this now" })
	d.chooses("Log out")
	d.x.await("agentLogout", "")
	d.await(`document.querySelector(".agent [role=alert]")?.textContent === "The agent can not do this now."`)
	d.x.say(strings.Replace(agentIs("ready", 0, ""), `reachable="1"`, `reachable="0"`, 1))
	d.shown("Unreachable")
}

// TestAnAgentsCall: what the card and the panel say of it, a choice made while talking, and the wrap-up.
func TestAnAgentsCall(t *testing.T) {
	d := working(t)
	waits := time.Now().Add(-42 * time.Second).UTC().Format("20060102T150405")
	caller := `queue="sales" caller="c1" number="0305550142" name="` + escaped(hostile) + `" callerSince="` + waits + `"`
	d.x.say(agentIs("ringing", 0, caller))
	d.shown("Ringing")
	d.x.incoming("in_1", "0305550142@tandem.local", "")
	d.await(`/queue sales, waited 0:4\d/.test(document.querySelector("[role=alert].call")?.innerText)`)
	d.sound("agent-ringing")
	d.press("a")
	d.x.await("callAccept", "in_1")
	d.x.say(`<callConnected callLeg="in_1"/>`)
	d.x.say(agentIs("talking", 0, caller))
	d.shown("Talking")
	d.await(`/queue sales, waited 0:4\d/.test(document.querySelector("#h-call").closest("section").innerText)`)
	d.await(`/0305550142[^]*sales[^]*0:4\d[^]*none with you/.test(document.querySelector("#h-caller").closest("section").innerText)`)
	d.shows("After this call: Ready.")
	d.chooses("Pause")
	d.x.await("agentPause", "reason=Break")
	d.x.say(agentIs("talking", 0, caller+` next="paused" reason="Break"`))
	d.shows("After this call: Paused, Break.")
	d.pressed("Pause")
	d.sound("agent-talking")
	d.chooses("Ready")
	d.x.await("agentReady", "")
	d.x.say(`<callDisconnected callLeg="in_1"/>`)
	until := func(left time.Duration) string {
		return `wrapUpUntil="` + time.Now().Add(left).UTC().Format("20060102T150405") + `"`
	}
	d.x.say(agentIs("wrap-up", 0, until(20*time.Second)))
	d.shown("Wrap-up")
	d.await(`/^0:(19|20|18)$/.test(document.querySelector(".wrapup .clock").textContent)`)
	d.sound("agent-wrapup")
	d.chooses("30 s more")
	d.x.await("agentMoreWrapUp", "seconds=30")
	d.x.say(agentIs("wrap-up", 0, until(50*time.Second)))
	d.await(`/^0:(49|50|48)$/.test(document.querySelector(".wrapup .clock").textContent)`)
	d.chooses("Ready now")
	d.x.await("agentReady", "")
	if eval[bool](d.tab, "Boolean(window.hit)") {
		t.Error("a caller's name acted")
	}
}

// TestAnAgentOnASmallScreen: his panels have a tab.
func TestAnAgentOnASmallScreen(t *testing.T) {
	d := working(t)
	d.do(chromedp.EmulateViewport(320, 700))
	d.await(`document.querySelector("#h-agent").offsetParent === null && document.querySelector(".dialpad").offsetParent`)
	eval[bool](d.tab, `[...document.querySelectorAll("#tabs a")].find((e) => e.textContent === "Agent").click(); true`)
	d.await(`document.querySelector("#h-agent").offsetParent && document.querySelector(".dialpad").offsetParent === null`)
	d.sound("agent-small")
}

// TestAnAgentLeavesThePage: the next account that logs in there is another one.
func TestAnAgentLeavesThePage(t *testing.T) {
	d := working(t)
	d.x.set(func() { d.x.agent = "" })
	eval[bool](d.tab, `import(document.querySelector("script[type=module]").src).then((m) => m.state.logout()).then(() => true)`)
	d.await(`!document.querySelector("#login").hidden`)
	d.do(chromedp.SendKeys("input[name=password]", "1234\r"))
	d.await(`document.querySelector(".dialpad") && !document.querySelector(".agent")`)
}
