package lab

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// ClusterOptions say what cluster to start. The zero value is three members of `tandem dev`, each a process of its
// own without a supervisor, on loopback addresses that no other test has.
type ClusterOptions struct {
	// Members is how many; 3 by default.
	Members int
	// Set are settings of every member, section.key=value.
	Set []string
	// SetOf are settings of one member more, by its name.
	SetOf map[string][]string
	// Data is the data directory of all; one of the test's own by default.
	Data string
	// Env are further variables of their environment.
	Env []string
	// Supervised runs them under one `tandem dev`, which starts a killed one again. They end together.
	Supervised bool
	// Net gives each member a network namespace of its own, so that the network between them can be cut.
	Net *Net
	// Late leaves these members, by name, to be started by the test with Begin or Restart.
	Late []string
}

// seats is what the members of a cluster share.
type seats struct {
	o    ClusterOptions
	base netip.Addr
	data string
	all  []*Member
	null *os.File
	dev  *Process // the supervisor
}

// seat is the place of one member in its cluster.
type seat struct {
	*seats
	number int
	in     *Namespace
}

// StartCluster starts the members of a cluster and waits until all are ready. They are tandem1, tandem2 and so on,
// each at the same address and ports for as long as the test lasts, whatever happens to it. The end of the test
// stops those that run and demands a clean exit.
//
//	m := lab.StartCluster(t, lab.ClusterOptions{})
//	m[1].Kill()
//	m[1].Restart()
func StartCluster(t testing.TB, o ClusterOptions) []*Member {
	t.Helper()
	if o.Members == 0 {
		o.Members = 3
	}
	s := &seats{o: o, data: o.Data}
	if s.data == "" {
		s.data = t.TempDir()
	}
	if o.Net != nil {
		s.base = o.Net.Address(1)
	} else {
		s.base = reserve(t)
	}
	var err error
	if s.null, err = os.OpenFile(os.DevNull, os.O_WRONLY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.null.Close() })
	for n := 1; n <= o.Members; n++ {
		s.all = append(s.all, s.member(t, n))
	}
	if o.Supervised {
		s.supervise(t)
	} else {
		s.prepare(t)
	}
	for _, m := range s.all {
		if !o.Supervised && !s.late(m) {
			m.begin()
		}
	}
	for _, m := range s.all {
		if !s.late(m) {
			m.AwaitReady()
		}
	}
	return s.all
}

func (s *seats) late(m *Member) bool {
	for _, name := range s.o.Late {
		if name == m.Name {
			return true
		}
	}
	return false
}

// member makes the member of a number, from 1.
func (s *seats) member(t testing.TB, n int) *Member {
	t.Helper()
	m := &Member{Name: fmt.Sprint("tandem", n), t: t, Bind: s.address(n), seat: &seat{seats: s, number: n}}
	m.Data = filepath.Join(s.data, m.Name)
	if s.o.Members >= 3 { // those that keep the store together are elsewhere, says the README
		m.Data = filepath.Join(s.data, "three", m.Name)
	}
	m.dir = m.Data
	if s.o.Net != nil {
		m.seat.in = s.o.Net.namespace(t, n)
	}
	return m
}

func (s *seats) address(n int) string {
	a := s.base
	for range n - 1 {
		a = a.Next()
	}
	return a.String()
}

func (s *seats) args(verb string, more ...string) []string {
	args := append([]string{verb, "--data", s.data, "--members", strconv.Itoa(s.o.Members), "--base", s.base.String()}, more...)
	for _, pair := range append([]string{patient}, s.o.Set...) {
		args = append(args, "--set", pair)
	}
	return args
}

// memberEnv marks a process that has no supervisor as a member of dev.
func (s *seats) memberEnv() []string { return append([]string{"TANDEM_DEV_MEMBER=1"}, s.o.Env...) }

// prepare lets all members have their certificates.
func (s *seats) prepare(t testing.TB) {
	t.Helper()
	p := Go(t, Command{Path: Binary(t), Args: s.args("dev-member", "--prepare"), Env: s.memberEnv(), Files: []*os.File{s.null}})
	if code := p.Wait(t, stopTime); code != 0 {
		t.Fatalf("the cluster can not be prepared:\n%s", p.Output())
	}
}

// begin starts the process of a member.
func (s *seat) begin(m *Member) {
	m.t.Helper()
	s.unless(m, !s.o.Supervised, "the supervisor starts it")
	args := s.args("dev-member", "--number", strconv.Itoa(s.number))
	for _, pair := range s.o.SetOf[m.Name] {
		args = append(args, "--set", pair)
	}
	if err := os.MkdirAll(m.Data, 0o700); err != nil {
		m.t.Fatal(err)
	}
	run := Go(m.t, Command{Path: Binary(m.t), Args: args, Dir: m.Data, Env: s.memberEnv(), Files: []*os.File{s.null}, In: s.in})
	m.run, m.lives = run, append(m.lives, run)
	m.t.Cleanup(func() { // before that of Go, which kills
		if m.run == run {
			s.stop()
		}
	})
}

// stop ends all members that run, at the same time, and demands clean exits.
func (s *seats) stop() {
	for _, m := range s.all {
		if m.run == nil {
			continue
		}
		if m.paused {
			m.Resume()
		}
		m.run.Signal(syscall.SIGTERM)
	}
	for _, m := range s.all {
		if m.run != nil {
			m.Stop()
		}
	}
}

// supervise starts all members under one supervisor.
func (s *seats) supervise(t testing.TB) {
	t.Helper()
	if len(s.o.SetOf) > 0 || len(s.o.Late) > 0 || s.o.Net != nil {
		t.Fatal("members of one supervisor are all alike: leave SetOf, Late and Net")
	}
	s.dev = Go(t, Command{Path: Binary(t), Args: s.args("dev"), Dir: s.data, Env: s.o.Env})
	for _, m := range s.all {
		m.run, m.lives = s.dev, []*Process{s.dev}
	}
	t.Cleanup(func() {
		for _, m := range s.all {
			if m.paused {
				m.Resume()
			}
		}
		s.dev.Signal(syscall.SIGTERM)
		if code := s.dev.Wait(t, stopTime); code != 0 {
			t.Errorf("the members ended with code %d after SIGTERM; they said:\n%s", code, s.dev.Output())
		}
	})
}

// isProcess says whether a process is this member's.
func (s *seat) isProcess(pid int) bool {
	line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return strings.Contains(string(line), fmt.Sprintf("\x00--number\x00%d\x00", s.number))
}

// unless fails the test when a thing can not be done.
func (s *seat) unless(m *Member, may bool, why string) {
	m.t.Helper()
	if !may {
		m.t.Fatalf("%s: %s", m.Name, why)
	}
}

// guardPort is bound at the last address of a test's range, to keep other tests out of it.
const guardPort = "7999"

// reserve finds addresses 127.x.y.1 and following that are no other test's, for as long as the test lasts.
func reserve(t testing.TB) netip.Addr {
	t.Helper()
	const ranges = 100 * 256 // from 127.100.0.0 to 127.199.255.0
	first := os.Getpid() % ranges
	for i := range ranges {
		n := (first + i) % ranges
		x, y := byte(100+n>>8), byte(n)
		guard := netip.AddrFrom4([4]byte{127, x, y, 254}).String()
		l, err := net.Listen("tcp", net.JoinHostPort(guard, guardPort))
		if err != nil {
			continue
		}
		t.Cleanup(func() { _ = l.Close() })
		return netip.AddrFrom4([4]byte{127, x, y, 1})
	}
	t.Fatal("every range of loopback addresses is taken")
	return netip.Addr{}
}
