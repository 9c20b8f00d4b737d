package ledger

import (
	"testing"
	"time"
)

func TestFollowing(t *testing.T) {
	when := time.Date(2026, 1, 30, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		period string
		now    time.Time
		want   string
	}{
		{"", when, ""},
		{"sometimes", when, ""},
		{"5", when, ""},
		{"day", when, "2026-01-31 08:00:00"},
		{"day", when.AddDate(0, 0, 40), "2026-03-12 08:00:00"},
		{"week", when.AddDate(0, 0, 8), "2026-02-13 08:00:00"},
		{"year", when.Add(time.Hour), "2027-01-30 08:00:00"},
		{"10", when, "2026-01-30 08:00:10"},
		{"10", when.Add(9 * time.Second), "2026-01-30 08:00:10"},
		{"10", when.Add(10 * time.Second), "2026-01-30 08:00:20"},
		{"10", when.AddDate(50, 0, 0), "2076-01-30 08:00:10"},
	} {
		next, ok := following(when, c.period, c.now)
		got := ""
		if ok {
			got = next.UTC().Format(time.DateTime)
		}
		if got != c.want {
			t.Errorf("%q at %s: %s, want %s", c.period, c.now, got, c.want)
		}
	}
}
