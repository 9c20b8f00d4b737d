package cgpl

import (
	"tandem/actors/pbx/cgpl/syntax"
	"tandem/ximss/object"
)

// maxRegisters bounds the variables and intermediate values of a section.
const maxRegisters = 1000

// emitter makes the code of one section. Registers are taken like a stack: parameters, variables that
// nobody declared, variables of the open blocks, and above them what the current statement needs.
type emitter struct {
	c        *compiler
	source   *syntax.Section
	out      *section
	refs     map[*syntax.Name]*symbol
	at       syntax.Position // of the instructions to come
	top      int             // the next free register
	locals   int             // registers below are variables
	loops    []*openLoop     // around the current statement
	symbols  map[*symbol]int // constants that have a place in K
	names    map[string]bool // of variables; made for messages
	tooLarge bool            // it was said that the section is
}

// openLoop collects the jumps that leave a loop.
type openLoop struct{ exits []int }

// section compiles the body of a section.
func (c *compiler) section(s *syntax.Section, out *section) {
	r := c.resolve(s)
	e := &emitter{c: c, source: s, out: out, refs: r.refs, symbols: map[*symbol]int{}}
	for _, p := range s.Params {
		e.refs[p].place = e.push()
	}
	for _, x := range r.unset {
		x.place = e.push()
	}
	out.unset = len(r.unset)
	e.block(s.Body)
	e.at = s.End
	e.emit(opReturnNothing, 0, 0, 0)
	out.registers = max(out.registers, 1) // for the result
}

// emit adds an instruction and returns its address.
func (e *emitter) emit(o op, a, b, c int) int {
	e.out.code = append(e.out.code, instruction{o, uint16(a), uint16(b), uint16(c)})
	e.out.places = append(e.out.places, e.at)
	if len(e.out.code) == maxOperand {
		e.large("instructions", maxOperand)
	}
	return len(e.out.code) - 1
}

// large reports once that the section is too large.
func (e *emitter) large(what string, most int) {
	if !e.tooLarge {
		e.tooLarge = true
		e.c.fault(e.source.At, "%s needs more than %d %s: divide it", e.source.Name, most, what)
	}
}

// here is the address of the next instruction.
func (e *emitter) here() int { return len(e.out.code) }

// patch makes jumps go to an address.
func (e *emitter) patch(jumps []int, address int) {
	for _, j := range jumps {
		e.out.code[j].c = uint16(address)
	}
}

// push takes a register.
func (e *emitter) push() int {
	e.top++
	e.out.registers = max(e.out.registers, e.top)
	if e.top > maxRegisters {
		e.large("variables and intermediate values", maxRegisters)
		e.top = 1 // the code is not going to be used
	}
	return e.top - 1
}

// constant gives a value a place in K.
func (e *emitter) constant(v object.Value) int {
	e.out.constants = append(e.out.constants, v)
	if len(e.out.constants) == maxOperand {
		e.large("constants", maxOperand)
	}
	return len(e.out.constants) - 1
}

// symbol gives a constant with a name its place in K: all its uses are one object.
func (e *emitter) symbol(s *symbol) int {
	k, ok := e.symbols[s]
	if !ok {
		k = e.constant(s.value)
		e.symbols[s] = k
	}
	return k
}

// block compiles statements whose variables end with them.
func (e *emitter) block(list []syntax.Stmt) {
	top, locals := e.top, e.locals
	for _, s := range list {
		if e.c.report.Full() {
			break
		}
		e.statement(s)
	}
	e.top, e.locals = top, locals
}

func (e *emitter) statement(s syntax.Stmt) {
	e.locals = e.top
	switch s := s.(type) {
	case *syntax.Stop:
		e.at = s.At
		e.emit(opStop, 0, 0, 0)
	case *syntax.Return:
		e.result(s)
	case *syntax.Var:
		for i, n := range s.Names {
			e.variable(n, s.Values[i])
		}
	case *syntax.Assign:
		e.assign(s)
	case *syntax.Do:
		e.do(s.X)
	case *syntax.If:
		e.branches(s)
	case *syntax.Loop:
		e.loop(s)
	case *syntax.ExitIf:
		jumps := e.condition(s.X, true)
		if len(e.loops) == 0 {
			e.c.fault(s.At, "exitif leaves a loop, and there is none around it")
			break
		}
		l := e.loops[len(e.loops)-1]
		l.exits = append(l.exits, jumps...)
	}
	if _, ok := s.(*syntax.Var); !ok {
		e.top = e.locals
	}
}

func (e *emitter) variable(n *syntax.Name, x syntax.Expr) {
	r := e.push()
	e.at = n.Position
	if x == nil {
		e.emit(opNull, r, 0, 0)
	} else {
		e.value(x, r)
	}
	e.top = r + 1
	e.refs[n].place = r
}

// result compiles return.
func (e *emitter) result(s *syntax.Return) {
	e.at = s.At
	switch {
	case e.source.Kind != syntax.Function && s.X != nil:
		e.c.fault(s.At, "%s is %s and has no value: take the expression out, or make it a function",
			e.source.Name, article(e.source.Kind))
	case e.source.Kind == syntax.Function && s.X == nil:
		e.c.fault(s.At, "%s is a function: write the value after return", e.source.Name)
	case s.X == nil:
		e.emit(opReturnNothing, 0, 0, 0)
	default:
		if n, ok := e.number(s.X); ok && small(n) {
			e.emit(opReturnNumber, int(uint16(n)), 0, 0)
			return
		}
		r := e.operand(s.X)
		e.at = s.At
		e.emit(opReturn, r, 0, 0)
	}
}

// do compiles an expression that is a statement.
func (e *emitter) do(x syntax.Expr) {
	switch x := x.(type) {
	case *syntax.Call:
		e.call(x, e.push(), false)
	case *syntax.Spawn:
		e.value(x, e.push())
	default:
		e.c.fault(x.Pos(), "an expression alone is no statement: assign it, or pass it to Void()")
		e.value(x, e.push())
	}
}

func (e *emitter) branches(s *syntax.If) {
	var ends []int
	for i, a := range s.Arms {
		no := e.condition(a.If, false)
		e.top = e.locals
		e.block(a.Then)
		if i < len(s.Arms)-1 || len(s.Else) > 0 {
			ends = append(ends, e.emit(opJump, 0, 0, 0))
		}
		e.patch(no, e.here())
	}
	e.block(s.Else)
	e.patch(ends, e.here())
}

// loop puts the condition behind the body, so that a round takes one jump.
func (e *emitter) loop(s *syntax.Loop) {
	top := e.top
	defer func() { e.top, e.locals = top, top }()
	if s.Init != nil {
		e.statement(s.Init)
	}
	l := &openLoop{}
	first := -1
	e.at = s.At
	if s.While != nil {
		first = e.emit(opJump, 0, 0, 0)
	}
	body := e.here()
	e.loops = append(e.loops, l)
	e.block(s.Body)
	e.loops = e.loops[:len(e.loops)-1]
	if s.Step != nil {
		e.statement(s.Step)
	}
	e.locals = e.top
	if s.While != nil {
		e.out.code[first].c = uint16(e.here())
		e.patch(e.condition(s.While, true), body)
	} else {
		e.at = s.At
		e.emit(opJump, 0, 0, body)
	}
	e.patch(l.exits, e.here())
}

// compound are the instructions behind += and such.
var compound = map[string]op{"+": opAdd, "-": opSub, "*": opMul, "/": opDiv, "%": opMod, "&": opAnd, "|": opOr}

func (e *emitter) assign(s *syntax.Assign) {
	switch t := s.Target.(type) {
	case *syntax.Name:
		e.assignName(s, t)
	case *syntax.Index:
		x, i := e.operand(t.X), e.operand(t.I)
		e.store(s, t.Position, [2]op{opIndex, opSetIndex}, [2]int{x, i})
	case *syntax.Key:
		x, k := e.operand(t.X), e.operand(t.K)
		e.store(s, t.Position, [2]op{opKey, opSetKey}, [2]int{x, k})
	case *syntax.Field:
		x, k := e.operand(t.X), e.constant(object.String(t.Name))
		e.store(s, t.Position, [2]op{opField, opSetField}, [2]int{x, k})
	}
}

func (e *emitter) assignName(s *syntax.Assign, n *syntax.Name) {
	x := e.refs[n]
	if x.kind == constantSymbol {
		return // reported
	}
	whole := s.X
	if s.Op != "" {
		whole = &syntax.Binary{Position: s.At, Op: s.Op, X: n, Y: s.X}
	}
	if x.kind == localVariable {
		e.value(whole, x.place)
		return
	}
	r := e.operand(whole)
	e.at = s.At
	e.emit(opStore, x.place, r, 0)
}

// store compiles the assignment to a part of an object: its object and index are in registers, and are
// read once also by += and such.
func (e *emitter) store(s *syntax.Assign, at syntax.Position, ops [2]op, part [2]int) {
	var r int
	if s.Op == "" {
		r = e.operand(s.X)
	} else {
		r = e.push()
		e.at = at
		e.emit(ops[0], r, part[0], part[1])
		y := e.operand(s.X)
		e.at = s.At
		e.emit(compound[s.Op], r, r, y)
	}
	e.at = at
	e.emit(ops[1], part[0], part[1], r)
}
