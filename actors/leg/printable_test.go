package leg

import (
	"strings"
	"testing"

	"tandem/actors/msg"
)

// What a program writes can not begin another line of SIP.
func TestProgramsCanNotWriteHeaderLines(t *testing.T) {
	for in, want := range map[string]string{
		"busy\r\nEvil: yes": "busy  Evil: yes", "plain": "plain", "\x00\x7f": "  ", "caf\xc3\xa9\xff": "café",
		strings.Repeat("x", 5000): strings.Repeat("x", maxField),
	} {
		if got := printable(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
	h := fields([]*msg.Header{{Name: "Reason", Value: "a\nb"}, {Name: "No Name"}, {Name: "Evil\r\nX"}, {Name: ""}})
	if len(h) != 1 || h[0].Value != "a b" {
		t.Errorf("got %q", h)
	}
}
