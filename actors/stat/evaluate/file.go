package evaluate

import (
	"bytes"
	"encoding/json"
	"fmt"

	"tandem/actors/stat/engine"
	"tandem/actors/stat/measure"
	"tandem/actors/stat/source"
)

// Time is a moment as files have it.
type Time = source.Time

// File is what is evaluated.
type File struct {
	Facts      []Fact            `json:"facts"`
	Lines      []json.RawMessage `json:"lines"`  // of a source outside, in order
	Source     string            `json:"source"` // its name
	Switch     string            `json:"switch"` // of its devices and queues
	Statistics []Statistic       `json:"statistics"`
	Instants   []Time            `json:"instants"` // at which all statistics are asked that do not have instants of their own
}

// Fact is one of a file. Facts are told by their times, those of one moment in the order of the file.
type Fact struct {
	At     Time             `json:"at"`
	Until  *Time            `json:"until,omitempty"` // of an action: when it ends, in place of a fact of its own
	What   string           `json:"what,omitempty"`  // without it: begin or happen, as the name says
	Object engine.Object    `json:"object"`
	Name   string           `json:"name,omitempty"`
	Key    string           `json:"key,omitempty"` // without it: the connection id
	Conn   string           `json:"conn,omitempty"`
	Length Time             `json:"length,omitempty"`
	With   *engine.Attached `json:"with,omitempty"`
	Other  engine.Object    `json:"other,omitzero"`
	Level  int              `json:"level,omitempty"`
}

// FactOf is a fact of the engine as a file has it.
func FactOf(f *engine.Fact) Fact {
	out := Fact{At: Time(f.At), What: f.What.String(), Object: f.Object, Key: f.Key, Conn: f.Conn, Length: Time(f.Length), With: f.With,
		Other: f.Other, Level: f.Level}
	if f.What <= engine.Happen {
		out.Name = f.Name.String()
	}
	return out
}

// Statistic is one that is asked for.
type Statistic struct {
	ID         string
	Object     engine.Object
	Open       *Time // when it is first asked for; without it: before all facts
	Instants   []Time
	Definition measure.Definition
}

// beside is what a statistic of a file has beside its definition.
type beside struct {
	ID       string        `json:"id"`
	Object   engine.Object `json:"object"`
	Open     *Time         `json:"open"`
	Instants []Time        `json:"instants"`
}

// UnmarshalJSON reads a statistic; what defines it stands beside its id and object. A key that is neither is refused.
func (s *Statistic) UnmarshalJSON(text []byte) error {
	var b beside
	if err := json.Unmarshal(text, &b); err != nil {
		return err
	}
	s.ID, s.Object, s.Open, s.Instants = b.ID, b.Object, b.Open, b.Instants
	var rest map[string]json.RawMessage
	if err := json.Unmarshal(text, &rest); err != nil {
		return err
	}
	for _, key := range []string{"id", "object", "open", "instants"} {
		delete(rest, key)
	}
	definition, err := json.Marshal(rest)
	if err == nil {
		err = json.Unmarshal(definition, &s.Definition)
	}
	if err != nil {
		return fmt.Errorf("statistic %s: %w", s.ID, err)
	}
	return nil
}

// MarshalJSON writes a statistic as UnmarshalJSON reads it.
func (s Statistic) MarshalJSON() ([]byte, error) {
	beside, err := json.Marshal(struct {
		ID       string        `json:"id"`
		Object   engine.Object `json:"object"`
		Open     *Time         `json:"open,omitempty"`
		Instants []Time        `json:"instants,omitempty"`
	}{s.ID, s.Object, s.Open, s.Instants})
	if err != nil {
		return nil, err
	}
	definition, err := json.Marshal(s.Definition)
	if err != nil {
		return nil, err
	}
	beside[len(beside)-1] = ','
	return append(beside, definition[1:]...), nil
}

// Read reads a file.
func Read(text []byte) (f File, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return f, err
	}
	known := map[string]bool{}
	for _, s := range f.Statistics {
		if s.ID == "" || known[s.ID] {
			return f, fmt.Errorf("statistics: %q is no id, or is there twice", s.ID)
		}
		known[s.ID] = true
	}
	return f, nil
}

// fact is one as the engine knows it; n is its place in the file.
func (f *Fact) fact(n int) (all []engine.Fact, err error) {
	e := engine.Fact{At: int64(f.At), Seq: uint64(2 * n), Object: f.Object, Key: f.Key, Conn: f.Conn, Length: int64(f.Length),
		With: f.With, Other: f.Other, Level: f.Level}
	if f.Name != "" {
		name, ok := measure.ParseName(f.Name)
		if !ok {
			return nil, fmt.Errorf("%q is no action or status", f.Name)
		}
		e.Name = name
		if e.Key == "" {
			e.Key = f.Conn
		}
		if name.Class()&measure.Durable == 0 {
			e.What = engine.Happen
		}
	}
	if f.What != "" {
		if e.What, err = engine.ParseWhat(f.What); err != nil {
			return nil, err
		}
	} else if f.Name == "" {
		return nil, fmt.Errorf("it has neither a name nor what it says")
	}
	all = append(all, e)
	if f.Until != nil {
		if e.What != engine.Begin || *f.Until < f.At {
			return nil, fmt.Errorf("it has an end, and does not begin before it")
		}
		e.What, e.At, e.Seq = engine.End, int64(*f.Until), e.Seq+1
		all = append(all, e)
	}
	return all, nil
}
