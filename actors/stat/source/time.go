package source

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Time is a moment in milliseconds since 1970. A file has it in seconds, 850.5, or as a date, "2026-01-31T10:07:30.5Z".
type Time int64

// latest is the last second that a file may have: that of the year 9999.
const latest = 253402300799

// UnmarshalJSON reads seconds or a date.
func (t *Time) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(text, []byte(`"`)) {
		var s string
		if err := json.Unmarshal(text, &s); err != nil {
			return err
		}
		at, err := time.Parse(time.RFC3339Nano, s)
		if err != nil || at.Unix() < 0 || at.Unix() > latest {
			return fmt.Errorf("%q is no time: write seconds, 850.5, or a date, 2026-01-31T10:07:30Z", s)
		}
		*t = Time(at.UnixMilli())
		return nil
	}
	s, err := strconv.ParseFloat(string(text), 64)
	if err != nil || !(s >= 0 && s <= latest) {
		return fmt.Errorf("%s is no time: write seconds, 850.5, or a date, \"2026-01-31T10:07:30Z\"", text)
	}
	*t = Time(math.Round(s * 1000))
	return nil
}

// MarshalJSON writes seconds.
func (t Time) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(t)/1000, 'f', -1, 64), nil
}
