package web

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPagesOfStatisticsAreSound: as TestEveryPageIsSound; then the keyboard alone leads from the list to a statistic and to
// how it comes about, and a value that changes is shown with its line.
func TestPagesOfStatisticsAreSound(t *testing.T) {
	st := openStage(t)
	h := newStatHouse()
	st.services.Statistics = h
	p := st.tab()
	p.do(chromedp.EmulateViewport(1400, 1000))
	p.enter("watcher")
	p.live("/monitors/statistics")
	p.sound("statistics")
	for _, path := range []string{"/monitors/statistics/percent", "/monitors/statistics/state?span=24h", "/monitors/statistics/lost"} {
		p.live(path)
		p.sound("statistics" + path)
	}
	p.open("/monitors/statistics/new")
	p.sound("statistics-new")

	p.live("/monitors/queues")
	p.press("gs")
	p.await(`location.pathname === "/monitors/statistics" && document.querySelector("#stream .good")`)
	eval[bool](p, `document.querySelector(".scroll").focus(); true`)
	p.press(kb.ArrowDown + kb.ArrowDown + kb.Enter) // the first row is the one that has no owner
	p.await(`location.pathname === "/monitors/statistics/percent" && document.querySelector("#stream .good")`)
	p.press("e")
	p.await(`document.activeElement.closest("[aria-labelledby=h-explain]")`)
	eval[bool](p, `window.before = document.querySelector(".chart .line").getAttribute("d"); true`)
	h.set("percent", 88.25)
	p.await(`document.querySelector(".fig .v").innerText.includes("88.25") && document.querySelector(".chart .line").getAttribute("d") !== before`)
}
