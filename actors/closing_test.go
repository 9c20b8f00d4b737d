package actors

import (
	"testing"
	"time"

	"tandem/actors/cluster/view"
	"tandem/actors/life"
	"tandem/actors/msg"
)

// The mark of a life is in the store before anybody hears of it, perhaps while the row of an earlier one still says that
// it is up: the new one is not closed for that, nor because the Controller stood still meanwhile.
func TestNewLifeIsNotClosed(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	settings := h.live.Conf().Cluster
	up := view.Rows{{Member: &msg.Member{Name: "m2", Boot: 1}, State: msg.MemberState_UP}}
	for _, c := range []struct {
		what  string
		rows  view.Rows
		limit time.Duration
	}{
		{"another life is up", up, 2 * settings.DeadAfter},
		{"none is up", nil, 2*settings.DeadAfter + settings.Lease},
	} {
		closing, now := newClosing(h), time.Now()
		m := life.Mark{Member: "m2", Boot: "00000002"}
		if _, _, over := closing.over(m, c.rows, now); over {
			t.Errorf("%s: closed at the first look", c.what)
		}
		now = now.Add(time.Hour)
		if _, _, over := closing.over(m, c.rows, now); over {
			t.Errorf("%s: closed because this process stood still", c.what)
		}
		over := false
		for begin := now; !over && now.Sub(begin) <= c.limit; now = now.Add(closeEvery) {
			_, _, over = closing.over(m, c.rows, now)
		}
		if _, _, over = closing.over(m, c.rows, now); !over {
			t.Errorf("%s: it is never closed", c.what)
		}
		heard := append(view.Rows{{Member: &msg.Member{Name: "m2", Boot: 2}, State: msg.MemberState_UP}}, c.rows...)
		if _, _, over := closing.over(m, heard, now); over || len(closing.unknown) != 0 {
			t.Errorf("%s: one that is heard is over: %v, %v", c.what, over, closing.unknown)
		}
	}
}
