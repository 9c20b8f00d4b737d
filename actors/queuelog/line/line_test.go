package line

import (
	"strings"
	"testing"
	"time"
)

func TestLines(t *testing.T) {
	at := time.Unix(1795304596, 987654321)
	for _, c := range []struct {
		line Line
		want string
	}{
		{Line{At: at, Verb: "QUEUESTART"}, "1795304596|NONE|NONE|NONE|QUEUESTART|"},
		{Line{at, "a-1.7", "sales", "Agent/101", "CONNECT", []string{"12", "a-1.8", "3"}},
			"1795304596|a-1.7|sales|Agent/101|CONNECT|12|a-1.8|3"},
		{Line{at, "1.7", "sales", "", "ENTERQUEUE", []string{"", "x|y\r\nz", "1"}}, "1795304596|1.7|sales|NONE|ENTERQUEUE||x_y  z|1"},
	} {
		if got := c.line.String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	long := Line{At: at, Verb: "INFO", Args: []string{strings.Repeat("ä", 5000)}}.String()
	if len(long) > maxBytes+3 || strings.ContainsAny(long, "\n") {
		t.Errorf("%d bytes", len(long))
	}
	if Seconds(2999*time.Millisecond) != "2" || Seconds(-1) != "0" || Milliseconds(1500*time.Microsecond) != "1" {
		t.Error("durations")
	}
}
