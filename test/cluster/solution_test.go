package cluster

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tandem/test/lab"
)

// computed are the members that compute what is open, by solution, as a member says.
func computed(t *testing.T, m *lab.Member) map[string]string {
	t.Helper()
	var open struct {
		Statistics []struct{ Solution, Owner string }
	}
	if err := m.Ask(http.MethodGet, "stat/statistics?limit=1000", nil, &open); err != nil {
		t.Fatal(err)
	}
	owners := map[string][]string{}
	for _, x := range open.Statistics {
		if !slices.Contains(owners[x.Solution], x.Owner) {
			owners[x.Solution] = append(owners[x.Solution], x.Owner)
		}
	}
	out := map[string]string{}
	for solution, all := range owners {
		slices.Sort(all)
		out[solution] = strings.Join(all, " ")
	}
	return out
}

// TestStatSolutions: two members belong to a solution, one to none. What was asked for in the solution its members compute,
// all else the other one; each of the three tells all of it, right, also when a member of the solution is killed.
func TestStatSolutions(t *testing.T) {
	all := start(t, lab.ClusterOptions{Set: append([]string{
		`stat.solutions=[{name: west, members: [tandem1, tandem2], types: [{name: Lost, category: TotalNumber, main_mask: CallAbandoned}]}, {name: east}]`,
	}, roomyCalls...), SetOf: map[string][]string{"tandem1": {"stat.solution=west"}, "tandem2": {"stat.solution=west"}}})
	s := openShift(t, all)
	for _, m := range all {
		lab.Wait(t, settle, m.Name+" knows who belongs where", func() bool {
			out, code := m.Verb("stat", "solutions", "-o", "json")
			return code == 0 && strings.Contains(strings.Join(strings.Fields(out), ""), `"members":["tandem1","tandem2"]`)
		})
	}
	for _, m := range all {
		lab.Wait(t, settle, m.Name+" has names, and computes what it is asked for", func() bool {
			_, code := m.Verb("stat", "get", "Queue:"+shiftQueue, "Total_Calls_Entered")
			return code == 0
		})
	}
	ids := openKinds(t, all, 120)
	s.served(t, 4)
	asTwin(t, "before", all, ids)
	for _, m := range all {
		lab.Wait(t, settle, "each solution computes its own, says "+m.Name, func() bool {
			by := computed(t, m)
			return by["west"] == "tandem1 tandem2" && by[""] == "tandem3" && len(by) == 2
		})
	}

	for _, m := range all {
		said := []string{"stat", "get", "Queue:" + shiftQueue, "Lost", "--solution", "west"}
		if out, code := m.Verb(said...); code != 0 || strings.Contains(out, "tandem3") {
			t.Errorf("%s: %d %s", m.Name, code, out)
		}
		for solution, says := range map[string]string{"north": "none named", "east": "no member of this solution"} {
			out, code := m.Verb("stat", "get", "Queue:"+shiftQueue, "Total_Calls_Answered", "--solution", solution)
			if code != 1 || !strings.Contains(out, says) {
				t.Errorf("%s of %s: %d %s", m.Name, solution, code, out)
			}
		}
	}
	if out, code := all[2].Verb("stat", "get", "Queue:"+shiftQueue, "Lost"); code != 1 || !strings.Contains(out, "Lost") {
		t.Errorf("a name of a solution is known to a member that belongs to none: %d %s", code, out)
	}

	victim := all[1]
	s.leave(victim)
	victim.Kill()
	rest := others(all, victim)
	s.served(t, s.count()+3)
	asTwin(t, "a member of the solution is dead", rest, ids)
	if by := computed(t, all[2]); fmt.Sprint(by) != "map[:tandem3 west:tandem1]" {
		t.Errorf("then %v compute", by)
	}
	victim.Restart()
	awaitAll(t, all)
	s.back(t, victim)
	s.served(t, s.count()+3)
	asTwin(t, "it is back", all, ids)
}
