package conf

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// overs makes values of lines "[member:]key=value", whose revisions are 1, 2, 3.
func overs(lines ...string) []Over {
	var all []Over
	for i, line := range lines {
		key, value, _ := strings.Cut(line, "=")
		o := Over{Key: key, Value: value, Revision: uint64(i + 1), Author: "ann"}
		if member, key, ok := strings.Cut(key, ":"); ok {
			o.Member, o.Key = member, key
		}
		all = append(all, o)
	}
	return all
}

// told writes fates one per line: the state of each, and why.
func told(fates []Fate) string {
	var b strings.Builder
	for _, f := range fates {
		fmt.Fprintf(&b, "%d %s: %s", f.Revision, f.Key, f.State)
		if f.Why != "" {
			b.WriteString(", " + f.Why)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// at is the value of a setting and where it comes from.
func at(t *testing.T, l *Live, key string) string {
	t.Helper()
	e, err := l.Conf().Explain(key)
	if err != nil {
		t.Fatal(err)
	}
	return e.Value + " from " + e.Origin.String()
}

// Each row is a member with these sources, the values that the cluster keeps, and what becomes of them.
func TestOverlay(t *testing.T) {
	dev := Dev(1, "/srv")
	for _, c := range []struct {
		name     string
		sources  Sources
		overs    []string
		want     string
		settings map[string]string
	}{
		{"over what a command brings along", Sources{Base: &dev}, []string{"routing.open_numbers=false"},
			"1 routing.open_numbers: acts\n",
			map[string]string{"routing.open_numbers": "false from cluster, revision 1, ann"}},
		{"the network for demo accounts", Sources{Base: &dev}, []string{"tandem1:http.bind=0.0.0.0"},
			"1 http.bind: not taken, http.bind[0]: 0.0.0.0 would show the demo accounts, whose secrets everybody knows, to the network; " +
				"right would be: a loopback address such as 127.0.0.1, or no accounts.demo\n", nil},
		{"the cluster's over a default", Sources{}, []string{"log.level=debug"}, "1 log.level: acts\n",
			map[string]string{"log.level": "debug from cluster, revision 1, ann"}},
		{"a member's over the cluster's, in any order", Sources{}, []string{"tandem1:log.level=warn", "log.level=debug"},
			"1 log.level: acts\n2 log.level: hidden, member tandem1, revision 1, ann\n",
			map[string]string{"log.level": "warn from member tandem1, revision 1, ann"}},
		{"a variable over both", Sources{Environ: []string{"TANDEM_LOG__LEVEL=error"}},
			[]string{"log.level=debug", "tandem1:log.level=warn"},
			"1 log.level: hidden, TANDEM_LOG__LEVEL\n2 log.level: hidden, TANDEM_LOG__LEVEL\n",
			map[string]string{"log.level": "error from TANDEM_LOG__LEVEL"}},
		{"a flag too", Sources{Set: []string{"log.level=error"}}, []string{"log.level=debug"},
			"1 log.level: hidden, flag log.level\n", map[string]string{"log.level": "error from flag log.level"}},
		{"after a restart", Sources{}, []string{"sip.udp=5070", "sip.tcp=5060"},
			"1 sip.udp: after restart\n2 sip.tcp: acts\n",
			map[string]string{"sip.udp": "5060 from default"}},
		{"lists and words", Sources{}, []string{"media.codecs=PCMA,PCMU", "tandem1:sip.public=192.0.2.1",
			"routing.numbers=[{match: '1', app: echo}, {match: '2', app: menu#pbx}]", "sip.md5_agents=[]"},
			"1 media.codecs: acts\n2 sip.public: acts\n3 routing.numbers: acts\n4 sip.md5_agents: acts\n",
			map[string]string{"media.codecs": "[PCMA, PCMU] from cluster, revision 1, ann", "sip.md5_agents": "[] from cluster, revision 4, ann",
				"routing.numbers": `[{match: "1", app: echo}, {match: "2", app: menu#pbx}] from cluster, revision 3, ann`}},
		{"wrong by itself", Sources{}, []string{"sip.upd=1", "sip.t1=fast", "sip.t2=2m", "log.level=loud", "log.wire=true", "media.codecs=[x"},
			"1 sip.upd: not taken, sip.upd: is unknown; right would be: sip.udp\n" +
				"2 sip.t1: not taken, sip.t1: \"fast\" is no duration; right would be: a number with its unit, such as 500ms, 30s or 1h\n" +
				"3 sip.t2: not taken, sip.t2: 2m is out of range; right would be: 10ms..1m\n" +
				"4 log.level: not taken, log.level: \"loud\" is unknown; right would be: one of debug, info, warn, error\n" +
				"5 log.wire: acts\n" +
				"6 media.codecs: not taken, media.codecs: is no list; right would be: [ ... ], parts separated by commas\n",
			map[string]string{"log.wire": "true from cluster, revision 5, ann"}},
		{"not for the cluster", Sources{}, []string{"member.drain=1s", "store.url=nats://h:1", "store.token=x", "tandem1:member.name=x",
			"tandem1:accounts.demo=[]", "tandem1:member.drain=2s"},
			"1 member.drain: not taken, member.drain: is different on each member; right would be: a value for one member, by its name\n" +
				"2 store.url: not taken, store.url: is needed before a member opens the store in which the cluster keeps settings; " +
				"right would be: a value in the file, the environment or a flag of each member\n" +
				"3 store.token: not taken, store.token: holds a secret, and the cluster keeps none; " +
				"right would be: a value in the file, the environment or a flag of each member\n" +
				"4 member.name: not taken, member.name: is needed before a member opens the store in which the cluster keeps settings; " +
				"right would be: a value in the file, the environment or a flag of each member\n" +
				"5 accounts.demo: not taken, accounts.demo: holds a secret, and the cluster keeps none; " +
				"right would be: a value in the file, the environment or a flag of each member\n" +
				"6 member.drain: acts\n", nil},
		{"against the file: the file's key is at fault", Sources{Set: []string{"sip.t1=1s"}}, []string{"sip.t2=900ms", "log.level=warn"},
			"1 sip.t2: not taken, sip.t1: 1s is longer than t2, 900ms; right would be: at most 900ms\n2 log.level: acts\n",
			map[string]string{"sip.t2": "4s from default", "log.level": "warn from cluster, revision 2, ann"}},
		{"against one another: the later is out", Sources{}, []string{"sip.t1=3s", "sip.t2=2s"},
			"1 sip.t1: acts\n2 sip.t2: not taken, sip.t1: 3s is longer than t2, 2s; right would be: at most 2s\n",
			map[string]string{"sip.t1": "3s from cluster, revision 1, ann", "sip.t2": "4s from default"}},
		{"right only together", Sources{}, []string{"sip.t1=6s", "sip.t2=8s"}, "1 sip.t1: acts\n2 sip.t2: acts\n", nil},
		{"out for nothing in the end", Sources{}, []string{"sip.t2=1s", "sip.t1=900ms", "tandem1:sip.t2=800ms"},
			"1 sip.t2: acts\n2 sip.t1: acts\n3 sip.t2: not taken, sip.t1: 900ms is longer than t2, 800ms; right would be: at most 800ms\n",
			map[string]string{"sip.t2": "1s from cluster, revision 1, ann"}},
		{"told by what acts in the end", Sources{}, []string{"sip.t1=3500ms", "sip.t2=3s", "tandem1:sip.t1=5s"},
			"1 sip.t1: acts\n2 sip.t2: not taken, sip.t1: 3.5s is longer than t2, 3s; right would be: at most 3s\n" +
				"3 sip.t1: not taken, sip.t1: 5s is longer than t2, 4s; right would be: at most 4s\n", nil},
		{"given back when what it contradicts is out too", Sources{}, []string{"sip.t1=5s", "sip.t2=4500ms"},
			"1 sip.t1: not taken, sip.t1: 5s is longer than t2, 4.5s; right would be: at most 4.5s\n2 sip.t2: acts\n",
			map[string]string{"sip.t2": "4.5s from cluster, revision 2, ann"}},
		{"a file of one machine", Sources{}, []string{"tandem1:sip.cert=/etc/passwd"},
			"1 sip.cert: not taken, sip.cert: names a file of one machine; " +
				"right would be: a value in the file, the environment or a flag of each member\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := NewLive(c.sources)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := l.Overlay(overs(c.overs...)); err != nil {
				t.Fatal(err)
			}
			if got := told(l.Fates()); got != c.want {
				t.Errorf("got:\n%swant:\n%s", got, c.want)
			}
			for key, want := range c.settings {
				if got := at(t, l, key); got != want {
					t.Errorf("%s: %s, want %s", key, got, want)
				}
			}
			if err := l.Conf().Check(); err != nil {
				t.Errorf("what acts is not right: %v", err)
			}
		})
	}
}

func TestOverlayReportsAndTells(t *testing.T) {
	l, _ := live(t, "log: {level: warn}")
	var heard []string
	if _, err := l.Subscribe("log", func(c *Conf) { heard = append(heard, "log "+c.Log.Level) }); err != nil {
		t.Fatal(err)
	}
	cancel := l.SubscribeFates(func(fates []Fate) { heard = append(heard, told(fates)) })
	expect := func(report, want string, lines ...string) {
		t.Helper()
		heard = nil
		r, err := l.Overlay(overs(lines...))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.ReplaceAll(r.String(), l.sources.File, "f"); got != report {
			t.Errorf("reported %s, want %s", got, report)
		}
		if got := strings.Join(heard, "; "); got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	}
	expect("log.level: warn -> debug (cluster, revision 1, ann; now)", "log debug; 1 log.level: acts\n", "log.level=debug")
	expect("nothing changed", "", "log.level=debug")
	expect("sip.udp: 5060 -> 5070 (cluster, revision 2, ann; restart)", "1 log.level: acts\n2 sip.udp: after restart\n",
		"log.level=debug", "sip.udp=5070")
	cancel()
	expect("log.level: debug -> warn (f:1; now)", "log warn")
}

// At the start nothing runs yet, so that all acts; later a restart is needed to get rid of it again.
func TestBegin(t *testing.T) {
	l, _ := live(t, "sip: {udp: 5080}")
	report, err := l.Begin(overs("sip.udp=5070", "sip.t1=9s"))
	if err != nil || report.String() != "sip.udp: 5080 -> 5070 (cluster, revision 1, ann; now)" {
		t.Errorf("%v %v", report, err)
	}
	if got := told(l.Fates()); !strings.HasPrefix(got, "1 sip.udp: acts\n2 sip.t1: not taken") {
		t.Error(got)
	}
	report, err = l.Overlay(nil)
	if got := strings.ReplaceAll(report.String(), l.sources.File, "f"); err != nil || got != "sip.udp: 5070 -> 5080 (f:1; restart)" {
		t.Errorf("%v %v", report, err)
	}
	if got := at(t, l, "sip.udp"); got != "5070 from cluster, revision 1, ann" {
		t.Error(got)
	}
}

func TestReloadKeepsTheOverlay(t *testing.T) {
	l, write := live(t, "")
	if _, err := l.Overlay(overs("sip.t2=3s", "log.level=debug")); err != nil {
		t.Fatal(err)
	}
	write("sip: {t1: 3500ms}\nlog: {level: warn, wire: true}")
	if _, err := l.Reload(); err != nil {
		t.Fatal(err)
	}
	c := l.Conf()
	if c.Log.Level != "debug" || !c.Log.Wire || c.SIP.T1 != 3500*time.Millisecond || c.SIP.T2 != 4*time.Second {
		t.Errorf("%+v %v %v", c.Log, c.SIP.T1, c.SIP.T2)
	}
	if got := told(l.Fates()); !strings.HasPrefix(got, "1 sip.t2: not taken") {
		t.Errorf("a value that the new file contradicts: %s", got)
	}
	write("sip: {t1: [")
	if _, err := l.Reload(); err == nil || l.Conf() != c {
		t.Errorf("a bad file was taken over: %v", err)
	}
	if _, err := l.Overlay(overs("log.level=error")); err != nil || l.Conf().Log.Level != "error" {
		t.Errorf("a file that is bad now keeps the cluster's values out: %v", err)
	}
	write("")
	if _, err := l.Reload(); err != nil || l.Conf().Log.Level != "error" || l.Conf().SIP.T1 != 500*time.Millisecond {
		t.Errorf("%v", err)
	}
}

// What only the user of the settings can judge is demanded of what the cluster keeps too.
func TestDemandsKeepValuesOut(t *testing.T) {
	l, _ := live(t, "")
	_, err := l.Require(func(c *Conf, wrong func(key, wrong, right string)) {
		for i, n := range c.Routing.Numbers {
			if n.App != "echo" {
				wrong(part("routing.numbers", i)+".app", "is no application", "echo")
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Overlay(overs("routing.numbers=[{match: '1', app: eco}]", "log.level=warn")); err != nil {
		t.Fatal(err)
	}
	want := "1 routing.numbers: not taken, routing.numbers[0].app: is no application; right would be: echo\n2 log.level: acts\n"
	if got := told(l.Fates()); got != want || len(l.Conf().Routing.Numbers) > 0 {
		t.Errorf("got %s", got)
	}
}

// Sources that contradict what runs until a restart are an error, and no value that the cluster keeps can
// make up for it.
func TestOverlayOnABadMixChangesNothing(t *testing.T) {
	l, _ := live(t, "")
	running := *l.Conf()
	running.SIP.Bind = []string{"nowhere"}
	l.current.Store(&running)
	_, err := l.Overlay(overs("log.level=warn"))
	var all Errors
	if !errors.As(err, &all) || !strings.Contains(err.Error(), "stay until a restart") || l.Conf() != &running {
		t.Errorf("%v", err)
	}
	if _, err := l.Try(overs("log.level=warn")); err == nil {
		t.Error("tried in vain, without an error")
	}
}

func TestTryChangesNothing(t *testing.T) {
	l, _ := live(t, "")
	before := l.Conf()
	fates, err := l.Try(overs("log.level=warn", "sip.t1=9s"))
	if got := told(fates); err != nil || !strings.HasPrefix(got, "1 log.level: acts\n2 sip.t1: not taken") {
		t.Errorf("%s %v", got, err)
	}
	if l.Conf() != before || l.Fates() != nil {
		t.Error("it was done")
	}
}

func TestCheckOfOneValue(t *testing.T) {
	for _, c := range []struct {
		over Over
		want string
	}{
		{Over{Key: "log.level", Value: "debug"}, ""},
		{Over{Key: "log.level", Value: "debug", Member: "tandem2"}, ""},
		{Over{Key: "log.level", Value: "debug", Member: "a/b"}, "no name of a member"},
		{Over{Key: "log.level", Value: "loud"}, "one of debug"},
		{Over{Key: "sip.t1", Value: "11s", Member: "tandem2"}, "10ms..10s"},
		{Over{Key: "sip.bind", Value: "127.0.0.1"}, "different on each member"},
		{Over{Key: "log.lvl", Value: "debug"}, "log.level"},
		{Over{Key: "sip.user_agent", Value: strings.Repeat("x", maxOver+1)}, "at most 65536"},
		{Over{Key: strings.Repeat("k", 1000)}, "..."},
	} {
		err := c.over.Check()
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || len(err.Error()) > 1000) {
			t.Errorf("%.100v: %v", c.over, err)
		}
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	for key, want := range map[string]string{"store.token": mask, "accounts.demo": mask, "new.secret": mask, "log.level": "x"} {
		if got := (Over{Key: key, Value: "x"}).Shown(); got != want {
			t.Errorf("%s is shown as %s", key, got)
		}
	}
	const rule = "B=https://reader:swordfish@b.example.net/%Y/{callid}.wav"
	if got := (Over{Key: "reports.recordings", Value: rule}).Shown(); got != "B=https://reader:"+mask+"@b.example.net/%Y/{callid}.wav" {
		t.Errorf("an address is shown as %s", got)
	}
	for _, value := range []string{"=https://reader:swordfish@b.example.net/x", (Over{Key: "reports.recordings", Value: rule}).Shown()} {
		err := Over{Key: "reports.recordings", Value: value}.Check()
		if c := Default(); err == nil {
			c.Reports.Recordings = []Address{Address(value)}
			err = c.Check()
		}
		if err == nil || strings.Contains(err.Error(), "swordfish") {
			t.Errorf("%s: %v", value, err)
		}
	}
	err := Over{Key: "accounts.demo", Value: "[{name: a, password: swordfish}]"}.Check()
	if err == nil || strings.Contains(err.Error(), "swordfish") {
		t.Error(err)
	}
}

// Whatever the cluster keeps, what acts is right and the default where it is not taken.
func FuzzOverlay(f *testing.F) {
	for _, line := range []string{"log.level=debug", "sip.t1=9s", "routing.numbers=[{match: '1', app: echo}]",
		"media.codecs=PCMU,x", "tandem1:sip.bind=[127.0.0.1, '::1']", "routing.numbers=- &a [*a]", "tasks.http_hosts=[", "routing.numbers=#"} {
		key, value, _ := strings.Cut(line, "=")
		f.Add(key, value)
	}
	f.Fuzz(func(t *testing.T, key, value string) {
		l, err := NewLive(Sources{})
		if err != nil {
			t.Fatal(err)
		}
		all := overs(key+"="+value, "sip.t2=5s")
		if _, err := l.Overlay(all); err != nil {
			t.Fatal(err)
		}
		if err := l.Conf().Check(); err != nil {
			t.Errorf("not right: %v", err)
		}
		if l.Fates()[1].State == NotTaken && !strings.Contains(l.Fates()[1].Why, "sip.t1") {
			t.Errorf("a good value is out: %s", l.Fates()[1].Why)
		}
		if all[0].Check() == nil && l.Fates()[0].State == Acts && !strings.Contains(l.Conf().Show(), "revision 1") {
			t.Error("a value that acts has no origin")
		}
	})
}
