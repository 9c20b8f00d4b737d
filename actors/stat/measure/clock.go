package measure

import (
	"fmt"
	"strconv"
	"strings"
)

// clock says how lengths of time are counted.
type clock bool

const (
	wholeSeconds clock = false // both ends are cut to seconds before they are subtracted (ruling D-1)
	milliseconds clock = true
)

// length is how long it is from a to b, in milliseconds.
func (c clock) length(a, b int64) int64 {
	if c == wholeSeconds {
		return (floor(b) - floor(a)) * 1000
	}
	return b - a
}

// floor is the whole seconds of a time.
func floor(ms int64) int64 {
	if ms < 0 {
		return (ms - 999) / 1000
	}
	return ms / 1000
}

// Range is a time range in seconds: from From up to, but not with, To (reference statserver.md 3.7).
type Range struct{ From, To float64 }

// DefaultRange is what is used where none is named.
var DefaultRange = Range{0, 20}

// ParseRange reads a range: 0-20.
func ParseRange(text string) (r Range, err error) {
	from, to, ok := strings.Cut(text, "-")
	if ok {
		if r.From, err = strconv.ParseFloat(strings.TrimSpace(from), 64); err == nil {
			r.To, err = strconv.ParseFloat(strings.TrimSpace(to), 64)
		}
	}
	if !ok || err != nil || r.From < 0 || !(r.From < r.To) {
		return r, fmt.Errorf("time range: %q is none; write two numbers of seconds, the smaller one first: 0-20", text)
	}
	return r, nil
}

// has tells whether a length in milliseconds lies in it.
func (r Range) has(ms int64) bool { s := float64(ms) / 1000; return r.From <= s && s < r.To }

// Ranges are the named ranges of an installation.
type Ranges map[string]Range

// Named finds the range of a request: the one that it names, else that named Default, else the built-in one.
func (all Ranges) Named(name string) (Range, error) {
	if name != "" {
		if r, ok := all[name]; ok {
			return r, nil
		}
		return Range{}, fmt.Errorf("time range: there is none named %q", name)
	}
	if r, ok := all["Default"]; ok {
		return r, nil
	}
	return DefaultRange, nil
}
