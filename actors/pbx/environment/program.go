package environment

import (
	"fmt"
	"path"
	"strings"
	"sync"

	"tandem/actors/pbx/cgpl"
)

// Extensions of real-time programs and modules (reference cgpl.md 1.4).
const (
	programExt = ".sppr"
	moduleExt  = ".sppi"
)

// program is the compiled form of a file: made at the first demand, once, whoever else asks meanwhile.
type program struct {
	once        sync.Once
	module      *cgpl.Module // nil: does not compile
	diagnostics cgpl.Diagnostics
	err         error
}

// Program finds a program by name, with or without its extension, and compiles it, unless that was done.
// Diagnostics has warnings even where there is no error. ErrNotFound; ErrFaulty: the diagnostics, which the
// error quotes, have errors. It never waits for a disk.
func (s *Set) Program(domain, language, name string) (*cgpl.Module, cgpl.Diagnostics, error) {
	f, err := s.find(domain, language, withExt(name, programExt), "")
	if err != nil {
		return nil, nil, err
	}
	s.compile(f)
	return f.program.module, f.program.diagnostics, f.program.err
}

// Loader finds the modules of a program's external sections, as the task's language has them.
func (s *Set) Loader(domain, language string) func(module string) (*cgpl.Module, error) {
	return func(module string) (*cgpl.Module, error) {
		f, err := s.find(domain, language, withExt(module, moduleExt), "")
		if err != nil {
			return nil, err
		}
		s.compile(f)
		return f.program.module, f.program.err
	}
}

// Compile compiles a program or module of an exact place, so that its errors are in the log before
// anybody calls it. What is no program, or is gone, does no harm.
func (s *Set) Compile(p Place, path string) {
	s.mu.RLock()
	f := s.at(p, path)
	s.mu.RUnlock()
	if f != nil && IsProgram(path) {
		s.compile(f)
	}
}

// compile compiles a file once and logs what is wrong with it.
func (s *Set) compile(f *file) {
	f.program.once.Do(func() {
		f.program.err = s.translate(f)
		if f.program.err != nil {
			s.log.Warn("a program does not compile", "environment", f.Place.String(), "file", f.Path, "err", f.program.err)
		}
	})
}

// translate runs the compiler. A fault of the compiler must not end the member each time that it starts:
// it counts as one of the file.
func (s *Set) translate(f *file) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			f.program.module = nil
			err = fmt.Errorf("%w: %s: the compiler failed: %v", ErrFaulty, f.Path, fault)
		}
	}()
	f.program.module, f.program.diagnostics = s.compiler(f.Path, f.source, s.library)
	if f.program.module == nil {
		return fmt.Errorf("%w: %v", ErrFaulty, f.program.diagnostics)
	}
	return nil
}

// withExt is a name with the extension, which it may have already.
func withExt(name, ext string) string {
	if strings.EqualFold(path.Ext(name), ext) {
		return name
	}
	return name + ext
}
