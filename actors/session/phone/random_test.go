package phone

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"tandem/signal"
)

// TestAnythingAnyTime plays events in any order: nothing crashes, no answer is given twice, each operation is answered
// once all time is over, and at the end nothing is left.
func TestAnythingAnyTime(t *testing.T) {
	for seed := range uint64(300) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { play(t, rand.New(rand.NewPCG(seed, 1))) })
	}
}

var words = []string{"callStart", "callProvision", "callAccept", "callReject", "callRedirect", "callUpdate", "callUpdateAccept",
	"callUpdateReject", "callTransfer", "callSendDTMF", "callSendInfo", "callKill", "callList", "makeCall", "signalBind",
	"signalUnbind", "sendIM", "iqSend", "callNothing"}

func play(t *testing.T, random *rand.Rand) {
	s := newStage(t)
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	for n := range 120 {
		switch random.IntN(9) {
		case 0, 1, 2, 3:
			s.Do(operationText(pick, n))
		case 4, 5:
			leg := pick("L1", "L2", "L3")
			tag := pick("", " tag=101-1", " tag=101-2", " tag=101-3", " tag=101-4 callid=101-4@101.invalid", " tag=101-1 callid=101-1@101.invalid")
			s.Do(fmt.Sprintf("<- %s %s id=r%d%s sdp=%s type=text/plain body=SIP/2.0_200_OK event=refer",
				pick("INVITE", "INVITE", "ACK", "BYE", "INFO", "UPDATE", "NOTIFY", "REFER", "MESSAGE", "OPTIONS"), leg, n, tag,
				pick("", "sdp", "sendonly")))
		case 6, 7:
			if len(s.told) == 0 {
				continue
			}
			id := pick(sorted(s.told)...)
			s.Do(fmt.Sprintf("-> %s %s %s tag=%s sdp=%s", pick("100", "180", "183", "200", "200", "302", "408", "481", "486", "491"),
				s.told[id].Method, id, pick("L1", "L2", "L3"), pick("", "sdp", "sendonly")))
		case 8:
			s.Do(pick("after 1s", "after 40s", "gone L1", "gone L2 lost", fmt.Sprintf("cancelled r%d", random.IntN(n+1))))
		}
	}
	s.Do("end")
	for id, r := range s.told { // whoever is still asked refuses
		if r.Method != signal.ACK {
			s.Do("-> 481 " + string(r.Method) + " " + id)
		}
	}
	s.Do("after 1h")
	p := s.phone
	if len(p.calls)+len(p.tags)+len(p.sent) != 0 || p.made != nil || p.bound.on {
		t.Errorf("left behind: %d calls, %d dialogs, %d messages, %v", len(p.calls), len(p.tags), len(p.sent), p.made)
	}
	if n := s.asks - s.answers; n != 0 {
		t.Errorf("%d operations are not answered", n)
	}
}

// operationText is an operation with a few parameters, be they the right ones or not.
func operationText(pick func(...string) string, n int) string {
	word, leg := pick(words...), pick("a", "b", "101-1", "101-2", "101-3", "101-4")
	desc := pick("", "", fmt.Sprintf(` desc="%s"`, pick("sdp", "sendonly", "inactive", "none")))
	more := pick(`peer="1001"`, `otherLeg="a"`, `signalCode="488"`, `contentType="a/b"`, `readIM="1"`, `type="get"`)
	return fmt.Sprintf(`<%s id="%d" callLeg="%s" %s%s>%s</%s>`, word, n, leg, more, desc, pick("", "5", "<To>1002</To>"), word)
}
