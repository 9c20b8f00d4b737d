package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tandem/test/lab"
)

// TestPageOfSources: a supervisor sees on the page of sources what the adapter of a switch outside sends, as it comes: that it is
// heard, how many lines, and which of them was refused and why.
func TestPageOfSources(t *testing.T) {
	d := open(t, "adapters.sources=[{name: pbx, accounts: [bridge]}, {name: chat, media: chat}]")
	if err := d.Ask(http.MethodPost, "accounts", map[string]any{"aor": "bridge@" + lab.Domain, "password": "over-the-river", "roles": []string{"adapter"}}, nil); err != nil {
		t.Fatal(err)
	}
	tab, end := chromedp.NewContext(d.browser)
	t.Cleanup(end)
	if err := chromedp.Do(tab); err != nil {
		t.Fatal(err)
	}
	p := &page{t: t, number: "1010", tab: tab}
	p.visit(d.URL() + "/monitors/sources")
	for _, field := range [][2]string{{"account", "1010"}, {"password", lab.Password + "\r"}} {
		if err := p.in(chromedp.SendKeys("input[name="+field[0]+"]", field[1])); err != nil {
			t.Fatal(err)
		}
	}
	row := `[...document.querySelectorAll("tbody tr")].find(r => r.cells[0].textContent.trim() === "pbx")`
	p.shows(`location.pathname === "/monitors/sources" && document.querySelector("#stream .good") && ` + row + `.innerText.includes("Never heard")`)
	r, err := http.NewRequest(http.MethodPost, d.URL()+"/api/v1/stat/sources/pbx", strings.NewReader(
		`{"seq":1,"event":"EventAgentLogin","dn":"7001","agent":"ann"}`+"\n"+`{"seq":2,"event":"EventRinging","dn":"7001"}`+"\n"+`{"seq":3,"event":"EventAgentReady","dn":"7001"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("bridge", "over-the-river")
	answer, err := http.DefaultClient.Do(r)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v %+v", err, answer)
	}
	_ = answer.Body.Close()
	p.shows(row + `.innerText.includes("Live")`)
	p.shows(fmt.Sprintf(`[...document.querySelectorAll("tbody tr")].some(r => r.innerText.includes("pbx") && r.innerText.includes(%q))`, "EventRinging needs"))
	p.shows(`document.querySelector('[href="#h-refused"]')?.textContent.trim() === "1"`)
}
