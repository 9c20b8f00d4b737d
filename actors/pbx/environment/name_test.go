package environment

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNames(t *testing.T) {
	long := strings.Repeat("a", maxBase)
	for name, good := range map[string]bool{
		"menu.sppr": true, "french/menu.sppr": true, "Ä b.wav": true, long: true, "a..b": true, "~x": true,
		"": false, ".": false, "..": false, "../a": false, "a/..": false, "a/../b": false, "/a": false, "a/": false,
		"a/b/c": false, "a//b": false, ".hidden": false, "fr/.hidden": false, "a\\b": false, "a\nb": false,
		"a\x00b": false, "\xff": false, long + "a": false, strings.Repeat("l", maxLanguage+1) + "/a": false,
	} {
		if _, _, err := Split(name); (err == nil) != good || err != nil && !errors.Is(err, ErrBadName) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestPlaces(t *testing.T) {
	for _, p := range []Place{{}, {Domain, ""}, {Server, ""}, {Domain, "a/b"}, {Domain, "a\n"}, {Cluster, "x"},
		{Stock, "x"}, {"other", ""}, {Domain, strings.Repeat("d", maxOwner+1)}} {
		if err := p.Check(); !errors.Is(err, ErrBadName) {
			t.Errorf("%v: %v", p, err)
		}
	}
}

// Whatever key is accepted means one file only, and is the key of that file.
func TestKeys(t *testing.T) {
	for key, want := range map[string]string{
		"pbx/domain/tandem.local/menu.sppr": "domain/tandem.local menu.sppr",
		"pbx/domain/tandem.local/fr/a.wav":  "domain/tandem.local fr/a.wav",
		"pbx/domain/tandem.local/fr/":       "domain/tandem.local fr/",
		"pbx/domain/tandem.local/":          "domain/tandem.local ",
		"pbx/server/one/a.wav":              "server/one a.wav",
		"pbx/cluster/a.wav":                 "cluster a.wav",
		"pbx/cluster/":                      "cluster ",
		"pbx/cluster":                       "", "pbx/": "", "pbx/stock/a.wav": "", "pbx/domain/x": "", "pbx/domain//a": "",
		"mail/cluster/a": "", "pbx/cluster/a/b/c": "", "pbx/cluster//": "", "pbx/cluster/../": "",
	} {
		p, path, err := ParseKey(key)
		switch {
		case want == "" && err == nil:
			t.Errorf("%q is %v %q", key, p, path)
		case want != "" && (err != nil || p.String()+" "+path != want || Key(p, path) != key):
			t.Errorf("%q is %v %q, %v", key, p, path, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.StringMatching(`pbx/(domain|server|cluster|stock)(/[a-c.]{0,3}){0,4}`).Draw(t, "key")
		if p, path, err := ParseKey(key); err == nil && (Key(p, path) != key || !strings.HasPrefix(key, Prefix(p))) {
			t.Errorf("%q is %v %q", key, p, path)
		}
	})
}
