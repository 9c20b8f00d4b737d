package environment

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

func (l *lab) sound(domain, path string) string {
	l.Helper()
	s, err := l.Sound(l.Context(), domain, path)
	if err != nil {
		return err.Error()
	}
	if sha256.Sum256(s.Data) != s.Digest {
		l.Errorf("the digest of %s is of something else", path)
	}
	return s.Name + "=" + string(s.Data)
}

// The path that one member locates leads every member to the same file.
func TestSoundIsTheSameOnEveryMember(t *testing.T) {
	stock := fstest.MapFS{"Welcome.wav": {Data: []byte("w")}, "tone.au": {Data: []byte("au")}, "tone.mp3": {Data: []byte("mp3")},
		"fr/tone.gsm": {Data: []byte("gsm")}, "blank": {Data: []byte("raw")}}
	here, there := newLab(t, stock, DefaultLimits()), newLab(t, stock, DefaultLimits())
	there.Set.member = "two"
	for _, l := range []*lab{here, there} {
		l.put(one, "only.wav", "one's")
		l.put(two, "only.wav", "two's")
		l.put(cluster, "Fr/Bye.wav", "au revoir")
	}
	for _, c := range []struct{ language, name, path, want string }{
		{"", "welcome", "stock/Welcome.wav", "Welcome.wav=w"},
		{"fr", "TONE", "stock/fr/tone.gsm", "fr/tone.gsm=gsm"},
		{"", "tone", "stock/tone.au", "tone.au=au"},
		{"fr", "tone.mp3", "stock/tone.mp3", "tone.mp3=mp3"},
		{"de", "blank", "stock/blank", "blank=raw"},
		{"fr", "bye", "cluster/Fr/Bye.wav", "Fr/Bye.wav=au revoir"},
		{"", "only", "server/one/only.wav", "only.wav=one's"},
	} {
		path, err := here.Locate("tandem.local", c.language, c.name)
		if err != nil || !regexp.MustCompile("^~[0-9a-f]{16}/"+c.path+"$").MatchString(path) {
			t.Errorf("%s: %q %v, want %q", c.name, path, err, c.path)
		}
		if got := there.sound("other.local", path); got != c.want {
			t.Errorf("%s: %q, want %q", path, got, c.want)
		}
		if got := there.sound("tandem.local", path); got != c.want {
			t.Errorf("%s: %q, want %q", path, got, c.want)
		}
	}
	for _, name := range []string{"none", "welcome.au", "~one/none", "../welcome", "~one", "~0000000000000000/stock/Welcome.wav",
		"~one/stock", "~one/domain/x", "~0000000000000000/stock/../x"} {
		if path, err := here.Locate("tandem.local", "", name); err == nil {
			t.Errorf("%s is %s", name, path)
		}
		if got := there.sound("tandem.local", name); !strings.HasPrefix(got, "file ") {
			t.Errorf("%s is %s", name, got)
		}
	}
}

func TestContentsStayWhileTheyAreUsed(t *testing.T) {
	l := newLab(t, fstest.MapFS{}, Limits{Source: 10, Sources: 10, Contents: 25})
	for i := range 4 {
		l.put(ours, fmt.Sprint(i, ".wav"), strings.Repeat(fmt.Sprint(i), 10))
	}
	l.put(ours, "large.wav", strings.Repeat("x", 26))
	for i, step := range []struct {
		name  string
		asked int64 // of the store so far
	}{
		{"0", 1}, {"1", 2}, {"0", 2}, {"2", 3}, {"0", 3}, {"1", 4}, {"large", 5}, {"large", 6}, {"1", 6}, {"0", 6}, {"2", 7},
	} {
		if got := l.sound("tandem.local", step.name); !strings.HasPrefix(got, step.name) {
			t.Errorf("%d: %s", i, got)
		}
		if n := l.shelf.asked.Load(); n != step.asked {
			t.Errorf("%d: after %s the store was asked %d times, want %d", i, step.name, n, step.asked)
		}
		if l.contents.held > 25 || l.contents.recent.Len() != len(l.contents.known) {
			t.Errorf("%d: holds %d bytes in %d of %d", i, l.contents.held, l.contents.recent.Len(), len(l.contents.known))
		}
	}
}

// Many ask for one sound: the store is asked once, and one who gives up takes nothing from the others.
func TestOneFetchForAll(t *testing.T) {
	l := newLab(t, fstest.MapFS{}, DefaultLimits())
	l.put(ours, "a.wav", "sound")
	l.shelf.closed = make(chan struct{})
	hasty, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Sound(hasty, "tandem.local", "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("the hasty one: %v", err)
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got := l.sound("tandem.local", "a"); got != "a.wav=sound" {
				t.Error(got)
			}
		})
	}
	close(l.shelf.closed)
	wg.Wait()
	if n := l.shelf.asked.Load(); n != 1 {
		t.Errorf("the store was asked %d times", n)
	}
}

func TestStoreWithoutTheFile(t *testing.T) {
	l := newLab(t, fstest.MapFS{}, DefaultLimits())
	l.put(ours, "a.wav", "sound")
	l.shelf.files[Key(ours, "a.wav")] = []byte("newer")
	if got := l.sound("tandem.local", "a"); !strings.HasPrefix(got, ErrNotFound.Error()) {
		t.Errorf("a version that is not known yet: %s", got)
	}
	delete(l.shelf.files, Key(ours, "a.wav"))
	if got := l.sound("tandem.local", "a"); !strings.HasPrefix(got, ErrNotFound.Error()) {
		t.Errorf("a file that is gone: %s", got)
	}
	l.put(ours, "a.wav", "newer")
	if got := l.sound("tandem.local", "a"); got != "a.wav=newer" {
		t.Errorf("a failure is remembered: %s", got)
	}
}

// A path means one version: what was made of it may be kept. The version that a Task has located is played
// as long as it is in memory, and never another one in its place.
func TestPathIsOfOneVersion(t *testing.T) {
	l := newLab(t, fstest.MapFS{}, DefaultLimits())
	l.put(ours, "a.wav", "first")
	first, _ := l.Locate("tandem.local", "", "a")
	l.put(ours, "a.wav", "second")
	if got := l.sound("", first); !strings.HasPrefix(got, ErrNotFound.Error()) {
		t.Errorf("the first version: %s", got)
	}
	second, _ := l.Locate("tandem.local", "", "a")
	if got := l.sound("", second); got != "a.wav=second" || first == second {
		t.Errorf("the second version: %s %s", second, got)
	}
	l.put(ours, "a.wav", "third")
	if got := l.sound("", second); got != "a.wav=second" {
		t.Errorf("the second version, located before: %s", got)
	}
}
