package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tandem/test/lab"
)

// branch is another server with queues: its manager interface is spoken to, and its queue_log is followed.
type branch struct {
	*lab.Member
	t    testing.TB
	seat *lab.Phone // of the agent 1002
}

// openBranch starts a server at which an agent has logged on, with callers' phones.
func openBranch(t *testing.T) *branch {
	t.Helper()
	b := &branch{Member: lab.Start(t, lab.Options{}), t: t}
	b.seat = b.Phone(t, "1002")
	lab.Wait(t, patience, "1002 is registered", func() bool { return b.seat.TryRegister(600) == 200 })
	b.seat.Call("*41").AwaitEnd()
	b.logs("|1002|AGENTLOGIN|")
	return b
}

// file is its queue_log.
func (b *branch) file() string { return filepath.Join(b.Data, b.Name, "queue_log") }

// logs waits until its queue_log has a text, and returns the last line with it.
func (b *branch) logs(text string) (last string) {
	b.t.Helper()
	lab.Wait(b.t, patience, "the log of the branch has no "+text, func() bool {
		all, _ := os.ReadFile(b.file())
		for line := range strings.Lines(string(all)) {
			if strings.Contains(line, text) {
				last = line
			}
		}
		return last != ""
	})
	return last
}

// call has somebody call the queue and be answered.
func (b *branch) call(user string) (caller, agent *lab.Call) {
	b.t.Helper()
	if caller = b.Phone(b.t, user).Call("2000"); caller.Status != 200 {
		b.t.Fatalf("%s: %d %s", user, caller.Status, caller.Reason)
	}
	agent = b.seat.Await()
	agent.Answer()
	return caller, agent
}

// office is a member that watches the branch, and somebody who looks at its pages.
type office struct {
	*lab.Member
	*page
	t      *testing.T
	branch *branch
}

func openOffice(t *testing.T, recordings string) *office {
	t.Helper()
	lab.Long(t)
	chromium := lab.Tool(t, "chromium", "chromium", "chromium-browser", "google-chrome")
	o := &office{t: t, branch: openBranch(t)}
	o.Member = lab.Start(t, lab.Options{Set: []string{"reports.recordings=B=" + recordings + "/*{callid}*.wav",
		fmt.Sprintf("exchanges.servers=[{name: B, address: %q, user: admin, secret: %q, context: default}]",
			fmt.Sprintf("%s:%d", o.branch.Bind, o.branch.AMI), lab.Password)}})
	tab, end := chromedp.NewContext(browse(t, chromium))
	t.Cleanup(end)
	if err := chromedp.Do(tab); err != nil {
		t.Fatal(err)
	}
	o.page = &page{t: t, number: "admin", tab: tab}
	o.enter()
	return o
}

// enter logs in.
func (o *office) enter() {
	o.t.Helper()
	o.visit(o.URL() + "/login")
	for _, field := range [][2]string{{"account", "admin"}, {"password", lab.Password + "\r"}} {
		if err := o.in(chromedp.SendKeys("input[name="+field[0]+"]", field[1])); err != nil {
			o.t.Fatal(err)
		}
	}
	o.shows(`location.pathname === "/" && document.querySelector("#stream .good")`)
}

// follow follows the log of the branch, as its machine does.
func (o *office) follow() *lab.Process {
	o.t.Helper()
	return lab.Go(o.t, lab.Command{Path: lab.Binary(o.t), Args: []string{"queuelog", "tail", "--partition", "B", "--data", o.Data, "--server", o.URL(),
		"--every", "50ms", "--beat", "500ms", o.branch.file()}})
}

// clicks presses what a selector finds, as soon as it is there.
func (o *office) clicks(find string) {
	o.t.Helper()
	o.shows(find)
	get[bool](o.page, find+".click(); true")
}

// named finds a link or button by its text.
func named(text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("a, button")].find((e) => e.textContent.trim() === %q)`, text)
}

// TestQueueLogPages: somebody watches another server. From the wallboard he ends a call and pauses an agent there. The report
// counts the call, its number leads to it, and its page has its lines and its recording, which plays from any part. A call
// that comes later is news; the page of loads tells what is followed from what is cut off.
func TestQueueLogPages(t *testing.T) {
	recordings := t.TempDir()
	o := openOffice(t, recordings)
	tail := o.follow()
	caller, agent := o.branch.call("1001")
	o.endsTheCall()
	caller.AwaitEnd()
	agent.AwaitEnd()
	done := o.branch.logs("|COMPLETE")
	o.pausesTheAgent()
	id := strings.Split(done, "|")[1]
	if err := lab.Tone(8000, 20*time.Second, 0.5, 440).WriteWAV(filepath.Join(recordings, "q-sales-"+id+".wav")); err != nil {
		t.Fatal(err)
	}
	o.readsTheReport(id)
	o.seesNews()
	o.countsTheSame()
	o.seesWhoIsCutOff(tail)
}

// endsTheCall looks at the wallboard while there is a call, and hangs it up from there.
func (o *office) endsTheCall() {
	o.t.Helper()
	o.visit(o.URL() + "/monitors/live?source=sql:B")
	o.shows(`document.querySelector("#stream .good")`)
	o.shows(`/1001[^]*sales[^]*Talking[^]*1002/.test(document.querySelector("#h-calls").closest("section").innerText)`)
	o.shows(`/1002\s*Talking/.test(document.querySelector("#h-agents").closest("section").innerText)`)
	o.shows(`/B\s*Live[^]*Live/.test(document.querySelector("#h-servers").closest("section").innerText)`)
	o.clicks(`document.querySelector("[aria-label='Acts: 1001']")`)
	o.clicks(`document.querySelector(".acts:popover-open [href*='/hangup']")`)
	o.clicks(named("End the call of 1001"))
	o.shows(`/^The call B:.* ends at B\.$/.test(document.querySelector("#notice").innerText.trim()) && !document.querySelector("dialog")`)
}

// pausesTheAgent pauses the agent from the menu of his tile, and lets him work again by Undo.
func (o *office) pausesTheAgent() {
	o.t.Helper()
	o.shows(`/1002\s*Ready/.test(document.querySelector("#h-agents").closest("section").innerText)`)
	o.clicks(`document.querySelector("[aria-label='Acts: 1002']")`)
	o.clicks(`document.querySelector(".acts:popover-open [href*='/pause']")`)
	o.shows(`document.querySelector("dialog form.ask input[name=reason]") === document.activeElement`)
	if err := o.in(chromedp.KeyEvent("lunch\r")); err != nil {
		o.t.Fatal(err)
	}
	o.shows(`document.querySelector("#notice").innerText.includes("1002 is paused at B.")`)
	o.branch.logs("|1002|PAUSE")
	o.shows(`/lunch/.test(document.querySelector("#h-agents").closest("section").innerText)`)
	o.clicks(named("Undo"))
	o.shows(`document.querySelector("#notice").innerText.includes("1002 is not paused any more at B.")`)
	o.branch.logs("|1002|UNPAUSE")
}

// readsTheReport goes from a number to the call behind it, hears a part of its recording and reads its lines.
func (o *office) readsTheReport(id string) {
	o.t.Helper()
	lab.Wait(o.t, patience, "the report does not count the call", func() bool {
		o.visit(o.URL() + "/reports/overview?source=sql:B")
		return get[bool](o.page, `[...document.querySelectorAll(".fig")].some((f) => /Answered\s+1\b/.test(f.innerText)) &&
			[...document.querySelectorAll(".fig")].some((f) => /Still open\s+0/.test(f.innerText))`)
	})
	o.clicks(`[...document.querySelectorAll(".fig a")].find((a) => a.href.includes("behind=state%3Danswered"))`)
	o.shows(`document.querySelectorAll("[aria-labelledby=h-behind] tbody tr").length === 1`)
	o.clicks(fmt.Sprintf(`[...document.querySelectorAll("[aria-labelledby=h-behind] a")].find((a) => a.textContent === "B:%s")`, id))
	o.shows(`document.querySelector("h1")?.textContent === "Call B:` + id + `"`)
	o.shows(`/ENTERQUEUE[^]*CONNECT[^]*COMPLETE/.test(document.querySelector("#h-lines").closest("section").innerText)`)
	o.shows(`/enters sales/.test(document.querySelector("#h-lines").closest("section").innerText)`)
	heard := get[float64](o.page, `new Promise((go, no) => { const a = document.querySelector("audio"); a.muted = true;
		a.onerror = () => no(new Error("it can not be played")); a.onseeked = () => go(a.currentTime);
		a.onloadedmetadata = () => (a.currentTime = 15); a.play() })`)
	if heard < 14.9 || heard > 16 {
		o.t.Errorf("it plays from %v s", heard)
	}
	if part := get[string](o.page, `fetch(document.querySelector("audio").src, {headers: {Range: "bytes=44-143"}}).then(async (r) =>
		r.status + " " + r.headers.get("Content-Range").split("/")[0] + " " + (await r.blob()).size)`); part != "206 bytes 44-143 100" {
		o.t.Errorf("a part of it: %s", part)
	}
}

// seesNews leaves a report open while a call comes.
func (o *office) seesNews() {
	o.t.Helper()
	o.visit(o.URL() + "/reports/answered?source=sql:B")
	o.shows(`document.querySelector("#news a[hidden]")`)
	link := get[string](o.page, named("Link")+".href")
	caller, agent := o.branch.call("1003")
	o.shows(`document.querySelector("#news a:not([hidden])")?.textContent.startsWith("1 new call since")`)
	caller.Hangup()
	agent.AwaitEnd()
	answered := func(n int) string {
		return fmt.Sprintf(`[...document.querySelectorAll(".fig")].some((f) => /Answered\s+%d\b/.test(f.innerText))`, n)
	}
	o.clicks(`document.querySelector("#news a")`)
	o.shows(answered(2))
	o.visit(link)
	o.shows(answered(1))
}

// countsTheSame follows a number of the wallboard to its calls.
func (o *office) countsTheSame() {
	o.t.Helper()
	o.visit(o.URL() + "/monitors/live?source=sql:B")
	offered := `[...document.querySelectorAll("[aria-labelledby=h-queues] a.n")].find((a) => /servers=B/.test(a.href) && /state%3Doffered/.test(a.href))`
	o.shows(offered + `?.textContent === "2"`)
	o.clicks(offered)
	o.shows(`location.pathname === "/reports/calls" && document.querySelectorAll("[aria-labelledby=h-DetailsDO-Calls] tbody tr").length === 2`)
}

// seesWhoIsCutOff looks at the loads while nobody follows the log any more, and somebody does again.
func (o *office) seesWhoIsCutOff(tail *lab.Process) {
	o.t.Helper()
	o.visit(o.URL() + "/reports/loads")
	row := func(pattern string) string {
		return fmt.Sprintf(`[...document.querySelectorAll("tbody tr")].some((r) => /^B\b/.test(r.innerText) && /%s/.test(r.innerText))`, pattern)
	}
	o.shows(row(`Live[^]*queue_log`))
	tail.Kill()
	o.shows(row(`Cut off`))
	o.follow()
	o.shows(row(`Live[^]*queue_log`))
	o.clicks(`[...document.querySelectorAll("tbody a")].find((a) => a.textContent === "B")`)
	o.shows(`document.querySelectorAll("[aria-labelledby=h-history] tbody tr").length > 0 && /Taken/.test(document.querySelector("#h-history").closest("section").innerText)`)
}
