package cgpl

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestSourcesBeyondBounds compiles what is too large in one way or other, and shows how long that takes.
func TestSourcesBeyondBounds(t *testing.T) {
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, strings.ReplaceAll(format, "#", "%[1]d"), i)
		}
		return b.String()
	}
	for _, c := range []struct{ name, source, want string }{
		{"bytes", "entry main { }" + strings.Repeat(" ", 1<<20), "the file has 1048590 bytes, and 1048576 is the most"},
		{"parentheses", "entry main { x = " + strings.Repeat("(", 100_000), "nested deeper than 200 levels"},
		{"nots", "entry main { x = " + strings.Repeat("!", 100_000) + "1; }", "nested deeper than 200 levels"},
		{"choices", "entry main { x = " + strings.Repeat("1?", 100_000) + "1; }", "nested deeper than 200 levels"},
		{"blocks", "entry main { " + strings.Repeat("loop{", 50_000), "nested deeper than 200 levels"},
		{"parts", "entry main { x = 1" + strings.Repeat("+1", 100_000) + "; }", "more than 5000 parts"},
		{"dots", "entry main { x = a" + strings.Repeat(".b", 100_000) + "; }", "more than 5000 parts"},
		{"strings", "entry main { x = " + strings.Repeat(`""`, 100_000) + "; }", "more than 5000 parts"},
		{"arguments", "entry main { Print(1" + strings.Repeat(",1", 2000) + "); }", "more than 1000 variables"},
		{"variables", "entry main { " + many(1001, "x# = 1; ") + "}", "more than 1000 variables"},
		{"constants", "entry main { " + many(66_000, `x = "#"; `) + "}", "more than 65535 constants"},
		{"instructions", "entry main { " + strings.Repeat("x = y; ", 66_000) + "}", "more than 65535 instructions"},
		{"task variables", "var v0" + many(66_000, ",w#") + ";entry main { }", "more than 65535 sections"},
		{"a constant", "const c = \"" + strings.Repeat("x", 600_000) + "\", d = c + c;", "the constant is longer than"},
		{"mistakes", "entry main { " + strings.Repeat("x = ;\n", 30_000) + "}", "there is more wrong than is worth listing"},
		{"strangers", strings.Repeat("#$", 100_000), "there is more wrong than is worth listing"},
		{"escapes", "entry main { x = \"" + strings.Repeat(`\q`, 100_000) + `"; }`, ""},
		{"words", strings.Repeat("entry ", 30_000), "expected a name after entry"},
		{"calls", "entry main { " + strings.Repeat("f(x);\n", 30_000) + "}", "there is no procedure f"},
		{"a task's value", "var x = 1; entry main { }", "has no value at first"},
		{"good", "entry main { " + many(15_000, "if x == # { Print(#); }\n") + "}", ""},
	} {
		began := time.Now()
		m, list := Compile("main.sppr", c.source, kit)
		took := time.Since(began)
		said := fmt.Sprint(list)
		if c.want == "" && m == nil || !strings.Contains(said, c.want) || len(list) > 101 {
			t.Errorf("%s: %d messages: %.500s", c.name, len(list), said)
		}
		t.Logf("%-15s %v", c.name, took)
	}
}
