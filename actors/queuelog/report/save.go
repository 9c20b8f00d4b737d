package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Form names how lines become what is kept of them, and how that is written: what was made by another form must be made anew.
var Form = fmt.Sprint(savedForm, ".", rollForm)

// savedForm changes whenever lines come to something else than before, or what is saved is written otherwise: what was
// made of lines by another form must be made anew.
const savedForm = 1

// saved is all that is open in a Fold, and what it has counted.
type saved struct {
	Form      int                      `json:"form"`
	Now       int64                    `json:"now"`
	Lines     int64                    `json:"lines"`
	Malformed int64                    `json:"malformed"`
	Restarts  []int64                  `json:"restarts,omitempty"`
	Other     map[string]int64         `json:"other,omitempty"`
	Stints    []savedStint             `json:"stints,omitempty"` // oldest first
	Agents    map[string]savedPresence `json:"agents,omitempty"`
	Desks     map[string]string        `json:"desks,omitempty"`
}

type savedStint struct {
	Stint
	Dumped bool `json:",omitempty"`
}

type savedPresence struct {
	Here   bool              `json:"here,omitempty"`
	Since  int64             `json:"since,omitempty"`
	Logged bool              `json:"logged,omitempty"`
	Device string            `json:"device,omitempty"`
	Queues []string          `json:"queues,omitempty"`
	Pauses map[string]*Pause `json:"pauses,omitempty"`
}

// Save writes what a Fold must know to go on later, with the next line, as if it had never stopped.
func (f *Fold) Save() []byte {
	s := saved{Form: savedForm, Now: f.now, Lines: f.lines, Malformed: f.bad, Restarts: f.restarts, Other: f.other,
		Agents: make(map[string]savedPresence, len(f.agents)), Desks: f.names.desks}
	for _, c := range f.line {
		if f.isOpen(c) {
			s.Stints = append(s.Stints, savedStint{*c, c.dumped})
		}
	}
	for name, p := range f.agents {
		s.Agents[name] = savedPresence{p.here, p.since, p.logged, p.device, slices.Sorted(maps.Keys(p.queues)), p.pauses}
	}
	text, err := json.Marshal(s)
	if err != nil { // there is nothing in it that can not be written
		panic(err)
	}
	return text
}

// Load lets a new Fold go on where another one of the same partition, source and names was saved. An error means that
// it was saved by another form of this program: the lines must be read again.
func (f *Fold) Load(text []byte) error {
	var s saved
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("what is open of partition %s: %w", f.partition, err)
	}
	if s.Form != savedForm {
		return fmt.Errorf("what is open of partition %s was saved in form %d, and this program knows form %d", f.partition, s.Form, savedForm)
	}
	f.now, f.lines, f.bad, f.restarts = s.Now, s.Lines, s.Malformed, s.Restarts
	maps.Copy(f.other, s.Other)
	maps.Copy(f.names.desks, s.Desks)
	for _, c := range s.Stints {
		open := c.Stint
		open.dumped = c.Dumped
		f.keep(&open, f.open[open.CallID])
	}
	for name, p := range s.Agents {
		queues := map[string]bool{}
		for _, q := range p.Queues {
			queues[q] = true
		}
		if p.Pauses == nil {
			p.Pauses = map[string]*Pause{}
		}
		f.agents[name] = &presence{since: p.Since, here: p.Here, logged: p.Logged, device: p.Device, queues: queues, pauses: p.Pauses}
	}
	return nil
}
