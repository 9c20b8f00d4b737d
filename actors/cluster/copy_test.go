package cluster

import (
	"strings"
	"testing"

	"tandem/actors/msg"
)

// TestCopyEnds: a copy of a member, with its name and its papers, comes at another address. The copy ends and says
// whose the name is; the original notices nothing. So it is where the copy is heard by the others, and where it finds
// the store and nobody else.
func TestCopyEnds(t *testing.T) {
	members, _, store := company(t, 2)
	original, other := members[0], members[1]
	fenced := make(chan string, 4)
	for _, m := range members { // in the loop, which looks at it
		m.loop.inputs <- told{func(*msg.Member) { m.onFence = func(string) { fenced <- m.Name() + " itself" } }}
	}
	for what, seeds := range map[string][]string{"heard": {other.system.Address()}, "unheard": nil} {
		t.Run(what, func(t *testing.T) {
			copied := prepared(t, original.Name(), &probe{})
			copied.Watch(Watching{Fence: func(why string) { fenced <- why }})
			enter(t, copied, hasty(t, seeds...), store)
			want := "the name m1 belongs to the member at " + original.system.Address()
			if why := <-fenced; !strings.Contains(why, want) {
				t.Errorf("fenced: %s", why)
			}
			if n := copied.owns(); n > 0 {
				t.Errorf("the copy owns %d slots", n)
			}
			if r, ok := other.Society().Rows.ByName("m1"); !ok || !r.Up() || r.Member.Boot != original.boot {
				t.Errorf("the other member sees %+v", r)
			}
		})
	}
	if original.owns() == 0 || len(fenced) > 0 {
		t.Errorf("the original owns %d slots; ended have %d more", original.owns(), len(fenced))
	}
}

// TestMovedMemberGoesOn: a member ends without a word and begins anew at another address. Others declare the old life
// dead, and the new one has its name.
func TestMovedMemberGoesOn(t *testing.T) {
	members, _, store := company(t, 3)
	old := members[2]
	old.die()
	moved := prepared(t, old.Name(), &probe{})
	moved.Watch(Watching{Fence: func(why string) { t.Errorf("the moved member ended: %s", why) }})
	enter(t, moved, hasty(t, members[0].system.Address()), store)
	took := until(t, "the moved member owns names", func() bool { return moved.owns() > 0 })
	t.Logf("it owns names after %v", took)
	if r, ok := members[0].Society().Rows.ByName("m3"); !ok || r.Member.Boot != moved.boot {
		t.Errorf("the first member sees %+v", r)
	}
}
