package lib

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones for tests, wherever they run

	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

var library = New()

func callOf(host any, name string, args ...object.Value) (object.Value, error) {
	return library[strings.ToLower(name)].Call(&cgpl.Call{Args: args, Host: host})
}

func mustThrow(t *testing.T, text, name string, args ...object.Value) {
	t.Helper()
	v, err := callOf(newStage(), name, args...)
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("%s gave %.80s, %v", name, object.Format(v), err)
	}
}

// Whatever is large ends in an exception, and soon.
func TestLimits(t *testing.T) {
	large := object.String(strings.Repeat("a", maxResult))
	mustThrow(t, "too long", "Base64Encode", large)
	mustThrow(t, "too long", "Convert", object.Data([]byte(large.Text())), object.String("hex"))
	mustThrow(t, "too long", "Convert", large, object.String("utf-8"))
	mustThrow(t, "too long", "CryEncrypt", object.String("AES"), object.String("0123456789abcdef"), large)
	mustThrow(t, "too long", "ToObject", large)
	mustThrow(t, "too long", "JSONToObject", large)
	mustThrow(t, "too long", "Convert", large, object.String("words"))
	mustThrow(t, "too complex", "FindRegEx", large, object.String("(a|b)*c"))
	mustThrow(t, "too long", "ObjectToString", object.NewArray(large).Value())
	mustThrow(t, "too long", "ObjectToJSON", object.NewArray(large).Value())

	ring := object.NewArray()
	ring.Append(ring.Value())
	for _, name := range []string{"ObjectToString", "ObjectToJSON", "ObjectToXML", "String"} {
		mustThrow(t, "contains itself", name, ring.Value())
	}
	many := object.NewArray()
	piece := object.String(large.Text()[:maxResult/500])
	for range 1000 {
		many.Append(piece)
	}
	mustThrow(t, "too long", "SortStrings", many.Value())

	shared := object.NewArray(object.Number(0), object.Number(4), object.String("x"))
	for range 60 {
		shared = object.NewArray(object.Number(0), object.Number(16),
			object.NewArray(shared.Value(), shared.Value()).Value())
	}
	v, err := callOf(nil, "Convert", object.NewArray(shared.Value()).Value(), object.String("asn.1"))
	if err != nil || v.Text() != badASN1Form {
		t.Errorf("a shared structure: %.80s, %v", object.Format(v), err)
	}
	deep := strings.Repeat("\x30\x80", 1000)
	v, err = callOf(nil, "Convert", object.Data([]byte(deep)), object.String("asn.1"))
	if err != nil || v.Text() != badASN1 {
		t.Errorf("a deep structure: %.80s, %v", object.Format(v), err)
	}
	x := object.NewXML("a").Value()
	for i := range maxAttributes {
		name := object.String("a" + strings.Repeat("b", i))
		if _, err := callOf(nil, "SetAttribute", x, object.String("v"), name); err != nil {
			t.Fatal(err)
		}
	}
	mustThrow(t, "too many", "SetAttribute", x, object.String("v"), object.String("c"))
	if _, err := callOf(nil, "SetAttribute", x, object.String("w"), object.String("a")); err != nil {
		t.Error(err)
	}
}

// Folding is what the dictionary does from then on.
func TestSetCaseSensitive(t *testing.T) {
	d := object.NewDictionary()
	d.Set("Name", object.Number(1))
	if _, err := callOf(nil, "SetCaseSensitive", d.Value(), object.Null); err != nil || d.Get("NAME").IsNull() {
		t.Errorf("keys are not folded: %v", err)
	}
	if _, err := callOf(nil, "SetCaseSensitive", d.Value(), object.Yes); err != nil || !d.Get("NAME").IsNull() {
		t.Errorf("keys are still folded: %v", err)
	}
}

// A platform that can do less says so.
func TestBareHost(t *testing.T) {
	for name, want := range map[string]string{
		`GMTTime()`:                         "! there is no clock here",
		`LocalTime()`:                       "! there is no clock here",
		`TOTPCode("GEZDGNBV")`:              "! there is no clock here",
		`GMTToLocal(#T19-12-2030_10:11:12)`: "#T19-12-2030_10:11:12",
		`PhoneNumberToSIPURI("200")`:        "#null#",
		`Convert(32,"gennonce")`:            "#null#",
		`Convert([AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=],"checknonce")`: "#null#",
		`Convert("a.test","dns-a")`: `"name resolution is not available"`,
	} {
		if got := newScript(nil).line(name); got != name+" -> "+want {
			t.Error(got)
		}
	}
}

// Summer, winter, and an hour that clocks leave out.
func TestZones(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	s := newScript(&stage{morning, berlin})
	for call, want := range map[string]string{
		`GMTToLocal(#T01-07-2030_10:00:00)`: "#T01-07-2030_12:00:00",
		`GMTToLocal(#T01-01-2030_10:00:00)`: "#T01-01-2030_11:00:00",
		`LocalToGMT(#T01-07-2030_12:00:00)`: "#T01-07-2030_10:00:00",
		`LocalToGMT(#T31-03-2030_02:30:00)`: "#T31-03-2030_01:30:00", // left out
	} {
		if got := s.line(call); got != call+" -> "+want {
			t.Error(got)
		}
	}
}

// A nonce is known on all members that share the secret, for a while.
func TestNonceAge(t *testing.T) {
	made, other := newStage(), newStage()
	nonce, err := callOf(made, "Convert", object.Number(64), object.String("gennonce"))
	if err != nil {
		t.Fatal(err)
	}
	ages := map[int]bool{0: true, -60: true, nonceAge: true, nonceAge + 1: false, -nonceAge - 1: false}
	for late, valid := range ages {
		other.now = made.now.Add(time.Duration(late) * time.Second)
		v, err := callOf(other, "Convert", nonce, object.String("checknonce"))
		if err != nil || v.IsNull() == valid {
			t.Errorf("after %d seconds: %s, %v", late, object.Format(v), err)
		}
	}
	b, _ := nonce.Bytes()
	b[20] ^= 1
	if v, _ := callOf(made, "Convert", nonce, object.String("checknonce")); !v.IsNull() {
		t.Error("a changed nonce is valid")
	}
}

// What is refused takes any arguments and fails where programs look for it.
func TestRefused(t *testing.T) {
	for _, name := range strings.Fields(refusedFunctions) {
		for _, args := range [][]object.Value{nil, {object.Null, object.String("x"), object.Number(1)}} {
			if v, err := callOf(nil, name, args...); err != nil || v.Text() != "function is not supported" {
				t.Errorf("%s: %s, %v", name, object.Format(v), err)
			}
		}
	}
	if v, err := callOf(nil, refusedTests, object.Number(1)); err != nil || !v.IsNull() {
		t.Errorf("%s, %v", object.Format(v), err)
	}
	for _, name := range strings.Fields(refusedProcedures) {
		mustThrow(t, Refused, name)
	}
}

// What moves or compares much costs steps for it: a program that does so in a loop is ended, as one that runs
// too long in small steps is.
func TestTimeIsCharged(t *testing.T) {
	for _, work := range []string{"InsertElement(a, 0, 1);", "RemoveElement(a, 0); AddElement(a, 1);", "x = Find(a, 2);",
		"x = a == b;", "x = a != b;", "if a == b then x = 1; end if;", "if a != b then x = 1; end if;"} {
		module, diagnostics := cgpl.Compile("test.sppr", `entry main is
			a = NewArray();
			for i = 0 while i < 20000 by i += 1 loop AddElement(a, i * 3); end loop;
			b = Copy(a);
			for i = 0 while i < 2000 by i += 1 loop `+work+` end loop;
		end entry;`, library)
		if err := diagnostics.Err(); err != nil {
			t.Fatal(err)
		}
		machine := cgpl.New(module, nil, newStage(), cgpl.Limits{Steps: 1_000_000})
		if err := machine.Start("main", nil); err != nil {
			t.Fatal(err)
		}
		outcome := machine.Run()
		for outcome.State == cgpl.Sliced {
			outcome = machine.Run()
		}
		if outcome.State != cgpl.Failed || !strings.Contains(outcome.Err.Text, "too long") {
			t.Errorf("%s: %v", work, outcome)
		}
	}
}
