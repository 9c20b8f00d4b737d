package actors

import (
	"strings"
	"testing"

	"tandem/ximss/object"
)

// Each line is a command, who runs it, and what it comes to: a failure, or the result.
func TestRuleCommands(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	const admin, alice, bob = "admin@tandem.local", "1000@tandem.local", "1001@tandem.local"
	const one = `(505,vm,((From,"is not","boss@*")),(("Redirect To","#voicemail")))`
	for _, step := range []struct{ who, command, want string }{
		{admin, `GETACCOUNTSIGNALRULES 1000`, `()`},
		{alice, `SETACCOUNTSIGNALRULES * (` + one + `)`, ``},
		{bob, `GETACCOUNTSIGNALRULES 1000`, `501 access denied`},
		{bob, `SETACCOUNTSIGNALRULES 1000 ()`, `501 access denied`},
		{alice, `GETACCOUNTSIGNALRULES *`, `((#505,vm,((From,"is not","boss@*")),(("Redirect To","#voicemail"))))`},
		{admin, `UPDATEACCOUNTSIGNALRULE 1000 (#105,gone,(),(("Reject with",480)),why)`, ``},
		{admin, `UPDATEACCOUNTSIGNALRULE 1000 (500,vm)`, ``},
		{admin, `GETACCOUNTSIGNALRULES 1000`, `((#500,vm,((From,"is not","boss@*")),(("Redirect To","#voicemail"))),(#105,gone,(),(("Reject with",480)),why))`},
		{admin, `UPDATEACCOUNTSIGNALRULE 1000 DELETE vm`, ``},
		{admin, `UPDATEACCOUNTSIGNALRULE 1000 DELETE vm`, ``},
		{admin, `UPDATEACCOUNTSIGNALRULE 1000 (500,vm)`, `there is no rule "vm"`},
		{admin, `UPDATEACCOUNTSIGNALRULE 1000 (505,x,(),(("Reject with",200)))`, `a status from 400 to 699`},
		{admin, `SETACCOUNTSIGNALRULES 1000 (x)`, `a rule is (number, name,`},
		{admin, `GETACCOUNTSIGNALRULES 1000`, `((#105,gone,(),(("Reject with",480)),why))`},
		{admin, `SETACCOUNTSIGNALRULES nobody ()`, `unknown user account`},
		{alice, `SETDOMAINSIGNALRULES tandem.local ()`, `501 access denied`},
		{admin, `SETDOMAINSIGNALRULES tandem.local ((307,d,(),(("Reject with",486))))`, ``},
		{admin, `GETDOMAINSIGNALRULES tandem.local`, `((#307,d,(),(("Reject with",486))))`},
		{admin, `GETDOMAINSIGNALRULES nowhere.test`, `unknown domain`},
		{alice, `GETSERVERSIGNALRULES`, `501 access denied`},
		{admin, `GETSERVERSIGNALRULES`, `()`},
		{admin, `SETSERVERSIGNALRULES ((100009,s,(),(("Write To Log",x))))`, ``},
		{admin, `SETCLUSTERSIGNALRULES ((101,c,(),()),(102,e,(),()))`, ``},
		{admin, `SETSERVERSIGNALRULES ((7,s,(),()))`, `has no stage`},
		{admin, `GETCLUSTERSIGNALRULES`, `((#101,c,(),()),(#102,e,(),()))`},
	} {
		v, f := run(t, h, step.who, step.command)
		got := f
		if f == "" && strings.HasPrefix(step.command, "GET") {
			got = object.Format(v)
		}
		if got != step.want && (step.want == "" || f == "" || !strings.Contains(f, step.want)) {
			t.Errorf("%s\n got %s\nwant %s", step.command, got, step.want)
		}
	}
	if s := h.directory.Rules("tandem.local"); len(s.Server) != 1 || len(s.Cluster) != 2 || len(s.Domain) != 1 {
		t.Errorf("in force are %+v", s)
	}
	if a, _ := h.directory.Account("1000@tandem.local"); len(a.Rules) != 1 || a.Rules[0].Name != "gone" {
		t.Errorf("the account's are %+v", a.Rules)
	}
}
