package sdp

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tandem/media/codec"
)

// opusOffer is what phones say of Opus, with PCMU behind it.
var opusOffer = peer("m=audio 6000 RTP/AVP 107 0 101 102", "a=rtpmap:107 opus/48000/2",
	"a=fmtp:107 maxplaybackrate=16000; useinbandfec=1;usedtx=0 ; maxaveragebitrate=20000",
	"a=rtpmap:101 telephone-event/48000", "a=rtpmap:102 telephone-event/8000")

func opusSession(t *testing.T) *Session {
	c := capability(t)
	c.Codecs = codecs(t, "PCMU PCMA opus")
	return New(c)
}

// Opus is agreed on where it is asked for, which is for those whose packets are passed on, and else where it can be encoded.
func TestOpusWhereItIsAskedFor(t *testing.T) {
	can := codecs(t, "opus")[0].Encodes()
	answer, p, err := opusSession(t).Answer(opusOffer, SendRecv, codecs(t, "opus"))
	if err != nil || p.Codec.Name != "opus" || p.Payload != 107 || p.Event != 101 || p.EventClock != 48000 {
		t.Errorf("asked for: %+v %v", p, err)
	}
	for _, want := range []string{"RTP/AVP 107 101\r\n", "a=rtpmap:107 opus/48000/2\r\n", "a=fmtp:107 ", "useinbandfec=1"} {
		if !strings.Contains(string(answer), want) {
			t.Errorf("no %q in the answer:\n%s", want, answer)
		}
	}
	if p.Wishes != (codec.Wishes{FEC: true, Rate: 20000}) {
		t.Errorf("wishes %+v", p.Wishes)
	}
	if _, p, err = opusSession(t).Answer(opusOffer, SendRecv, nil); err != nil || (p.Codec.Name == "opus") != can {
		t.Errorf("not asked for: %+v %v", p, err)
	}
	alone := peer("m=audio 6000 RTP/AVP 107", "a=rtpmap:107 OPUS/48000/2")
	if _, _, err = opusSession(t).Answer(alone, SendRecv, nil); errors.Is(err, ErrNotAcceptable) == can {
		t.Errorf("nothing else: %v", err)
	}
	if f, err := opusSession(t).Inspect(alone); err != nil || len(f) != 1 || f[0].Codec.Name != "opus" {
		t.Errorf("inspected: %+v %v", f, err)
	}
}

func TestOpusIsOfferedWhereItIsAskedFor(t *testing.T) {
	s := opusSession(t)
	if got := mline(must(s.Offer(SendRecv, codecs(t, "opus PCMA")))(t)); got != "audio 20000 RTP/AVP 96 8 0 101 102" {
		t.Errorf("asked for: %s", got)
	}
	p, err := s.Accept(peer("m=audio 6000 RTP/AVP 96 97", "a=rtpmap:96 opus/48000/2", "a=rtpmap:97 telephone-event/8000"))
	if err != nil || p.Codec.Name != "opus" || p.EventClock != 8000 || p.Wishes != (codec.Wishes{}) {
		t.Errorf("%+v %v", p, err)
	}
	offer := string(must(opusSession(t).Offer(SendRecv, nil))(t))
	if can := p.Codec.Encodes(); strings.Contains(offer, "opus") != can {
		t.Errorf("not asked for:\n%s", offer)
	}
}

// An answer may name Opus where we did not offer it, alone or before what we did: the first is none, and of the second
// what we offered is taken, so that what comes is what we take it for.
func TestOpusIsAnsweredWhereItIsNotOffered(t *testing.T) {
	s := opusSession(t)
	must(s.Offer(SendRecv, nil))(t)
	s.offered.formats = slices.DeleteFunc(s.offered.formats, func(f Format) bool { return f.Codec.Name == "opus" }) // as without libopus
	opus := "a=rtpmap:96 opus/48000/2"
	if _, err := s.Accept(peer("m=audio 6000 RTP/AVP 96", opus)); !errors.Is(err, ErrNotAcceptable) {
		t.Errorf("alone: %v", err)
	}
	p, err := s.Accept(peer("m=audio 6000 RTP/AVP 96 0", opus))
	if err != nil || p.Codec.Name != "PCMU" || p.Payload != 0 || p.RecvPayload != 0 || len(p.Formats) != 1 || len(p.Hears) != 1 {
		t.Errorf("before PCMU: %+v %v", p, err)
	}
}

// Two channels are Opus's way to be written; of others they are not ours.
func TestChannels(t *testing.T) {
	for value, want := range map[string]bool{
		"96 opus/48000/2": true, "96 opus/48000": true, "96 Opus/48000/2": true, "96 L16/8000/1": true,
		"96 L16/8000/2": false, "96 opus/48000/6": false,
	} {
		if _, ok := parseMap(value); ok != want {
			t.Errorf("%s: %v", value, ok)
		}
	}
}

// What one end says of its Opus is what the other is told, as far as it is known, in whatever way it was written.
func TestOpusIsSaid(t *testing.T) {
	a, b := opusSession(t), opusSession(t)
	offer := peer("m=audio 6000 RTP/AVP 107", "a=rtpmap:107 opus/48000/2",
		"a=fmtp:107 Stereo=1; sprop-stereo=1;;x-google=7;usedtx;stereo=0; maxaveragebitrate=64000;cbr=yes")
	formats, err := a.Inspect(offer)
	if err != nil || len(formats) != 1 || formats[0].Named() != "opus;stereo=1;sprop-stereo=1;maxaveragebitrate=64000" {
		t.Fatalf("%+v %v", formats, err)
	}
	b.Pass(formats[0].Named(), "PCMU")
	want := "a=fmtp:96 stereo=1;sprop-stereo=1;maxaveragebitrate=64000\r\n"
	if text := string(must(b.Offer(SendRecv, codecs(t, "opus")))(t)); !strings.Contains(text, want) {
		t.Errorf("passed on:\n%s", text)
	}
	p, err := b.Accept(peer("m=audio 6000 RTP/AVP 96", "a=rtpmap:96 opus/48000/2", "a=fmtp:96 usedtx=1"))
	if err != nil || p.Named() != "opus;usedtx=1" || !p.Wishes.DTX {
		t.Fatalf("%+v %v", p, err)
	}
	a.Pass(p.Named())
	answer, _, err := a.Answer(offer, SendRecv, codecs(t, "opus"))
	if err != nil || !strings.Contains(string(answer), "a=fmtp:107 usedtx=1\r\n") {
		t.Errorf("passed back: %v\n%s", err, answer)
	}
	b.Pass("PCMU")
	if text := string(must(b.Offer(SendRecv, codecs(t, "opus")))(t)); !strings.Contains(text, "a=fmtp:96 minptime=10;useinbandfec=1") {
		t.Errorf("ours:\n%s", text)
	}
}
