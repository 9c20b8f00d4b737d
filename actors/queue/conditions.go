package queue

import (
	"fmt"
	"strings"
)

// Conditions are reasons for which an agent is not there, as a set (reference queuelog.md 4.1).
type Conditions uint8

// The reasons. Penalty means that the caller's bounds exclude the agent.
const (
	Paused Conditions = 1 << iota
	Penalty
	InUse
	Ringing
	Unavailable
	Invalid
	Unknown
	WrapUp
)

var conditionNames = []string{"paused", "penalty", "inuse", "ringing", "unavailable", "invalid", "unknown", "wrapup"}

const (
	loose  = Penalty | Invalid
	no     = Penalty | Paused | Invalid
	strict = no | Unavailable
)

// ParseConditions reads a list as in joinempty: words with commas between them, or one of strict, loose, yes, no.
// leaving: it is that of leavewhenempty, where yes and no mean the opposite.
func ParseConditions(text string, leaving bool) (c Conditions, err error) {
	for word := range strings.SplitSeq(text, ",") {
		more, ok := condition(strings.ToLower(strings.TrimSpace(word)), leaving)
		if !ok {
			return 0, fmt.Errorf("%q is no condition: use %s, strict, loose, yes or no", strings.TrimSpace(word),
				strings.Join(conditionNames, ", "))
		}
		c |= more
	}
	return c, nil
}

func condition(word string, leaving bool) (Conditions, bool) {
	switch word {
	case "":
		return 0, true
	case "strict":
		return strict, true
	case "loose":
		return loose, true
	case "yes", "true", "no", "false":
		if (word == "yes" || word == "true") == leaving {
			return no, true
		}
		return 0, true
	}
	for i, name := range conditionNames {
		if word == name {
			return 1 << i, true
		}
	}
	return 0, false
}

func (c Conditions) String() string {
	var words []string
	for i, name := range conditionNames {
		if c&(1<<i) != 0 {
			words = append(words, name)
		}
	}
	return strings.Join(words, ",")
}
