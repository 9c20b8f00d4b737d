package measure

import (
	"fmt"
	"strings"

	"tandem/actors/stat/filter"
)

// Subject says whose facts are counted beneath an object, in the order of the wire codes.
type Subject int

// Subjects. All but DNAction count statuses.
const (
	DNAction Subject = iota
	DNStatus
	AgentStatus
	PlaceStatus
	GroupStatus
	// Subjects is how many there are.
	Subjects
)

// Subjects as they are written.
var subjects = []string{"DNAction", "DNStatus", "AgentStatus", "PlaceStatus", "GroupStatus"}

// ParseSubject finds a subject; Action is another name of DNAction.
func ParseSubject(text string) (Subject, error) {
	for i, s := range subjects {
		if s == text || text == "Action" && i == 0 {
			return Subject(i), nil
		}
	}
	return 0, fmt.Errorf("subject: %q is none of %s", text, strings.Join(subjects, ", "))
}

func (s Subject) String() string { return subjects[s] }

// Definition says what a statistic is.
type Definition struct {
	Category      string
	Subject       Subject
	Main          Mask
	Relative      Mask // empty where the category needs none
	Profile       Profile
	Range, Range2 Range
	Filter        filter.Filter
	Formula       Formula // of the custom values
	Distinct      bool    // each connection id counts once (DistByConnID)
	Exact         bool    // lengths in milliseconds, instead of whole seconds
	InProgress    bool    // actions in progress count as statuses do
}

func (d *Definition) clock() clock     { return clock(d.Exact) }
func (d *Definition) ranges() [2]Range { return [2]Range{d.Range, d.Range2} }
