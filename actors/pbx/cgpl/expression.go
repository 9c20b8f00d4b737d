package cgpl

import (
	"tandem/actors/pbx/cgpl/syntax"
	"tandem/ximss/object"
)

// operand is the register that holds the value of an expression: that of a variable itself, else a new
// one. An expression can not change a variable, so it holds until the statement's end.
func (e *emitter) operand(x syntax.Expr) int {
	if n, ok := x.(*syntax.Name); ok {
		if s := e.refs[n]; s != nil && s.kind == localVariable {
			return s.place
		}
	}
	r := e.push()
	e.value(x, r)
	e.top = r + 1
	return r
}

// value compiles an expression whose value goes to the register dst.
func (e *emitter) value(x syntax.Expr, dst int) {
	top := e.top
	defer func() { e.top = top }()
	if n, ok := e.number(x); ok {
		e.at = x.Pos()
		if small(n) {
			e.emit(opNumber, dst, int(uint16(n)), 0)
		} else {
			e.emit(opConstant, dst, e.constant(object.Number(n)), 0)
		}
		return
	}
	switch x := x.(type) {
	case *syntax.String:
		e.at = x.Position
		e.emit(opConstant, dst, e.constant(object.String(x.Value)), 0)
	case *syntax.Truth:
		e.at = x.Position
		e.truth(x.Value, dst)
	case *syntax.Name:
		e.name(x, dst)
	case *syntax.Call:
		e.call(x, dst, true)
	case *syntax.Spawn:
		e.spawn(x, dst)
	case *syntax.Index:
		a, b := e.operand(x.X), e.operand(x.I)
		e.at = x.Position
		e.emit(opIndex, dst, a, b)
	case *syntax.Key:
		a, b := e.operand(x.X), e.operand(x.K)
		e.at = x.Position
		e.emit(opKey, dst, a, b)
	case *syntax.Field:
		a := e.operand(x.X)
		e.at = x.Position
		e.emit(opField, dst, a, e.constant(object.String(x.Name)))
	case *syntax.Unary:
		a := e.operand(x.X)
		e.at = x.Position
		e.emit(unaries[x.Op], dst, a, 0)
	case *syntax.Binary:
		e.binary(x, dst)
	case *syntax.Choice:
		no := e.condition(x.If, false)
		e.top = top
		e.value(x.Then, dst)
		end := e.emit(opJump, 0, 0, 0)
		e.patch(no, e.here())
		e.value(x.Else, dst)
		e.patch([]int{end}, e.here())
	}
}

func (e *emitter) truth(v bool, dst int) {
	if v {
		e.emit(opConstant, dst, e.constant(object.Yes), 0)
	} else {
		e.emit(opNull, dst, 0, 0)
	}
}

func (e *emitter) name(n *syntax.Name, dst int) {
	s := e.refs[n]
	if s == nil {
		return // reported
	}
	e.at = n.Position
	switch {
	case s.kind == taskVariable:
		e.emit(opLoad, dst, s.place, 0)
	case s.kind == constantSymbol:
		e.emit(opConstant, dst, e.symbol(s), 0)
	case s.place != dst:
		e.emit(opMove, dst, s.place, 0)
	}
}

var unaries = map[string]op{"-": opMinus, "+": opPlus, "!": opNot}

// binaries are the instructions of operators on two registers; swapped ones take them in the other order.
var binaries = map[string]struct {
	op   op
	swap bool
}{
	"+": {opAdd, false}, "-": {opSub, false}, "*": {opMul, false}, "/": {opDiv, false}, "%": {opMod, false},
	"==": {opEqual, false}, "!=": {opDiffer, false}, "<": {opLess, false}, "<=": {opAtMost, false},
	">": {opLess, true}, ">=": {opAtMost, true}, "&": {opAnd, false}, "|": {opOr, false}, "^": {opXor, false},
}

func (e *emitter) binary(x *syntax.Binary, dst int) {
	switch {
	case x.Op == "&&" || x.Op == "||":
		e.shortcut(x, dst)
		return
	case x.Op == "+" && e.texts(x):
		e.sum(x, dst)
		return
	case e.withNumber(x, dst):
		return
	}
	a := e.operand(x.X)
	if k, ok := e.textConstant(x.Y); ok && x.Op == "+" {
		e.at = x.Position
		e.emit(opAddK, dst, a, k)
		return
	}
	b := e.operand(x.Y)
	o := binaries[x.Op]
	if o.swap {
		a, b = b, a
	}
	e.at = x.Position
	e.emit(o.op, dst, a, b)
}

// withNumber compiles arithmetic whose right side is a small number.
func (e *emitter) withNumber(x *syntax.Binary, dst int) bool {
	n, ok := e.number(x.Y)
	if !ok || !small(n) || !small(-n) {
		return false
	}
	o := op(0)
	switch {
	case x.Op == "+":
		o = opAddI
	case x.Op == "-":
		o, n = opAddI, -n
	case x.Op == "*":
		o = opMulI
	case x.Op == "/" && n != 0:
		o = opDivI
	case x.Op == "%" && n != 0:
		o = opModI
	default:
		return false
	}
	a := e.operand(x.X)
	e.at = x.Position
	e.emit(o, dst, a, int(uint16(n)))
	return true
}

// textConstant gives a literal string its place in K.
func (e *emitter) textConstant(x syntax.Expr) (k int, ok bool) {
	switch x := x.(type) {
	case *syntax.String:
		return e.constant(object.String(x.Value)), true
	case *syntax.Name:
		if s := e.refs[x]; s != nil && s.kind == constantSymbol {
			return e.symbol(s), true
		}
	}
	return 0, false
}

// shortcut compiles && and ||. The left value goes where the result does, unless that is a variable,
// which the right side may still read.
func (e *emitter) shortcut(x *syntax.Binary, dst int) {
	r := dst
	if dst < e.locals {
		r = e.push()
	}
	e.value(x.X, r)
	o := opJumpNull
	if x.Op == "||" {
		o = opJumpSet
	}
	e.at = x.Position
	end := e.emit(o, r, 0, 0)
	e.value(x.Y, r)
	e.patch([]int{end}, e.here())
	if r != dst {
		e.at = x.Position
		e.emit(opMove, dst, r, 0)
	}
}

// texts tells whether a chain of + has three parts or more and a literal string among them: then it most
// probably builds a text, which is made at once.
func (e *emitter) texts(x *syntax.Binary) bool {
	parts, literal := 1, false
	var left syntax.Expr = x
	for {
		b, ok := left.(*syntax.Binary)
		if !ok || b.Op != "+" {
			break
		}
		if _, ok := b.Y.(*syntax.String); ok {
			literal = true
		}
		parts++
		left = b.X
	}
	if _, ok := left.(*syntax.String); ok {
		literal = true
	}
	return literal && parts > 2 && parts < maxRegisters/4
}

// sum compiles such a chain.
func (e *emitter) sum(x *syntax.Binary, dst int) {
	var parts []syntax.Expr
	var left syntax.Expr = x
	for {
		b, ok := left.(*syntax.Binary)
		if !ok || b.Op != "+" {
			break
		}
		parts = append(parts, b.Y)
		left = b.X
	}
	parts = append(parts, left)
	base := e.top
	for i := len(parts) - 1; i >= 0; i-- {
		e.value(parts[i], e.push())
	}
	e.at = x.Position
	e.emit(opSum, dst, base, len(parts))
}
