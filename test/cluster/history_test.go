package cluster

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"tandem/test/lab"
)

// act is what one life of a member did to a slot of names.
type act struct {
	take  bool // else it gave it up
	slot  string
	life  string
	epoch uint64
}

// lock is the model of a slot: one owner at a time, each under a higher epoch than the one before. An owner that was
// not sure for a while goes on under its own.
var lock = porcupine.Model{
	Partition: func(all []porcupine.Operation) (parts [][]porcupine.Operation) {
		at := map[string]int{}
		for _, op := range all {
			slot := op.Input.(act).slot
			if _, ok := at[slot]; !ok {
				at[slot] = len(parts)
				parts = append(parts, nil)
			}
			parts[at[slot]] = append(parts[at[slot]], op)
		}
		return parts
	},
	Init: func() any { return act{} },
	Step: func(state, input, _ any) (bool, any) {
		have, a := state.(act), input.(act)
		if a.take {
			return !have.take && (a.epoch > have.epoch || a.epoch == have.epoch && a.life == have.life), a
		}
		return have.take && have.life == a.life, a
	},
}

// history checks that every slot had one owner at a time, by what the members have logged when they took and gave up
// names. A life that was killed has given up what it owned at some time after its last word.
func history(t *testing.T, members []*lab.Member) {
	t.Helper()
	var ops []porcupine.Operation
	takes, lives := 0, 0
	for _, m := range members {
		for n, life := range livesOf(m) {
			mine := owned(fmt.Sprint(m.Name, " life ", n+1), life, lives)
			for _, op := range mine {
				if op.Input.(act).take {
					takes++
				}
			}
			ops = append(ops, mine...)
			lives++
		}
	}
	if takes == 0 {
		t.Error("nobody has ever owned a name")
	}
	switch porcupine.CheckOperationsTimeout(lock, ops, settle) {
	case porcupine.Illegal:
		t.Errorf("two members have owned the same names at one time: %s", conflicts(ops))
	case porcupine.Unknown:
		t.Error("the history can not be judged in time")
	}
	t.Logf("names were taken %d times by %d lives, by one at a time", takes, lives)
}

// livesOf are the lines of each life of a member.
func livesOf(m *lab.Member) (all [][]line) {
	for text := range strings.Lines(m.Story()) {
		var l line
		if json.Unmarshal([]byte(text), &l) != nil {
			continue
		}
		if l.Msg == "member of a cluster" {
			all = append(all, nil)
		}
		if len(all) > 0 {
			all[len(all)-1] = append(all[len(all)-1], l)
		}
	}
	return all
}

// owned are the takes and drops of one life.
func owned(life string, lines []line, client int) (ops []porcupine.Operation) {
	open := map[string]uint64{}
	add := func(a act, call, back int64) {
		ops = append(ops, porcupine.Operation{ClientId: client, Input: a, Call: call, Return: back})
	}
	for _, l := range lines {
		at := l.Time.UnixNano()
		_, have := open[l.Slot]
		switch {
		case l.Msg == "names are owned" && !have:
			open[l.Slot] = l.Epoch
			add(act{true, l.Slot, life, l.Epoch}, at, at)
		case l.Msg == "names are given up" && have:
			delete(open, l.Slot)
			add(act{false, l.Slot, life, l.Epoch}, at, at)
		}
	}
	if len(lines) > 0 {
		last := lines[len(lines)-1].Time.UnixNano()
		for slot, epoch := range open {
			add(act{false, slot, life, epoch}, last, math.MaxInt64)
		}
	}
	return ops
}

// conflicts are the slots whose history is none of a lock, each with what was done to it.
func conflicts(ops []porcupine.Operation) string {
	var text strings.Builder
	for _, part := range lock.Partition(ops) {
		if porcupine.CheckOperations(lock, part) {
			continue
		}
		slices.SortFunc(part, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
		for _, op := range part {
			fmt.Fprintf(&text, "\n%s %+v", time.Unix(0, op.Call).Format("15:04:05.000"), op.Input)
		}
		return text.String()
	}
	return ""
}

func TestHistoryTellsALockFromNone(t *testing.T) {
	op := func(a act, call, back int64) porcupine.Operation {
		return porcupine.Operation{Input: a, Call: call, Return: back}
	}
	take := func(life string, epoch uint64, at int64) porcupine.Operation {
		return op(act{true, "names.1", life, epoch}, at, at)
	}
	drop := func(life string, epoch uint64, from, to int64) porcupine.Operation {
		return op(act{false, "names.1", life, epoch}, from, to)
	}
	for _, c := range []struct {
		name string
		ops  []porcupine.Operation
		want bool
	}{
		{"one after the other", []porcupine.Operation{take("a", 1, 10), drop("a", 1, 20, 20), take("b", 2, 30)}, true},
		{"after a death", []porcupine.Operation{take("a", 1, 10), drop("a", 1, 20, math.MaxInt64), take("b", 2, 30)}, true},
		{"doubt, and on", []porcupine.Operation{take("a", 1, 10), drop("a", 1, 20, 20), take("a", 1, 30)}, true},
		{"two at a time", []porcupine.Operation{take("a", 1, 10), take("b", 2, 20), drop("a", 1, 30, 30)}, false},
		{"an old epoch", []porcupine.Operation{take("a", 2, 10), drop("a", 2, 20, 20), take("b", 1, 30)}, false},
	} {
		if got := porcupine.CheckOperations(lock, c.ops); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
