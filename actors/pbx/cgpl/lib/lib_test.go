package lib

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

var rewrite = flag.Bool("rewrite", false, "write what the functions give into testdata")

// stage is the platform of a program under test.
type stage struct {
	now  time.Time
	zone *time.Location
}

var morning = time.Date(2030, 12, 19, 10, 11, 12, 0, time.UTC)

func newStage() *stage {
	return &stage{morning, time.FixedZone("CEST", 2*60*60)}
}

func (s *stage) Now() time.Time       { return s.now }
func (s *stage) Zone() *time.Location { return s.zone }
func (s *stage) Domain() string       { return "a.test" }
func (s *stage) NonceKey() []byte     { return []byte("secret") }

func (s *stage) Resolve(what string, of object.Value) (object.Value, error) {
	if of.Text() == "slow.test" {
		return object.Null, cgpl.ErrSuspend
	}
	return object.NewArray(object.String(what), of).Value(), nil
}

// script runs the lines of a transcript: "name = call", or "call -> result", where the result is in the
// text form, "ok" for a procedure, and "! text" for an exception. An argument is a call, a name, null,
// true, a number, or an object in the text form.
type script struct {
	library cgpl.Library
	host    any
	names   map[string]object.Value
}

func newScript(host any) *script { return &script{New(), host, map[string]object.Value{}} }

func (s *script) line(line string) string {
	if name, call, ok := strings.Cut(line, " = "); ok && object.NameOK(name) {
		v, _, err := s.expression(call)
		if err != nil {
			return line + " !! " + err.Error()
		}
		s.names[name] = v
		return line
	}
	if i := strings.LastIndex(line, " -> "); i >= 0 {
		line = line[:i]
	}
	v, rest, err := s.expression(line)
	switch {
	case rest != "":
		return line + " -> can not be read from " + rest
	case err != nil:
		return line + " -> ! " + err.Error()
	}
	name, _, _ := strings.Cut(line, "(")
	if b := s.library[strings.ToLower(name)]; b != nil && b.Procedure {
		return line + " -> ok"
	}
	return line + " -> " + object.Format(v)
}

func (s *script) expression(in string) (v object.Value, rest string, err error) {
	in = strings.TrimLeft(in, " ")
	n := 0
	for n < len(in) && (in[n] >= 'a' && in[n] <= 'z' || in[n] >= 'A' && in[n] <= 'Z' || in[n] >= '0' && in[n] <= '9') {
		n++
	}
	word := in[:n]
	switch {
	case n == 0 && strings.HasPrefix(in, "-"):
		v, rest, err = s.expression(in[1:])
		number, _ := v.Int()
		return object.Number(-number), rest, err
	case n == 0:
		return object.ParsePrefix(in)
	case strings.HasPrefix(in[n:], "("):
		return s.call(word, in[n+1:])
	case word == "null":
		return object.Null, in[n:], nil
	case word == "true":
		return object.Yes, in[n:], nil
	}
	if number, ok := object.ParseNumber(word); ok {
		return object.Number(number), in[n:], nil
	}
	v, ok := s.names[word]
	if !ok {
		err = fmt.Errorf("there is no %s", word)
	}
	return v, in[n:], err
}

// call reads the arguments and calls the function; the first exception is what counts.
func (s *script) call(name, in string) (v object.Value, rest string, err error) {
	b := s.library[strings.ToLower(name)]
	if b == nil {
		return v, "", fmt.Errorf("there is no function %s", name)
	}
	var args []object.Value
	for rest = strings.TrimLeft(in, " "); !strings.HasPrefix(rest, ")"); {
		var fault error
		v, rest, fault = s.expression(rest)
		if fault != nil {
			err = fault
		}
		args = append(args, v)
		rest = strings.TrimLeft(rest, " ")
		if !strings.HasPrefix(rest, ",") && !strings.HasPrefix(rest, ")") {
			return v, rest, fmt.Errorf("a comma is expected before %q", rest)
		}
		rest = strings.TrimLeft(strings.TrimPrefix(rest, ","), " ")
	}
	rest = rest[1:]
	if err != nil {
		return object.Null, rest, err
	}
	if len(args) < b.Min || b.Max >= 0 && len(args) > b.Max {
		return object.Null, rest, fmt.Errorf("%s does not take %d arguments", name, len(args))
	}
	v, err = b.Call(&cgpl.Call{Args: args, Host: s.host})
	return v, rest, err
}

// One file for each section of the reference.
func TestTranscripts(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	if len(files) == 0 {
		t.Fatal("no testdata")
	}
	called := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := newScript(newStage())
		lines := strings.Split(string(text), "\n")
		for i, line := range lines {
			if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "//") {
				continue
			}
			for name := range s.library {
				if strings.Contains(strings.ToLower(line), name+"(") {
					called[name] = true
				}
			}
			if got := s.line(line); got != line {
				if !*rewrite {
					t.Errorf("%s:%d: %s\nwant %s", file, i+1, got, line)
				}
				lines[i] = got
			}
		}
		if *rewrite {
			if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, b := range New() {
		if !called[name] && !strings.Contains(refusedFunctions+refusedTests+refusedProcedures, b.Name) {
			t.Errorf("no transcript calls %s", b.Name)
		}
	}
}
