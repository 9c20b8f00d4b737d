package tidy

import (
	"go/ast"
	"path"
	"strings"
)

// door says in which rooms a dependency may be imported. The longest name that begins an import
// path decides.
type door struct {
	dependency string
	rooms      string // as in the table of rooms; "*" is everywhere
	tests      string // rooms whose tests may import it as well
}

const runtime = "github.com/asynkron/protoactor-go"

var doors = []door{
	{"github.com/emiago/sipgo", "sip sip/*", "test/load"}, // whose dialogs are a measure
	{"github.com/gorilla/websocket", "web web/*", "test/*"},
	{"github.com/spf13/viper", "conf", ""},
	{"go.yaml.in/yaml", "conf", ""},
	{"github.com/pion", "media media/*", "test/*"},
	{"github.com/hajimehoshi/go-mp3", "media/sound", ""},
	{"github.com/nats-io", "actors/store", ""},
	{"github.com/minio/highwayhash", "actors/store", ""}, // the checksum of the engine's files
	{runtime, "actors actors/*", ""},
	{"github.com/orcaman/concurrent-map", "actors/cluster", ""}, // the runtime's table of actors
	{"google.golang.org/protobuf", "actors actors/*", ""},
	{"github.com/spf13/cobra", "cmd/tandem", ""},
	{"github.com/prometheus", "actors web", ""},
	{"modernc.org/sqlite", "actors/queuelog/table", "test/load/queuelog"},
	{"github.com/jackc/pgx", "actors/queuelog/table", ""},
	{"github.com/go-sql-driver/mysql", "actors/queuelog/table", ""},
	{"golang.org/x", "*", "*"},

	{"github.com/chromedp", "", "test/* web"},
	{"github.com/icholy/digest", "cmd/tandem", "sip sip/* test/*"},
	{"github.com/anishathalye/porcupine", "", "actors/cluster/* test/*"},
	{"pgregory.net/rapid", "", "*"},
	{"github.com/yuin/gopher-lua", "", "actors/pbx/cgpl"}, // whose speed is a measure
	{"go.starlark.net", "", "actors/pbx/cgpl"},
}

// pure rooms depend on nothing outside of the standard library.
const pure = "signal actors/cluster/slot actors/leg/app actors/pbx/cgpl actors/stat/measure actors/stat/filter actors/stat/engine actors/stat/evaluate actors/queuelog/report actors/queuelog/line"

// Doors checks that each dependency is imported through its door alone.
func Doors(files []*File) (faults []Fault) {
	for _, f := range files {
		f.imports(func(spec *ast.ImportSpec, path string) {
			if !outside(path) {
				return
			}
			d, ok := doorOf(path)
			switch {
			case !ok:
				faults = append(faults, f.fault(spec, "%s has no row in the table of doors (test/tidy/doors.go)", path))
			case !f.Test && among(f.Room, pure):
				faults = append(faults, f.fault(spec, "%s is a pure room, without %s", f.Room, path))
			case !among(f.Room, d.rooms) && !(testCode(f) && among(f.Room, d.tests)):
				faults = append(faults, f.fault(spec, "%s is imported in %s alone", path, d.where()))
			case d.dependency == runtime:
				faults = append(faults, runtimeFaults(f, spec)...)
			}
		})
	}
	return faults
}

// outside says whether an import is neither ours nor of the standard library, whose paths have no
// dot before the first slash.
func outside(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}

func doorOf(path string) (best door, ok bool) {
	for _, d := range doors {
		in := path == d.dependency || strings.HasPrefix(path, d.dependency+"/")
		if in && len(d.dependency) > len(best.dependency) {
			best, ok = d, true
		}
	}
	return best, ok
}

// where names the rooms for a fault.
func (d door) where() string {
	tests := "tests of " + d.tests
	switch {
	case d.tests == "":
		return d.rooms
	case d.tests == "*":
		tests = "tests"
	}
	if d.rooms == "" {
		return tests
	}
	return d.rooms + " and in " + tests
}

// testCode is what only tests run: files of tests, and everything below test.
func testCode(f *File) bool { return f.Test || strings.HasPrefix(f.Room, "test/") }

// Files and rooms that see the actor runtime. Everywhere else a machine is pure.
const (
	shells       = "actor.go ingress.go actor_*"
	runtimeRooms = "actors actors/cluster actors/acttest"
)

// runtimeFaults narrows the door of the actor runtime, which is open to rooms under actors: shells
// and tests see it, and package msg for the address of an actor alone.
func runtimeFaults(f *File, spec *ast.ImportSpec) []Fault {
	switch {
	case among(f.Room, runtimeRooms), f.Test, f.Generated:
		return nil
	case f.Room == "actors/msg":
		return onlyPID(f, spec)
	case f.Room == "actors/store":
		return []Fault{f.fault(spec, "actors/store holds what must last and has no actor runtime")}
	case !shell(f.Path):
		return []Fault{f.fault(spec, "the actor runtime is imported in %s alone: this file is pure", shells)}
	}
	return nil
}

// shell reports a file of an actor's shell: actor.go, its continuations by concept (actor_record.go),
// and the ingress.
func shell(file string) bool { return among(path.Base(file), shells) }

func onlyPID(f *File, spec *ast.ImportSpec) (faults []Fault) {
	name := path.Base(strings.Trim(spec.Path.Value, `"`))
	if spec.Name != nil {
		name = spec.Name.Name
	}
	ast.Inspect(f.AST, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := s.X.(*ast.Ident); ok && x.Name == name && s.Sel.Name != "PID" {
			faults = append(faults, f.fault(s, "of the actor runtime actors/msg uses the PID alone, not %s", s.Sel.Name))
		}
		return true
	})
	return faults
}
