package router

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/acttest"
	"tandem/actors/msg"
	"tandem/signal"
)

func TestStories(t *testing.T) {
	acttest.Play(t, "testdata/signal", func(t *testing.T) acttest.Player { return &stage{t: t, world: newWorld()} })
}

// world is a directory of accounts that each story finds anew. Their numbers say nothing; the table
// below does.
type world struct {
	accounts map[signal.AOR]signal.Account
	contacts map[signal.AOR][]signal.Contact
	rules    map[string][]signal.Rule  // of "server", "cluster", or a domain
	named    map[signal.AOR]signal.AOR // owners
}

// people are the accounts: rules by name, and the devices with their preference in thousandths.
var people = []struct {
	user, rules string
	devices     map[string]int
	order       []string
}{
	{user: "1000"},
	{user: "1001", order: []string{"desk"}},
	{user: "1002", order: []string{"desk", "mobile"}},
	{user: "1003", order: []string{"desk", "mobile"}, devices: map[string]int{"mobile": 500}},
	{user: "1010", rules: "busy=1001", order: []string{"desk"}},
	{user: "1011", rules: "no-answer=1001", order: []string{"desk"}},
	{user: "1012", rules: "failure=1001"},
	{user: "1013", rules: "all=1001", order: []string{"desk"}},
	{user: "1014", rules: "all=9196", order: []string{"desk"}},
	{user: "1015", rules: "busy=9196 no-answer=9196 failure=9196", order: []string{"desk"}},
	{user: "1016", rules: "all=1017"},
	{user: "1017", rules: "all=1016"},
	{user: "1018", rules: "busy=1999", order: []string{"desk"}},
	{user: "1019", rules: "all=1013"},
	{user: "1020", rules: "all=1019"},
	{user: "1021", rules: "all=1020"},
	{user: "1022", rules: "all=menu{x}#pbx", order: []string{"desk"}},
	{user: "1023", rules: "no-answer=#voicemail", order: []string{"desk"}},
	{user: "1024", rules: "all=menu#pbx@u.local"},
	{user: "1025", rules: "failure=menu#pbx@u.local"},
	{user: "pbx"},
	{user: "many", order: []string{"a", "b", "c", "d", "e"}},
}

func newWorld() world {
	w := world{map[signal.AOR]signal.Account{}, map[signal.AOR][]signal.Contact{}, map[string][]signal.Rule{},
		map[signal.AOR]signal.AOR{"lobby@t.local": "pbx@t.local"}}
	w.accounts["pbx@u.local"] = signal.Account{AOR: "pbx@u.local"} // of another domain
	for _, p := range people {
		aor := signal.AOR(p.user + "@t.local")
		w.accounts[aor] = signal.Account{AOR: aor, Display: "Number " + p.user, Rules: rules(p.rules).Rules()}
		for _, d := range p.order {
			q := 1000
			if n, ok := p.devices[d]; ok {
				q = n
			}
			w.contacts[aor] = append(w.contacts[aor], device(d, q))
		}
	}
	return w
}

func device(name string, q int) signal.Contact {
	return signal.Contact{URI: signal.URI{Scheme: "sip", User: name, Host: "10.0.0.1"}, Q: q,
		Flow: signal.Flow{Edge: "m1", Transport: "UDP", Remote: netip.MustParseAddrPort("10.0.0.1:5060")}}
}

func rules(text string) (r signal.Simple) {
	for word := range strings.FieldsSeq(text) {
		rule, to, _ := strings.Cut(word, "=")
		aor := signal.AOR(to)
		if !strings.ContainsAny(to, "@#") {
			aor += "@t.local"
		}
		switch rule {
		case "all":
			r.All = aor
		case "busy":
			r.Busy = aor
		case "no-answer":
			r.NoAnswer, r.NoAnswerAfter = aor, 10*time.Second
		case "failure":
			r.Failure = aor
		}
	}
	return r
}

func (w world) Account(a signal.AOR) (signal.Account, bool) {
	found, ok := w.accounts[a]
	return found, ok
}

func (w world) Contacts(a signal.AOR) []signal.Contact { return w.contacts[a] }

func (w world) Telnum(number string) (signal.Account, bool) {
	for _, a := range w.accounts {
		if n, ok := signal.Telnum(a.Number); ok && n == number {
			return a, true
		}
	}
	return signal.Account{}, false
}

func (w world) NamedTask(a signal.AOR) (string, signal.AOR, bool) {
	owner, ok := w.named[a]
	return "lobbyist", owner, ok
}

func (w world) Forwarder(signal.AOR) (string, bool) { return "", false }

func (w world) Rules(domain string) signal.RuleSet {
	return signal.RuleSet{Server: w.rules["server"], Cluster: w.rules["cluster"], Domain: w.rules[domain]}
}

func (w world) FlowOwners(f signal.Flow) (aors []signal.AOR) {
	for aor, contacts := range w.contacts {
		for _, c := range contacts {
			if c.Flow.Edge != "" && c.Flow.Edge == f.Edge {
				aors = append(aors, aor)
			}
		}
	}
	return aors
}

var table = signal.NewTable("t.local", []string{"u.local"}, []signal.Number{
	{Match: "9196", Application: "echo"}, {Match: "200", Application: "menu{en}#pbx"}, {Match: "70nn", Application: "park#pbx"}, {Match: "30nn", Application: "conference"}, {Match: "965nn", Application: "status"}})

// stage is a Signal between a caller's leg and devices' legs that exist in the story alone.
type stage struct {
	t      *testing.T
	world  world
	signal *Signal
	timer  signal.ForkTimer
}

// Do acts one event and tells what the Signal wants done, and its state where that has changed.
func (s *stage) Do(line string) []string {
	word, rest, _ := strings.Cut(line, " ")
	if word == "rule" {
		s.rule(rest)
		return nil
	}
	a := args{}
	for f := range strings.FieldsSeq(rest) {
		k, v, _ := strings.Cut(f, "=")
		a[k] = v
	}
	act, ok := acts[word]
	if !ok {
		s.t.Fatalf("no act %q", word)
	}
	before := state(-1)
	if s.signal != nil {
		before = s.signal.state
	}
	var out []string
	for _, e := range act(s, a) {
		out = append(out, s.tell(e))
	}
	if s.signal.state != before {
		out = append(out, "state "+s.signal.state.String())
	}
	return out
}

// rule reads "owner number subject|operator|value => verb: value", where the owner is server, cluster, a
// domain or a number of t.local.
func (s *stage) rule(text string) {
	head, action, _ := strings.Cut(text, " => ")
	word := strings.SplitN(head, " ", 3)
	condition := strings.SplitN(word[2], "|", 3)
	verb, value, _ := strings.Cut(action, ": ")
	r := signal.Rule{Name: "r", Conditions: []signal.Condition{{Subject: condition[0], Operator: condition[1], Value: condition[2]}},
		Actions: []signal.Action{{Verb: verb, Value: value}}}
	_, _ = fmt.Sscan(word[1], &r.Number)
	if err := signal.CheckRules([]signal.Rule{r}); err != nil {
		s.t.Fatal(err)
	}
	aor := signal.AOR(word[0] + "@t.local")
	if a, ok := s.world.accounts[aor]; ok {
		a.Rules = append(a.Rules, r)
		s.world.accounts[aor] = a
		return
	}
	s.world.rules[word[0]] = append(s.world.rules[word[0]], r)
}

// args are the words of an event line.
type args map[string]string

func (a args) number(name string) int32 {
	var n int32
	_, _ = fmt.Sscan(a[name], &n)
	return n
}

func (a args) branch() signal.BranchID { return signal.BranchID(a.number("branch")) }

func (a args) list(name string) []string {
	if a[name] == "" {
		return nil
	}
	return strings.Split(a[name], ",")
}

// refused is the host's answer: why it made no leg, nil when it made one.
func (a args) refused() *signal.Refusal {
	if a["status"] == "" {
		return nil
	}
	return &signal.Refusal{Status: int(a.number("status"))}
}

// acts are what can happen on the stage.
var acts = map[string]func(*stage, args) []effect{
	"call": func(s *stage, a args) []effect { return s.start(a, false) },
	// A transfer: the leg that looks for somebody lived before.
	"transfer": func(s *stage, a args) []effect { return s.start(a, true) },
	// A call that a Task makes.
	"task-call":     func(s *stage, a args) []effect { return s.start(a, true) },
	"task-placed":   func(s *stage, a args) []effect { return s.signal.TaskPlaced(a.refused()) },
	"caller-placed": func(s *stage, a args) []effect { return s.signal.CallerPlaced(a.refused()) },
	"ready":         func(s *stage, a args) []effect { return s.signal.Ready(a.list("codecs")) },
	"placed":        func(s *stage, a args) []effect { return s.signal.BranchPlaced(a.branch(), a.refused()) },
	"progressed": func(s *stage, a args) []effect {
		return s.signal.Progressed(a.branch(), &msg.LegProgressed{Status: a.number("status"), Early: a["early"] != "",
			Stream: a["early"], Codec: a["codec"]})
	},
	"answered": func(s *stage, a args) []effect {
		return s.signal.Answered(a.branch(), &msg.LegAnswered{Stream: "stream-" + a["branch"], Codec: "PCMA"})
	},
	"refused": func(s *stage, a args) []effect {
		m := &msg.LegRefused{Status: a.number("status"), Reason: a["reason"]}
		if a["redirect"] != "" {
			m.Redirect = msg.FromURI(uri(s.t, a["redirect"]))
		}
		for _, to := range a.list("redirects") {
			m.Redirects = append(m.Redirects, msg.FromURI(uri(s.t, to)))
		}
		if a["retry"] != "" {
			m.Headers = []*msg.Header{{Name: "Retry-After", Value: a["retry"]}}
		}
		return s.signal.Refused(a.branch(), m)
	},
	"ended": func(s *stage, a args) []effect {
		return s.signal.BranchEnded(a.branch(), &msg.LegEnded{Status: a.number("status")})
	},
	"time-out": func(s *stage, a args) []effect {
		if a["timer"] != "" {
			return s.signal.Timeout(int(a.number("timer")))
		}
		return s.signal.Timeout(s.timer.ID)
	},
	"cancel":          func(s *stage, a args) []effect { return s.signal.Cancelled(a["reason"]) },
	"caller-answered": func(s *stage, _ args) []effect { return s.signal.CallerAnswered() },
	"caller-ended":    func(s *stage, _ args) []effect { return s.signal.CallerEnded("the caller's leg ended") },
	"caller-gone":     func(s *stage, _ args) []effect { return s.signal.CallerGone(500) },
}

func uri(t testing.TB, text string) signal.URI {
	u, err := signal.ParseURI(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// start is the request: to= is a number of t.local or a whole URI, account= who proved to be who.
func (s *stage) start(a args, adopted bool) []effect {
	targets := s.addresses(a["targets"])
	to := s.addresses(cmp.Or(a["to"], "nobody"))[0]
	r := &signal.Request{ID: "q", Method: signal.INVITE, URI: to, To: signal.Party{URI: to}, MaxForwards: 70,
		From: signal.Party{Display: a["name"], URI: uri(s.t, "sip:1000@t.local:7000;x=y")}}
	if a["account"] != "" {
		r.Origin.Account = signal.AOR(a["account"] + "@t.local")
	}
	if a["by"] != "" {
		r.Headers = signal.Headers{{Name: "Referred-By", Value: "<sip:" + a["by"] + "@t.local>"}}
	}
	if a["header"] != "" {
		r.Headers = append(r.Headers, signal.Header{Name: "Subject", Value: a["header"]})
	}
	for name, field := range map[string]string{"asserted": "P-Asserted-Identity", "privacy": "Privacy", "diversion": "Diversion",
		"history": "History-Info"} {
		if a[name] != "" {
			r.Headers = append(r.Headers, signal.Header{Name: field, Value: a[name]})
		}
	}
	if a["passed"] != "" {
		r.Headers = append(r.Headers, signal.Header{Name: passed, Value: "junk " + mark(signal.AOR(a["passed"]+"@t.local"))})
	}
	if a["nobody"] != "" {
		r.From.URI = anonymous.URI
	}
	s.signal = newSignal(r, table, s.world, signal.ForkLimits{Branches: 4, Forwards: 3, Ring: time.Minute},
		func() time.Time { return stageTime }, slog.New(slog.DiscardHandler))
	return s.signal.Start(terms{adopted: adopted, codecs: a.list("codecs"), targets: targets,
		task: a["task"] != "", plain: a["plain"] != ""})
}

// addresses are numbers of t.local or whole URIs, separated by bars.
func (s *stage) addresses(list string) (out []signal.URI) {
	for text := range strings.SplitSeq(list, "|") {
		if text == "" {
			continue
		}
		if !strings.Contains(text, ":") {
			text = "sip:" + text + "@t.local"
		}
		out = append(out, uri(s.t, text))
	}
	return out
}

// stageTime is when all stories happen: a Thursday at half past ten in the morning.
var stageTime = time.Date(2026, 12, 24, 10, 30, 0, 0, time.UTC)

// tell is one effect in a line.
func (s *stage) tell(e effect) string {
	switch e := e.(type) {
	case respond:
		return strings.TrimSpace(fmt.Sprintf("respond %d %s", e.response.Status, e.response.Reason)) + fields(e.response.Headers)
	case placeCaller:
		return strings.Join(strings.Fields(fmt.Sprintf("caller's leg %s %s number=%s", e.application, e.argument, e.number)), " ")
	case placeBranch:
		return fmt.Sprintf("branch %d: %s", e.id, tellCall(e.call))
	case tellCaller:
		return "caller " + tellMessage(e.message)
	case tellBranch:
		return fmt.Sprintf("branch %d %s", e.id, tellMessage(e.message))
	case showEarly:
		return fmt.Sprintf("caller hears branch %d: %s", e.id, tellMessage(e.progress))
	case join:
		return fmt.Sprintf("join branch %d stream=%s codec=%s", e.id, e.stream, e.codec)
	case placeTask:
		return fmt.Sprintf("Task %s %q for %s number=%s", e.target.Program, e.target.Params, e.target.Account.AOR, e.target.Number)
	case serve:
		return "caller serves the Task that runs " + e.program
	case dismiss:
		return "the Task is ended"
	case errand:
		return fmt.Sprintf("errand of %s, rule %s: %s %s", e.note.Account, e.note.Rule, e.note.Verb, e.note.Value)
	case startTimer:
		s.timer = e.timer
		return fmt.Sprintf("timer %d after %v", e.timer.ID, e.timer.After)
	case stop:
		return "stop"
	}
	return fmt.Sprintf("%T", e)
}

func fields(h signal.Headers) (text string) {
	for _, f := range h {
		text += " " + f.Name + ": " + f.Value
	}
	return text
}

func tellCall(c *msg.LegCall) string {
	return fmt.Sprintf("ring %v for %s from %v forwards=%d codecs=%s", c.Contact.Signal(), c.Account, c.From.Signal(),
		c.MaxForwards, strings.Join(c.Codecs, ",")) + fields(beside(c))
}

// beside are the fields of a call without those that each has: its mark, and who calls where that is whom it shows.
func beside(c *msg.LegCall) signal.Headers {
	h := msg.ToHeaders(c.Headers)
	if h.Get("P-Asserted-Identity") == c.From.Signal().String() {
		h = h.Without("P-Asserted-Identity")
	}
	if h.Get(passed) == mark(signal.AOR(c.Account)) {
		h = h.Without(passed)
	}
	return h
}

// tellMessage is a message in words; the library's own form has spaces that come and go on purpose.
func tellMessage(m proto.Message) string {
	text := strings.Join(strings.Fields(fmt.Sprint(m)), " ")
	return strings.TrimSpace(string(m.ProtoReflect().Descriptor().Name()) + " " + text)
}

// A Signal that is told anything at any time neither panics nor wants something after its end.
func TestEveryEventInEveryState(t *testing.T) {
	starts := []string{"call to=1002", "call to=9196", "call to=1013", "transfer to=1003", "call to=nobody",
		"call to=200", "call to=1023", "task-call task=yes targets=1001|1002", "transfer to=200"}
	events := []string{"caller-placed", "caller-placed status=503", "ready codecs=PCMU", "placed branch=1",
		"placed branch=1 status=503", "progressed branch=1 status=180", "progressed branch=2 status=183 early=x",
		"answered branch=1", "answered branch=2", "refused branch=1 status=486", "refused branch=2 status=302 redirect=sip:1001@t.local",
		"ended branch=1 status=500", "time-out", "task-placed", "task-placed status=503", "cancel", "caller-answered", "caller-ended", "caller-gone"}
	w := newWorld()
	for _, start := range starts {
		for _, first := range events {
			for _, second := range events {
				for _, third := range events {
					if !playOn(t, w, start, first, second, third) {
						break // nothing came of it: what follows is a shorter story
					}
				}
			}
		}
	}
}

// playOn plays a story and reports whether something came of its second event.
func playOn(t *testing.T, w world, start string, events ...string) bool {
	s := &stage{t: t, world: w}
	s.Do(start)
	more := false
	for i, event := range events {
		over := s.signal.state == ended
		outcome := s.Do(event)
		more = more || i == 1 && len(outcome) > 0
		for _, want := range outcome {
			if over && !strings.Contains(want, "LegHangup") && want != "the Task is ended" {
				t.Fatalf("%s; %s: after its end %q", start, strings.Join(events, "; "), want)
			}
		}
	}
	return more
}
