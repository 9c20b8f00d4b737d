package block

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"tandem/actors/queuelog/report"
)

// FieldError says which field of a question is wrong, and how.
type FieldError struct {
	Field string
	Value string
	What  string
}

func (e *FieldError) Error() string { return fmt.Sprintf("%s %q %s", e.Field, e.Value, e.What) }

// maxWords is how many values one field has.
const maxWords = 5000

// field reads one field of a question into an Ask.
type reader func(a *Ask, values []string) error

// fields are all of a question, by the name that an address, a form or a command line has for it. Several values of a
// list come one by one, or with bars between.
var fields = map[string]reader{
	"queues":        list(func(a *Ask) *[]string { return &a.Queues }),
	"agents":        list(func(a *Ask) *[]string { return &a.Agents }),
	"servers":       list(func(a *Ask) *[]string { return &a.Servers }),
	"billable":      list(func(a *Ask) *[]string { return &a.Billable }),
	"payable":       list(func(a *Ask) *[]string { return &a.Payable }),
	"sales":         list(func(a *Ask) *[]string { return &a.Sales }),
	"contacts":      list(func(a *Ask) *[]string { return &a.Contacts }),
	"qualified":     list(func(a *Ask) *[]string { return &a.Qualified }),
	"within":        length(func(a *Ask) *int64 { return &a.Within }),
	"short_wait":    length(func(a *Ask) *int64 { return &a.ShortWait }),
	"short_talk":    length(func(a *Ask) *int64 { return &a.ShortTalk }),
	"short_attempt": length(func(a *Ask) *int64 { return &a.ShortAttempt }),
	"effective":     length(func(a *Ask) *int64 { return &a.Effective }),
	"whole":         truth(func(a *Ask) *bool { return &a.Whole }),
	"joined":        truth(func(a *Ask) *bool { return &a.Joined }),
	"area":          whole(1, 20, "is no number of digits: 1 to 20", func(a *Ask) *int { return &a.AreaDigits }),
	"rows":          whole(1, maxRows, "is no number of rows: 1 to 10000", func(a *Ask) *int { return &a.Rows }),
	"group":         places(func(a *Ask) *map[string]string { return &a.Groups }),
	"location":      places(func(a *Ask) *map[string]string { return &a.Locations }),
	"level":         places(func(a *Ask) *map[string]string { return &a.Levels }),
	"slot":          readSlot,
	"direction":     readDirection,
	"composite":     readComposites,
	"where":         readWhere,
	"steps":         readSteps,
}

// Fields tells whether a question has a field of that name.
func Fields(name string) bool {
	_, ok := fields[name]
	return ok || name == "from" || name == "to" || name == "zone"
}

// Parse reads a question. What is not a field of one is left alone. Without "within" it is 20 seconds. The error is a
// *FieldError.
func Parse(values map[string][]string) (a Ask, err error) {
	a = Ask{Ask: report.Ask{Within: 20}, Zone: time.UTC, Steps: usualSteps}
	if name := first(values["zone"]); name != "" {
		if a.Zone, err = time.LoadLocation(name); err != nil || name == "Local" {
			return a, &FieldError{"zone", name, "is no time zone: UTC, or a place such as Europe/Berlin"}
		}
	}
	if a.From, err = moment("from", first(values["from"]), a.Zone); err != nil {
		return a, err
	}
	if a.To, err = moment("to", first(values["to"]), a.Zone); err != nil {
		return a, err
	}
	if a.To != 0 && a.From >= a.To {
		return a, &FieldError{"to", first(values["to"]), "is not after from"}
	}
	for name, read := range fields {
		given := words(values[name])
		if len(given) == 0 {
			continue
		}
		if len(given) > maxWords {
			return a, &FieldError{name, "", fmt.Sprintf("has more than %d values", maxWords)}
		}
		if err := read(&a, given); err != nil {
			return a, named(err, name)
		}
	}
	return a, nil
}

// named puts the name of its field into an error.
func named(err error, name string) error {
	if f, ok := err.(*FieldError); ok {
		f.Field = name
	}
	return err
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return strings.TrimSpace(values[0])
}

// words drops empty values.
func words(values []string) (kept []string) {
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" {
			kept = append(kept, v)
		}
	}
	return kept
}

// forms are how times are written; the one with a point is that of QueueMetrics.
var forms = []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05",
	"2006-01-02.15:04:05", "2006-01-02.15:04"}

// moment reads a day or a time of a day; 0: none is given.
func moment(field, text string, zone *time.Location) (int64, error) {
	if text == "" {
		return 0, nil
	}
	for _, form := range forms {
		if at, err := time.ParseInLocation(form, text, zone); err == nil && at.Unix() > 0 {
			return at.Unix(), nil
		}
	}
	return 0, &FieldError{field, text, "is no time: 2026-01-31, 2026-01-31T14:00 or 2026-01-31T14:00:05"}
}

func list(of func(*Ask) *[]string) reader {
	return func(a *Ask, values []string) error {
		for _, v := range values {
			*of(a) = append(*of(a), words(strings.Split(v, "|"))...)
		}
		// As in the interfaces of others, a star stands for all.
		if all := *of(a); len(all) == 1 && all[0] == "*" {
			*of(a) = nil
		}
		return nil
	}
}

// length reads seconds, or a length with its unit: 20, 20s, 1m30s.
func length(of func(*Ask) *int64) reader {
	return func(a *Ask, values []string) error {
		if n, err := strconv.ParseInt(values[0], 10, 32); err == nil && n >= -1 { // -1: others say "none" by it
			*of(a) = max(n, 0)
			return nil
		}
		d, err := time.ParseDuration(values[0])
		if err != nil || d < 0 {
			return &FieldError{Value: values[0], What: "is no length of time: 20, 20s or 1m30s"}
		}
		*of(a) = int64(d / time.Second)
		return nil
	}
}

func truth(of func(*Ask) *bool) reader {
	return func(a *Ask, values []string) error {
		switch strings.ToLower(values[0]) {
		case "yes", "true", "1", "on":
			*of(a) = true
		case "no", "false", "0", "off":
			*of(a) = false
		default:
			return &FieldError{Value: values[0], What: "is neither yes nor no"}
		}
		return nil
	}
}

func whole(least, most int, what string, of func(*Ask) *int) reader {
	return func(a *Ask, values []string) error {
		n, err := strconv.Atoi(values[0])
		if err != nil || n < least || n > most {
			return &FieldError{Value: values[0], What: what}
		}
		*of(a) = n
		return nil
	}
}

func readSlot(a *Ask, values []string) error {
	text := strings.TrimSuffix(values[0], "m")
	n, err := strconv.Atoi(text)
	if d, e := time.ParseDuration(values[0]); err != nil && e == nil {
		n, err = int(d/time.Minute), nil
	}
	if err != nil || n < 1 || n > 1440 || 1440%n != 0 {
		return &FieldError{Value: values[0], What: "is no number of minutes that divides a day: 15, 30, 60"}
	}
	a.Slot = n
	return nil
}

func readDirection(a *Ask, values []string) error {
	switch values[0] {
	case In, Out, Both:
		a.Direction = values[0]
		return nil
	}
	return &FieldError{Value: values[0], What: "is no direction: in, out or both"}
}

// places reads what agents belong to: NAME=AGENT|AGENT.
func places(of func(*Ask) *map[string]string) reader {
	return func(a *Ask, values []string) error {
		*of(a) = map[string]string{}
		for _, v := range values {
			name, members, err := pair(v)
			if err != nil {
				return err
			}
			for _, m := range members {
				(*of(a))[m] = name
			}
		}
		return nil
	}
}

func readComposites(a *Ask, values []string) error {
	a.Composites = map[string][]string{}
	for _, v := range values {
		name, members, err := pair(v)
		if err != nil {
			return err
		}
		a.Composites[name] = members
	}
	return nil
}

func pair(text string) (name string, members []string, err error) {
	name, rest, ok := strings.Cut(text, "=")
	if members = words(strings.Split(rest, "|")); !ok || name == "" || len(members) == 0 {
		return "", nil, &FieldError{Value: text, What: "is not a name, '=' and what belongs to it: NAME=A|B"}
	}
	return name, members, nil
}

func readWhere(a *Ask, values []string) error {
	for _, v := range values {
		w, err := ParseWhere(v)
		if err != nil {
			return &FieldError{Value: v, What: "is not understood: " + err.Error()}
		}
		a.Where = append(a.Where, w...)
	}
	return nil
}

// readSteps reads the limits of service level: every first up to firstTo, then every next up to to.
func readSteps(a *Ask, values []string) error {
	parts := strings.Split(values[0], ",")
	var n [4]int64
	for i := range n {
		var err error
		if len(parts) == len(n) {
			n[i], err = strconv.ParseInt(strings.TrimSpace(parts[i]), 10, 32)
		}
		if len(parts) != len(n) || err != nil || n[i] < 1 {
			return &FieldError{Value: values[0], What: "are not four numbers of seconds: 5,20,10,120 is every 5 up to 20, then every 10 up to 120"}
		}
	}
	a.Steps = Steps{n[0], n[1], n[2], n[3]}
	return nil
}
