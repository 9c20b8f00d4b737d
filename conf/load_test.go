package conf

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/viper"
)

var update = flag.Bool("update", false, "rewrite the expected results in testdata")

// TestLoad plays testdata/load/*.txt: the parts of each are files of that name, except env and set
// (one pair per line) and want, which holds the errors or else every value that is no default.
func TestLoad(t *testing.T) {
	stories, err := filepath.Glob("testdata/load/*.txt")
	if err != nil || len(stories) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	home, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range stories {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			path := filepath.Join(home, name)
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			story, want, _ := strings.Cut(string(src), "-- want --\n")
			got := result(Load(unpack(t, story)))
			if *update {
				err = os.WriteFile(path, []byte(story+"-- want --\n"+got), 0o600)
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("got:\n%swant:\n%s", got, want)
			}
		})
	}
}

// unpack writes the files of a story into the current directory.
func unpack(t *testing.T, story string) Sources {
	t.Helper()
	s := Sources{}
	for _, part := range strings.Split("\n"+story, "\n-- ")[1:] {
		name, body, ok := strings.Cut(part, " --\n")
		if !ok {
			t.Fatalf("bad part %q", part)
		}
		switch name {
		case "env":
			s.Environ = strings.Split(strings.TrimSpace(body), "\n")
			continue
		case "set":
			s.Set = strings.Split(strings.TrimSpace(body), "\n")
			continue
		case "tandem.yaml":
			s.File = name
		}
		if err := os.WriteFile(name, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func result(c *Conf, err error) string {
	if err != nil {
		return err.Error() + "\n"
	}
	var b strings.Builder
	standard := Default()
	for _, f := range fields() {
		if v := f.of(c); !equal(v, f.of(&standard)) {
			fmt.Fprintf(&b, "%s = %s (%s)\n", f.Key, text(v), c.origins.of(f.Key))
		}
	}
	return b.String()
}

func TestLoadNothingIsDefault(t *testing.T) {
	c, err := Load(Sources{})
	if err != nil {
		t.Fatal(err)
	}
	standard := Default()
	for _, f := range fields() {
		if !equal(f.of(c), f.of(&standard)) {
			t.Errorf("%s is %v, not %v", f.Key, f.of(c), f.of(&standard))
		}
	}
}

func TestLoadMadeForOneSetting(t *testing.T) {
	base := Dev(1, "/srv")
	c, err := Load(Sources{
		Base:    &base,
		Environ: []string{"TANDEM_MEMBER__DATA=/env", "TANDEM_MEMBER__NAME=env"},
		Set:     []string{"member.data=/set", "sip.udp=1", "sip.udp=5070"},
		Flags:   []Flag{{"--data", "member.data", "/flag"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"member.data":    "/flag from --data",
		"member.name":    "env from TANDEM_MEMBER__NAME",
		"sip.udp":        "5070 from flag sip.udp",
		"routing.domain": "tandem.local from tandem dev",
		"sip.tcp":        "5060 from default",
	} {
		e, err := c.Explain(key)
		if got := fmt.Sprint(e.Value, " from ", e.Origin); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", key, got, err, want)
		}
	}
	if base.origins.of("member.data").String() != "tandem dev" {
		t.Error("Load changed its base")
	}
}

func TestLoadFileThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	big := filepath.Join(dir, "big.yaml")
	if err := os.WriteFile(big, make([]byte, maxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none.yaml"): "cannot be read: no such file or directory",
		dir:                             "cannot be read: is a directory",
		big:                             "cannot be read: more than 1048576 bytes",
	} {
		_, err := Load(Sources{File: path, Set: []string{"sip.udp=x"}})
		var errs Errors
		if !errors.As(err, &errs) || len(errs) != 2 {
			t.Fatalf("%s: %v, want two errors", path, err)
		}
		if errs[0].Wrong != want || errs[0].Origin.String() != path {
			t.Errorf("%s: %v, want %s", path, errs[0], want)
		}
	}
}

func TestErrorsAreLimited(t *testing.T) {
	var pairs []string
	for i := range 3 * maxErrors {
		pairs = append(pairs, fmt.Sprintf("sip.x%d=1", i))
	}
	_, err := Load(Sources{Set: pairs})
	var errs Errors
	if !errors.As(err, &errs) || len(errs) != maxErrors+1 {
		t.Fatalf("%d errors, want %d", len(errs), maxErrors+1)
	}
	if last := errs[maxErrors].Error(); !strings.Contains(last, "only the first 100 errors") {
		t.Errorf("last line is %q", last)
	}
	var one Error
	if !errors.As(err, &one) || one.Key != "sip.x0" {
		t.Errorf("a single Error is not found: %v", one)
	}
}

// A key that nothing declares must not pass, even if the decoder in front let it through.
func TestDecodeIsExact(t *testing.T) {
	for _, key := range []string{"sip.nonsense", "nonsense.key", "origins.x"} {
		l := &loader{v: viper.New()}
		l.base()
		l.v.Set(key, 1)
		if _, err := l.conf(); err == nil {
			t.Errorf("%s was accepted", key)
		}
	}
}

func TestSecretsNeverInErrors(t *testing.T) {
	const word = "swordfish"
	for _, s := range []Sources{
		{Set: []string{"store.token=" + word}},
		{Set: []string{"store.url=nats://u:" + word + "@host"}},
		{Set: []string{"store.url=" + word}},
		{Set: []string{"accounts.demo=[{name: a, password: [" + word + "]}]"}},
		{Set: []string{"accounts.demo=[{name: a, password: {a: " + word + "}}, {name: a, password: " + word + "}]"}},
	} {
		_, err := Load(s)
		if err == nil {
			t.Errorf("%v was accepted", s.Set)
		} else if strings.Contains(err.Error(), word) {
			t.Errorf("%v shows the secret", err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	stories, _ := filepath.Glob("testdata/load/*.txt")
	for _, name := range stories {
		src, _ := os.ReadFile(name)
		_, file, _ := strings.Cut(string(src), "-- tandem.yaml --\n")
		file, _, _ = strings.Cut(file, "\n-- ")
		f.Add([]byte(file))
	}
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("sip: {udp: 0x10, tcp: 1_000}\n---\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		l := &loader{Sources: Sources{File: "f"}, bad: map[string]bool{}, v: viper.New()}
		l.base()
		l.yaml(src)
		c, err := l.conf()
		if err != nil {
			t.Fatalf("the decoder let through: %v", err)
		}
		if len(l.errs) > 0 || c.check(l.bad) != nil || len(c.Accounts.Demo) > 0 || c.Store.Token != "" {
			return
		}
		again := &loader{Sources: Sources{File: "f"}, bad: map[string]bool{}, v: viper.New()}
		again.base()
		again.yaml([]byte(c.Show()))
		d, err := again.conf()
		if err != nil || len(again.errs) > 0 {
			t.Fatalf("what Show printed is refused: %v %v\n%s", err, again.errs, c.Show())
		}
		for _, g := range fields() {
			if !equal(g.of(c), g.of(d)) {
				t.Fatalf("%s changed from %v to %v", g.Key, g.of(c), g.of(d))
			}
		}
	})
}

func TestOriginOfParts(t *testing.T) {
	o := origins{"a.b": {fromFile, "f", 1}, "a.b[1]": {fromFile, "f", 3}, "a.bc": {fromFile, "f", 9}}
	for key, want := range map[string]string{
		"a.b": "f:1", "a.b[1].x": "f:3", "a.b[2].x": "f:1", "a.c": "default", "a.bc": "f:9",
	} {
		if got := o.of(key).String(); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
	o.replace("a.b", origins{"a.b": {fromFlag, "g", 0}})
	if want := (origins{"a.b": {fromFlag, "g", 0}, "a.bc": {fromFile, "f", 9}}); !reflect.DeepEqual(o, want) {
		t.Errorf("got %v, want %v", o, want)
	}
}
