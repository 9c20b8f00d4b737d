package attack

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

// What the guard of PINs says in this test, Hz.
const (
	wrongTone, laterTone, openTone = 480, 860, 1340
	pinModule                      = "../../actors/pbx/stock/files/pin.sppi"
	usualLock                      = "const firstLock = 60;"
	// lock is how long the first lock is here.
	shortLock = "const firstLock = 15;"
	lock      = 15 * time.Second
)

// TestPINGuesses lets strangers guess the PIN of a mailbox over many calls: in time no PIN is looked at, not
// even the true one, and when the lock has ended the true one opens the mailbox.
func TestPINGuesses(t *testing.T) {
	w := newWitness(t)
	source, err := os.ReadFile(pinModule)
	if err != nil || !strings.Contains(string(source), usualLock) {
		t.Fatalf("%s has no %q: %v", pinModule, usualLock, err)
	}
	w.Program("pin.sppi", strings.Replace(string(source), usualLock, shortLock, 1))
	for name, hz := range map[string]float64{"WrongPIN": wrongTone, "TryLater": laterTone, "YouHave": openTone} {
		w.prompt(t, name+".wav", hz)
	}
	w.do(t, "UPDATEACCOUNTPREFS 1001 {PIN=2580;}")

	for _, guess := range []string{"0000", "1111"} {
		if got := w.guess(t, guess); got != wrongTone {
			t.Errorf("the guess %s was answered by %v Hz", guess, got)
		}
	}
	// Many at once do not get more: a single one is looked at, and that closes the door.
	began := time.Now() // the lock begins later
	var mu sync.Mutex
	answers := map[float64]int{}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			got := w.guess(t, "3333")
			mu.Lock()
			answers[got]++
			mu.Unlock()
		})
	}
	all.Wait()
	if answers[wrongTone] != 1 || answers[laterTone] != 7 {
		t.Errorf("eight guesses at once were answered by %v (Hz: how often); want one wrong, seven not looked at", answers)
	}
	switch got := w.guess(t, "2580"); {
	case time.Since(began) >= lock:
		t.Log("this machine was too slow to try the true PIN within the lock")
	case got != laterTone:
		t.Errorf("the true PIN within the lock was answered by %v Hz", got)
	}
	lab.Wait(t, patience, "the true PIN opens the mailbox when the lock has ended", func() bool { return w.guess(t, "2580") == openTone })
	w.unharmed(t)
	w.over(t)
}

// guess calls the mailbox from outside, gives one PIN, and returns the tone that came of it.
func (w *witness) guess(t *testing.T, pin string) float64 {
	p := w.Phone(t, "stranger")
	p.Domain = "elsewhere.test"
	c := p.Call("sip:4000@" + lab.Domain)
	if c.Status != 200 {
		t.Errorf("the call got %d %s", c.Status, c.Reason)
		return 0
	}
	defer c.Hangup()
	c.Press("1001#" + pin + "#")
	var got float64
	lab.Wait(t, patience, "an answer to a PIN", func() bool {
		s := c.Heard()
		for _, hz := range []float64{wrongTone, laterTone, openTone} {
			if s.Heard(0, hz) >= 300*time.Millisecond {
				got = hz
			}
		}
		return got != 0
	})
	return got
}

// prompt stores a sound file of the cluster's environment that is a tone.
func (w *witness) prompt(t *testing.T, name string, hz float64) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "prompt.wav")
	if err := lab.Tone(8000, time.Second, -12, hz).WriteWAV(path); err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w.do(t, "STORECLUSTERPBXFILE %q DATA [%s]", name, base64.StdEncoding.EncodeToString(sound))
}
