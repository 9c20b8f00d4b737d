package ami

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestAClientReads(t *testing.T) {
	r := NewReader(strings.NewReader("Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nMessage: Hello\x01there\r\n\r\n\r\nEvent: Any\nno colon\n\nEvent: Half\r\n"))
	if line, err := r.Greeting(); err != nil || line != "Asterisk Call Manager/11.0.0" {
		t.Errorf("%q %v", line, err)
	}
	p, err := r.Next()
	if err != nil || p.Get("response") != "Success" || p.Get("Message") != "Hello there" {
		t.Errorf("%v %v", p, err)
	}
	if p, err = r.Next(); err != nil || p.Get("Event") != "Any" || len(p) != 1 {
		t.Errorf("%v %v", p, err)
	}
	if p, err = r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("half an event is one: %v %v", p, err)
	}
	for _, text := range []string{"220 mail ready\r\n", strings.Repeat("x", maxGreeting+1), ""} {
		if line, err := NewReader(strings.NewReader(text)).Greeting(); err == nil {
			t.Errorf("%q is a greeting", line)
		}
	}
	if _, err := NewReader(strings.NewReader("A: " + strings.Repeat("x", maxPacket))).Next(); !errors.Is(err, errLarge) {
		t.Error("a packet without end is read")
	}
}

func TestKeyOfAChallenge(t *testing.T) {
	if got := Key("123456789", "boss's"); len(got) != 32 || got == Key("123456780", "boss's") {
		t.Error(got)
	}
}

// FuzzClient reads what no server would say: it ends, within the limits, and what is read can be written and read again.
func FuzzClient(f *testing.F) {
	f.Add("Asterisk Call Manager/11.0.0\r\nResponse: Success\r\n\r\nEvent: QueueMember\r\nQueue: sales\r\n\r\n")
	f.Add("Call Manager/\n: \n\nA:\x00b\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		r := NewReader(strings.NewReader(text))
		if _, err := r.Greeting(); err != nil {
			return
		}
		for {
			p, err := r.Next()
			if err != nil {
				return
			}
			again, err := NewReader(strings.NewReader(string(p.Append(nil)))).Next()
			if len(p) > 0 && (err != nil || len(again) != len(p)) {
				t.Fatalf("%v is read again as %v, %v", p, again, err)
			}
		}
	})
}
