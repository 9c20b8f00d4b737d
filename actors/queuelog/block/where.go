package block

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tandem/actors/queuelog/report"
)

// Where selects calls: all of its terms are true of them. It is written like the query of an address, so it can be part of
// one: state=lost&queue=sales&hour=10:00.
type Where []Term

// Term is one condition: an attribute of calls and its value, or a field of more.
type Term struct{ Field, Value string }

// maxTerms is how many terms one Where has.
const maxTerms = 32

// more are the fields that are no attribute, and how they are true of a call.
var more = map[string]func(r *run, c *call, value string) bool{
	"state": func(_ *run, c *call, v string) bool {
		switch v {
		case "answered":
			return c.answered()
		case "lost":
			return c.State == report.Lost
		case "waiting":
			return c.State == report.Waiting
		case "talking":
			return c.State == report.Talking
		}
		return v == "offered" && c.State != report.Waiting
	},
	"within":    func(_ *run, c *call, v string) bool { return max(c.Wait, 0) <= number(v) },
	"over":      func(_ *run, c *call, v string) bool { return max(c.Wait, 0) > number(v) },
	"whole":     func(r *run, c *call, _ string) bool { return r.whole.Takes(c.Stint) },
	"effective": func(_ *run, c *call, v string) bool { return c.Talk != report.Unknown && c.Talk >= number(v) },
	"talked":    func(_ *run, c *call, _ string) bool { return c.State == report.Answered && c.Talk != report.Unknown },
}

func number64(n int64) string { return strconv.FormatInt(n, 10) }

func number(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}

// ParseWhere reads one. The error names the term that is not understood.
func ParseWhere(text string) (w Where, err error) {
	for word := range strings.SplitSeq(text, "&") {
		if word == "" {
			continue
		}
		field, value, _ := strings.Cut(word, "=")
		field, err1 := url.QueryUnescape(field)
		value, err2 := url.QueryUnescape(value)
		_, isAttribute := attributes[field]
		_, isMore := more[field]
		switch {
		case err1 != nil || err2 != nil:
			return nil, fmt.Errorf("where: %q is not written as part of an address", word)
		case !isAttribute && !isMore:
			return nil, fmt.Errorf("where: calls have no %q", field)
		case len(w) == maxTerms:
			return nil, fmt.Errorf("where: there are more than %d terms", maxTerms)
		}
		w = append(w, Term{field, value})
	}
	return w, nil
}

// String writes it, so that ParseWhere reads it.
func (w Where) String() string {
	words := make([]string, len(w))
	for i, t := range w {
		words[i] = url.QueryEscape(t.Field) + "=" + url.QueryEscape(t.Value)
	}
	return strings.Join(words, "&")
}

// and adds terms.
func (w Where) and(more ...Term) Where { return append(slices.Clone(w), more...) }

// has tells whether there is a term about a field.
func (w Where) has(field string) bool {
	return slices.ContainsFunc(w, func(t Term) bool { return t.Field == field })
}

// takes tells whether all terms are true of a call.
func (w Where) takes(r *run, c *call) bool {
	for _, t := range w {
		if is, ok := more[t.Field]; ok {
			if !is(r, c, t.Value) {
				return false
			}
			continue
		}
		if !slices.Contains(attributes[t.Field].of(r, c), t.Value) {
			return false
		}
	}
	return true
}
