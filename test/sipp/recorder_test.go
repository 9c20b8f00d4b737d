package sipp

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// The tones by which a test knows who is heard.
const (
	callerTone = 440.0
	calledTone = 1000.0
	otherTone  = 700.0
)

// recorder is a recording server: SIPp answers, and names two ports where the test listens.
type recorder struct {
	*played
	first, second *lab.Ear // the caller's stream and its partner's
}

// The servers: one that takes a call, the same over TCP, and one that does not.
var (
	takesCall = party{file: "recorder-takes-expect-bye", account: "recorder"}
	byTCP     = party{file: takesCall.file, account: takesCall.account, tcp: true}
	refuses   = party{file: "recorder-refuses", account: "recorder"}
)

func (s stage) record(t *testing.T, p party, port int) recorder {
	t.Helper()
	first, one := lab.Listen(t)
	second, two := lab.Listen(t)
	p.keys = map[string]string{"first": fmt.Sprint(one), "second": fmt.Sprint(two)}
	run := s.play(t, p, port)
	lab.Wait(t, 30*time.Second, "SIPp takes its port", func() bool { return !p.tcp && bound(port) || p.tcp && listens(port) })
	return recorder{run, first, second}
}

// listens says whether a process listens at this TCP port of 127.0.0.1.
func listens(port int) bool {
	table, err := os.ReadFile("/proc/net/tcp")
	return err == nil && strings.Contains(string(table), fmt.Sprintf("0100007F:%04X 00000000:0000 0A ", port))
}

// hears demands that what each side says is in the stream of its own and in no other.
func (r recorder) hears(t *testing.T, caller, called float64) {
	t.Helper()
	r.first.AwaitTones(t, 500*time.Millisecond, caller)
	r.second.AwaitTones(t, 500*time.Millisecond, called)
}

// rests waits until nothing comes any more.
func (r recorder) rests(t *testing.T) {
	t.Helper()
	for _, e := range []*lab.Ear{r.first, r.second} {
		lab.Wait(t, partyTime, "the stream rests", func() bool { return e.Gap(time.Second) > 800*time.Millisecond })
	}
}

// talk has an account call another one; both say their tones.
func (s stage) talk(t *testing.T, caller string, called *lab.Phone) (c, d *lab.Call) {
	t.Helper()
	answered := make(chan *lab.Call, 1)
	go func() {
		d := <-called.Incoming()
		d.Answer()
		answered <- d
	}()
	if c = s.Phone(t, caller).Call(called.User); c.Status != 200 {
		t.Fatalf("the call is answered %d %s", c.Status, c.Reason)
	}
	d = <-answered
	c.Say(callerTone)
	d.Say(calledTone)
	return c, d
}

func (s stage) phone(t *testing.T, user string) *lab.Phone {
	t.Helper()
	p := s.Phone(t, user)
	p.Register(300)
	return p
}

// TestRecordingServers: calls of accounts go to recording servers; what those hear, and what becomes of calls when they fail.
func TestRecordingServers(t *testing.T) {
	takes, busy, next, dies, heir, nobody, stream, queued := lab.Port(t), lab.Port(t), lab.Port(t), lab.Port(t), lab.Port(t), lab.Port(t), lab.Port(t), lab.Port(t)
	entry := func(name, account, more string, ports ...int) string {
		var servers []string
		for _, p := range ports {
			servers = append(servers, fmt.Sprintf(`"sip:127.0.0.1:%d"`, p))
		}
		return fmt.Sprintf(`{name: %s, servers: [%s], accounts: ["%s@tandem.local"], patience: 1s, probe: 1s%s}`, name, strings.Join(servers, ", "), account, more)
	}
	s := newStage(t, "recorders.list=["+strings.Join([]string{
		entry("archive", "1000", "", takes), entry("pair", "1003", "", busy, next), entry("mortal", "1004", "", dies, heir),
		entry("law", "1005", ", required: true", nobody), entry("wish", "1006", "", nobody),
		`{name: gateway, servers: [plant], accounts: ["1007@tandem.local"]}`,
		fmt.Sprintf(`{name: centre, servers: ["sip:127.0.0.1:%d"], queues: [sales]}`, queued)}, ", ")+"]",
		fmt.Sprintf(`trunks.list=[{name: plant, targets: ["127.0.0.1:%d;transport=tcp"], domain: plant.example, unprobed: true}]`, stream))
	called, other := s.phone(t, "1001"), s.phone(t, "1002")

	t.Run("held and transferred", func(t *testing.T) {
		r := s.record(t, takesCall, takes)
		c, d := s.talk(t, "1000", called)
		r.hears(t, callerTone, calledTone)
		if n := s.Metric("tandem_siprec_sessions"); n != 1 {
			t.Errorf("%g calls are at a recording server", n)
		}

		if c.Reoffer(c.Offer("sendonly")) == "" {
			t.Fatal("the call can not be held")
		}
		r.rests(t)
		if c.Reoffer(c.Offer("sendrecv")) == "" {
			t.Fatal("the call can not be taken back")
		}
		r.hears(t, callerTone, calledTone)

		taken := make(chan *lab.Call, 1)
		go func() {
			o := <-other.Incoming()
			o.Answer()
			taken <- o
		}()
		d.Refer("1002")
		o := <-taken
		o.Say(otherTone)
		r.hears(t, callerTone, otherTone)
		d.AwaitEnd()
		c.Hangup()
		o.AwaitEnd()
		r.succeed(t, "recording server")
		for _, want := range []string{`aor="sip:1002@tandem.local"`, "<disassociate-time>", "a=inactive"} {
			if !strings.Contains(r.read("messages"), want) {
				t.Errorf("the server was not told of %s", want)
			}
		}
		s.clear(t, "1000")
	})

	t.Run("refused by one, taken by the next", func(t *testing.T) {
		busyOne, r := s.record(t, refuses, busy), s.record(t, takesCall, next)
		c, d := s.talk(t, "1003", called)
		r.hears(t, callerTone, calledTone)
		busyOne.succeed(t, "busy recording server")
		d.Hangup()
		c.AwaitEnd()
		r.succeed(t, "recording server")
		s.clear(t, "1003")
	})

	t.Run("by the target of a trunk", func(t *testing.T) {
		r := s.record(t, byTCP, stream)
		c, d := s.talk(t, "1007", called)
		r.hears(t, callerTone, calledTone)
		d.Hangup()
		c.AwaitEnd()
		r.succeed(t, "recording server")
		if !strings.Contains(r.read("messages"), "From: <sip:gateway@plant.example>") {
			t.Error("the trunk's domain is not shown")
		}
		s.clear(t, "1007")
	})

	t.Run("of a queue, while the agent talks", func(t *testing.T) {
		r := s.record(t, takesCall, queued)
		agent := s.phone(t, "1002")
		s.Tandem("agent", "login", "1002")
		c := s.Phone(t, "1008").Call("2000")
		if c.Status != 200 {
			t.Fatalf("the queue answers %d %s", c.Status, c.Reason)
		}
		d := agent.Await()
		d.Answer()
		c.Say(callerTone)
		d.Say(calledTone)
		r.hears(t, calledTone, callerTone) // the agent is who is recorded
		d.Hangup()
		c.AwaitEnd()
		r.succeed(t, "recording server")
		s.Tandem("agent", "logout", "1002")
		s.clear(t, "1002", "1008")
	})

	t.Run("lost in the middle", func(t *testing.T) {
		mortal, r := s.record(t, takesCall, dies), s.record(t, takesCall, heir)
		c, d := s.talk(t, "1004", called)
		mortal.hears(t, callerTone, calledTone)
		mortal.Kill()
		r.hears(t, callerTone, calledTone)
		if n := s.Metric("tandem_siprec_outcomes_total", `what="lost"`); n != 1 {
			t.Errorf("%g servers are lost", n)
		}
		c.Hangup()
		d.AwaitEnd()
		r.succeed(t, "heir")
		s.clear(t, "1004")
	})

	t.Run("by nobody though it must be", func(t *testing.T) {
		c, d := s.talk(t, "1005", called)
		c.AwaitEnd()
		d.AwaitEnd()
		if !strings.Contains(c.Why(), "can not be recorded") {
			t.Errorf("the call ended with %q", c.Why())
		}
		s.clear(t, "1005")
	})

	t.Run("by nobody", func(t *testing.T) {
		failed := s.Metric("tandem_siprec_outcomes_total", `what="failed"`)
		c, d := s.talk(t, "1006", called)
		lab.Wait(t, partyTime, "no server takes the call", func() bool { return s.Metric("tandem_siprec_outcomes_total", `what="failed"`) > failed })
		d.AwaitTones(t, 500*time.Millisecond, callerTone)
		c.Hangup()
		d.AwaitEnd()
		s.clear(t, "1006")
	})

	lab.Wait(t, partyTime, "all scribes have ended", func() bool { return s.Metric("tandem_rtp_streams") == 0 && s.Metric("tandem_siprec_sessions") == 0 })
}

// TestRecordingServerOfAMemberThatStops: the server is hung up on with the call.
func TestRecordingServerOfAMemberThatStops(t *testing.T) {
	port := lab.Port(t)
	s := newStage(t, fmt.Sprintf(`recorders.list=[{name: archive, servers: ["sip:127.0.0.1:%d"], accounts: ["1001@tandem.local"]}]`, port))
	r := s.record(t, takesCall, port)
	s.talk(t, "1000", s.phone(t, "1001"))
	r.hears(t, calledTone, callerTone)
	s.Stop()
	r.succeed(t, "recording server")
}
