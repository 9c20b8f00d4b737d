package peers

import (
	"os"
	"testing"
	"time"

	"tandem/test/lab"
)

func TestMain(m *testing.M) { os.Exit(lab.Run(m)) }

// rate is the sample rate of all files, that of G.711.
const rate = 8000

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

	// Heard is what it has heard so far in its latest call, false if there is nothing.
	Heard() (lab.Sound, bool)
	// Last is the end of what it said.
	Last() string
}

// kind is a phone that can be started, with the transport it uses.
type kind struct {
	name, transport string
	start           func(testing.TB, *lab.Member, seat) phone
}

// seat is the place of a phone in a story: who it is and what it plays.
type seat struct {
	number    string
	hz        float64
	transport string
}

var (
	baresipUDP  = kind{"baresip over UDP", "udp", startBaresip}
	baresipTCP  = kind{"baresip over TCP", "tcp", startBaresip}
	linphoneUDP = kind{"linphone over UDP", "udp", startLinphone}
	linphoneTCP = kind{"linphone over TCP", "tcp", startLinphone}

	// seats are far enough apart in pitch, and from the 1004 Hz of the member, that no harmonic or
	// neighbour is taken for another.
	seats = []seat{{"1000", 700, ""}, {"1001", 1150, ""}, {"1002", 1620, ""}}
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

const (
	// enough is how much of a tone in a row makes it recognised.
	enough = 400 * time.Millisecond
	// latest is how much of the end of a recording is judged.
	latest = 600 * time.Millisecond
)

// hear waits until a phone hears these tones now, all of them and nothing else of weight.
func hear(t testing.TB, p phone, hz ...float64) {
	t.Helper()
	lab.Wait(t, patience, p.Number()+" does not hear the tones it should", func() bool {
		s, ok := p.Heard()
		return ok && tail(s, latest).Heard(0, hz...) >= enough
	})
}

// hearEachOther waits until both phones hear the other's tone and not their own.
func hearEachOther(t testing.TB, a, b phone) {
	t.Helper()
	hear(t, a, b.Tone())
	hear(t, b, a.Tone())
}

// tail is the end of a sound.
func tail(s lab.Sound, length time.Duration) lab.Sound {
	n := int(length * time.Duration(s.Rate) / time.Second)
	end := lab.Sound{Rate: s.Rate}
	for _, c := range s.Channels {
		end.Channels = append(end.Channels, c[max(0, len(c)-n):])
	}
	return end
}
