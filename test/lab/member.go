package lab

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Demo accounts of `tandem dev`.
const (
	Domain   = "tandem.local"
	Password = "1234" // of 1000 to 1019 and of admin
)

const (
	name      = "tandem1"
	readyTime = 60 * time.Second // longest start, on a busy machine and with the race detector
	stopTime  = 15 * time.Second // longest stop; dev promises 5 s on an idle machine
)

// Options say what member to start. The zero value is `tandem dev` on 127.0.0.1.
type Options struct {
	// Serve runs `tandem serve` with a configuration of the lab's making instead of `tandem dev`.
	Serve bool
	// Set are settings, section.key=value, after those of the lab.
	Set []string
	// Bind is the address of all listeners, 127.0.0.1 by default.
	Bind string
	// Data is the data directory; one of the test's own by default.
	Data string
	// Env are further variables of its environment.
	Env []string
}

// Ports are the ports that a member has bound.
type Ports struct {
	UDP   int `json:"sip_udp"`
	TCP   int `json:"sip_tcp"`
	TLS   int `json:"sip_tls"`
	HTTP  int `json:"http"`
	CLI   int `json:"cli"`
	XIMSS int `json:"ximss"`
	AMI   int `json:"ami"`
	// WebRTC is the port of all audio of browsers.
	WebRTC int `json:"webrtc_udp"`
}

// Member is one member in processes of its own. Its methods fail the test it was started in.
type Member struct {
	Ports
	Name string
	Data string // as given to --data
	Bind string

	t      testing.TB
	o      Options
	dir    string // ports file, configuration
	run    *Process
	lives  []*Process // all, the last one too
	token  string
	seat   *seat // in a cluster
	paused bool
}

// Start starts a member and waits until it is ready. The end of the test stops it and demands a
// clean exit.
func Start(t testing.TB, o Options) *Member {
	t.Helper()
	m := &Member{Name: name, t: t, o: o, dir: t.TempDir(), Data: o.Data, Bind: o.Bind}
	if m.Bind == "" {
		m.Bind = "127.0.0.1"
	}
	if m.Data == "" {
		m.Data = t.TempDir()
	}
	m.launch()
	return m
}

// Restart starts the member again on its data, after Stop or Kill, and waits until it is ready. Its ports are new
// ones; those of a member of a cluster are the same.
func (m *Member) Restart() {
	m.t.Helper()
	m.Begin()
	m.AwaitReady()
}

// Begin starts the member again as Restart does, and does not wait.
func (m *Member) Begin() {
	m.t.Helper()
	if m.run != nil {
		m.t.Fatalf("%s runs already", m.Name)
	}
	m.begin()
}

// AwaitReady waits until the member is ready.
func (m *Member) AwaitReady() { m.t.Helper(); m.awaitReady(nil) }

func (m *Member) launch() {
	m.t.Helper()
	m.begin()
	m.awaitReady(nil)
}

func (m *Member) begin() {
	m.t.Helper()
	_ = os.Remove(m.portsFile()) // those of a killed run
	if m.seat != nil {
		m.seat.begin(m)
		return
	}
	run := Go(m.t, Command{Path: Binary(m.t), Args: m.args(), Dir: m.dir, Env: m.o.Env})
	m.run, m.lives = run, append(m.lives, run)
	m.t.Cleanup(func() { // before that of Go, which kills
		if m.run == run {
			m.Stop()
		}
	})
}

func (m *Member) portsFile() string { return filepath.Join(m.dir, "ports.json") }

// patient keeps a member from refusing calls because it is late: here it shares its machine with other tests, and what it
// is late by is theirs. Tests of overload say otherwise.
const patient = "sip.late_after=10s"

func (m *Member) args() []string {
	args := []string{"dev", "--bind", m.Bind}
	if m.o.Serve {
		args = []string{"serve", "--config", m.writeConfig()}
	}
	args = append(args, "--data", m.Data, "--ports-file", m.portsFile())
	for _, pair := range append([]string{"sip.udp=0", "sip.tcp=0", "sip.tls=0", "http.port=0", "cli.port=0", "ximss.port=0", "ami.port=0",
		"media.webrtc_port=0", patient}, m.o.Set...) {
		args = append(args, "--set", pair)
	}
	return args
}

// writeConfig makes the settings file of `serve`.
func (m *Member) writeConfig() string {
	path := filepath.Join(m.dir, "tandem.yaml")
	text := fmt.Sprintf("member:\n  name: %s\nsip:\n  bind: [%q]\nhttp:\n  bind: [%q]\nmedia:\n  bind: [%q]\n"+
		"routing:\n  domain: %s\n", name, m.Bind, m.Bind, m.Bind, Domain)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
	return path
}

// awaitReady waits for a ports file unlike old, and for /readyz.
func (m *Member) awaitReady(old []byte) {
	m.t.Helper()
	began := time.Now()
	ready := poll(readyTime, m.run.Ended(), func() bool { return m.readPorts(old) && m.answersReady() })
	if !ready {
		m.t.Fatalf("%s is not ready after %v; it said:\n%s", m.Name,
			time.Since(began).Round(time.Millisecond), m.run.Output())
	}
	m.token = m.readToken()
	m.t.Logf(m.Name+" ready after %v: %+v", time.Since(began).Round(time.Millisecond), m.Ports)
}

func (m *Member) readPorts(old []byte) bool {
	text, err := os.ReadFile(m.portsFile())
	if err != nil || string(text) == string(old) {
		return false
	}
	var all map[string]Ports
	if json.Unmarshal(text, &all) != nil {
		return false
	}
	m.Ports = all[m.Name]
	return m.HTTP != 0
}

func (m *Member) answersReady() bool {
	answer, err := http.Get(m.URL() + "/readyz")
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// readToken reads the control token, which each start makes anew.
func (m *Member) readToken() string {
	for _, dir := range []string{filepath.Join(m.Data, m.Name), m.Data} {
		if text, err := os.ReadFile(filepath.Join(dir, "control.token")); err == nil {
			return strings.TrimSpace(string(text))
		}
	}
	m.t.Fatalf("no control token in %s", m.Data)
	return ""
}

// UDPAddr is where the member takes SIP over UDP, host:port.
func (m *Member) UDPAddr() string { return net.JoinHostPort(m.Bind, strconv.Itoa(m.UDP)) }

// TCPAddr is where the member takes SIP over TCP, host:port.
func (m *Member) TCPAddr() string { return net.JoinHostPort(m.Bind, strconv.Itoa(m.TCP)) }

// URL is the member's web listener; WebSocket SIP is at /sip there.
func (m *Member) URL() string { return "http://" + net.JoinHostPort(m.Bind, strconv.Itoa(m.HTTP)) }

// Story is what the member has written in all its lives.
func (m *Member) Story() string {
	var all strings.Builder
	for _, p := range m.lives {
		all.WriteString(p.Output())
	}
	return all.String()
}

// Log is what the member has written so far.
func (m *Member) Log() string { return m.run.Output() }

// Alive says whether the member has been started and not been ended since.
func (m *Member) Alive() bool { return m.run != nil }

// Stop ends the member as an operator does (SIGTERM) and demands exit code 0.
func (m *Member) Stop() {
	m.t.Helper()
	m.alone("Stop")
	run := m.run
	m.run = nil
	run.Signal(syscall.SIGTERM)
	if code := run.Wait(m.t, stopTime); code != 0 {
		m.t.Errorf("the member ended with code %d after SIGTERM; it said:\n%s", code, run.Output())
	}
}

// Kill ends the member with SIGKILL, and its supervisor with it: nobody starts it again.
func (m *Member) Kill() {
	m.t.Helper()
	m.alone("Kill")
	m.paused = false
	pid := m.PID()
	m.run.Kill()
	m.run = nil
	// The kernel kills what the supervisor leaves behind; that takes a moment.
	if err := gone(pid, stopTime); err != nil {
		m.t.Fatal(err)
	}
}

// KillMember ends the process of the member alone with SIGKILL and waits until `tandem dev` has it
// running again, on other ports; in a cluster on the same.
func (m *Member) KillMember() {
	m.t.Helper()
	old, err := os.ReadFile(m.portsFile())
	if err != nil {
		m.t.Fatal(err)
	}
	pid := m.PID()
	if m.seat != nil {
		m.seat.unless(m, m.seat.o.Supervised, "KillMember is for members with a supervisor: say Kill and Restart")
		old = nil // they will be the same, so the file must be another one
		_ = os.Remove(m.portsFile())
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		m.t.Fatal(err)
	}
	m.awaitReady(old)
}

// Pause stops the process of the member where it is (SIGSTOP), as a machine does that freezes, and waits until it
// stands.
func (m *Member) Pause() {
	m.t.Helper()
	m.paused = true
	pid := m.PID()
	m.signal(syscall.SIGSTOP)
	Wait(m.t, stopTime, m.Name+" stands still", func() bool { return stopped(pid) })
}

// stopped says whether all threads of a process are stopped by a signal.
func stopped(pid int) bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	for _, thread := range threads {
		text, _ := os.ReadFile(thread) // one that has ended does not run
		if _, state, ok := strings.Cut(string(text), ") "); ok && !strings.HasPrefix(state, "T") {
			return false
		}
	}
	return len(threads) > 0
}

// Resume lets a paused member go on.
func (m *Member) Resume() { m.t.Helper(); m.paused = false; m.signal(syscall.SIGCONT) }

func (m *Member) signal(s syscall.Signal) {
	m.t.Helper()
	if err := syscall.Kill(m.PID(), s); err != nil {
		m.t.Fatal(err)
	}
}

// AwaitExit waits until the member has ended by itself and returns its exit code, -1 after a signal.
func (m *Member) AwaitExit(most time.Duration) int {
	m.t.Helper()
	m.alone("AwaitExit")
	run := m.run
	code := run.Wait(m.t, most)
	m.run = nil
	return code
}

// alone refuses what would end the supervisor of a cluster, and all members with it.
func (m *Member) alone(what string) {
	m.t.Helper()
	if m.seat != nil {
		m.seat.unless(m, !m.seat.o.Supervised, what+" would end all members of a supervisor: say KillMember")
	}
}

// PID is the process id of the member itself: under `tandem dev` the supervisor's child.
func (m *Member) PID() int {
	m.t.Helper()
	if m.o.Serve || m.seat != nil && !m.seat.o.Supervised {
		return m.run.PID()
	}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", m.run.PID()))
	for _, task := range tasks {
		text, _ := os.ReadFile(task) // a thread that has ended has no children
		for _, field := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil && (m.seat == nil || m.seat.isProcess(pid)) {
				return pid
			}
		}
	}
	m.t.Fatalf("the supervisor has no %s", m.Name)
	return 0
}
