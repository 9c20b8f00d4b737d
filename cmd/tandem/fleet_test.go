package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tandem/actors/cluster/trust"
	"tandem/conf"
)

// threeArgs run three members on addresses of the test's own.
func threeArgs(data, base string, more ...string) []string {
	return devArgs(data, append([]string{"--members", "3", "--base", base}, more...)...)
}

// members reads who runs from the lines of the log, until the line "ready".
func members(t *testing.T, p *program) map[string]int {
	t.Helper()
	all := map[string]int{}
	for banner := 0; ; {
		l := p.line(t, "")
		switch {
		case strings.Contains(l, "pretending"):
			_, rest, _ := strings.Cut(l, "member=")
			name, _, _ := strings.Cut(rest, " ")
			all[name] = pid(t, l)
		case strings.HasPrefix(l, "Tandem runs"):
			banner = 1
		case l == "ready":
			if banner == 0 || banner > 19 {
				t.Errorf("a banner of %d lines", banner)
			}
			return all
		case banner > 0:
			banner++
		}
	}
}

func TestDevRunsSeveralMembers(t *testing.T) {
	t.Parallel()
	data, file := t.TempDir(), filepath.Join(t.TempDir(), "ports.json")
	p := launch(t, "good", threeArgs(data, "127.0.20.1", "--ports-file", file)...)
	all := members(t, p)
	if len(all) != 3 {
		t.Fatalf("%v", all)
	}
	for _, f := range []string{file, filepath.Join(data, portsFile)} {
		got, err := readPorts(f)
		if err != nil || len(got) != 3 || got["tandem3"]["http"] != 1 {
			t.Errorf("%s: %v %v", f, got, err)
		}
	}
	var cluster string
	for n := 1; n <= 3; n++ {
		home := filepath.Join(data, "three", conf.DevName(n))
		i, err := trust.Open(home)
		if err != nil || i.Member() != conf.DevName(n) || cluster != "" && i.Cluster() != cluster {
			t.Fatalf("member %d: %v", n, err)
		}
		cluster = i.Cluster()
		if url, _ := os.ReadFile(filepath.Join(home, urlFile)); string(url) != "http://127.0.20."+string(rune('0'+n))+":1\n" {
			t.Errorf("%q", url)
		}
	}
	p.signal(t, syscall.SIGINT)
	if code := p.exit(t); code != codeDone {
		t.Errorf("exit %d", code)
	}
	for _, id := range all {
		gone(t, id)
	}
	if exists(file) {
		t.Error("the ports file of members that ended is left")
	}
	again := launch(t, "good", threeArgs(data, "127.0.20.1")...)
	members(t, again)
	if i, err := trust.Open(filepath.Join(data, "three", "tandem2")); err != nil || i.Cluster() != cluster {
		t.Errorf("the second start made another cluster: %v", err)
	}
	again.signal(t, syscall.SIGTERM)
	if code := again.exit(t); code != codeDone {
		t.Errorf("exit %d", code)
	}
}

// A member that is killed is started again, and the others never notice.
func TestDevStartsOneOfSeveralAgain(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ports.json")
	p := launch(t, "good", threeArgs(t.TempDir(), "127.0.21.1", "--ports-file", file)...)
	all := members(t, p)
	if err := syscall.Kill(all["tandem2"], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.line(t, "tandem2 ended by itself")
	if l := p.line(t, "pretending"); !strings.Contains(l, "member=tandem2") || pid(t, l) == all["tandem2"] {
		t.Error(l)
	}
	p.line(t, "tandem2 runs again")
	if got, err := readPorts(file); err != nil || len(got) != 3 {
		t.Errorf("%v %v", got, err)
	}
	for _, name := range []string{"tandem1", "tandem3"} {
		if err := syscall.Kill(all[name], 0); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	p.signal(t, syscall.SIGTERM)
	if code := p.exit(t); code != codeDone {
		t.Errorf("exit %d", code)
	}
}

func TestSeveralThatCanNotStartEndTogether(t *testing.T) {
	t.Parallel()
	p := launch(t, "second cannot start", threeArgs(t.TempDir(), "127.0.22.1")...)
	p.line(t, "no room for tandem2")
	if code := p.exit(t); code != codeFailed {
		t.Errorf("exit %d", code)
	}
	for l := range p.lines {
		if l == "ready" || strings.Contains(l, "again") {
			t.Errorf("%q", l)
		}
	}
}

func TestSeveralThatDoNotEndAreEnded(t *testing.T) {
	t.Parallel()
	p := launch(t, "hangs", threeArgs(t.TempDir(), "127.0.23.1")...)
	p.line(t, "ready")
	p.signal(t, syscall.SIGTERM)
	if code := p.exit(t); code != codeDone {
		t.Errorf("exit %d", code)
	}
}

// SIGHUP reaches every member.
func TestSeveralReload(t *testing.T) {
	t.Parallel()
	p := launch(t, "good", threeArgs(t.TempDir(), "127.0.24.1")...)
	members(t, p)
	p.signal(t, syscall.SIGHUP)
	for range 3 {
		p.line(t, "settings reloaded")
	}
	p.signal(t, syscall.SIGTERM)
	if code := p.exit(t); code != codeDone {
		t.Errorf("exit %d", code)
	}
}

func TestSeveralDieWithDev(t *testing.T) {
	t.Parallel()
	p := launch(t, "good", threeArgs(t.TempDir(), "127.0.25.1")...)
	all := members(t, p)
	p.signal(t, syscall.SIGKILL)
	p.exit(t)
	for _, id := range all {
		gone(t, id)
	}
}

// Certificates that do not belong together any more are made anew.
func TestDevTrust(t *testing.T) {
	p := conf.DevPlan{Members: 2, Data: t.TempDir()}
	same := func() string {
		t.Helper()
		if err := devTrust(p); err != nil {
			t.Fatal(err)
		}
		a, err := trust.Open(p.Home(1))
		if err != nil || !a.MayIssue() {
			t.Fatal(err)
		}
		b, err := trust.Open(p.Home(2))
		if err != nil || b.Cluster() != a.Cluster() || b.MayIssue() || b.Member() != "tandem2" {
			t.Fatal(err)
		}
		return a.Cluster()
	}
	first := same()
	if same() != first {
		t.Error("a second start founds anew")
	}
	if err := os.RemoveAll(trust.Dir(p.Home(2))); err != nil {
		t.Fatal(err)
	}
	if same() != first {
		t.Error("a lost member founds anew")
	}
	if err := os.WriteFile(filepath.Join(trust.Dir(p.Home(1)), "ca.pem"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if same() == first {
		t.Error("a spoilt authority is used")
	}
	alone := conf.DevPlan{Members: 1, Data: t.TempDir()}
	if err := devTrust(alone); err != nil || exists(trust.Dir(alone.Home(1))) {
		t.Errorf("a member alone has certificates: %v", err)
	}
}
