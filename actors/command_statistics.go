package actors

import (
	"math"
	"slices"
	"strings"

	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// statisticsWorks are the commands about statistics elements: the member's own numbers, which only it
// changes, and custom ones.
var statisticsWorks = map[string]work{
	"GETSTATELEMENT":  commands.getStatElement,
	"SETSTATELEMENT":  commands.setStatElement,
	"GETNEXTSTATNAME": commands.getNextStatName,
}

var errElement = cli.Fail("unknown statistics element")

func (c commands) getStatElement(r *request) (object.Value, *cli.Failure) {
	n, ok := c.statElement(r.Text("element"))
	if !ok {
		return object.Null, errElement
	}
	return found(object.Number(n))
}

// statElement is the value of an element, whole; names may be written in any case where that is clear.
func (h *House) statElement(name string) (int64, bool) {
	all, err := h.metrics.Elements()
	if err != nil {
		h.log.Warn("the metrics are not to be had", "err", err)
	}
	for _, e := range all {
		if strings.EqualFold(e.Name, name) {
			return whole(e.Value), true
		}
	}
	return h.elements.get(name)
}

// whole is a number without its fraction, within what an object can hold.
func whole(f float64) int64 {
	switch {
	case f != f:
		return 0
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(math.Round(f))
}

func (c commands) setStatElement(r *request) (object.Value, *cli.Failure) {
	name := r.Text("element")
	if _, custom := c.elements.get(name); !custom {
		if _, ours := c.statElement(name); ours {
			return fail("only custom elements can be changed")
		}
	}
	if _, err := c.elements.change(name, r.Word("INC"), r.Number("value")); err != nil {
		return fail("%v", err)
	}
	return object.Null, nil
}

// getNextStatName is the name behind a given one; "" is before the first.
func (c commands) getNextStatName(r *request) (object.Value, *cli.Failure) {
	all, err := c.metrics.Elements()
	if err != nil {
		return fail("the metrics are not to be had: %v", err)
	}
	names := c.elements.names()
	for _, e := range all {
		names = append(names, e.Name)
	}
	slices.Sort(names)
	after := r.Text("element")
	for _, name := range names {
		if name > after {
			return found(object.String(name))
		}
	}
	return fail("no further statistics element")
}
