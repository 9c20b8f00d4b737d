package cgpl

import (
	"fmt"
	"strings"

	"tandem/actors/pbx/cgpl/syntax"
	"tandem/ximss/object"
)

// link is a module in use by one machine: its task variables, and the sections that its externals have
// turned out to be.
type link struct {
	module    *Module
	variables []object.Value
	externals []target
}

// target is a section of a module in use; its section is nil before the first call.
type target struct {
	link    *link
	section *section
}

func newLink(m *Module) *link {
	l := &link{module: m}
	if m.variables > 0 {
		l.variables = make([]object.Value, m.variables)
	}
	if len(m.externals) > 0 {
		l.externals = make([]target, len(m.externals))
	}
	return l
}

// module is a module in use, loaded at its first call. The program goes on with what it loaded, whatever
// becomes of the file.
func (m *Machine) module(name string) (*link, error) {
	for _, l := range m.links {
		if l.module.name == name {
			return l, nil
		}
	}
	if m.load == nil {
		return nil, fmt.Errorf("%s: %s", TextModule, name)
	}
	module, err := m.load(name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %s: %v", TextModule, name, err) // its text alone: it is no exception
	case module == nil:
		return nil, fmt.Errorf("%s: %s", TextModule, name)
	case module == m.program.module:
		return m.program, nil
	}
	l := newLink(module)
	m.links = append(m.links, l)
	m.memory.used += int64(len(l.variables)+2*len(l.externals)) * valueBytes
	return l, nil
}

// find is a section of a module that is called with a number of arguments.
func (m *Machine) find(module, name string, kind syntax.Kind, args int) (target, error) {
	l, err := m.module(module)
	if err != nil {
		return target{}, err
	}
	s := l.module.named[name]
	full := module + "::" + name
	switch {
	case s == nil:
		return target{}, fmt.Errorf("%s: %s", TextSection, full)
	case s.kind != kind:
		return target{}, fmt.Errorf("%s: %s is %s, not %s", TextKind, full, article(s.kind), article(kind))
	case s.params != args:
		return target{}, fmt.Errorf("%s: %s takes %d, not %d", TextArguments, full, s.params, args)
	}
	return target{l, s}, nil
}

// article is a kind with its article.
func article(k syntax.Kind) string {
	if k == syntax.Entry {
		return "an entry"
	}
	return "a " + string(k)
}

// external is the section behind an external declaration.
func (m *Machine) external(l *link, i int) (target, error) {
	if t := l.externals[i]; t.section != nil {
		return t, nil
	}
	x := l.module.externals[i]
	t, err := m.find(x.module, x.name, x.kind, x.params)
	if err == nil {
		l.externals[i] = t
	}
	return t, err
}

// computed is the section that ProcCall or FuncCall names: "module::section", or "name" for "name::name".
func (m *Machine) computed(name object.Value, kind syntax.Kind, args int) (target, error) {
	text, ok := name.Str()
	if !ok {
		return target{}, Throw(TextName)
	}
	key := syntax.Fold(text)
	module, section, qualified := strings.Cut(key, "::")
	if !qualified {
		section = key
	}
	return m.find(module, section, kind, args)
}

// entry finds the section that a task starts at.
func (m *Machine) entry(name string) (*link, *section, error) {
	l, key := m.program, syntax.Fold(name)
	if module, inner, ok := strings.Cut(key, "::"); ok {
		var err error
		if l, err = m.module(module); err != nil {
			return nil, nil, err
		}
		key = inner
	}
	s := l.module.named[key]
	if s == nil || s.kind != syntax.Entry {
		return nil, nil, fmt.Errorf("%s: %s", TextEntry, name)
	}
	return l, s, nil
}
