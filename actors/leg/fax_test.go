package leg

import (
	"testing"

	"tandem/actors/msg"
)

// An answer that the dialog does not send changes nothing: the SDP session and the leg agree on what stands.
func TestFaxAnswerThatIsNotSent(t *testing.T) {
	s := &stage{t: t, now: epoch}
	for _, line := range []string{"incoming", "accept stream=theirs codec=PCMU", "ack", "refax rate=14400"} {
		s.Do(line)
	}
	s.leg.dialog.Cancelled("", s.now) // the leg hears nothing of it
	s.leg.PartnerFax(&msg.LegFax{Answer: true, Status: 200, Fax: string(faxOf("9600"))}, s.now)
	if said := s.leg.sdp.Said(); said != "" || s.leg.fax() {
		t.Errorf("said %q, fax %v", said, s.leg.fax())
	}
}
