package line

import (
	"slices"
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

// TestRead: a line comes apart as it would if it were split at each bar, however many there are.
func TestRead(t *testing.T) {
	row := Row{}
	for fields := range 40 {
		for width := range 12 {
			words := make([]string, fields)
			for i := range words {
				words[i] = strings.Repeat(string(rune('a'+i%26)), (i+width)%12)
			}
			if fields > 0 {
				words[0] = "17"
			}
			checkRead(t, &row, strings.Join(words, "|"))
		}
	}
	for _, text := range []string{"", "|", "||||", "1||||", "1||||v", "1| c |\tq|a | v | x \r\n", "1.5|a|b|c|v|", "12345678|\xfc\x7d{|b|c|v|\xfc"} {
		checkRead(t, &row, text)
	}
}

func checkRead(t *testing.T, row *Row, text string) {
	t.Helper()
	words := strings.Split(strings.TrimRight(text, "\r\n"), "|")
	for i := range words {
		words[i] = string(trim([]byte(words[i])))
	}
	_, timed := seconds([]byte(words[0]))
	good := len(words) > verbAt && timed && words[verbAt] != ""
	if got := row.Read([]byte(text)); got != good {
		t.Errorf("%q: read %v, want %v", text, got, good)
	}
	if !good {
		return
	}
	got := []string{words[0], string(row.CallID), string(row.Queue), string(row.Agent), string(row.Verb)}
	for n := 1; row.Arg(n) != nil; n++ {
		got = append(got, string(row.Arg(n)))
	}
	if !slices.Equal(got, words) {
		t.Errorf("%q: %q, want %q", text, got, words)
	}
}

// TestSeconds: ten digits are read at once, and all else one by one, with the same result.
func TestSeconds(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "7": 7, "1795304596": 1795304596, "9876543210": 9876543210, "0000000001": 1,
		"1234567.89": 1234567, "12345678.9": 12345678, "123456789.": 123456789, "17953045960": 17953045960, "253402300799": maxSeconds,
		"": -1, "253402300800": -1, "1795304x96": -1, "/795304596": -1, "17953045:6": -1, "179530459/": -1, "-795304596": -1,
		"\xb1795304596": -1, "1.95304596": 1, ".795304596": -1} {
		n, ok := seconds([]byte(text))
		if ok != (want >= 0) || ok && n != want {
			t.Errorf("%q: %d %v, want %d", text, n, ok, want)
		}
	}
}

// FuzzRead: the same of any line.
func FuzzRead(f *testing.F) {
	f.Add("1795304596|a-1.7|sales|Agent/101|ATTENDEDTRANSFER|LINK|a|b|12|60|3")
	f.Add("1|a|b|c|v" + strings.Repeat("|", 20))
	row := Row{}
	f.Fuzz(func(t *testing.T, text string) { checkRead(t, &row, text) })
}
