package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tandem/test/lab"
)

// browserPatience is the longest wait for one thing that a page shows, on a busy machine.
const browserPatience = 60 * time.Second

var chromiumNames = []string{"chromium", "chromium-browser", "google-chrome"}

// ends are what is ended after all tests.
var ends []func()

func TestMain(m *testing.M) {
	code := m.Run()
	for _, end := range ends {
		end()
	}
	os.Exit(code)
}

// browserOnce starts the browser of all tests, which ends after them.
var browserOnce = sync.OnceValues(func() (context.Context, error) {
	dir, err := os.MkdirTemp("", "web-browser-*")
	if err != nil {
		return nil, err
	}
	program := ""
	for _, name := range chromiumNames {
		if path, err := exec.LookPath(name); err == nil && program == "" {
			program = path
		}
	}
	flags := []chromedp.ExecAllocatorOption{chromedp.ExecPath(program), chromedp.UserDataDir(dir)}
	for _, flag := range []string{
		"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-dev-shm-usage",
		"disable-background-networking", "disable-component-update", "disable-sync", "hide-scrollbars",
		"disable-background-timer-throttling", "disable-renderer-backgrounding",
	} {
		flags = append(flags, chromedp.Flag(flag, true))
	}
	allocated, endAllocated := chromedp.NewExecAllocator(context.Background(), flags...)
	browser, endBrowser := chromedp.NewContext(allocated)
	ends = append(ends, endBrowser, endAllocated, func() { _ = os.RemoveAll(dir) })
	return browser, chromedp.Do(browser)
})

// stage is a member that serves pages about a house and a town, and a browser before it.
type stage struct {
	*Server
	t       *testing.T
	town    *town
	house   *house
	url     string
	cut     atomic.Bool // streams of events are cut and refused
	browser context.Context
	ximss   http.Handler // takes the place of the member's own, where a test has one

	mu      sync.Mutex
	reports []string // of the content policy
	cutting chan struct{}
}

// openStage starts both, or skips the test in a short run or without a browser.
func openStage(t *testing.T) *stage {
	t.Helper()
	lab.Long(t)
	lab.Tool(t, "chromium", chromiumNames...)
	st := &stage{t: t, town: liveTown(), house: liveHouse(), cutting: make(chan struct{})}
	st.Server = inTownWith(t, st.town, st.house)
	site := httptest.NewServer(http.HandlerFunc(st.serve))
	t.Cleanup(func() {
		st.stop()
		site.CloseClientConnections()
		site.Close()
	})
	st.url = site.URL
	browser, err := browserOnce()
	if err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	// Each test has a browser of its own as far as cookies and workers go.
	own, end := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	if err := chromedp.Do(own); err != nil {
		t.Fatal(err)
	}
	st.browser = own
	t.Cleanup(func() {
		st.mu.Lock()
		defer st.mu.Unlock()
		for _, report := range st.reports {
			t.Errorf("the content policy was broken: %s", report)
		}
	})
	return st
}

// serve lets the browser report what breaks the content policy, and cuts streams on demand.
func (st *stage) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/report" {
		body := drain(r.Body)
		st.mu.Lock()
		st.reports = append(st.reports, body)
		st.mu.Unlock()
		return
	}
	if r.URL.Path == "/ximss" && st.ximss != nil {
		st.ximss.ServeHTTP(w, r)
		return
	}
	if r.URL.Path == "/events" {
		if st.cut.Load() {
			http.Error(w, "cut", http.StatusBadGateway)
			return
		}
		st.mu.Lock()
		cutting := st.cutting
		st.mu.Unlock()
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		go func() {
			select {
			case <-cutting:
				cancel()
			case <-ctx.Done():
			}
		}()
		r = r.WithContext(ctx)
	}
	st.Handler().ServeHTTP(&reporting{w}, r)
}

// cutStreams ends all streams and lets none begin until it is called with false.
func (st *stage) cutStreams(cut bool) {
	st.cut.Store(cut)
	if cut {
		st.mu.Lock()
		close(st.cutting)
		st.cutting = make(chan struct{})
		st.mu.Unlock()
	}
}

// reporting asks for reports of what breaks the content policy.
type reporting struct{ http.ResponseWriter }

func (w *reporting) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *reporting) WriteHeader(status int) {
	w.Header().Set("Content-Security-Policy", w.Header().Get("Content-Security-Policy")+"; report-uri /report")
	w.ResponseWriter.WriteHeader(status)
}

func (w *reporting) Write(b []byte) (int, error) {
	h := w.Header()
	if policy := h.Get("Content-Security-Policy"); !strings.Contains(policy, "report-uri") {
		h.Set("Content-Security-Policy", policy+"; report-uri /report")
	}
	return w.ResponseWriter.Write(b)
}

// tab is one page in the browser.
type tab struct {
	*stage
	ctx context.Context
}

func (st *stage) tab() *tab {
	st.t.Helper()
	ctx, end := chromedp.NewContext(st.browser)
	st.t.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil { // the tab lives in the context of its first action
		st.t.Fatal(err)
	}
	return &tab{st, ctx}
}

// do acts in the tab, no longer than patience.
func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	within, end := context.WithTimeout(p.ctx, browserPatience)
	defer end()
	if err := chromedp.Do(within, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// eval asks the page for a value; a promise is awaited. A page that goes while it is asked has the next one asked.
func eval[T any](p *tab, format string, args ...any) T {
	p.t.Helper()
	within, end := context.WithTimeout(p.ctx, browserPatience)
	defer end()
	ask := chromedp.Evaluate[T](fmt.Sprintf(format, args...), chromedp.EvalAwaitPromise)
	v, err := chromedp.Run(within, ask)
	for err != nil && strings.Contains(err.Error(), "navigated or closed") {
		v, err = chromedp.Run(within, ask)
	}
	if err != nil {
		p.t.Fatalf("%v in %s", err, fmt.Sprintf(format, args...))
	}
	return v
}

// await waits until an expression is true in the page.
func (p *tab) await(format string, args ...any) {
	p.t.Helper()
	expression := fmt.Sprintf(format, args...)
	lab.Wait(p.t, browserPatience, "the page never had "+expression+"; it has\n"+eval[string](p, "document.body?.innerText ?? \"\""),
		func() bool { return eval[bool](p, "Boolean(%s)", expression) })
}

func (p *tab) open(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.url + path))
	p.await(`document.body?.dataset.ready`)
}

// live opens a page and waits until it lives.
func (p *tab) live(path string) {
	p.t.Helper()
	p.open(path)
	p.await(`document.querySelector("#stream .good")`)
}

// enter logs in as a user does.
func (p *tab) enter(account string) {
	p.t.Helper()
	p.open("/login")
	p.do(chromedp.SendKeys("input[name=account]", account), chromedp.SendKeys("input[name=password]", "1234\r"))
	p.await(`document.body?.classList.contains("app")`)
}

func (p *tab) press(keys string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys))
}

// shoot keeps a picture of the page, for whoever wants to look (WEB_SHOTS names the directory).
func (p *tab) shoot(name string) {
	p.t.Helper()
	dir := os.Getenv("WEB_SHOTS")
	if dir == "" {
		return
	}
	within, end := context.WithTimeout(p.ctx, browserPatience)
	defer end()
	picture, err := chromedp.Run(within, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644)
	}
	if err != nil {
		p.t.Error(err)
	}
}

// axe reports what makes the page hard to use for somebody.
func (p *tab) axe(what string) {
	p.t.Helper()
	code, err := os.ReadFile("../test/browser/node_modules/axe-core/axe.min.js")
	if err != nil {
		p.t.Skip("needs axe-core: run npm ci --ignore-scripts in test/browser")
	}
	eval[bool](p, "%s; true", string(code))
	found := eval[string](p, `axe.run(document, {resultTypes: ["violations"]}).then((r) => JSON.stringify(
		r.violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => ({id: v.id,
		nodes: v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200) + " " + n.failureSummary)}))))`)
	var faults []struct {
		ID    string
		Nodes []string
	}
	if err := json.Unmarshal([]byte(found), &faults); err != nil {
		p.t.Fatal(err)
	}
	for _, f := range faults {
		p.t.Errorf("%s: %s: %s", what, f.ID, strings.Join(f.Nodes, "\n\t"))
	}
}
