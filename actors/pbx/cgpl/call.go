package cgpl

import (
	"fmt"

	"tandem/actors/pbx/cgpl/syntax"
)

// intrinsic is a function that needs the interpreter itself. It is compiled to instructions of its own; a
// section of the same name replaces it, as it does a builtin.
type intrinsic struct {
	name      string
	procedure bool
	min, max  int // arguments; max -1: any number
}

// intrinsics by lower-case name (reference cgpl.md 2.1).
var intrinsics = map[string]intrinsic{
	"vars":     {"Vars", false, 0, 0},
	"void":     {"Void", true, 1, 1},
	"proccall": {"ProcCall", true, 1, -1},
	"funccall": {"FuncCall", false, 1, -1},
}

// callable is what kind of thing a name calls; "" where it calls nothing.
func (c *compiler) callable(key string) string {
	if d := c.declared[key]; d != nil {
		return string(d.first.Kind)
	}
	if x, ok := intrinsics[key]; ok {
		return kindWord(x.procedure)
	}
	if b := c.lib[key]; b != nil {
		return kindWord(b.Procedure)
	}
	return ""
}

func kindWord(procedure bool) string {
	if procedure {
		return string(syntax.Procedure)
	}
	return string(syntax.Function)
}

// callee finds the section that a call names: by its own name, or the only external one of that name.
func (c *compiler) callee(module, name string) *declaration {
	if d := c.declared[c.key(module, name)]; d != nil || module != "" {
		return d
	}
	key := syntax.Fold(name)
	if _, ok := intrinsics[key]; ok || c.lib[key] != nil {
		return nil
	}
	if list := c.elsewhere[key]; len(list) == 1 {
		return list[0]
	}
	return nil
}

// call compiles a call whose result goes to the register dst; wanted tells whether somebody reads it.
func (e *emitter) call(x *syntax.Call, dst int, wanted bool) {
	full := x.Name
	if x.Module != "" {
		full = x.Module + "::" + x.Name
	}
	key := syntax.Fold(x.Name)
	if d := e.c.callee(x.Module, x.Name); d != nil {
		e.callSection(x, full, d, dst, wanted)
		return
	}
	if x.Module == "" {
		if i, ok := intrinsics[key]; ok {
			if e.fits(x, i.name, kindWord(i.procedure), [2]int{i.min, i.max}, wanted, false) {
				e.callIntrinsic(x, key, dst)
			}
			return
		}
		if b := e.c.lib[key]; b != nil {
			e.callBuiltin(x, b, dst, wanted)
			return
		}
	}
	e.arguments(x.Args)
	switch {
	case x.Module != "":
		e.c.fault(x.Position, "%s is not declared: write \"%s %s(...) external;\" before",
			full, wantedKind(wanted), full)
	case len(e.c.elsewhere[key]) > 1:
		e.c.fault(x.Position, "several modules have an external %s: write %s::%s", x.Name,
			e.c.elsewhere[key][0].first.Module, x.Name)
	case e.refersTo(key):
		e.c.fault(x.Position, "%s is a variable and can not be called", x.Name)
	default:
		e.c.fault(x.Position, "there is no %s %s: define it, declare it external, or look at the spelling",
			wantedKind(wanted), x.Name)
	}
}

func wantedKind(wanted bool) string { return kindWord(!wanted) }

// refersTo tells whether the section has a variable of this name.
func (e *emitter) refersTo(key string) bool {
	if e.names == nil {
		e.names = map[string]bool{}
		for n := range e.refs {
			e.names[syntax.Fold(n.Text)] = true
		}
	}
	return e.names[key]
}

// fits checks kind and number of arguments; between are the least and the most of them, -1 for any.
func (e *emitter) fits(x *syntax.Call, name, kind string, between [2]int, wanted, either bool) bool {
	n := len(x.Args)
	switch {
	case kind == string(syntax.Entry):
		e.c.fault(x.Position, "%s is an entry: only spawn and the platform start it", name)
	case n < between[0] || between[1] >= 0 && n > between[1]:
		e.c.fault(x.Position, "%s takes %s, not %d", name, arity(between), n)
	case wanted && kind == string(syntax.Procedure):
		e.c.fault(x.Position, "%s is a procedure and has no value: call it as a statement", name)
	default:
		if !wanted && kind == string(syntax.Function) && !either {
			e.c.warn(x.Position, "%s is a function: write Void(%s(...)) where its value is not wanted", name, name)
		}
		return true
	}
	e.arguments(x.Args) // for what is wrong in there
	return false
}

func arity(between [2]int) string {
	switch {
	case between[1] < 0:
		return "at least " + count(between[0], "argument")
	case between[0] < between[1]:
		return fmt.Sprintf("%d to %s", between[0], count(between[1], "argument"))
	}
	return count(between[0], "argument")
}

// arguments compiles arguments into registers in a row and returns the first; there is at least one.
func (e *emitter) arguments(list []syntax.Expr) (base int) {
	base = e.top
	for _, x := range list {
		e.value(x, e.push())
	}
	if len(list) == 0 {
		e.push()
	}
	return base
}

func (e *emitter) callSection(x *syntax.Call, full string, d *declaration, dst int, wanted bool) {
	d.used = true
	if !d.seen && !d.warned && !d.isExternal() {
		d.warned = true
		e.c.warn(x.Position, "%s is used before its definition in line %d: declare it forward", x.Name, d.first.At.Line)
	}
	n := len(d.first.Params)
	if !e.fits(x, full, string(d.first.Kind), [2]int{n, n}, wanted, false) {
		return
	}
	base := e.arguments(x.Args)
	e.at = x.Position
	if d.isExternal() {
		e.emit(opCallExternal, base, d.place, dst)
		return
	}
	e.emit(opCall, base, d.place, dst)
}

func (e *emitter) callBuiltin(x *syntax.Call, b *Builtin, dst int, wanted bool) {
	if !e.fits(x, b.Name, kindWord(b.Procedure), [2]int{b.Min, b.Max}, wanted, b.Either) {
		return
	}
	base := e.arguments(x.Args)
	e.at = x.Position
	call := builtinCall{b, len(x.Args)}
	i, ok := e.c.calls[call]
	if !ok {
		i = len(e.c.out.calls)
		e.c.out.calls = append(e.c.out.calls, call)
		e.c.calls[call] = i
	}
	e.emit(opBuiltin, base, i, dst)
}

func (e *emitter) callIntrinsic(x *syntax.Call, key string, dst int) {
	switch key {
	case "vars":
		e.at = x.Position
		e.emit(opVars, dst, 0, 0)
	case "void":
		e.value(x.Args[0], dst)
	case "proccall":
		base := e.arguments(x.Args)
		e.at = x.Position
		e.emit(opProcCall, base, len(x.Args), dst)
	case "funccall":
		base := e.arguments(x.Args)
		e.at = x.Position
		e.emit(opFuncCall, base, len(x.Args), dst)
	}
}

// spawn compiles the start of a task at an entry of the program. In a module the entry may be one of its
// own, or, declared external, one of the program.
func (e *emitter) spawn(x *syntax.Spawn, dst int) {
	d := e.c.callee(x.Module, x.Entry)
	base := e.push()
	if x.Arg == nil {
		e.emit(opNull, base, 0, 0)
	} else {
		e.value(x.Arg, base)
	}
	e.at = x.Position
	switch {
	case d == nil:
		e.c.fault(x.Position, "there is no entry %s in this file: define it, or declare it external", x.Entry)
		return
	case d.first.Kind != syntax.Entry:
		e.c.fault(x.Position, "%s is %s: a task starts at an entry", x.Entry, article(d.first.Kind))
		return
	}
	d.used = true
	s := spawning{entry: d.first.Name, own: d.section}
	if d.first.Module != "" && d.isExternal() {
		s.entry = d.first.Module + "::" + d.first.Name
	}
	e.c.out.spawns = append(e.c.out.spawns, s)
	e.emit(opSpawn, base, len(e.c.out.spawns)-1, dst)
}
