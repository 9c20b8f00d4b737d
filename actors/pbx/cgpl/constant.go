package cgpl

import (
	"tandem/actors/pbx/cgpl/syntax"
	"tandem/ximss/object"
)

// constant is the value of a constant's declaration.
func (c *compiler) constant(x syntax.Expr, s *scope) object.Value {
	f := folder{c: c, scope: s}
	return f.value(x)
}

// folder computes expressions of constants. It reports what is none.
type folder struct {
	c     *compiler
	scope *scope
}

func (f *folder) value(x syntax.Expr) object.Value {
	switch x := x.(type) {
	case *syntax.Number:
		return object.Number(x.Value)
	case *syntax.String:
		return object.String(x.Value)
	case *syntax.Truth:
		return object.Bool(x.Value)
	case *syntax.Name:
		s := f.scope.find(syntax.Fold(x.Text))
		if s != nil && s.kind == constantSymbol {
			return s.value
		}
		f.c.fault(x.Position, "%s is no constant: the value of a constant is made of constants", x.Text)
	case *syntax.Unary:
		return unary(x.Op, f.value(x.X))
	case *syntax.Choice:
		if !f.value(x.If).IsNull() {
			return f.value(x.Then)
		}
		return f.value(x.Else)
	case *syntax.Binary:
		return f.binary(x)
	default:
		f.c.fault(x.Pos(), "this is no constant: the value of a constant is made of literals, constants and operators")
	}
	return object.Null
}

func (f *folder) binary(x *syntax.Binary) object.Value {
	a := f.value(x.X)
	switch {
	case x.Op == "&&" && a.IsNull(), x.Op == "||" && !a.IsNull():
		return a
	}
	b := f.value(x.Y)
	if len(a.Text())+len(b.Text()) > syntax.MaxSource {
		f.c.fault(x.Position, "the constant is longer than %d bytes: make it when the program runs", syntax.MaxSource)
		return object.Null
	}
	v, err := binary(x.Op, a, b)
	if err != nil {
		f.c.fault(x.Position, "%s in a constant", err.Error())
	}
	return v
}

// number is the value of an expression that is a number before the program runs.
func (e *emitter) number(x syntax.Expr) (n int64, ok bool) {
	switch x := x.(type) {
	case *syntax.Number:
		return x.Value, true
	case *syntax.Name:
		if s := e.refs[x]; s != nil && s.kind == constantSymbol {
			return s.value.Int()
		}
	case *syntax.Unary:
		if x.Op == "-" {
			n, ok = e.number(x.X)
			return -n, ok
		}
	case *syntax.Binary:
		a, ok := e.number(x.X)
		if !ok || x.Op == "&&" || x.Op == "||" {
			return 0, false
		}
		b, ok := e.number(x.Y)
		if !ok {
			return 0, false
		}
		v, err := binary(x.Op, object.Number(a), object.Number(b))
		if err != nil {
			return 0, false // the program will say so when it comes here
		}
		return v.Int()
	}
	return 0, false
}
