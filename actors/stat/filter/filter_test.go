package filter

import (
	"slices"
	"strings"
	"testing"
)

// fact is attributes; keys of attached data begin with a dot.
type fact map[string]string

func (f fact) Pair(key string) (string, bool)       { v, ok := f["."+key]; return v, ok }
func (f fact) Attribute(name string) (string, bool) { v, ok := f[name]; return v, ok }

func TestFilters(t *testing.T) {
	f := fact{".Reason": "Break", ".Empty": "", "MediaType": "voice", "ANI": "0391", "DNIS": "20"}
	for text, want := range map[string]bool{
		`PairExists("Reason","Break")`: true, `PairExists("Reason","break")`: false, `PairExists("Reason","*")`: true,
		`PairExists("Empty","*")`: true, `PairExists("Empty","")`: true, `PairExists("None","*")`: false,
		`~PairExists("None","*")`: true, `MediaType = "voice"`: true, `MediaType=voice`: true, `mediatype != chat`: true,
		`ThisQueue != "x"`: false, `DNIS >= 9`: true, `DNIS < "100"`: true, `ANI = 391`: true,
		`PairExists("Reason","Break") & ~(MediaType = "voice" | ANI = "")`:                       false,
		`PairExists("Reason","No") | PairExists("Empty","*") & MediaType=voice`:                  true,
		`(PairExists("Reason","Break") | PairExists("Empty","x")) & ~~(DNIS <> 20 | DNIS == 20)`: true,
	} {
		c, err := Parse(text)
		if err != nil || c.Holds(f) != want || c.String() != text {
			t.Errorf("%s: %v, %v", text, c.Holds(f), err)
		}
	}
	if !(Filter{}).Holds(f) {
		t.Error("no filter counts all")
	}
}

func TestFilterErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "at character 1: PairExists or the name of an attribute is missing at the end",
		"Colour = red":             `at character 1: "Colour" is no attribute: ANI, CustomerID, DNIS, ExtensionReasonCode, MediaType, TenantID, ThisQueue, TreatmentType`,
		"ANI = ":                   "at character 7: a text or a number is missing at the end",
		"ANI =! 1":                 `at character 5: "=!" is no comparison: = != < <= > >=`,
		`ANI = "1`:                 "at character 7: a text that begins here has no second quote",
		"ANI = 1 ANI = 2":          `at character 9: & or | is wanted here, not "ANI"`,
		"(ANI = 1":                 "at character 9: a closing parenthesis is missing at the end",
		`PairExists("a")`:          `at character 15: a comma is wanted here, not ")"`,
		`PairExists(a,"b")`:        `at character 12: a text in quotes is wanted here, not "a"`,
		"ANI = 1 & $":              "at character 11: '$' means nothing here",
		strings.Repeat("~", 60):    "at character 51: more than 50 parentheses and negations are within each other",
		strings.Repeat(" ", 10000): "at character 8193: a condition has at most 8192 bytes",
	} {
		if _, err := Parse(text); err == nil || err.Error() != want {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// person is an agent of the cases.
type person struct {
	skills   map[string]int
	on       []string // "queue A of B", "switch A@B"
	switches []string
}

func (p person) Skill(name string) (int, bool) { n, ok := p.skills[name]; return n, ok }
func (p person) OnQueue(queue, from string) bool {
	return slices.Contains(p.on, "queue "+queue+" of "+from)
}
func (p person) OnSwitch(name string) bool { return slices.Contains(p.on, "switch "+name) }
func (p person) IsSwitch(name string) bool { return slices.Contains(p.switches, name) }

// TestGroups has the cases K2 and K3, and what the rulings say.
func TestGroups(t *testing.T) {
	k2 := `SkillExists("French") | (~SkillExists("Spanish") & Skill("English")>=3)`
	both := []string{"B", "A@B"}
	for _, c := range []struct {
		text string
		who  person
		want bool
	}{
		{k2, person{skills: map[string]int{"French": 1}}, true},
		{k2, person{skills: map[string]int{"English": 4}}, true},
		{k2, person{skills: map[string]int{"English": 4, "Spanish": 1}}, false},
		{k2, person{skills: map[string]int{"English": 2}}, false},
		{`LoggedIn("A@B")`, person{on: []string{"queue A of B"}, switches: both}, false},
		{`LoggedIn("A@B")`, person{on: []string{"switch A@B"}, switches: both}, true},
		{`LoggedIn("A@B")`, person{on: []string{"queue A of B"}, switches: []string{"B"}}, true},
		{`LoggedIn("A")`, person{on: []string{"queue A of B"}}, false},
		{`Skill("x") < 1`, person{}, true},
		{`Skill("x") > Skill("y")`, person{skills: map[string]int{"x": 2, "y": 1}}, true},
		{`Skill("x") = -1`, person{}, false},
	} {
		g, err := ParseGroup(c.text)
		if err != nil || g.Has(c.who) != c.want {
			t.Errorf("%s of %+v: %v, %v", c.text, c.who, g.Has(c.who), err)
		}
	}
	if (Group{}).Has(person{}) {
		t.Error("nobody belongs to no group")
	}
	for text, want := range map[string]string{
		"Skill(English) > 1": `at character 7: a text in quotes is wanted here, not "English"`,
		`Skill("x") > 1.5`:   `at character 14: "1.5" is no whole number`,
		`Skill("x") > "1"`:   `at character 14: a whole number or Skill is wanted here, not "1"`,
		`Member("x")`:        `at character 1: "Member" is neither Skill, SkillExists nor LoggedIn`,
	} {
		if _, err := ParseGroup(text); err == nil || err.Error() != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// FuzzParse: whatever is typed is refused with a place, or answers.
func FuzzParse(f *testing.F) {
	for _, text := range []string{`PairExists("a","*") & ~(ANI = 1 | DNIS != "x")`, `Skill("a")>=Skill("b")|LoggedIn("q@s")`, "((~("} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse(text)
		check(t, text, err)
		if err == nil {
			c.Holds(fact{})
		}
		g, err := ParseGroup(text)
		check(t, text, err)
		if err == nil {
			g.Has(person{})
		}
	})
}

func check(t *testing.T, text string, err error) {
	if e, ok := err.(*Error); err != nil && (!ok || e.At < 0 || e.At > len(text)) {
		t.Errorf("%q: %v", text, err)
	}
}
