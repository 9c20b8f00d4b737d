package load

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"testing"
	"time"

	"tandem/test/lab"
)

const (
	// dialPace is at how many calls a second delays are measured: one at a time, for the most part.
	dialPace = 50
	// perTurn is how many calls are made before the other placement has its turn.
	perTurn = 25
	// turns is how many turns each placement has in a round.
	turns = 4
)

// TestPostDialDelay measures how much longer a caller waits for ringing, or an answer, when the call's legs are
// made on another member: Call Legs Processing of the caller's member is remotely and locally by turns.
func TestPostDialDelay(t *testing.T) {
	onDemand(t)
	others := []string{"cluster.call_legs=locally-for-others"}
	g := startGroup(t, lab.ClusterOptions{Env: []string{"GOMAXPROCS=2"},
		SetOf: map[string][]string{"tandem2": others, "tandem3": others}})
	front := g.servers[0]
	sink := openPhones(t)
	answering(t, front, demo(1, 1)[0], sink.port, nil)

	d := &desk{conn: dial(t, front.at)}
	dials := []*dialling{
		{name: "9196 (echo answers)", front: g.members[0], desk: d,
			script: &calling{as: &identity{user: "guest"}, numbers: []string{"9196"}, media: sink.port}},
		{name: "1000 calls 1001 (rings)", front: g.members[0], desk: d,
			script: &calling{as: &demo(0, 1)[0], numbers: []string{"1001"}, media: sink.port}},
	}
	for _, l := range dials {
		l.waited = map[string][]time.Duration{}
	}
	for range *rounds * turns {
		for _, words := range [...]string{"locally", "remotely"} {
			for _, l := range dials {
				l.turn(t, words)
			}
		}
	}
	tb := table{title: fmt.Sprintf("From INVITE to ringing or the answer, legs on the caller's member and on others by turns: "+
		"%d calls each", *rounds*turns*perTurn)}
	tb.add("call", "locally p50 µs", "p90 µs", "remotely p50 µs", "p90 µs", "added p50 µs")
	for _, l := range dials {
		near, far := slices.Sorted(slices.Values(l.waited["locally"])), slices.Sorted(slices.Values(l.waited["remotely"]))
		tb.add(l.name, median(near), quantile(near, 0.9), median(far), quantile(far, 0.9), median(far)-median(near))
	}
	tb.print()
}

// dialling is calls to one number through a front.
type dialling struct {
	name   string
	front  *lab.Member
	desk   *desk
	script *calling
	waited map[string][]time.Duration // by placement
}

// turn makes some calls by one placement.
func (l *dialling) turn(t *testing.T, placement string) {
	t.Helper()
	l.place(t, placement)
	o := l.desk.run(l.script, perTurn, dialPace)
	mustDo(t, o, l.name)
	for _, op := range l.desk.ops {
		if !l.placed(op.media, placement) {
			t.Fatalf("%s, %s: the leg is at %v", l.name, placement, op.media)
		}
		l.waited[placement] = append(l.waited[placement], op.heard)
	}
}

// place changes the setting, and waits until calls obey it.
func (l *dialling) place(t *testing.T, placement string) {
	t.Helper()
	body := map[string]string{"value": placement, "reason": "load"}
	if err := l.front.Ask(http.MethodPut, "settings/cluster.call_legs?member="+l.front.Name, body, nil); err != nil {
		t.Fatal(err)
	}
	lab.Wait(t, 30*time.Second, "legs are made "+placement, func() bool {
		return l.desk.run(l.script, 1, dialPace).failures() == 0 && l.placed(l.desk.ops[0].media, placement)
	})
}

// placed tells whether a leg with audio there was made where it should be.
func (l *dialling) placed(media netip.AddrPort, placement string) bool {
	return (media.Addr().String() == l.front.Bind) == (placement == "locally")
}
