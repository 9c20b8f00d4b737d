package stock

import (
	"bytes"
	"io/fs"
	"log/slog"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/actors/pbx/cgpl"
	"tandem/actors/pbx/environment"
	"tandem/actors/pbx/task"
	"tandem/media/wav"
)

// stockSet is the environment as a member without files of its own has it. Tests share what it compiles.
var stockSet = sync.OnceValues(func() (*environment.Set, error) {
	return environment.New("member", Files(), task.Library(), nil, environment.DefaultLimits(), slog.New(slog.DiscardHandler))
})

func stockEnvironment(t *testing.T) *environment.Set {
	t.Helper()
	s, err := stockSet()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// eachSource calls do with every program and module.
func eachSource(t *testing.T, do func(name, source string)) {
	t.Helper()
	seen := 0
	err := fs.WalkDir(Files(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !environment.IsProgram(name) {
			return err
		}
		text, err := fs.ReadFile(Files(), name)
		seen++
		do(name, string(text))
		return err
	})
	if err != nil || seen == 0 {
		t.Fatal("the programs can not be read:", err)
	}
}

func TestProgramsCompileWithoutWarnings(t *testing.T) {
	library := task.Library()
	eachSource(t, func(name, source string) {
		module, list := cgpl.Compile(name, source, library)
		for _, d := range list {
			t.Error(d)
		}
		if module == nil && len(list) == 0 {
			t.Errorf("%s: there is no module and no reason", name)
		}
	})
}

// Every external section is there, as what it was declared, with so many parameters. A program and a module
// of one name would hide each other.
func TestExternalsAreThere(t *testing.T) {
	declaration := regexp.MustCompile(`(?m)^(procedure|function) ([\w:]+)\(([^)]*)\) (external|is|\{)`)
	type shape struct {
		kind   string
		params int
	}
	count := func(list string) int {
		if strings.TrimSpace(list) == "" {
			return 0
		}
		return strings.Count(list, ",") + 1
	}
	defined, wanted := map[string]shape{}, map[string]map[string]shape{}
	names := map[string]string{}
	eachSource(t, func(file, source string) {
		module := strings.TrimSuffix(strings.ToLower(path.Base(file)), path.Ext(file))
		if other := names[module]; other != "" {
			t.Errorf("%s and %s have one name", file, other)
		}
		names[module] = file
		wanted[file] = map[string]shape{}
		for _, m := range declaration.FindAllStringSubmatch(source, -1) {
			name := strings.ToLower(m[2])
			if m[4] != "external" {
				defined[module+"::"+name] = shape{m[1], count(m[3])}
				continue
			}
			if !strings.Contains(name, "::") {
				name += "::" + name
			}
			wanted[file][name] = shape{m[1], count(m[3])}
			if called := regexp.MustCompile(`(?i)\b` + m[2] + `\(`); len(called.FindAllString(source, -1)) < 2 {
				t.Errorf("%s declares %s and does not call it", file, m[2])
			}
		}
	})
	for file, list := range wanted {
		for name, s := range list {
			if defined[name] != s {
				t.Errorf("%s: %s is declared as %v and is %v", file, name, s, defined[name])
			}
		}
	}
}

// The prompts that a program names are there; those with words in every language.
func TestPromptsAreThere(t *testing.T) {
	set := stockEnvironment(t)
	named := regexp.MustCompile(`PlayFile\(([^;]*)\);`)
	literal := regexp.MustCompile(`"([A-Za-z0-9_]+)"`)
	var prompts []string
	eachSource(t, func(_, source string) {
		for _, call := range named.FindAllStringSubmatch(source, -1) {
			for _, m := range literal.FindAllStringSubmatch(call[1], -1) {
				prompts = append(prompts, m[1])
			}
		}
	})
	// Numbers that playNumber computes, and what real programs play (reference cgpl.md 5.8).
	prompts = append(prompts, strings.Fields("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 30 40 50 60 70 80 90 "+
		"Mon Tue Wed Thu Fri Sat Sun MainMenu "+
		"Blank Welcome GoodBye HoldMusic QueuePosition WaitingInQueue ThankYouForWaiting ConnectingNow NoWaitingCalls "+
		"InvalidEntry Failure Done press selectlanguage DialKnownExtension poundkey starkey")...)
	notPrompts := []string{"german", "locked", "486"}
	withoutWords := strings.Fields("Blank HoldMusic Ringback Joined Left")
	for _, p := range prompts {
		if slices.Contains(notPrompts, p) {
			continue
		}
		for _, language := range []string{"", "german"} {
			f, err := set.Find("tandem.local", language, p+".wav")
			switch {
			case err != nil:
				t.Errorf("the prompt %s: %v", p, err)
			case language != "" && !strings.HasPrefix(f.Path, language+"/") && !slices.Contains(withoutWords, p):
				t.Errorf("the prompt %s is not there in %s", p, language)
			}
		}
	}
}

// soundLength is the path of a stock sound, and how long a stock sound is; stories play it for as long.
func soundLength(set *environment.Set, language, name string) (string, time.Duration, bool) {
	f, err := set.Find("tandem.local", language, withExt(name))
	if err != nil {
		return "", 0, false
	}
	if length, ok := lengths.Load(f.Path); ok {
		return strings.TrimSuffix(f.Path, ".wav"), length.(time.Duration), true
	}
	content, err := fs.ReadFile(Files(), f.Path)
	if err != nil {
		return "", 0, false
	}
	clip, err := wav.ReadClip(name, bytes.NewReader(content))
	if err != nil {
		return "", 0, false
	}
	length := time.Duration(len(clip.Samples())) * time.Second / time.Duration(clip.Rate())
	lengths.Store(f.Path, length)
	return strings.TrimSuffix(f.Path, ".wav"), length, true
}

// lengths are those of the sounds that were asked for, by path.
var lengths sync.Map

func withExt(name string) string {
	if path.Ext(name) == "" {
		return name + ".wav"
	}
	return name
}

func TestSoundsAreOfReasonableSize(t *testing.T) {
	var total int64
	set := stockEnvironment(t)
	err := fs.WalkDir(Files(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".wav" {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		total += info.Size()
		_, length, ok := soundLength(set, "", name)
		if !ok || length <= 0 || length > 12*time.Second && !strings.HasPrefix(name, "HoldMusic") {
			t.Errorf("%s lasts %v: callers hang up", name, length)
		}
		return nil
	})
	if err != nil || total == 0 || total > 4_000_000 {
		t.Errorf("%v; all sounds have %d bytes", err, total)
	}
}
