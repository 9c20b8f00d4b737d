package sipp

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// partyTime is how long one party may take, on a slow machine.
const partyTime = 90 * time.Second

// stage is where parties play: one member for all rows of a table.
type stage struct {
	*lab.Member
	sipp string // the program
}

// newStage starts a member whose timers are short enough for a test.
func newStage(t *testing.T, set ...string) stage {
	t.Helper()
	return newStageAt(t, "127.0.0.1", set...)
}

// newStageAt starts it at an address of loopback.
func newStageAt(t *testing.T, bind string, set ...string) stage {
	t.Helper()
	lab.Long(t)
	tool := lab.Tool(t, "sip-tester", "sipp")
	return stage{lab.Start(t, lab.Options{Bind: bind, Set: append([]string{"sip.md5_agents=SIPp"}, set...)}), tool}
}

// party is one SIPp process.
type party struct {
	file     string // in testdata, without .xml
	account  string
	password string            // "" is that of the demo accounts
	keys     map[string]string // values of [words] in the file
	tcp      bool
	from     string            // address; "" is the member's
	calls    int               // that it plays, one by default
	files    map[string][]byte // that it finds in its directory
}

// played is a party that plays, or has.
type played struct {
	*lab.Process
	dir  string
	port int
}

// play starts a party from a port of its own.
func (s stage) play(t *testing.T, p party, port int) *played {
	t.Helper()
	file, err := filepath.Abs(filepath.Join("testdata", p.file+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	if p.password == "" {
		p.password = lab.Password
	}
	dir, transport, to := t.TempDir(), "u1", s.UDPAddr()
	if p.tcp {
		transport, to = "t1", s.TCPAddr()
	}
	for name, content := range p.files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	here := cmp.Or(p.from, s.Bind)
	args := []string{to, "-sf", file, "-m", strconv.Itoa(max(1, p.calls)), "-nostdin", "-t", transport,
		"-i", here, "-p", strconv.Itoa(port), "-mi", here, "-mp", strconv.Itoa(lab.Port(t)),
		"-au", p.account, "-ap", p.password, "-auth_uri", p.authURI(), "-key", "account", p.account,
		"-timeout", fmt.Sprint(int(partyTime.Seconds())), "-timeout_error",
		"-trace_err", "-error_file", "errors", "-trace_msg", "-message_file", "messages",
		"-trace_logs", "-log_file", "log"}
	for key, value := range p.keys {
		args = append(args, "-key", key, value)
	}
	run := &played{lab.Go(t, lab.Command{Path: s.sipp, Args: args, Dir: dir}), dir, port}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s:\n%s\n%s", p.file, run.read("errors"), run.read("messages"))
		}
	})
	return run
}

// authURI is the digest's URI, which must be that of the request (RFC 3261 section 22.4); SIPp would
// take the address it sends to.
func (p party) authURI() string {
	if strings.HasPrefix(p.file, "register-") {
		return lab.Domain
	}
	return p.keys["target"] + "@" + lab.Domain
}

func (p *played) read(file string) string {
	text, _ := os.ReadFile(filepath.Join(p.dir, file)) // SIPp makes it when it has something to say
	return string(text)
}

// received are the messages that have come to the party. SIPp writes a line of dashes before each message, and whether it
// was received.
func (p *played) received() (all []string) {
	for message := range strings.SplitSeq(p.read("messages"), "-----------------------------------------------") {
		if strings.Contains(message, "message received") {
			all = append(all, message)
		}
	}
	return all
}

// succeed demands that the party's story ends as its file says.
func (p *played) succeed(t *testing.T, who string) {
	t.Helper()
	if code := p.Wait(t, partyTime+10*time.Second); code != 0 {
		t.Errorf("the %s's story went another way (SIPp ended with %d)", who, code)
	}
}

// device registers a phone of the account and lets it wait for what comes.
func (s stage) device(t *testing.T, p party) *played {
	t.Helper()
	port := lab.Port(t)
	registered := s.play(t, party{file: "register-expect-200", account: p.account}, port)
	registered.succeed(t, "device")
	run := s.play(t, p, port)
	lab.Wait(t, 30*time.Second, "SIPp takes its port", func() bool { return bound(port) })
	return run
}

// bound says whether a process has this UDP port.
func bound(port int) bool {
	for path, nobody := range map[string]string{"/proc/net/udp": "00000000:0000", "/proc/net/udp6": "00000000000000000000000000000000:0000"} {
		table, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(table), fmt.Sprintf(":%04X %s ", port, nobody)) {
			return true
		}
	}
	return false
}

// clear ends what a story may have left: registrations, rules and legs.
func (s stage) clear(t *testing.T, accounts ...string) {
	t.Helper()
	for _, r := range s.Registrations() {
		if name, _, _ := strings.Cut(r.AOR, "@"); slices.Contains(accounts, name) {
			// One may have expired by now, and several of one account go together.
			_ = s.Ask(http.MethodDelete, "registrations/"+url.PathEscape(r.AOR), nil, nil)
		}
	}
	if t.Failed() { // the next story must not suffer
		for _, leg := range s.Legs() {
			_ = s.Ask(http.MethodDelete, "legs/"+url.PathEscape(leg.Handler), nil, nil)
		}
	}
	lab.Wait(t, 30*time.Second, "all legs have ended", func() bool { return len(s.Legs()) == 0 })
}

// forward sets an account's rules until the end of the test.
func (s stage) forward(t *testing.T, account string, flags ...string) {
	t.Helper()
	s.Tandem(append([]string{"account", "edit", account + "@" + lab.Domain}, flags...)...)
	t.Cleanup(func() {
		s.Tandem("account", "edit", account+"@"+lab.Domain, "--forward-all=", "--forward-busy=",
			"--forward-no-answer=", "--forward-failure=", "--no-answer-after=0")
	})
}
