package attack

import (
	"strings"
	"testing"

	"tandem/test/lab"
)

// TestRunaways starts programs by calls that never end, take all memory, or call themselves for ever. Each is
// ended, its call too, and the log names why.
func TestRunaways(t *testing.T) {
	w := newWitness(t)
	for _, c := range []struct{ name, source, why string }{
		{"endless", `entry main is
		   if AcceptCall() != null then stop; end if;
		   loop i += 1; end loop;
		 end entry;`, "the task runs too long without waiting"},
		{"hoarder", `entry main is
		   if AcceptCall() != null then stop; end if;
		   all = NewArray();
		   text = "0123456789";
		   loop text += text; AddElement(all, text + String(Length(all))); exitif Length(text) > 1000000; end loop;
		   loop AddElement(all, text + String(Length(all))); end loop;
		 end entry;`, "the task uses too much memory"},
		{"deep", `function down(n) is return down(n + 1); end function;
		 entry main is
		   if AcceptCall() != null then stop; end if;
		   Void(down(0));
		 end entry;`, "calls are nested too deeply"},
	} {
		w.account(t, c.name, c.source)
		var calls []*lab.Call
		for range 5 {
			calls = append(calls, w.dial(t, w.Phone(t, "1000"), c.name))
		}
		for _, call := range calls {
			call.AwaitEnd()
		}
		line := ""
		for l := range strings.Lines(w.Log()) {
			if strings.Contains(l, "program exception") && strings.Contains(l, "program="+c.name) {
				line = l
			}
		}
		if !strings.Contains(line, c.why) {
			t.Errorf("%s: the log says %q, want %q", c.name, line, c.why)
		}
	}
	w.unharmed(t)
	w.over(t)
}
