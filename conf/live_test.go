package conf

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// live starts from a file with the text and returns a function that writes another.
func live(t *testing.T, text string) (*Live, func(string)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tandem.yaml")
	write := func(s string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(text)
	l, err := NewLive(Sources{File: path})
	if err != nil {
		t.Fatal(err)
	}
	return l, write
}

func TestReloadReportsWhatChanged(t *testing.T) {
	l, write := live(t, "sip: {udp: 5070, t1: 500ms}\nstore: {url: 'nats://h:1', token: old}")
	first := l.Conf()
	write("sip: {udp: 5080, t1: 250ms}\nlog: {level: debug}\nstore: {url: 'nats://h:1', token: new}")
	for range 2 { // what needs a restart is reported again until there is one
		report, err := l.Reload()
		if err != nil {
			t.Fatal(err)
		}
		got := strings.ReplaceAll(report.String(), l.sources.File, "f")
		restart := "sip.udp: 5070 -> 5080 (f:1; restart)\n"
		token := "store.token: '********' -> '********' (f:3; restart)"
		want := restart + token
		if first.Log.Level == "info" && l.Conf() != first && strings.HasPrefix(got, "log") {
			want = "log.level: info -> debug (f:2; now)\n" + restart +
				"sip.t1: 500ms -> 250ms (f:1; next call)\n" + token
		}
		if got != want {
			t.Errorf("got:\n%s\nwant:\n%s", got, want)
		}
	}
	c := l.Conf()
	if c.SIP.UDP != 5070 || string(c.Store.Token) != "old" || c.SIP.T1 != 250*time.Millisecond || c.Log.Level != "debug" {
		t.Errorf("effective: udp %d, t1 %v, level %s", c.SIP.UDP, c.SIP.T1, c.Log.Level)
	}
	if first.SIP.T1 != 500*time.Millisecond {
		t.Error("a configuration was changed in place")
	}
	write("sip: {udp: 5070, t1: 250ms}\nlog: {level: debug}\nstore: {url: 'nats://h:1', token: old}")
	if report, err := l.Reload(); err != nil || report.String() != "nothing changed" {
		t.Errorf("back at what runs: %v %v", report, err)
	}
}

func TestReloadKeepsOriginOfWhatRuns(t *testing.T) {
	l, write := live(t, "log: {level: warn}")
	write("\n\nlog: {level: error}\nsip: {udp: 5080}")
	if _, err := l.Reload(); err != nil {
		t.Fatal(err)
	}
	level, _ := l.Conf().Explain("log.level")
	udp, _ := l.Conf().Explain("sip.udp")
	if !strings.HasSuffix(level.Origin.String(), ":3") || udp.Origin.String() != "default" || udp.Value != "5060" {
		t.Errorf("level from %s, udp %s from %s", level.Origin, udp.Value, udp.Origin)
	}
}

func TestBadFileReplacesNothing(t *testing.T) {
	l, write := live(t, "log: {level: warn}")
	told := 0
	if _, err := l.Subscribe("log", func(*Conf) { told++ }); err != nil {
		t.Fatal(err)
	}
	before := l.Conf()
	for _, bad := range []string{
		"log: {level: loud}", "log: {levl: info}", "log: [", "log: {level: debug}\nsip: {t1: 5s}",
	} {
		write(bad)
		if report, err := l.Reload(); err == nil || report != nil {
			t.Errorf("%s: %v %v", bad, report, err)
		}
	}
	if err := os.Remove(l.sources.File); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Reload(); err == nil {
		t.Error("a missing file was accepted")
	}
	if l.Conf() != before || told > 0 {
		t.Errorf("a bad file was taken over, subscribers told %d times", told)
	}
}

// What was read is right in itself, but not together with a value that stays until a restart.
func TestReloadChecksTheMix(t *testing.T) {
	l, write := live(t, "")
	running := *l.Conf()
	running.SIP.T1, running.SIP.Bind = 250*time.Millisecond, []string{"nowhere"}
	l.current.Store(&running)
	write("sip: {bind: [127.0.0.1]}")
	report, err := l.Reload()
	if err == nil || !strings.Contains(err.Error(), "stay until a restart") {
		t.Errorf("report %v, error %v", report, err)
	}
	if l.Conf() != &running {
		t.Error("a bad mix was taken over")
	}
}

func TestSubscribersAreToldOfTheirSection(t *testing.T) {
	l, write := live(t, "")
	var told []string
	subscribe := func(section string) func() {
		cancel, err := l.Subscribe(section, func(c *Conf) {
			if c != l.Conf() {
				t.Error("told before the swap")
			}
			told = append(told, section)
		})
		if err != nil {
			t.Fatal(err)
		}
		return cancel
	}
	subscribe("log")
	subscribe("sip")
	cancel := subscribe("log")
	expect := func(text, want string) {
		t.Helper()
		told = nil
		write(text)
		if _, err := l.Reload(); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(told, " "); got != want {
			t.Errorf("%s: told %q, want %q", text, got, want)
		}
	}
	expect("log: {level: debug}", "log log")
	cancel()
	expect("log: {level: warn}\nsip: {t1: 250ms}", "log sip")
	expect("log: {level: warn}\nsip: {t1: 250ms, udp: 5080}", "")
	expect("log: {level: warn}\nsip: {t1: 250ms, udp: 5080}", "")
	if _, err := l.Subscribe("sipp", nil); err == nil || !strings.HasSuffix(err.Error(), "right would be: sip") {
		t.Errorf("unknown section: %v", err)
	}
}

func TestReloadAgainstReaders(t *testing.T) {
	l, write := live(t, "sip: {max_conns: 10, max_conns_per_ip: 10}")
	stop, readers := make(chan struct{}), sync.WaitGroup{}
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				c := l.Conf()
				if c.SIP.MaxConns != c.SIP.MaxConnsPerIP {
					t.Errorf("torn: %d and %d", c.SIP.MaxConns, c.SIP.MaxConnsPerIP)
					return
				}
				_, _ = c.Explain("sip.max_conns")
				cancel, _ := l.Subscribe("sip", func(*Conf) {})
				cancel()
			}
		})
	}
	for i := range 30 {
		n := string(rune('1' + i%9))
		write("sip: {max_conns: " + n + ", max_conns_per_ip: " + n + "}")
		if _, err := l.Reload(); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	readers.Wait()
}

type outcome struct {
	report Report
	err    error
}

// The directory looks as Kubernetes makes it: the file is a link through a link that is swapped.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	version := func(name, text string) {
		t.Helper()
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, "tandem.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		next := filepath.Join(dir, "next")
		if err := os.Symlink(name, next); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, filepath.Join(dir, "current")); err != nil {
			t.Fatal(err)
		}
	}
	version("v1", "log: {level: warn}")
	l, err := NewLive(Sources{File: filepath.Join(dir, "current", "tandem.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	tick, told := make(chan time.Time), make(chan outcome, 20)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Watch(ctx, tick, func(r Report, err error) { told <- outcome{r, err} })
	}()
	// A tick is taken only when the one before it was dealt with: after two, all is said.
	look := func() *outcome {
		t.Helper()
		tick <- time.Time{}
		tick <- time.Time{}
		if len(told) > 1 {
			t.Fatalf("told %d times of one change", len(told))
		}
		select {
		case o := <-told:
			return &o
		default:
			return nil
		}
	}
	if o := look(); o != nil {
		t.Errorf("told %v though nothing changed", o)
	}
	version("v2", "log: {level: error}")
	if o := look(); o == nil || o.err != nil || len(o.report) != 1 || l.Conf().Log.Level != "error" {
		t.Errorf("after the swap: %v", o)
	}
	version("v3", "log: {level: loud}")
	if o := look(); o == nil || o.err == nil {
		t.Errorf("after a bad file: %v", o)
	}
	if o := look(); o != nil {
		t.Errorf("a bad file was told twice: %v", o)
	}
	if err := os.Remove(filepath.Join(dir, "current")); err != nil {
		t.Fatal(err)
	}
	if o := look(); o != nil || l.Conf().Log.Level != "error" {
		t.Errorf("without a file: %v", o)
	}
	version("v4", "log: {level: debug}")
	if o := look(); o == nil || o.err != nil || l.Conf().Log.Level != "debug" {
		t.Errorf("after the repair: %v", o)
	}
	cancel()
	<-done
}

func TestRequire(t *testing.T) {
	l, write := live(t, "routing: {numbers: [{match: '1', app: echo}]}")
	known := func(c *Conf, wrong func(key, wrong, right string)) {
		for i, n := range c.Routing.Numbers {
			if n.App != "echo" {
				wrong(part("routing.numbers", i)+".app", n.App+" is unknown", "echo")
			}
		}
	}
	cancel, err := l.Require(known)
	if err != nil {
		t.Fatal(err)
	}
	before := l.Conf()
	write("log: {level: debug}\nrouting:\n  numbers:\n  - {match: '1', app: echo}\n  - {match: '2', app: ehco}")
	report, err := l.Reload()
	want := l.sources.File + ":5: routing.numbers[1].app: ehco is unknown; right would be: echo"
	if err == nil || err.Error() != want || report != nil {
		t.Errorf("reloaded: %v\n%v\nwant %s", report, err, want)
	}
	if l.Conf() != before {
		t.Error("what was refused has replaced something")
	}
	cancel()
	if _, err := l.Reload(); err != nil || l.Conf().Log.Level != "debug" {
		t.Errorf("when nobody demands it any more: %v", err)
	}
	if _, err := l.Require(known); err == nil || err.Error() != want {
		t.Errorf("of the current one: %v\nwant %s", err, want)
	}
	write("log: {level: info}\nrouting: {numbers: [{match: '2', app: ehco}]}")
	if _, err := l.Reload(); err != nil {
		t.Errorf("a demand that was refused is made all the same: %v", err)
	}
}
