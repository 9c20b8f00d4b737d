package browser

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tandem/test/lab"
)

func TestMain(m *testing.M) { os.Exit(lab.Run(m)) }

// patience is the longest wait for one thing that a page or a phone tells, on a busy machine.
const patience = 60 * time.Second

// desk is a member, a server of the page that the member knows, and a browser.
type desk struct {
	*lab.Member
	t       testing.TB
	site    *httptest.Server
	browser context.Context
}

// open starts all three, the member with some settings, or skips the test in a short run or without its tools.
func open(t *testing.T, set ...string) *desk {
	t.Helper()
	lab.Long(t)
	chromium := lab.Tool(t, "chromium", "chromium", "chromium-browser", "google-chrome")
	if _, err := os.Stat("node_modules/jssip/package.json"); err != nil {
		t.Skip("needs JsSIP: run npm ci --ignore-scripts in test/browser")
	}
	d := &desk{t: t, site: serve(t)}
	d.Member = lab.Start(t, lab.Options{Set: append([]string{"http.origins=" + d.site.URL}, set...)})
	d.browser = browse(t, chromium)
	return d
}

// serve serves the page and the modules it loads.
func serve(t *testing.T) *httptest.Server {
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir("page")))
	mux.Handle("/node_modules/", http.FileServer(http.Dir(".")))
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	return site
}

// browse starts a browser that knows nobody and asks nobody but us.
func browse(t *testing.T, chromium string) context.Context {
	t.Helper()
	flags := []chromedp.ExecAllocatorOption{chromedp.ExecPath(chromium), chromedp.UserDataDir(t.TempDir())}
	for _, flag := range []string{
		"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-dev-shm-usage",
		"disable-background-networking", "disable-component-update", "disable-sync",
		"disable-background-timer-throttling", "disable-renderer-backgrounding",
		"use-fake-device-for-media-stream", "use-fake-ui-for-media-stream", "allow-loopback-in-peer-connection",
	} {
		flags = append(flags, chromedp.Flag(flag, true))
	}
	flags = append(flags, chromedp.Flag("autoplay-policy", "no-user-gesture-required"))
	allocated, end := chromedp.NewExecAllocator(context.Background(), flags...)
	t.Cleanup(end)
	browser, end := chromedp.NewContext(allocated)
	t.Cleanup(end)
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	return browser
}

// page is one tab with a phone in it.
type page struct {
	t      testing.TB
	number string
	tab    context.Context
	seen   int // events that a test has waited for or passed over
}

// event is one thing that a page tells; which fields it has depends on what it is.
type event struct {
	What, Cause, From, Text string
	Status                  int
}

// phone opens a tab from a site and starts its phone.
func (d *desk) phone(site *httptest.Server, number, password string) *page {
	d.t.Helper()
	tab, end := chromedp.NewContext(d.browser)
	d.t.Cleanup(end)
	p := &page{t: d.t, number: number, tab: tab}
	d.t.Cleanup(func() {
		if d.t.Failed() && tab.Err() == nil {
			d.t.Logf("the page of %s told %+v", number, p.events())
		}
	})
	// The tab lives in the context of the first action, which must be without a deadline.
	if err := chromedp.Do(tab); err != nil {
		d.t.Fatal(err)
	}
	if err := p.in(chromedp.Navigate(site.URL)); err != nil {
		d.t.Fatal(err)
	}
	p.do("start(%q, %q, %q)", "ws"+strings.TrimPrefix(d.URL(), "http")+"/sip", uri(number), password)
	return p
}

// registered opens a tab whose phone registers.
func (d *desk) registered(number string) *page {
	d.t.Helper()
	p := d.phone(d.site, number, lab.Password)
	p.await("registered")
	return p
}

func uri(number string) string { return "sip:" + number + "@" + lab.Domain }

// in acts in the tab, no longer than patience.
func (p *page) in(action chromedp.Action[chromedp.Void]) error {
	within, end := context.WithTimeout(p.tab, patience)
	defer end()
	return chromedp.Do(within, action)
}

// do calls a function of the page.
func (p *page) do(format string, args ...any) {
	p.t.Helper()
	if err := p.in(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(format, args...))); err != nil {
		p.t.Fatalf("the page of %s: %v", p.number, err)
	}
}

// events are all that the page has told so far.
func (p *page) events() []event {
	p.t.Helper()
	within, end := context.WithTimeout(p.tab, patience)
	defer end()
	all, err := chromedp.Run(within, chromedp.Evaluate[[]event]("events"))
	if err != nil {
		p.t.Fatalf("the page of %s: %v", p.number, err)
	}
	return all
}

// await waits for the next event of a kind and passes over those before it.
func (p *page) await(what string) (e event) {
	p.t.Helper()
	lab.Wait(p.t, patience, fmt.Sprintf("the page of %s tells nothing of %q", p.number, what), func() bool {
		for i, next := range p.events()[p.seen:] {
			if next.What == what {
				p.seen, e = p.seen+i+1, next
				return true
			}
		}
		return false
	})
	return e
}

// send sends a message and returns its final status, 0 if none came.
func (p *page) send(to, text string) (status int) {
	p.t.Helper()
	p.do("send(%q, %q)", uri(to), text)
	return p.await("sent").Status
}

// deliver sends a message that must arrive.
func (p *page) deliver(to, text string) {
	p.t.Helper()
	if status := p.send(to, text); status != 200 && status != 202 {
		p.t.Errorf("a message from %s to %s ended with %d", p.number, to, status)
	}
}

// expect waits for a message and compares it.
func (p *page) expect(from, text string) {
	p.t.Helper()
	if e := p.await("message"); e.From != from || e.Text != text {
		p.t.Errorf("%s got %q from %s, want %q from %s", p.number, e.Text, e.From, text, from)
	}
}

// close closes the tab, as a user does.
func (p *page) close() {
	p.t.Helper()
	if err := chromedp.Cancel(p.tab); err != nil {
		p.t.Fatal(err)
	}
}

// registrations are those of an account.
func (d *desk) registrations(number string) (own []lab.Registration) {
	d.t.Helper()
	for _, r := range d.Registrations() {
		if strings.HasPrefix(r.AOR, number+"@") {
			own = append(own, r)
		}
	}
	return own
}
