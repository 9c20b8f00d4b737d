package web

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPageOfSourcesIsSound: as TestEveryPageIsSound; what becomes of a source is shown without being asked for.
func TestPageOfSourcesIsSound(t *testing.T) {
	st := openStage(t)
	h := newSwitches()
	st.services.Sources = h
	p := st.tab()
	p.do(chromedp.EmulateViewport(1400, 1000))
	p.enter("watcher")
	p.live("/monitors/sources")
	p.sound("sources")
	p.live("/monitors/queues")
	p.press("go")
	p.await(`location.pathname === "/monitors/sources" && document.querySelector("#stream .good")`)
	h.mu.Lock()
	h.stands[1].State, h.stands[1].Malformed = "switch lost", 2
	h.mu.Unlock()
	p.await(`document.body.innerText.includes("Switch lost") && [...document.querySelectorAll("tbody tr")][1].innerText.includes("Switch lost")`)
}
