package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
)

// listener is a named actor that says what has been announced to it: after Gathered, as one should.
type listener struct {
	at      string
	gathers bool
	heard   map[string]string // by the key, which is the event's name
	asked   []*actor.PID
}

func (l *listener) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *Named:
		l.gathers, l.heard = m.Gathers, map[string]string{}
	case *Gathered:
		l.gathers = false
		for _, to := range l.asked {
			ctx.Send(to, l.answer())
		}
		l.asked = nil
	case *msg.TaskEvent:
		if l.heard[m.Name] = m.Parameter; m.Parameter == "" {
			delete(l.heard, m.Name)
		}
	case *msg.LegHangup:
		panic("told to")
	case *msg.AccountKick:
		if l.gathers {
			l.asked = append(l.asked, ctx.Sender())
			return
		}
		ctx.Respond(l.answer())
	}
}

func (l *listener) answer() *msg.AccountKicked {
	var all []string
	for k, v := range l.heard {
		all = append(all, k+"="+v)
	}
	slices.Sort(all)
	return &msg.AccountKicked{Error: strings.Join(all, " ")}
}

// heard is what the owner of a queue says that it has heard.
func (m *Member) heard(t *testing.T, name string) string {
	t.Helper()
	var got any
	until(t, "the owner of "+name+" answers", func() (ok bool) {
		var err error
		got, err = m.Ask(context.Background(), "queue", name, &msg.AccountKick{}, 5*time.Second)
		return err == nil
	})
	return got.(*msg.AccountKicked).Error
}

func (m *Member) announce(t *testing.T, by *actor.PID, name, key, text string) {
	t.Helper()
	if err := m.Announce(Announcement{Kind: "queue", Name: name, Key: key, Owner: by,
		Message: &msg.TaskEvent{Name: key, Parameter: text}}); err != nil {
		t.Fatal(err)
	}
}

func (m *Member) standing() int {
	m.board.mu.Lock()
	defer m.board.mu.Unlock()
	return m.board.count
}

// Of a member that is alone the actor of a name may crash: the next one hears all that stands, before it answers.
func TestAnnouncementOutlivesTheActorOfTheName(t *testing.T) {
	m := lab(t, &probe{})
	by, err := m.Spawn("leg", &msg.LegStart{})
	if err != nil {
		t.Fatal(err)
	}
	m.announce(t, by, "sales", "a", "1")
	m.announce(t, by, "sales", "b", "1")
	m.announce(t, by, "sales", "a", "2")
	m.announce(t, by, "support", "c", "1")
	until(t, "all is heard, though the mailbox was full", func() bool { return m.heard(t, "sales") == "a=2 b=1" })
	if err := m.Tell("queue", "sales", &msg.LegHangup{}); err != nil {
		t.Fatal(err)
	}
	until(t, "the actor has ended", func() bool { return m.Alive("queue") == 1 })
	if got := m.heard(t, "sales"); got != "a=2 b=1" {
		t.Errorf("the next one has heard %q", got)
	}
	m.Withdraw(Announcement{Kind: "queue", Name: "sales", Key: "b", Owner: by}, nil)
	m.Withdraw(Announcement{Kind: "queue", Name: "sales", Key: "a", Owner: by}, &msg.TaskEvent{Name: "a"})
	if got := m.heard(t, "sales"); got != "b=1" || m.standing() != 1 {
		t.Errorf("after the last word of one it knows %q, and %d stand", got, m.standing())
	}
	m.system.Root.Stop(by)
	until(t, "nothing stands of who has ended", func() bool { return m.standing() == 0 })
	if err := m.Announce(Announcement{Kind: "queue", Name: "sales", Key: "a", Owner: by, Message: &msg.TaskEvent{}}); err == nil || m.standing() != 0 {
		t.Errorf("one who has ended announces: %v", err)
	}
}

// Who knows of an announcement need not be told what has changed in it; the next one hears it as it is then.
func TestQuietAnnouncement(t *testing.T) {
	m := lab(t, &probe{})
	by, err := m.Spawn("leg", &msg.LegStart{})
	if err != nil {
		t.Fatal(err)
	}
	quietly := func(text string) {
		if err := m.Announce(Announcement{Kind: "queue", Name: "sales", Key: "a", Owner: by, Quiet: true,
			Message: &msg.TaskEvent{Name: "a", Parameter: text}}); err != nil {
			t.Fatal(err)
		}
	}
	quietly("1") // nobody has heard of it
	if got := m.heard(t, "sales"); got != "a=1" {
		t.Errorf("the first one is heard as %q", got)
	}
	quietly("2")
	if got := m.heard(t, "sales"); got != "a=1" {
		t.Errorf("who knew of it has heard %q", got)
	}
	if err := m.Tell("queue", "sales", &msg.LegHangup{}); err != nil {
		t.Fatal(err)
	}
	until(t, "the actor has ended", func() bool { return m.Alive("queue") == 0 })
	if got := m.heard(t, "sales"); got != "a=2" {
		t.Errorf("the next one has heard %q", got)
	}
}

func TestAnnouncementsAreBounded(t *testing.T) {
	m := lab(t, &probe{})
	by, err := m.Spawn("leg", &msg.LegStart{})
	if err != nil {
		t.Fatal(err)
	}
	for n := range maxAnnouncedBy {
		m.announce(t, by, fmt.Sprint("name", n), "a", "1")
	}
	if err := m.Announce(Announcement{Kind: "queue", Name: "more", Key: "a", Owner: by, Message: &msg.TaskEvent{}}); err != ErrAnnounced {
		t.Errorf("one more: %v", err)
	}
	m.announce(t, by, "name0", "a", "2")
}

// What is announced is known to the owner of the name after its member has died, after the name has moved, and while
// announcements come from all sides.
func TestAnnouncementsFollowTheName(t *testing.T) {
	members, _, _ := company(t, 3)
	a, b, c := members[0], members[1], members[2]
	const names = 60
	var by []*actor.PID
	for _, m := range members[:2] {
		pid, err := m.Spawn("leg", &msg.LegStart{})
		if err != nil {
			t.Fatal(err)
		}
		by = append(by, pid)
	}
	for n := range names {
		a.announce(t, by[0], fmt.Sprint("name", n), "a", "1")
		b.announce(t, by[1], fmt.Sprint("name", n), "b", "1")
	}
	known := func(want, when string) {
		t.Helper()
		for n := range names {
			if got := a.heard(t, fmt.Sprint("name", n)); got != want {
				t.Errorf("%s name%d has heard %q, not %q", when, n, got, want)
			}
		}
	}
	for n := range names {
		until(t, "all is heard", func() bool { return a.heard(t, fmt.Sprint("name", n)) == "a=1 b=1" })
	}
	until(t, "names move to the member that is to die", func() bool { return c.Alive("queue") > 3 })
	known("a=1 b=1", "after moves")
	began := time.Now()
	c.die()
	until(t, "all names have owners", func() bool {
		for n := range names {
			if o, ok := a.owner("queue", fmt.Sprint("name", n)); !ok || o.Boot == c.boot {
				return false
			}
		}
		return true
	})
	until(t, "every name lives again, without being asked", func() bool { return a.Alive("queue")+b.Alive("queue") == names })
	known("a=1 b=1", "after a death")
	t.Logf("all is known %v after the death", time.Since(began))
	b.HandOver(context.Background())
	if n := b.owns(); n != 0 {
		t.Fatalf("after the parting it owns %d", n)
	}
	known("a=1 b=1", "after a parting")
	for n := range names {
		b.Withdraw(Announcement{Kind: "queue", Name: fmt.Sprint("name", n), Key: "b", Owner: by[1]}, &msg.TaskEvent{Name: "b"})
	}
	for n := range names {
		until(t, "the last word is heard", func() bool { return a.heard(t, fmt.Sprint("name", n)) == "a=1" })
	}
	if n := b.standing(); n != 0 {
		t.Errorf("%d stand yet", n)
	}
}
