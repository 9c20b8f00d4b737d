package browser

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"tandem/test/lab"
)

// TestPages: an administrator logs in to the member's own pages and sees a phone register and leave.
func TestPages(t *testing.T) {
	d := open(t)
	tab, end := chromedp.NewContext(d.browser)
	t.Cleanup(end)
	if err := chromedp.Do(tab); err != nil {
		t.Fatal(err)
	}
	admin := &page{t: t, number: "admin", tab: tab}
	admin.visit(d.URL() + "/monitors/registrations")
	for _, field := range [][2]string{{"account", "admin"}, {"password", lab.Password + "\r"}} {
		if err := admin.in(chromedp.SendKeys("input[name="+field[0]+"]", field[1])); err != nil {
			t.Fatal(err)
		}
	}
	admin.shows(`location.pathname === "/monitors/registrations" && document.querySelector("#stream .good")`)
	p := d.registered("1000")
	admin.shows(`document.querySelector("tbody th")?.textContent === "1000@` + lab.Domain + `"`)
	p.close()
	admin.shows(`document.querySelectorAll("tbody tr").length === 0`)
	for path, heading := range map[string]string{"/": "Home", "/settings/cluster": "Cluster", "/monitors/members": "Members",
		"/monitors/legs": "Legs", "/monitors/tasks": "Tasks"} {
		admin.visit(d.URL() + path)
		admin.shows(fmt.Sprintf(`document.querySelector("h1")?.textContent === %q && document.querySelector("#stream .good")`, heading))
	}
	admin.givesNumbers(d.URL() + "/settings/trunks")
}

// givesNumbers changes where calls from trunks go. What a file could not say is refused in the same words, and changes nothing.
func (p *page) givesNumbers(url string) {
	p.t.Helper()
	save := func(key, value, says string) {
		p.t.Helper()
		p.visit(url)
		p.shows(`document.querySelector("h1")?.textContent === "Trunks"`)
		p.shows(fmt.Sprintf(`(document.querySelector("input[name='%s']").value = %q, document.querySelector("form.ask button").click(), true)`, key, value))
		p.shows(fmt.Sprintf(`document.body?.textContent.includes(%q)`, says))
	}
	save("trunks.numbers", "[{match: 00n., trunks: [nobody]}]", "nobody")
	save("trunks.incoming", "[{match: 7n, to: 1001}]", "Saved.")
	p.visit(url)
	p.shows(`document.querySelector("input[name='trunks.incoming']")?.value.includes("7n")`)
	p.shows(`document.querySelector("input[name='trunks.numbers']")?.value === "[]"`)
}

// visit goes to a page, without the functions that a phone has.
func (p *page) visit(url string) {
	p.t.Helper()
	if err := p.in(chromedp.Navigate(url)); err != nil {
		p.t.Fatal(err)
	}
}

// shows waits until an expression is true in the page.
func (p *page) shows(expression string) {
	p.t.Helper()
	lab.Wait(p.t, patience, "the page never has "+expression, func() bool {
		within, end := context.WithTimeout(p.tab, patience)
		defer end()
		ok, err := chromedp.Run(within, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err != nil {
			p.t.Fatal(err)
		}
		return ok
	})
}
