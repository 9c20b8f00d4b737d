package leg

import (
	"strings"
	"testing"
)

// What another end says of Opus goes with the call to a new partner, and what our SDP says is the new one's word.
func TestNewPartnersWordOfOpus(t *testing.T) {
	s := &stage{t: t, now: epoch}
	s.Do("incoming codecs=opus,PCMA")
	s.Do("accept stream=theirs codec=opus;usedtx=1")
	if !strings.Contains(string(s.got), "usedtx=1") {
		t.Fatalf("of the first partner our SDP says\n%s", s.got)
	}
	s.Do("ack")
	if names := s.leg.codecs(); names[0] != "opus;minptime=10;useinbandfec=1;stereo=0" {
		t.Errorf("a new partner is told %q", names)
	}
	s.Do("transfer target=1003")
	s.Do("accept stream=other codec=opus;maxaveragebitrate=9000")
	s.Do("reinvite")
	if got := string(s.got); strings.Contains(got, "usedtx") || !strings.Contains(got, "maxaveragebitrate=9000") {
		t.Errorf("of the second partner our SDP says\n%s", got)
	}
}
