package conf

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	c, err := Load(Sources{Set: []string{"sip.max_conns=30000"}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := c.Explain("sip.max_conns")
	if err != nil {
		t.Fatal(err)
	}
	const want = `sip.max_conns
  Stream connections at once; the next one is closed. We open up to a quarter more, 16 at least.
  type       whole number
  unit       connections
  range      1..1000000
  default    20000
  value      30000
  from       flag sip.max_conns
  variable   TANDEM_SIP__MAX_CONNS
  change     acts now
  kept by    the cluster too, for all members or for one
`
	if got := e.String(); got != want {
		t.Errorf("got:\n%s", got)
	}
	for key, want := range map[string]string{
		"sip.max_con": "sip.max_con is unknown; right would be: sip.max_conns",
		"log":         "log is a section; its keys are level, format, wire",
		"log.x.y":     "log.x.y is unknown; right would be: one of level, format, wire",
		"zzzzzzzz": "zzzzzzzz is unknown; right would be: SECTION.KEY with one of the sections " +
			"member, cluster, log, sip, http, cli, ximss, media, store, routing, accounts, tasks, queues, ami, reports, stat, adapters, exchanges, trunks, recorders",
		"sipp.udp": "sipp.udp is unknown; right would be: sip.udp",
	} {
		if _, err := c.Explain(key); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", key, err, want)
		}
	}
	numbers, err := c.Explain("routing.numbers")
	if err != nil || !strings.Contains(numbers.String(), "- match") {
		t.Errorf("the parts of an entry are not explained: %v\n%s", err, numbers)
	}
}

func TestExplanationAndReportAsJSON(t *testing.T) {
	c, err := Load(Sources{Set: []string{"log.level=debug"}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := c.Explain("log.level")
	if err != nil {
		t.Fatal(err)
	}
	standard := Default()
	_, report := merge(&standard, c)
	got, err := json.Marshal([]any{e, report})
	const want = `[{"key":"log.level","meaning":"Least severe line that is written.","type":"text",` +
		`"one_of":["debug","info","warn","error"],"change":"now","scope":"cluster","default":"info","value":"debug",` +
		`"origin":"flag log.level","variable":"TANDEM_LOG__LEVEL"},` +
		`[{"key":"log.level","old":"info","new":"debug","origin":"flag log.level","effect":"now"}]]`
	if err != nil || string(got) != want {
		t.Errorf("%v\ngot  %s\nwant %s", err, got, want)
	}
	var back []json.RawMessage
	var again Explanation
	if err := errors.Join(json.Unmarshal(got, &back), json.Unmarshal(back[0], &again)); err != nil || again.String() != e.String() {
		t.Errorf("what was read again explains otherwise: %v\n%s", err, again)
	}
}

func TestLogShowsWhatDiffers(t *testing.T) {
	c := Default()
	c.Log.Level, c.Store.Token = "debug", "word"
	if got := c.LogValue().String(); got != "[log.level=debug store.token='********']" {
		t.Error(got)
	}
}

func TestShowTellsOrigins(t *testing.T) {
	c, err := Load(Sources{Environ: []string{"TANDEM_SIP__UDP=5070"},
		Set: []string{"routing.numbers=[{match: 9196, app: echo}]"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\n  udp: 5070 # TANDEM_SIP__UDP\n", "\n  tcp: 5060 # default\n", "\n  codecs: [PCMU, PCMA, G722] # default\n",
		"\n  numbers: # flag routing.numbers\n    - {match: \"9196\", app: echo}\n",
	} {
		if !strings.Contains(c.Show(), want) {
			t.Errorf("%q is missing in\n%s", want, c.Show())
		}
	}
}

// However a configuration leaves the program, its secrets stay.
func TestSecretsAreMasked(t *testing.T) {
	const word = "swordfish"
	c := Dev(1, "/srv")
	c.Store.URL, c.Store.Token = "nats://127.0.0.1:1", word
	c.Accounts.Demo[0].Password = word
	c.Reports.Recordings = []Address{"B=https://reader:" + word + "@b.example.net/{callid}.wav", "C=https://reader:" + word + "@" + word + "@c.example.net/{callid}.wav"}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q"} {
		fmt.Fprintf(&b, verb, c)
		fmt.Fprintf(&b, verb, &c)
		fmt.Fprintf(&b, verb, c.Store.Token)
		fmt.Fprintf(&b, verb, []any{c.Accounts.Demo[0]})
	}
	for _, h := range []slog.Handler{slog.NewJSONHandler(&b, nil), slog.NewTextHandler(&b, nil)} {
		log := slog.New(h)
		log.Info("conf", "conf", &c, "value", c, "section", c.Store, "token", c.Store.Token, "demo", c.Accounts)
	}
	if err := json.NewEncoder(&b).Encode(c); err != nil {
		t.Fatal(err)
	}
	b.WriteString(c.Show())
	for _, f := range fields() {
		e, err := c.Explain(f.Key)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(e.String())
	}
	_, report := merge(&c, &Conf{})
	b.WriteString(report.String())
	if s := b.String(); strings.Contains(s, word) || strings.Contains(s, fmt.Sprintf("%x", word)) {
		t.Error("a secret was printed")
	} else if strings.Count(s, mask) < 20 {
		t.Errorf("only %d masks: the test does not print the secrets", strings.Count(s, mask))
	}
	if string(c.Store.Token) != word {
		t.Error("the secret itself is lost")
	}
	if fmt.Sprintf("[%v]", Secret("")) != "[]" {
		t.Error("no secret must look like none")
	}
}

func TestFieldsAreACopy(t *testing.T) {
	Fields()[0].Key = "x"
	all := Fields()
	all[0].Key = "x"
	if Fields()[0].Key != "member.name" {
		t.Error("a caller can change the schema")
	}
}
