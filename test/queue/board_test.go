package queue

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tandem/test/lab"
)

// supervisor looks at pages as a browser without script does.
type supervisor struct {
	t    *testing.T
	m    *lab.Member
	http *http.Client
}

func supervise(t *testing.T, m *lab.Member, account string) *supervisor {
	t.Helper()
	jar, _ := cookiejar.New(nil) // fails for nobody
	s := &supervisor{t, m, &http.Client{Jar: jar, Timeout: patience}}
	s.ask("POST", "/login", url.Values{"account": {account}, "password": {lab.Password}})
	return s
}

// ask asks for a page, or sends a form and gives the page that it leads to.
func (s *supervisor) ask(method, path string, form url.Values) string {
	s.t.Helper()
	r, err := http.NewRequest(method, s.m.URL()+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := s.http.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		s.t.Fatalf("%s %s: %d %v", method, path, answer.StatusCode, err)
	}
	return string(body)
}

// sees waits until a page has all these parts.
func (s *supervisor) sees(path string, parts ...string) (page string) {
	s.t.Helper()
	lab.Wait(s.t, patience, path+" shows "+strings.Join(parts, ", "), func() bool {
		page = s.ask("GET", path, nil)
		for _, part := range parts {
			if !strings.Contains(page, part) {
				return false
			}
		}
		return true
	})
	return page
}

// A supervisor sees who waits, is told why, moves one up and takes another one out; then an agent comes and talks.
func TestBoard(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	s := supervise(t, m, "1010")
	first := enter(t, m, "1001", "2000")
	s.sees("/monitors/queues/sales", "Take out 1001") // he is in line before the other one comes
	second := enter(t, m, "1000", "2000")
	page := s.sees("/monitors/queues/sales", "Move up 1000", "Take out 1001", "Nobody logged in")
	of := regexp.MustCompile(`href="(/monitors/queues/sales/callers/[^"/]+)/withdraw" aria-label="Take out (100\d)`)
	callers := map[string]string{}
	for _, found := range of.FindAllStringSubmatch(page, -1) {
		callers[found[2]] = found[1]
	}
	if callers["1000"] == "" || callers["1001"] == "" {
		t.Fatalf("callers %v", callers)
	}
	s.sees(callers["1001"], "Why it still waits", "entered")
	s.ask("POST", callers["1000"]+"/move", url.Values{"position": {"1"}})
	s.sees("/monitors/queues/sales", "Move up 1001")
	s.ask("POST", callers["1001"]+"/withdraw", url.Values{"text": {"closing"}})
	first.AwaitEnd()
	s.sees(callers["1001"], "taken out", "closing", "Gone")

	p := agent(t, m, "1002")
	call := p.Await()
	call.Answer()
	s.sees("/monitors/queues", "1002 agent 1002", "Talking", "Nobody waits.")
	s.sees("/monitors/agents?state=talking", callers["1000"], "1002")
	call.Hangup()
	second.AwaitEnd()
}
