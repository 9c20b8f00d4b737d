package main

import (
	"bytes"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tandem/media/wav"
)

// made is the version of the synthesiser that made the files, as ORIGIN.md names it.
const made = "1.51"

const speech = "../speech"

// The files are what would be generated now. Another version of the synthesiser speaks otherwise,
// and another processor may round otherwise, so the sound is compared and not the bytes.
func TestSpeechIsCurrent(t *testing.T) {
	version, err := exec.Command(synthesiser, "--version").Output()
	if err != nil {
		t.Skipf("%s is not installed (Debian package espeak-ng)", synthesiser)
	}
	if !strings.Contains(string(version), " "+made+" ") {
		t.Skipf("the files were made by %s %s, and this is: %s", synthesiser, made, version)
	}
	for i, p := range phrases {
		if testing.Short() && i%20 != 0 {
			continue
		}
		want, err := render(p.text)
		if err != nil {
			t.Fatal(err)
		}
		have, err := wav.Load(filepath.Join(speech, p.name+".wav"))
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := wav.ReadClip(p.name, bytes.NewReader(file(want)))
		if err != nil {
			t.Fatal(err)
		}
		if off := distance(have.Samples(), fresh.Samples()); off > 20 {
			t.Errorf("%s: differs by %.0f on average: run go generate ./media/prompt", p.name, off)
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
	return sum / float64(len(a))
}

// There is a file for each phrase and none besides, and their names are as prompt looks for them.
func TestFilesAndPhrasesAgree(t *testing.T) {
	names := make(map[string]bool)
	for _, p := range phrases {
		if names[p.name] || strings.ToLower(p.name) != p.name || strings.ContainsAny(p.name, " ._/") {
			t.Errorf("the name %q is there twice, or badly formed", p.name)
		}
		names[p.name] = true
	}
	files, err := os.ReadDir(speech)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name, isWAV := strings.CutSuffix(f.Name(), ".wav")
		if !isWAV || !names[name] {
			t.Errorf("%s belongs to no phrase", f.Name())
		}
		delete(names, name)
	}
	for name := range names {
		t.Errorf("there is no file for %q", name)
	}
}

func TestOriginNamesVersionAndVoice(t *testing.T) {
	origin, err := os.ReadFile("../ORIGIN.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, fact := range []string{synthesiser + " " + made, voice} {
		if !bytes.Contains(origin, []byte(fact)) {
			t.Errorf("ORIGIN.md does not tell %q", fact)
		}
	}
}
