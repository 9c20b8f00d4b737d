package cgpl

import (
	"os"
	"testing"

	lua "github.com/yuin/gopher-lua"
	"go.starlark.net/starlark"
	star "go.starlark.net/syntax"
)

// rival is one program in three languages. Each leaves the same result.
type rival struct{ name, cgpl, lua, starlark, result string }

var rivals = []rival{{
	name: "loop",
	cgpl: `entry main {
	  for (i = 0; i < 100000; i += 1) {
	    if i % 3 == 0 { n += i * 2; } else { n = n - i; }
	    if n == null { n = 0; }
	  }
	  Print(n);
	}`,
	lua: `local n = 0; local i = 0
	while i < 100000 do
	  if i % 3 == 0 then n = n + i * 2 else n = n - i end
	  if n == nil then n = 0 end
	  i = i + 1
	end
	result = n`,
	result: "99999",
	starlark: `
def main():
    n = 0
    for i in range(100000):
        if i % 3 == 0:
            n = n + i * 2
        else:
            n = n - i
        if n == None:
            n = 0
    return n
result = main()
`,
}, {
	name: "call",
	cgpl: `function fib(n) forward;
	function fib(n) { if n < 2 { return n; } return fib(n - 1) + fib(n - 2); }
	entry main { Print(fib(22)); }`,
	lua:    `local function fib(n) if n < 2 then return n end; return fib(n - 1) + fib(n - 2) end; result = fib(22)`,
	result: "17711",
	starlark: `
def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)
result = fib(22)
`,
}, {
	name:   "string",
	cgpl:   `entry main { s = ""; for (i = 0; i < 5000; i += 1) { s += "sip:" + "user" + ";"; } Print(Length(s)); }`,
	lua:    `local s = ""; local u = "user"; for i = 1, 5000 do s = s .. "sip:" .. u .. ";" end; result = #s`,
	result: "45000",
	starlark: `
def main():
    s = ""
    for i in range(5000):
        s += "sip:" + "user" + ";"
    return len(s)
result = main()
`,
}}

// BenchmarkInterpreter runs each program in three interpreters, side by side:
//
//	go test -run ^$ -bench Interpreter ./actors/pbx/cgpl
func BenchmarkInterpreter(b *testing.B) {
	for _, r := range rivals {
		b.Run(r.name+"/cgpl", func(b *testing.B) { r.runOurs(b) })
		b.Run(r.name+"/lua", func(b *testing.B) { r.runLua(b) })
		b.Run(r.name+"/starlark", func(b *testing.B) { r.runStarlark(b) })
	}
}

// TestRivals shows the ratios of their times; nothing fails because it took long:
//
//	TANDEM_LOAD=1 go test -v -run Rivals ./actors/pbx/cgpl
func TestRivals(t *testing.T) {
	if os.Getenv("TANDEM_LOAD") != "1" {
		t.Skip("a load program: run it with TANDEM_LOAD=1 and -v")
	}
	for _, r := range rivals {
		ours := testing.Benchmark(r.runOurs)
		of := func(rival testing.BenchmarkResult) float64 { return float64(rival.NsPerOp()) / float64(ours.NsPerOp()) }
		t.Logf("%-6s  ours %8.3f ms   lua %5.1f times   starlark %5.1f times", r.name, float64(ours.NsPerOp())/1e6,
			of(testing.Benchmark(r.runLua)), of(testing.Benchmark(r.runStarlark)))
	}
}

func (r rival) runOurs(b *testing.B) {
	m, list := Compile("main.sppr", r.cgpl, kit)
	if err := list.Err(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if out := perform(m, nil, Limits{}); out[0] != "#"+r.result {
			b.Fatal(out)
		}
	}
}

func (r rival) runLua(b *testing.B) {
	l := lua.NewState()
	defer l.Close()
	f, err := l.LoadString(r.lua)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		l.Push(f)
		if err := l.PCall(0, 0, nil); err != nil || l.GetGlobal("result").String() != r.result {
			b.Fatal(err, l.GetGlobal("result"))
		}
	}
}

func (r rival) runStarlark(b *testing.B) {
	_, p, err := starlark.SourceProgramOptions(&star.FileOptions{Recursion: true, While: true}, "main.star", r.starlark,
		func(string) bool { return false })
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		out, err := p.Init(&starlark.Thread{}, nil)
		if err != nil || out["result"].String() != r.result {
			b.Fatal(err, out)
		}
	}
}
