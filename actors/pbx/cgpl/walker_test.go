package cgpl

import (
	"tandem/actors/pbx/cgpl/syntax"
	"tandem/ximss/object"
)

// walker runs a program by walking its tree, in the plainest way: a second opinion on what it does. It
// knows sections of one file, Print and NewArray.
type walker struct {
	sections map[string]*syntax.Section
	task     map[string]object.Value
	stage    stage
	work     int
}

// Ways to go on after a statement.
type way int

const (
	next way = iota
	left     // the loop
	returned
	stopped
)

// tooMuch is thrown where the walk would take long, a *Exception where the program ends with one.
type tooMuch struct{}

// act is one call of a section.
type act struct {
	w      *walker
	blocks []map[string]object.Value
	unset  map[string]object.Value
	value  object.Value
}

func walk(f *syntax.File) (out []string) {
	w := &walker{sections: map[string]*syntax.Section{}, task: map[string]object.Value{}}
	for _, item := range f.Items {
		switch item := item.(type) {
		case *syntax.Section:
			w.sections[item.Name] = item
		case *syntax.Var:
			for _, n := range item.Names {
				w.task[n.Text] = object.Null
			}
		}
	}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *Exception:
			out = append(w.stage.said, "failed: "+e.Text)
		default:
			panic(e)
		}
	}()
	if _, how := w.call("main", nil); how == stopped {
		return append(w.stage.said, "stopped")
	}
	return append(w.stage.said, "done")
}

func must(v object.Value, err error) object.Value {
	if err != nil {
		panic(err)
	}
	return v
}

func (w *walker) call(name string, args []object.Value) (object.Value, way) {
	c := &Call{Args: args, Host: &w.stage}
	switch name {
	case "Print":
		return must(printed(c)), next
	case "NewArray":
		return object.NewArray(args...).Value(), next
	}
	s := w.sections[name]
	a := &act{w: w, unset: map[string]object.Value{}, blocks: []map[string]object.Value{{}}}
	for i, p := range s.Params {
		a.blocks[0][p.Text] = args[i]
	}
	how := a.block(s.Body)
	return a.value, how
}

func (a *act) block(list []syntax.Stmt) way {
	a.blocks = append(a.blocks, map[string]object.Value{})
	defer func() { a.blocks = a.blocks[:len(a.blocks)-1] }()
	for _, s := range list {
		if how := a.do(s); how != next {
			return how
		}
	}
	return next
}

func (a *act) do(s syntax.Stmt) way {
	if a.w.work++; a.w.work > 20_000 {
		panic(tooMuch{})
	}
	switch s := s.(type) {
	case *syntax.Stop:
		return stopped
	case *syntax.Return:
		if s.X != nil {
			a.value = a.eval(s.X)
		}
		return returned
	case *syntax.Var:
		for i, n := range s.Names {
			a.blocks[len(a.blocks)-1][n.Text] = a.optional(s.Values[i])
		}
	case *syntax.Assign:
		a.assign(s)
	case *syntax.Do:
		a.eval(s.X)
	case *syntax.If:
		for _, arm := range s.Arms {
			if !a.eval(arm.If).IsNull() {
				return a.block(arm.Then)
			}
		}
		return a.block(s.Else)
	case *syntax.Loop:
		return a.loop(s)
	case *syntax.ExitIf:
		if !a.eval(s.X).IsNull() {
			return left
		}
	}
	return next
}

func (a *act) optional(x syntax.Expr) object.Value {
	if x == nil {
		return object.Null
	}
	return a.eval(x)
}

func (a *act) loop(s *syntax.Loop) way {
	a.blocks = append(a.blocks, map[string]object.Value{})
	defer func() { a.blocks = a.blocks[:len(a.blocks)-1] }()
	if s.Init != nil {
		a.do(s.Init)
	}
	for s.While == nil || !a.eval(s.While).IsNull() {
		switch how := a.block(s.Body); how {
		case left:
			return next
		case returned, stopped:
			return how
		}
		if s.Step != nil {
			a.do(s.Step)
		}
	}
	return next
}

// where is the map that has a variable.
func (a *act) where(name string) map[string]object.Value {
	for i := len(a.blocks) - 1; i >= 0; i-- {
		if _, ok := a.blocks[i][name]; ok {
			return a.blocks[i]
		}
	}
	if _, ok := a.w.task[name]; ok {
		return a.w.task
	}
	return a.unset
}

func (a *act) assign(s *syntax.Assign) {
	op := func(old func() object.Value) object.Value {
		if s.Op == "" {
			return a.eval(s.X)
		}
		before := old()
		return a.limit(must(binary(s.Op, before, a.eval(s.X))))
	}
	switch t := s.Target.(type) {
	case *syntax.Name:
		v := op(func() object.Value { return a.where(t.Text)[t.Text] })
		a.where(t.Text)[t.Text] = v
	case *syntax.Index:
		x, i := a.eval(t.X), a.eval(t.I)
		v := op(func() object.Value { return element(x, i) })
		must(object.Null, setElement(x, i, v))
	}
}

// limit keeps the walk from making large strings.
func (a *act) limit(v object.Value) object.Value {
	if len(v.Text()) > 10_000 {
		panic(tooMuch{})
	}
	return v
}

func (a *act) eval(x syntax.Expr) object.Value {
	switch x := x.(type) {
	case *syntax.Number:
		return object.Number(x.Value)
	case *syntax.String:
		return object.String(x.Value)
	case *syntax.Truth:
		return object.Bool(x.Value)
	case *syntax.Name:
		return a.where(x.Text)[x.Text]
	case *syntax.Index:
		v := a.eval(x.X)
		return element(v, a.eval(x.I))
	case *syntax.Unary:
		return unary(x.Op, a.eval(x.X))
	case *syntax.Choice:
		if !a.eval(x.If).IsNull() {
			return a.eval(x.Then)
		}
		return a.eval(x.Else)
	case *syntax.Binary:
		v := a.eval(x.X)
		if x.Op == "&&" && v.IsNull() || x.Op == "||" && !v.IsNull() {
			return v
		}
		return a.limit(must(binary(x.Op, v, a.eval(x.Y))))
	case *syntax.Call:
		var args []object.Value
		for _, arg := range x.Args {
			args = append(args, a.eval(arg))
		}
		v, how := a.w.call(x.Name, args)
		if how == stopped {
			panic(&Exception{Text: "stopped inside"})
		}
		return v
	}
	panic("a tree of another kind")
}
