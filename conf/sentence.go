package conf

import (
	"embed"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"sync"
)

// sources are the files that declare sections. What a setting means is written there once, as the
// comment of its field, for readers of the code and of Explain alike.
//
//go:embed accounts.go adapters.go ami.go cli.go cluster.go exchanges.go http.go log.go media.go member.go queues.go recorders.go reports.go routing.go sip.go stat.go store.go tasks.go trunks.go ximss.go
var sources embed.FS

// sentences maps "SIP.MaxConns" to the comment of that field, on one line.
var sentences = sync.OnceValue(func() map[string]string {
	found := map[string]string{}
	files, _ := sources.ReadDir(".")
	for _, entry := range files {
		src, _ := sources.ReadFile(entry.Name())
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), src, parser.ParseComments)
		if err != nil {
			continue // cannot be: these very bytes were compiled
		}
		for _, decl := range file.Decls {
			if d, ok := decl.(*ast.GenDecl); ok {
				structComments(d, found)
			}
		}
	}
	return found
})

func structComments(d *ast.GenDecl, found map[string]string) {
	for _, spec := range d.Specs {
		t, ok := spec.(*ast.TypeSpec)
		if !ok {
			continue
		}
		s, ok := t.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, f := range s.Fields.List {
			for _, name := range f.Names {
				found[t.Name.Name+"."+name.Name] = strings.Join(strings.Fields(f.Doc.Text()), " ")
			}
		}
	}
}
