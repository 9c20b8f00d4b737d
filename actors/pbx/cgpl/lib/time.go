package lib

import (
	"strings"
	"time"

	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// times has the second part of section 2.3. A timestamp is a moment; its calendar is read in GMT, and
// local time is a timestamp that was moved by the offset of the zone. The remote past and the remote
// future, and what lies before the year 1 or after 9999, have the year 0 or 9999 and no other calendar:
// there the functions give null.
var times = []cgpl.Builtin{
	is("IsDate", object.KindDate),
	{Name: "Date", Min: 1, Max: 1, Call: date},
	{Name: "GMTTime", Call: func(c *call) (object.Value, error) { return now(c) }},
	{Name: "LocalTime", Call: func(c *call) (object.Value, error) {
		t, err := now(c)
		return toLocal(c, t), err
	}},
	{Name: "GMTToLocal", Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		return toLocal(c, c.Arg(0)), nil
	}},
	{Name: "LocalToGMT", Min: 1, Max: 1, Call: localToGMT},
	{Name: "Year", Min: 1, Max: 1, Call: year},
	{Name: "Month", Min: 1, Max: 1, Call: month},
	calendar("WeekDay", func(t time.Time) object.Value { return object.String(t.Weekday().String()[:3]) }),
	calendar("MonthNum", func(t time.Time) object.Value { return object.Number(int64(t.Month())) }),
	calendar("MonthDay", func(t time.Time) object.Value { return object.Number(int64(t.Day())) }),
	calendar("YearDay", func(t time.Time) object.Value { return object.Number(int64(t.YearDay())) }),
	calendar("Hour", func(t time.Time) object.Value { return object.Number(int64(t.Hour())) }),
	calendar("Minute", func(t time.Time) object.Value { return object.Number(int64(t.Minute())) }),
	calendar("Second", func(t time.Time) object.Value { return object.Number(int64(t.Second())) }),
	calendar("TimeOfDay", func(t time.Time) object.Value {
		return object.Number(int64(t.Hour()*3600 + t.Minute()*60 + t.Second()))
	}),
	calendar("DateNumber", func(t time.Time) object.Value { return object.Number(dayNumber(t.Unix())) }),
	{Name: "DateByMonthDay", Min: 3, Max: 3, Call: dateByMonthDay},
	{Name: "DateByYearDay", Min: 2, Max: 2, Call: dateByYearDay},
}

const secondsOfDay = 24 * 60 * 60

// dayNumber is the number of days since 1 Jan 1970.
func dayNumber(seconds int64) int64 {
	day := seconds / secondsOfDay
	if seconds%secondsOfDay < 0 {
		day--
	}
	return day
}

// calendar makes a function of a timestamp that has a calendar; null for anything else.
func calendar(name string, of func(time.Time) object.Value) cgpl.Builtin {
	return cgpl.Builtin{Name: name, Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		t, ok := moment(c.Arg(0))
		if !ok {
			return null, nil
		}
		return of(t), nil
	}}
}

func moment(v object.Value) (t time.Time, ok bool) {
	seconds, ok := v.Seconds()
	if !ok || object.Past(seconds) || object.Future(seconds) {
		return t, false
	}
	return time.Unix(seconds, 0).UTC(), true
}

func now(c *call) (object.Value, error) {
	clock, ok := c.Host.(Clock)
	if !ok {
		return null, cgpl.Throw("there is no clock here")
	}
	return object.Date(clock.Now().Unix()), nil
}

func zone(c *call) *time.Location {
	if clock, ok := c.Host.(Clock); ok && clock.Zone() != nil {
		return clock.Zone()
	}
	return time.UTC
}

func toLocal(c *call, v object.Value) object.Value {
	t, ok := moment(v)
	if !ok {
		return ifDate(v)
	}
	_, east := t.In(zone(c)).Zone()
	return object.Date(t.Unix() + int64(east))
}

// localToGMT takes the time that the clocks jump over as if they had not, and of an hour that comes
// twice one of the two.
func localToGMT(c *call) (object.Value, error) {
	t, ok := moment(c.Arg(0))
	if !ok {
		return ifDate(c.Arg(0)), nil
	}
	t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone(c))
	return object.Date(t.Unix()), nil
}

// ifDate is a timestamp without a calendar, which is the same in all zones; null for anything else.
func ifDate(v object.Value) object.Value {
	if v.Kind() == object.KindDate {
		return v
	}
	return null
}

func year(c *call) (object.Value, error) {
	seconds, ok := c.Arg(0).Seconds()
	switch {
	case !ok:
		return null, nil
	case object.Past(seconds):
		return object.Number(0), nil
	case object.Future(seconds):
		return object.Number(9999), nil
	}
	return object.Number(int64(time.Unix(seconds, 0).UTC().Year())), nil
}

func month(c *call) (object.Value, error) {
	n, ok := c.Arg(0).Int()
	if t, isDate := moment(c.Arg(0)); isDate {
		n, ok = int64(t.Month()), true
	}
	if !ok || n < 1 || n > 12 {
		return null, nil
	}
	return object.String(time.Month(n).String()[:3]), nil
}

func date(c *call) (object.Value, error) {
	v := c.Arg(0)
	switch v.Kind() {
	case object.KindDate:
		return v, nil
	case object.KindNumber:
		n, _ := v.Int()
		switch {
		case n == 0:
			return object.Date(object.RemotePast), nil
		case n < 0 || object.Future(min(n, 1<<40)*secondsOfDay):
			return object.Date(object.RemoteFuture), nil
		}
		return object.Date(n * secondsOfDay), nil
	case object.KindString:
		if seconds, ok := parseDate(v.Text()); ok {
			return object.Date(seconds), nil
		}
	}
	return null, nil
}

// layouts are the texts of a date that are understood, besides the text form of objects: those of
// XIMSS, of RFC 3339 and of mail. What has no zone is in GMT.
var layouts = []string{
	"20060102T150405Z", "20060102T150405", "20060102", time.RFC3339, "2006-01-02T15:04:05", "2006-01-02",
	"Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05 -0700",
	"2 Jan 2006 15:04:05 MST", "2 Jan 2006",
}

func parseDate(s string) (seconds int64, ok bool) {
	s = strings.TrimSpace(s)
	if len(s) > 64 {
		return 0, false
	}
	s = strings.TrimPrefix(s, "#T")
	switch {
	case strings.EqualFold(s, "past"):
		return object.RemotePast, true
	case strings.EqualFold(s, "future"):
		return object.RemoteFuture, true
	}
	if seconds, ok := object.ParseDate(s); ok {
		return seconds, true
	}
	for _, layout := range layouts {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		name, _ := t.Zone()
		if strings.HasSuffix(layout, "MST") && name != "UTC" && name != "GMT" && name != "UT" {
			continue // the offset of any other name is not known
		}
		return t.Unix(), !object.Past(t.Unix()) && !object.Future(t.Unix())
	}
	return 0, false
}

func dateByMonthDay(c *call) (object.Value, error) {
	y, okYear := c.Arg(0).Int()
	m, okMonth := c.Arg(1).Int()
	d, okDay := c.Arg(2).Int()
	if !okYear || !okMonth || !okDay || y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > 31 {
		return null, nil
	}
	t := time.Date(int(y), time.Month(m), int(d), 0, 0, 0, 0, time.UTC)
	if t.Day() != int(d) {
		return null, nil
	}
	return object.Date(t.Unix()), nil
}

func dateByYearDay(c *call) (object.Value, error) {
	y, okYear := c.Arg(0).Int()
	n, okDay := c.Arg(1).Int()
	if !okYear || !okDay || y < 1 || y > 9999 || n < 1 || n > 366 {
		return null, nil
	}
	t := time.Date(int(y), time.January, int(n), 0, 0, 0, 0, time.UTC)
	if t.Year() != int(y) {
		return null, nil
	}
	return object.Date(t.Unix()), nil
}
