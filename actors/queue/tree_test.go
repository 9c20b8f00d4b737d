package queue

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A tree is a sorted list that is fast.
func TestTreeIsASortedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr, list := newTree(func(a, b int) bool { return a < b }), []int(nil)
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			k := rapid.IntRange(0, 60).Draw(t, "key")
			at, found := slices.BinarySearch(list, k)
			switch {
			case !found && rapid.Bool().Draw(t, "add"):
				tr.insert(k)
				list = slices.Insert(list, at, k)
			default:
				if tr.delete(k) != found {
					t.Fatalf("delete(%d) of %v", k, list)
				}
				if found {
					list = slices.Delete(list, at, at+1)
				}
			}
			compare(t, tr, list)
		}
	})
}

func compare(t *rapid.T, tr *tree[int], list []int) {
	var got []int
	tr.all(func(k int) { got = append(got, k) })
	if !slices.Equal(got, list) || tr.Len() != len(list) {
		t.Fatalf("%v, want %v", got, list)
	}
	for i, k := range list {
		if x, ok := tr.at(i); !ok || x != k || tr.rank(k) != i {
			t.Fatalf("at(%d) is %d, rank(%d) is %d in %v", i, x, k, tr.rank(k), list)
		}
	}
	for k := -1; k < 62; k += 7 {
		at, _ := slices.BinarySearch(list, k)
		x, ok := tr.ceil(k)
		if ok != (at < len(list)) || ok && x != list[at] || tr.rank(k) != at {
			t.Fatalf("ceil(%d) is %d, %v in %v", k, x, ok, list)
		}
	}
}

// Between two ranks there is room, whatever was put between them before.
func TestBetweenRanks(t *testing.T) {
	low, high := Rank{5, 0}, Rank{6, 0}
	for range 100_000 {
		m := between(low, high)
		if !low.Before(m) || !m.Before(high) {
			t.Fatalf("%v is not between %v and %v", m, low, high)
		}
		high = m
	}
	if m := between(Rank{5, 7}, Rank{5, 7}); m != (Rank{5, 7}) {
		t.Errorf("without room: %v", m)
	}
	if m := between(Rank{5, 1 << 63}, Rank{6, 1}); !(Rank{5, 1 << 63}).Before(m) || !m.Before(Rank{6, 1}) {
		t.Errorf("over the edge: %v", m)
	}
}
