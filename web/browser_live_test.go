package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tandem/test/lab"
	"tandem/web/screen"
)

// TestAPageLives: what others change is seen, nothing changes its place, and the focus stays.
func TestAPageLives(t *testing.T) {
	st := openStage(t)
	p := st.tab()
	p.do(chromedp.EmulateViewport(1400, 1000))
	p.enter("admin")
	p.live("/monitors/members")
	eval[bool](p, `window.places = () => [...document.querySelectorAll("th, td")].map((e) => {
		const r = e.getBoundingClientRect(); return [r.left, r.top, r.width, r.height].join() }).join(";");
		document.querySelector("td .btn").focus(); window.before = places(); window.held = document.activeElement; true`)
	for i := range 5 {
		st.town.change(func(v *ClusterView) {
			v.Members[1].Calls, v.Members[1].Load = 1000+i, 900+i
			v.Members[1].Legs, v.Members[1].ClockOffset = i, Seconds(-7200)
		})
		p.await(`document.body.innerText.includes("%d\t")`, 1000+i)
	}
	if !eval[bool](p, "places() === before") {
		t.Error("cells have changed their places")
	}
	if !eval[bool](p, "document.activeElement === held && held.isConnected") {
		t.Error("the focus was lost")
	}
	st.town.change(func(v *ClusterView) { v.Members[1].State, v.Members[1].Why = MemberSuspect, "connection broke" })
	p.await(`document.querySelector(".st.warn bdi")?.textContent === "Suspect"`)
}

// TestEndedRowsStayForAMoment: a leg that has ended is pale for a while, in its place, and then gone.
func TestEndedRowsStayForAMoment(t *testing.T) {
	st := openStage(t)
	p := st.tab()
	p.enter("admin")
	p.live("/monitors/legs")
	p.await(`document.querySelectorAll("tbody tr").length === 61`)
	eval[bool](p, `import(document.querySelector("script[type=module]").src.replace("app.js", "live.js")).then((l) => {
		const row = l.part("p/legs").value.rows[5]; window.known = () => l.part("r/legs/" + row).value !== undefined; return known() })`)
	st.house.mu.Lock()
	st.house.legs = append(st.house.legs[:5:5], st.house.legs[6:]...)
	st.house.mu.Unlock()
	p.await(`document.querySelectorAll("tbody tr")[5].classList.contains("gone")`)
	p.await(`document.querySelectorAll("tbody tr").length === 60`)
	p.await(`!document.querySelector("tr.gone")`)
	p.await(`!known()`) // nothing of it is kept
}

// TestAStrangersNameIsText: as the page arrives, and as it lives.
func TestAStrangersNameIsText(t *testing.T) {
	st := openStage(t)
	p := st.tab()
	p.enter("admin")
	p.live("/monitors/legs")
	for _, name := range []string{hostile, hostile + "2"} {
		st.house.mu.Lock()
		st.house.legs[3].From = name
		st.house.mu.Unlock()
		p.await(`[...document.querySelectorAll("td bdi")].some((e) => e.textContent === %q)`, name)
	}
	if eval[bool](p, "Boolean(window.hit)") {
		t.Error("it acted")
	}
}

// TestACutStreamIsStale: the values stay, say how old they are, and come back by themselves.
func TestACutStreamIsStale(t *testing.T) {
	st := openStage(t)
	p := st.tab()
	p.enter("admin")
	p.live("/monitors/members")
	st.cutStreams(true)
	p.await(`document.querySelector("#stream .bad")?.textContent.includes("Reconnecting, values of ")`)
	p.await(`document.body.classList.contains("stale")`)
	if !eval[bool](p, `document.body.innerText.includes("tandem2")`) {
		t.Error("the values have gone")
	}
	p.do(chromedp.EmulateViewport(320, 800))
	if wide := eval[int](p, "document.documentElement.scrollWidth"); wide > 320 {
		t.Errorf("a stale page of 320 px is %d wide", wide)
	}
	p.shoot("stale")
	st.town.change(func(v *ClusterView) { v.Members[1].Calls = 4711 })
	st.cutStreams(false)
	p.await(`document.body.innerText.includes("4711")`)
	p.await(`document.querySelector("#stream .good") && !document.body.classList.contains("stale")`)
}

// TestOneStreamForAllTabs: tabs of a browser share it.
func TestOneStreamForAllTabs(t *testing.T) {
	st := openStage(t)
	a, b := st.tab(), st.tab()
	a.enter("admin")
	a.live("/monitors/members")
	b.live("/monitors/legs")
	st.town.change(func(v *ClusterView) { v.Members[1].Calls = 4712 })
	a.await(`document.body.innerText.includes("4712")`)
	b.await(`document.querySelectorAll("tbody tr").length === 61`)
	// The one of the first tab alone ends when its end is noticed.
	lab.Wait(t, browserPatience, "the tabs have streams of their own", func() bool { return st.feed.Streams() == 1 })
}

// TestASettingIsChangedAndUndone: at once, with a notice, by hand and by key.
func TestASettingIsChangedAndUndone(t *testing.T) {
	st := openStage(t)
	p := st.tab()
	p.enter("admin")
	p.live("/settings/cluster")
	const farm = `document.querySelector("select[aria-label='SIP Farm of tandem2']")`
	p.choose(farm, "relay")
	p.await(`document.querySelector("#notice").textContent.includes("SIP Farm of tandem2 is now Relay.")`)
	p.shoot("notice")
	p.await(`%s.value === "relay"`, farm)
	eval[bool](p, "document.activeElement.blur(); true")
	p.press("u")
	p.await(`document.querySelector("#notice").textContent.includes("SIP Farm of tandem2 is now Member.")`)
	p.await(`%s.value === "member"`, farm)
}

// choose does what a hand does to a list.
func (p *tab) choose(list, value string) {
	p.t.Helper()
	eval[bool](p, `(() => { const e = %s; e.focus(); e.value = %q; e.dispatchEvent(new Event("change", {bubbles: true})); return true })()`,
		list, value)
}

// TestTheFirstOneKeepsIt: a list that has the focus shows what others set beside it; who sends it all the
// same is told, and may insist.
func TestTheFirstOneKeepsIt(t *testing.T) {
	st := openStage(t)
	p := st.tab()
	p.enter("admin")
	p.live("/settings/cluster")
	const list = `document.querySelector("select[aria-label='Call Legs Processing of tandem2']")`
	eval[bool](p, "%s.focus(); true", list)
	st.town.change(func(v *ClusterView) {
		v.Members[0].CallLegs = "locally" // so that nobody's calls depend on the change
		v.Members[1].CallLegs, v.Members[1].CallLegsAt = "remotely", 77
	})
	p.await(`%s.parentElement.textContent.includes("now Remotely")`, list)
	if got := eval[string](p, "%s.value", list); got != "locally-for-others" {
		t.Errorf("the list has changed under the hand: %s", got)
	}
	p.choose(list, "locally")
	p.await(`document.querySelector("#notice").textContent.includes("admin set remotely")`)
	p.shoot("conflict")
	eval[bool](p, `document.querySelector("#notice button").click(); true`)
	p.await(`document.querySelector("#notice").textContent.includes("is now Locally.")`)
}

// TestRefusingCallsAsksFirst: the question is a page, and the change is made when it is answered.
func TestRefusingCallsAsksFirst(t *testing.T) {
	st := openStage(t)
	p := st.tab()
	p.enter("admin")
	p.live("/settings/cluster")
	p.choose(`document.querySelector("select[aria-label='Call Legs Processing of tandem2']")`, "locally")
	p.await(`document.querySelector("h1")?.textContent === "Refuse calls?"`)
	p.shoot("question")
	p.do(chromedp.Click(".ask button"))
	p.await(`document.querySelector("#notice")?.textContent.includes("is now Locally.")`)
}

// TestKeys: everything without a mouse.
func TestKeys(t *testing.T) {
	st := openStage(t)
	p := st.tab()
	p.do(chromedp.EmulateViewport(1400, 1000))
	p.enter("admin")
	p.live("/")
	p.press("gl")
	p.await(`location.pathname === "/monitors/legs" && document.querySelector("#stream .good")`)
	p.press(".")
	p.await(`document.querySelector("#stream").textContent.includes("Held")`)
	st.house.mu.Lock()
	st.house.legs[0].From = "late@tandem.local"
	st.house.mu.Unlock()
	p.await(`document.querySelector("#stream button").textContent.trim() === "1 new"`)
	if eval[bool](p, `document.body.innerText.includes("late@")`) {
		t.Error("a held page goes on")
	}
	p.press(".")
	p.await(`document.body.innerText.includes("late@")`)
	p.press("?")
	p.await(`document.querySelector("dialog[open]")`)
	p.shoot("keys")
	p.press(kb.Escape)
	p.await(`!document.querySelector("dialog")`)
	dark := eval[string](p, "document.documentElement.dataset.theme")
	p.press("t")
	p.await(`document.documentElement.dataset.theme !== %q`, dark)
	eval[bool](p, `document.querySelector(".scroll").focus(); true`)
	p.press(kb.ArrowDown + kb.ArrowDown)
	p.await(`document.activeElement === document.querySelectorAll("tbody tr")[1]`)
	p.press(kb.Enter)
	p.await(`document.querySelector("h1")?.textContent === "Leg" && document.body.dataset.ready`)
	p.press("gm")
	p.await(`location.pathname === "/monitors/members" && document.querySelector("#stream .good")`)
	p.do(chromedp.Focus("td a.btn"))
	p.press(kb.Enter)
	p.await(`document.querySelector("h1")?.textContent === "Drain tandem1" && document.body.dataset.ready`)
	p.do(chromedp.Focus(".ask button"))
	p.press(kb.Enter)
	p.await(`document.querySelector("#notice")?.textContent.includes("tandem1 is draining.") && document.querySelector("#stream .good")`)
	p.press("/")
	p.await(`document.activeElement === document.querySelector(".bar form.search input")`)
	eval[bool](p, `document.activeElement.value = ""; true`) // the driver types the key even where the page has taken it
	p.press("tandem2" + kb.Enter)
	p.await(`location.pathname === "/search" && document.querySelector("body[data-ready] td a")?.textContent === "tandem2"`)
}

// TestALapsedLoginIsAskedForOverThePage: and the page goes on where it was.
func TestALapsedLoginIsAskedForOverThePage(t *testing.T) {
	st := openStage(t)
	p := st.tab()
	p.enter("admin")
	p.live("/monitors/members")
	eval[bool](p, "window.same = true")
	st.logins.EndAll()
	p.await(`document.querySelector("dialog input[name=password]")`)
	p.shoot("lapsed")
	p.do(chromedp.SendKeys("dialog input[name=password]", "wrong\r"))
	p.await(`document.querySelector("dialog [role=alert]").textContent.includes("wrong")`)
	eval[bool](p, `document.querySelector("dialog input[name=password]").value = ""; true`)
	p.do(chromedp.SendKeys("dialog input[name=password]", "1234\r"))
	p.await(`!document.querySelector("dialog") && document.querySelector("#stream .good")`)
	if !eval[bool](p, "window.same === true") {
		t.Error("the page was loaded anew")
	}
}

// TestNumbersLeadToTheirList: what a number counts is what the list behind it has.
func TestNumbersLeadToTheirList(t *testing.T) {
	st := openStage(t)
	p := st.tab()
	p.enter("admin")
	for _, path := range []string{"/settings/cluster", "/monitors/legs", "/"} {
		p.live(path)
		links := eval[[]string](p, `[...document.querySelectorAll(".fig .v a, td a.n, tfoot a.n")].filter((a) =>
			/^\d+$/.test(a.textContent) && a.pathname !== "/monitors/members").map((a) => a.textContent + " " + a.getAttribute("href"))`)
		if len(links) == 0 {
			t.Errorf("%s has no numbers that lead anywhere", path)
		}
		for _, link := range links {
			number, href, _ := strings.Cut(link, " ")
			p.open(href)
			rows := eval[int](p, `document.querySelectorAll("tbody tr").length`)
			if fmt.Sprint(rows) != number {
				t.Errorf("%s: %s leads to %d rows", path, link, rows)
			}
		}
	}
}

// TestLengthsAreToldAlike: by the member and by the page.
func TestLengthsAreToldAlike(t *testing.T) {
	st := openStage(t)
	p := st.tab()
	p.open("/login")
	eval[bool](p, `import(document.querySelector("script").src.replace("app.js", "format.js")).then((m) => { window.length_ = m.length; return true })`)
	for _, d := range []time.Duration{-5, 0, 1, 300 * time.Millisecond, 999 * time.Millisecond, time.Second, 6500 * time.Millisecond,
		59 * time.Second, time.Minute, 168 * time.Second, time.Hour, 3731 * time.Second, 47*time.Hour + 59*time.Minute, 51 * time.Hour} {
		d = d.Truncate(time.Millisecond)
		if got, want := eval[string](p, "length_(%d)", d.Milliseconds()), screen.Length(d); got != want {
			t.Errorf("%v: the page says %q, the member %q", d, got, want)
		}
	}
}
