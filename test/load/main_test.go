package load

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"tandem/test/lab"
)

const (
	// asked in the environment starts the load programs.
	asked = "TANDEM_LOAD"
	// role in the environment makes this binary a floor instead of a test.
	role = "TANDEM_LOAD_ROLE"
	// roleLife is how long a floor may live, whatever becomes of the test.
	roleLife = 5 * time.Minute
	// settle is the wait for work that follows an operation: a record written, a collection.
	settle = 300 * time.Millisecond
)

var (
	rounds   = flag.Int("rounds", 3, "rounds of each load; the median is shown")
	seconds  = flag.Float64("seconds", 2.5, "length of one round")
	calls    = flag.Int("calls", 250, "two-way calls, or parties, of the programs of audio")
	judge    = flag.Bool("judge", false, "fail when a core, scaled to the machine by which goals are set, does not carry the calls")
	events   = flag.Bool("events", true, "offer keys as events; false makes the member listen for tones")
	keep     = flag.Int("keep", 1000, "calls of the memory program")
	contacts = flag.Int("contacts", 5000, "registrations of the memory program")
	pages    = flag.Int("browsers", 300, "calls of browsers")
	crowd    = flag.Int("crowd", 5000, "callers that wait in the largest queue")
	among    = flag.Int("among", 50, "calls of the programs with several members")
	staff    = flag.Int("staff", 10000, "agents who log on at once; a tenth as many queues")
)

// Bounds of the flags: these programs are to measure a machine, not to fill it.
const (
	maxRounds, maxSeconds = 9, 10
	maxCalls, maxKeep     = 2000, 2000
	maxContacts           = 10000
	maxAmong              = 300
	maxCrowd, maxStaff    = 6000, 10000
)

var roles = map[string]func() error{"answerer": serveAnswers, "forwarder": serveForwarding, "ports": serveOnPorts, "rival": serveRival}

func TestMain(m *testing.M) {
	if name := os.Getenv(role); name != "" {
		time.AfterFunc(roleLife, func() { os.Exit(3) })
		if err := roles[name](); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	if os.Getenv(asked) == "1" || os.Getenv(soakFor) != "" {
		if err := buildAsForProduction(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	os.Exit(lab.Run(m))
}

// onDemand skips a load program that nobody asked for.
func onDemand(t *testing.T) {
	t.Helper()
	lab.Long(t)
	if os.Getenv(asked) != "1" {
		t.Skipf("a load program: run it with %s=1 and -v", asked)
	}
	for _, f := range []struct {
		name        string
		value, most float64
	}{
		{"rounds", float64(*rounds), maxRounds}, {"seconds", *seconds, maxSeconds},
		{"calls", float64(*calls), maxCalls}, {"keep", float64(*keep), maxKeep}, {"contacts", float64(*contacts), maxContacts},
		{"among", float64(*among), maxAmong}, {"browsers", float64(*pages), maxCalls}, {"crowd", float64(*crowd), maxCrowd},
		{"staff", float64(*staff), maxStaff},
	} {
		if f.value <= 0 || f.value > f.most {
			t.Fatalf("-%s %v: must be above 0 and at most %v", f.name, f.value, f.most)
		}
	}
	pinLoad(t)
}

// server is a process under load.
type server struct {
	pid int
	at  netip.AddrPort // SIP over UDP
}

// roomy are settings that give a member room for the load.
var roomy = []string{"media.port_min=16384", "media.port_max=32767", "sip.rate_per_source=1000000",
	"sip.nonce_life=1h", "log.level=warn", "tasks.max_per_account=1000000"}

// startMember starts a member with room for the load, on the server's core.
func startMember(t *testing.T, env ...string) (*lab.Member, server) {
	t.Helper()
	return startMemberWith(t, nil, env...)
}

// startMemberWith starts one with further settings.
func startMemberWith(t *testing.T, settings []string, env ...string) (*lab.Member, server) {
	t.Helper()
	m := lab.Start(t, lab.Options{Env: append([]string{"GOMAXPROCS=1"}, env...), Set: append(slices.Clone(roomy), settings...)})
	s := server{m.PID(), netip.MustParseAddrPort(m.UDPAddr())}
	pinServer(t, s.pid)
	return m, s
}

var saysPort = regexp.MustCompile(`port (\d+)\n`)

// startFloor starts this binary in another role, on the server's core.
func startFloor(t *testing.T, name string, env ...string) server {
	t.Helper()
	s, _ := startFloorOn(t, name, env...)
	return s
}

// startFloorOn returns the further ports, too, that it names behind its own.
func startFloorOn(t *testing.T, name string, env ...string) (s server, more []netip.AddrPort) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := lab.Go(t, lab.Command{Path: self, Env: append(env, role+"="+name, "GOMAXPROCS=1")})
	p.WaitLine(t, 10*time.Second, "ready\n")
	for _, said := range saysPort.FindAllStringSubmatch(p.Output(), -1) {
		port, _ := strconv.Atoi(said[1])
		more = append(more, here(port))
	}
	if len(more) == 0 {
		t.Fatalf("the %s names no port: %s", name, p.Output())
	}
	pinServer(t, p.PID())
	return server{p.PID(), more[0]}, more[1:]
}

// sayReady tells the test where a floor listens.
func sayReady(port int) { fmt.Printf("port %d\nready\n", port) }
