package actors

import (
	"strings"
	"testing"

	"tandem/actors/desk"
	"tandem/web"
)

// TestWhoLogsInToPages: every enabled account with its password, as it is now; what it may see is for the
// pages to say, by its roles.
func TestWhoLogsInToPages(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	p := desk.Logins{Ledger: h.ledger}
	for _, name := range []string{"admin", "admin@tandem.local", "ADMIN"} {
		who, ok := p.Login(name, "1234")
		if !ok || who.Account != "admin@tandem.local" || len(who.Roles) != 1 || who.Roles[0] != "administrator" || who.Stamp == "" {
			t.Errorf("%s: %+v %v", name, who, ok)
		}
	}
	for _, pair := range [][2]string{{"admin", "12345"}, {"admin", ""}, {"nobody", "1234"}, {"", ""}, {"admin@elsewhere", "1234"}} {
		if who, ok := p.Login(pair[0], pair[1]); ok {
			t.Errorf("%q: %+v", pair, who)
		}
	}
	if who, ok := p.Login("1000", "1234"); !ok || len(who.Roles) != 0 {
		t.Errorf("%+v %v", who, ok)
	}
	if hint := h.demoHint(); !strings.Contains(hint, "admin") {
		t.Errorf("%q", hint)
	}

	before, _ := p.Identity("admin@tandem.local")
	fresh, off := "another one", false
	if _, err := (desk.Accounts{Ledger: h.ledger}).Save(t.Context(), web.AccountChange{AOR: "admin", Password: &fresh}); err != nil {
		t.Fatal(err)
	}
	after, ok := p.Identity("admin@tandem.local")
	if !ok || after.Stamp == before.Stamp {
		t.Error("logins outlive their password")
	}
	if _, err := (desk.Accounts{Ledger: h.ledger}).Save(t.Context(), web.AccountChange{AOR: "1000", Enabled: &off}); err != nil {
		t.Fatal(err)
	}
	if _, ok := p.Identity("1000@tandem.local"); ok {
		t.Error("a disabled account is somebody")
	}
}
