package tidy

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strings"
)

// module is the name that our own import paths begin with.
const module = "tandem/"

// File is one Go file of the tree.
type File struct {
	Path      string // from the root, with slashes
	Room      string // its directory: "actors/leg"
	Source    []byte
	AST       *ast.File
	Test      bool // _test.go
	Generated bool

	set *token.FileSet
}

// line tells where a node begins.
func (f *File) line(n ast.Node) int { return f.set.Position(n.Pos()).Line }

// fault makes a fault at a node.
func (f *File) fault(n ast.Node, format string, args ...any) Fault {
	return Fault{f.Path, f.line(n), fmt.Sprintf(format, args...)}
}

// imports calls each with the path of every import.
func (f *File) imports(each func(spec *ast.ImportSpec, path string)) {
	for _, spec := range f.AST.Imports {
		each(spec, strings.Trim(spec.Path.Value, "`\""))
	}
}

// Fault is one place that breaks a rule.
type Fault struct {
	Path string
	Line int // 0: the file or the directory as a whole
	Text string
}

func (f Fault) String() string {
	if f.Line == 0 {
		return f.Path + ": " + f.Text
	}
	return fmt.Sprintf("%s:%d: %s", f.Path, f.Line, f.Text)
}

// Read parses all Go files below the root of fsys but those that the go command ignores: testdata
// and names that begin with a dot or an underscore. A file that cannot be parsed is a fault.
func Read(fsys fs.FS) (files []*File, faults []Fault, err error) {
	err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		if name != "." && (base[0] == '.' || base[0] == '_' || base == "testdata") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() || path.Ext(name) != ".go" {
			return nil
		}
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		f := &File{Path: name, Room: path.Dir(name), Source: src, set: token.NewFileSet(),
			Test: strings.HasSuffix(name, "_test.go")}
		f.AST, err = parser.ParseFile(f.set, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			faults = append(faults, Fault{name, 0, "cannot be parsed: " + err.Error()})
			return nil
		}
		f.Generated = ast.IsGenerated(f.AST)
		files = append(files, f)
		return nil
	})
	return files, faults, err
}

// lines splits the source for those who measure it.
func (f *File) lines() [][]byte {
	return bytes.Split(bytes.TrimSuffix(f.Source, []byte("\n")), []byte("\n"))
}
