package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tandem/conf"
)

// firstMember is the name of the first member of dev, and of its directory.
const firstMember = "tandem1"

func devArgs(data string, more ...string) []string {
	return append(append([]string{"dev", "--data", data}, quiet...), more...)
}

func TestDev(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := launch(t, "good", devArgs(data)...)
	member := pid(t, p.line(t, "pretending"))
	p.line(t, "Tandem runs")
	for lines := 1; p.line(t, "") != "ready"; lines++ {
		if lines > 19 {
			t.Fatal("the banner is too long")
		}
	}
	for _, f := range []string{portsFile, filepath.Join(firstMember, portsFile)} {
		if got, err := readPorts(filepath.Join(data, f)); err != nil || got[firstMember]["http"] != 1 {
			t.Errorf("%s: %v %v", f, got, err)
		}
	}
	second := launch(t, "good", devArgs(data)...)
	second.line(t, "another tandem uses it")
	if code := second.exit(t); code != codeFailed {
		t.Errorf("a second dev on the same data: exit %d", code)
	}
	p.signal(t, syscall.SIGTERM)
	if code := p.exit(t); code != codeDone {
		t.Errorf("exit %d", code)
	}
	gone(t, member)
}

func TestDevStartsAFailedMemberAgain(t *testing.T) {
	t.Parallel()
	p := launch(t, "good", devArgs(t.TempDir())...)
	first := pid(t, p.line(t, "pretending"))
	p.line(t, "ready")
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.line(t, "started again")
	if second := pid(t, p.line(t, "pretending")); second == first {
		t.Error("the same process")
	}
	p.line(t, "runs again")
	p.signal(t, syscall.SIGINT)
	if code := p.exit(t); code != codeDone {
		t.Errorf("exit %d", code)
	}
}

func TestDevGivesUpAMemberThatFailsTooOften(t *testing.T) {
	t.Parallel()
	p := launch(t, "fails", devArgs(t.TempDir(), "--set", "member.restarts=2")...)
	p.line(t, "the store is gone")
	p.line(t, "failed more than 2 times in a minute")
	if code := p.exit(t); code != codeFailed {
		t.Errorf("exit %d", code)
	}
}

func TestDevDoesNotRepeatAStartThatFailed(t *testing.T) {
	t.Parallel()
	p := launch(t, "cannot start", devArgs(t.TempDir())...)
	p.line(t, "no room at the inn")
	if code := p.exit(t); code != codeFailed {
		t.Errorf("exit %d", code)
	}
	for l := range p.lines {
		if strings.Contains(l, "again") {
			t.Errorf("%q", l)
		}
	}
}

func TestDevEndsAMemberThatDoesNot(t *testing.T) {
	for _, behaviour := range []string{"never stops", "hangs"} {
		t.Run(behaviour, func(t *testing.T) {
			t.Parallel()
			p := launch(t, behaviour, devArgs(t.TempDir())...)
			p.line(t, "ready")
			began := time.Now()
			p.signal(t, syscall.SIGTERM)
			if code := p.exit(t); code != codeDone || time.Since(began) > 5*time.Second {
				t.Errorf("exit %d after %v", code, time.Since(began))
			}
		})
	}
}

func TestTheMemberDiesWithDev(t *testing.T) {
	t.Parallel()
	p := launch(t, "good", devArgs(t.TempDir())...)
	member := pid(t, p.line(t, "pretending"))
	p.line(t, "ready")
	p.signal(t, syscall.SIGKILL)
	p.exit(t)
	gone(t, member)
}

func TestDevRefusesWhatIsNotLoopback(t *testing.T) {
	t.Parallel()
	for _, more := range [][]string{{"--set", "sip.bind=0.0.0.0"}, {"--set", "http.bind=192.0.2.1"}} {
		p := launch(t, "good", devArgs(t.TempDir(), more...)...)
		p.line(t, "loopback")
		if code := p.exit(t); code != codeFailed {
			t.Errorf("%v: exit %d", more, code)
		}
	}
}

func TestDevBindsAnotherLoopbackAddress(t *testing.T) {
	t.Parallel()
	p := launch(t, "good", devArgs(t.TempDir(), "--bind", "127.0.0.9")...)
	p.line(t, "http://127.0.0.9:1")
	p.line(t, "ready")
	p.signal(t, syscall.SIGTERM)
	p.exit(t)
}

func TestDevNeverStartsDev(t *testing.T) {
	t.Setenv(memberMark, "1")
	p := launch(t, "good", devArgs(t.TempDir())...)
	p.line(t, "never end")
	if code := p.exit(t); code != codeFailed {
		t.Errorf("exit %d", code)
	}
}

func TestFreshForgetsOurDataAlone(t *testing.T) {
	put := func(path string) string {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ours := filepath.Join(t.TempDir(), "new")
	release, err := prepareData(ours, false)
	if err != nil {
		t.Fatal(err)
	}
	old := put(filepath.Join(ours, firstMember, "old"))
	put(filepath.Join(ours, firstMember, lockFile))
	photos := []string{put(filepath.Join(ours, "photo.jpg")), put(filepath.Join(ours, "tandem2", "photo.jpg"))}
	if _, err := prepareData(ours, true); !errors.Is(err, errBusy) || !exists(old) {
		t.Fatalf("the data of a running dev: %v", err)
	}
	release()
	if release, err = prepareData(ours, false); err != nil || !exists(old) {
		t.Fatalf("data was not kept: %v", err)
	}
	release()
	release, err = prepareData(ours, true)
	if err != nil || exists(old) {
		t.Fatalf("data was kept: %v", err)
	}
	release()
	for _, photo := range photos {
		if !exists(photo) {
			t.Errorf("%s was none of ours", photo)
		}
	}
}

func TestRestartsAreBounded(t *testing.T) {
	now := time.Unix(0, 0)
	s := &supervisor{restarts: 3}
	for i := range 3 {
		if !s.mayRestart(now.Add(time.Duration(i) * time.Second)) {
			t.Fatalf("restart %d refused", i)
		}
	}
	if s.mayRestart(now.Add(10 * time.Second)) {
		t.Error("a fourth within a minute")
	}
	if !s.mayRestart(now.Add(61 * time.Second)) {
		t.Error("refused though two are older than a minute")
	}
}

func TestThePauseGrowsAndEnds(t *testing.T) {
	failed := exec.Command("false").Run()
	s := &supervisor{name: "m", restarts: 100, err: io.Discard, wasUp: true, ready: func(ports) {}}
	var pauses []time.Duration
	for range 8 {
		if stop, err := s.down(failed); stop {
			t.Fatal(err)
		}
		pauses = append(pauses, s.pause)
	}
	if pauses[0] != firstPause || pauses[1] != 2*firstPause || pauses[7] != lastPause {
		t.Errorf("%v", pauses)
	}
	if s.up(nil); s.pause != 0 {
		t.Error("a member that is ready does not start the pause anew")
	}
	if stop, err := s.down(nil); !stop || err != nil {
		t.Errorf("a member that ended without an error: %v %v", stop, err)
	}
}

func TestTheBannerFits(t *testing.T) {
	for members := 1; members <= conf.MaxDevMembers; members++ {
		p := conf.DevPlan{Members: members, Data: "/data"}
		var lives []*conf.Live
		bound := ports{}
		wants := []string{"1000 to 1019", "/data", "1234", "9196", "9197", "200 ", "3001", "Ctrl-C", "tandem serve", "tandem.local"}
		for n := range members {
			live, err := devConf(p, n+1, devFlags{})
			if err != nil {
				t.Fatal(err)
			}
			lives = append(lives, live)
			bound[conf.DevName(n+1)] = map[string]int{"http": 8010, "sip_udp": 5060, "sip_tcp": 5060}
			wants = append(wants, fmt.Sprintf("http://127.0.0.%d:8010", n+1), fmt.Sprintf("127.0.0.%d:5060", n+1))
		}
		text := banner(p, lives, bound)
		if n := strings.Count(text, "\n"); n > 19 {
			t.Errorf("%d lines for %d members", n, members)
		}
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%d members: without %q", members, want)
			}
		}
	}
}

func TestGoRunIsRecognised(t *testing.T) {
	if !builtByGoRun("/tmp/go-build123/b001/exe/tandem") || builtByGoRun("/usr/bin/tandem") {
		t.Error("not told apart")
	}
}

func TestTheStateDirectory(t *testing.T) {
	t.Setenv("HOME", "/home/u")
	for state, want := range map[string]string{
		"/s":       "/s/tandem/dev",
		"":         "/home/u/.local/state/tandem/dev",
		"relative": "/home/u/.local/state/tandem/dev",
	} {
		t.Setenv("XDG_STATE_HOME", state)
		if got := devData(); got != want {
			t.Errorf("%q: %s", state, got)
		}
	}
}
