package cluster

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

// voice is a program that plays a tone until it hears the key 5, and then another one.
const voice = `entry main is
  if AcceptCall() != null then stop; end if;
  PlayFile("low", -1);
  loop
    got = ReadInput(60);
    exitif IsDisconnectEvent(got) or else not IsConnected();
    if got == "5" then PlayFile("high", -1); end if;
  end loop;
end entry;
`

// Tones of the program.
const low, high = 440, 880

// TestFlow lets one call go over three members: A is the front and has no media, D has media for others, and B does
// for itself.
func TestFlow(t *testing.T) {
	all := start(t, lab.ClusterOptions{})
	a, b, d := all[0], all[1], all[2]
	processing(t, all, remotely, locally, others4)
	lab.Wait(t, settle, "A knows who has media for others", func() bool {
		c := a.Phone(t, "1000").Call("9196")
		if c.Status == 200 {
			c.Hangup()
		}
		return c.Status == 200
	})
	t.Run("phones", func(t *testing.T) { twoPhones(t, a, b, d) })
	t.Run("browser", func(t *testing.T) { browser(t, a, d) })
	t.Run("program", func(t *testing.T) { program(t, a, d) })
	if testing.Short() {
		return
	}
	t.Run("change", func(t *testing.T) { changeUnderLoad(t, all) })
}

// twoPhones registers one phone at A and one at B, lets each call the other, and follows the audio.
func twoPhones(t *testing.T, a, b, d *lab.Member) {
	alice, bob := a.Phone(t, "1000"), b.Phone(t, "1001")
	alice.Register(300)
	bob.Register(300)
	for _, c := range []struct {
		name             string
		caller, callee   *lab.Phone
		media, elsewhere *lab.Member
	}{
		{"from A to B", alice, bob, d, a},
		{"from B to A", bob, alice, b, a},
	} {
		taken := make(chan *lab.Call, 1)
		go func() { in := c.callee.Await(); in.Answer(); taken <- in }()
		out := reach(t, c.caller, c.callee.User)
		in := <-taken
		out.Say(700)
		in.Say(900)
		in.AwaitTones(t, time.Second, 700)
		out.AwaitTones(t, time.Second, 900)
		for side, x := range map[string]*lab.Call{"caller": out, "callee": in} {
			if at := x.Media().Addr().String(); at != c.media.Bind {
				t.Errorf("%s: the %s is told to send its audio to %s, not to %s", c.name, side, at, c.media.Bind)
			}
			for _, s := range x.Traffic().Sources {
				if s.Addr().Unmap().String() != c.media.Bind {
					t.Errorf("%s: the %s gets audio from %s, not from %s", c.name, side, s, c.media.Bind)
				}
			}
		}
		if n := legs(c.media); n != 2 {
			t.Errorf("%s: %v legs on %s", c.name, n, c.media.Name)
		}
		if n := legs(c.elsewhere); n != 0 {
			t.Errorf("%s: %v legs on %s", c.name, n, c.elsewhere.Name)
		}
		listed := 0
		for _, l := range c.media.Legs() {
			if l.SIPCallID == out.ID() || l.SIPCallID == in.ID() {
				listed++
			}
		}
		if listed != 2 {
			t.Errorf("%s: %s lists %d of the two legs", c.name, c.media.Name, listed)
		}
		in.Hangup()
		out.AwaitEnd()
	}
}

// browser lets a browser at A call the echo: its audio goes to the WebRTC port of D, whose address SDP gives.
func browser(t *testing.T, a, d *lab.Member) {
	b := lab.NewBrowser(t)
	c := a.Phone(t, "1000").CallAs(b, "9196")
	if c.Status != 200 {
		t.Fatalf("got %d %s", c.Status, c.Reason)
	}
	b.AwaitEcho(50)
	for _, l := range d.Legs() {
		if l.SIPCallID == c.ID() && l.Encryption == "DTLS-SRTP" {
			c.Hangup()
			return
		}
	}
	t.Errorf("%s lists no encrypted leg of the call: %+v", d.Name, d.Legs())
}

// reach calls a phone that has just registered, maybe at another member, until that is known.
func reach(t *testing.T, p *lab.Phone, number string) (c *lab.Call) {
	t.Helper()
	began, tries := time.Now(), 0
	lab.Wait(t, soon, number+" can be called", func() bool {
		tries++
		c = p.Call(number)
		return c.Status != 480
	})
	if c.Status != 200 {
		t.Fatalf("the call of %s to %s got %d %s", p.User, number, c.Status, c.Reason)
	}
	t.Logf("%s has reached %s with call %d after %v", p.User, number, tries, since(began))
	return c
}

// legs is how many legs live on a member.
func legs(m *lab.Member) float64 { return m.Metric("tandem_actor_count", `kind="leg"`) }

// program lets a program answer that a phone at A calls: it and its leg live on D.
func program(t *testing.T, a, d *lab.Member) {
	a.Program("voice.sppr", voice)
	for name, hz := range map[string]float64{"low": low, "high": high} {
		path := filepath.Join(t.TempDir(), name+".wav")
		if err := lab.Tone(8000, 2*time.Second, -10, hz).WriteWAV(path); err != nil {
			t.Fatal(err)
		}
		sound, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		a.Program(name+".wav", string(sound))
	}
	if err := a.Ask("POST", "accounts", map[string]any{"aor": "voice@" + lab.Domain, "password": "voice-voice",
		"forward": map[string]string{"all": "voice#voice"}}, nil); err != nil {
		t.Fatal(err)
	}
	p := a.Phone(t, "1000")
	p.NoEvents = true // it is to be heard by its tones
	var c *lab.Call
	lab.Wait(t, settle, "the program answers", func() bool { c = p.Call("voice"); return c.Status == 200 })
	c.AwaitTones(t, time.Second, low)
	if n, here := d.Metric("tandem_actor_count", `kind="task"`), a.Metric("tandem_actor_count", `kind="task"`); n != 1 || here != 0 {
		t.Errorf("%v tasks on %s, %v on %s", n, d.Name, here, a.Name)
	}
	if legs(d) != 1 || legs(a) != 0 { // as the manual wants it: the program lives where its media are
		t.Errorf("%v legs on %s, %v on %s", legs(d), d.Name, legs(a), a.Name)
	}
	c.Sing("5")
	c.AwaitTones(t, time.Second, high)
	for _, s := range c.Traffic().Sources {
		if s.Addr().Unmap().String() != d.Bind {
			t.Errorf("audio came from %s, not from %s", s, d.Bind)
		}
	}
	c.Hangup()
	lab.Wait(t, settle, "task and leg have ended", func() bool {
		return d.Metric("tandem_actor_count", `kind="task"`) == 0 && legs(d) == 0
	})
}

// changeUnderLoad turns A's setting while phones call it all the time: calls that stand stay where they are, and the
// next ones live where the new word says.
func changeUnderLoad(t *testing.T, all []*lab.Member) {
	a, d := all[0], all[2]
	stands := call(t, a, "1000", "9196")
	var load sync.WaitGroup
	stop := make(chan struct{})
	statuses := make(chan int, 1<<16)
	for range 4 {
		p := a.Phone(t, "1000")
		p.Deaf = true
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				c := p.Call("9196")
				statuses <- c.Status
				if c.Status == 200 {
					c.Hangup()
				}
			}
		})
	}
	look := a.Phone(t, "1000")
	for _, step := range []struct {
		word string
		home *lab.Member
	}{{locally, a}, {remotely, d}, {others4, a}, {remotely, d}} {
		processing(t, all[:1], step.word)
		changed := time.Now()
		lab.Wait(t, settle, "the next call obeys "+step.word, func() bool {
			return right(t, all, look, []*lab.Member{step.home})
		})
		t.Logf("%s acts %v after it was taken", step.word, since(changed))
	}
	close(stop)
	load.Wait()
	close(statuses)
	count := map[int]int{}
	for s := range statuses {
		count[s]++
	}
	t.Logf("calls by status: %v", count)
	if len(count) != 1 || count[200] == 0 {
		t.Errorf("calls were refused while the setting changed: %v", count)
	}
	stands.Say(700)
	stands.AwaitTones(t, time.Second, 700)
	if lives(all, stands) != d || stands.Traffic().Missing > 0 {
		t.Errorf("the call that stood: on %v, with %d packets missing", lives(all, stands), stands.Traffic().Missing)
	}
	stands.Hangup()
}
