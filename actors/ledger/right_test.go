package ledger

import (
	"testing"
	"time"

	"tandem/actors/account"
	"tandem/signal"
	"tandem/ximss/cli"
)

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
