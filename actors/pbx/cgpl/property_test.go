package cgpl

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tandem/actors/pbx/cgpl/syntax"
)

// TestProgramsDoWhatTheirTreesSay makes programs, in a mixture of both spellings, and compares what they do
// with what a walk over their trees does.
func TestProgramsDoWhatTheirTreesSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &writer{t: t}
		source := w.program()
		report := syntax.NewReport("main.sppr")
		tree := syntax.Parse(source, report)
		m, list := Compile("main.sppr", source, kit)
		if m == nil {
			t.Fatalf("%v\n%s", list.Err(), source)
		}
		want, long := walked(tree)
		if long {
			t.Skip("it takes long")
		}
		got := perform(m, nil, Limits{Slice: int64(rapid.IntRange(1, 50).Draw(t, "slice"))})
		if last := len(got) - 1; strings.HasPrefix(got[last], "failed: ") {
			got[last], _, _ = strings.Cut(got[last], " at main.sppr")
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s\ndoes   %q\nand not %q", source, got, want)
		}
	})
}

func walked(tree *syntax.File) (out []string, long bool) {
	defer func() {
		if e := recover(); e != nil {
			if _, long = e.(tooMuch); !long {
				panic(e)
			}
		}
	}()
	return walk(tree), false
}

// writer writes random programs.
type writer struct {
	t     *rapid.T
	b     strings.Builder
	calls []string // functions of two parameters that may be called
	loops int
	depth int
}

func (w *writer) pick(n int) int { return rapid.IntRange(0, n-1).Draw(w.t, "pick") }

func (w *writer) one(of ...string) string { return of[w.pick(len(of))] }

func (w *writer) put(format string, args ...any) { fmt.Fprintf(&w.b, format, args...) }

func (w *writer) program() string {
	w.put("var t, u;\nfunction say(x) { Print(x); return x; }\n")
	for _, name := range []string{"f", "g"} {
		w.put("function %s(a, b) {\n", name)
		w.block(3)
		w.put("return %s;\n}\n", w.expr(3))
		w.calls = append(w.calls, name)
	}
	w.put("entry main {\na = NewArray(1, \"x\"); b = 5;\n")
	w.block(5)
	w.put("Print(a, b, c, x, y, t, u);\n}\n")
	return w.b.String()
}

func (w *writer) block(most int) {
	w.depth++
	defer func() { w.depth-- }()
	for range 1 + w.pick(most) {
		w.statement()
	}
}

var variables = []string{"a", "b", "c", "x", "y", "t", "u"}

func (w *writer) statement() {
	kinds := 9
	if w.depth > 3 {
		kinds = 6
	}
	name := w.one(variables...)
	switch w.pick(kinds) {
	case 0, 1:
		w.put("%s %s %s;\n", name, w.one("=", "=", "+=", "-=", "*=", "/=", "%=", "&=", "|="), w.expr(3))
	case 2:
		w.put("Print(%s);\n", w.expr(4))
	case 3:
		w.put("%s[%s] %s %s;\n", name, w.one("0", "1", "b", "\"0\""), w.one("=", "+="), w.expr(2))
	case 4:
		if w.loops > 0 {
			w.put("exitif %s;\n", w.expr(2))
		}
	case 5:
		w.put("Print(say(%s) %s say(%s));\n", w.expr(1), w.one("+", "and", "or", "&&", "||", "==", "<", "and then"), w.expr(1))
	case 6:
		w.branches()
	case 7:
		w.loop()
	case 8:
		// In a block of its own, since a name is declared once in a block.
		w.put("if true { var %s = %s;\n", name, w.expr(2))
		w.block(2)
		w.put("}\n")
	}
}

func (w *writer) branches() {
	open, middle, end := "{\n", "} ", "}\n"
	if w.pick(2) == 0 {
		open, middle, end = "then\n", "", "end if;\n"
	}
	w.put("if %s %s", w.expr(3), open)
	w.block(2)
	if w.pick(2) == 0 {
		w.put("%selif %s %s", middle, w.expr(3), open)
		w.block(2)
	}
	if w.pick(2) == 0 {
		w.put("%selse %s", middle, strings.TrimPrefix(open, "then"))
		w.block(2)
	}
	w.put("%s", end)
}

func (w *writer) loop() {
	i := fmt.Sprintf("i%d", w.loops)
	open, end := "{\n", "}\n"
	if w.pick(2) == 0 {
		open, end = "loop\n", "end loop;\n"
	}
	switch w.pick(3) {
	case 0:
		w.put("for (var %s = 0; %s < 3; %s += 1) %s", i, i, i, open)
	case 1:
		w.put("for %s = 3 while %s > 0 and then (%s) by %s -= 1 %s", i, i, w.expr(2), i, open)
	case 2:
		head := w.one("while true ", "loop ")
		if open == "loop\n" && head == "loop " {
			head = ""
		}
		w.put("%s = 0; %s%s %s += 1; exitif %s > 2;\n", i, head, open, i, i)
	}
	w.loops++
	w.block(2)
	w.loops--
	w.put("%s", end)
}

func (w *writer) expr(depth int) string {
	if depth == 0 || w.pick(4) == 0 {
		return w.one("0", "1", "2", "-3", "40000", "\"s\"", "\"\"", "null", "true", "a", "b", "c", "x", "y", "t", "u")
	}
	x := w.expr(depth - 1)
	switch w.pick(10) {
	case 0:
		return w.one("-", "not ", "!", "+") + x
	case 1:
		return fmt.Sprintf("(%s ? %s : %s)", x, w.expr(depth-1), w.expr(depth-1))
	case 2:
		return fmt.Sprintf("%s[%s]", w.one("a", "b", "x", "NewArray("+x+", 7)"), w.expr(depth-1))
	case 3:
		if len(w.calls) > 0 {
			return fmt.Sprintf("%s(%s, %s)", w.one(w.calls...), x, w.expr(depth-1))
		}
		return "say(" + x + ")"
	case 4:
		return "(" + x + ")"
	}
	op := w.one("+", "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or", "xor", "&", "|", "^",
		"and then", "or else", "&&", "||")
	return fmt.Sprintf("%s %s %s", x, op, w.expr(depth-1))
}
