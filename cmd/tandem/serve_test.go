package main

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// quiet are settings that need no port, so that tests run beside each other.
var quiet = []string{"--set", "sip.udp=0", "--set", "sip.tcp=0", "--set", "sip.tls=-1", "--set", "http.port=0", "--set", "cli.port=0", "--set", "ami.port=0", "--set", "ximss.port=0",
	"--set", "http.tls_port=-1"}

func serveArgs(t *testing.T, data string, more ...string) []string {
	t.Helper()
	return append(append([]string{"serve", "--data", data}, quiet...), more...)
}

func TestServe(t *testing.T) {
	t.Parallel()
	data, file := t.TempDir(), filepath.Join(t.TempDir(), "ports.json")
	p := launch(t, "good", serveArgs(t, data, "--ports-file", file)...)
	if line := p.line(t, "ready"); line != "ready" {
		t.Errorf("%q", line)
	}
	for _, f := range []string{file, filepath.Join(data, portsFile)} {
		if got, err := readPorts(f); err != nil || got["tandem1"]["sip_udp"] != 2 {
			t.Errorf("%s: %v %v", f, got, err)
		}
	}
	second := launch(t, "good", serveArgs(t, data)...)
	second.line(t, "another tandem uses it")
	if code := second.exit(t); code != codeFailed {
		t.Errorf("a second member on the same data: exit %d", code)
	}
	p.signal(t, syscall.SIGTERM)
	if code := p.exit(t); code != codeDone {
		t.Errorf("exit %d", code)
	}
	if exists(file) || exists(filepath.Join(data, portsFile)) {
		t.Error("the ports files of a member that ended are left")
	}
}

func TestServeReloads(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "tandem.yaml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("log:\n  level: info\n")
	p := launch(t, "good", serveArgs(t, t.TempDir(), "--config", file)...)
	p.line(t, "ready")
	write("log:\n  level: debug\n")
	p.signal(t, syscall.SIGHUP)
	p.line(t, "key=log.level old=info new=debug acts=now")
	write("log:\n  level: loud\n")
	p.signal(t, syscall.SIGHUP)
	if line := p.line(t, "not reloaded"); !strings.Contains(line, "loud") {
		t.Errorf("%q", line)
	}
	p.signal(t, syscall.SIGINT)
	if code := p.exit(t); code != codeDone {
		t.Errorf("exit %d", code)
	}
}

func TestServeThatCannot(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Close() }()
	port := strconv.Itoa(busy.Addr().(*net.TCPAddr).Port)
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = udp.Close() }()
	udpPort := strconv.Itoa(udp.LocalAddr().(*net.UDPAddr).Port)
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	_ = os.WriteFile(bad, []byte("sip:\n  upd: 1\n"), 0o600)
	for _, c := range []struct {
		behaviour string
		args      []string
		says      string
	}{
		{"good", append([]string{"serve"}, quiet...), "--data DIR"},
		{"good", []string{"serve", "--config", bad}, bad + ":2"},
		{"good", serveArgs(t, t.TempDir(), "--set", "http.bind=127.0.0.1", "--set", "http.port="+port),
			"port " + port + " (tcp) of 127.0.0.1 is used"},
		{"good", serveArgs(t, t.TempDir(), "--set", "sip.bind=127.0.0.1", "--set", "sip.udp="+udpPort),
			"--set sip.udp=PORT"},
		{"good", serveArgs(t, t.TempDir(), "--set", "sip.bind=192.0.2.1", "--set", "sip.udp=5060"), "192.0.2.1"},
		{"good", serveArgs(t, t.TempDir(), "--set", "cluster.address=127.0.0.1:"+port), "--set cluster.address=HOST:PORT"},
		{"good", serveArgs(t, "/dev/null/x"), "/dev/null"},
		{"good", serveArgs(t, t.TempDir(), "--ports-file", "/dev/null/x"), "ports file"},
		{"cannot start", serveArgs(t, t.TempDir()), "no room at the inn"},
		{"fails", serveArgs(t, t.TempDir()), "the store is gone"},
	} {
		p := launch(t, c.behaviour, c.args...)
		p.line(t, c.says)
		if code := p.exit(t); code != codeFailed {
			t.Errorf("%q: exit %d", c.args, code)
		}
	}
}

func TestASecondSignalCutsTheDrainShort(t *testing.T) {
	t.Parallel()
	p := launch(t, "drains", serveArgs(t, t.TempDir(), "--set", "member.drain=1h")...)
	p.line(t, "ready")
	p.signal(t, syscall.SIGTERM)
	p.line(t, "stopping")
	p.signal(t, syscall.SIGTERM)
	if code := p.exit(t); code != codeDone {
		t.Errorf("exit %d", code)
	}
}

func TestMemoryLimit(t *testing.T) {
	const machine = "MemTotal:        1000 kB\nMemFree: 5 kB\n"
	kilo := float64(1 << 10)
	for _, c := range []struct {
		machine, group string
		want           int64
	}{
		{machine, "max\n", int64(1000 * kilo * memoryShare)},
		{machine, "", int64(1000 * kilo * memoryShare)},
		{machine, "102400\n", int64(100 * kilo * memoryShare)},
		{"", "102400\n", int64(100 * kilo * memoryShare)},
		{"", "max\n", 0},
		{"MemTotal: many kB\n", "-1", 0},
	} {
		if got := memoryLimit(c.machine, c.group); got != c.want {
			t.Errorf("%q %q: %d", c.machine, c.group, got)
		}
	}
}

func TestTheLogObeysItsSettings(t *testing.T) {
	t.Parallel()
	p := launch(t, "good", serveArgs(t, t.TempDir(), "--set", "log.format=json")...)
	if line := p.line(t, "pretending"); !strings.HasPrefix(line, "{") ||
		!strings.Contains(line, `"member":"tandem1","pid":`) {
		t.Errorf("%q", line)
	}
	p.signal(t, syscall.SIGTERM)
	began := time.Now()
	if p.exit(t); time.Since(began) > patience {
		t.Error("slow")
	}
}

// A member that waits for others at its start stops when it is told to, in order.
func TestStopDuringTheStart(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		p := launch(t, "waits", serveArgs(t, t.TempDir())...)
		p.line(t, "pretending")
		p.signal(t, syscall.SIGHUP) // means nothing yet
		p.signal(t, s)
		p.line(t, "stopping")
		if code := p.exit(t); code != 0 {
			t.Errorf("told to stop by %v it ended with %d", s, code)
		}
	}
}
