package conf

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// source is the layer that a value comes from; the later wins.
type source int

const (
	fromDefault source = iota
	fromPreset         // settings that a command brings along, such as those of tandem dev
	fromFile
	fromCluster // kept by the cluster for all members
	fromMember  // kept by the cluster for this one
	fromEnvironment
	fromFlag
)

// Origin tells where a value comes from, or where an error is. The zero Origin is the default.
type Origin struct {
	source source
	name   string // file, variable, flag or command, or by whom and when the cluster was told
	line   int    // in the file, from 1; 0 unknown
}

func (o Origin) String() string {
	switch {
	case o.source == fromDefault:
		return "default"
	case o.source == fromFile && o.line > 0:
		return fmt.Sprintf("%s:%d", o.name, o.line)
	}
	return o.name
}

// MarshalText writes the origin as one word, for JSON.
func (o Origin) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads what MarshalText wrote, as far as String tells it.
func (o *Origin) UnmarshalText(b []byte) error {
	*o = Origin{}
	if s := string(b); s != o.String() {
		*o = Origin{source: fromFlag, name: s}
	}
	return nil
}

// part names one part of a list: "sip.bind[1]".
func part(key string, i int) string { return key + "[" + strconv.Itoa(i) + "]" }

// origins holds the origin of every value that is no default, by key. A list has one for itself
// and one for each part that has a line of its own: "routing.numbers[3].app".
type origins map[string]Origin

// of returns the origin of a key, or of the nearest whole that it is a part of.
func (o origins) of(key string) Origin {
	for {
		if at, ok := o[key]; ok {
			return at
		}
		cut := strings.LastIndexAny(key, ".[")
		if cut < 0 {
			return Origin{}
		}
		key = key[:cut]
	}
}

// replace forgets what is known about key and its parts and takes over the new origins of them.
func (o origins) replace(key string, from origins) {
	for k := range o {
		if k == key || strings.HasPrefix(k, key+"[") {
			delete(o, k)
		}
	}
	for k, at := range from {
		if k == key || strings.HasPrefix(k, key+"[") {
			o[k] = at
		}
	}
}

// clone copies, since a Conf shares its origins with nobody.
func (o origins) clone() origins {
	if o == nil {
		return origins{}
	}
	return maps.Clone(o)
}

// Error is one thing wrong with the configuration.
type Error struct {
	Origin Origin // where it is written
	Key    string // which setting; empty: the file as a whole
	Wrong  string // what is wrong, in words that follow the key
	Right  string // what would be right; empty if nothing can be said
}

func (e Error) Error() string { return e.Origin.String() + ": " + e.words() }

// words are the error without its place.
func (e Error) words() (s string) {
	if e.Key != "" {
		s += e.Key + ": "
	}
	s += e.Wrong
	if e.Right != "" {
		s += "; right would be: " + e.Right
	}
	return s
}

// Errors is everything that is wrong, in the order of the file, the environment and the flags.
type Errors []Error

// maxErrors is how many are kept: who made more mistakes has given the wrong file.
const maxErrors = 100

// Error prints one per line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i := range e {
		lines[i] = e[i].Error()
	}
	return strings.Join(lines, "\n")
}

// Words are all errors on one line, without their places.
func (e Errors) Words() string {
	all := make([]string, len(e))
	for i := range e {
		all[i] = e[i].words()
	}
	return strings.Join(all, "; ")
}

// Unwrap lets errors.As find a single Error.
func (e Errors) Unwrap() []error {
	all := make([]error, len(e))
	for i := range e {
		all[i] = e[i]
	}
	return all
}

func (e *Errors) add(err Error) {
	err.Wrong = maskPasswords(err.Wrong)
	switch {
	case len(*e) < maxErrors:
		*e = append(*e, err)
	case len(*e) == maxErrors:
		*e = append(*e, Error{Origin: Origin{fromFlag + 1, "more", 0},
			Wrong: fmt.Sprintf("only the first %d errors are shown", maxErrors)})
	}
}

// sort orders by layer and line, and otherwise leaves the order of finding.
func (e Errors) sort() {
	slices.SortStableFunc(e, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.Origin.source, b.Origin.source), cmp.Compare(a.Origin.line, b.Origin.line))
	})
}
