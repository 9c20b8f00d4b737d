package main

import (
	"bytes"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tandem/media/codec"
	"tandem/media/wav"
)

// made is the version of the synthesiser that made the files, as the ORIGIN.md of each names it.
const made = "1.51"

// set is one list of phrases and the sounds that were made of it, as its go:generate line says.
type set struct {
	list, dir, origin string
	who               speaker
}

const stock = "../../../actors/pbx/stock/"

var sets = []set{
	{"../speech.txt", "../speech", "../ORIGIN.md", usual},
	{stock + "english.txt", stock + "files", stock + "ORIGIN.md", speaker{"en-us+f3", 180}},
	{stock + "german.txt", stock + "files/german", stock + "ORIGIN.md", speaker{"de+f3", 180}},
}

func (s set) phrases(t *testing.T) []phrase {
	t.Helper()
	list, err := readPhrases(s.list)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// The files are what would be generated now. Another version of the synthesiser speaks otherwise, and
// another processor may round otherwise, so the sound is compared and not the bytes.
func TestSoundsAreCurrent(t *testing.T) {
	version, err := exec.Command(synthesiser, "--version").Output()
	if err != nil {
		t.Skipf("%s is not installed (Debian package espeak-ng)", synthesiser)
	}
	if !strings.Contains(string(version), " "+made+" ") {
		t.Skipf("the files were made by %s %s, and this is: %s", synthesiser, made, version)
	}
	for _, s := range sets {
		for i, p := range s.phrases(t) {
			if testing.Short() && i%20 != 0 {
				continue
			}
			want, err := p.render(s.who)
			if err != nil {
				t.Fatal(err)
			}
			have, err := wav.Load(filepath.Join(s.dir, p.name+".wav"))
			if err != nil {
				t.Fatal(err)
			}
			fresh, err := wav.ReadClip(p.name, bytes.NewReader(file(want)))
			if err != nil {
				t.Fatal(err)
			}
			if off := distance(have.Samples(), fresh.Samples()); off > 20 {
				t.Errorf("%s: %s differs by %.0f on average: run go generate", s.dir, p.name, off)
			}
		}
	}
}

// distance is the mean difference of two sounds, infinite when their lengths differ.
func distance(a, b []int16) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	sum := 0.0
	for i := range a {
		sum += math.Abs(float64(a[i]) - float64(b[i]))
	}
	return sum / float64(max(len(a), 1))
}

// There is a file for each phrase and none besides.
func TestFilesAndPhrasesAgree(t *testing.T) {
	for _, s := range sets {
		var want, have []string
		for _, p := range s.phrases(t) {
			want = append(want, p.name+".wav")
		}
		files, err := filepath.Glob(filepath.Join(s.dir, "*.wav"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			have = append(have, filepath.Base(path))
		}
		slices.Sort(want)
		slices.Sort(have)
		if !slices.Equal(want, have) {
			t.Errorf("%s has\n%v\nand %s wants\n%v", s.dir, have, s.list, want)
		}
	}
}

// The server's own sounds are looked for by names in this form: see prompt.Open.
func TestNamesOfSpeechAreCanonical(t *testing.T) {
	for _, p := range sets[0].phrases(t) {
		if strings.ToLower(p.name) != p.name || strings.Contains(p.name, "_") {
			t.Errorf("the name %q is badly formed", p.name)
		}
	}
}

func TestOriginNamesVersionAndVoice(t *testing.T) {
	for _, s := range sets {
		origin, err := os.ReadFile(s.origin)
		if err != nil {
			t.Fatal(err)
		}
		for _, fact := range []string{synthesiser + " " + made, s.who.voice} {
			if !bytes.Contains(origin, []byte(fact)) {
				t.Errorf("%s does not tell %q", s.origin, fact)
			}
		}
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"# nothing\n\n", ""},
		{"Welcome  Welcome, all of\tyou.", ""},
		{"Blank = silence 700ms", ""},
		{"\nWelcome", `2: "Welcome": wants a name without dots and slashes, and a text`},
		{"../etc/x text", "wants a name without dots and slashes"},
		{"a one\nA two", `2: "A" is there twice`},
		{"a = silence", "wants the name of a sound, and its length"},
		{"a = silence soon", `invalid duration "soon"`},
		{"a = silence 2m", "at most 1m0s"},
		{"a = silence -1s", "at most 1m0s"},
		{"a = nonsense 1s", "no such prompt"},
	} {
		list, err := parse(strings.NewReader(c.text))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%q: %v", c.text, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%q: got %v (%v), want %q", c.text, err, list, c.want)
		}
	}
}

// A computed sound has the length that the list says, and is the sound that it names.
func TestComputed(t *testing.T) {
	list, err := parse(strings.NewReader("a = joined 1s\nb = music 40ms"))
	if err != nil {
		t.Fatal(err)
	}
	joined, err := list[0].render(usual)
	if err != nil || len(joined) != rate || joined[rate/10] == 0 || joined[rate-1] != 0 {
		t.Errorf("a chime of 1 s: %v, %d samples; it must sound first and be silent at the end", err, len(joined))
	}
	music, err := list[1].render(usual)
	if err != nil || len(music) != rate/25 {
		t.Errorf("music of 40 ms: %v, %d samples", err, len(music))
	}
	if mu, _ := codec.ByName("PCMU"); len(file(music)) != 58+len(mu.NewEncoder().Encode(nil, music)) {
		t.Errorf("a file of %d samples has %d bytes", len(music), len(file(music)))
	}
}
