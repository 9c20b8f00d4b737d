package lab

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) { os.Exit(Run(m)) }

func TestSoundKeepsItsTones(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tone.wav")
	s := Tone(8000, time.Second, -10, 1004).Then(Tone(8000, time.Second, -10, 697, 1209)).
		Then(Silence(8000, time.Second))
	if err := s.WriteWAV(path); err != nil {
		t.Fatal(err)
	}
	got, err := ReadWAV(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what  string
		heard time.Duration
		want  time.Duration
	}{
		{"length", got.Length(), 3 * time.Second},
		{"1004 Hz", got.Heard(0, 1004), time.Second},
		{"1 on a keypad", got.Heard(0, 697, 1209), time.Second},
		{"697 Hz alone", got.Heard(0, 697), 0},
		{"1004 and 697 Hz", got.Heard(0, 1004, 697), 0},
		{"440 Hz", got.Heard(0, 440), 0},
		{"silence", got.Silent(0), time.Second},
		{"another channel", got.Heard(1, 1004), 0},
	} {
		if d := c.heard - c.want; d < -2*window || d > 2*window {
			t.Errorf("%s: %v, want about %v", c.what, c.heard, c.want)
		}
	}
}

func TestKeysHaveTheirTones(t *testing.T) {
	keys := Keys("15#")
	spoken := Sound{audioRate, [][]float64{nil}}
	for _, b := range keys.Mulaw() {
		spoken.Channels[0] = append(spoken.Channels[0], fromMulaw(b)/32767)
	}
	for _, s := range []Sound{keys, spoken} {
		for key, tones := range keypad {
			got, there := s.Heard(0, tones[0], tones[1]), strings.ContainsRune("15#", key)
			if there && got < keyTime-window || !there && got > 0 {
				t.Errorf("the key %c is heard for %v", key, got)
			}
		}
	}
}

// A telephone of the lab hears itself from an echo, and its keys are read.
func TestPhone(t *testing.T) {
	Long(t)
	m := Start(t, Options{})
	p := m.Phone(t, "1000")
	p.Register(60)
	if n := len(m.Registrations()); n != 1 {
		t.Errorf("%d registrations", n)
	}
	c := p.Call("9196")
	if c.Status != 200 {
		t.Fatalf("the call got %d %s", c.Status, c.Reason)
	}
	c.Say(700)
	c.AwaitTones(t, time.Second, 700)
	c.Say(0)
	c.Sing("5")
	c.AwaitTones(t, keyTime/2, 770, 1336)
	c.Hangup()

	other := m.Phone(t, "1001")
	other.Register(60)
	go func() { other.Await().Answer() }()
	c = p.Call("1001")
	if c.Status != 200 {
		t.Fatalf("the call of the other got %d %s", c.Status, c.Reason)
	}
	other.Register(0)
	m.Tandem("call", "hangup", m.Legs()[0].Handler)
	c.AwaitEnd()
	if s := p.Call("1001").Status; s != 480 {
		t.Errorf("a call of who is not registered got %d", s)
	}
}

func TestReadWAVRefuses(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "whole.wav")
	if err := Tone(8000, time.Second, -10, 400).WriteWAV(whole); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	unclosed := []byte(string(good))
	copy(unclosed[40:44], "\x00\x00\x00\x00")
	if s, err := parseWAV(unclosed); err != nil || s.Length() != time.Second {
		t.Errorf("a file that was not closed: %v, %v", s.Length(), err)
	}
	alaw := []byte(string(good))
	alaw[20] = 6
	for what, b := range map[string][]byte{
		"nothing": nil, "text": []byte(strings.Repeat("hello ", 20)), "the header alone": good[:36], "A-law": alaw,
	} {
		if _, err := parseWAV(b); err == nil {
			t.Errorf("%s was read", what)
		}
	}
}

func TestLabRefusesToNest(t *testing.T) {
	t.Setenv(mark, "")
	if _, err := launch(Command{Path: "/bin/true"}); err == nil {
		t.Error("a child of a lab opened a lab")
	}
}

func TestProcessIsEndedByItsID(t *testing.T) {
	p, err := launch(Command{Path: "/bin/sh", Args: []string{"-c", "read x; echo heard $x; read x"}, Talk: true})
	if err != nil {
		t.Fatal(err)
	}
	p.Say("this")
	p.WaitLine(t, 10*time.Second, "heard this")
	p.Kill()
	if code := p.Wait(t, 10*time.Second); code != -1 {
		t.Errorf("code %d after SIGKILL", code)
	}
	if err := gone(p.PID(), time.Second); err != nil {
		t.Error(err)
	}
}

// TestMemberLives goes through the life of a member: start, verb, death and second life of its
// process under the supervisor, death of both, start on the same data, stop.
func TestMemberLives(t *testing.T) {
	Long(t)
	m := Start(t, Options{})
	m.Tandem("account", "add", "2900@"+Domain, "--password", "secret-2900")
	m.KillMember()
	m.Kill()
	m.Restart()
	if out := m.Tandem("account", "list", "--match", "2900"); !strings.Contains(out, "2900@"+Domain) {
		t.Errorf("the account is gone:\n%s", out)
	}
	if n := len(m.Accounts()); n < 22 {
		t.Errorf("%d accounts, fewer than those of dev and ours", n)
	}
	if out, code := m.Verb("account", "show", "nobody@"+Domain); code != 1 {
		t.Errorf("an account that is not there: code %d, %s", code, out)
	}
	m.Stop()
}

func TestServeStarts(t *testing.T) {
	Long(t)
	m := Start(t, Options{Serve: true})
	if n := len(m.Registrations()); n != 0 {
		t.Errorf("%d registrations of nobody", n)
	}
	m.Kill()
	m.Restart()
}
