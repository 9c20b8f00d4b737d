package tidy

import (
	"fmt"
	"go/ast"
	"sort"
	"strings"
	"unicode/utf8"
)

// Comments checks that every package is described in exactly one file.
func Comments(files []*File) (faults []Fault) {
	rooms := map[string][]*File{}
	for _, f := range files {
		rooms[f.Room] = append(rooms[f.Room], f)
	}
	for name, all := range rooms {
		if where := described(all); len(where) != 1 {
			text := "no file has a package comment"
			if len(where) > 1 {
				text = "more than one file has a package comment: " + strings.Join(where, ", ")
			}
			faults = append(faults, Fault{name, 0, text})
		}
	}
	sort.Slice(faults, func(i, j int) bool { return faults[i].Path < faults[j].Path })
	return faults
}

// described lists the files with a package comment; tests count only where there is nothing else.
func described(room []*File) (where []string) {
	testsAlone := true
	for _, f := range room {
		testsAlone = testsAlone && f.Test
	}
	for _, f := range room {
		if f.AST.Doc != nil && strings.TrimSpace(f.AST.Doc.Text()) != "" && f.Test == testsAlone {
			where = append(where, f.Path)
		}
	}
	return where
}

// sleepers may wait by the clock: their subject is what happens in time.
const sleepers = "test/load test/attack"

// Sleeps finds tests that wait for a time instead of for a thing. In a bubble of synctest time is
// not real and a sleep only moves it: inside of synctest.Test, and in a function that calls
// synctest.Wait, which panics anywhere else.
func Sleeps(files []*File) (faults []Fault) {
	for _, f := range files {
		if !testCode(f) || among(f.Room, sleepers) {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if fn, ok := n.(*ast.FuncDecl); ok && callsWait(f, fn) {
				return false
			}
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if selects(f, call.Fun, "time", "Sleep") {
				faults = append(faults, f.fault(call, "a test must wait for the thing, not for a time"))
			}
			return !selects(f, call.Fun, "testing/synctest", "Test")
		})
	}
	return faults
}

// callsWait says whether a function itself, not a function inside of it, calls synctest.Wait.
func callsWait(f *File, fn *ast.FuncDecl) (found bool) {
	ast.Inspect(fn, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			found = found || selects(f, call.Fun, "testing/synctest", "Wait")
		}
		_, inner := n.(*ast.FuncLit)
		return !inner
	})
	return found
}

// selects says whether an expression is name of the package that is imported by path.
func selects(f *File, e ast.Expr, path, name string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != name {
		return false
	}
	x, ok := s.X.(*ast.Ident)
	if !ok {
		return false
	}
	found := false
	f.imports(func(spec *ast.ImportSpec, p string) {
		local := p[strings.LastIndex(p, "/")+1:]
		if spec.Name != nil {
			local = spec.Name.Name
		}
		found = found || p == path && local == x.Name
	})
	return found
}

// Beyond these sizes somebody should look again; where a thing reads better whole it stays whole.
const (
	maxFunction   = 70  // lines
	maxFile       = 600 // lines
	maxTestFile   = 900 // lines
	maxParameters = 6
	maxLine       = 120 // columns, a tab counts as four
)

// Sizes lists what is beyond the aim.
func Sizes(files []*File) (faults []Fault) {
	for _, f := range files {
		if f.Generated {
			continue
		}
		lines, most := f.lines(), maxFile
		if f.Test {
			most = maxTestFile
		}
		if len(lines) > most {
			faults = append(faults, Fault{f.Path, 0, fmt.Sprintf("%d lines, more than %d", len(lines), most)})
		}
		for i, line := range lines {
			if n := utf8.RuneCount(line) + 3*strings.Count(string(line), "\t"); n > maxLine {
				faults = append(faults, Fault{f.Path, i + 1, fmt.Sprintf("%d columns, more than %d", n, maxLine)})
			}
		}
		for _, d := range f.AST.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				faults = append(faults, functionSizes(f, fn)...)
			}
		}
	}
	return faults
}

func functionSizes(f *File, fn *ast.FuncDecl) (faults []Fault) {
	if n := f.set.Position(fn.End()).Line - f.line(fn) + 1; n > maxFunction {
		faults = append(faults, f.fault(fn, "%s has %d lines, more than %d", fn.Name.Name, n, maxFunction))
	}
	if n := fn.Type.Params.NumFields(); n > maxParameters {
		faults = append(faults, f.fault(fn, "%s has %d parameters, more than %d", fn.Name.Name, n, maxParameters))
	}
	return faults
}
