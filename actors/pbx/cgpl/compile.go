package cgpl

import (
	"fmt"

	"tandem/actors/pbx/cgpl/syntax"
)

// Diagnostic is one mistake or doubt in a source file.
type Diagnostic = syntax.Diagnostic

// Diagnostics are those of one file, in its order. Err makes an error of those that are not warnings.
type Diagnostics = syntax.Diagnostics

// Compile compiles one file, whose name its messages and the module bear. All errors and warnings are
// given at once; the module is nil when there is an error. The library must not change any more.
func Compile(file, source string, lib Library) (*Module, Diagnostics) {
	report := syntax.NewReport(file)
	tree := syntax.Parse(source, report)
	c := &compiler{
		report:    report,
		lib:       lib,
		out:       &Module{file: file, name: moduleName(file), named: map[string]*section{}, spawner: lib[SpawnName]},
		declared:  map[string]*declaration{},
		elsewhere: map[string][]*declaration{},
		file:      newScope(nil),
		later:     map[string]syntax.Position{},
		calls:     map[builtinCall]int{},
	}
	c.declare(tree)
	for _, item := range tree.Items {
		c.item(item)
	}
	c.complete()
	if report.Errors() > 0 {
		return nil, report.List()
	}
	return c.out, report.List()
}

// compiler makes a module of a tree: first it collects the sections, which may be called before they
// come, then it takes the items in order.
type compiler struct {
	report    *syntax.Report
	lib       Library
	out       *Module
	declared  map[string]*declaration // by lower-case name, with its module if that is another one
	order     []*declaration
	elsewhere map[string][]*declaration  // external ones with a module, by lower-case name alone
	file      *scope                     // variables of the task and constants, as far as declared
	later     map[string]syntax.Position // variables of the task that are still to come
	calls     map[builtinCall]int
}

// declaration is what is known of a section.
type declaration struct {
	first   *syntax.Section // its first mention
	body    *syntax.Section // nil: external, or missing
	section *section        // nil: external
	place   int             // among the module's sections, or its externals
	used    bool
	seen    bool // its first mention was passed in compiling
	warned  bool
}

func (d *declaration) isExternal() bool { return d.first.External }

// fault reports an error.
func (c *compiler) fault(at syntax.Position, format string, args ...any) {
	c.report.Fault(at, fmt.Sprintf(format, args...))
}

// warn reports a doubt.
func (c *compiler) warn(at syntax.Position, format string, args ...any) {
	c.report.Warn(at, fmt.Sprintf(format, args...))
}

// declare collects the sections and the names of the task's variables.
func (c *compiler) declare(tree *syntax.File) {
	for _, item := range tree.Items {
		switch item := item.(type) {
		case *syntax.Section:
			c.mention(item)
		case *syntax.Var:
			for _, n := range item.Names {
				if key := syntax.Fold(n.Text); c.later[key] == (syntax.Position{}) {
					c.later[key] = n.Position
				}
			}
		}
	}
}

// key is the name by which a section is known in this file.
func (c *compiler) key(module, name string) string {
	if m := syntax.Fold(module); m != "" && m != c.out.name {
		return m + "::" + syntax.Fold(name)
	}
	return syntax.Fold(name)
}

// mention notes a definition or declaration, and compares it with earlier ones.
func (c *compiler) mention(s *syntax.Section) {
	key := c.key(s.Module, s.Name)
	d := c.declared[key]
	switch {
	case s.Module != "" && !s.External && syntax.Fold(s.Module) != c.out.name:
		c.fault(s.At, "%s::%s is a section of another module: declare it external, or define it in %s",
			s.Module, s.Name, s.Module)
		return
	case d == nil:
		d = &declaration{first: s}
		c.declared[key] = d
		c.order = append(c.order, d)
		c.register(d, s)
	case d.isExternal() != s.External:
		c.fault(s.At, "%s is declared external and is a section of this file: take one of the two out", s.Name)
		return
	case d.first.Kind != s.Kind:
		c.fault(s.At, "%s is %s in line %d, and %s here: make them equal",
			s.Name, article(d.first.Kind), d.first.At.Line, article(s.Kind))
	case len(d.first.Params) != len(s.Params):
		c.fault(s.At, "%s has %s in line %d, and %d here: make them equal",
			s.Name, count(len(d.first.Params), "parameter"), d.first.At.Line, len(s.Params))
	}
	if s.Forward || s.External {
		return
	}
	if d.body != nil {
		c.fault(s.At, "%s is defined in line %d already: rename one", s.Name, d.body.At.Line)
		return
	}
	d.body = s
}

// register gives a section its place in the module.
func (c *compiler) register(d *declaration, s *syntax.Section) {
	if s.External {
		module := s.Module
		if module == "" {
			module = s.Name
		}
		if s.Module != "" {
			key := syntax.Fold(s.Name)
			c.elsewhere[key] = append(c.elsewhere[key], d)
		}
		d.place = len(c.out.externals)
		c.out.externals = append(c.out.externals,
			external{syntax.Fold(module), syntax.Fold(s.Name), s.Kind, len(s.Params)})
		return
	}
	d.section = &section{module: c.out, name: s.Name, kind: s.Kind, params: len(s.Params)}
	d.place = len(c.out.sections)
	c.out.sections = append(c.out.sections, d.section)
	c.out.named[syntax.Fold(s.Name)] = d.section
	if s.Kind == syntax.Entry {
		c.out.entries = append(c.out.entries, s.Name)
	}
}

// item compiles one item of the file.
func (c *compiler) item(item syntax.Item) {
	switch item := item.(type) {
	case *syntax.Var:
		for _, n := range item.Names {
			c.file.declare(c, n, &symbol{kind: taskVariable, place: c.out.variables})
			delete(c.later, syntax.Fold(n.Text))
			c.out.variables++
		}
	case *syntax.Const:
		for i, n := range item.Names {
			value := c.constant(item.Values[i], c.file)
			c.file.declare(c, n, &symbol{kind: constantSymbol, value: value})
		}
	case *syntax.Section:
		d := c.declared[c.key(item.Module, item.Name)]
		if d == nil {
			return
		}
		d.seen = true
		if d.body == item && !item.Broken && d.section != nil {
			c.section(item, d.section)
		}
	}
}

// complete looks for sections that were announced and did not come.
func (c *compiler) complete() {
	for _, d := range c.order {
		switch {
		case d.isExternal() || d.body != nil:
		case d.used:
			c.fault(d.first.At, "%s is declared forward, and there is no %s of this name in the file: define it",
				d.first.Name, d.first.Kind)
		default:
			c.warn(d.first.At, "%s is declared forward, but neither defined nor used: take the line out",
				d.first.Name)
		}
	}
	if len(c.out.sections)+len(c.out.externals) > maxOperand || c.out.variables > maxOperand ||
		len(c.out.calls)+len(c.out.spawns) > maxOperand {
		c.fault(syntax.Position{Line: 1, Column: 1}, "the file has more than %d sections, variables or kinds of "+
			"calls: divide it into modules", maxOperand)
	}
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
