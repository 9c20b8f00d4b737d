package browser

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"tandem/test/lab"
)

// works waits until the panel of the agent shows a state.
func (p *page) works(word string) {
	p.t.Helper()
	p.shows(fmt.Sprintf(`document.querySelector(".agent header .st")?.textContent.trim() === %q`, word))
}

// chooses presses a button of the agent's panel.
func (p *page) chooses(name string) {
	p.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll(".agent button")].find((b) => b.textContent === %q)`, name)
	p.shows(find + " && !" + find + ".disabled")
	get[bool](p, find+".click(); true")
}

// TestSoftphoneOfAnAgent: 1002 works at the page. Somebody calls the queue: the card shows it, the choice made while they
// talk counts afterwards, and the next call ends with the wrap-up. A second page of the same agent shows the same.
func TestSoftphoneOfAnAgent(t *testing.T) {
	d := open(t)
	if err := d.Ask(http.MethodPatch, "queues/sales", map[string]any{"definition": map[string]any{"wrapuptime": "20s", "recording": true}}, nil); err != nil {
		t.Fatal(err)
	}
	p := d.softphone("1002", 700)
	p.works("Logged out")
	p.chooses("Log in")
	p.works("Ready")
	p.shows(`/sales\s*0/.test(document.querySelector("#h-queues")?.closest("section").innerText)`)
	phone := d.Phone(t, "1001")
	phone.Register(600)
	calls := func() *lab.Call {
		answered := make(chan *lab.Call, 1)
		go func() { answered <- phone.Call("2000") }()
		p.shows(`/queue sales, waited 0:\d\d/.test(document.querySelector("[role=alert].call")?.innerText)`)
		p.works("Ringing")
		p.presses("a")
		call := <-answered
		if call.Status != 200 {
			t.Fatalf("the call to the queue ended with %d %s", call.Status, call.Reason)
		}
		p.works("Talking")
		call.Say(500)
		p.hears(500)
		call.AwaitTones(t, time.Second, 700)
		return call
	}
	first := calls()
	p.shows(`/1001[^]*sales/.test(document.querySelector("#h-caller")?.closest("section").innerText)`)
	recording := func(word, button string) {
		p.shows(fmt.Sprintf(`document.querySelector(".recording .st")?.textContent.trim() === %q`, word))
		get[bool](p, fmt.Sprintf(`[...document.querySelectorAll(".recording button")].find((b) => b.textContent === %q).click(); true`, button))
	}
	recording("Recorded", "Pause recording")
	recording("Recording paused", "Record again")
	recording("Recorded", "Pause recording")
	p.chooses("Pause")
	p.reads("After this call: Paused, Break.")
	second := d.softphone("1002", 300)
	second.works("Talking")
	first.Hangup()
	p.works("Paused: Break")
	second.works("Paused: Break")
	p.presses("p")
	p.works("Ready")
	second.works("Ready")
	get[bool](second, `known.logout().then(() => true)`)

	calls()
	p.button("End")
	p.works("Wrap-up")
	p.shows(`/^0:\d\d$/.test(document.querySelector(".wrapup .clock").textContent)`)
	p.chooses("30 s more")
	p.chooses("Ready now")
	p.works("Ready")
	p.shows(`/Calls\s*2/.test(document.querySelector("#h-day").closest("section").innerText)`)
	p.chooses("Log out")
	p.works("Logged out")
}
