package ximss

import (
	"net/http"
	"testing"
	"time"

	"tandem/test/lab"
)

// told is within what time a client must hear that its call is over when a member dies.
const told = 5 * time.Second

// trio is a session on a member without media, whose legs live on another one; its partner is a phone of a third.
type trio struct {
	*testing.T
	all                  []*lab.Member
	front, media, office *lab.Member
}

// newTrio starts three members.
func newTrio(t *testing.T) *trio {
	t.Helper()
	lab.Long(t)
	all := company(t)
	g := &trio{T: t, all: all, front: all[0], media: all[1], office: all[2]}
	for i, word := range []string{"remotely", "locally-for-others", "locally"} {
		path := "settings/cluster.call_legs?member=" + all[i].Name
		lab.Wait(t, settle, "the setting "+word, func() bool {
			return all[0].Ask(http.MethodPut, path, map[string]string{"value": word}, nil) == nil
		})
	}
	g.placed()
	return g
}

// company starts three members, and waits until each takes the others for living: until then a session of another one
// is none.
func company(t *testing.T) []*lab.Member {
	t.Helper()
	all := lab.StartCluster(t, lab.ClusterOptions{})
	for _, m := range all {
		lab.Wait(t, settle, m.Name+" sees all", func() bool {
			var view struct{ Members []struct{ State string } }
			if m.Ask(http.MethodGet, "cluster", nil, &view) != nil {
				return false
			}
			up := 0
			for _, row := range view.Members {
				if row.State == "up" {
					up++
				}
			}
			return up == len(all)
		})
	}
	return all
}

// placed waits until calls of a session on the front have their leg on the member with media.
func (g *trio) placed() {
	g.Helper()
	x := g.front.XIMSS(g, "1010")
	lab.Wait(g, settle, "a leg for the front is placed where the media are", func() bool {
		ear := x.NewEar()
		x.Must(`<callStart callLeg="try" peer="9196">` + ear.Description("") + `</callStart>`)
		here, over := false, false
		lab.Wait(g, settle, "an answer", func() bool {
			m, ok := x.Look("callConnected")
			if ok {
				here = ear.Hear(g, m).Addr().Unmap().String() == g.media.Bind
				x.Must(`<callKill callLeg="try"/>`)
			}
			_, over = x.Look("callDisconnected")
			return ok || over
		})
		return here
	})
}

// talk is a call between the session and the phone, both of whom have heard the other.
type talk struct {
	x    *lab.XIMSS
	ear  *lab.Ear
	c    *lab.Call
	legs map[string]bool // handlers
}

func (g *trio) talk() *talk {
	g.Helper()
	t := &talk{x: g.front.XIMSS(g, "1000"), legs: map[string]bool{}}
	p := g.office.Phone(g, "1001")
	lab.Wait(g, settle, "the phone is registered", func() bool { return p.TryRegister(300) == 200 })
	g.Cleanup(func() { p.TryRegister(0) })
	got := taken(p)
	t.ear = t.x.Dial("a", "1001")
	t.c = await(g.T, got)
	t.ear.Say(600)
	t.c.AwaitTones(g, heard, 600)
	t.c.Say(900)
	t.ear.AwaitTones(g, heard, 900)
	for _, m := range g.all {
		for _, l := range m.Legs() {
			if l.State == "answered" {
				t.legs[l.Handler] = true
			}
		}
	}
	if len(t.legs) != 2 {
		g.Fatalf("%d legs", len(t.legs))
	}
	return t
}

// records waits until each leg of a call has its record, and demands that it is one.
func (g *trio) records(t *talk) {
	g.Helper()
	lab.Wait(g, settle, "a record of each leg", func() bool {
		found := map[string]bool{}
		for _, m := range g.all {
			mine := map[string]int{}
			for _, r := range m.Records() {
				if mine[r.Handler]++; mine[r.Handler] > 1 {
					g.Errorf("%s lists the leg %s twice", m.Name, r.Handler)
				}
				if t.legs[r.Handler] {
					found[r.Handler] = true
				}
			}
		}
		return len(found) == len(t.legs)
	})
}

// TestThreeMembers: audio, hold and transfer with a session here, its leg there and its partner elsewhere.
func TestThreeMembers(t *testing.T) {
	lab.Long(t)
	g := newTrio(t)
	c := g.talk()
	c.x.Must(`<callUpdate callLeg="a">` + c.ear.Description("inactive") + `</callUpdate>`)
	c.x.Await("callUpdated")
	c.x.Must(`<callUpdate callLeg="a">` + c.ear.Description("") + `</callUpdate>`)
	c.ear.Hear(t, c.x.Await("callUpdated"))
	c.c.AwaitTones(t, heard, 600)
	c.x.Must(`<callTransfer callLeg="a" peer="9197"/>`)
	c.x.Await("callOpCompleted")
	c.x.Await("callDisconnected")
	c.c.AwaitTones(t, heard, 1004)
	c.c.Hangup()

	y := g.office.XIMSSOverWebSocket(t, "1003") // called on another member, by a leg of the front's
	y.Bind()
	done := make(chan *lab.Ear, 1)
	go func() { _, ear := y.Take(); done <- ear }()
	mine := c.x.Dial("b", "1003")
	theirs := <-done
	theirs.Say(500)
	mine.AwaitTones(t, heard, 500)
	c.x.Bind()
	y.Must(`<sendIM peer="1000">from another member</sendIM>`)
	c.x.Await("readIM")
	c.x.Must(`<callKill callLeg="b"/>`)
	y.Await("callDisconnected")
}

// givenUp is longer than an INVITE goes on that nobody answers (64*T1, RFC 3261 section 17.1.1.2): the phones of earlier
// stories are still registered, and are rung too.
const givenUp = 45 * time.Second

// TestKilledMembers kills each of the three under a call. Who is left is told within five seconds, and each leg has one
// record.
func TestKilledMembers(t *testing.T) {
	lab.Long(t)
	g := newTrio(t)
	for _, story := range []struct {
		name   string
		victim *lab.Member
	}{{"of the leg", g.media}, {"of the phone", g.office}, {"of the session", g.front}} {
		t.Run(story.name, func(t *testing.T) {
			g := &trio{t, g.all, g.front, g.media, g.office}
			c := g.talk()
			killed := time.Now()
			story.victim.Kill()
			if story.victim != g.front {
				d := c.x.AwaitIn(told, "callDisconnected", "callLeg", "a")
				if d.Attr("signalCode") != "503" || d.Attr("errorText") == "" {
					t.Errorf("the client is told %v", d.Attrs)
				}
				t.Logf("the client is told %v after %v", d.Attrs, time.Since(killed).Round(time.Millisecond))
				c.x.Must(`<callKill callLeg="a"/>`)
			}
			if story.victim != g.office {
				c.c.AwaitEnd()
				t.Logf("the phone is told %q after %v", c.c.Why(), time.Since(killed).Round(time.Millisecond))
			}
			lab.Wait(t, givenUp, "no leg is left", func() bool {
				for _, m := range g.all {
					if m != story.victim && len(m.Legs()) > 0 {
						return false
					}
				}
				return true
			})
			story.victim.Restart()
			g.records(c)
			g.placed()
		})
	}
}
