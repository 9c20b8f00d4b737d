package source

import (
	"fmt"
	"strconv"
	"strings"

	"tandem/actors/stat/engine"
)

// Rules say how the lines of a source are to be read. The journal keeps them with the lines, so that other rules mean
// nothing to lines that were taken before.
type Rules struct {
	Switch  string `json:"switch,omitempty"`  // devices and queues are named NAME@Switch; none: by their names alone
	Media   string `json:"media,omitempty"`   // of lines that name none; "": voice
	Arrival bool   `json:"arrival,omitempty"` // times are those at which lines come, not those of the source
	Ahead   int64  `json:"ahead,omitempty"`   // ms by which a time may be ahead of our clock; one further ahead is that of its coming. 0: any
}

// voice is the media type of telephone calls.
const voice = "voice"

func (r *Rules) media(l *Line) string {
	switch {
	case l.Media != "":
		return l.Media
	case r.Media != "":
		return r.Media
	}
	return voice
}

// named is a name as the objects of this switch have it.
func (r *Rules) named(name string) string {
	if r.Switch == "" {
		return name
	}
	return name + "@" + r.Switch
}

// device is the device or channel to which a line happens.
func (r *Rules) device(l *Line) engine.Object {
	if m := r.media(l); m != voice {
		who := l.Agent
		if who == "" {
			who = l.DN
		}
		return engine.Object{Type: engine.Channel, ID: who + "/" + m}
	}
	return engine.Object{Type: engine.RegDN, ID: r.named(l.DN)}
}

func (r *Rules) queue(name string) engine.Object {
	return engine.Object{Type: engine.Queue, ID: r.named(name)}
}

// Range is a part of the names of which a source may tell: 7000-7999, sales, 70*.
type Range struct {
	text     string
	from, to uint64
	numbers  bool
}

// ParseRange reads one: numbers from and to, a name, or the beginning of names with a star.
func ParseRange(text string) (r Range, err error) {
	r.text = text
	from, to, ok := strings.Cut(text, "-")
	if ok {
		var err1, err2 error
		r.from, err1 = strconv.ParseUint(from, 10, 64)
		r.to, err2 = strconv.ParseUint(to, 10, 64)
		if r.numbers = err1 == nil && err2 == nil; r.numbers && r.from > r.to {
			return r, fmt.Errorf("%q ends before it begins", text)
		}
	}
	if text == "" || strings.Contains(strings.TrimSuffix(text, "*"), "*") {
		return r, fmt.Errorf("%q is no name, no range such as 7000-7999, and no beginning such as 70*", text)
	}
	return r, nil
}

// Has tells whether a name is in it. Numbers compare as numbers of the same length.
func (r Range) Has(name string) bool {
	if r.numbers {
		n, err := strconv.ParseUint(name, 10, 64)
		return err == nil && r.from <= n && n <= r.to && len(name) <= len(r.text)
	}
	if begin, ok := strings.CutSuffix(r.text, "*"); ok {
		return strings.HasPrefix(name, begin)
	}
	return name == r.text
}

// allow demands that a line is about nothing but what a source may tell of. No ranges allow everything.
func allow(l *Line, ranges []Range) error {
	if len(ranges) == 0 {
		return nil
	}
	for _, name := range []string{l.DN, l.Queue, l.OldQueue} {
		if name != "" && !among(name, ranges) {
			return fmt.Errorf("%q is none of the objects of this source", cut(name))
		}
	}
	return nil
}

func among(name string, ranges []Range) bool {
	for _, r := range ranges {
		if r.Has(name) {
			return true
		}
	}
	return false
}
