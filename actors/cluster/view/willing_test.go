package view

import (
	"fmt"
	"testing"

	"tandem/actors/msg"
	"tandem/conf"
)

// some makes rows of members that make call legs for others; change changes one by its number.
func some(n int, change map[int]func(*Row)) (rows Rows) {
	for i := range n {
		r := Row{State: up, Member: record(fmt.Sprint("m", i), i+1, fmt.Sprintf("h%d:1", i))}
		r.Member.CallLegs = conf.LocallyForOthers
		if change[i] != nil {
			change[i](&r)
		}
		rows = append(rows, r)
	}
	return rows
}

func names(list *msg.WillingList) (text string) {
	for _, m := range list.GetMembers() {
		text += m.Name + " "
	}
	return text
}

// unwilling are the reasons not to be on the list.
var unwilling = map[int]func(*Row){
	0: func(r *Row) { r.Member.CallLegs = conf.Locally },
	1: func(r *Row) { r.Member.CallLegs = conf.Remotely },
	2: func(r *Row) { r.Member.Draining = true },
	3: func(r *Row) { r.State = suspect },
	4: func(r *Row) { r.State = joining },
	5: func(r *Row) { r.State = lost },
	6: func(r *Row) { r.State = dead },
}

func TestLists(t *testing.T) {
	l := NewLists("m9", 7)
	list, changed := l.Make(nil)
	if !changed || list.Epoch != 7 || list.Version != 1 || list.Controller != "m9" || len(list.Members) != 0 {
		t.Fatalf("the first one is %v, %v", list, changed)
	}
	for _, x := range []struct {
		rows    Rows
		members string
		version uint64
	}{
		{some(9, unwilling), "m7 m8 ", 2},
		{some(9, unwilling), "m7 m8 ", 2},
		{some(9, nil)[7:8], "m7 ", 3},
		{some(9, map[int]func(*Row){7: func(r *Row) { r.Member.Boot = 99 }})[7:8], "m7 ", 4}, // another life
		{some(9, map[int]func(*Row){7: func(r *Row) { r.Member.Load = 500; r.Member.Boot = 99 }})[7:8], "m7 ", 4},
	} {
		before := list.Version
		list, changed = l.Make(x.rows)
		if names(list) != x.members || list.Version != x.version || changed != (before != x.version) {
			t.Errorf("%v, %v; want %s in version %d", list, changed, x.members, x.version)
		}
	}
}

func TestBehind(t *testing.T) {
	l := NewLists("m0", 7)
	knows := func(epoch, version uint64) func(*Row) {
		return func(r *Row) { r.Member.ListEpoch, r.Member.ListVersion = epoch, version }
	}
	rows := some(7, map[int]func(*Row){0: func(r *Row) { r.Self = true }, 1: knows(7, 1), 2: knows(6, 9),
		3: knows(7, 0), 4: knows(8, 0), 5: func(r *Row) { r.State = suspect }})
	if got := l.Behind(rows); got != nil {
		t.Errorf("before there is a list: %v", got)
	}
	l.Make(nil)
	text := ""
	for _, r := range l.Behind(rows) {
		text += r.Member.Name + " "
	}
	if text != "m2 m3 m6 " {
		t.Errorf("behind are %s", text)
	}
}

func TestTake(t *testing.T) {
	var l List
	if l.Known() != nil || l.Take(nil) || l.Take(&msg.WillingList{}) {
		t.Error("a list that says nothing was taken")
	}
	for _, x := range []struct {
		epoch, version uint64
		taken          bool
	}{{2, 3, true}, {2, 3, false}, {2, 2, false}, {1, 9, false}, {2, 4, true}, {3, 1, true}, {2, 5, false}} {
		if taken := l.Take(&msg.WillingList{Epoch: x.epoch, Version: x.version}); taken != x.taken {
			t.Errorf("epoch %d version %d: %v", x.epoch, x.version, taken)
		}
	}
	long := string(make([]byte, maxAddress+1))
	for _, list := range []*msg.WillingList{{Members: make([]*msg.Willing, maxMembers+1)}, {Controller: long},
		{Members: []*msg.Willing{{Name: long}}}, {Members: []*msg.Willing{{Address: long}}}} {
		if list.Epoch = 9; l.Take(list) {
			t.Error("a list beyond the limits was taken")
		}
	}
	if l.Known().Epoch != 3 {
		t.Errorf("known is %v", l.Known())
	}
}

func TestChoose(t *testing.T) {
	list := &msg.WillingList{}
	for _, r := range some(9, nil) {
		list.Members = append(list.Members, &msg.Willing{Name: r.Member.Name, Boot: r.Member.Boot})
	}
	all := func(n int) (r []int) {
		for i := range n {
			r = append(r, i)
		}
		return r
	}
	// try draws every pair and says who is chosen how often.
	try := func(list *msg.WillingList, rows Rows, exclude ...uint32) string {
		times := map[string]int{}
		for _, a := range all(9) {
			for _, b := range all(8) {
				draws := []int{a, b}
				r, ok := Choose(list, rows, exclude, func(n int) int {
					d := draws[0] % n
					draws = draws[1:]
					return d
				})
				if !ok {
					return "nobody"
				}
				times[r.Member.Name]++
			}
		}
		return fmt.Sprint(times)
	}
	load := func(load, legs uint32) func(*Row) {
		return func(r *Row) { r.Member.Load, r.Member.Legs = load, legs }
	}
	for _, x := range []struct {
		what, want string
		list       *msg.WillingList
		rows       Rows
		exclude    []uint32
	}{
		{"no list", "nobody", nil, some(9, nil), nil},
		{"nobody known", "nobody", list, nil, nil},
		{"others are up", "nobody", &msg.WillingList{Members: list.Members[:2]}, some(9, nil)[2:], nil},
		{"two of nine", "map[m7:40 m8:32]", list, some(9, unwilling), nil},
		{"one of them refused", "map[m8:72]", list, some(9, unwilling), []uint32{8}},
		{"both", "nobody", list, some(9, unwilling), []uint32{8, 9}},
		{"less load", "map[m1:72]", list, some(2, map[int]func(*Row){0: load(500, 1), 1: load(400, 9)}), nil},
		{"fewer legs", "map[m0:72]", list, some(2, map[int]func(*Row){0: load(400, 8), 1: load(400, 9)}), nil},
		// Of nine the one with least load is chosen whenever it is one of the two, and the one with most never.
		{"of nine", "map[m0:16 m1:14 m2:12 m3:10 m4:8 m5:6 m6:4 m7:2]", list, some(9, map[int]func(*Row){0: load(0, 0),
			1: load(1, 0), 2: load(2, 0), 3: load(3, 0), 4: load(4, 0), 5: load(5, 0), 6: load(6, 0), 7: load(7, 0),
			8: load(8, 0)}), nil},
	} {
		if got := try(x.list, x.rows, x.exclude...); got != x.want {
			t.Errorf("%s: %s, want %s", x.what, got, x.want)
		}
	}
}
