package engine

import (
	"fmt"
	"strings"

	"tandem/actors/stat/filter"
	"tandem/actors/stat/measure"
)

// What is what a fact says.
type What uint8

// What facts say.
const (
	Begin      What = iota // a durable action has begun
	End                    // it is over
	Change                 // other attributes are attached to it
	Happen                 // an instant
	Login                  // an agent (Object) is logged in to a device or a queue (Other)
	Logout                 // no more; without Other: to none
	Join                   // Object belongs to Other: a device to a place or a switch, an agent to a group
	Leave                  // no more
	Skill                  // an agent has a skill (Key) of a Level; below zero: not any more
	Expression             // a group of agents is virtual: Key is its expression; "": it is an ordinary one
	Lost                   // the source of Object, and of all that belongs to it, cannot be reached
	Found                  // it can again
)

var whats = []string{"begin", "end", "change", "happen", "login", "logout", "join", "leave", "skill", "expression", "lost", "found"}

func (w What) String() string {
	if int(w) < len(whats) {
		return whats[w]
	}
	return "?"
}

// Fact is one thing that the world is told.
type Fact struct {
	At     int64  // milliseconds since 1970 by the clock of its source
	Seq    uint64 // order among facts of one moment: their place in the journal
	What   What
	Object Object
	Key    string       // of an action: which it is while it goes on, unique at its object; else see What
	Name   measure.Name // of an action
	Conn   string       // connection id of its call; "": it belongs to none
	Length int64        // of a retrospective action, milliseconds
	With   *Attached    // what is attached to it; nil: nothing. It is not changed afterwards
	Other  Object       // see What
	Level  int          // of a skill
}

// Attached is what actions carry for filters and formulas.
type Attached = filter.Attached

// ParseWhat finds what a fact says by its name.
func ParseWhat(text string) (What, error) {
	for i, w := range whats {
		if w == text {
			return What(i), nil
		}
	}
	return 0, fmt.Errorf("fact: %q is none of %s", text, strings.Join(whats, ", "))
}
