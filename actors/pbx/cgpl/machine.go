package cgpl

import (
	"errors"

	"tandem/ximss/object"
)

// Machine runs one program. It is not safe for use by several goroutines at once.
//
// All variables of all open sections are in one stack of registers: each section has a window, which
// begins where its caller put the arguments. Both grow from small and are given back when the program
// waits, so that a task costs what its own variables do.
type Machine struct {
	program *link
	links   []*link // modules in use, the program's too
	load    Loader
	call    Call // the call of a builtin, made anew each time in one place
	vars    *object.Dictionary
	stack   []object.Value
	frames  []frame
	limits  Limits
	state   State
	result  int32 // while blocked: the register for the result
	budget  int64 // steps until Run has to look at the limits
	given   int64 // what the budget was when Run began
	steps   int64 // since the last blocking call
	memory  meter
	failure *Exception
}

// frame is one open section.
type frame struct {
	section *section
	link    *link
	pc      int32 // of the next instruction; of the one in hand while a builtin or another section runs
	base    int32 // of its window
	result  int32 // the register of the caller that gets its value
}

// Loader gives a module by its lower-case name. It is called at the first call of a section in it, and
// must not wait.
type Loader func(module string) (*Module, error)

// Limits are what one program may use. A zero takes the value of DefaultLimits.
type Limits struct {
	Depth  int   // calls inside of one another
	Memory int64 // bytes of values
	Steps  int64 // instructions between two calls that wait
	Slice  int64 // instructions of one Run
}

// DefaultLimits are those of reference cgpl.md 1.4. A slice is about a millisecond.
var DefaultLimits = Limits{Depth: 1000, Memory: 64 << 20, Steps: 20_000_000, Slice: 50_000}

// State is what has become of a program.
type State uint8

// The states.
const (
	Sliced  State = iota // ready to go on: Run again
	Blocked              // a builtin waits: Resume, then Run
	Done                 // the entry has ended
	Stopped              // by a stop statement
	Failed               // by an exception
)

var stateNames = [...]string{"Sliced", "Blocked", "Done", "Stopped", "Failed"}

// String is the name of the state.
func (s State) String() string { return stateNames[s] }

// Outcome is why Run returned. Err is there when the state is Failed.
type Outcome struct {
	State State
	Err   *Exception
}

// New makes a machine for a program. Builtins see the host in their calls. load may be nil where no module
// has externals.
func New(m *Module, load Loader, host any, limits Limits) *Machine {
	if limits.Depth <= 0 {
		limits.Depth = DefaultLimits.Depth
	}
	if limits.Memory <= 0 {
		limits.Memory = DefaultLimits.Memory
	}
	if limits.Steps <= 0 {
		limits.Steps = DefaultLimits.Steps
	}
	if limits.Slice <= 0 {
		limits.Slice = DefaultLimits.Slice
	}
	machine := &Machine{program: newLink(m), load: load, limits: limits, state: Failed}
	machine.failure = &Exception{Text: TextNotStarted}
	machine.call = Call{Host: host, Machine: machine}
	return machine
}

// Start readies the program to run from an entry, whose name is "module::entry" where it is not one of the
// program itself. vars is what Vars() gives; nil makes an empty one.
func (m *Machine) Start(entry string, vars *object.Dictionary) error {
	if len(m.frames) > 0 {
		return errors.New("the program was started already")
	}
	at, s, err := m.entry(entry)
	if err != nil {
		return err
	}
	if vars == nil {
		vars = object.NewFolded()
	}
	m.vars = vars
	m.memory.next = firstCheck
	m.stack = make([]object.Value, s.registers)
	m.frames = append(make([]frame, 0, 2), frame{section: s, link: at})
	m.state, m.failure = Sliced, nil
	return nil
}

// Run goes on until the program ends, fails, has to wait, or has used up its slice. Where there is nothing
// to go on with it says why, again.
func (m *Machine) Run() Outcome {
	if m.state == Sliced {
		m.given = min(m.limits.Slice, m.limits.Steps-m.steps)
		m.budget = m.given
		m.state = m.execute()
		m.steps += m.given - m.budget
		switch m.state {
		case Blocked:
			m.trim()
		case Done, Stopped, Failed:
			m.stack, m.frames = nil, nil
		}
	}
	return Outcome{m.state, m.failure}
}

// Resume gives the result of the call that waits. It does nothing when none does.
func (m *Machine) Resume(v object.Value) {
	if m.state != Blocked {
		return
	}
	m.stack[m.result] = v
	m.state, m.steps = Sliced, 0
	m.memory.used += valueSize(v)
}

// Vars is the task's dictionary; nil before Start.
func (m *Machine) Vars() *object.Dictionary { return m.vars }

// Where is the chain of open calls, innermost first. It is empty when the program has ended.
func (m *Machine) Where() []Frame { return m.trace(len(m.frames)) }

// maxTrace is how much of a call chain an exception tells.
const maxTrace = 20

func (m *Machine) trace(most int) []Frame {
	var chain []Frame
	for i := len(m.frames) - 1; i >= 0 && len(chain) < most; i-- {
		f := m.frames[i]
		at := f.section.places[max(f.pc-1, 0)]
		chain = append(chain, Frame{f.section.module.file, f.section.name, int(at.Line), int(at.Column)})
	}
	return chain
}

// fail ends the program with an error, and adds where it happened.
func (m *Machine) fail(err error) State {
	e := &Exception{Text: err.Error()}
	var known *Exception
	if errors.As(err, &known) {
		e.Text = known.Text
	}
	e.Trace = m.trace(maxTrace)
	m.failure = e
	return Failed
}

// pause is called when the budget is used up: by the slice, or by all that the program may do.
func (m *Machine) pause() State {
	if m.steps+m.given-m.budget >= m.limits.Steps {
		return m.fail(errSteps)
	}
	return Sliced
}
