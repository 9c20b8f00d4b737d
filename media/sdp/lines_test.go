package sdp

import (
	"errors"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"tandem/media/codec"
)

func someLines(codecs ...string) []Capability {
	var all []codec.Codec
	for _, n := range codecs {
		c, _ := codec.ByName(n)
		all = append(all, c)
	}
	out := []Capability{{Port: 4000, Label: "1"}, {Port: 4002, Label: "2"}}
	for i := range out {
		out[i].Address, out[i].Codecs, out[i].Name = netip.MustParseAddr("192.0.2.1"), all, "x"
	}
	return out
}

var anyOrigin = regexp.MustCompile(`o=- \d+ `)

// bare is an SDP without what differs each time.
func bare(text []byte) string {
	return strings.ReplaceAll(anyOrigin.ReplaceAllString(string(text), "o=- N "), "\r\n", "\n")
}

func prefer(name string) []codec.Codec {
	c, _ := codec.ByName(name)
	return []codec.Codec{c}
}

func server(lines ...string) []byte {
	return []byte("v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n" + strings.Join(lines, "\r\n") + "\r\n")
}

func TestLinesOffer(t *testing.T) {
	l := NewLines(someLines("PCMU", "G722"))
	offer, err := l.Offer(SendOnly, prefer("G722"))
	if err != nil {
		t.Fatal(err)
	}
	want := `v=0
o=- N 1 IN IP4 192.0.2.1
s=x
c=IN IP4 192.0.2.1
t=0 0
m=audio 4000 RTP/AVP 9 0
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=ptime:20
a=sendonly
a=label:1
m=audio 4002 RTP/AVP 9 0
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=ptime:20
a=sendonly
a=label:2
`
	if got := bare(offer); got != want {
		t.Errorf("offer is\n%s\nwant\n%s", got, want)
	}
}

// Each line has an address, a codec and a direction of its own, whatever the server thinks that it may send.
func TestLinesAccept(t *testing.T) {
	l := NewLines(someLines("PCMU", "PCMA", "G722"))
	if _, err := l.Offer(SendOnly, nil); err != nil {
		t.Fatal(err)
	}
	got, err := l.Accept(server("m=audio 5000 RTP/AVP 0", "a=recvonly", "m=audio 6000 RTP/AVP 8", "c=IN IP4 192.0.2.10", "a=sendrecv"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ remote, codec string }{{"192.0.2.9:5000", "PCMU"}, {"192.0.2.10:6000", "PCMA"}} {
		if p := got[i].Params; got[i].Refused || p.Remote.String() != want.remote || p.Codec.Name != want.codec || p.Direction != SendOnly {
			t.Errorf("line %d is %+v", i, got[i])
		}
	}
	again, err := l.Offer(Inactive, nil)
	if err != nil || !strings.Contains(bare(again), "o=- N 2 ") || strings.Count(string(again), "a=inactive") != 2 {
		t.Errorf("the next offer is %s, %v", again, err)
	}
	if got, err = l.Accept(server("m=audio 5000 RTP/AVP 0", "a=inactive", "m=audio 6000 RTP/AVP 8", "a=inactive")); err != nil || got[0].Params.Direction != Inactive {
		t.Errorf("%+v, %v", got, err)
	}
}

// A line that is refused, or can not be used, stays so; without any there is nothing.
func TestLinesRefused(t *testing.T) {
	l := NewLines(someLines("PCMU"))
	if _, err := l.Offer(SendOnly, nil); err != nil {
		t.Fatal(err)
	}
	for _, answer := range [][]byte{
		server("m=audio 0 RTP/AVP 0", "m=audio 0 RTP/AVP 0"),
		server("m=audio 5000 RTP/AVP 9", "m=audio 6000 RTP/AVP 0", "c=IN IP4 0.0.0.1.1"),
		server("m=audio 5000 RTP/AVP 0"),
		[]byte("nothing"),
	} {
		if got, err := l.Accept(answer); err == nil {
			t.Errorf("%q gives %+v", answer, got)
		}
	}
	got, err := l.Accept(server("m=audio 0 RTP/AVP 0", "m=audio 6000 RTP/AVP 0", "a=recvonly"))
	if err != nil || !got[0].Refused || got[1].Refused || got[1].Params.Remote.Port() != 6000 {
		t.Fatalf("%+v, %v", got, err)
	}
	offer, err := l.Offer(SendOnly, nil)
	if err != nil || !strings.Contains(string(offer), "m=audio 0 RTP/AVP 0\r\nm=audio 4002 ") {
		t.Errorf("%s, %v", offer, err)
	}
	if got, err = l.Accept(server("m=audio 5000 RTP/AVP 0", "m=audio 6002 RTP/AVP 0", "a=recvonly")); err != nil || !got[0].Refused || got[1].Refused {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err = l.Accept(server("m=audio 0 RTP/AVP 0", "m=audio 0 RTP/AVP 0")); !errors.Is(err, ErrNotAcceptable) {
		t.Errorf("%v", err)
	}
}

// The server makes an SDP offer of its own: it is only sent to.
func TestLinesAnswer(t *testing.T) {
	l := NewLines(someLines("PCMU", "PCMA"))
	if _, err := l.Offer(SendOnly, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Accept(server("m=audio 5000 RTP/AVP 0", "a=recvonly", "m=audio 6000 RTP/AVP 0", "a=recvonly")); err != nil {
		t.Fatal(err)
	}
	answer, got, err := l.Answer(server("m=audio 5002 RTP/AVP 8", "a=sendrecv", "m=audio 6000 RTP/AVP 0", "a=inactive"), SendOnly, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Params.Direction != SendOnly || got[0].Params.Remote.Port() != 5002 || got[0].Params.Codec.Name != "PCMA" || got[1].Params.Direction != Inactive {
		t.Errorf("%+v", got)
	}
	want := "m=audio 4000 RTP/AVP 8\na=rtpmap:8 PCMA/8000\na=ptime:20\na=sendonly\na=label:1\nm=audio 4002 RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=ptime:20\na=inactive\na=label:2\n"
	if !strings.HasSuffix(bare(answer), want) {
		t.Errorf("answer is\n%s", bare(answer))
	}
	for _, offer := range [][]byte{server("m=audio 5000 RTP/AVP 0"), server("m=audio 0 RTP/AVP 0", "m=audio 0 RTP/AVP 0")} {
		if _, _, err := l.Answer(offer, SendOnly, nil); !errors.Is(err, ErrNotAcceptable) {
			t.Errorf("%q: %v", offer, err)
		}
	}
}
