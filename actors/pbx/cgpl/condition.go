package cgpl

import "tandem/actors/pbx/cgpl/syntax"

// condition compiles an expression of which only the truth counts: it returns the jumps that are taken
// when that is as wanted, and otherwise goes on behind them.
func (e *emitter) condition(x syntax.Expr, want bool) (jumps []int) {
	top := e.top
	defer func() { e.top = top }()
	switch x := x.(type) {
	case *syntax.Truth:
		if x.Value == want {
			e.at = x.Position
			return []int{e.emit(opJump, 0, 0, 0)}
		}
		return nil
	case *syntax.Unary:
		if x.Op == "!" {
			return e.condition(x.X, !want)
		}
	case *syntax.Binary:
		switch x.Op {
		case "&&", "||":
			return e.both(x, want)
		case "&", "|":
			if harmless(x.Y) {
				return e.both(x, want)
			}
		case "==", "!=", "<", "<=", ">", ">=":
			return []int{e.compare(x, want)}
		}
	}
	r := e.operand(x)
	e.at = x.Pos()
	return []int{e.emit(pick(opJumpNull, want), r, 0, 0)}
}

// pick is the jump, or the one next to it, which is taken when the first is not.
func pick(o op, second bool) op {
	if second {
		return o + 1
	}
	return o
}

// both compiles two conditions of which the first may decide.
func (e *emitter) both(x *syntax.Binary, want bool) []int {
	decides := x.Op[0] == '|' // with the first true, else with the first false
	if decides == want {
		return append(e.condition(x.X, want), e.condition(x.Y, want)...)
	}
	around := e.condition(x.X, decides)
	jumps := e.condition(x.Y, want)
	e.patch(around, e.here())
	return jumps
}

// harmless tells whether nobody can notice that an expression was not evaluated.
func harmless(x syntax.Expr) bool {
	switch x := x.(type) {
	case *syntax.Number, *syntax.String, *syntax.Truth, *syntax.Name:
		return true
	case *syntax.Unary:
		return harmless(x.X)
	case *syntax.Field:
		return harmless(x.X)
	case *syntax.Key:
		return harmless(x.X) && harmless(x.K)
	case *syntax.Index:
		return harmless(x.X) && harmless(x.I)
	case *syntax.Binary:
		return x.Op != "/" && x.Op != "%" && x.Op != "+" && harmless(x.X) && harmless(x.Y)
	}
	return false
}

// mirrored are the comparisons with their sides exchanged.
var mirrored = map[string]string{"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}

// compare compiles a comparison with its jump.
func (e *emitter) compare(x *syntax.Binary, want bool) int {
	sign, left, right := x.Op, x.X, x.Y
	if _, ok := e.number(left); ok { // the number goes to the right side
		sign, left, right = mirrored[sign], right, left
	}
	if sign == "!=" {
		sign, want = "==", !want
	}
	a := e.operand(left)
	if t, ok := right.(*syntax.Truth); ok && sign == "==" && !t.Value {
		e.at = x.Position
		return e.emit(pick(opJumpNull, !want), a, 0, 0)
	}
	if o, n, ok := e.withSmall(sign, right); ok {
		e.at = x.Position
		return e.emit(pick(o, !want), a, int(uint16(n)), 0)
	}
	if k, ok := e.textConstant(right); ok && sign == "==" {
		e.at = x.Position
		return e.emit(pick(opJumpEqualK, !want), a, k, 0)
	}
	b := e.operand(right)
	if sign == ">" || sign == ">=" {
		sign, a, b = mirrored[sign], b, a
	}
	o := opJumpEqual
	switch sign {
	case "<":
		o = opJumpLess
	case "<=":
		o = opJumpAtMost
	}
	e.at = x.Position
	return e.emit(pick(o, !want), a, b, 0)
}

// withSmall finds the comparison with a small number. At most n is less than n+1: what is no number is
// neither.
func (e *emitter) withSmall(sign string, right syntax.Expr) (o op, n int64, ok bool) {
	n, ok = e.number(right)
	if !ok || !small(n) || !small(n+1) || !small(n-1) {
		return 0, 0, false
	}
	switch sign {
	case "==":
		return opJumpEqualI, n, true
	case "<":
		return opJumpLessI, n, true
	case "<=":
		return opJumpLessI, n + 1, true
	case ">":
		return opJumpAboveI, n, true
	}
	return opJumpAboveI, n - 1, true
}
