package cgpl

import (
	"errors"
	"strconv"
	"strings"

	"tandem/ximss/object"
)

// Builtin is one function or procedure that programs can call.
type Builtin struct {
	Name      string // as documented; programs may spell it in any case
	Min, Max  int    // number of arguments; Max -1: any number
	Procedure bool   // has no value
	Either    bool   // may be called as a procedure too, with its value dropped
	Call      func(c *Call) (object.Value, error)
}

// Call is one call of a builtin. It is valid until the builtin returns.
type Call struct {
	Args    []object.Value // as many as given; Arg reads beyond them
	Host    any            // what the Machine was made with: the platform's side of the task
	Machine *Machine
}

// Arg is an argument, or null where fewer were given.
func (c *Call) Arg(i int) object.Value {
	if i < len(c.Args) {
		return c.Args[i]
	}
	return object.Null
}

// Spend charges the time of a builtin that looks at or moves much: it took as long as so many steps.
func (c *Call) Spend(steps int) {
	if c.Machine != nil {
		c.Machine.budget -= int64(steps)
	}
}

// ErrSuspend is returned by a builtin whose result is not there yet: Run returns with Blocked, and Resume
// gives the result.
var ErrSuspend = errors.New("the call waits")

// Exception is an error that ends the program. A builtin returns one (Throw) for what the reference calls
// exc; the Machine adds where it happened.
type Exception struct {
	Text  string
	Trace []Frame // innermost first
}

// Frame is one place of a call chain.
type Frame struct {
	File    string
	Section string
	Line    int
	Column  int
}

// Throw makes an exception.
func Throw(text string) error { return &Exception{Text: text} }

// Error is the text, and where it happened.
func (e *Exception) Error() string {
	if len(e.Trace) == 0 {
		return e.Text
	}
	var b strings.Builder
	b.WriteString(e.Text)
	for i, f := range e.Trace {
		if i == 0 {
			b.WriteString(" at ")
		} else {
			b.WriteString(", called from ")
		}
		b.WriteString(f.String())
	}
	return b.String()
}

// Library is a set of builtins, by lower-case name. It does not change once a module was compiled with it.
type Library map[string]*Builtin

// Add registers builtins; two of one name are a fault of the program and panic.
func (l Library) Add(list ...Builtin) {
	for i := range list {
		key := strings.ToLower(list[i].Name)
		if l[key] != nil {
			panic("cgpl: two builtins named " + list[i].Name)
		}
		l[key] = &list[i]
	}
}

// String is "file:line:column section".
func (f Frame) String() string {
	return f.File + ":" + strconv.Itoa(f.Line) + ":" + strconv.Itoa(f.Column) + " " + f.Section
}
