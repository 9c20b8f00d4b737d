package stat

import (
	"fmt"
	"strings"
	"testing"

	"tandem/actors/stat/engine"
	"tandem/actors/stat/reader"
)

// says has the settings say something of objects.
func (h *hamlet) says(all map[engine.Object]reader.Definition) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.said = all
	for _, x := range h.halls {
		x.Redefine()
	}
}

// hears waits until all members have read it in the journal.
func (h *hamlet) hears(want string) {
	h.Helper()
	h.until(want, func() bool {
		for _, x := range h.halls {
			var all []string
			x.mu.Lock()
			for _, o := range x.reader.AllDefined() {
				d := x.reader.Defined(o)
				all = append(all, fmt.Sprintf("%v %v %s%v", o, d.Parts, d.Expression, d.Skills))
			}
			x.mu.Unlock()
			if strings.Join(all, ", ") != want {
				return false
			}
		}
		return true
	})
}

// TestDefinitions: what the settings say of objects comes into the journal once, by whom it is to, and again when it is
// another thing. Who comes to own that takes nothing for missing.
func TestDefinitions(t *testing.T) {
	h := newHamlet(t, "m1", "m2")
	team, ann := engine.Object{Type: engine.GroupAgents, ID: "team"}, engine.Object{Type: engine.Agent, ID: "ann"}
	skilled := reader.Definition{Skills: map[string]int{"tea": 3}}
	h.says(map[engine.Object]reader.Definition{team: {Parts: []engine.Object{ann}}, ann: skilled})
	h.hears("Agent:ann [] map[tea:3], GroupAgents:team [Agent:ann] map[]")
	h.says(map[engine.Object]reader.Definition{team: {Expression: `Skill("tea") > 1`}, ann: skilled})
	h.hears(`Agent:ann [] map[tea:3], GroupAgents:team [] Skill("tea") > 1map[]`)
	h.own("m2")
	h.says(nil)
	h.hears("")
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, f := range h.facts {
		if f.Kind == reader.DefinedKind {
			n++
		}
	}
	if n != 5 {
		t.Errorf("%d facts say five things", n)
	}
}
