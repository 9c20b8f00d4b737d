package pbx

import (
	"strings"
	"testing"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
)

// What is remembered is what the member says, also when more names are used than are remembered; and what is no
// handler is not remembered.
func TestNames(t *testing.T) {
	l := newLab(t)
	var pids []*actor.PID
	for range 3 {
		pid, err := l.member.Spawn("leg", &msg.LegStart{})
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	n := &names{}
	for round := range 4 {
		for _, pid := range pids {
			text := n.text(l.member, pid)
			if want := l.member.Handler(pid); text != want {
				t.Fatalf("round %d: %s is %s", round, want, text)
			}
			got := n.pid(l.member, text)
			if !got.Equal(pid) {
				t.Fatalf("round %d: %v is %v", round, pid, got)
			}
			if got == n.young.pids[text] {
				t.Fatalf("round %d: what is remembered is used, and keeps its actor", round)
			}
			if forged := strings.ToUpper(text); n.pid(l.member, forged) != nil {
				t.Fatalf("%s is somebody", forged)
			}
		}
		if len(n.young.texts) > mostNames || len(n.young.pids) != len(pids) {
			t.Fatalf("round %d: %d texts and %d addresses are remembered", round, len(n.young.texts), len(n.young.pids))
		}
		for i := 0; len(n.young.texts) < mostNames; i++ { // others
			n.young.texts[strings.Repeat("x", i+1)] = "y"
		}
	}
}
