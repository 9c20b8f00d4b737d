package stat

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tandem/actors/msg"
	"tandem/actors/stat/engine"
	"tandem/actors/stat/filter"
	"tandem/actors/stat/measure"
)

// Request is a statistic as somebody asks for it: over which object, and what it is (reference statserver.md 3.1). What a
// stat type says stands where the request itself says nothing.
type Request struct {
	Object     string `json:"object"`
	Type       string `json:"stat_type,omitempty"` // a named one
	Category   string `json:"category,omitempty"`
	Subject    string `json:"subject,omitempty"` // none: DNAction
	Main       string `json:"main_mask,omitempty"`
	Relative   string `json:"relative_mask,omitempty"`
	Profile    string `json:"time_profile,omitempty"` // a named one, or such as "Sliding 3600,15"; none: Default
	Zone       string `json:"zone,omitempty"`         // of a profile that grows; none: UTC
	Range      string `json:"time_range,omitempty"`   // a named one, or such as "0-20"; none: Default
	Range2     string `json:"time_range2,omitempty"`
	Filter     string `json:"filter,omitempty"`  // a named one, or an expression
	Formula    string `json:"formula,omitempty"` // of custom values: measure.Formula
	Distinct   bool   `json:"distinct,omitempty"`
	Exact      bool   `json:"exact,omitempty"`       // milliseconds, instead of whole seconds
	InProgress bool   `json:"in_progress,omitempty"` // actions that go on count as statuses do
	BackFill   bool   `json:"back_fill,omitempty"`   // it counts from the journal's first fact on, not from its opening
	Solution   string `json:"solution,omitempty"`    // whose members compute it, by its names; none: that of the member that is asked
}

// maxText bounds each text of a request, in bytes.
const maxText = 2000

// Catalogue are the names that requests may use.
type Catalogue struct {
	Types    map[string]Request
	Profiles map[string]string // such as "Sliding 3600,15"
	Ranges   map[string]string // such as "0-20"
	Filters  map[string]string // expressions
}

// Resolve puts in the place of names what they stand for now, so that a statistic stays what it was when a name comes to
// mean something else. The error says which part of the request can not be meant.
func (c *Catalogue) Resolve(r Request) (Request, error) {
	for _, text := range []string{r.Object, r.Category, r.Subject, r.Main, r.Relative, r.Profile, r.Zone, r.Range, r.Range2, r.Filter, r.Formula, r.Solution} {
		if len(text) > maxText {
			return r, fmt.Errorf("%q...: a text has at most %d bytes", clip(text), maxText)
		}
	}
	if r.Type != "" {
		t, ok := c.Types[r.Type]
		if !ok {
			return r, fmt.Errorf("stat type: there is none named %q", clip(r.Type))
		}
		r = r.over(t)
	}
	if r.Subject == "" {
		r.Subject = measure.DNAction.String()
	}
	r.Profile = named(c.Profiles, r.Profile, "Growing 0:00")
	r.Range, r.Range2 = named(c.Ranges, r.Range, "0-20"), named(c.Ranges, r.Range2, "0-20")
	if f, ok := c.Filters[r.Filter]; ok {
		r.Filter = f
	}
	r.Type = ""
	_, _, err := r.define()
	return r, err
}

// named is what a text stands for: the value of the name, or the text itself. Nothing stands for Default, or for what is
// built in.
func named(values map[string]string, text, builtIn string) string {
	if text == "" {
		text = "Default"
		if _, ok := values[text]; !ok {
			return builtIn
		}
	}
	if v, ok := values[text]; ok {
		return v
	}
	return text
}

// over fills in from a stat type what a request leaves open.
func (r Request) over(t Request) Request {
	for _, f := range []struct {
		to   *string
		from string
	}{{&r.Category, t.Category}, {&r.Subject, t.Subject}, {&r.Main, t.Main}, {&r.Relative, t.Relative}, {&r.Profile, t.Profile},
		{&r.Zone, t.Zone}, {&r.Range, t.Range}, {&r.Range2, t.Range2}, {&r.Filter, t.Filter}, {&r.Formula, t.Formula}} {
		if *f.to == "" {
			*f.to = f.from
		}
	}
	r.Distinct, r.Exact, r.InProgress = r.Distinct || t.Distinct, r.Exact || t.Exact, r.InProgress || t.InProgress
	return r
}

// define is a resolved request as the engine has it.
func (r Request) define() (o engine.Object, d measure.Definition, err error) {
	if o, err = engine.ParseObject(r.Object); err != nil {
		return o, d, err
	}
	if d.Subject, err = measure.ParseSubject(r.Subject); err != nil {
		return o, d, err
	}
	if d.Main, err = measure.ParseMask(r.Main, d.Subject); err != nil {
		return o, d, fmt.Errorf("main %w", err)
	}
	if r.Relative != "" {
		if d.Relative, err = measure.ParseMask(r.Relative, d.Subject); err != nil {
			return o, d, fmt.Errorf("relative %w", err)
		}
	}
	if d.Profile, err = ParseProfile(r.Profile, r.Zone); err != nil {
		return o, d, err
	}
	if d.Range, err = measure.ParseRange(r.Range); err != nil {
		return o, d, err
	}
	if d.Range2, err = measure.ParseRange(r.Range2); err != nil {
		return o, d, err
	}
	if r.Filter != "" {
		if d.Filter, err = filter.Parse(r.Filter); err != nil {
			return o, d, fmt.Errorf("filter: %w", err)
		}
	}
	if r.Formula != "" {
		if d.Formula, err = measure.ParseFormula(r.Formula); err != nil {
			return o, d, err
		}
	}
	d.Category, d.Distinct, d.Exact, d.InProgress = r.Category, r.Distinct, r.Exact, r.InProgress
	_, _, err = measure.Open(d, 0)
	return o, d, err
}

// ParseProfile reads a time profile, such as "Sliding 3600,15"; zone is that of one that grows, none: UTC.
func ParseProfile(text, zone string) (measure.Profile, error) {
	where := time.UTC
	if zone != "" {
		var err error
		if where, err = time.LoadLocation(zone); err != nil {
			return measure.Profile{}, fmt.Errorf("time profile: there is no zone %q", clip(zone))
		}
	}
	kind, value, _ := strings.Cut(text, " ")
	p, err := measure.ParseProfile(kind, value, where)
	if err != nil && value == "" {
		return p, fmt.Errorf("time profile: %q is no name of one, and none itself; write such as Sliding 3600,15", clip(text))
	}
	return p, err
}

// id names a resolved request: equal ones are one statistic.
func (r Request) id() string {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // texts and booleans
	}
	sum := sha256.Sum256(text)
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:idLength]
}

// idLength is the length of the name of a statistic, in letters of five bits.
const idLength = 20

// clip keeps what strangers wrote short.
func clip(text string) string { return msg.Cut(text, 60) }
