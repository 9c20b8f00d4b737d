package source

import (
	"encoding/json"
	"strings"
	"testing"

	"tandem/actors/stat/engine"
)

// TestTwoDesks: an agent who leaves one device stays in the queues into which he is logged in at another one, also where
// what is known of the source was kept and read in between; he leaves a queue with the last of them.
func TestTwoDesks(t *testing.T) {
	b := NewBook()
	lines := numbered(`{"event":"EventAgentLogin","dn":"7001","agent":"A","queue":"Q"}`,
		`{"event":"EventAgentLogin","dn":"7001","agent":"A","queue":"R"}`,
		`{"event":"EventAgentLogin","dn":"7002","agent":"A","queue":"Q"}`,
		`{"event":"EventAgentLogin","dn":"7003","agent":"B","queue":"Q"}`,
		`{"event":"EventAgentLogout","dn":"7001","agent":"A"}`,
		`{"event":"EventAgentLogout","dn":"7002","agent":"A"}`)
	tell(t, b, Batch{}, lines[:4]...)
	text, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	b = NewBook()
	if err := json.Unmarshal(text, b); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"Agent:A Queue:R", "Agent:A Queue:Q"} {
		var left []string
		for _, f := range tell(t, b, Batch{}, lines[4+i]) {
			if f.What == engine.Logout && f.Other.Type == engine.Queue {
				left = append(left, f.Object.String()+" "+f.Other.String())
			}
		}
		if got := strings.Join(left, ", "); got != want {
			t.Errorf("line %d: left are %s, want %s", 5+i, got, want)
		}
	}
}
