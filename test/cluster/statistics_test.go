package cluster

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

// measured is what a member tells of a statistic at a moment, as far as it must not depend on who tells it.
type measured struct {
	ID, Problem     string
	Value           float64
	Empty, Valid    bool
	Since, Complete int64
}

// kinds are statistics of every kind that can be opened over the objects of a shift: each category over each subject, with
// profiles, ranges, filters and ways to count by turns.
func kinds(t *testing.T, m *lab.Member, n int) (all []map[string]any) {
	t.Helper()
	var names struct{ Categories []string }
	if err := m.Ask(http.MethodGet, "stat/profile", nil, &names); err != nil {
		t.Fatal(err)
	}
	profiles := []string{"Growing 0:00", "Growing 0:00 +0:00:07", "Sliding 20,5", "Selection 5", "Growing never", "Sliding 7,1"}
	masks := map[string][]string{
		"DNAction":    {"*", "CallWait,CallAnswered,CallAbandoned,AfterCallWork", "CallInbound,CallRinging,CallReleased", "CallEntered,AgentReady,WaitForNextCall"},
		"AgentStatus": {"*", "CallInbound,CallRinging", "WaitForNextCall,AfterCallWork", "*,~LoggedOut,~NotMonitored"},
		"DNStatus":    {"*", "CallInbound,CallRinging", "WaitForNextCall,AfterCallWork", "*,~NotMonitored"},
	}
	for i := 0; len(all) < 4*n; i++ {
		object := []string{"Queue:" + shiftQueue, "Agent:" + staff(i/3), "RegDN:" + staff(i/3)}[i%3]
		subjects := map[string][]string{"Q": {"DNAction", "DNStatus"}, "A": {"AgentStatus", "DNAction", "DNStatus"}, "R": {"DNStatus", "DNAction"}}[object[:1]]
		subject := subjects[i/5%len(subjects)]
		all = append(all, map[string]any{"object": object, "category": names.Categories[i%len(names.Categories)], "subject": subject,
			"main_mask": masks[subject][i/7%4], "relative_mask": "*", "time_profile": profiles[i/11%len(profiles)], "time_range": "0-2",
			"exact": i/2%2 == 0, "distinct": i%6 == 0, "in_progress": i%4 == 1})
	}
	return all
}

// openKinds opens so many statistics of every kind, by members in turn, and gives their ids.
func openKinds(t *testing.T, all []*lab.Member, n int) (ids []string) {
	t.Helper()
	const part = 40
	wanted, known, problems := kinds(t, all[0], n), map[string]bool{}, map[string]int{}
	for i := 0; i+part <= len(wanted) && len(ids) < n; i += part {
		var opened struct{ Values []measured }
		if err := all[i/part%len(all)].Ask(http.MethodPut, "stat/statistics", map[string]any{"statistics": wanted[i : i+part]}, &opened); err != nil {
			t.Fatal(err)
		}
		for _, v := range opened.Values {
			if v.ID == "" {
				problems[strings.SplitN(v.Problem, ":", 2)[0]]++ // a category that is not for the subject, and such
			} else if len(ids) < n && !known[v.ID] {
				known[v.ID] = true
				ids = append(ids, v.ID)
			}
		}
	}
	if len(ids) < n {
		t.Fatalf("only %d statistics could be opened; refused: %v", len(ids), problems)
	}
	t.Logf("%d statistics are open; refused on the way: %v", len(ids), problems)
	return ids
}

// valuesAt asks a member for the values of a moment, by id; nil: it does not tell all of them.
func valuesAt(t *testing.T, m *lab.Member, ids []string, at int64) map[string]measured {
	t.Helper()
	out, told := map[string]measured{}, make([]struct{ Values []measured }, (len(ids)+99)/100)
	var asking sync.WaitGroup
	for i := range told { // at once: a moment can be asked for only as long as late facts may change it
		asking.Go(func() {
			query := url.Values{"at": {fmt.Sprint(at)}, "id": {strings.Join(ids[100*i:min(100*i+100, len(ids))], ",")}}
			if err := m.Ask(http.MethodGet, "stat/values?"+query.Encode(), nil, &told[i]); err != nil {
				t.Log(err)
			}
		})
	}
	asking.Wait()
	for i := range told {
		for _, v := range told[i].Values {
			if v.Problem != "" {
				t.Logf("%s: %s: %s", m.Name, v.ID, v.Problem)
				return nil
			}
			out[v.ID] = v
		}
	}
	if len(out) != len(ids) {
		return nil
	}
	return out
}

// sameAt demands that all members that live tell the same of one moment, and gives it. Owners may be on their way.
func sameAt(t *testing.T, all []*lab.Member, ids []string) (at int64, values map[string]measured) {
	t.Helper()
	lab.Wait(t, 2*settle, "all statistics have values", func() bool {
		at = time.Now().Add(time.Second).UnixMilli() // all ask before it has come
		told := make([]map[string]measured, len(all))
		var asking sync.WaitGroup
		for i, m := range all {
			asking.Go(func() { told[i] = valuesAt(t, m, ids, at) })
		}
		asking.Wait()
		for i := range told {
			if told[i] == nil {
				return false
			}
			for id, v := range told[i] {
				if v != told[0][id] {
					t.Errorf("%s at %d: %s tells %+v, %s %+v", id, at, all[i].Name, v, all[0].Name, told[0][id])
				}
			}
		}
		values = told[0]
		return true
	})
	return at, values
}

// twin is what `tandem stat evaluate` makes of the journal's facts: values that no member had a part in.
func twin(t *testing.T, m *lab.Member, at int64) map[string]measured {
	t.Helper()
	file := filepath.Join(t.TempDir(), "facts.json")
	m.Tandem("stat", "export", "--at", fmt.Sprint(at), "--out", file)
	text := m.Tandem("stat", "evaluate", file, "--output", "json")
	var found struct {
		Values []struct {
			ID                     string
			Value, Since, Complete float64
			Empty, Invalid         bool
		}
	}
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		t.Fatal(err)
	}
	out := map[string]measured{}
	for _, v := range found.Values {
		out[v.ID] = measured{ID: v.ID, Value: v.Value, Empty: v.Empty, Valid: !v.Invalid, Since: int64(v.Since*1000 + 0.5),
			Complete: int64(v.Complete*1000 + 0.5)}
	}
	return out
}

// asTwin demands that what members tell is what their twin tells.
func asTwin(t *testing.T, when string, all []*lab.Member, ids []string) {
	t.Helper()
	at, got := sameAt(t, all, ids)
	want, nonzero, wrong := twin(t, all[0], at), 0, 0
	for _, id := range ids {
		if got[id].Value != 0 {
			nonzero++
		}
		if got[id] != want[id] {
			if wrong++; wrong < 6 {
				t.Errorf("%s: %+v, and the twin %+v of\n%s", when, got[id], want[id], described(all[0], id))
			}
		}
	}
	if wrong > 0 {
		t.Fatalf("%s: %d of %d statistics differ from the twin", when, wrong, len(ids))
	}
	t.Logf("%s: all %d are as the twin has them, %d of them not zero", when, len(ids), nonzero)
}

func described(m *lab.Member, id string) string {
	var one map[string]any
	if err := m.Ask(http.MethodGet, "stat/statistics/"+id+"/explain", nil, &one); err != nil {
		return err.Error()
	}
	text, _ := json.MarshalIndent(one["explain"], "", " ") // it came as JSON
	return string(text)
}

// TestStatisticsAnyMember: three members tell the same of 200 statistics at the same moment, while calls run.
func TestStatisticsAnyMember(t *testing.T) {
	all := start(t, lab.ClusterOptions{Set: roomyCalls})
	s := openShift(t, all)
	ids := openKinds(t, all, 200)
	for n := range 6 {
		s.served(t, 4*(n+1))
		sameAt(t, all, ids)
	}
	asTwin(t, "while calls run", all, ids)
}

// TestStatisticsTwin: each member is killed in turn, at a random moment under load, and comes back; each time all of 500
// statistics are what they are without it, what goes on included.
func TestStatisticsTwin(t *testing.T) {
	all := start(t, lab.ClusterOptions{Set: roomyCalls})
	s := openShift(t, all)
	ids := openKinds(t, all, 500)
	s.served(t, 5)
	asTwin(t, "before", all, ids)
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 1))
	t.Logf("seed %d", seed)
	for i := range all {
		victim := all[i]
		s.served(t, s.count()+3)
		s.leave(victim)
		<-time.After(time.Duration(random.IntN(3000)) * time.Millisecond) // a random moment
		killed := time.Now()
		victim.Kill()
		rest := others(all, victim)
		s.served(t, s.count()+3)
		asTwin(t, victim.Name+" is dead", rest, ids)
		t.Logf("all are told again, and compared, %v after the death", since(killed))
		victim.Restart()
		awaitAll(t, all)
		s.back(t, victim)
		s.served(t, s.count()+3)
		asTwin(t, victim.Name+" is back", all, ids)
	}
}
