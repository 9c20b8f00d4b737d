package peers

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"text/template"

	"tandem/test/lab"
)

// kamailioConf is the carrier: it wants to know who registers and calls, sends numbers that begin with + to the far
// phone, and what that calls to where the line is registered.
//
//go:embed testdata/kamailio.cfg
var kamailioConf string

// carrier is Kamailio as somebody who sells calls, with a phone somewhere in the world behind it.
type carrier struct {
	t       testing.TB
	process *lab.Process
	far     *lab.Phone
	address string // of its own: who calls from there is the carrier
	port    int
	conf    carrierConf
	dir     string
}

// carriers counts them, so that each has its address.
var carriers atomic.Int32

// carrierConf is what the carrier's configuration is made of.
type carrierConf struct {
	Address       string
	Port, FarPort int
	User, Secret  string
	Asks          bool // who calls has to prove himself
	Forever       bool // and that again and again
	MD5           bool // the proof is by MD5, else by SHA-256
	Refuses       int  // calls with that status; 0: none
	Rests         int  // and wants no more of them for so many seconds
}

// newCarrier starts a carrier on a port of its own.
func newCarrier(t testing.TB, c carrierConf) *carrier {
	t.Helper()
	x := &carrier{t: t, address: fmt.Sprintf("127.0.68.%d", 10+carriers.Add(1)%200), dir: t.TempDir()}
	x.port = lab.Port(t)
	c.Address, c.Port, c.User, c.Secret = x.address, x.port, "line", "carrier's secret"
	x.far = x.member().Phone(t, "+4989123456")
	x.far.Domain = "carrier.example"
	if _, err := fmt.Sscanf(x.far.Contact(), "sip:+4989123456@127.0.0.1:%d", &c.FarPort); err != nil {
		t.Fatal(err)
	}
	x.conf = c
	x.start()
	return x
}

// member is the carrier as one to which a phone belongs.
func (x *carrier) member() *lab.Member {
	return &lab.Member{Bind: x.address, Ports: lab.Ports{UDP: x.port}}
}

// start starts it, again or for the first time.
func (x *carrier) start() {
	x.t.Helper()
	program := lab.Tool(x.t, "kamailio", "kamailio")
	var text bytes.Buffer
	if err := template.Must(template.New("").Parse(kamailioConf)).Execute(&text, x.conf); err != nil {
		x.t.Fatal(err)
	}
	path := filepath.Join(x.dir, "kamailio.cfg")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		x.t.Fatal(err)
	}
	run := lab.Go(x.t, lab.Command{Path: program, Dir: x.dir,
		Args: []string{"-f", path, "-DD", "-E", "-m", "16", "-M", "4", "-Y", x.dir, "-P", filepath.Join(x.dir, "pid")}})
	x.process = run
	x.t.Cleanup(func() { // before that of Go, which kills
		run.Signal(syscall.SIGTERM)
		<-run.Ended()
	})
}

// stop ends it, with all its processes: nobody answers at its address any more. Killed, it would leave them behind.
func (x *carrier) stop() {
	x.t.Helper()
	x.process.Signal(syscall.SIGTERM)
	x.process.Wait(x.t, patience)
}

// target is the carrier as a trunk's target.
func (x *carrier) target() string { return fmt.Sprintf("%s:%d", x.address, x.port) }
