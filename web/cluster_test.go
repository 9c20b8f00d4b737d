package web

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// town stands in for a cluster. It keeps what it was told.
type town struct {
	mu    sync.Mutex
	view  ClusterView
	told  []string
	fails error
	joins int
	beats bool // members that are up are heard each half second, by the real clock
}

func (c *town) Cluster(context.Context) (ClusterView, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.view
	v.Members, v.Sights = slices.Clone(v.Members), slices.Clone(v.Sights)
	if c.beats {
		v.Time = time.Now()
		for i := range v.Members {
			if m := &v.Members[i]; m.State == MemberUp && m.Name != v.Member {
				m.Heard = v.Time.Add(-v.Time.Sub(m.Since) % (500 * time.Millisecond))
			}
		}
		for i := range v.Sights {
			v.Sights[i].Heard = v.Time.Add(-300 * time.Millisecond)
		}
	}
	return v, c.fails
}

// change changes the view as others would.
func (c *town) change(f func(v *ClusterView)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.view)
}

// tell keeps the words of an order about a member, and refuses one that is not there.
func (c *town) tell(member string, words ...string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := member == ""
	for _, m := range c.view.Members {
		known = known || m.Name == member
	}
	if !known {
		return NotFound("there is no member %q", member)
	}
	c.told = append(c.told, strings.Join(append([]string{member}, words...), " "))
	return c.fails
}

func (c *town) Drain(_ context.Context, member string, limit time.Duration, author string) error {
	return c.tell(member, "drain", limit.String(), author)
}

func (c *town) Undrain(_ context.Context, member, author string) error {
	return c.tell(member, "undrain", author)
}

func (c *town) Forget(_ context.Context, member, author string) error {
	return c.tell(member, "forget", author)
}

func (c *town) Set(_ context.Context, member, key, value string, revision uint64, author string) (ClusterChange, error) {
	if err := c.tell(member, key, value, author); err != nil {
		return ClusterChange{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if key == KeyFallback {
		old := c.view.Fallback
		c.view.Fallback, c.view.FallbackAt = value == "true", c.view.FallbackAt+1
		return ClusterChange{Old: boolWord(old), New: value, Revision: c.view.FallbackAt}, nil
	}
	for i := range c.view.Members {
		m := &c.view.Members[i]
		at, now := &m.CallLegsAt, &m.CallLegs
		if key == KeyFarm {
			at, now = &m.FarmAt, &m.Farm
		}
		if m.Name != member {
			continue
		}
		if *at != revision {
			return ClusterChange{}, Conflict("admin set %s 4 s ago", *now)
		}
		old := *now
		*now, *at = value, *at+1
		return ClusterChange{Old: old, New: value, Revision: *at}, nil
	}
	return ClusterChange{}, NotFound("there is no member %q", member)
}

// people stand in for the accounts that may log in. Each has the password 1234.
type people struct{}

func (people) Login(user, password string) (Identity, bool) {
	who, ok := people{}.Identity(user)
	return who, ok && password == "1234"
}

func (people) Identity(account string) (Identity, bool) {
	switch account {
	case "admin":
		return Identity{Account: account, Display: "The administrator", Roles: []string{"agent", "administrator"}, Stamp: "1"}, true
	case "watcher":
		return Identity{Account: account, Roles: []string{"supervisor"}, Stamp: "1"}, true
	case "leader":
		return Identity{Account: account, Leads: true, Stamp: "1"}, true
	case "1000":
		return Identity{Account: account, Roles: []string{"agent"}, Stamp: "1"}, true
	case "robot":
		return Identity{Account: account, Roles: []string{"robot"}, Stamp: "1"}, true
	}
	return Identity{}, false
}

func boolWord(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

func (c *town) Join(_ context.Context, request []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.joins++
	if !bytes.HasPrefix(request, []byte("ticket")) {
		return nil, Refuse(http.StatusForbidden, "ticket", "the ticket is not valid")
	}
	return []byte("certificate"), nil
}

// newTown has two members that are well and one that has died.
func newTown() *town {
	heard := moment.Add(-300 * time.Millisecond)
	return &town{view: ClusterView{
		Member: "tandem1", Time: moment, Quorum: true, Settings: 42, Refused: 3,
		Controller: Controller{Member: "tandem1", Epoch: 17, Since: moment.Add(-time.Hour)},
		Willing:    Willing{Epoch: 17, Version: 231, Members: []string{"tandem2"}},
		Members: []MemberRow{
			{Name: "tandem1", Address: "127.0.0.1:7010", HTTP: "127.0.0.1:8010", Boot: "1a2b3c4d", Version: "1.0",
				State: MemberUp, Since: moment.Add(-2 * time.Hour), Store: true, Controller: true,
				CallLegs: "remotely", CallLegsAt: 40, Farm: "auto", FarmResolved: "relay", FarmAt: 7,
				Elsewhere: 61, ListEpoch: 17, ListVersion: 231, Settings: 42, Load: 73, Sessions: 2, Names: 32},
			{Name: "tandem2", Address: "127.0.0.2:7010", HTTP: "127.0.0.2:8010", Boot: "0badcafe", Version: "1.0",
				State: MemberUp, Since: moment.Add(-time.Hour), Heard: heard, Store: true,
				CallLegs: "locally-for-others", CallLegsAt: 42, Farm: "member", FarmResolved: "member", Offered: true,
				OthersLegs: 61, ListEpoch: 17, ListVersion: 230, Settings: 41, Load: 512, Calls: 31, Legs: 61,
				Tasks: 14, Names: 32, ClockOffset: 0.003},
			{Name: "tandem3", Address: "127.0.0.3:7010", Boot: "deadbeef", Version: "0.9", State: MemberDead,
				Since: moment.Add(-time.Minute), Why: "no heartbeat for 2.5 s", Heard: moment.Add(-62 * time.Second),
				CallLegs: "locally", Farm: "disabled", Legs: 4},
		},
		Sights: []Sight{{By: "tandem1", Of: "tandem2", State: MemberUp, Heard: heard},
			{By: "tandem2", Of: "tandem1", State: MemberUp, Heard: heard}},
		Placed: []Placed{{Needs: "tandem1", Lives: "tandem2", Legs: 61}},
		Store:  StoreState{Ready: true, Members: []string{"tandem1", "tandem2"}, Up: 2},
		Events: []ClusterEvent{{Time: moment.Add(-time.Minute), Member: "tandem3", What: "dead", By: "tandem1",
			Why: "no heartbeat for 2.5 s"}},
		Changes: []ClusterHistory{{Time: moment.Add(-2 * time.Minute), Member: "tandem2", Key: KeyCallLegs,
			Old: "locally", New: "locally-for-others", Author: "admin"}},
	}}
}

// inTown is a server that is a member of the town.
func inTown(t testing.TB, c *town) *Server {
	t.Helper()
	return inTownWith(t, c, newHouse())
}

func inTownWith(t testing.TB, c *town, h *house) *Server {
	t.Helper()
	s, err := New(settings(), Services{Accounts: houseAccounts{h}, Registrations: houseRegistrations{h}, Calls: h, Stored: &houseStored{},
		Tasks: h, Sessions: h, Queues: houseQueues{}, Agents: houseAgents{}, Recordings: houseRecordings{}, Reports: houseReports{}, LogRecordings: houseLogRecordings{}, Health: h, Settings: h, Sockets: h, Authenticator: h, Logins: people{}, Cluster: c, Joiner: c})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheClusterAnswersItsWords(t *testing.T) {
	for _, c := range []struct{ name, method, path, body, told string }{
		{"cluster", "GET", "/api/v1/cluster", "", ""},
		{"member-drain", "POST", "/api/v1/cluster/members/tandem2/drain", `{"limit":90}`,
			"tandem2 drain 1m30s control token"},
		{"member-drain", "POST", "/api/v1/cluster/members/tandem2/drain", "", "tandem2 drain 0s control token"},
		{"member-undrain", "POST", "/api/v1/cluster/members/tandem2/undrain", "", "tandem2 undrain control token"},
		{"member-forget", "DELETE", "/api/v1/cluster/members/tandem3", "", "tandem3 forget control token"},
	} {
		town := newTown()
		w := ask(inTown(t, town), c.method, c.path, c.body)
		if w.Code != 200 {
			t.Fatalf("%s: %d %s", c.path, w.Code, w.Body)
		}
		golden(t, c.name+".json", w.Body.Bytes())
		if told := strings.Join(town.told, "; "); told != c.told {
			t.Errorf("%s: told %q", c.path, told)
		}
	}
}

func TestWhatAClusterRefuses(t *testing.T) {
	for _, c := range []struct {
		method, path, body string
		status             int
		code, says         string
	}{
		{"POST", "/api/v1/cluster/members/nobody/drain", "", 404, "not_found", "nobody"},
		{"POST", "/api/v1/cluster/members/nobody/undrain", "", 404, "not_found", "nobody"},
		{"DELETE", "/api/v1/cluster/members/nobody", "", 404, "not_found", "nobody"},
		{"POST", "/api/v1/cluster/members/tandem2/drain", `{"limit":-1}`, 400, "invalid", "86400"},
		{"POST", "/api/v1/cluster/members/tandem2/drain", `{"limit":86401}`, 400, "invalid", "86400"},
		{"POST", "/api/v1/cluster/members/tandem2/drain", `{"limits":1}`, 400, "invalid", "limits"},
	} {
		town := newTown()
		w := ask(inTown(t, town), c.method, c.path, c.body)
		code, message := errorOf(t, w)
		if w.Code != c.status || code != c.code || !strings.Contains(message, c.says) || len(town.told) != 0 {
			t.Errorf("%s: %d %s %v", c.path, w.Code, w.Body, town.told)
		}
	}
}

func TestAMemberWithoutAClusterIsAlone(t *testing.T) {
	h := newHouse()
	s := newServer(t, h, settings())
	now := func(w string) { // the only moment in it that no test can choose
		v, _ := s.services.Cluster.Cluster(t.Context())
		if !v.Alone || len(v.Members) != 1 || v.Members[0].Legs != 1 || v.Members[0].Calls != 1 ||
			v.Members[0].Tasks != 1 || v.Store.Ready != (w == "") || v.Quorum != (w == "") || v.Store.Message != w {
			t.Errorf("%+v", v)
		}
	}
	now("")
	h.condition.Checks[0] = Check{Name: "store", Message: "disk full"}
	now("disk full")
	for _, path := range []string{"drain", "undrain"} {
		w := ask(s, "POST", "/api/v1/cluster/members/tandem1/"+path, "")
		if _, message := errorOf(t, w); w.Code != 409 || !strings.Contains(message, "cluster.address") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if w := join(s, "ticket"); w.status != 409 {
		t.Errorf("join: %+v", w)
	}
}

type joined struct {
	status int
	body   string
}

// join sends a request to join from a stranger.
func join(s *Server, request string, edit ...func(*http.Request)) joined {
	w := ask(s, "POST", "/cluster/join", request, append([]func(*http.Request){func(r *http.Request) {
		r.Header.Del("Authorization")
		r.RemoteAddr = "192.0.2.9:1"
		r.Header.Set("Content-Type", "application/octet-stream")
	}}, edit...)...)
	return joined{w.Code, w.Body.String()}
}

func TestJoining(t *testing.T) {
	c := newTown()
	s := inTown(t, c)
	if got := join(s, "ticket and request"); got != (joined{200, "certificate"}) {
		t.Errorf("%+v", got)
	}
	if got := join(s, strings.Repeat("x", maxJoin+1)); got.status != 413 {
		t.Errorf("too long: %+v", got)
	}
	if got := join(s, "ticket", func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }); got.status != 415 {
		t.Errorf("type: %+v", got)
	}
	if c.joins != 1 {
		t.Errorf("%d requests came through", c.joins)
	}
}

func TestGuessingTicketsEnds(t *testing.T) {
	c := newTown()
	s := inTown(t, c)
	for range 2 * guessLimit {
		if got := join(s, "ticket"); got.status != 200 { // a right one costs nothing
			t.Fatalf("%+v", got)
		}
	}
	for range guessLimit {
		if got := join(s, "guess"); got.status != 403 {
			t.Fatalf("%+v", got)
		}
	}
	asked := c.joins
	if got := join(s, "ticket"); got.status != 429 || c.joins != asked {
		t.Errorf("a guess too many: %+v", got)
	}
	other := func(r *http.Request) { r.RemoteAddr = "192.0.2.10:1" }
	if got := join(s, "ticket", other); got.status != 200 {
		t.Errorf("another source: %+v", got)
	}
	w := ask(s, "GET", "/api/v1/version", "", func(r *http.Request) {
		r.RemoteAddr = "192.0.2.9:1"
		r.SetBasicAuth("admin", "1234")
	})
	if w.Code != 200 {
		t.Errorf("who guessed tickets is kept from logging in: %d", w.Code)
	}
}
