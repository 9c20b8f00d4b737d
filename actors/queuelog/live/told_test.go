package live

import (
	"testing"
	"time"

	"tandem/actors/msg"
	"tandem/ximss/ami"
)

func packetOf(pairs ...string) (p ami.Packet) {
	for i := 0; i < len(pairs); i += 2 {
		p = append(p, ami.Header{Name: pairs[i], Value: pairs[i+1]})
	}
	return p
}

// An answer stays what it was, whatever is told after it: it is read elsewhere at the same time.
func TestAnswersStayWhatTheyWere(t *testing.T) {
	var told Told
	told.Clear()
	at := time.Unix(1795305028, 0)
	told.Hear(packetOf("Event", "QueueMember", "Queue", "sales", "Location", "SIP/1", "Name", "Anna", "Paused", "0"), at)
	told.Hear(packetOf("Event", "QueueCallerJoin", "Queue", "sales", "Uniqueid", "1.1", "Position", "1"), at)
	var f msg.ExchangeFound
	told.Show(&f)
	told.Hear(packetOf("Event", "QueueMemberPause", "Queue", "sales", "Interface", "SIP/1", "Paused", "1"), at)
	told.Hear(packetOf("Event", "AgentConnect", "Queue", "sales", "Uniqueid", "1.1", "MemberName", "Anna"), at)
	if f.Members[0].Paused || f.Callers[0].Talking {
		t.Errorf("the answer has become %v", &f)
	}
}
