package attack

import (
	"fmt"
	"html"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/test/lab"
)

// An account may have 5,000 statistics open, says the README, which a hall's own tests try: each waits for the journal here. The
// attack ends with enough of them; fewer than the fewest are none.
const (
	fewestOpened = 100
	enoughOpen   = 600
)

// costly is a filter that takes long to judge, and is true in its last word alone.
func costly(i int) string {
	return strings.Repeat(`PairExists("class","gold") & ~PairExists("class","*") | `, 34) + fmt.Sprintf(`~PairExists("x","%d")`, i)
}

// TestPoolOfStatistics (A49): somebody who may open statistics asks for ever different ones, with filters that cost much and
// windows of years, and wants to be told every millisecond. What can not be is refused before it is looked at; calls, tasks and
// the statistics of others go on, and when they are dropped nothing is left of them.
func TestPoolOfStatistics(t *testing.T) {
	w := newWitness(t)
	var mine struct{ ID string }
	if err := w.Ask(http.MethodPut, "stat/statistics", map[string]any{"object": "Queue:sales", "stat_type": "Total_Calls_Entered"}, &mine); err != nil {
		t.Fatal(err)
	}
	said := len(w.Story())
	t.Run("what can not be", w.impossible)
	opened := 0
	t.Run("without end", func(t *testing.T) { opened = w.pool(t) })
	t.Run("told too often", w.hurry)

	phone := w.Phone(t, "1001")
	caller := w.dial(t, phone, "2000") // each of them judges what the queue tells
	lab.Wait(t, patience, "the statistic of somebody else counts", func() bool {
		var v struct{ Value float64 }
		return w.Ask(http.MethodGet, "stat/statistics/"+mine.ID, nil, &v) == nil && v.Value == 1
	})
	caller.Hangup()
	w.unharmed(t)
	if story := w.Story()[said:]; len(story) > 256<<10 || strings.Contains(story, "panic") || strings.Contains(story, lab.Password) {
		t.Errorf("the member says %d bytes of it: %.2000s", len(story), story)
	}
	w.dropAll(t, opened, mine.ID)
	// Late facts may change what the last ones came to: that is kept until later ones have come.
	lab.Wait(t, patience, "the heap returns while calls are made", func() bool {
		w.dial(t, phone, "9197").Hangup()
		w.runs(t, "churn")
		lab.Wait(t, patience, "the garbage is made", func() bool { return w.tasks() == 1 })
		return w.heapNow(t) < w.heap+grown
	})
	w.over(t)
}

// impossible asks, as an administrator, for what is no statistic, or no way to be told of one.
func (w *witness) impossible(t *testing.T) {
	deep := strings.Repeat("(", 4000) + `PairExists("a","b")` + strings.Repeat(")", 4000)
	for name, q := range map[string]map[string]any{
		"ten years, each second":   {"time_profile": "Sliding 315360000,1"},
		"a sample of nothing":      {"time_profile": "Sliding 3600,0"},
		"a window of nothing":      {"time_profile": "Sliding 0,1"},
		"more than can be kept":    {"time_profile": "Selection 1000000000"},
		"resets without end":       {"time_profile": "Growing " + strings.Repeat("0:00, ", 500) + "0:00"},
		"a reset each moment":      {"time_profile": "Growing 0:00 +0:00:00"},
		"a range that is none":     {"time_range": "5-0"},
		"a zone that is a file":    {"zone": "../../etc/passwd"},
		"a filter that is deep":    {"filter": deep},
		"a filter that is long":    {"filter": costly(1) + " | " + costly(2)},
		"a formula that is deep":   {"category": "TotalCustomValue", "formula": strings.Repeat("(", 900) + "1" + strings.Repeat(")", 900)},
		"a formula that is long":   {"category": "TotalCustomValue", "formula": "1" + strings.Repeat("+1", 2000)},
		"an object of a long name": {"object": "Queue:" + strings.Repeat("x", 3000)},
		"a type that is a path":    {"stat_type": "../../Total"},
		"a solution of nobody":     {"solution": strings.Repeat("x", 3000)},
	} {
		all := map[string]any{"object": "Queue:sales", "category": "TotalNumber", "main_mask": "CallEntered"}
		for k, v := range q {
			all[k] = v
		}
		began := time.Now()
		err := w.Ask(http.MethodPut, "stat/statistics", all, nil)
		if err == nil || !strings.Contains(err.Error(), "400") || len(err.Error()) > 2000 {
			t.Errorf("%s: %.300v", name, err)
		}
		if took := time.Since(began); took > moment {
			t.Errorf("%s is refused after %v", name, took)
		}
	}
	for _, how := range []string{"mode=TimeBased&frequency=0.001", "mode=TimeBased&frequency=0", "mode=TimeBased&frequency=-1", "insensitivity=NaN",
		"insensitivity=-1", "mode=Always", "frequency=99999999999999999999"} {
		if err := w.Ask(http.MethodGet, "stat/events?id=a&"+how, nil, nil); err == nil {
			t.Errorf("%s is taken", how)
		}
	}
}

// pool asks for different statistics, by many sessions of one account, and gives how many are open.
func (w *witness) pool(t *testing.T) int {
	const sessions = 8
	var asked, opened atomic.Int64
	var refusal atomic.Value
	var clients sync.WaitGroup
	began := time.Now()
	for n := range sessions {
		x := w.XIMSS(t, "1010")
		x.Hearing(func(m lab.Message) bool { return m.Name == "statInfo" })
		clients.Go(func() {
			defer x.Must("<bye/>") // its session would keep what it follows
			for i := n; time.Since(began) < flood && opened.Load() < enoughOpen && refusal.Load() == nil; i += sessions {
				asked.Add(1)
				failure := x.Ask(fmt.Sprintf(`<statOpen object="Queue:sales" category="TotalNumber" mainMask="CallEntered" timeProfile="Sliding %d,1" filter="%s"/>`,
					100_000+i, html.EscapeString(costly(i))))
				switch {
				case failure == "":
					opened.Add(1)
				case strings.Contains(failure, "a session may have"): // it begins another one
					return
				default:
					refusal.Store(failure)
				}
			}
		})
	}
	clients.Wait()
	t.Logf("%d asked for, %d opened in %v; then: %v", asked.Load(), opened.Load(), time.Since(began).Round(time.Millisecond), refusal.Load())
	if n := opened.Load(); n < fewestOpened {
		t.Errorf("%d were opened", n)
	}
	if why := refusal.Load(); why != nil {
		t.Errorf("one is refused: %v", why)
	}
	return int(opened.Load())
}

// hurry has sessions be told as often as they can ask for, and ask without end how values come about.
func (w *witness) hurry(t *testing.T) {
	x := w.XIMSS(t, "1010")
	for _, frequency := range []string{"0.001", "0", "-1", "1e9", "x"} {
		if x.Ask(fmt.Sprintf(`<statOpen object="Queue:sales" statType="Total_Calls_Entered" mode="TimeBased" frequency="%s"/>`, frequency)) == "" {
			t.Errorf("every %s s it is told", frequency)
		}
	}
	var id struct{ ID string }
	if err := w.Ask(http.MethodPut, "stat/statistics", map[string]any{"object": "Queue:sales", "stat_type": "ServiceFactor1"}, &id); err != nil {
		t.Fatal(err)
	}
	var asking sync.WaitGroup
	began, worst := time.Now(), atomic.Int64{}
	for range 4 {
		asking.Go(func() {
			for time.Since(began) < flood {
				asked := time.Now()
				if err := w.Ask(http.MethodGet, "stat/statistics/"+id.ID+"/explain", nil, nil); err != nil {
					t.Error(err)
					return
				}
				if took := int64(time.Since(asked)); took > worst.Load() {
					worst.Store(took)
				}
			}
		})
	}
	asking.Wait()
	t.Logf("explained within %v", time.Duration(worst.Load()))
	if time.Duration(worst.Load()) > moment {
		t.Errorf("one was explained after %v", time.Duration(worst.Load()))
	}
}

// dropAll drops, as an administrator, all that is open.
func (w *witness) dropAll(t *testing.T, opened int, mine string) {
	t.Helper()
	known := false
	for {
		var open struct {
			Statistics []struct{ ID string }
		}
		if err := w.Ask(http.MethodGet, "stat/statistics?limit=1000", nil, &open); err != nil {
			t.Fatal(err)
		}
		if len(open.Statistics) == 0 {
			break
		}
		var dropping sync.WaitGroup
		free := make(chan struct{}, 16)
		for _, s := range open.Statistics {
			known = known || s.ID == mine
			free <- struct{}{}
			dropping.Go(func() {
				defer func() { <-free }()
				if err := w.Ask(http.MethodDelete, "stat/statistics/"+s.ID, nil, nil); err != nil {
					t.Error(err)
				}
			})
		}
		dropping.Wait()
		opened -= len(open.Statistics)
	}
	if !known || opened > 0 {
		t.Errorf("that of somebody else is open: %v; %d of the account are not", known, opened)
	}
}
