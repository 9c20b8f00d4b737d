package sdp

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	pion "github.com/pion/sdp/v3"
)

// peer builds an SDP of the peer from its m-lines and what belongs to them.
func peer(lines ...string) []byte {
	head := []string{"v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"}
	return []byte(strings.Join(append(head, lines...), "\r\n") + "\r\n")
}

var originLine = regexp.MustCompile(`o=- \d+ (\d+) `)

func version(t *testing.T, text []byte) (v int) {
	t.Helper()
	m := originLine.FindSubmatch(text)
	if m == nil {
		t.Fatalf("no o= line in %s", text)
	}
	fmt.Sscan(string(m[1]), &v)
	return v
}

func mline(text []byte) string {
	_, rest, _ := strings.Cut(string(text), "m=")
	line, _, _ := strings.Cut(rest, "\r\n")
	return line
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func answer(t *testing.T, s *Session, offer []byte) ([]byte, Params) {
	t.Helper()
	a, p, err := s.Answer(offer, SendRecv, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a, p
}

func TestVersionGrowsWithContentOnly(t *testing.T) {
	s := New(capability(t))
	first, _ := answer(t, s, peer("m=audio 6000 RTP/AVP 0"))
	same, _ := answer(t, s, peer("m=audio 7000 RTP/AVP 0"))
	if version(t, first) != version(t, same) || !bytes.Equal(first, same) {
		t.Errorf("same content:\n%s\n%s", first, same)
	}
	held, _ := answer(t, s, peer("m=audio 6000 RTP/AVP 0", "a=sendonly"))
	if version(t, held) != version(t, first)+1 {
		t.Errorf("version %d after %d", version(t, held), version(t, first))
	}
	s.Rollback()
	back := must(s.Offer(SendRecv, nil))(t)
	if version(t, back) != version(t, held)+1 {
		t.Errorf("version %d after %d: a number must never mean two texts", version(t, back), version(t, held))
	}
}

func TestRollbackOfOurOffer(t *testing.T) {
	s := New(capability(t))
	if _, ok := s.Current(); ok {
		t.Fatal("settled before any exchange")
	}
	_, before := answer(t, s, peer("m=audio 6000 RTP/AVP 8"))
	must(s.Offer(Inactive, nil))(t)
	s.Rollback()
	if p, ok := s.Current(); !ok || p.story() != before.story() {
		t.Errorf("after rollback %s", p.story())
	}
	if _, err := s.Accept(peer("m=audio 6000 RTP/AVP 0")); !errors.Is(err, ErrNoOffer) {
		t.Errorf("answer after rollback: %v", err)
	}
	s.Rollback()
	if p, _ := s.Current(); p.story() != before.story() {
		t.Errorf("second rollback changed %s", p.story())
	}
}

func TestRollbackOfAnEarlyAnswer(t *testing.T) {
	s := New(capability(t))
	_, before := answer(t, s, peer("m=audio 6000 RTP/AVP 8"))
	must(s.Offer(SendRecv, nil))(t)
	must(s.Accept(peer("m=audio 9000 RTP/AVP 0")))(t) // in a 183; then the re-INVITE is refused
	s.Rollback()
	if p, _ := s.Current(); p.story() != before.story() {
		t.Errorf("after rollback %s", p.story())
	}
}

// A fork answers our first offer when another fork has made an offer of its own: with another m-line, and held.
func TestAForkAnswersAfterAnothersOffer(t *testing.T) {
	s := New(capability(t))
	must(s.Offer(SendRecv, nil))(t)
	must(s.Accept(peer("m=audio 6000 RTP/AVP 8")))(t)
	_, theirs := answer(t, s, peer("m=audio 6000 RTP/AVP 8", "a=sendonly", "m=video 6002 RTP/AVP 96"))
	if _, err := s.Accept(peer("m=audio 9000 RTP/AVP 0")); !errors.Is(err, ErrNoOffer) {
		t.Errorf("before it takes the call: %v", err)
	}
	if _, err := s.AcceptChosen(peer("m=audio 0 RTP/AVP 8")); !errors.Is(err, ErrNotAcceptable) {
		t.Errorf("refused: %v", err)
	}
	if p, ok := s.Current(); !ok || p.story() != theirs.story() {
		t.Errorf("after a bad answer %s", p.story())
	}
	p, err := s.AcceptChosen(peer("m=audio 9000 RTP/AVP 0"))
	if err != nil || p.Remote.Port() != 9000 || p.Codec.Name != "PCMU" || p.Held || p.Direction != SendRecv {
		t.Fatalf("another fork: %s %v", p.story(), err)
	}
	if text := must(s.Offer(SendRecv, nil))(t); bytes.Contains(text, []byte("m=video")) {
		t.Errorf("the line of the other fork is still there:\n%s", text)
	}
	s.Rollback()
	if now, _ := s.Current(); now.story() != p.story() {
		t.Errorf("after rollback %s", now.story())
	}
	if _, err := s.AcceptChosen(peer("m=audio 9000 RTP/AVP 0")); !errors.Is(err, ErrNoOffer) {
		t.Errorf("when the call has gone on: %v", err)
	}
}

func TestRollbackOfTheirOffer(t *testing.T) {
	s := New(capability(t))
	_, before := answer(t, s, peer("m=audio 6000 RTP/AVP 8"))
	answer(t, s, peer("m=audio 6000 RTP/AVP 0", "m=video 6002 RTP/AVP 96"))
	s.Rollback()
	if p, _ := s.Current(); p.story() != before.story() {
		t.Errorf("after rollback %s", p.story())
	}
	if offer := must(s.Offer(SendRecv, nil))(t); bytes.Contains(offer, []byte("m=video")) {
		t.Errorf("the line of the refused offer is still there:\n%s", offer)
	}
}

func TestFailedAnswerChangesNothing(t *testing.T) {
	s := New(capability(t))
	_, before := answer(t, s, peer("m=audio 6000 RTP/AVP 8"))
	for _, bad := range [][]byte{nil, peer(), peer("m=audio 6000 RTP/AVP 18"), peer("m=image 6000 udptl t38")} {
		if _, _, err := s.Answer(bad, SendRecv, nil); err == nil {
			t.Errorf("answered %q", bad)
		}
		if p, _ := s.Current(); p.story() != before.story() {
			t.Errorf("after %q: %s", bad, p.story())
		}
	}
}

func TestInspectChangesNothing(t *testing.T) {
	s := New(capability(t))
	_, before := answer(t, s, peer("m=audio 6000 RTP/AVP 8"))
	formats, err := s.Inspect(peer("m=audio 7000 RTP/AVP 18 9 0"))
	if err != nil || len(formats) != 2 || formats[0].Codec.Name != "G722" || formats[1].Payload != 0 {
		t.Errorf("%v, %v", formats, err)
	}
	for bad, want := range map[string]error{"m=audio 7000 RTP/AVP 18": ErrNotAcceptable, "m=x": ErrMalformed, "": ErrMalformed} {
		offer := peer()
		if bad != "" {
			offer = peer(bad)
		}
		if _, err := s.Inspect(offer); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", bad, err, want)
		}
	}
	if p, _ := s.Current(); p.story() != before.story() {
		t.Errorf("changed to %s", p.story())
	}
}

func TestAnswersOfForks(t *testing.T) {
	s := New(capability(t))
	must(s.Offer(SendRecv, nil))(t)
	must(s.Accept(peer("m=audio 6000 RTP/AVP 0")))(t)
	p := must(s.Accept(peer("m=audio 8000 RTP/AVP 8")))(t)
	if p.Remote.Port() != 8000 || p.Codec.Name != "PCMA" {
		t.Errorf("the last answer does not hold: %s", p.story())
	}
}

func TestLinesKeepOrderAndNumber(t *testing.T) {
	s := New(capability(t))
	answer(t, s, peer("m=video 6002 RTP/AVP 96", "m=audio 6000 RTP/AVPF 0", "m=image 6004 udptl t38"))
	offer := must(s.Offer(SendOnly, nil))(t)
	want := []string{"m=video 0 RTP/AVP 96", "m=audio 20000 RTP/AVPF 0 8 9 101", "m=image 0 udptl t38"}
	var got []string
	for line := range strings.SplitSeq(string(offer), "\r\n") {
		if strings.HasPrefix(line, "m=") {
			got = append(got, line)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, _, err := s.Answer(peer("m=audio 6000 RTP/AVP 0"), SendRecv, nil); !errors.Is(err, ErrMalformed) {
		t.Errorf("fewer m-lines: %v", err)
	}
	// The line in use stays in use, though an earlier one would do as well now.
	a, p := answer(t, s, peer("m=audio 7000 RTP/AVP 0", "m=audio 6000 RTP/AVPF 0", "m=image 0 udptl t38"))
	if p.Remote.Port() != 6000 || mline(a) != "audio 0 RTP/AVP 0" {
		t.Errorf("%s\n%s", p.story(), a)
	}
}

func TestPayloadNumbersKeepTheirMeaning(t *testing.T) {
	c := capability(t)
	c.Codecs = codecs(t, "L16/16000 PCMU")
	s := New(c)
	// The peer uses 96 and 101 for its own ends.
	answer(t, s, peer("m=audio 6000 RTP/AVP 101 96", "a=rtpmap:101 L16/16000", "a=rtpmap:96 telephone-event/16000"))
	offer := must(s.Offer(SendRecv, nil))(t)
	if got := mline(offer); got != "audio 20000 RTP/AVP 101 0 96 102" {
		t.Errorf("m=%s", got)
	}
	if again := must(s.Offer(SendRecv, nil))(t); mline(again) != mline(offer) {
		t.Errorf("m=%s", mline(again))
	}
}

// Whatever the answer names may come, with the numbers of our offer; our own answer names one codec.
func TestWhatThePeerMaySend(t *testing.T) {
	c := capability(t)
	c.Codecs = codecs(t, "L16/16000 PCMU PCMA")
	s := New(c)
	must(s.Offer(SendRecv, nil))(t)
	p := must(s.Accept(peer("m=audio 6000 RTP/AVP 8 120 101", "a=rtpmap:120 L16/16000")))(t)
	if h := p.Hears; len(h) != 2 || h[0] != (Format{Codec: p.Codec, Payload: 8}) || h[1].Codec.Name != "L16" || h[1].Payload != 96 {
		t.Errorf("the peer may send %+v", h)
	}
	_, p = answer(t, New(c), peer("m=audio 6000 RTP/AVP 8 0"))
	if h := p.Hears; len(h) != 1 || h[0] != (Format{Codec: p.Codec, Payload: 8}) {
		t.Errorf("after our answer of one codec the peer may send %+v", h)
	}
}

func TestPreferenceInOffer(t *testing.T) {
	s := New(capability(t))
	if got := mline(must(s.Offer(SendRecv, codecs(t, "G722 L16 PCMA")))(t)); got != "audio 20000 RTP/AVP 9 8 0 101" {
		t.Errorf("m=%s", got)
	}
	c := capability(t)
	c.Codecs = nil
	if _, err := New(c).Offer(SendRecv, nil); !errors.Is(err, ErrNotAcceptable) {
		t.Errorf("no codecs: %v", err)
	}
}

func TestCodecInUseStays(t *testing.T) {
	s := New(capability(t))
	answer(t, s, peer("m=audio 6000 RTP/AVP 8"))
	if _, p := answer(t, s, peer("m=audio 6000 RTP/AVP 0 8")); p.Codec.Name != "PCMA" {
		t.Errorf("switched to %s", p.Codec.Name)
	}
	_, p, err := s.Answer(peer("m=audio 6000 RTP/AVP 0 8"), SendRecv, codecs(t, "PCMU"))
	if err != nil || p.Codec.Name != "PCMU" {
		t.Errorf("%s, %v", p.Codec.Name, err)
	}
}

func TestHoldOutlivesOurOwn(t *testing.T) {
	s := New(capability(t))
	answer(t, s, peer("m=audio 6000 RTP/AVP 0", "a=sendonly"))
	must(s.Offer(Inactive, nil))(t)
	if p := must(s.Accept(peer("m=audio 6000 RTP/AVP 0", "a=inactive")))(t); !p.Held {
		t.Error("the peer's hold is forgotten")
	}
	must(s.Offer(SendRecv, nil))(t)
	if p := must(s.Accept(peer("m=audio 6000 RTP/AVP 0")))(t); p.Held || p.Direction != SendRecv {
		t.Error(p.story())
	}
}

func TestMuxStaysOnceAgreed(t *testing.T) {
	s := New(capability(t))
	answer(t, s, peer("m=audio 6000 RTP/AVP 0", "a=rtcp-mux"))
	if offer := must(s.Offer(SendRecv, nil))(t); !bytes.Contains(offer, []byte("a=rtcp-mux")) {
		t.Error("not offered again")
	}
	if p := must(s.Accept(peer("m=audio 6000 RTP/AVP 0", "a=rtcp-mux")))(t); !p.Mux || p.RemoteRTCP != p.Remote {
		t.Error(p.story())
	}
}

func TestPacketTimes(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  time.Duration
	}{
		{nil, 20 * time.Millisecond},
		{[]string{"a=ptime:40"}, 40 * time.Millisecond},
		{[]string{"a=ptime:30.0"}, 30 * time.Millisecond},
		{[]string{"a=ptime:40", "a=maxptime:30"}, 30 * time.Millisecond},
		{[]string{"a=maxptime:10"}, 10 * time.Millisecond},
		{[]string{"a=ptime:25"}, 20 * time.Millisecond},
		{[]string{"a=ptime:1"}, 10 * time.Millisecond},
		{[]string{"a=ptime:60000"}, 120 * time.Millisecond},
		{[]string{"a=ptime:-5"}, 20 * time.Millisecond},
	} {
		_, p := answer(t, New(capability(t)), peer(append([]string{"m=audio 6000 RTP/AVP 0"}, c.lines...)...))
		if p.Ptime != c.want {
			t.Errorf("%v: %v, want %v", c.lines, p.Ptime, c.want)
		}
	}
}

func TestHostileRTCP(t *testing.T) {
	for _, rtcp := range []string{"25", "0", "x", "70000", "5000 IN IP4 224.0.0.1", "5000 IN IP4 127.0.0.1", "5000 IN IP4 0.0.0.0", "5000 IN"} {
		if _, p := answer(t, New(capability(t)), peer("m=audio 6000 RTP/AVP 0", "a=rtcp:"+rtcp)); p.RemoteRTCP.IsValid() {
			t.Errorf("rtcp:%s is sent to %v", rtcp, p.RemoteRTCP)
		}
	}
}

func TestLoopbackIsForLoopback(t *testing.T) {
	c := capability(t)
	c.Address = netip.MustParseAddr("127.0.0.1")
	offer := bytes.ReplaceAll(peer("m=audio 6000 RTP/AVP 0"), []byte("192.0.2.1"), []byte("127.0.0.9"))
	if _, p := answer(t, New(c), offer); p.Remote.String() != "127.0.0.9:6000" {
		t.Error(p.story())
	}
}

func TestLimits(t *testing.T) {
	many := func(n int, line string) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = line
		}
		return out
	}
	formats := "m=audio 6000 RTP/AVP" + strings.Repeat(" 0", MaxFormats)
	for name, c := range map[string]struct {
		offer []byte
		ok    bool
	}{
		"m-lines":         {peer(many(MaxMedia, "m=audio 6000 RTP/AVP 0")...), true},
		"more m-lines":    {peer(many(MaxMedia+1, "m=audio 6000 RTP/AVP 0")...), false},
		"formats":         {peer(formats), true},
		"more formats":    {peer(formats + " 0"), false},
		"more octets":     {peer("m=audio 6000 RTP/AVP 0", "a="+strings.Repeat("x", MaxSize)), false},
		"many attributes": {peer(append([]string{"m=audio 6000 RTP/AVP 0"}, many(2000, "a=rtpmap:96 x/8000")...)...), true},
		"NUL":             {peer("m=audio 6000 RTP/AVP 0", "a=\x00"), false},
		"bare CR":         {peer("m=audio 6000 RTP/AVP 0", "a=\rb"), false},
	} {
		_, _, err := New(capability(t)).Answer(c.offer, SendRecv, nil)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSessionNameStaysOnItsLine(t *testing.T) {
	for name, want := range map[string]string{"": "s=-\r\n", "a\r\nm=audio 1 RTP/AVP 0": "s=-\r\n", "two words": "s=two words\r\n"} {
		c := capability(t)
		c.Name = name
		if offer := must(New(c).Offer(SendRecv, nil))(t); !bytes.Contains(offer, []byte(want)) {
			t.Errorf("%q: %s", name, offer)
		}
	}
}

func TestDirections(t *testing.T) {
	all := []Direction{SendRecv, SendOnly, RecvOnly, Inactive}
	for _, theirs := range all {
		for _, ours := range all {
			_, p, err := New(capability(t)).Answer(peer("m=audio 6000 RTP/AVP 0", "a="+theirs.String()), ours, nil)
			if err != nil {
				t.Fatal(err)
			}
			want := direction(ours.sends() && theirs.hears(), ours.hears() && theirs.sends())
			if p.Direction != want || p.Held == theirs.hears() {
				t.Errorf("they %v, we %v: %v held %v", theirs, ours, p.Direction, p.Held)
			}
		}
	}
}

// checkAnswer holds what is true of every answer: it reads, by us and by another reader, has the
// m-lines of the offer, and no format that the offer has not.
func checkAnswer(t interface{ Fatalf(string, ...any) }, offer, answer []byte) {
	asked, err := parse(offer)
	if err != nil {
		t.Fatalf("offer: %v", err)
	}
	got, err := parse(answer)
	if err != nil {
		t.Fatalf("answer: %v\n%s", err, answer)
	}
	if len(got.media) != len(asked.media) {
		t.Fatalf("%d m-lines in answer to %d", len(got.media), len(asked.media))
	}
	ours := 0
	for i, m := range got.media {
		if m.kind != asked.media[i].kind || m.proto != asked.media[i].proto {
			t.Fatalf("m-line %d: %s %s", i, m.kind, m.proto)
		}
		for _, f := range m.formats {
			if !contains(asked.media[i].formats, f) {
				t.Fatalf("m-line %d: format %s was not offered", i, f)
			}
		}
		if m.port != 0 {
			ours++
		}
	}
	if ours != 1 {
		t.Fatalf("%d m-lines taken", ours)
	}
	if strings.Contains(string(answer), "udptl") || !onlyKnownToPion(asked) {
		return // that reader knows neither
	}
	var second pion.SessionDescription
	if err := second.Unmarshal(answer); err != nil {
		t.Fatalf("another reader: %v\n%s", err, answer)
	}
}

// contains compares payload numbers as numbers: an offer may write 00.
func contains(formats []string, f string) bool {
	for _, have := range formats {
		if have == f || strings.TrimLeft(have, "0") == strings.TrimLeft(f, "0") {
			return true
		}
	}
	return false
}

func onlyKnownToPion(d *description) bool {
	for _, m := range d.media {
		if m.kind != "audio" && m.kind != "video" || !isPlain(m.proto) {
			return false
		}
	}
	return true
}
