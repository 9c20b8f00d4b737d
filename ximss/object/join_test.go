package object

import (
	"maps"
	"strings"
	"sync"
	"testing"
)

// join appends as a program does.
func join(left Value, right string) Value {
	r := String(right)
	if v, ok := Append(left, r); ok {
		return v
	}
	return Join(len(left.Text())+len(right), left, r)
}

// TestJoinLeavesTheOldStrings appends to every string that ever was.
func TestJoinLeavesTheOldStrings(t *testing.T) {
	made := map[string]Value{"": String("")}
	for range 4 {
		for text, v := range maps.Clone(made) {
			for _, more := range []string{"a", "bc", strings.Repeat("d", 40)} {
				if n := join(v, more); n.Text() != text+more {
					t.Fatalf("%q and %q make %q", text, more, n.Text())
				} else {
					made[text+more] = n
				}
			}
		}
	}
	for text, v := range made {
		if v.Text() != text {
			t.Errorf("%q became %q", text, v.Text())
		}
	}
}

// TestJoinByMany lets tasks append to one string at once.
func TestJoinByMany(t *testing.T) {
	base := join(join(String("base"), "-"), "-")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			mine, want := base, base.Text()
			for range 1000 {
				mine, want = join(mine, string(rune('a'+i))), want+string(rune('a'+i))
			}
			if mine.Text() != want {
				t.Errorf("task %d has %q", i, mine.Text())
			}
		})
	}
	all.Wait()
}

func TestJoinGrowsSeldom(t *testing.T) {
	s, x := join(String(""), "a"), String("b")
	allocs := testing.AllocsPerRun(1000, func() {
		if v, ok := Append(s, x); ok {
			s = v
		} else {
			s = Join(len(s.Text())+1, s, x)
		}
	})
	if allocs > 1.1 {
		t.Errorf("%v allocations for a byte", allocs)
	}
}
