package lab

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// here is the address at which phones and ears of the lab are.
var here = net.IPv4(127, 0, 0, 1).To4()

const (
	// netMark in the environment says that the test runs in a network of its own.
	netMark = "TANDEM_TEST_NETWORK"
	// hubAddress is the test's own there; members are at 127.9.9.1 and following.
	hubAddress = "127.9.9.254"
	netRange   = "127.9.9.0/24"
	// sysctls are where the kernel's settings of a network are.
	sysctls = "/proc/sys/net/ipv4/"
)

// Net is a network that a test has made for itself: the test stands in the middle, in a namespace of its own, and
// every member in another one; what goes from one to another passes the middle, where it can be cut. Nothing of the
// machine's own network is touched.
//
//	             ┌── tandem1  127.9.9.1
//	test, hub ───┼── tandem2  127.9.9.2
//	127.9.9.254  └── tandem3  127.9.9.3
type Net struct {
	t    testing.TB
	cuts map[[2]string]bool
}

// Namespace is one end of a Net.
type Namespace struct {
	file *os.File
	net  *Net
}

// NewNet gives the test a network of its own. It runs the test a second time, in a process in a network namespace,
// and returns nil in the first, whose test ends then with what the second one has said. It skips the test where the
// kernel does not allow it.
//
//	n := lab.NewNet(t)
//	if n == nil {
//		return
//	}
//	m := lab.StartCluster(t, lab.ClusterOptions{Net: n})
//	n.Partition(lab.Side(m[0]), lab.Side(m[1], m[2]))
func NewNet(t *testing.T) *Net {
	t.Helper()
	Tool(t, "iproute2", "ip")
	if os.Getenv(netMark) == "" {
		again(t, apart{what: "a network of its own", mark: netMark, flag: syscall.CLONE_NEWNET,
			try: "echo 1 >" + sysctls + "conf/all/route_localnet"})
		return nil
	}
	n := &Net{t: t, cuts: map[[2]string]bool{}}
	here = net.ParseIP(hubAddress).To4()
	n.loosen()
	n.sysctl("ip_forward")
	n.ip("link", "set", "dev", "lo", "up")
	n.ip("addr", "add", hubAddress+"/32", "dev", "lo")
	n.ip("route", "del", "local", "127.0.0.0/8", "dev", "lo", "table", "local")
	return n
}

// loosen lets loopback addresses leave an interface, which they never may otherwise.
func (n *Net) loosen() {
	n.t.Helper()
	n.sysctl("conf/all/route_localnet")
	n.sysctl("conf/default/route_localnet")
}

func (n *Net) sysctl(name string) {
	n.t.Helper()
	if err := os.WriteFile(sysctls+name, []byte("1"), 0o600); err != nil {
		n.t.Fatal(err)
	}
}

// ip configures the network in the middle.
func (n *Net) ip(args ...string) {
	n.t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		n.t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// Address is that of member n, from 1.
func (n *Net) Address(number int) netip.Addr {
	a := netip.MustParsePrefix(netRange).Addr()
	for range number {
		a = a.Next()
	}
	return a
}

// namespace makes the namespace of member n, and the line to it.
func (n *Net) namespace(t testing.TB, number int) *Namespace {
	t.Helper()
	s := &Namespace{net: n}
	made := make(chan error)
	go func() {
		runtime.LockOSThread() // for ever: the thread ends with this goroutine
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			s.file, err = os.Open("/proc/thread-self/ns/net")
		}
		made <- err
	}()
	if err := <-made; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.file.Close() })
	at, near, far := n.Address(number).String(), "hub"+strconv.Itoa(number), "out"+strconv.Itoa(number)
	n.ip("link", "add", near, "type", "veth", "peer", "name", far, "netns",
		fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), s.file.Fd()))
	n.ip("link", "set", "dev", near, "up")
	n.ip("route", "add", at, "dev", near, "src", hubAddress)
	s.do(t, func() {
		n.loosen()
		for _, line := range []string{
			"link set dev lo up", "link set dev " + far + " up",
			"addr add " + at + "/32 dev lo", "route del local 127.0.0.0/8 dev lo table local",
			"route add " + hubAddress + " dev " + far,
			"route add " + netRange + " via " + hubAddress + " dev " + far + " src " + at,
		} {
			n.ip(strings.Fields(line)...)
		}
	})
	return s
}

// enter takes the thread of the caller into the namespace. It must be locked, and end.
func (s *Namespace) enter() error { return unix.Setns(int(s.file.Fd()), unix.CLONE_NEWNET) }

// do runs something on a thread in the namespace. A failure of the test inside of it is one outside.
func (s *Namespace) do(t testing.TB, f func()) {
	t.Helper()
	if err := s.run(f); err != nil {
		t.Fatal(err)
	}
}

func (s *Namespace) run(f func()) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		err := fmt.Errorf("the namespace can not be set up") // t.Fatal ends the goroutine
		defer func() { done <- err }()
		if entered := s.enter(); entered != nil {
			err = entered
			return
		}
		f()
		err = nil
	}()
	return <-done
}

// Cut lets nothing pass from one member to another, in silence: no side is told.
func (n *Net) Cut(from, to *Member) {
	n.t.Helper()
	pair := [2]string{from.Bind, to.Bind}
	if !n.cuts[pair] {
		n.ip("rule", "add", "from", from.Bind, "to", to.Bind, "blackhole")
		n.cuts[pair] = true
	}
}

// Partition lets nothing pass between members of different sides. A member that is on no side is not touched.
//
//	n.Partition(lab.Side(m[0]), lab.Side(m[1], m[2]))
func (n *Net) Partition(sides ...[]*Member) {
	n.t.Helper()
	for i, a := range sides {
		for j, b := range sides {
			if i == j {
				continue
			}
			for _, from := range a {
				for _, to := range b {
					n.Cut(from, to)
				}
			}
		}
	}
}

// Side is a side of a Partition.
func Side(members ...*Member) []*Member { return members }

// Isolate cuts one member off from all others of its cluster.
func (n *Net) Isolate(m *Member) {
	n.t.Helper()
	var others []*Member
	for _, o := range m.seat.all {
		if o != m {
			others = append(others, o)
		}
	}
	n.Partition(Side(m), others)
}

// reachTime is how long Reaches waits. The kernel answers for the other member, in far less than a millisecond; what
// may yet be late on a busy machine is asked for again by who expects it.
const reachTime = 250 * time.Millisecond

// Reaches says whether one member can open a connection to another's web listener now.
func (n *Net) Reaches(from, to *Member) bool {
	n.t.Helper()
	ok, err := reaches(from, to)
	if err != nil {
		n.t.Fatal(err)
	}
	return ok
}

func reaches(from, to *Member) (ok bool, err error) {
	err = from.seat.in.run(func() {
		c, refused := net.DialTimeout("tcp4", net.JoinHostPort(to.Bind, strconv.Itoa(to.HTTP)), reachTime)
		if ok = refused == nil; ok {
			_ = c.Close()
		}
	})
	return ok, err
}

// Paths says which of some members reach which, all asked at once: a pair of their numbers for each, in order, as in
// " 12 13 21".
func (n *Net) Paths(members ...*Member) string {
	n.t.Helper()
	var asked sync.WaitGroup
	ways := make([][]string, len(members))
	for i, from := range members {
		ways[i] = make([]string, len(members))
		for j, to := range members {
			if from == to {
				continue
			}
			asked.Go(func() {
				switch ok, err := reaches(from, to); {
				case err != nil:
					n.t.Error(err)
				case ok:
					ways[i][j] = fmt.Sprintf(" %d%d", from.seat.number, to.seat.number)
				}
			})
		}
	}
	asked.Wait()
	all := ""
	for _, of := range ways {
		all += strings.Join(of, "")
	}
	return all
}

// Heal joins what was cut.
func (n *Net) Heal() {
	n.t.Helper()
	for pair := range n.cuts {
		delete(n.cuts, pair)
		n.ip("rule", "del", "from", pair[0], "to", pair[1], "blackhole")
	}
}
