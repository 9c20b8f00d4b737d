package conf

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
)

var (
	durationType = reflect.TypeFor[time.Duration]()
	secretType   = reflect.TypeFor[Secret]()
)

// problem says what is wrong with a value and what would be right.
type problem struct{ wrong, right string }

// parse reads one value that is no list: a text, a secret, a duration, a number, true or false.
func parse(s string, t reflect.Type, unit string) (any, *problem) {
	switch {
	case t == durationType:
		d, err := time.ParseDuration(s)
		if err != nil {
			return nil, &problem{quote(s) + " is no duration", "a number with its unit, such as 500ms, 30s or 1h"}
		}
		return d, nil
	case t.Kind() == reflect.String:
		if t != secretType && strings.ContainsFunc(s, unicode.IsControl) {
			return nil, &problem{quote(s) + " holds a control character", "plain text on one line"}
		}
		return reflect.ValueOf(s).Convert(t).Interface(), nil
	case t.Kind() == reflect.Bool:
		if s != "true" && s != "false" {
			return nil, &problem{quote(s) + " is neither true nor false", "true or false"}
		}
		return s == "true", nil
	}
	n, err := parseNumber(s, unit, t.Bits())
	if err != nil {
		right := "digits, such as 5060"
		if unit == "bytes" {
			right = "a number of bytes, such as 65536 or 64KiB"
		}
		return nil, &problem{quote(s) + " is no whole number", right}
	}
	return reflect.ValueOf(n).Convert(t).Interface(), nil
}

// multiples of bytes, as they may be written.
var multiples = []struct {
	suffix string
	bits   uint
}{{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}, {"PiB", 50}}

func parseNumber(s, unit string, bits int) (int64, error) {
	shift := uint(0)
	if unit == "bytes" {
		for _, m := range multiples {
			if rest, ok := strings.CutSuffix(s, m.suffix); ok {
				s, shift = rest, m.bits
			}
		}
	}
	n, err := strconv.ParseInt(s, 10, bits)
	if err == nil && n<<shift>>shift != n {
		err = strconv.ErrRange
	}
	return n << shift, err
}

// text writes a value on one line as a file would hold it, secrets masked.
func text(v any) string { return flow(node(reflect.ValueOf(v))) }

// durationText drops the zero parts that time.Duration prints: 1h, not 1h0m0s.
func durationText(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// quote shows a value that somebody wrote, cut where it would flood the screen.
func quote(s string) string {
	s = maskPasswords(s)
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "..."
	}
	return fmt.Sprintf("%q", s)
}

// equal compares two values of one setting; an empty list equals none.
func equal(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	if x.Kind() == reflect.Slice && x.Len() == 0 && y.Len() == 0 {
		return true
	}
	return reflect.DeepEqual(a, b)
}

// nearest finds the word most like s, or "" if none is alike.
func nearest(s string, words []string) string {
	best, least := "", 1+len(s)/3
	for _, w := range words {
		if d := distance(s, w); d <= least {
			best, least = w, d-1
		}
	}
	return best
}

// distance counts the letters to insert, delete, replace or swap to make b of a.
func distance(a, b string) int {
	if len(a) > 100 {
		return len(a)
	}
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		two, last, row := rows[0], rows[1], rows[2]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(last[j]+1, row[j-1]+1, change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], two[j-2]+1)
			}
		}
		rows[0], rows[1], rows[2] = last, row, two
	}
	return rows[1][len(b)]
}
