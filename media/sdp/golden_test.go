package sdp

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tandem/media/codec"
)

var update = flag.Bool("update", false, "rewrite what testdata expects")

// story is one file of testdata: "# remark" and "name: value" lines, then sections "== name" of
// which "in" is given and the others are expected.
type story struct {
	remarks  string
	settings map[string]string
	in       string
	expected string
}

func readStory(t *testing.T, path string) (st story) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), "== in\n")
	if !ok {
		t.Fatalf("%s: no section in", path)
	}
	st.settings = map[string]string{}
	for line := range strings.Lines(head) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && line[0] != '#' {
			st.settings[name] = value
		}
	}
	st.remarks = head
	st.in, st.expected = rest, ""
	if i := strings.Index(rest, "== "); i >= 0 {
		st.in, st.expected = rest[:i], rest[i:]
	}
	return st
}

func codecs(t testing.TB, names string) (out []codec.Codec) {
	t.Helper()
	for _, name := range strings.Fields(names) {
		c, ok := codec.ByName(name)
		if !ok {
			t.Fatalf("codec %q", name)
		}
		out = append(out, c)
	}
	return out
}

func (st story) session(t *testing.T) *Session {
	t.Helper()
	c := capability(t)
	if a := st.settings["address"]; a != "" {
		c.Address = netip.MustParseAddr(a)
	}
	if names := st.settings["codecs"]; names != "" {
		c.Codecs = codecs(t, names)
	}
	if st.settings["secure"] != "" {
		c.Secure = ourIdentity
	}
	switch st.settings["srtp"] {
	case "required":
		c.Suites, c.Required = Suites, true
	case "in the clear":
		c.Required = true
	case "offered":
		c.Suites, c.Fingerprint = Suites, ourIdentity.Fingerprint
	}
	s := New(c)
	s.id = 1
	return s
}

var ourIdentity = &Identity{Fingerprint: "sha-256 01:23:45:67:89:AB", SSRC: 77}

// ours hides what is made at random.
var random = regexp.MustCompile(`(a=ice-(?:ufrag|pwd):|a=crypto:\d+ \S+ inline:)\S+`)

func settled(text string) string { return random.ReplaceAllString(text, "${1}<ours>") }

func capability(t testing.TB) Capability {
	return Capability{Address: netip.MustParseAddr("192.0.2.50"), Port: 20000,
		Codecs: codecs(t, "PCMU PCMA G722"), Ptime: 20 * time.Millisecond, Name: "Tandem"}
}

func (st story) direction() Direction { return directions[st.settings["direction"]] }

func (p Params) story() string {
	var b strings.Builder
	fmt.Fprintf(&b, "remote %v rtcp %v mux %v\n", p.Remote, p.RemoteRTCP, p.Mux)
	fmt.Fprintf(&b, "codec %s/%d send %d expect %d ptime %v\n", p.Codec.Name, p.Codec.Clock, p.Payload, p.RecvPayload, p.Ptime)
	fmt.Fprintf(&b, "event send %d expect %d clock %d\n", p.Event, p.RecvEvent, p.EventClock)
	if s := p.Secure; s != nil {
		fmt.Fprintf(&b, "secure %s %s by %s active %v\n", s.Remote.Ufrag, s.Remote.Password, s.Fingerprint, s.Active)
	}
	if p.DTLS != (DTLS{}) {
		fmt.Fprintf(&b, "handshake with %s active %v\n", p.DTLS.Fingerprint, p.DTLS.Active)
	}
	if k := p.Keys; k.Suite != "" {
		fmt.Fprintf(&b, "encrypted %v, the peer by %q\n", k, k.Remote)
	}
	fmt.Fprintf(&b, "direction %v held %v formats", p.Direction, p.Held)
	for _, f := range p.Formats {
		fmt.Fprintf(&b, " %s/%d=%d", f.Codec.Name, f.Codec.Clock, f.Payload)
	}
	return b.String() + "\n"
}

func golden(t *testing.T, dir string, tell func(t *testing.T, st story) string) {
	paths, err := filepath.Glob("testdata/" + dir + "/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no stories in %s: %v", dir, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			st := readStory(t, path)
			got := settled(strings.ReplaceAll(tell(t, st), "\r\n", "\n"))
			if *update {
				if err := os.WriteFile(path, []byte(st.remarks+"== in\n"+st.in+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != st.expected {
				t.Errorf("got\n%s\nwant\n%s", got, st.expected)
			}
		})
	}
}

// crlf gives an SDP the line ends of the wire; "odd-" stories keep theirs.
func crlf(t *testing.T, s string) []byte {
	if strings.Contains(t.Name(), "odd-") {
		return []byte(s)
	}
	return []byte(strings.ReplaceAll(s, "\n", "\r\n"))
}

func TestAnswerStories(t *testing.T) {
	golden(t, "answer", func(t *testing.T, st story) string {
		s := st.session(t)
		answer, p, err := s.Answer(crlf(t, st.in), st.direction(), codecs(t, st.settings["prefer"]))
		if err != nil {
			return "== error\n" + err.Error() + "\n"
		}
		return "== answer\n" + string(answer) + "== params\n" + p.story()
	})
}

func TestAcceptStories(t *testing.T) {
	golden(t, "accept", func(t *testing.T, st story) string {
		s := st.session(t)
		offer, err := s.Offer(st.direction(), nil)
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.Accept(crlf(t, st.in))
		if err != nil {
			return "== offer\n" + string(offer) + "== error\n" + err.Error() + "\n"
		}
		return "== offer\n" + string(offer) + "== params\n" + p.story()
	})
}
