package source

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tandem/actors/stat/engine"
)

// told plays lines to a new book as one batch and writes what they mean.
func play(t testing.TB, rules Rules, lines ...string) []engine.Fact {
	t.Helper()
	return tell(t, NewBook(), Batch{Rules: rules}, lines...)
}

// tell takes lines into a book.
func tell(t testing.TB, b *Book, batch Batch, lines ...string) (all []engine.Fact) {
	t.Helper()
	if batch.Source == "" {
		batch.Source = "pbx"
	}
	if batch.What == "" {
		batch.What = Lines
	}
	for _, l := range lines {
		batch.Lines = append(batch.Lines, json.RawMessage(l))
	}
	body, err := batch.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Read(body, func(f engine.Fact) { all = append(all, f) }); err != nil {
		t.Fatal(err)
	}
	return all
}

// numbered gives lines their numbers.
func numbered(lines ...string) []string {
	for i, l := range lines {
		lines[i] = fmt.Sprintf(`{"seq":%d,%s`, i+1, strings.TrimPrefix(l, "{"))
	}
	return lines
}

// sum writes what happens at an object, in seconds, as the cases do: durations of what is over, instants.
func sum(facts []engine.Fact, o string) (all []string) {
	begun := map[string]int64{}
	for _, f := range facts {
		if f.Object.String() != o {
			continue
		}
		switch f.What {
		case engine.Begin:
			begun[f.Name.String()+f.Key] = f.At
		case engine.End:
			all = append(all, fmt.Sprintf("%s %d..%d", f.Name, begun[f.Name.String()+f.Key]/1000, f.At/1000))
		case engine.Happen:
			text := fmt.Sprintf("%s@%d", f.Name, f.At/1000)
			if f.Length > 0 {
				text += fmt.Sprintf(" dur %d", f.Length/1000)
			}
			all = append(all, text)
		}
	}
	return all
}

// cases of cases/statserver.md: what each object must have had. Devices have more than is named there: the markers of
// beginnings and completions.
var cases = []struct {
	name  string
	lines []string
	exact map[string][]string
	some  map[string][]string
	never map[string]string
}{
	{name: "N1", lines: numbered(
		`{"at":0,"event":"EventQueued","dn":"Q","conn":"c1"}`,
		`{"at":30,"event":"EventDiverted","dn":"Q","conn":"c1"}`,
		`{"at":30,"event":"EventRinging","dn":"7001","conn":"c1","queue":"Q","call_type":"Inbound"}`,
		`{"at":35,"event":"EventEstablished","dn":"7001","conn":"c1"}`,
		`{"at":95,"event":"EventReleased","dn":"7001","conn":"c1"}`,
		`{"at":95,"event":"EventAgentNotReady","dn":"7001","work_mode":"AfterCallWork"}`,
		`{"at":115,"event":"EventAgentReady","dn":"7001"}`),
		exact: map[string][]string{"Queue:Q": {"CallEntered@0", "CallWait 0..30", "CallDistributed@30 dur 30", "CallAnswered@35 dur 35",
			"CallReleased@95 dur 60", "ACWCompleted@115 dur 20"}},
		some: map[string][]string{"RegDN:7001": {"CallRinging 30..35", "CallInbound 35..95", "AfterCallWork 95..115"}}},
	{name: "N3", lines: numbered(
		`{"at":0,"event":"EventQueued","dn":"Q","conn":"c1"}`,
		`{"at":10,"event":"EventDiverted","dn":"Q","conn":"c1"}`,
		`{"at":10,"event":"EventRinging","dn":"7001","conn":"c1","queue":"Q"}`,
		`{"at":18,"event":"EventAbandoned","dn":"7001","conn":"c1"}`),
		some: map[string][]string{"Queue:Q": {"CallDistributed@10 dur 10", "CallAbandonedFromRinging@18 dur 18"},
			"RegDN:7001": {"CallRinging 10..18", "CallAbandonedFromRinging@18 dur 8"}},
		never: map[string]string{"Queue:Q": "CallAbandoned@"}},
	{name: "N4", lines: numbered(
		`{"at":1,"event":"EventPlacedInQueue","dn":"W","conn":"i1"}`,
		`{"at":2,"event":"EventTakenFromQueue","dn":"W","conn":"i1","party":"agent"}`,
		`{"at":3,"event":"EventPlacedInQueue","dn":"W","conn":"i1"}`,
		`{"at":4,"event":"EventTakenFromQueue","dn":"W","conn":"i1","party":"strategy"}`,
		`{"at":5,"event":"EventPlacedInQueue","dn":"X","conn":"i1","old_queue":"W"}`,
		`{"at":6,"event":"EventProcessingStopped","dn":"X","conn":"i1"}`),
		exact: map[string][]string{
			"StagingArea:W": {"InteractionEntered@1", "InteractionDistributed@2", "InteractionEntered@3", "InteractionCleared@4", "InteractionDistributedToQueue@5"},
			"StagingArea:X": {"InteractionEntered@5", "InteractionDeleted@6"}}},
}

func TestCases(t *testing.T) {
	for _, c := range cases {
		facts := play(t, Rules{}, c.lines...)
		for o, want := range c.exact {
			if got := sum(facts, o); !slices.Equal(got, want) {
				t.Errorf("%s: %s has %q, want %q", c.name, o, got, want)
			}
		}
		for o, want := range c.some {
			got := sum(facts, o)
			for _, w := range want {
				if !slices.Contains(got, w) {
					t.Errorf("%s: %s has %q, and not %q", c.name, o, got, w)
				}
			}
		}
		for o, never := range c.never {
			if got := strings.Join(sum(facts, o), "\n"); strings.Contains(got, never) {
				t.Errorf("%s: %s has %s", c.name, o, never)
			}
		}
	}
}
