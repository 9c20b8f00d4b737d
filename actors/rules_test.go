package actors

import (
	"errors"
	"strings"
	"testing"

	"tandem/actors/acttest"
	"tandem/actors/ledger"
	"tandem/actors/store"
	"tandem/signal"
)

// Rules act on the next call, whoever wrote them, and last; what can not be read changes nothing.
func TestRulesOfTheServer(t *testing.T) {
	live := liveOf(t, settingsOf(t.TempDir()), "")
	h, err := open(t, live)
	if err != nil {
		t.Fatal(err)
	}
	p := newPhone(t, h)
	p.bye(p.answered(p.dial("a", "9196")))
	rules := []signal.Rule{{Number: signal.NewNumber(signal.Immediate, 9), Name: "closed",
		Conditions: []signal.Condition{{Subject: "RequestURI", Operator: "is", Value: "9196@*"}},
		Actions:    []signal.Action{{Verb: signal.RejectWith, Value: "410 Closed"}}}}
	set := func(key string, rules []signal.Rule) error {
		return h.ledger.ChangeRules(t.Context(), key, store.Write{}, func([]signal.Rule) ([]signal.Rule, error) { return rules, nil })
	}
	if err := set(ledger.ServerRules, rules); err != nil {
		t.Fatal(err)
	}
	p.dial("b", "9196")
	if r := p.await("SIP/2.0 4"); !strings.HasPrefix(r, "SIP/2.0 410 Closed") {
		t.Errorf("answered %q", r)
	}
	settings := h.store.Bucket(store.Settings)
	if _, err := settings.Put(t.Context(), ledger.ServerRules, []byte(`[{"Number":1}]`), store.Write{}); err != nil {
		t.Fatal(err)
	}
	if _, err := settings.Put(t.Context(), ledger.DomainRules("tandem.local"), []byte(`[{"Number":309,"Name":"x"}]`), store.Write{}); err != nil {
		t.Fatal(err)
	}
	acttest.Until(t, "the domain has its rule", func() bool { return len(h.directory.Rules("tandem.local").Domain) == 1 })
	if s := h.directory.Rules("tandem.local"); len(s.Server) != 1 || s.Server[0].Name != "closed" {
		t.Errorf("in force are %+v", s)
	}
	if err := set(ledger.ServerRules, rules); err != nil {
		t.Fatal(err)
	}
	stop(t, h)
	h = started(t, live)
	if s := h.directory.Rules("tandem.local"); len(s.Server) != 1 || len(s.Domain) != 1 || len(s.Cluster) != 0 {
		t.Errorf("after a start in force are %+v", s)
	}
	if err := set(ledger.ServerRules, nil); err != nil {
		t.Fatal(err)
	}
	if _, there := h.store.Bucket(store.Settings).Get(ledger.ServerRules); there || len(h.directory.Rules("").Server) != 0 {
		t.Error("the rules are there still")
	}
	if err := set(ledger.ClusterRules, make([]signal.Rule, 1)); !errors.Is(err, signal.ErrRule) {
		t.Errorf("a malformed rule: %v", err)
	}
	if err := set("rules.nobody", rules); err == nil {
		t.Error("nobody has rules")
	}
}
