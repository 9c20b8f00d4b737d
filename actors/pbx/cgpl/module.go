package cgpl

import (
	"path"
	"slices"
	"strings"

	"tandem/actors/pbx/cgpl/syntax"
	"tandem/ximss/object"
)

// Module is a compiled file. It does not change, and all tasks share it.
type Module struct {
	file      string
	name      string
	sections  []*section
	named     map[string]*section // by lower-case name
	externals []external
	calls     []builtinCall
	spawns    []spawning
	spawner   *Builtin // what starts them; nil: nothing does
	entries   []string
	variables int // of the task, private to the module
}

// section is the code of an entry, procedure or function.
type section struct {
	module    *Module
	name      string
	kind      syntax.Kind
	params    int // registers from 0 on
	unset     int // registers after these that are null at first
	registers int // in all
	code      []instruction
	constants []object.Value
	places    []syntax.Position // of the instructions
}

// external is a section of another module, as declared.
type external struct {
	module, name string // lower-case
	kind         syntax.Kind
	params       int
}

// builtinCall is a builtin with a number of arguments.
type builtinCall struct {
	builtin *Builtin
	args    int
}

// spawning is what a spawn names: an entry of this module, or of the program (own is nil).
type spawning struct {
	entry string
	own   *section
}

// Name is the name of the file without its folder and extension, in lower case.
func (m *Module) Name() string { return m.name }

// File is what the module was compiled from, as Compile was told.
func (m *Module) File() string { return m.file }

// Entries are the names of the sections that a task can start at, as spelled, in the order of the file.
func (m *Module) Entries() []string { return slices.Clone(m.entries) }

// Externals are the modules that it needs, in lower case, each once, in order of their declaration.
// Those that ProcCall and FuncCall will name are not known.
func (m *Module) Externals() []string {
	var list []string
	for _, x := range m.externals {
		if !slices.Contains(list, x.module) {
			list = append(list, x.module)
		}
	}
	return list
}

// moduleName is the name by which programs know a file.
func moduleName(file string) string {
	name := path.Base(strings.ReplaceAll(file, `\`, "/"))
	return syntax.Fold(strings.TrimSuffix(name, path.Ext(name)))
}
