package browser

import (
	"strings"
	"testing"

	"tandem/test/lab"
)

// TestReloadedPage: a page in a call is loaded again, and its signalling goes on by somebody who kept the dialog: it
// offers anew, with another certificate, and hears what goes on. The same with new ICE credentials alone, and with an
// offer that changes nothing. No browser is needed for it.
func TestReloadedPage(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	p := m.Phone(t, "1000")
	first := lab.NewBrowser(t)
	c := p.CallAs(first, "9196")
	if c.Status != 200 {
		t.Fatalf("got %d %s", c.Status, c.Reason)
	}
	source := first.AwaitEcho(20)
	first.Close()

	second := lab.NewBrowser(t)
	answer := c.Reoffer(second.Offer("0 126"))
	if err := second.Connect(answer); err != nil {
		t.Fatal(err)
	}
	if again := second.AwaitEcho(20); again != source {
		t.Errorf("the member sends as %d, before as %d", again, source)
	}

	if same := c.Reoffer(second.Offer("0 126")); fragment(same) != fragment(answer) {
		t.Errorf("an offer that changes nothing gets new credentials:\n%s\nbefore\n%s", same, answer)
	}
	second.AwaitEcho(20)

	second.Restart()
	restarted := c.Reoffer(second.Offer("0 126"))
	if fragment(restarted) == fragment(answer) {
		t.Error("an ICE restart gets the same credentials")
	}
	if err := second.Again(restarted); err != nil {
		t.Fatal(err)
	}
	second.AwaitEcho(20)

	if plain := c.Reoffer(strings.NewReplacer("UDP/TLS/RTP/SAVPF", "RTP/AVP", "m=audio 9 ", "m=audio 40000 ",
		"0.0.0.0", "127.0.0.1").Replace(second.Offer("0"))); plain != "" {
		t.Errorf("an offer without encryption is answered\n%s", plain)
	}
	second.AwaitEcho(20)
	c.Hangup()
}

// fragment is the line of an SDP with our part of the user name.
func fragment(sdp string) string {
	for line := range strings.Lines(sdp) {
		if strings.HasPrefix(line, "a=ice-ufrag:") {
			return line
		}
	}
	return ""
}
