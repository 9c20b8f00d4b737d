package screen

import (
	"maps"
	"os"
	"regexp"
	"testing"
)

var (
	placesOfKeys = regexp.MustCompile(`(?s)const places = \{(.*?)\n\};`)
	placeOfKey   = regexp.MustCompile(`\b(\w): "([^"]+)"`)
)

// The keys that lead to pages are those that the script knows, and each leads to one.
func TestKeysOfPlacesAreThoseOfTheScript(t *testing.T) {
	script, err := os.ReadFile("../static/js/keys.js")
	if err != nil {
		t.Fatal(err)
	}
	want, got := map[string]string{}, map[string]string{}
	for _, r := range realms {
		for _, p := range r.Pages {
			if p.Key == "" {
				continue
			}
			if other, taken := want[p.Key]; taken {
				t.Errorf("%s leads to %s and to %s", p.Key, other, p.Href)
			}
			want[p.Key] = p.Href
		}
	}
	if text := placesOfKeys.FindSubmatch(script); text != nil {
		for _, m := range placeOfKey.FindAllSubmatch(text[1], -1) {
			got[string(m[1])] = string(m[2])
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("the script has %v, places have %v", got, want)
	}
}
