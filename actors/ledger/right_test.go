package ledger

import (
	"testing"
	"time"

	"tandem/actors/account"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/cli"
)

// Who may listen to an agent has the right over one of his queues, or over all; then he may listen to everybody else too,
// but not to himself.
func TestWhoMayListen(t *testing.T) {
	l := newOffice(t)
	l.Directory.SetAccount(&account.Record{AOR: "1001@tandem.local"})
	for _, queue := range []string{"sales", "support"} {
		q := DefaultQueue(queue)
		l.put(t, q)
	}
	for name, rights := range map[string][]string{"all": {"CanListen"}, "sales": {"CanListen:sales"}, "other": {"CanListen:other"},
		"sees": {"CanSupervise"}} {
		l.Directory.SetAccount(&account.Record{AOR: signal.AOR(name + "@tandem.local"), Rights: rights})
	}
	a := DefaultAgent("1002")
	a.Memberships = []Membership{{Queue: "sales"}, {Queue: "support"}}
	if _, err := l.PutAgent(t.Context(), a, store.Write{Author: "ann"}); err != nil {
		t.Fatal(err)
	}
	agents := map[signal.AOR]string{"1002@tandem.local": "1002"}
	for pair, want := range map[[2]string]signal.AOR{
		{"all", "1002"}: "1002@tandem.local", {"all", "1002@tandem.local"}: "1002@tandem.local",
		{"sales", "1002@tandem.local"}: "", {"sales", "1002"}: "1002@tandem.local",
		{"other", "1002"}: "", {"sees", "1002"}: "",
		{"all", "1001"}: "1001@tandem.local", {"sales", "1001"}: "", {"all", "all"}: "", {"all", "nobody"}: "",
	} {
		who, _ := l.Directory.Record(signal.AOR(pair[0] + "@tandem.local"))
		if got, err := l.MayAttend(who, pair[1], "tandem.local"); got.Account != want || got.Agent != agents[want] || got.Anybody != (want != "" && pair[0] == "all") || (err == nil) != (want != "") {
			t.Errorf("%v: %+v, %v", pair, got, err)
		}
	}
}

// Who may act in the name of others of his domain may use their files, and those of no other domain.
func TestWhoMayUseFilesOfOthers(t *testing.T) {
	const alice, bob = "1000@tandem.local", "1001@tandem.local"
	l := New(Options{Directory: account.NewDirectory(time.Now)})
	l.Directory.SetAccount(&account.Record{AOR: "admin@tandem.local", Roles: []string{account.Administrator}})
	l.Directory.SetAccount(&account.Record{AOR: alice})
	for name, rights := range map[string][]string{"deputy@tandem.local": {string(cli.CanImpersonate)},
		"clerk@tandem.local": {string(cli.BasicSettings)}, "chief@other.local": {string(cli.AllDomains)}, "gone@tandem.local": {string(cli.AllDomains)}} {
		l.Directory.SetAccount(&account.Record{AOR: signal.AOR(name), Rights: rights, Disabled: name == "gone@tandem.local"})
	}
	for pair, want := range map[[2]string]bool{
		{"deputy@tandem.local", bob}: true, {"deputy@tandem.local", "chief@other.local"}: false,
		{"clerk@tandem.local", bob}: false, {"chief@other.local", bob}: true, {"gone@tandem.local", bob}: false,
		{"admin@tandem.local", bob}: true, {alice, bob}: false, {"none@tandem.local", bob}: false,
	} {
		if got := l.MayAdminister(pair[0], pair[1]); got != want {
			t.Errorf("%v: %v", pair, got)
		}
	}
}
