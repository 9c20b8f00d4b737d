package peers

import (
	"os"
	"testing"

	"tandem/test/lab"
)

func TestMain(m *testing.M) { os.Exit(lab.Run(m)) }

// phone is a real phone with one account. Its methods fail the test. Await methods return when the
// phone itself has said so.
type phone interface {
	Number() string
	Tone() float64 // what it plays, Hz

	Call(number string)
	AwaitRing() // a call comes in
	Answer()    // the call that came in
	AwaitTalk() // a call is established
	Hold()
	Resume()
	Transfer(number string) // blind
	Hangup()                // the current call
	AwaitEnd()              // of a call, whoever ends it
	Quit()                  // ends the program as its user would

	// Heard is what it has heard so far in its latest call, false if there is nothing.
	Heard() (lab.Sound, bool)
	// Last is the end of what it said.
	Last() string
}

// kind is a phone that can be started, with the transport it uses.
type kind struct {
	name, transport string
	// records says whether it goes on recording after it has held a call itself. The filter that
	// records in baresip 1.0.0 does not come back.
	records bool
	start   func(testing.TB, *lab.Member, seat) phone
}

// seat is the place of a phone in a story: who it is and what it plays.
type seat struct {
	number    string
	hz        float64
	transport string
	keys      string // how it encrypts its audio, in its own word; see secret_test.go
	opus      bool   // it talks Opus first; see opus_test.go
	contact   string // whose presence it watches; see presence_test.go
}

// port is that of the member for the seat's transport.
func (s seat) port(m *lab.Member) int {
	switch s.transport {
	case "tcp":
		return m.TCP
	case "tls":
		return m.TLS
	}
	return m.UDP
}

var (
	baresipUDP  = kind{"baresip over UDP", "udp", false, startBaresip}
	baresipTCP  = kind{"baresip over TCP", "tcp", false, startBaresip}
	linphoneUDP = kind{"linphone over UDP", "udp", true, startLinphone}
	linphoneTCP = kind{"linphone over TCP", "tcp", true, startLinphone}

	// seats are far enough apart in pitch, and from the 1004 Hz of the member, that no harmonic or
	// neighbour is taken for another.
	seats = []seat{{number: "1000", hz: 700}, {number: "1001", hz: 1150}, {number: "1002", hz: 1620},
		{number: "1003", hz: 430}, {number: "1004", hz: 2330}}
)

// start starts a phone on a seat and waits until it is registered.
func start(t testing.TB, m *lab.Member, k kind, s seat) phone {
	t.Helper()
	s.transport = k.transport
	p := k.start(t, m, s)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s (%s) at last:\n%s", s.number, k.name, p.Last())
		}
	})
	return p
}

// member starts a member for a story, or skips the story in a short run.
func member(t *testing.T) *lab.Member {
	t.Helper()
	lab.Long(t)
	t.Parallel()
	return lab.Start(t, lab.Options{})
}

// connect lets one phone call another, which answers.
func connect(from, to phone) {
	from.Call(to.Number())
	to.AwaitRing()
	to.Answer()
	from.AwaitTalk()
	to.AwaitTalk()
}
