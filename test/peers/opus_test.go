package peers

import (
	"testing"
	"time"

	"tandem/test/lab"
)

// Phones that talk Opus before anything else. What they say they can do besides is G.711.
var (
	baresipOpus  = kind{"baresip with Opus", "udp", false, withOpus(startBaresip)}
	linphoneOpus = kind{"linphone with Opus", "tcp", true, withOpus(startLinphone)}
)

func withOpus(start func(testing.TB, *lab.Member, seat) phone) func(testing.TB, *lab.Member, seat) phone {
	return func(t testing.TB, m *lab.Member, s seat) phone {
		s.opus = true
		return start(t, m, s)
	}
}

// opusMember starts a member that takes Opus. It must have been built with the tags that this test was.
func opusMember(t *testing.T) *lab.Member {
	t.Helper()
	lab.Long(t)
	t.Parallel()
	return lab.Start(t, lab.Options{Set: []string{"media.codecs=PCMU,PCMA,opus"}})
}

// awaitCodecs waits until the legs talk these codecs, the callers' first.
func awaitCodecs(t *testing.T, m *lab.Member, in, out string) {
	t.Helper()
	lab.Wait(t, patience, "the legs do not talk "+in+" and "+out, func() bool {
		for _, l := range m.Legs() {
			if l.Direction == "in" && l.Codec != in || l.Direction == "out" && l.Codec != out {
				return false
			}
		}
		return true
	})
}

// said is what a party talks that talked Opus, once the member had something to say to it.
func said() string {
	if encodesOpus {
		return "opus"
	}
	return "PCMU"
}

// goesOn tells a linphone's recording that the call has gone over to said.
func goesOn(phones ...phone) {
	for _, p := range phones {
		p.(*linphone).opus = encodesOpus
	}
}

// TestOpusCall lets phones that talk Opus call each other: it is passed on, in every build.
func TestOpusCall(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to kind
	}{
		{"linphone calls baresip", linphoneOpus, baresipOpus},
		{"baresip calls baresip", baresipOpus, baresipOpus},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := opusMember(t)
			a, b := start(t, m, c.from, seats[0]), start(t, m, c.to, seats[1])
			connect(a, b)
			hearEachOther(t, a, b)
			awaitCodecs(t, m, "opus", "opus")
			b.Hangup()
			a.AwaitEnd()
			for _, r := range records(t, m, 2) {
				if r.Status != 200 || r.Codec != "opus" || r.Media.Sent == 0 || r.Media.Received == 0 {
					t.Errorf("record %+v, want status 200, Opus, packets both ways", r)
				}
			}
		})
	}
}

// TestOpusHold lets a phone hold another that talks Opus: that one hears music, in Opus where the member can encode it,
// else in what it is offered then. Afterwards they hear each other again.
func TestOpusHold(t *testing.T) {
	m := opusMember(t)
	a, b := start(t, m, linphoneOpus, seats[0]), start(t, m, linphoneOpus, seats[1])
	connect(a, b)
	hearEachOther(t, a, b)
	a.Hold()
	awaitCodecs(t, m, "opus", said())
	goesOn(b)
	hearMusic(t, b)
	a.Resume()
	awaitCodecs(t, m, said(), said())
	goesOn(a)
	hearEachOther(t, a, b)
	b.Hangup()
	a.AwaitEnd()
}

// TestOpusTransfer sends a phone that talks Opus to one that does not.
func TestOpusTransfer(t *testing.T) {
	m := opusMember(t)
	a, b, c := start(t, m, linphoneOpus, seats[0]), start(t, m, baresipOpus, seats[1]), start(t, m, baresipTCP, seats[2])
	connect(a, b)
	hearEachOther(t, a, b)
	b.Transfer(c.Number())
	c.AwaitRing()
	c.Answer()
	c.AwaitTalk()
	b.AwaitEnd()
	awaitCodecs(t, m, said(), "PCMU")
	goesOn(a)
	hearEachOther(t, a, c)
	c.Hangup()
	a.AwaitEnd()
}

// TestOpusProgram lets a phone that talks Opus use a menu, and hear itself from a recording.
func TestOpusProgram(t *testing.T) {
	m := opusMember(t)
	run(t, m, "basic", "menu")
	p := start(t, m, baresipOpus, seats[0]).(*baresip)
	p.Call("menu")
	p.AwaitTalk()
	heard(t, p, menuTone)
	if encodesOpus {
		awaitCodecs(t, m, "opus", "")
	}
	p.Press("1")
	heard(t, p, oneTone)
	p.Press("9")
	lab.Wait(t, patience, "the recording begins", func() bool { return status(t, m, "menu") == "records" })
	p.AwaitSpoken(2 * time.Second)
	p.Press("#")
	hear(t, p, p.Tone())
	p.Press("#")
	p.AwaitEnd()
}

// TestOpusConference lets phones that talk Opus and one that does not meet in a room.
func TestOpusConference(t *testing.T) {
	m := opusMember(t)
	var phones []*baresip
	for i, k := range []kind{baresipOpus, baresipUDP, baresipOpus} {
		p := start(t, m, k, seats[i]).(*baresip)
		phones = append(phones, p)
		p.Call("3001")
		p.AwaitTalk()
	}
	for _, p := range phones {
		hear(t, p, others(phones, p)...)
	}
}
