package cli

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tandem/ximss/object"
)

// told is a command as the Executor sees it.
func told(c Command) string {
	var parts []string
	for name, v := range c.values {
		parts = append(parts, name+"="+object.Format(v))
	}
	for word := range c.words {
		parts = append(parts, word)
	}
	slices.Sort(parts)
	return strings.Join(append([]string{c.Name()}, parts...), " ")
}

func TestParse(t *testing.T) {
	for line, want := range map[string]string{
		`noop`:                                  `NOOP`,
		`STARTPBXTASK * program "a b" PARAM {}`: `STARTPBXTASK PARAM PROGRAM account="*" param={} program="a b"`,
		`STARTPBXTASK u PROGRAM p PARAM #7 ENTRY e`: `STARTPBXTASK ENTRY PARAM PROGRAM account=u entry=e param=#7 program=p`,
		`STARTPBXTASK u PROGRAM p ENTRY e ENTRY f`:  `501 illegal command parameter`,
		`SENDTASKEVENT "t" EVENT e PARAM`:           `501 command parameter is missing`,
		`CREATEACCOUNT a@b.c multimailbox {A=b;}`:   `CREATEACCOUNT MultiMailbox account="a@b.c" settings={A=b;}`,
		`CREATEACCOUNT a {A=b;} LEGACY PATH "x/y"`:  `CREATEACCOUNT LEGACY PATH account=a path="x/y" settings={A=b;}`,
		`CREATEACCOUNT a {A=b}`:                     `501 illegal command parameter`,
		`CREATEACCOUNT a (b)`:                       `501 illegal command parameter`,
		`CREATEACCOUNT ""`:                          `501 command parameter is missing`,
		`CREATEACCOUNT "a`:                          `501 illegal command parameter`,
		`GETACCOUNTINFO a`:                          `GETACCOUNTINFO account=a`,
		`GETACCOUNTINFO a KEY "b"`:                  `GETACCOUNTINFO KEY account=a key=b`,
		`GETACCOUNTINFO a (b, c)`:                   `GETACCOUNTINFO account=a keys=(b,c)`,
		`SETDOMAINSETTINGS {}`:                      `SETDOMAINSETTINGS settings={}`,
		`SETDOMAINSETTINGS d.e {}`:                  `SETDOMAINSETTINGS domain="d.e" settings={}`,
		`WRITELOG "1" "a" `:                         `WRITELOG level=#1 text=a`,
		`WRITELOG #1 a`:                             `WRITELOG level=#1 text=a`,
		`WRITELOG x a`:                              `501 illegal command parameter`,
		`SETSTATELEMENT a.b INC -5`:                 `SETSTATELEMENT INC element="a.b" value=#-5`,
		`SETSTATELEMENT a.b DEC 5`:                  `501 illegal command parameter`,
		`ROUTE "app{1,2}#user" signal`:              `ROUTE address="app{1,2}#user" signal`,
		`STORESERVERPBXFILE a DATA [QUJD]`:          `STORESERVERPBXFILE DATA data=[QUJD] name=a`,
		`STORESERVERPBXFILE a delete`:               `STORESERVERPBXFILE DELETE name=a`,
		`STORESERVERPBXFILE a`:                      `501 command parameter is missing`,
		`ROUTE #app`:                                `ROUTE address="#app"`,
		`ECHO ( a , "b" "c" , [QUJD] )`:             `ECHO object=(a,bc,[QUJD])`,
		`ECHO <a b="c"/>`:                           `ECHO object=<a b="c"/>`,
		`ECHO a b`:                                  `501 illegal command parameter`,
		`ECHO }`:                                    `501 illegal command parameter`,
		``:                                          `500 unknown command`,
		`(`:                                         `500 unknown command`,
		`GetMailboxInfo a`:                          `501 command is not supported`,
		`FINDACCOUNTSESSION a CLIENT c ADDRESS 1.2.3.4 FOR 5.6.7.8`: `FINDACCOUNTSESSION ADDRESS CLIENT FOR account=a client=c ip="1.2.3.4" proxied="5.6.7.8"`,
	} {
		c, f := Parse(line)
		got := ""
		if f != nil {
			got = f.Error()
		} else {
			got = told(c)
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", line, got, want)
		}
	}
}

// Each command is there once, can be written, and names a right that there is.
func TestTable(t *testing.T) {
	for _, r := range table {
		if refused()[r.Name] || r.Name != strings.ToUpper(r.Name) {
			t.Errorf("%s is there and refused, or not in upper case", r.Name)
		}
		if r.Right != Anybody && !slices.Contains(Rights, r.Right) {
			t.Errorf("%s needs %q", r.Name, r.Right)
		}
		if r.Right.InDomain() && !strings.Contains(r.Syntax, ":account") && !strings.Contains(r.Syntax, ":domain") {
			t.Errorf("%s needs a right in a domain, and names none", r.Name)
		}
		if _, f := Parse(r.Name); f == ErrUnknown || f == ErrUnsupported {
			t.Errorf("%s: %v", r.Name, f)
		}
	}
	if names := Names(); len(byName()) != len(table) || len(names) != len(table) || !slices.IsSorted(names) {
		t.Errorf("%d rows, %d names", len(table), len(byName()))
	}
	if Monitor.InDomain() || !PBXSettings.InDomain() || Anybody.InDomain() {
		t.Error("which rights are those of a domain?")
	}
}

// A mistake in the table is found when it is compiled.
func TestSyntaxMistakes(t *testing.T) {
	for _, text := range []string{"[A", "A ]", "(A | B", "a:king", "A )"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s compiles", text)
				}
			}()
			compile(text)
		}()
	}
}

// Whatever a line is, it is read or refused; and one that is read can be written again from what was read.
func FuzzLine(f *testing.F) {
	for _, r := range table {
		f.Add(r.Name + " " + r.Syntax)
		f.Add(r.Name + ` * {} () "a" [QUJD] #5`)
	}
	f.Add(`STARTPBXTASK u PROGRAM p PARAM {a=(1,2,<x/>);b=#T01-02-2003;}`)
	f.Fuzz(func(t *testing.T, line string) {
		c, fail := Parse(line)
		if fail != nil {
			if fail.Code != codeUnknown && fail.Code != codeFailed || fail.Text == "" {
				t.Fatal(fail)
			}
			return
		}
		if c.Row == nil || !strings.EqualFold(c.Name(), strings.Fields(line)[0]) {
			t.Fatalf("%q was read as %s", line, fmt.Sprint(c))
		}
		for name, v := range c.values {
			if back, err := object.Parse(object.Format(v)); err != nil && !strings.Contains(object.Format(v), "#(") {
				t.Fatalf("%s: %v does not read back: %v", name, object.Format(v), err)
			} else if back.Kind() != v.Kind() && back.Kind() != object.KindNull {
				t.Fatalf("%s: %v reads back as %v", name, v.Kind(), back.Kind())
			}
		}
	})
}
