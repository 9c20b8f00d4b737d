package measure

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tandem/actors/stat/filter"
)

// written is a Definition as it stands in files and requests, under the names that REST has too.
type written struct {
	Category   string `json:"category"`
	Subject    string `json:"subject,omitempty"` // DNAction
	Main       string `json:"main_mask"`
	Relative   string `json:"relative_mask,omitempty"`
	Profile    string `json:"time_profile,omitempty"` // Growing 0:00
	Zone       string `json:"zone,omitempty"`         // UTC
	Range      string `json:"time_range,omitempty"`   // 0-20
	Range2     string `json:"time_range2,omitempty"`
	Filter     string `json:"filter,omitempty"`
	Formula    string `json:"formula,omitempty"`
	Distinct   bool   `json:"distinct,omitempty"`
	Exact      bool   `json:"exact,omitempty"`
	InProgress bool   `json:"in_progress,omitempty"`
}

// MarshalJSON writes a definition with all that it has; the same definition is always written in the same way.
func (d Definition) MarshalJSON() ([]byte, error) {
	w := written{Category: d.Category, Subject: d.Subject.String(), Main: d.Main.text(d.Subject), Relative: d.Relative.text(d.Subject),
		Profile: d.Profile.String(), Filter: d.Filter.String(), Formula: d.Formula.String(), Distinct: d.Distinct, Exact: d.Exact,
		InProgress: d.InProgress}
	if d.Profile.Zone != nil {
		w.Zone = d.Profile.Zone.String()
	}
	if d.Range != (Range{}) {
		w.Range = d.Range.String()
	}
	if d.Range2 != (Range{}) {
		w.Range2 = d.Range2.String()
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads a definition. The error names all that is wrong in it. A profile that is missing is that which begins
// anew at midnight.
func (d *Definition) UnmarshalJSON(text []byte) error {
	var w written
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&w); err != nil {
		return err
	}
	read, err := w.read()
	if err == nil {
		*d = read
	}
	return err
}

func (w *written) read() (d Definition, err error) {
	d = Definition{Category: w.Category, Distinct: w.Distinct, Exact: w.Exact, InProgress: w.InProgress, Profile: DefaultProfile}
	var wrong []error
	check := func(err error) { wrong = append(wrong, err) }
	if _, ok := categories[w.Category]; !ok {
		check(fmt.Errorf("category: %q is not known", w.Category))
	}
	if w.Subject != "" {
		d.Subject, err = ParseSubject(w.Subject)
		check(err)
	}
	d.Main, err = ParseMask(w.Main, d.Subject)
	check(err)
	if w.Relative != "" {
		d.Relative, err = ParseMask(w.Relative, d.Subject)
		check(err)
	}
	if w.Filter != "" {
		if d.Filter, err = filter.Parse(w.Filter); err != nil {
			check(fmt.Errorf("filter: %w", err))
		}
	}
	if w.Formula != "" {
		d.Formula, err = ParseFormula(w.Formula)
		check(err)
	}
	check(w.ranges(&d))
	check(w.profile(&d))
	return d, errors.Join(wrong...)
}

func (w *written) ranges(d *Definition) (err error) {
	if w.Range != "" {
		if d.Range, err = ParseRange(w.Range); err != nil {
			return err
		}
	}
	if w.Range2 != "" {
		d.Range2, err = ParseRange(w.Range2)
	}
	return err
}

func (w *written) profile(d *Definition) error {
	var zone *time.Location
	if w.Zone != "" {
		z, err := time.LoadLocation(w.Zone)
		if err != nil || w.Zone == "Local" {
			return fmt.Errorf("time zone: %q is none; write UTC, or a place such as Europe/Berlin", w.Zone)
		}
		zone = z
	}
	d.Profile.Zone = zone
	if w.Profile == "" {
		return nil
	}
	kind, value, _ := strings.Cut(strings.TrimSpace(w.Profile), " ")
	p, err := ParseProfile(kind, value, zone)
	d.Profile = p
	return err
}

// String writes a profile as kind and value, which ParseProfile reads.
func (p Profile) String() string {
	switch p.Kind {
	case SinceLogin:
		return "SinceLogin"
	case Sliding:
		return fmt.Sprintf("Sliding %d,%d", p.Window/1000, p.Sample/1000)
	case Selection:
		return fmt.Sprintf("Selection %d", p.Last)
	}
	if len(p.Resets) == 0 {
		return "Growing never"
	}
	var parts []string
	for _, r := range p.Resets {
		text := clockText(r.At)
		if r.Every > 0 {
			text += " +" + clockText(r.Every)
		}
		parts = append(parts, text)
	}
	return "Growing " + strings.Join(parts, ", ")
}

// clockText is h:mm, or h:mm:ss.
func clockText(d time.Duration) string {
	s := int(d / time.Second)
	if s%60 == 0 {
		return fmt.Sprintf("%d:%02d", s/3600, s/60%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// String writes a range as ParseRange reads it.
func (r Range) String() string {
	return strconv.FormatFloat(r.From, 'f', -1, 64) + "-" + strconv.FormatFloat(r.To, 'f', -1, 64)
}
