package cgpl

import (
	"tandem/actors/pbx/cgpl/syntax"
	"tandem/ximss/object"
)

// symbolKind is what a name is that is not called.
type symbolKind uint8

const (
	localVariable  symbolKind = iota // lives in a register
	taskVariable                     // declared outside of sections
	constantSymbol                   // its value is known
)

// symbol is a variable or constant.
type symbol struct {
	kind  symbolKind
	place int          // register, or number of the task variable
	value object.Value // of a constant
	at    syntax.Position
}

// scope has the names of a block; those of the blocks around it are seen through it.
type scope struct {
	names map[string]*symbol
	used  map[string]syntax.Position // variables that nobody declared, where the block used them first
	outer *scope
}

func newScope(outer *scope) *scope { return &scope{outer: outer} }

// find is the innermost symbol of a name, or nil.
func (s *scope) find(key string) *symbol {
	for ; s != nil; s = s.outer {
		if x := s.names[key]; x != nil {
			return x
		}
	}
	return nil
}

// declare adds a symbol.
func (s *scope) declare(c *compiler, n *syntax.Name, x *symbol) {
	key := syntax.Fold(n.Text)
	if old := s.names[key]; old != nil {
		c.fault(n.Position, "%s is declared in line %d of the same block already: rename one", n.Text, old.at.Line)
		return
	}
	if s.names == nil {
		s.names = map[string]*symbol{}
	}
	x.at = n.Position
	s.names[key] = x
}

// resolver finds out what the names of one section mean, before any code is made: variables that nobody
// declared live as long as the section's call, and need their registers from its first instruction on.
type resolver struct {
	c      *compiler
	scope  *scope
	unset  []*symbol          // variables that nobody declared
	byName map[string]*symbol // the same
	refs   map[*syntax.Name]*symbol
}

func (c *compiler) resolve(s *syntax.Section) *resolver {
	r := &resolver{c: c, scope: newScope(c.file), byName: map[string]*symbol{}, refs: map[*syntax.Name]*symbol{}}
	for _, p := range s.Params {
		r.declare(p, &symbol{})
	}
	r.scope = newScope(r.scope) // a var may shadow a parameter
	r.statements(s.Body)
	return r
}

func (r *resolver) declare(n *syntax.Name, x *symbol) {
	if at, ok := r.scope.used[syntax.Fold(n.Text)]; ok {
		r.c.warn(n.Position, "%s was used in line %d before this declaration: that is another variable",
			n.Text, at.Line)
	}
	r.scope.declare(r.c, n, x)
	r.refs[n] = x
}

// block resolves statements whose declarations end with them.
func (r *resolver) block(list []syntax.Stmt) {
	r.scope = newScope(r.scope)
	r.statements(list)
	r.scope = r.scope.outer
}

func (r *resolver) statements(list []syntax.Stmt) {
	for _, s := range list {
		r.statement(s)
	}
}

func (r *resolver) statement(s syntax.Stmt) {
	switch s := s.(type) {
	case nil, *syntax.Stop:
	case *syntax.Return:
		r.expression(s.X)
	case *syntax.ExitIf:
		r.expression(s.X)
	case *syntax.Do:
		r.expression(s.X)
	case *syntax.Var:
		for i, n := range s.Names {
			r.expression(s.Values[i])
			r.declare(n, &symbol{})
		}
	case *syntax.Const:
		for i, n := range s.Names {
			r.declare(n, &symbol{kind: constantSymbol, value: r.c.constant(s.Values[i], r.scope)})
		}
	case *syntax.Assign:
		r.assign(s)
	case *syntax.If:
		for _, a := range s.Arms {
			r.expression(a.If)
			r.block(a.Then)
		}
		r.block(s.Else)
	case *syntax.Loop:
		r.scope = newScope(r.scope)
		r.statement(s.Init)
		r.expression(s.While)
		r.block(s.Body)
		r.statement(s.Step)
		r.scope = r.scope.outer
	}
}

// assign resolves the right side first: a name that only its own assignment mentions is read unset.
func (r *resolver) assign(s *syntax.Assign) {
	n, ok := s.Target.(*syntax.Name)
	if !ok {
		r.expression(s.Target)
		r.expression(s.X)
		return
	}
	r.expression(s.X)
	x := r.variable(n)
	if x.kind == constantSymbol {
		r.c.fault(n.Position, "%s is a constant, declared in line %d: it can not be assigned", n.Text, x.at.Line)
	}
}

// variable is what a name means; a name that means nothing yet becomes a variable.
func (r *resolver) variable(n *syntax.Name) *symbol {
	key := syntax.Fold(n.Text)
	x := r.scope.find(key)
	if x == nil {
		r.use(key, n.Position)
		x = r.byName[key]
	}
	if x == nil {
		x = &symbol{at: n.Position}
		r.unset, r.byName[key] = append(r.unset, x), x
		if at, ok := r.c.later[key]; ok {
			r.c.warn(n.Position, "the task's variable %s is declared in line %d only: this is another one, "+
				"of the section", n.Text, at.Line)
		}
	}
	r.refs[n] = x
	return x
}

// use notes in the open blocks that they use a variable that nobody declared.
func (r *resolver) use(key string, at syntax.Position) {
	for s := r.scope; s != r.c.file; s = s.outer {
		if _, ok := s.used[key]; ok {
			return // and so do those around it
		}
		if s.used == nil {
			s.used = map[string]syntax.Position{}
		}
		s.used[key] = at
	}
}

func (r *resolver) expression(x syntax.Expr) {
	switch x := x.(type) {
	case *syntax.Name:
		r.read(x)
	case *syntax.Call:
		r.expressions(x.Args)
	case *syntax.Spawn:
		r.expression(x.Arg)
	case *syntax.Index:
		r.expression(x.X)
		r.expression(x.I)
	case *syntax.Field:
		r.expression(x.X)
	case *syntax.Key:
		r.expression(x.X)
		r.expression(x.K)
	case *syntax.Unary:
		r.expression(x.X)
	case *syntax.Binary:
		r.expression(x.X)
		r.expression(x.Y)
	case *syntax.Choice:
		r.expression(x.If)
		r.expression(x.Then)
		r.expression(x.Else)
	}
}

func (r *resolver) expressions(list []syntax.Expr) {
	for _, x := range list {
		r.expression(x)
	}
}

// read resolves a name in an expression. One that nobody declared or assigned before, and that is the
// name of something to call, lacks its parentheses.
func (r *resolver) read(n *syntax.Name) {
	key := syntax.Fold(n.Text)
	if r.scope.find(key) == nil && r.byName[key] == nil {
		switch kind := r.c.callable(key); kind {
		case "":
		case string(syntax.Entry):
			r.c.fault(n.Position, "%s is an entry and no variable: use another name", n.Text)
			return
		default:
			r.c.fault(n.Position, "%s is %s: write %s() to call it", n.Text, article(syntax.Kind(kind)), n.Text)
			return
		}
	}
	r.variable(n)
}
