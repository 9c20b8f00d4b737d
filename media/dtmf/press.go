package dtmf

import (
	"strings"
	"time"
)

// Press is one key, held for a time.
type Press struct {
	Key      byte // 0-9 * # A-D
	Duration time.Duration
}

// MaxPress bounds how long a key can be held. A longer one is reported when it has lasted so long;
// what follows of it is ignored.
const MaxPress = 5 * time.Second

// events is the order of the keys in RFC 4733 section 3.2.
const events = "0123456789*#ABCD"

// eventOf is the event number of a key; small letters are allowed.
func eventOf(key byte) (number byte, ok bool) {
	if key >= 'a' && key <= 'd' {
		key -= 'a' - 'A'
	}
	i := strings.IndexByte(events, key)
	return byte(max(i, 0)), i >= 0
}

// Valid tells whether the sign is a key, small letters included.
func Valid(key byte) bool {
	_, ok := eventOf(key)
	return ok
}
