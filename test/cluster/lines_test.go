package cluster

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

func TestMain(m *testing.M) { os.Exit(lab.Run(m)) }

// Deadlines, for a machine that does other things too.
const (
	soon   = 5 * time.Second  // what takes milliseconds
	death  = 10 * time.Second // a member to be known dead: 3 s are promised
	settle = 30 * time.Second // a member to come back, names to find an owner
)

// common are settings of every member of these tests.
var common = []string{"log.format=json", "log.level=debug"}

// start starts a cluster and waits until all members see all.
func start(t *testing.T, o lab.ClusterOptions) []*lab.Member {
	t.Helper()
	lab.Long(t)
	o.Set = append(append([]string{}, common...), o.Set...)
	began := time.Now()
	all := lab.StartCluster(t, o)
	t.Logf("%d members ready after %v", len(all), since(began))
	var here []*lab.Member
	for _, m := range all {
		late := false
		for _, name := range o.Late {
			late = late || name == m.Name
		}
		if !late {
			here = append(here, m)
		}
	}
	awaitAll(t, here)
	t.Logf("all see each other after %v", since(began))
	return all
}

// line is one line of a member's log.
type line struct {
	Time    time.Time
	Level   string
	Msg     string
	Name    string // the member that it is about
	Was     string
	Because string
	Here    bool
	Epoch   uint64
	Slot    string
	Err     string
	ID      string // of the actor that it is about
	by      string // who says so
}

// lines are those of a member with this text, in all its lives.
func lines(m *lab.Member, msg string) (found []line) {
	key, speaker := `"msg":"`+msg, `"member":"`+m.Name+`"`
	for text := range strings.Lines(m.Story()) {
		if !strings.Contains(text, key) || strings.Index(text, `"member":"`) != strings.Index(text, speaker) {
			continue // under one supervisor all members speak into one log
		}
		var l line
		if json.Unmarshal([]byte(text), &l) == nil {
			l.by = m.Name
			found = append(found, l)
		}
	}
	return found
}

// states are what a member says of another one's states, oldest first. Msg is "member up" and the like.
func states(m *lab.Member, name string) (found []line) {
	for _, l := range lines(m, "member ") {
		if l.Name == name {
			found = append(found, l)
		}
	}
	return found
}

// state is the last word of a member about another one: up, dead; "" for none.
func state(m *lab.Member, name string) string {
	all := states(m, name)
	if len(all) == 0 {
		return ""
	}
	return strings.TrimPrefix(all[len(all)-1].Msg, "member ")
}

// awaitAll waits until every member sees every other one up.
func awaitAll(t *testing.T, members []*lab.Member) {
	t.Helper()
	for _, m := range members {
		for _, o := range members {
			if o != m {
				awaitState(t, m, o.Name, settle, "up")
			}
		}
	}
}

// awaitState waits until the last word of a member about another one is one of these.
func awaitState(t *testing.T, m *lab.Member, name string, most time.Duration, words ...string) {
	t.Helper()
	lab.Wait(t, most, m.Name+" says that "+name+" is "+strings.Join(words, " or "), func() bool {
		now := state(m, name)
		for _, w := range words {
			if w == now {
				return true
			}
		}
		return false
	})
}

// heardGone is when a member has found out that another one is gone, after a moment; zero: not yet.
func heardGone(m *lab.Member, name string, after time.Time) time.Time {
	for _, l := range states(m, name) {
		if (l.Msg == "member dead" || l.Msg == "member lost") && l.Time.After(after) {
			return l.Time
		}
	}
	return time.Time{}
}

// awaitGone waits until members know that another one is gone since a moment, and returns how long the last took.
func awaitGone(t *testing.T, name string, since time.Time, by ...*lab.Member) (longest time.Duration) {
	t.Helper()
	for _, m := range by {
		var at time.Time
		lab.Wait(t, death, m.Name+" knows that "+name+" is dead", func() bool {
			at = heardGone(m, name, since)
			return !at.IsZero()
		})
		longest = max(longest, at.Sub(since))
	}
	return longest
}

// blamed are the words of doubt or death that members have said about another one since a moment.
func blamed(name string, since time.Time, by ...*lab.Member) (found []line) {
	for _, m := range by {
		for _, l := range states(m, name) {
			switch l.Msg {
			case "member lost", "member dead", "member left":
				if l.Time.After(since) {
					found = append(found, l)
				}
			}
		}
	}
	return found
}

// controller is the last member that has said that it is the Controller, and its epoch.
func controller(members []*lab.Member) (m *lab.Member, epoch uint64, at time.Time) {
	for _, x := range members {
		for _, l := range lines(x, "Controller") {
			if l.Here && l.Epoch > epoch {
				m, epoch, at = x, l.Epoch, l.Time
			}
		}
	}
	return m, epoch, at
}

// said tells whether a member has said something, in any of its lives.
func said(m *lab.Member, text string) bool { return strings.Contains(m.Story(), text) }

// others are the members without one.
func others(members []*lab.Member, without ...*lab.Member) (rest []*lab.Member) {
	for _, m := range members {
		keep := true
		for _, w := range without {
			keep = keep && m != w
		}
		if keep {
			rest = append(rest, m)
		}
	}
	return rest
}

func since(t time.Time) time.Duration { return time.Since(t).Round(time.Millisecond) }
