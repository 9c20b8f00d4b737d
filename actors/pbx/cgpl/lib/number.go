package lib

import (
	"crypto/rand"
	"encoding/binary"
	"math"
	"strings"

	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// numbers has the first part of section 2.3.
var numbers = []cgpl.Builtin{
	is("IsNumber", object.KindNumber),
	{Name: "Number", Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		if c.Arg(0).IsNumber() {
			return c.Arg(0), nil
		}
		return object.Number(leading(c.Arg(0).Text())), nil
	}},
	{Name: "RandomNumber", Call: func(*call) (object.Value, error) {
		var b [8]byte
		_, _ = rand.Read(b[:]) // it ends the process rather than fail
		return object.Number(int64(binary.BigEndian.Uint64(b[:]) >> 1)), nil
	}},
}

// leading is the number that a string begins with, after blanks and one sign; 0 if there is none. What
// does not fit is the greatest or the least number.
func leading(s string) int64 {
	s = strings.TrimLeft(s, " \t\r\n")
	digits, negative := strings.CutPrefix(s, "-")
	if !negative {
		digits = strings.TrimPrefix(s, "+")
	}
	n := int64(0)
	for i := 0; i < len(digits) && digits[i] >= '0' && digits[i] <= '9'; i++ {
		d := int64(digits[i] - '0')
		switch {
		case negative && n < (math.MinInt64+d)/10:
			return math.MinInt64
		case negative:
			n = n*10 - d
		case n > (math.MaxInt64-d)/10:
			return math.MaxInt64
		default:
			n = n*10 + d
		}
	}
	return n
}
