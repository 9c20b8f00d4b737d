package lib

import (
	"strings"
	"testing"

	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// A program as they are written: both spellings, functions as methods, and a lookup that waits.
const program = `
function action(text) is
  found = FindRegEx(text, "menu\\{(\\w+)\\}");
  return found == null ? text : found[1].ToUpperCase();
end function;

procedure count(words, into) {
  for (i = 0; i < words.Length(); i += 1) {
    into.(words[i]) = Number(String(into.(words[i]))) + 1;
  }
}

entry main is
  Print(action("menu{sales}") + " " + action("hangup"));
  counts = NewDictionary();
  count(Convert("one two  one", "words"), counts);
  Print(ObjectToString(counts) + ObjectToJSON(counts));
  node = ToObject("<Note id=\"7\"><to>ann</to></Note>");
  Print(node.XMLType().ToLowerCase() + node.GetAttribute("id") + String(node.XMLBody("to")));
  list = NewArray();
  for n = 3 while n > 0 by n -= 1 loop
    AddElement(list, "k" + String(n));
  end loop;
  SortStrings(list);
  list[3] = IPAddress("[192.0.2.1]:5060");
  Print(ObjectToString(Invert(list)));
  Print(ObjectToString(ToObject(ObjectToString(list)) == list));
  Print(Month(GMTTime()) + "/" + String(YearDay(GMTTime() + 86400)));
  Print(ObjectToString(OpenMailbox("INBOX")));
  found = Convert("slow.test", "dns-a");
  Print(ObjectToString(found[0]));
  Void(Base64Encode(null));
end entry;
`

func TestProgram(t *testing.T) {
	var said []string
	library := New()
	say := func(c *cgpl.Call) (object.Value, error) {
		said = append(said, c.Arg(0).Text())
		return object.Null, nil
	}
	library.Add(cgpl.Builtin{Name: "Print", Min: 1, Max: 1, Procedure: true, Call: say})
	module, diagnostics := cgpl.Compile("test.sppr", program, library)
	if err := diagnostics.Err(); err != nil {
		t.Fatal(err)
	}
	machine := cgpl.New(module, nil, newStage(), cgpl.Limits{})
	if err := machine.Start("main", nil); err != nil {
		t.Fatal(err)
	}
	if out := machine.Run(); out.State != cgpl.Blocked {
		t.Fatalf("%s, %v, said %q", out.State, out.Err, said)
	}
	machine.Resume(object.NewArray(object.String("a.test")).Value())
	out := machine.Run()
	const fault = "Base64Encode: a string or a datablock is expected at test.sppr:32:8 main"
	if out.State != cgpl.Failed || out.Err.Error() != fault {
		t.Errorf("%s, %v", out.State, out.Err)
	}
	want := []string{
		"SALES hangup", `{one=#2;two=#1;}{"one":2,"two":1}`, "note7ann", "(#I[192.0.2.1]:5060,k3,k2,k1)", "YES",
		"Dec/354", `"function is not supported"`, `"a.test"`,
	}
	if got := strings.Join(said, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("said\n%s", got)
	}
}

// A program that makes what is large, and one that makes much, end by their memory.
func TestProgramMemory(t *testing.T) {
	for name, body := range map[string]string{
		"large": `s = "0123456789"; loop s = s + s; d = Base64Encode(s); end loop;`,
		"many":  `a = Convert("a b c d e f g h", "words"); b = NewArray(); loop AddElement(b, Copy(a)); end loop;`,
	} {
		module, diagnostics := cgpl.Compile("test.sppr", "entry main is "+body+" end entry;", New())
		if err := diagnostics.Err(); err != nil {
			t.Fatal(err)
		}
		machine := cgpl.New(module, nil, newStage(), cgpl.Limits{Memory: 4 << 20})
		if err := machine.Start("main", nil); err != nil {
			t.Fatal(err)
		}
		out := machine.Run()
		for out.State == cgpl.Sliced {
			out = machine.Run()
		}
		if out.State != cgpl.Failed || out.Err.Text != cgpl.TextMemory {
			t.Errorf("%s: %s, %v", name, out.State, out.Err)
		}
	}
}
