package account

import (
	"testing"
	"time"

	"tandem/signal"
)

func TestTelnums(t *testing.T) {
	d := NewDirectory(time.Now)
	find := func(number string, want signal.AOR) {
		t.Helper()
		if got, ok := d.Telnum(number); got.AOR != want || ok != (want != "") {
			t.Errorf("%s is %q, want %q", number, got.AOR, want)
		}
	}
	b := &Record{AOR: "b@t.local", Telnums: []string{"+49 89 1234", "+49891234", "no number"}}
	d.SetAccount(b)
	find("49891234", "b@t.local")
	find("no number", "")
	find("", "")
	// Two that have one number: all members mean the same one, in whatever order they heard of them.
	d.SetAccount(&Record{AOR: "a@t.local", Telnums: []string{"49891234", "110"}})
	find("49891234", "a@t.local")
	d.SetAccount(b)
	find("49891234", "a@t.local")
	d.SetAccount(&Record{AOR: "a@t.local", Telnums: []string{"110"}})
	find("49891234", "b@t.local")
	find("110", "a@t.local")
	d.DropAccount("b@t.local")
	d.DropAccount("a@t.local")
	find("49891234", "")
	if len(d.routing.telnums) != 0 || len(d.routed) != 0 {
		t.Errorf("left are %v and %v", d.routing.telnums, d.routed)
	}
}

func TestForwarders(t *testing.T) {
	d := NewDirectory(time.Now)
	if to, ok := d.Forwarder("sales@t.local"); ok {
		t.Errorf("leads to %q", to)
	}
	d.SetForwarder("sales@t.local", "menu{a}#pbx")
	if to, ok := d.Forwarder("sales@t.local"); !ok || to != "menu{a}#pbx" {
		t.Errorf("leads to %q", to)
	}
	d.SetForwarder("sales@t.local", "")
	if to, ok := d.Forwarder("sales@t.local"); ok || len(d.routing.forwarders) != 0 {
		t.Errorf("leads to %q", to)
	}
}

func TestRulesOfOthers(t *testing.T) {
	d := NewDirectory(time.Now)
	one := []signal.Rule{{Name: "one"}}
	d.SetRules(ServerRules, one)
	d.SetRules(ClusterRules, append(one, one...))
	d.SetRules("t.local", append(one, append(one, one...)...))
	count := func(domain string, server, cluster, own int) {
		t.Helper()
		if s := d.Rules(domain); len(s.Server) != server || len(s.Cluster) != cluster || len(s.Domain) != own {
			t.Errorf("%q has %+v", domain, s)
		}
	}
	count("t.local", 1, 2, 3)
	count("other.org", 1, 2, 0)
	count("", 1, 2, 0)
	d.SetRules(ServerRules, nil)
	d.SetRules("t.local", nil)
	count("t.local", 0, 2, 0)
	if len(d.routing.rules) != 1 {
		t.Errorf("left are %v", d.routing.rules)
	}
}
