package cgpl

import (
	"tandem/ximss/object"
)

// unary is what - + and ! make of a value.
func unary(op string, v object.Value) object.Value {
	n, ok := v.Int()
	switch {
	case op == "!":
		return object.Bool(v.IsNull())
	case !ok:
		return object.Null
	case op == "-":
		return object.Number(-n)
	}
	return v
}

// binary is what an operator makes of two values that are both known.
func binary(op string, a, b object.Value) (object.Value, error) {
	switch op {
	case "+":
		return add(a, b), nil
	case "-":
		return subtract(a, b), nil
	case "*":
		return multiply(a, b), nil
	case "/":
		return divide(a, b)
	case "%":
		return modulo(a, b)
	case "==":
		return object.Bool(object.Equal(a, b)), nil
	case "!=":
		return object.Bool(!object.Equal(a, b)), nil
	case "<":
		return object.Bool(less(a, b)), nil
	case ">":
		return object.Bool(less(b, a)), nil
	case "<=":
		return object.Bool(atMost(a, b)), nil
	case ">=":
		return object.Bool(atMost(b, a)), nil
	case "&":
		return object.Bool(!a.IsNull() && !b.IsNull()), nil
	case "|":
		return object.Bool(!a.IsNull() || !b.IsNull()), nil
	case "^":
		return object.Bool(a.IsNull() != b.IsNull()), nil
	}
	return b, nil // && and ||, where the left side did not decide
}

// add is a + b for all types; a Machine joins long strings and datablocks itself (Machine.add).
func add(a, b object.Value) object.Value {
	switch a.Kind() {
	case object.KindNumber:
		x, _ := a.Int()
		if y, ok := b.Int(); ok {
			return object.Number(x + y)
		}
	case object.KindDate:
		if n, ok := b.Int(); ok {
			return move(a, n)
		}
	case object.KindString:
		if b.Kind() == object.KindString {
			return object.Join(len(a.Text())+len(b.Text()), a, b)
		}
	case object.KindData:
		x, _ := a.Bytes()
		if y, ok := b.Bytes(); ok {
			return object.Data(append(append(make([]byte, 0, len(x)+len(y)), x...), y...))
		}
	}
	return object.Null
}

// move is a timestamp so many seconds later. The remote past and future stay where they are, and a
// timestamp beyond them becomes one of them.
func move(t object.Value, seconds int64) object.Value {
	s, _ := t.Seconds()
	if s == object.RemotePast || s == object.RemoteFuture {
		return t
	}
	sum := s + seconds
	switch {
	case seconds > 0 && sum < s:
		sum = object.RemoteFuture
	case seconds < 0 && sum > s:
		sum = object.RemotePast
	}
	return object.Date(sum)
}

func subtract(a, b object.Value) object.Value {
	switch a.Kind() {
	case object.KindNumber:
		x, _ := a.Int()
		if y, ok := b.Int(); ok {
			return object.Number(x - y)
		}
	case object.KindDate:
		s, _ := a.Seconds()
		if t, ok := b.Seconds(); ok {
			return object.Number(s - t)
		}
		if n, ok := b.Int(); ok {
			if n == -1<<63 {
				return move(move(a, 1<<63-1), 1)
			}
			return move(a, -n)
		}
	}
	return object.Null
}

func multiply(a, b object.Value) object.Value {
	x, ok := a.Int()
	if y, too := b.Int(); ok && too {
		return object.Number(x * y)
	}
	return object.Null
}

// divide truncates toward zero.
func divide(a, b object.Value) (object.Value, error) {
	x, ok := a.Int()
	y, too := b.Int()
	switch {
	case !ok || !too:
		return object.Null, nil
	case y == 0:
		return object.Null, errDivision
	}
	return object.Number(x / y), nil
}

// modulo has the sign of the left side.
func modulo(a, b object.Value) (object.Value, error) {
	x, ok := a.Int()
	y, too := b.Int()
	switch {
	case !ok || !too:
		return object.Null, nil
	case y == 0:
		return object.Null, errDivision
	}
	return object.Number(x % y), nil
}

// less and atMost are false for what has no order.
func less(a, b object.Value) bool {
	n, ok := object.Compare(a, b)
	return ok && n < 0
}

func atMost(a, b object.Value) bool {
	n, ok := object.Compare(a, b)
	return ok && n <= 0
}
