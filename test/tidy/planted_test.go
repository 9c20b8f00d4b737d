package tidy

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// plant makes a tree of the given files, path and source by turns.
func plant(t *testing.T, pairs ...string) []*File {
	t.Helper()
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	files, faults, err := Read(fsys)
	if err != nil || faults != nil {
		t.Fatal(err, faults)
	}
	return files
}

// importing is a file that imports one package.
func importing(path string) string { return fmt.Sprintf("package p\nimport _ %q\n", path) }

// expect wants a single fault that says want, or none if want is empty.
func expect(t *testing.T, faults []Fault, want string) {
	t.Helper()
	switch {
	case want == "" && len(faults) > 0:
		t.Errorf("a good tree has faults: %v", faults)
	case want != "" && (len(faults) != 1 || !strings.Contains(faults[0].String(), want)):
		t.Errorf("got %v, want %q", faults, want)
	}
}

func TestPlantedImports(t *testing.T) {
	const allowed = ""
	for _, c := range []struct{ file, path, want string }{
		{"actors/queue/queue.go", "tandem/actors/agent", "actors/queue/queue.go:2: actors/queue may not import actors/agent"},
		{"actors/leg/leg.go", "tandem/actors/router", "may not import actors/router"},
		{"actors/leg/leg.go", "tandem/actors", "may not import actors;"},
		{"actors/leg/leg.go", "tandem/actors/store", "may not import actors/store"},
		{"actors/leg/actor.go", "tandem/actors/store", allowed},
		{"actors/leg/leg.go", "tandem/sip/dialog", allowed},
		{"actors/leg/app/app.go", "tandem/media", "may not import media; it may import: signal"},
		{"actors/leg/app/app.go", "tandem/signal", allowed},
		{"actors/msg/signal.go", "tandem/signal", allowed},
		{"actors/msg/signal.go", "tandem/conf", "may not import conf"},
		{"actors/store/store.go", "tandem/actors/cluster", "may not import actors/cluster"},
		{"actors/stat/filter/filter.go", "tandem/actors/stat/measure", "it may import: nothing of ours"},
		{"actors/stat/measure/total.go", "tandem/actors/stat/filter", allowed},
		{"conf/sip.go", "tandem/signal", "may not import signal"},
		{"signal/route.go", "tandem/conf", "may not import conf"},
		{"media/sdp/sdp.go", "tandem/media/codec", allowed},
		{"media/sdp/sdp.go", "tandem/media", "may not import media;"},
		{"media/api.go", "tandem/signal", "may not import signal"},
		{"sip/txn/txn.go", "tandem/signal", allowed},
		{"sip/txn/txn.go", "tandem/sip", "may not import sip;"},
		{"sip/server.go", "tandem/media/sdp", "may not import media/sdp"},
		{"web/server.go", "tandem/actors/account", "may not import actors/account"},
		{"cmd/tandem/main.go", "tandem/sip", "may not import sip;"},
		{"cmd/tandem/main.go", "tandem/actors", allowed},
		{"actors/actors.go", "tandem/actors/router", allowed},
		{"test/sipp/sipp_test.go", "tandem/sip", "may not import sip;"},
		{"test/sipp/sipp_test.go", "tandem/test/lab", allowed},
		{"test/lab/lab.go", "tandem/conf", "may not import conf"},
		{"actors/leg/actor_test.go", "tandem/actors/acttest", allowed},
		{"actors/leg/actor.go", "tandem/actors/acttest", "may not import actors/acttest"},
		{"sip/server_test.go", "tandem/sip", allowed},
		{"util/util.go", "fmt", "util: has no row in the table of rooms"},
	} {
		t.Run(c.file+" "+c.path, func(t *testing.T) {
			expect(t, Imports(plant(t, c.file, importing(c.path))), c.want)
		})
	}
}

func TestPlantedDoors(t *testing.T) {
	const allowed = ""
	for _, c := range []struct{ file, path, want string }{
		{"ximss/login.go", "github.com/gorilla/websocket", "is imported in web web/* and in tests of test/* alone"},
		{"web/socket.go", "github.com/gorilla/websocket", allowed},
		{"web/socket.go", "github.com/emiago/sipgo/sip", "is imported in sip sip/* and in tests of test/load alone"},
		{"sip/txn/txn.go", "github.com/emiago/sipgo/sip", allowed},
		{"cmd/tandem/main.go", "github.com/spf13/viper", "is imported in conf alone"},
		{"conf/load.go", "go.yaml.in/yaml/v3", allowed},
		{"web/api.go", "go.yaml.in/yaml/v3", "is imported in conf alone"},
		{"sip/server.go", "github.com/pion/sdp/v3", "is imported in media media/* and in tests"},
		{"media/rtp/rtp.go", "github.com/pion/rtp", allowed},
		{"actors/leg/actor.go", "github.com/nats-io/nats.go", "is imported in actors/store alone"},
		{"actors/store/store.go", "github.com/nats-io/nats-server/v2/server", allowed},
		{"actors/actors.go", "github.com/spf13/cobra", "is imported in cmd/tandem alone"},
		{"sip/metrics.go", "github.com/prometheus/client_golang/prometheus", "is imported in actors web alone"},
		{"actors/metrics.go", "github.com/prometheus/client_golang/prometheus", allowed},
		{"web/metrics.go", "github.com/prometheus/client_golang/prometheus", allowed},
		{"sip/server.go", "google.golang.org/protobuf/proto", "is imported in actors actors/* alone"},
		{"signal/route.go", "golang.org/x/net/idna", "signal is a pure room"},
		{"media/socket.go", "golang.org/x/sys/unix", allowed},
		{"media/mixer.go", "pgregory.net/rapid", "is imported in tests alone"},
		{"media/mixer_test.go", "pgregory.net/rapid", allowed},
		{"signal/rule_test.go", "pgregory.net/rapid", allowed},
		{"test/lab/lab.go", "github.com/chromedp/chromedp", allowed},
		{"cmd/tandem/selftest.go", "github.com/icholy/digest", allowed},
		{"sip/auth/auth.go", "github.com/icholy/digest", "is imported in cmd/tandem and in tests of sip"},
		{"media/mixer.go", "example.com/new", "has no row in the table of doors"},

		{"actors/leg/leg.go", runtime + "/actor", "this file is pure"},
		{"actors/leg/actor.go", runtime + "/actor", allowed},
		{"actors/router/ingress.go", runtime + "/actor", allowed},
		{"actors/leg/actor_test.go", runtime + "/actor", allowed},
		{"actors/cluster/links.go", runtime + "/remote", allowed},
		{"actors/acttest/probe.go", runtime + "/actor", allowed},
		{"actors/actors.go", runtime + "/actor", allowed},
		{"actors/store/store.go", runtime + "/actor", "has no actor runtime"},
		{"actors/leg/app/actor.go", runtime + "/actor", "is a pure room"},
		{"sip/server.go", runtime + "/actor", "is imported in actors actors/* alone"},
	} {
		t.Run(c.file+" "+c.path, func(t *testing.T) {
			expect(t, Doors(plant(t, c.file, importing(c.path))), c.want)
		})
	}
}

func TestPlantedUseOfTheRuntimeInMessages(t *testing.T) {
	for use, want := range map[string]string{
		"var x *actor.PID":         "",
		"var x actor.Actor":        "not Actor",
		"var x = actor.NewPID":     "not NewPID",
		"type t struct{ a.Actor }": "",
	} {
		src := fmt.Sprintf("package msg\nimport %q\n%s\n", runtime+"/actor", use)
		expect(t, Doors(plant(t, "actors/msg/signal.go", src)), want)
	}
	renamed := fmt.Sprintf("package msg\nimport a %q\nvar x a.Actor\n", runtime+"/actor")
	expect(t, Doors(plant(t, "actors/msg/signal.go", renamed)), "not Actor")
	generated := "// Code generated by x. DO NOT EDIT.\n\n" + renamed
	expect(t, Doors(plant(t, "actors/msg/signal.pb.go", generated)), "")
}

func TestPlantedComments(t *testing.T) {
	const mute, described = "package p\n", "// Package p is described.\npackage p\n"
	detached := "// Not about the package.\n\npackage p\n"
	for _, c := range []struct {
		files []string
		want  string
	}{
		{[]string{"conf/doc.go", described, "conf/a.go", detached}, ""},
		{[]string{"conf/doc.go", detached, "conf/a.go", mute}, "conf: no file has a package comment"},
		{[]string{"conf/doc.go", described, "conf/a.go", described}, "more than one file has a package comment: conf/a.go, conf/doc.go"},
		{[]string{"conf/a.go", mute, "conf/a_test.go", described}, "no file has"},
		{[]string{"test/sipp/a_test.go", described}, ""},
		{[]string{"test/sipp/a_test.go", mute}, "no file has"},
	} {
		expect(t, Comments(plant(t, c.files...)), c.want)
	}
}

func TestPlantedSleeps(t *testing.T) {
	const sleeping = "package p\nimport \"time\"\nfunc f() { time.Sleep(1) }\n"
	const want = "must wait for the thing"
	expect(t, Sleeps(plant(t, "sip/a_test.go", sleeping)), "sip/a_test.go:3: a test "+want)
	expect(t, Sleeps(plant(t, "test/lab/lab.go", sleeping)), want)
	expect(t, Sleeps(plant(t, "sip/a.go", sleeping)), "")
	expect(t, Sleeps(plant(t, "test/load/a_test.go", sleeping)), "")
	expect(t, Sleeps(plant(t, "test/attack/a_test.go", sleeping)), "")
	renamed := strings.NewReplacer(`"time"`, `clock "time"`, "time.Sleep", "clock.Sleep").Replace(sleeping)
	expect(t, Sleeps(plant(t, "sip/a_test.go", renamed)), want)
	expect(t, Sleeps(plant(t, "sip/a_test.go", strings.Replace(sleeping, `"time"`, `"ours/time"`, 1))), "")
	bubble := "package p\nimport (\"testing/synctest\"; \"time\")\n" +
		"func f() { synctest.Test(nil, func() { time.Sleep(1) })\n%s}\n"
	expect(t, Sleeps(plant(t, "sip/a_test.go", fmt.Sprintf(bubble, ""))), "")
	expect(t, Sleeps(plant(t, "sip/a_test.go", fmt.Sprintf(bubble, "time.Sleep(1)"))), want)
	expect(t, Sleeps(plant(t, "sip/a_test.go", fmt.Sprintf(bubble, "time.Sleep(1); synctest.Wait()"))), "")
	inner := "synctest.Test(nil, func() { synctest.Wait() }); time.Sleep(1)"
	expect(t, Sleeps(plant(t, "sip/a_test.go", fmt.Sprintf(bubble, inner))), want)
}

func TestPlantedSizes(t *testing.T) {
	body := func(n int) string { return strings.Repeat("\n", n) }
	for _, c := range []struct{ src, want string }{
		{"package p\nfunc f() {" + body(69) + "}\n", ""},
		{"package p\nfunc f() {" + body(70) + "}\n", "f has 71 lines"},
		{"package p\nfunc f(a, b, c int, d, e, g string) {}\n", ""},
		{"package p\nfunc f(a, b, c int, d, e, g, h string) {}\n", "f has 7 parameters"},
		{"package p\n" + body(599), ""},
		{"package p\n" + body(600), "601 lines"},
		{"package p\n//" + strings.Repeat("ä", 118) + "\n", ""},
		{"package p\n//" + strings.Repeat("ä", 119) + "\n", "a.go:2: 121 columns"},
		{"// Code generated by x. DO NOT EDIT.\n\npackage p\n" + body(600), ""},
	} {
		expect(t, Sizes(plant(t, "conf/a.go", c.src)), c.want)
	}
	expect(t, Sizes(plant(t, "conf/a_test.go", "package p\n"+body(600))), "")
}

// A command stands in for protoc: it writes what the .proto files would give.
func TestPlantedGenerated(t *testing.T) {
	const fresh = "// \tprotoc        v4\npackage msg // new"
	command := `sh -c "out='--go_out=.'; cd ../.. && cd ${out#--go_out=} && mkdir -p actors/msg && cp actors/fresh/* actors/msg/"`
	for _, c := range []struct{ committed, name, want string }{
		{fresh, "a.pb.go", ""},
		{strings.Replace(fresh, "v4", "v3.21.12", 1), "a.pb.go", ""},
		{"package msg // old", "a.pb.go", "actors/msg/a.pb.go: is not what its .proto file gives"},
		{"", "a.pb.go", "actors/msg/a.pb.go: is missing"},
		{fresh, "b.pb.go", ""},
	} {
		root, empty := t.TempDir(), t.TempDir()
		write(t, filepath.Join(empty, "actors/fresh/a.pb.go"), fresh)
		write(t, filepath.Join(root, "actors/msg/gen.go"), "package msg\n\n//go:generate "+command+" protoc\n")
		if c.committed != "" {
			write(t, filepath.Join(root, "actors/msg", c.name), c.committed)
		}
		files, _, err := Read(os.DirFS(root))
		if err != nil {
			t.Fatal(err)
		}
		gen := files[slices.IndexFunc(files, func(f *File) bool { return f.Path == "actors/msg/gen.go" })]
		commands := Commands(gen)
		if len(commands) != 1 {
			t.Fatalf("commands: %v", commands)
		}
		faults, err := Generated(root, gen, commands[0], empty)
		if err != nil {
			t.Fatal(err)
		}
		if c.name == "b.pb.go" { // one lacks, another is too many
			if len(faults) != 2 {
				t.Errorf("faults: %v", faults)
			}
			continue
		}
		expect(t, faults, c.want)
	}
}

func TestGeneratedSaysWhatFailed(t *testing.T) {
	gen := plant(t, "actors/msg/gen.go", "package msg\n")[0]
	root := t.TempDir()
	write(t, filepath.Join(root, "actors/msg/gen.go"), "")
	for command, want := range map[string]string{
		`sh -c "echo why --go_out=.; false"`: "why",
		`sh -c "true --go_out=."`:            "makes no .pb.go file",
		`protoc`:                             "does not say --go_out=. once",
		`sh -c "open`:                        "open quotation mark",
	} {
		if _, err := Generated(root, gen, command, t.TempDir()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", command, err, want)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestReadLeavesOutWhatGoIgnores(t *testing.T) {
	files, faults, err := Read(fstest.MapFS{
		"conf/testdata/bad.go": {Data: []byte("nonsense")},
		".git/hook.go":         {Data: []byte("nonsense")},
		"_old/old.go":          {Data: []byte("nonsense")},
		"conf/_old.go":         {Data: []byte("nonsense")},
		"conf/conf.go":         {Data: []byte("package conf\n")},
		"conf/broken.go":       {Data: []byte("package conf\nfunc {")},
		"conf/notes.txt":       {Data: []byte("nonsense")},
	})
	if err != nil || len(files) != 1 || files[0].Path != "conf/conf.go" {
		t.Errorf("files %v, %v", files, err)
	}
	expect(t, faults, "conf/broken.go: cannot be parsed")
}
