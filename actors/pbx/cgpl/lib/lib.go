package lib

import (
	"strconv"
	"strings"
	"time"

	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// New is the library of the functions that only compute, and of those that are refused. A task adds its
// own to it.
func New() cgpl.Library {
	l := cgpl.Library{}
	for _, family := range [][]cgpl.Builtin{general, texts, numbers, times, addresses, datas, ciphers,
		arrays, elements, forms, uris} {
		l.Add(family...)
	}
	l.Add(refused()...)
	return l
}

// Limits of what a function takes and gives.
const (
	maxResult     = object.MaxText // bytes of a string or datablock that a function makes
	maxSource     = 4 << 20        // bytes of a text that becomes objects, which are much larger
	maxPattern    = 4 << 10        // bytes of a regular expression
	maxSteps      = 4_000_000      // about: instructions of a regular expression times bytes and groups
	maxRandom     = 4096           // bytes
	maxAttributes = object.MaxAttributes
	largeBytes    = 32 << 10 // from here on a task is asked for room before
	perByte       = 8        // bytes of memory that a byte of text may become as objects, about
)

// What a Host may be able to do. A function whose Host is not able to do it says so below.
type (
	// Clock has the time and the selected time zone. Without it GMTTime and LocalTime are exceptions,
	// and local time is GMT.
	Clock interface {
		Now() time.Time
		Zone() *time.Location
	}
	// Home has the domain of the current account, "" if there is none. Without it there is none.
	Home interface{ Domain() string }
	// Nonces has the secret that all members share. Without it there are no nonces.
	Nonces interface{ NonceKey() []byte }
	// Resolver looks names up: what is "dns-a", "dns-aaaa", "dns-ptr" or "dns-txt", of a string or an
	// ip-address. It gives what Convert returns, or cgpl.ErrSuspend when that comes later. Without it
	// the answer is an error string.
	Resolver interface {
		Resolve(what string, of object.Value) (object.Value, error)
	}
)

// Short names for what each function has.
type call = cgpl.Call

var null = object.Null

// room is asked for before something is made that may be large: it fails beyond what one result may be,
// and where the task has no memory for it.
func room(c *call, bytes int) error {
	switch {
	case bytes > maxResult:
		return cgpl.Throw("the result is too long")
	case bytes < largeBytes:
		return nil
	}
	return c.Reserve(bytes)
}

// part is a piece of a string as a string of its own, which does not keep the whole one in memory.
func part(s string) object.Value { return object.String(strings.Clone(s)) }

// is makes a function that tells whether its argument is of a kind.
func is(name string, kind object.Kind) cgpl.Builtin {
	return cgpl.Builtin{Name: name, Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		return object.Bool(c.Arg(0).Kind() == kind), nil
	}}
}

// wrong is the exception for an argument of a type that a function does not take.
func wrong(function, what string) error {
	return cgpl.Throw(function + ": " + what + " is expected")
}

// sizeOf is the number of bytes of a string or a datablock, 0 of anything else.
func sizeOf(v object.Value) int {
	b, _ := v.Bytes()
	return len(b) + len(v.Text())
}

// bytesOf are those of a string or a datablock; they must not be changed.
func bytesOf(v object.Value) (b []byte, ok bool) {
	if s, ok := v.Str(); ok {
		return []byte(s), true
	}
	return v.Bytes()
}

// index is a place in an array: a number, or a string of decimal digits. -1: it is neither, or negative.
func index(v object.Value) int {
	n, ok := v.Int()
	if s, isText := v.Str(); isText && s != "" && len(s) < 10 && strings.Trim(s, "0123456789") == "" {
		n, _ = strconv.ParseInt(s, 10, 64)
		ok = true
	}
	if !ok || n < 0 || n > 1<<40 {
		return -1
	}
	return int(n)
}
