// Package line is one line of a queue_log: what is in it, and how it is written (reference queuelog.md 1.1). It is
// pure, and shared by all who report what becomes a line.
package line

import (
	"strconv"
	"strings"
	"time"
)

// None stands where there is no call, no queue or no agent.
const None = "NONE"

// maxBytes is what the writer known to all readers cuts a line at.
const maxBytes = 8192

// Line is one line. An empty name is written as None.
type Line struct {
	At     time.Time // whole seconds are written
	CallID string
	Queue  string
	Agent  string
	Verb   string
	Args   []string // data1 and so on
}

// String writes the line without its end. A line without arguments ends in a bar all the same. What would be
// taken for a bar or an end is replaced: the format has no escapes.
func (l Line) String() string {
	fields := []string{strconv.FormatInt(l.At.Unix(), 10), orNone(l.CallID), orNone(l.Queue), orNone(l.Agent), clean(l.Verb)}
	if len(l.Args) == 0 {
		fields = append(fields, "")
	}
	for _, a := range l.Args {
		fields = append(fields, clean(a))
	}
	text := strings.Join(fields, "|")
	return strings.ToValidUTF8(text[:min(len(text), maxBytes)], "\uFFFD")
}

func orNone(name string) string {
	if name == "" {
		return None
	}
	return clean(name)
}

func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '|':
			return '_'
		case r < ' ' || r == 0x7f:
			return ' '
		}
		return r
	}, text)
}

// Seconds writes a duration as whole seconds, Milliseconds as milliseconds, never negative.
func Seconds(d time.Duration) string      { return strconv.FormatInt(int64(max(0, d)/time.Second), 10) }
func Milliseconds(d time.Duration) string { return strconv.FormatInt(max(0, d).Milliseconds(), 10) }
