package conf

import (
	"strings"
	"testing"
)

func TestProgramsOfNumbers(t *testing.T) {
	for _, right := range []string{"menu#pbx", "Menu_2-x{en,a b}#pbx@t.local", "m{}#a", "m{" + strings.Repeat(",", 14) + "}#a",
		"m{x@y#z}#a", "m{" + strings.Repeat("x", 256) + "}#a"} {
		if !programLike(right) {
			t.Errorf("%q is refused", right)
		}
	}
	for _, wrong := range []string{"", "menu", "#menu", "menu#", "menu#@t.local", "menu#pbx@", "2menu#pbx", "me.nu#pbx", "menu{a#pbx", "menu{a}b#pbx",
		"menu{\n}#pbx", "menu#p x", "menu#pbx@t local", "m{" + strings.Repeat(",", 15) + "}#a", "m{" + strings.Repeat("x", 257) + "}#a",
		strings.Repeat("m", 65) + "#a", "menu#a{b}"} {
		if programLike(wrong) {
			t.Errorf("%q is taken", wrong)
		}
	}
	for app, right := range map[string]bool{"menu{en}#pbx": true, "menu{en#pbx": false} {
		_, err := Load(Sources{Set: []string{`routing.numbers=[{match: "200", app: "` + app + `"}]`}})
		if (err == nil) != right {
			t.Errorf("%s: %v", app, err)
		}
	}
}
