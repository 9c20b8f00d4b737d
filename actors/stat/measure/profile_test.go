package measure

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestDaylightSaving: what the clock on the wall jumps over, and what it shows twice (ruling D-11).
func TestDaylightSaving(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here: ", err)
	}
	p, err := ParseProfile("Growing", "2:30", zone)
	if err != nil {
		t.Fatal(err)
	}
	var resets []string
	for _, day := range []time.Time{time.Date(2026, 3, 28, 12, 0, 0, 0, zone), time.Date(2026, 10, 24, 12, 0, 0, 0, zone)} {
		at := day.UnixMilli()
		for range 2 {
			at = p.Next(at)
			resets = append(resets, time.UnixMilli(at).UTC().Format("01-02 15:04"))
		}
	}
	// In March 2:00 is followed by 3:00 (1:00 UTC); in October 2:30 is first at 0:30 UTC.
	if got := strings.Join(resets, ", "); got != "03-29 01:00, 03-30 00:30, 10-25 00:30, 10-26 01:30" {
		t.Error(got)
	}
	if b := p.Begun(time.Date(2026, 10, 25, 12, 0, 0, 0, zone).UnixMilli()); time.UnixMilli(b).UTC().Format("15:04") != "00:30" {
		t.Error("begun at ", time.UnixMilli(b).UTC())
	}
	quarter, _ := ParseProfile("Growing", "0:00 +0:15", zone)
	n, at := 0, time.Date(2026, 10, 25, 0, 0, 0, 0, zone).UnixMilli()-1
	for end := time.Date(2026, 10, 26, 0, 0, 0, 0, zone).UnixMilli(); ; n++ {
		if at = quarter.Next(at); at >= end {
			break
		}
	}
	if n != 96 {
		t.Errorf("%d quarters of an hour, each of those that come twice once", n)
	}
}

func TestProfileErrors(t *testing.T) {
	for text, want := range map[string]string{
		"Growing 25:00": `"25:00" is no time`, "Growing 0:00 15": "is no step", "Growing 9:00, 8:00": "order of the day", "Growing ": "too few",
		"Growing 0:00 +0:00:00": "is no step", "Sliding 10": "window and sample", "Sliding 10,20": "window and sample", "Sliding 99999999,1": "a week",
		"Selection 0": "from 1 to", "SinceLogin 3": "has no value", "Weekly 1": "is neither",
	} {
		kind, value, _ := strings.Cut(text, " ")
		if _, err := ParseProfile(kind, value, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if p, err := ParseProfile("Growing", "never", nil); err != nil || p.Next(1) != 0 || p.Begun(1) != 0 {
		t.Errorf("never: %v", err)
	}
	if p, err := ParseProfile("Growing", "0:00 +1:00, 9:00 +0:15, 17:00", nil); err != nil || len(p.day(time.UnixMilli(0).UTC())) != 9+32+1 {
		t.Errorf("a day with several rhythms: %v, %v", p, err)
	}
}

// TestWindowsAgainstCounting plays random statuses and asks at random times: what a window says is what counting says.
func TestWindowsAgainstCounting(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 7))
	for range 300 {
		window := int64(1+dice.IntN(60)) * 1000
		d := func(d *Definition) { d.Exact, d.Profile = true, Profile{Kind: Sliding, Window: window, Sample: 1000} }
		number, length := stat(t, "TotalNumber", DNStatus, "CallInbound", "", d), stat(t, "TotalTime", DNStatus, "CallInbound", "", d)
		type stretch struct{ from, to int64 }
		var all []stretch
		at := int64(0)
		for id := range uint64(dice.IntN(40)) {
			at += dice.Int64N(9000)
			s := stretch{at, at + 1 + dice.Int64N(9000)}
			for _, m := range []*Meter{number, length} {
				begin(m, Fact{ID: id, Name: named("CallInbound"), At: s.from, With: bare{}})
				m.End(id, s.to)
			}
			all, at = append(all, s), s.to
		}
		now := at + dice.Int64N(70000)
		var n, sum float64
		for _, s := range all {
			if from := max(s.from, now-window, 0); s.to > from {
				n++
				sum += float64(s.to-from) / 1000
			}
		}
		near(t, fmt.Sprint("number ", window), number.Value(now).Number, n)
		near(t, fmt.Sprint("time ", window), length.Value(now).Number, sum)
	}
}

// FuzzTexts: masks, ranges and profiles, whatever is typed; resets go on.
func FuzzTexts(f *testing.F) {
	f.Add("*,~LoggedOut", "0-20", "Growing", "0:00 +0:15, 9:00", int64(1))
	f.Add("CallWait", "1.5-2", "Sliding", "3600,15", int64(-1))
	f.Fuzz(func(t *testing.T, mask, within, kind, value string, at int64) {
		if m, err := ParseMask(mask, DNAction); err == nil && m.Size() == 0 {
			t.Error("a mask of nothing")
		}
		if r, err := ParseRange(within); err == nil && r.has(int64(r.From*1000)-1000) {
			t.Error("what is below it is in it")
		}
		p, err := ParseProfile(kind, value, nil)
		at = 1e9 + int64(uint64(at)%4e12) // after 1970
		if err == nil && p.Kind == Growing && len(p.Resets) > 0 {
			if b, n := p.Begun(at), p.Next(at); b > at || n <= at {
				t.Errorf("%s: from %d to %d at %d", value, b, n, at)
			}
		}
	})
}

// TestCalendar: a calendar says what the profile says, whatever is asked in whatever order.
func TestCalendar(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here: ", err)
	}
	dice := rand.New(rand.NewPCG(1, 2))
	for _, text := range []string{"0:00", "2:30", "0:00 +0:15", "3:00 +1:00, 9:00 +0:30, 17:00", "23:59", "never"} {
		p, err := ParseProfile("Growing", text, zone)
		if err != nil {
			t.Fatal(err)
		}
		var c calendar
		at := time.Date(2026, 3, 27, 0, 0, 0, 0, zone).UnixMilli()
		for range 2000 {
			at += dice.Int64N(3*3600*1000) - 3600*1000/2
			if n := p.Next(at); n != 0 && dice.IntN(3) == 0 {
				at = n
			}
			if b, n := c.begun(&p, at), c.next(&p, at); b != p.Begun(at) || n != p.Next(at) {
				t.Fatalf("%s at %d: %d to %d, want %d to %d", text, at, b, n, p.Begun(at), p.Next(at))
			}
		}
	}
}
