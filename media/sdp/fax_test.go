package sdp

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

var faxLines = []string{"m=image 6010 udptl t38", "a=T38FaxVersion:0", "a=T38MaxBitRate:14400", "a=T38FaxFillBitRemoval",
	"a=T38FaxRateManagement:transferredTCF", "a=T38FaxMaxDatagram:400", "a=T38FaxUdpEC:t38UDPRedundancy"}

// linesOf are the m-lines of an SDP with what belongs to them, as peer takes them.
func linesOf(text []byte) []string {
	_, rest, _ := strings.Cut(string(text), "t=0 0\r\n")
	return strings.Split(strings.TrimSuffix(rest, "\r\n"), "\r\n")
}

func TestAFaxIsOfferedOnInTheWordsOfItsParty(t *testing.T) {
	from, to := New(capability(t)), New(capability(t))
	_, audio := answer(t, from, peer("m=audio 6000 RTP/AVP 8"))
	must(to.Offer(SendRecv, nil))(t)
	must(to.Accept(peer("m=audio 7000 RTP/AVP 8")))(t)

	offer := peer(faxLines...)
	fax := must(from.OffersFax(offer))(t)
	onward := must(to.OfferFax(fax))(t)
	if got := linesOf(onward); len(got) != len(faxLines) || got[0] != "m=image 20000 udptl t38" ||
		strings.Join(got[1:], " ") != strings.Join(faxLines[1:], " ") {
		t.Fatalf("offered on:\n%s", onward)
	}
	p := must(to.Accept(peer("m=image 7010 UDPTL T38", "a=T38FaxVersion:0", "a=T38MaxBitRate:9600")))(t)
	if p.Remote.Port() != 7010 || p.Direction != Inactive || p.Named() != "t38\nT38FaxVersion:0\nT38MaxBitRate:9600" {
		t.Errorf("settled %+v", p)
	}
	if AsFax("PCMU", p.Named()) != p.Fax || AsFax("PCMU", "T38") != "" {
		t.Error("the name of a fax is not known again")
	}
	back, q, err := from.AnswerFax(offer, p.Fax)
	if err != nil || q.Remote.Port() != 6010 || q.RemoteRTCP.IsValid() || q.Codec != audio.Codec {
		t.Fatalf("settled %+v, %v", q, err)
	}
	if want := []string{"m=image 20000 udptl t38", "a=T38FaxVersion:0", "a=T38MaxBitRate:9600"}; strings.Join(linesOf(back), " ") != strings.Join(want, " ") {
		t.Errorf("answered:\n%s", back)
	}

	again := must(from.Stands(SendRecv, nil))(t)
	if !bytes.Contains(again, []byte("a=T38MaxBitRate:9600")) {
		t.Errorf("what stands:\n%s", again)
	}
	from.Rollback()
	if _, p := answer(t, from, peer("m=audio 6000 RTP/AVP 8")); p.Fax != "" || p.Codec.Name != "PCMA" || p.Direction != SendRecv {
		t.Errorf("audio again: %+v", p)
	}
	if offer := must(to.Offer(SendRecv, nil))(t); !strings.HasPrefix(mline(offer), "audio 20000 RTP/AVP ") {
		t.Errorf("offered again:\n%s", offer)
	}
	if p := must(to.Accept(peer("m=audio 7000 RTP/AVP 8")))(t); p.Fax != "" || p.Direction != SendRecv {
		t.Errorf("audio again: %+v", p)
	}
}

func TestAFaxBesideAudio(t *testing.T) {
	s := New(capability(t))
	answer(t, s, peer("m=audio 6000 RTP/AVP 0"))
	both := peer(append([]string{"m=audio 6000 RTP/AVP 0"}, faxLines...)...)
	if fax := must(s.OffersFax(both))(t); fax != "" {
		t.Errorf("a choice of audio and fax is taken for %q: audio is what stands", fax)
	}
	shut := peer(append([]string{"m=audio 0 RTP/AVP 0"}, faxLines...)...)
	fax := must(s.OffersFax(shut))(t)
	a, _, err := s.AnswerFax(shut, fax)
	if err != nil || !strings.HasPrefix(strings.Join(linesOf(a), "|"), "m=audio 0 RTP/AVP 0|m=image 20000 udptl t38|a=T38FaxVersion:0") {
		t.Errorf("answered: %v\n%s", err, a)
	}
	back := must(s.Offer(SendRecv, nil))(t)
	if got := string(back); !strings.Contains(got, "m=audio 20000 RTP/AVP 0") || !strings.Contains(got, "m=image 0 udptl t38") {
		t.Errorf("back to audio:\n%s", back)
	}
}

func TestAFaxThatIsRefusedLeavesTheAudio(t *testing.T) {
	s := New(capability(t))
	_, before := answer(t, s, peer("m=audio 6000 RTP/AVP 8"))
	must(s.OfferFax("t38\nT38FaxVersion:0"))(t)
	for _, no := range [][]byte{peer("m=image 0 udptl t38"), peer("m=audio 6000 RTP/AVP 8"), peer("m=image 5000 udptl t37"),
		peer("m=image 80 udptl t38"), peer("m=image 5000 tcp t38"), peer("m=image 5000 udptl t38", "c=IN IP4 0.0.0.0")} {
		if _, err := s.Accept(no); !errors.Is(err, ErrNotAcceptable) {
			t.Errorf("%v for\n%s", err, no)
		}
	}
	s.Rollback()
	if p, _ := s.Current(); p.story() != before.story() || p.Fax != "" {
		t.Errorf("after rollback %s", p.story())
	}
}

func TestNoFaxWhereAudioIsEncrypted(t *testing.T) {
	s := keyed(t, true)
	if _, err := s.OfferFax("t38"); !errors.Is(err, ErrNotAcceptable) {
		t.Errorf("offered: %v", err)
	}
	if _, err := s.OffersFax(peer(faxLines...)); !errors.Is(err, ErrNotAcceptable) {
		t.Errorf("taken: %v", err)
	}
}

func TestAttributesOfAFaxAreBounded(t *testing.T) {
	lines := []string{"m=image 6010 udptl t38", "a=T38FaxMaxBuffer:" + strings.Repeat("9", maxFaxText), "a=T38FaxVersion:\x01", "a=T38"}
	for range 2 * maxFaxLines {
		lines = append(lines, "a=T38FaxVersion:0")
	}
	fax := must(New(capability(t)).OffersFax(peer(lines...)))(t)
	if n := len(fax.attributes()); n != maxFaxLines || strings.Contains(string(fax), "99") || strings.Contains(string(fax), "\x01") {
		t.Errorf("%d attributes: %q", n, fax)
	}
}

func FuzzFax(f *testing.F) {
	f.Add(peer(faxLines...), peer("m=image 7010 udptl t38"))
	f.Fuzz(func(t *testing.T, offer, reply []byte) {
		s, partner := New(capability(t)), New(capability(t))
		fax, err := s.OffersFax(offer)
		if err != nil || fax == "" {
			return
		}
		if _, err := partner.OfferFax(fax); err != nil {
			t.Fatal(err)
		}
		p, err := partner.Accept(reply)
		if err != nil {
			return
		}
		answer, q, err := s.AnswerFax(offer, p.Fax)
		if err != nil {
			t.Fatal(err)
		}
		checkAnswer(t, offer, answer)
		if p.Remote.Port() < minPort || q.Remote.Port() < minPort {
			t.Fatalf("sends to %v and %v", p.Remote, q.Remote)
		}
	})
}
