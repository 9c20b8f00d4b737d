package report

import (
	"fmt"
	"strings"
	"testing"
)

// TestExplain: a call whose lines have another's name for a while, one that a restart cut, one of whom much is said.
func TestExplain(t *testing.T) {
	log := strings.Join([]string{"100|a|q1|NONE|ENTERQUEUE||1|1", "112|a|q1|A/1|CONNECT|12|x|3", "200|b|q2|NONE|ENTERQUEUE||2|1",
		"205|b|q1|A/1|ATTENDEDTRANSFER|APP|Queue|12|93|1", "207|a|q2|A/2|CONNECT|7|y|6", "210|c|q2|NONE|ENTERQUEUE||3|1",
		"215|c|q2|A/3|RINGNOANSWER|4000", "216|c|q2|A/3|AGENTDUMP|", "250|a|q2|A/2|COMPLETEAGENT|7|43|1", "251|a|NONE|A/1|CALLSTATUS|SALE",
		"260|d|q1|NONE|ENTERQUEUE||4|1", "300|NONE|NONE|NONE|QUEUESTART|", "310|e|q1|A/1|COMPLETECALLER|3|5|1",
		"400|f|q1|NONE|ENTERQUEUE||5|1"}, "\n")
	for call, want := range map[string]string{
		"a": "1: enters q1\n2: is answered by A/1 after 12 s\n" +
			"4: ends in q1, answered after 12 s, 93 s of talk, by ATTENDEDTRANSFER; the line names the call b, but its times are those of this one\n" +
			"5: changes nothing of this call\n9: changes nothing of this call\n10: says of the call: outcome SALE\n",
		"b": "3: enters q2\n4: changes nothing of this call\n" +
			"5: is answered by A/2 after 7 s; the line names the call a, but its times are those of this one\n" +
			"9: ends in q2, answered after 7 s, 43 s of talk, by COMPLETEAGENT; the line names the call a, but its times are those of this one\n",
		"c": "6: enters q2\n7: was offered in vain: attempt 1\n8: goes on waiting: the agent hung up before they were joined\n" +
			"12: leaves q2 unanswered after 90 s, by agent dump\n",
		"d": "11: enters q1\n12: leaves q1 unanswered after 40 s, by restart\n",
		"e": "13: ends in q1, answered after 3 s, 5 s of talk, by COMPLETECALLER; some of its times are made of others\n",
		"f": "14: enters q1\n0: still waits: neither answered nor lost\n",
		"x": "",
	} {
		steps, err := Explain(Part{Name: "A"}, Source{}, Names{}, call, strings.NewReader(log))
		var got strings.Builder
		for _, s := range steps {
			fmt.Fprintf(&got, "%d: %s\n", s.Ordinal, s.What)
		}
		if err != nil || got.String() != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", call, err, got.String(), want)
		}
	}
}
