package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Account is an account as REST tells it, as far as tests look.
type Account struct {
	AOR      string `json:"aor"`
	Display  string `json:"display"`
	Revision uint64 `json:"revision"`
}

// Registration is one contact of an account.
type Registration struct {
	AOR       string `json:"aor"`
	Contact   string `json:"contact"`
	Transport string `json:"transport"`
	Source    string `json:"source"`
	Agent     string `json:"agent"`
}

// Leg is a leg, living or ended.
type Leg struct {
	Handler     string `json:"handler"`
	Call        string `json:"call"` // legs of one call share it
	SIPCallID   string `json:"sip_call_id"`
	Account     string `json:"account"`
	Direction   string `json:"direction"` // in or out
	State       string `json:"state"`
	Peer        string `json:"peer"`
	From        string `json:"from"`
	To          string `json:"to"`
	Application string `json:"application"`
	Codec       string `json:"codec"`
	Encryption  string `json:"encryption"`
	Member      string `json:"member"` // that has it, where the list is of several
}

// Record is the record of a leg that has ended.
type Record struct {
	Leg
	Cause  string `json:"cause"`
	By     string `json:"by"`     // caller, callee or member
	Status int    `json:"status"` // final SIP status of the INVITE
	Media  struct {
		Sent     uint64 `json:"sent"`     // packets
		Received uint64 `json:"received"` // packets
		Fax      struct {
			Sent     uint64 `json:"sent"` // datagrams
			Received uint64 `json:"received"`
		} `json:"fax"`
	} `json:"media"`
}

// client never waits for ever for a member that hangs, and keeps the connections of many who ask at once.
var client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 64,
	IdleConnTimeout: time.Minute}}

// Ask makes one REST request with the control token: method, path below /api/v1/, body (nil for
// none), and where to decode the answer (nil for nowhere). A status of 300 or more is an error.
func (m *Member) Ask(method, path string, body, into any) error {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(text)
	}
	r, err := http.NewRequest(method, m.URL()+"/api/v1/"+path, content)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+m.token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, bytes.TrimSpace(text))
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}

// must makes one request and fails the test if it is refused.
func (m *Member) must(method, path string, body, into any) {
	m.t.Helper()
	if err := m.Ask(method, path, body, into); err != nil {
		m.t.Fatal(err)
	}
}

// most is the number of rows to ask for: all there are.
const most = "limit=10000"

// Accounts lists the accounts.
func (m *Member) Accounts() []Account {
	m.t.Helper()
	var list struct{ Accounts []Account }
	m.must(http.MethodGet, "accounts?"+most, nil, &list)
	return list.Accounts
}

// Registrations lists the registrations of all accounts.
func (m *Member) Registrations() []Registration {
	m.t.Helper()
	var list struct{ Registrations []Registration }
	m.must(http.MethodGet, "registrations?"+most, nil, &list)
	return list.Registrations
}

// Legs lists the living legs.
func (m *Member) Legs() []Leg {
	m.t.Helper()
	var list struct{ Legs []Leg }
	m.must(http.MethodGet, "legs?"+most, nil, &list)
	return list.Legs
}

// Metric is the sum of the series of one metric whose labels hold all of these, each name="value".
func (m *Member) Metric(name string, labels ...string) float64 {
	m.t.Helper()
	answer, err := client.Get(m.URL() + "/metrics")
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	sum, found := 0.0, false
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) != 2 || f[0] != name && !strings.HasPrefix(f[0], name+"{") {
			continue
		}
		has := true
		for _, l := range labels {
			has = has && strings.Contains(f[0], l)
		}
		if v, err := strconv.ParseFloat(f[1], 64); err == nil && has {
			sum, found = sum+v, true
		}
	}
	if !found {
		m.t.Fatalf("%s has no metric %s %v", m.Name, name, labels)
	}
	return sum
}

// Records lists the records of ended legs.
func (m *Member) Records() []Record {
	m.t.Helper()
	var list struct{ Records []Record }
	m.must(http.MethodGet, "records?"+most, nil, &list)
	return list.Records
}

// Verb runs `tandem ARGS` against the member and returns its output and exit code.
func (m *Member) Verb(args ...string) (string, int) {
	m.t.Helper()
	if err := admit(); err != nil {
		m.t.Fatal(err)
	}
	defer alive.Add(-1)
	cmd := exec.Command(Binary(m.t), append(args, "--data", m.Data)...)
	cmd.Env = childEnv(nil)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		m.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// Tandem runs `tandem ARGS` against the member, demands exit code 0 and returns the output.
func (m *Member) Tandem(args ...string) string {
	m.t.Helper()
	out, code := m.Verb(args...)
	if code != 0 {
		m.t.Fatalf("tandem %s ended with code %d:\n%s", strings.Join(args, " "), code, out)
	}
	return out
}
