package lib

import (
	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// general has section 2.1, without what needs the interpreter (Void, ProcCall, FuncCall, Vars) or the
// platform (SystemInfo).
var general = []cgpl.Builtin{
	{Name: "Same", Min: 2, Max: 2, Call: func(c *call) (object.Value, error) {
		return object.Bool(object.Same(c.Arg(0), c.Arg(1))), nil
	}},
	{Name: "Copy", Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		return object.Copy(c.Arg(0)), nil
	}},
	{Name: "Length", Min: 1, Max: 1, Call: length},
	{Name: "Min", Min: 2, Max: 2, Call: func(c *call) (object.Value, error) { return extreme(c, -1) }},
	{Name: "Max", Min: 2, Max: 2, Call: func(c *call) (object.Value, error) { return extreme(c, 1) }},
	{Name: "ObjectClass", Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		if c.Arg(0).IsNull() {
			return null, nil
		}
		return object.String(c.Arg(0).Class()), nil
	}},
}

func length(c *call) (object.Value, error) {
	n := 0
	switch v := c.Arg(0); v.Kind() {
	case object.KindString:
		n = len(v.Text())
	case object.KindData:
		b, _ := v.Bytes()
		n = len(b)
	case object.KindArray:
		n = v.Array().Len()
	case object.KindDictionary:
		n = v.Dictionary().Len()
	}
	return object.Number(int64(n)), nil
}

// extreme is the first argument if it lies on that side of the second, else the second.
func extreme(c *call, side int) (object.Value, error) {
	if order, ok := object.Compare(c.Arg(0), c.Arg(1)); ok && order*side > 0 {
		return c.Arg(0), nil
	}
	return c.Arg(1), nil
}
