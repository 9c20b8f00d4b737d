package signal

import (
	"fmt"
	"strings"
	"time"
)

// clock is a condition on the time, in the server's zone. Its values are moments or spans, "from-to" or
// one alone, both ends included; "in" takes a list of them.
type clock struct {
	now   func(time.Time) int64      // the present moment as a number
	parse func(string) (int64, bool) // a moment of the value as such a number
	span  string                     // what stands between the ends of a span
	wraps bool                       // a span may go over the end: 22:00-06:00, Fri-Mon
	form  string                     // what a value looks like, for those who wrote another
}

var timeOfDay = clock{span: "-", wraps: true, form: "8:30, 17:15 or 5:15pm, 22:00-06:00",
	now:   func(t time.Time) int64 { return int64(t.Hour()*60 + t.Minute()) },
	parse: parseTimeOfDay}

var currentDay = clock{span: "-", wraps: true, form: "Mon, Monday, Mon-Fri",
	now:   func(t time.Time) int64 { return int64(t.Weekday()) },
	parse: parseDay}

var currentDate = clock{span: " - ", form: "24 Dec 2026, 2026-12-24, 2026-12-24 - 2027-01-06",
	now:   func(t time.Time) int64 { return day(t) },
	parse: parseDate}

// check refuses a value that is no moment.
func (c *clock) check(cond Condition) error {
	for part := range strings.SplitSeq(cond.Value, ",") {
		if _, _, ok := c.ends(part); !ok {
			return fmt.Errorf("%s %s %q: write %s", cond.Subject, cond.Operator, part, c.form)
		}
	}
	return nil
}

// ends are the first and the last moment of a span.
func (c *clock) ends(part string) (from, to int64, ok bool) {
	first, last, isSpan := strings.Cut(part, c.span)
	from, ok = c.parse(strings.TrimSpace(first))
	if !isSpan || !ok {
		return from, from, ok
	}
	to, ok = c.parse(strings.TrimSpace(last))
	return from, to, ok && (c.wraps || from <= to)
}

func (c *clock) holds(cond Condition, now time.Time) bool {
	if c.check(cond) != nil {
		return false
	}
	n := c.now(now)
	switch cond.Operator {
	case "is", "in":
		return c.within(cond.Value, n)
	case "is not", "not in":
		return !c.within(cond.Value, n)
	case "greater than":
		_, to, _ := c.ends(cond.Value)
		return n > to
	case "less than":
		from, _, _ := c.ends(cond.Value)
		return n < from
	}
	return false
}

func (c *clock) within(list string, n int64) bool {
	for part := range strings.SplitSeq(list, ",") {
		from, to, _ := c.ends(part)
		if from <= to && n >= from && n <= to || from > to && (n >= from || n <= to) {
			return true
		}
	}
	return false
}

// day numbers the days of the calendar.
func day(t time.Time) int64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

func parseTimeOfDay(s string) (int64, bool) {
	for _, form := range []string{"15:04", "3:04pm", "3pm"} {
		if t, err := time.Parse(form, strings.ToLower(strings.ReplaceAll(s, " ", ""))); err == nil {
			return int64(t.Hour()*60 + t.Minute()), true
		}
	}
	return 0, false
}

func parseDay(s string) (int64, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if name := d.String(); strings.EqualFold(s, name) || strings.EqualFold(s, name[:3]) {
			return int64(d), true
		}
	}
	return 0, false
}

func parseDate(s string) (int64, bool) {
	for _, form := range []string{"2 Jan 2006", "2006-01-02"} {
		if t, err := time.Parse(form, s); err == nil {
			return day(t), true
		}
	}
	return 0, false
}
