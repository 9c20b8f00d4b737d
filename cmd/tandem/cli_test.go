package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tandem runs one command line and returns its exit code and output.
func tandem(t *testing.T, stdin string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = newApp(strings.NewReader(stdin), &o, &e).run(args)
	return code, o.String(), e.String()
}

// asked is a request that a fake member was sent.
type asked struct{ method, path, query, token, body string }

// fakeMember answers every request with the words that web/testdata keeps: those that a real
// member says.
func fakeMember(t *testing.T, status int, golden string) (url string, requests *[]asked) {
	t.Helper()
	body := []byte(golden)
	if strings.HasSuffix(golden, ".json") {
		var err error
		if body, err = os.ReadFile(filepath.Join("..", "..", "web", "testdata", golden)); err != nil {
			t.Fatal(err)
		}
	}
	requests = &[]asked{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		*requests = append(*requests, asked{r.Method, r.URL.EscapedPath(), r.URL.RawQuery,
			r.Header.Get("Authorization"), string(sent)})
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	t.Cleanup(s.Close)
	return s.URL, requests
}

func TestUsageErrors(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	for _, c := range []struct{ line, says string }{
		{"bogus", "bogus"},
		{"version extra", "extra"},
		{"version --bogus", "--bogus"},
		{"version -o xml", "only table and json"},
		{"account", "needs a verb: list, show, add, edit, rm"},
		{"account bogus", `no verb "bogus"`},
		{"account show", "1 arg"},
		{"account edit 1000", "nothing to change"},
		{"account add 1000 --password -", "standard input"},
		{"account list --limit many", "many"},
		{"reg kick", "arg"},
		{"reg list a b", "arg"},
		{"call show", "arg"},
		{"queue", "needs a verb: list, show, add, set, rm"},
		{"queue set sales", "arg"},
		{"queue move sales x first", "no number"},
		{"agent set 1002", "nothing to change"},
		{"agent set 1002 --queues sales:x", "no number"},
		{"agent pause", "arg"},
		{"call hangup", "arg"},
		{"call list --since 5m", "--ended"},
		{"config", "check, show, explain"},
		{"config explain", "arg"},
		{"settings", "needs a verb: get, set, unset, history, revert"},
		{"settings get a b", "arg"},
		{"settings set log.level", "arg"},
		{"settings set log.level debug --revision x", "revision"},
		{"settings revert log.level x", "settings history log.level"},
		{"health --server ftp://x", "ftp://x"},
		{"health --server nonsense", "nonsense"},
		{"reload extra", "extra"},
		{"selftest extra", "extra"},
		{"dev --members 0", "1 to 9 members"},
		{"dev --members 10", "1 to 9 members"},
		{"dev --members 2 --bind 127.0.0.9", "--base"},
		{"dev --base 192.0.2.1", "loopback"},
		{"dev --base nowhere", "nowhere"},
		{"dev --members 2 --base 127.255.255.255", "loopback"},
		{"dev --bind 0.0.0.0", "loopback alone"},
		{"dev --bind nowhere", "loopback alone"},
		{"dev-member", "started by dev alone"},
		{"serve extra", "extra"},
	} {
		code, out, errs := tandem(t, "", strings.Fields(c.line)...)
		if code != codeUsage || !strings.Contains(errs, c.says) || out != "" {
			t.Errorf("%s: %d %q %q", c.line, code, out, errs)
		}
	}
}

func TestHelpIsNoError(t *testing.T) {
	for _, line := range []string{"--help", "account --help", "call list --help", "completion bash",
		"completion zsh", "completion fish", ""} {
		code, out, _ := tandem(t, "", strings.Fields(line)...)
		if code != codeDone || out == "" {
			t.Errorf("%q: %d", line, code)
		}
	}
}

func TestTheHiddenVerbIsHidden(t *testing.T) {
	if _, out, _ := tandem(t, "", "--help"); strings.Contains(out, "dev-member") {
		t.Error(out)
	}
}

// verbs are the verbs that ask a member: the command line, what a member answers, what is asked of
// it, and words of the table.
var verbs = []struct {
	line, golden string
	method, path string
	query, body  string
	says         string
}{
	{"health", "health.json", "GET", "/api/v1/health", "", "", "tandem1  ready"},
	{"reload", `{"changes":[{"key":"log.level","old":"info","new":"debug","effect":"now"}]}`,
		"POST", "/api/v1/config/reload", "", "", "log.level  info  debug  now"},
	{"reload", "config-reload.json", "POST", "/api/v1/config/reload", "", "", "nothing changed"},
	{"config show", "config.json", "GET", "/api/v1/config", "", "", "http.port  default  8010"},
	{"config explain log.level", "setting.json", "GET", "/api/v1/settings/log.level", "", "",
		"variable   TANDEM_LOG__LEVEL"},
	{"settings get", "settings.json", "GET", "/api/v1/settings", "", "", "debug  -"},
	{"settings get", "settings.json", "GET", "/api/v1/settings", "", "", "5070   not taken on tandem2: sip.udp: is in use"},
	{"settings get --member tandem2", `{"settings":[]}`, "GET", "/api/v1/settings", "member=tandem2", "", "nothing is set"},
	{"settings get log.level", "setting.json", "GET", "/api/v1/settings/log.level", "", "", "log.level  cluster  7"},
	{"settings set log.level debug --member tandem2 --revision 0 --reason look", "setting-set.json", "PUT",
		"/api/v1/settings/log.level", "member=tandem2", `{"reason":"look","revision":0,"value":"debug"}`, "for       tandem2"},
	{"settings set log.level debug", "setting-set.json", "PUT", "/api/v1/settings/log.level", "", `{"value":"debug"}`, "acts      now"},
	{"settings unset log.level --revision 7 --member tandem2", "setting-unset.json", "DELETE", "/api/v1/settings/log.level",
		"member=tandem2&revision=7", "", "value     -"},
	{"settings history log.level --member tandem2", "setting-history.json", "GET", "/api/v1/settings/log.level/history", "member=tandem2",
		"", "admin@tandem.local  a look  debug"},
	{"settings history log.level", `{"revisions":[]}`, "GET", "/api/v1/settings/log.level/history", "", "", "it was never set"},
	{"settings revert log.level 5 --reason quiet", "setting-revert.json", "POST", "/api/v1/settings/log.level/revert", "",
		`{"reason":"quiet","to":5}`, "revision  7"},
	{"account list --match al", "accounts.json", "GET", "/api/v1/accounts", "limit=100&match=al", "",
		"1000@tandem.local  Alice  yes"},
	{"account show 1000@tandem.local", "account.json", "GET", "/api/v1/accounts/1000@tandem.local", "", "",
		"forward no answer  1001@tandem.local"},
	{"account add 1001 --password x --roles a,b", "account-add.json", "POST", "/api/v1/accounts", "",
		`{"aor":"1001","password":"x","roles":["a","b"]}`, "1001@tandem.local"},
	{"account edit 1000 --enabled=false --forward-busy= --revision 3", "account-edit.json", "PATCH",
		"/api/v1/accounts/1000", "", `{"enabled":false,"forward":{"busy":""},"revision":3}`, "Al"},
	{"account rm a/b --revision 3", "account-rm.json", "DELETE", "/api/v1/accounts/a%2Fb", "revision=3", "",
		"removed  1000@tandem.local"},
	{"reg list 1000 --limit 5", "registrations.json", "GET", "/api/v1/registrations", "account=1000&limit=5", "",
		"sip:1000@192.0.2.7:5062  udp"},
	{"reg kick 1000 sip:x", "registration-kick.json", "DELETE", "/api/v1/registrations/1000",
		"contact=sip%3Ax", "", "removed  1"},
	{"queue list --match sal", "queues.json", "GET", "/api/v1/queues", "limit=100&match=sal", "", "sales  over limit  3        42.5s"},
	{"queue show sales", "queue.json", "GET", "/api/v1/queues/sales", "", "", "timeout            15s"},
	{"queue rm sales --revision 7 --reason gone", "queue-rm.json", "DELETE", "/api/v1/queues/sales", "reason=gone&revision=7", "", "removed  sales"},
	{"queue add support", "queue-set.json", "PUT", "/api/v1/queues/support", "", `{"definition":{},"revision":0}`, "timeout   20s"},
	{"queue callers sales", "callers.json", "GET", "/api/v1/queues/sales/callers", "after=0&limit=100", "", "tandem1-4.1  1000    alice  0         waiting  42.5s"},
	{"queue explain sales tandem1-4.1", "caller.json", "GET", "/api/v1/queues/sales/callers/tandem1-4.1", "", "", "waits    -      1002   -            is paused"},
	{"queue withdraw sales a/b --text closed", "caller-told.json", "POST", "/api/v1/queues/sales/callers/a%2Fb/withdraw", "", `{"text":"closed"}`,
		"told  tandem1-4.1"},
	{"queue move sales x 1", "caller-told.json", "POST", "/api/v1/queues/sales/callers/x/move", "", `{"position":1}`, "told"},
	{"queue promote sales x 5", "caller-told.json", "POST", "/api/v1/queues/sales/callers/x/promote", "", `{"priority":5}`, "told"},
	{"queue send sales x support", "caller-told.json", "POST", "/api/v1/queues/sales/callers/x/send", "", `{"to":"support"}`, "told"},
	{"agent list --queue sales --state paused", "agents.json", "GET", "/api/v1/agents", "limit=100&queue=sales&state=paused", "",
		"1002   agent 1002  paused"},
	{"agent show 1002", "agent.json", "GET", "/api/v1/agents/1002", "", "", "reason                lunch"},
	{"agent set 1002 --queues sales,support:2 --skills french:3 --revision 5", "queue-set.json", "PATCH", "/api/v1/agents/1002", "",
		`{"definition":{"memberships":[{"penalty":0,"queue":"sales"},{"penalty":2,"queue":"support"}],"skills":{"french":3}},"revision":5}`, "name"},
	{"agent rm 1002", "queue-rm.json", "DELETE", "/api/v1/agents/1002", "", "", "removed"},
	{"agent explain 1002", `{"waits":[{"queue":"sales","why":"paused"}],"history":[]}`, "GET", "/api/v1/agents/1002/explain", "", "", "paused"},
	{"agent login 1002 --device 1005", "agent-told.json", "POST", "/api/v1/agents/1002/login", "", `{"device":"1005"}`, "paused"},
	{"agent logout 1002", "agent-told.json", "POST", "/api/v1/agents/1002/logout", "", `{}`, "1002"},
	{"agent pause 1002 lunch --queue sales", "agent-told.json", "POST", "/api/v1/agents/1002/pause", "", `{"queue":"sales","reason":"lunch"}`, "lunch"},
	{"agent resume 1002", "agent-told.json", "POST", "/api/v1/agents/1002/resume", "", `{"queue":""}`, "1002"},
	{"agent ready 1002", "agent-told.json", "POST", "/api/v1/agents/1002/ready", "", `{}`, "1002"},
	{"agent check 1002", "agent-told.json", "POST", "/api/v1/agents/1002/check", "", `{}`, "1002"},
	{"agent join 1002 billing --penalty 1", "agent-told.json", "POST", "/api/v1/agents/1002/queues", "",
		`{"add":true,"penalty":1,"queue":"billing"}`, "1002"},
	{"agent leave 1002 billing", "agent-told.json", "POST", "/api/v1/agents/1002/queues", "", `{"queue":"billing","remove":true}`, "1002"},
	{"call list --account 1000", "legs.json", "GET", "/api/v1/legs", "account=1000&limit=100", "",
		"leg.tandem1.7.x  connected"},
	{"call list --ended --since 90m", "records.json", "GET", "/api/v1/records", "limit=100&since=90m", "",
		"1m0s      200     bye    caller  4.4"},
	{"call show leg.x", "leg.json", "GET", "/api/v1/legs/leg.x", "", "", "SIP Call-ID  a84b4c76e66710"},
	{"call hangup leg.x", "leg-hangup.json", "DELETE", "/api/v1/legs/leg.x", "", "", "ended  leg.tandem1.7.x"},
}

func TestVerbsAskTheMember(t *testing.T) {
	for _, v := range verbs {
		t.Run(v.line, func(t *testing.T) {
			status := 200
			url, requests := fakeMember(t, status, v.golden)
			args := append(strings.Fields(v.line), "--server", url, "--token", "secret")
			code, out, errs := tandem(t, "", args...)
			if code != codeDone || !strings.Contains(out, v.says) {
				t.Errorf("%d\n%s%s", code, out, errs)
			}
			want := asked{v.method, v.path, v.query, "Bearer secret", v.body}
			if len(*requests) != 1 || (*requests)[0] != want {
				t.Errorf("asked %+v\nwant  %+v", *requests, want)
			}
		})
	}
}

func TestVerbsShowJSON(t *testing.T) {
	for _, v := range verbs {
		url, _ := fakeMember(t, 200, v.golden)
		args := append(strings.Fields(v.line), "--server", url, "-o", "json")
		code, out, errs := tandem(t, "", args...)
		if code != codeDone || !json.Valid([]byte(out)) {
			t.Errorf("%s: %d\n%s%s", v.line, code, out, errs)
		}
	}
}

func TestVerbsOfARefusingMember(t *testing.T) {
	for _, v := range verbs {
		url, _ := fakeMember(t, 409, `{"error":{"code":"conflict","message":"it is not so"}}`)
		code, out, errs := tandem(t, "", append(strings.Fields(v.line), "--server", url)...)
		if code != codeFailed || out != "" || !strings.Contains(errs, "it is not so") {
			t.Errorf("%s: %d %q %q", v.line, code, out, errs)
		}
	}
}

func TestVerbsWithoutAMember(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	_ = l.Close()
	lines := []string{"selftest"}
	for _, v := range verbs {
		lines = append(lines, v.line)
	}
	for _, line := range lines {
		code, _, errs := tandem(t, "", append(strings.Fields(line), "--server", url)...)
		if code != codeUnreachable || !strings.Contains(errs, url) || !strings.Contains(errs, "tandem dev") {
			t.Errorf("%s: %d %q", line, code, errs)
		}
	}
}

func TestSomethingElseAnswers(t *testing.T) {
	url, _ := fakeMember(t, 404, "<html>not found</html>")
	code, _, errs := tandem(t, "", "account", "list", "--server", url)
	if code != codeFailed || !strings.Contains(errs, "is it one?") {
		t.Errorf("%d %q", code, errs)
	}
	url, _ = fakeMember(t, 200, "<html>")
	code, _, errs = tandem(t, "", "account", "list", "--server", url)
	if code != codeFailed || !strings.Contains(errs, "another version") {
		t.Errorf("%d %q", code, errs)
	}
}

func TestHealthFailsWhenNotReady(t *testing.T) {
	url, _ := fakeMember(t, 200, `{"member":"m","ready":false,"checks":[{"name":"store","ok":false,"message":"away"}]}`)
	code, out, _ := tandem(t, "", "health", "--server", url)
	if code != codeFailed || !strings.Contains(out, "not ready") || !strings.Contains(out, "FAILED  away") {
		t.Errorf("%d %q", code, out)
	}
}

func TestAnAccountWithoutAPasswordGetsOne(t *testing.T) {
	url, requests := fakeMember(t, 201, "account-add.json")
	_, out, errs := tandem(t, "", "account", "add", "1001", "--server", url)
	var body struct{ Password string }
	_ = json.Unmarshal([]byte((*requests)[0].body), &body)
	if len(body.Password) < 20 || !strings.Contains(errs, body.Password) || strings.Contains(out, body.Password) {
		t.Errorf("%q %q %q", body.Password, out, errs)
	}
}

func TestAPasswordMayComeFromStandardInput(t *testing.T) {
	url, requests := fakeMember(t, 200, "account-edit.json")
	tandem(t, "s3cret\n", "account", "edit", "1000", "--password", "-", "--server", url)
	if body := (*requests)[0].body; body != `{"password":"s3cret"}` {
		t.Error(body)
	}
}

func TestTheTokenIsReadFromTheDataDirectory(t *testing.T) {
	url, requests := fakeMember(t, 200, "accounts.json")
	for name, dir := range map[string]string{"serve": "", "dev": firstMember} {
		data := t.TempDir()
		if err := os.MkdirAll(filepath.Join(data, dir), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(data, dir, lockFile), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(data, dir, tokenFile), []byte("fromfile\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		tandem(t, "", "account", "list", "--server", url, "--data", data)
		if got := (*requests)[len(*requests)-1].token; got != "Bearer fromfile" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestTheTokenIsNotForStrangers(t *testing.T) {
	data := t.TempDir()
	_ = os.WriteFile(filepath.Join(data, tokenFile), []byte("fromfile"), 0o600)
	for server, want := range map[string]string{"http://127.0.0.1:1": "fromfile",
		"http://localhost:1": "fromfile", "http://[::1]:1": "fromfile", "http://192.0.2.1": "",
		"https://pbx.example": "", "http://localhost.evil.example": ""} {
		a := newApp(nil, io.Discard, io.Discard)
		a.server, a.data = server, data
		c, err := a.client()
		if err != nil || c.token != want {
			t.Errorf("%s: %q %v", server, c.token, err)
		}
	}
}

func TestThePortIsReadFromThePortsFile(t *testing.T) {
	data := t.TempDir()
	a := newApp(nil, io.Discard, io.Discard)
	a.data = data
	for text, want := range map[string]string{
		`{"tandem1":{"http":12345}}`: "http://127.0.0.1:12345",
		`{"tandem1":{}}`:             "http://127.0.0.1:8010",
		`garbage`:                    "http://127.0.0.1:8010",
	} {
		_ = os.WriteFile(filepath.Join(data, portsFile), []byte(text), 0o600)
		if c, err := a.client(); err != nil || c.base != want {
			t.Errorf("%s: %s %v", text, c.base, err)
		}
	}
}

// Of several members the first one that runs is asked, where it says that it is.
func TestAMemberThatRunsIsFound(t *testing.T) {
	data := t.TempDir()
	a := newApp(nil, io.Discard, io.Discard)
	a.data = data
	home := func(name string, files ...string) string {
		dir := filepath.Join(data, name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, f := range append(files, lockFile, tokenFile) {
			if err := os.WriteFile(filepath.Join(dir, f), []byte("http://127.0.0."+name[len(name)-1:]+":1\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	first := home("tandem1")
	if got := a.memberHome(); got != first {
		t.Errorf("none runs: %s", got)
	}
	home("three/tandem1")
	second := home("three/tandem2", portsFile, urlFile)
	if got := a.memberHome(); got != second {
		t.Errorf("the second runs: %s", got)
	}
	if c, err := a.client(); err != nil || c.base != "http://127.0.0.2:1" {
		t.Errorf("%v %v", c, err)
	}
	if err := os.WriteFile(filepath.Join(second, urlFile), []byte("http://127.0.0.2:0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.client(); err == nil || !strings.Contains(err.Error(), "http.port is -1") {
		t.Errorf("a member without a web listener: %v", err)
	}
	release, err := prepareData(data, false)
	if err != nil {
		t.Fatal(err)
	}
	release()
	if exists(filepath.Join(second, portsFile)) || exists(filepath.Join(second, urlFile)) {
		t.Error("what a killed member has left is believed")
	}
}

func TestWhereAListenerIsReached(t *testing.T) {
	for bind, want := range map[string]string{"0.0.0.0": "127.0.0.1:1", "::": "[::1]:1", "127.0.0.9": "127.0.0.9:1", "": "127.0.0.1:1"} {
		var list []string
		if bind != "" {
			list = []string{bind}
		}
		if got := reachable(list, 1); got != want {
			t.Errorf("%q: %s", bind, got)
		}
	}
}

func TestStrangersWordsDoNotCommandTheTerminal(t *testing.T) {
	url, _ := fakeMember(t, 200,
		`{"legs":[{"handler":"h","from":"\u001b[2J\u0007evil\nrow","state":"\u202ex"}],"more":true,"unheard":["tandem2\u0007"]}`)
	_, out, errs := tandem(t, "", "call", "list", "--server", url)
	if strings.ContainsAny(out, "\x1b\a\u202e") || strings.Count(out, "\n") != 2 {
		t.Errorf("%q", out)
	}
	if !strings.Contains(errs, "--limit") {
		t.Errorf("a cut list does not say so: %q", errs)
	}
	if !strings.Contains(errs, "did not answer") || !strings.Contains(errs, "tandem2") || strings.Contains(errs, "\a") {
		t.Errorf("a list without a member does not say so: %q", errs)
	}
}

func TestConfigVerbs(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("good.yaml", "sip:\n  udp: 5070\n")
	bad := file("bad.yaml", "sip:\n  upd: 5070\nhttp:\n  port: many\n")
	for _, c := range []struct {
		line string
		code int
		says []string
	}{
		{"config check --config " + good, codeDone, []string{"ok"}},
		{"config check --config " + good + " -o json", codeDone, []string{`"ok": true`}},
		{"config check --config " + bad, codeFailed, []string{bad + ":2", bad + ":4", "sip.upd", "http.port"}},
		{"config check --config " + filepath.Join(dir, "none"), codeFailed, []string{"none"}},
		{"config check --set sip.udp=x", codeFailed, []string{"sip.udp"}},
		{"config show --config " + good, codeDone, []string{"udp: 5070", good + ":2"}},
		{"config show --config " + good + " -o json", codeDone, []string{`"key": "sip.udp"`, `"value": "5070"`}},
		{"config show --config " + bad, codeFailed, []string{bad + ":2"}},
		{"config explain sip.udp --config " + good, codeDone, []string{"5060", "5070", "TANDEM_SIP__UDP"}},
		{"config explain sip.udp --set sip.tcp=0 -o json", codeDone, []string{`"default": "5060"`}},
		{"config explain sip.upd --set sip.tcp=0", codeFailed, []string{"sip.udp"}},
		{"config explain sip.udp --server http://127.0.0.1:1", codeUnreachable, []string{"no member answers"}},
	} {
		code, out, errs := tandem(t, "", strings.Fields(c.line)...)
		for _, want := range c.says {
			if code != c.code || !strings.Contains(out+errs, want) {
				t.Errorf("%s: %d, without %q\n%s%s", c.line, code, want, out, errs)
			}
		}
	}
}

// Without a member settings are explained as the environment has them.
func TestExplainWithoutAMember(t *testing.T) {
	dir := t.TempDir()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	_ = free.Close()
	if err := (ports{"tandem1": {"http": port}}).write(filepath.Join(dir, portsFile)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TANDEM_SIP__UDP", "5099")
	code, out, errs := tandem(t, "", "config", "explain", "sip.udp", "--data", dir)
	if code != codeDone || !strings.Contains(out, "5099") {
		t.Errorf("%d %s%s", code, out, errs)
	}
}

func TestASettingThatNobodyTakesIsSaidInOneLine(t *testing.T) {
	for state, want := range map[string]string{
		"not taken": "not taken on tandem2: why", "hidden": "hidden on tandem2 by why",
		"after restart": "acts after restart on tandem2", "else": "else on tandem2",
	} {
		s := storedSetting{Except: []struct{ Member, State, Why string }{{"tandem2", state, "why"}}}
		if got := s.note(); got != want {
			t.Errorf("%s: %s", state, got)
		}
	}
}

func TestVersion(t *testing.T) {
	_, out, _ := tandem(t, "", "version")
	_, asJSON, _ := tandem(t, "", "version", "--output", "json")
	if !strings.HasPrefix(out, "tandem ") || !strings.Contains(asJSON, `"go": "go1`) {
		t.Errorf("%q %q", out, asJSON)
	}
}
