package ximss

import (
	"math"
	"slices"
	"strconv"

	"tandem/ximss/object"
)

// StatRequest is a statistic as a client asks for it: over which object, and what it is; see stat.Request.
type StatRequest struct {
	Object, Type, Category, Subject, Main, Relative, Profile, Zone, Range, Range2, Filter, Formula string
	Distinct, Exact, InProgress, BackFill                                                          bool
	Solution                                                                                       string
}

// StatFollowing is how a client wants to be told of a statistic.
type StatFollowing struct {
	Mode          string
	Insensitivity float64
	Frequency     int // seconds
}

// StatValue is what a statistic comes to. Times are milliseconds since 1970.
type StatValue struct {
	ID, Object          string
	Number              float64
	Empty, Whole, Valid bool
	At, Since, Complete int64
	Age                 int64 // ms since the last fact; -1: there was none
	State               *StatState
	Warnings            []string // of an opening
}

// StatState is what an object and its parts are doing.
type StatState struct {
	Object, Status string
	Since          int64
	Pairs          map[string]string // attached to its status
	Actions        []StatDoing
	Parts          []StatState
}

// StatDoing is an action that goes on.
type StatDoing struct {
	Name, Conn string
	Since      int64
}

// StatEvent is one thing that a client is told of a statistic: value, reset (the last value before it), invalid, valid, gone,
// or, of none of them, overflow: some were missed, and all values follow; or names: requests may use these from now on.
type StatEvent struct {
	Kind  string
	Value StatValue
	Names *StatNames // of names
}

// StatNames are the names that requests may use.
type StatNames struct {
	Types                     map[string]StatRequest
	Profiles, Ranges, Filters map[string]string
	Categories                []string
}

// StatModes are the ways of being told; the first one is meant where none is said.
var StatModes = []string{"ChangesBased", "TimeBased", "ResetBased", "NoNotification"}

// maxStatFrequency is the longest time between two values, in seconds.
const maxStatFrequency = 86_400

// ErrStatistic is of a statistic that the session has not opened, or that there is not.
var ErrStatistic = &Error{NumStatistic, "statistic not found"}

// words are the texts of a request by their attributes.
func (q *StatRequest) words() map[string]*string {
	return map[string]*string{"object": &q.Object, "statType": &q.Type, "category": &q.Category, "subject": &q.Subject, "mainMask": &q.Main,
		"relativeMask": &q.Relative, "timeProfile": &q.Profile, "zone": &q.Zone, "timeRange": &q.Range, "timeRange2": &q.Range2,
		"filter": &q.Filter, "formula": &q.Formula, "solution": &q.Solution}
}

// ReadStatOpen reads what a statOpen asks for, and how it is to be told. What a definition means is not looked at.
func ReadStatOpen(x *object.XML) (q StatRequest, f StatFollowing, err *Error) {
	for name, to := range q.words() {
		*to = x.Attr(name)
	}
	q.Distinct, q.Exact, q.InProgress = IsOn(x.Attr("distinct")), IsOn(x.Attr("exact")), IsOn(x.Attr("inProgress"))
	q.BackFill = IsOn(x.Attr("backFill"))
	if q.Object == "" || q.Type == "" && q.Category == "" {
		return q, f, ErrMissing
	}
	if f.Mode = x.Attr("mode"); f.Mode == "" {
		f.Mode = StatModes[0]
	}
	if !slices.Contains(StatModes, f.Mode) {
		return q, f, Fail(NumMalformed, "mode is one of ChangesBased, TimeBased, ResetBased, NoNotification")
	}
	if text := x.Attr("insensitivity"); text != "" {
		n, bad := strconv.ParseFloat(text, 64)
		if f.Insensitivity = n; bad != nil || !(n >= 0) || math.IsInf(n, 0) {
			return q, f, Fail(NumMalformed, "insensitivity is a number that is not below 0")
		}
	}
	if text := x.Attr("frequency"); text != "" || f.Mode == "TimeBased" {
		n, bad := strconv.Atoi(text)
		if f.Frequency = n; bad != nil || n < 1 || n > maxStatFrequency {
			return q, f, Fail(NumMalformed, "frequency is a number of seconds from 1 to %d", maxStatFrequency)
		}
	}
	return q, f, nil
}

// ReadStatMoment reads the moment for which a statPeek asks: ms since 1970, 0 for now.
func ReadStatMoment(x *object.XML) (int64, *Error) {
	text := x.Attr("time")
	if text == "" {
		return 0, nil
	}
	at, bad := strconv.ParseInt(text, 10, 64)
	if bad != nil || at < 0 {
		return 0, Fail(NumMalformed, "time is milliseconds since 1970")
	}
	return at, nil
}

// Message is an event as a client is told it: statInfo, statInvalid, statValid, statProfile or statError.
func (e StatEvent) Message() *object.XML {
	switch e.Kind {
	case "overflow":
		return Message("statError", "errorText", "changes were missed; the values as they are follow", "errorNum", num(NumLimit))
	case "names":
		return e.Names.Message()
	case "gone":
		return StatFault(e.Value.ID, &Error{NumStatistic, "the statistic was dropped"})
	case "invalid", "valid":
		x := e.Value.Message()
		x.Type = map[string]string{"invalid": "statInvalid", "valid": "statValid"}[e.Kind]
		return x
	}
	x := e.Value.Message()
	if e.Kind == "reset" {
		x.SetAttribute("reset", "", "1")
	}
	return x
}

// StatFault is the message that something is wrong with a statistic.
func StatFault(id string, err *Error) *object.XML {
	return Message("statError", "statistic", id, "errorText", err.Text, "errorNum", num(err.Num))
}

// Message is a value as a client is told it.
func (v StatValue) Message() *object.XML {
	x := Message("statInfo", "statistic", v.ID, "object", v.Object, "value", strconv.FormatFloat(v.Number, 'f', -1, 64),
		"time", moment(v.At), "since", moment(v.Since), "complete", moment(v.Complete), "empty", mark(v.Empty), "invalid", mark(!v.Valid))
	if v.Age >= 0 {
		x.SetAttribute("age", "", strconv.FormatInt(v.Age, 10))
	}
	if v.State != nil {
		x.Add(v.State.element().Value())
	}
	for _, w := range v.Warnings {
		x.Add(WithText(Message("warning"), w).Value())
	}
	return x
}

// moment is ms since 1970, also those that are 0.
func moment(ms int64) string { return strconv.FormatInt(ms, 10) }

// mark is a switch that is on, or nothing.
func mark(on bool) string {
	if on {
		return "1"
	}
	return ""
}

func (s *StatState) element() *object.XML {
	x := Message("state", "object", s.Object, "status", s.Status)
	if s.Since != 0 {
		x.SetAttribute("since", "", moment(s.Since))
	}
	for _, key := range sortedKeys(s.Pairs) {
		x.Add(Message("pair", "key", key, "value", s.Pairs[key]).Value())
	}
	for _, a := range s.Actions {
		x.Add(Message("action", "name", a.Name, "conn", a.Conn, "since", moment(a.Since)).Value())
	}
	for i := range s.Parts {
		x.Add(s.Parts[i].element().Value())
	}
	return x
}

// Message is the names that requests may use: statProfile.
func (n StatNames) Message() *object.XML {
	x := Message("statProfile")
	for _, name := range sortedKeys(n.Types) {
		t := n.Types[name]
		c := Message("statType", "name", name)
		for _, word := range []string{"category", "subject", "mainMask", "relativeMask", "timeProfile", "zone", "timeRange", "timeRange2", "filter", "formula"} {
			if text := *t.words()[word]; text != "" {
				c.SetAttribute(word, "", text)
			}
		}
		x.Add(c.Value())
	}
	for _, of := range []struct {
		word  string
		named map[string]string
	}{{"timeProfile", n.Profiles}, {"timeRange", n.Ranges}, {"filter", n.Filters}} {
		for _, name := range sortedKeys(of.named) {
			x.Add(Message(of.word, "name", name, "value", of.named[name]).Value())
		}
	}
	for _, name := range n.Categories {
		x.Add(Message("category", "name", name).Value())
	}
	return x
}
