package measure

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ProfileKind says how a statistic looks back.
type ProfileKind int

// Kinds, in the order of their wire codes.
const (
	Growing    ProfileKind = iota // from the last reset by the clock on
	SinceLogin                    // from the agent's login on
	Sliding                       // a stretch of time up to now
	Selection                     // the last facts
)

// Profile is a time profile (reference statserver.md 3.6).
type Profile struct {
	Kind   ProfileKind
	Resets []Reset        // of Growing, in the order of the day; none: it never begins anew
	Zone   *time.Location // of Growing; nil: UTC
	Window int64          // of Sliding, milliseconds
	Sample int64          // of Sliding: how often it is told
	Last   int            // of Selection
}

// Reset begins anew at a time of the day and then every so often, until the next Reset or the end of the day. Every is 0
// where it does so once.
type Reset struct{ At, Every time.Duration }

// Limits of profiles.
const (
	maxResets    = 48
	maxWindow    = 7 * 24 * 3600 * 1000
	maxSelection = 10000
	shortestStep = time.Second
)

// DefaultProfile begins anew at midnight.
var DefaultProfile = Profile{Kind: Growing, Resets: []Reset{{}}}

// ParseProfile reads what stands behind Name,Type in an installation's profiles.
//
//	Growing      0:00, or 0:00 +0:15, or 0:00 +0:15, 9:00 +1:00; never
//	Sliding      3600,15: seconds, and the sample
//	Selection    10
//	SinceLogin
func ParseProfile(kind, value string, zone *time.Location) (p Profile, err error) {
	p.Zone = zone
	switch value = strings.TrimSpace(value); kind {
	case "Growing":
		p.Resets, err = parseResets(value)
	case "SinceLogin":
		p.Kind = SinceLogin
		if value != "" {
			err = fmt.Errorf("time profile: SinceLogin has no value, not %q", value)
		}
	case "Sliding":
		p.Kind = Sliding
		p.Window, p.Sample, err = parseWindow(value)
	case "Selection":
		p.Kind = Selection
		p.Last, err = strconv.Atoi(value)
		if err != nil || p.Last < 1 || p.Last > maxSelection {
			err = fmt.Errorf("time profile: Selection %q is no number of facts from 1 to %d", value, maxSelection)
		}
	default:
		err = fmt.Errorf("time profile: %q is neither Growing, SinceLogin, Sliding nor Selection", kind)
	}
	return p, err
}

func parseWindow(value string) (window, sample int64, err error) {
	w, s, ok := strings.Cut(value, ",")
	window, errW := strconv.ParseInt(strings.TrimSpace(w), 10, 64)
	sample, errS := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if !ok || errW != nil || errS != nil || sample < 1 || sample > window || window*1000 > maxWindow {
		return 0, 0, fmt.Errorf("time profile: Sliding %q is no window and sample in seconds, such as 3600,15; a week at most", value)
	}
	return window * 1000, sample * 1000, nil
}

func parseResets(value string) (all []Reset, err error) {
	if value == "never" {
		return nil, nil
	}
	wrong := func(what string) ([]Reset, error) {
		return nil, fmt.Errorf("time profile: Growing %q: %s; write times such as 0:00 +0:15, 9:00 +1:00, or never", value, what)
	}
	for part := range strings.SplitSeq(value, ",") {
		words := strings.Fields(part)
		if len(words) == 0 || len(words) > 2 || len(all) == maxResets {
			return wrong("too few or too many words")
		}
		var r Reset
		if r.At, err = hours(words[0]); err != nil {
			return wrong(err.Error())
		}
		if len(words) == 2 {
			step, ok := strings.CutPrefix(words[1], "+")
			if r.Every, err = hours(step); err != nil || !ok || r.Every < shortestStep {
				return wrong(fmt.Sprintf("%q is no step", words[1]))
			}
		}
		if n := len(all); n > 0 && r.At <= all[n-1].At {
			return wrong("times are in the order of the day")
		}
		all = append(all, r)
	}
	return all, nil
}

// hours reads h:mm or h:mm:ss, less than a day.
func hours(text string) (d time.Duration, err error) {
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return 0, fmt.Errorf("%q is no time", text)
	}
	unit := time.Hour
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || i == 0 && n > 23 || i > 0 && n > 59 {
			return 0, fmt.Errorf("%q is no time", text)
		}
		d += time.Duration(n) * unit
		unit /= 60
	}
	return d, nil
}

// Begun is when the interval of a Growing profile has begun that holds a moment, and Next when the next one does; 0 is
// never. Resets are by the clock on the wall (ruling D-11): one in an hour that does not exist is at the first moment
// behind it, one in an hour that comes twice is at the first of the two.
func (p *Profile) Begun(at int64) (begun int64) {
	if p.Kind != Growing {
		return 0
	}
	day := time.UnixMilli(at).In(p.zone())
	for back := range 3 {
		for _, t := range p.day(day.AddDate(0, 0, -back)) {
			if t <= at {
				begun = max(begun, t)
			}
		}
		if begun != 0 {
			break
		}
	}
	return begun
}

// Next: see Begun.
func (p *Profile) Next(at int64) int64 {
	if p.Kind != Growing {
		return 0
	}
	day := time.UnixMilli(at).In(p.zone())
	for ahead := range 3 {
		for _, t := range p.day(day.AddDate(0, 0, ahead)) {
			if t > at {
				return t
			}
		}
	}
	return 0
}

func (p *Profile) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}

// day are the resets of the day of a moment, in order.
func (p *Profile) day(of time.Time) (all []int64) {
	year, month, date := of.Date()
	for i, r := range p.Resets {
		until := 24 * time.Hour
		if i+1 < len(p.Resets) {
			until = p.Resets[i+1].At
		}
		for at := r.At; at < until; at += r.Every {
			t := wall(year, month, date, at, p.zone()).UnixMilli()
			if n := len(all); n == 0 || t > all[n-1] {
				all = append(all, t)
			}
			if r.Every == 0 {
				break
			}
		}
	}
	return all
}

// wall is when the clock on the wall shows a time of a day for the first time, or jumps over it.
func wall(year int, month time.Month, date int, at time.Duration, zone *time.Location) time.Time {
	t := time.Date(year, month, date, 0, 0, 0, int(at), zone) // of two it may be either; where there is none it is beside it
	_, offset := t.Zone()
	if shown(t) != at { // jumped over: the first moment behind the gap
		for probe := t.Add(-3 * time.Hour); ; probe = probe.Add(time.Minute) {
			if _, o := probe.Zone(); o != zoneOffset(t.Add(-3*time.Hour)) {
				return probe
			}
			if probe.Sub(t) > 3*time.Hour {
				return t
			}
		}
	}
	for _, earlier := range []time.Duration{time.Hour, 30 * time.Minute} { // shown twice: the first time
		before := t.Add(-earlier)
		if _, o := before.Zone(); o > offset && shown(before) == at {
			return before
		}
	}
	return t
}

func zoneOffset(t time.Time) int { _, o := t.Zone(); return o }

// shown is the time of the day that the clock shows.
func shown(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second +
		time.Duration(t.Nanosecond())
}
