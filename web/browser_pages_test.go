package web

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// hostile is a name that would act if it were anything but text.
const hostile = `<img src=x onerror="window.hit=1">"><script>hit=1</script>` + "\u202e}{"

// liveTown is a town by the real clock, and with a member whose name is text of a stranger.
func liveTown() *town {
	c := newTown()
	now := time.Now()
	shift := now.Sub(moment)
	v := &c.view
	v.Time, v.Controller.Since = now, v.Controller.Since.Add(shift)
	for i := range v.Members {
		m := &v.Members[i]
		m.Since = m.Since.Add(shift)
		if !m.Heard.IsZero() {
			m.Heard = m.Heard.Add(shift)
		}
	}
	for i := range v.Sights {
		v.Sights[i].Heard = v.Sights[i].Heard.Add(shift)
	}
	for i := range v.Events {
		v.Events[i].Time = v.Events[i].Time.Add(shift)
	}
	for i := range v.Changes {
		v.Changes[i].Time = v.Changes[i].Time.Add(shift)
	}
	c.beats = true
	return c
}

// liveHouse has some of everything.
func liveHouse() *house {
	h := newHouse()
	h.legs = nil
	for i := range 61 {
		l := exampleLeg()
		l.Handler = fmt.Sprintf("leg.tandem2.%d.5c1f0a7be2d94c66", i)
		l.Call = fmt.Sprintf("c%d", i/2)
		l.State = []string{"answered", "ringing", "waiting"}[i%10/8]
		l.Member, l.Needs, l.Placement = "tandem2", "tandem1", "remotely"
		l.Since, l.Answered = time.Now().Add(-time.Duration(i)*7*time.Second), time.Now().Add(-time.Duration(i)*7*time.Second)
		if i == 3 {
			l.From = hostile
		}
		h.legs = append(h.legs, l)
	}
	return h
}

func TestEveryPageIsSound(t *testing.T) {
	st := openStage(t)
	p := st.tab()
	p.do(chromedp.EmulateViewport(1400, 1000))
	p.open("/login")
	p.sound("login")
	p.enter("admin")
	for _, path := range append(paths, "/monitors/members/tandem2/drain", "/monitors/tasks/task.tandem1.3.x",
		"/monitors/legs/leg.tandem2.3.5c1f0a7be2d94c66", "/search?q=tandem", trunkSettingsPath) {
		name := "page" + path
		if slices.Contains(paths, path) {
			p.live(path)
		} else {
			p.open(path)
		}
		p.sound(name)
	}
}

// sound looks at a page in both colours, wide and narrow.
func (p *tab) sound(name string) {
	p.t.Helper()
	file := ""
	for _, r := range name {
		if r == '/' {
			r = '-'
		}
		file += string(r)
	}
	for _, colours := range []string{"light", "dark"} {
		eval[string](p, "document.documentElement.dataset.theme = %q", colours)
		for _, width := range []int64{1400, 320} {
			p.do(chromedp.EmulateViewport(width, 1000))
			if wide := eval[int](p, "document.documentElement.scrollWidth"); int64(wide) > width {
				p.t.Errorf("%s at %d px is %d wide: %s", name, width, wide, eval[string](p,
					`[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 &&
					 !e.closest(".scroll")).slice(0, 5).map((e) => e.outerHTML.slice(0, 120)).join("\n")`))
			}
			if width > 320 || colours == "light" { // narrow and dark holds nothing that is in neither
				p.axe(fmt.Sprintf("%s, %s, %d px", name, colours, width))
			}
			p.shoot(fmt.Sprintf("%s-%s-%d", file, colours, width))
		}
	}
	p.do(chromedp.EmulateViewport(1400, 1000))
	if eval[bool](p, "Boolean(window.hit)") {
		p.t.Errorf("%s: a name of a stranger acted", name)
	}
}
