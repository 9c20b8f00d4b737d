package dtmf

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestParseINFO(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		kind, body string
		want       Press
	}{
		{TypeRelay, "Signal=5\r\nDuration=160\r\n", Press{'5', 160 * ms}},
		{TypeRelay, "signal= 5\nduration = 160", Press{'5', 160 * ms}},
		{TypeRelay, "Signal=*\r\n", Press{'*', unsaid}},
		{TypeRelay, "Signal=11\r\nDuration=4000000000\r\n", Press{'#', MaxPress}},
		{TypeRelay, "Duration=100\r\nX=1\r\nSignal=d", Press{'D', 100 * ms}},
		{"Application/DTMF-Relay; charset=utf-8", "Signal=0\r\nDuration=0", Press{'0', 0}},
		{TypePlain, "5", Press{'5', unsaid}},
		{TypePlain, "#\r\n", Press{'#', unsaid}},
	} {
		got, err := ParseINFO(c.kind, []byte(c.body))
		if err != nil || got != c.want {
			t.Errorf("%s %q: %+v %v", c.kind, c.body, got, err)
		}
	}
}

func TestParseINFORefuses(t *testing.T) {
	for _, c := range []struct{ kind, body string }{
		{TypeRelay, ""}, {TypeRelay, "Signal="}, {TypeRelay, "Signal=x"}, {TypeRelay, "Signal=16"},
		{TypeRelay, "Signal=055"}, {TypeRelay, "Signal=5\r\nDuration=long"}, {TypeRelay, "Duration=5"},
		{TypeRelay, "Signal=5\r\nDuration=-5"}, {TypePlain, ""}, {TypePlain, "55"}, {TypePlain, "!"},
		{TypePlain, strings.Repeat(" ", maxBody) + "5"},
	} {
		if got, err := ParseINFO(c.kind, []byte(c.body)); err == nil {
			t.Errorf("%s %q: %+v", c.kind, c.body, got)
		}
	}
	for _, kind := range []string{"", "text/plain", "application/dtmf-relay/x", ";"} {
		if _, err := ParseINFO(kind, []byte("5")); !errors.Is(err, ErrType) {
			t.Errorf("%q: %v", kind, err)
		}
	}
}

func TestBodiesReturn(t *testing.T) {
	for i := range len(events) {
		p := Press{events[i], 120 * time.Millisecond}
		if got, err := ParseINFO(TypeRelay, RelayBody(p)); err != nil || got != p {
			t.Errorf("relay %+v: %+v %v", p, got, err)
		}
		if got, err := ParseINFO(TypePlain, PlainBody(p)); err != nil || got.Key != p.Key {
			t.Errorf("plain %+v: %+v %v", p, got, err)
		}
	}
}

func FuzzParseINFO(f *testing.F) {
	f.Add(TypeRelay, []byte("Signal=5\r\nDuration=160\r\n"))
	f.Add(TypePlain, []byte("#"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		p, err := ParseINFO(kind, body)
		if err != nil {
			return
		}
		if !Valid(p.Key) || p.Duration < 0 || p.Duration > MaxPress {
			t.Fatalf("%+v", p)
		}
		if again, err := ParseINFO(TypeRelay, RelayBody(p)); err != nil || again != p {
			t.Fatalf("%+v became %+v, %v", p, again, err)
		}
	})
}
