package cli

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/ximss/object"
)

var update = flag.Bool("update", false, "write the dialogues anew")

// desk runs commands without a server behind it, and lets alice and admin in.
type desk struct{ password string }

const challenge = "<77.1@test>"

func (d *desk) Execute(_ context.Context, who Identity, c Command) (object.Value, *Failure) {
	switch c.Name() {
	case "ECHO":
		return c.Value("object"), nil
	case "MAINDOMAINNAME":
		return object.String("main"), nil
	case "LISTDOMAINS":
		return object.NewArray(object.String("main"), object.String("other.test")).Value(), nil
	case "READNODESTATUS":
		return object.Null, nil
	case "LISTACCOUNTS":
		a := object.NewArray()
		loop := object.NewArray()
		loop.Append(loop.Value())
		a.Append(loop.Value())
		return a.Value(), nil
	case "SHUTDOWN":
		if !who.Administrator {
			return object.Null, ErrAccess
		}
	case "KILLNODE":
		return object.Null, Fail("async Object not found\r\n200 OK")
	}
	return object.Null, nil
}

func (d *desk) Password(_ context.Context, user, password string) (Identity, *Failure) {
	if user != "admin" && user != "alice" || password != d.password {
		return Identity{}, ErrLogin
	}
	return Identity{Account: user + "@main", Administrator: user == "admin"}, nil
}

func (d *desk) Digest(ctx context.Context, user, given, digest string) (Identity, *Failure) {
	if given != challenge || digest != "0123456789abcdef" {
		return Identity{}, ErrLogin
	}
	return d.Password(ctx, user, d.password)
}

func (d *desk) NewPassword(_ context.Context, _ Identity, password string) *Failure {
	if len(password) < 4 {
		return Fail("the password is too short")
	}
	d.password = password
	return nil
}

// script is a client that says its lines one after the other, each when the session wants one.
type script struct {
	lines []string
	rest  []byte // of the line that is being read
	log   strings.Builder
}

func (s *script) Read(b []byte) (int, error) {
	if len(s.rest) == 0 {
		if len(s.lines) == 0 {
			return 0, io.EOF
		}
		line := s.lines[0]
		s.lines = s.lines[1:]
		s.log.WriteString("C: " + line + "\n")
		s.rest = []byte(strings.NewReplacer("<NUL>", "\x00", "<LONG>", strings.Repeat("x", strangerLine),
			"<LONGER>", strings.Repeat("x", accountLine)).Replace(line) + "\r\n")
	}
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func (s *script) Write(b []byte) (int, error) {
	text := strings.TrimSuffix(string(b), "\r\n")
	for line := range strings.SplitSeq(text, "\r\n") {
		s.log.WriteString("S: " + strings.ReplaceAll(line, strings.Repeat("x", strangerLine), "<LONG>") + "\n")
	}
	return len(b), nil
}

func newSession() *Session {
	limits := DefaultLimits
	limits.Wrong = 0
	d := &desk{password: "1234"}
	return &Session{Greeting: "Tandem at test PWD Server 1", Challenge: challenge, Executor: d, Authenticator: d, Limits: limits}
}

func TestDialogues(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c := &script{}
			for line := range strings.Lines(string(want)) {
				if said, ok := strings.CutPrefix(line, "C: "); ok {
					c.lines = append(c.lines, strings.TrimSuffix(said, "\n"))
				}
			}
			if err := newSession().Run(t.Context(), c); err != nil {
				t.Error(err)
			}
			if left := len(c.lines); left > 0 && !strings.Contains(string(want), "closed") {
				t.Errorf("%d lines were not read", left)
			}
			got := c.log.String()
			for _, line := range c.lines { // said to nobody
				got += "C: " + line + "\n"
			}
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(want) {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

// A source that guessed too often is not even asked.
func TestGuessing(t *testing.T) {
	s := newSession()
	asked := 0
	s.Guess = func() (func(), time.Duration) {
		asked++
		return func() { asked = 100 }, time.Duration(asked-1) * 10 * time.Second
	}
	c := &script{lines: []string{"USER admin", "PASS no", "USER admin", "PASS 1234"}}
	if err := s.Run(t.Context(), c); err != nil {
		t.Error(err)
	}
	if !strings.Contains(c.log.String(), "S: 500 too many wrong passwords came from this address: wait 11 s\n") {
		t.Error(c.log.String())
	}
	s = newSession()
	s.Guess = func() (func(), time.Duration) { return func() { asked = 100 }, 0 }
	if err := s.Run(t.Context(), &script{lines: []string{"USER admin", "PASS 1234"}}); err != nil || asked != 100 {
		t.Errorf("a right password counts as a guess: %v", err)
	}
}

// Whatever a client says, the session answers in lines of a code and text, and ends.
func FuzzSession(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var said strings.Builder
		for line := range strings.Lines(string(text)) {
			if c, ok := strings.CutPrefix(line, "C: "); ok {
				said.WriteString(c)
			}
		}
		f.Add([]byte(said.String()))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		var heard bytes.Buffer
		err := newSession().Run(t.Context(), struct {
			io.Reader
			io.Writer
		}{bytes.NewReader(said), &heard})
		if err != nil {
			t.Fatal(err)
		}
		follows := false
		for line := range strings.SplitSeq(strings.TrimSuffix(heard.String(), "\r\n"), "\r\n") {
			if strings.ContainsAny(line, "\r\n\x00") {
				t.Fatalf("a line of %q", line)
			}
			if follows {
				if _, err := object.Parse(line); err != nil {
					t.Fatalf("data %q: %v", line, err)
				}
				follows = false
				continue
			}
			if len(line) < 4 || line[3] != ' ' || !strings.Contains("200 201 300 500 501 ", line[:4]) {
				t.Fatalf("answer %q", line)
			}
			follows = line == "200 data follow"
		}
	})
}
