package session

import (
	"regexp"
	"strings"
	"testing"
)

func TestNameLeadsToOneSession(t *testing.T) {
	key := []byte("key")
	const own = 4_294_967_295
	for _, alone := range []bool{true, false} {
		id := urlID(key, own, 1234, alone)
		if !regexp.MustCompile(`^001234-[A-Z2-7]{20}(-[a-z]{7})?$`).MatchString(id) {
			t.Errorf("a name is %q", id)
		}
		if boot, serial, ok := readURL(key, id, own); !ok || boot != own || serial != 1234 {
			t.Errorf("%q leads to %d of %d, %t", id, serial, boot, ok)
		}
		for i := range id {
			forged := id[:i] + string("A3-a"[i%4]) + id[i+1:]
			if _, _, ok := readURL(key, forged, own); ok && forged != id {
				t.Errorf("%q was made up and is taken", forged)
			}
		}
	}
	if _, _, ok := readURL(key, urlID(key, 7, 1, true), own); ok {
		t.Error("the name of an earlier life is taken")
	}
	if boot, _, ok := readURL(key, urlID(key, 7, 1, false), own); !ok || boot != 7 {
		t.Errorf("the session of another member is of %d, %t", boot, ok)
	}
	if _, _, ok := readURL([]byte("other"), urlID(key, own, 1, true), own); ok {
		t.Error("the name of another cluster is taken")
	}
}

func FuzzName(f *testing.F) {
	f.Add(urlID(nil, 7, 1, false))
	f.Fuzz(func(t *testing.T, id string) {
		boot, serial, ok := readURL(nil, id, 7)
		if ok && strings.Count(id, "-") == 2 && readAgain(id) != readAgain(urlID(nil, boot, serial, false)) {
			t.Errorf("%q and another name lead to session %d of %d", id, serial, boot)
		}
	})
}

// readAgain is the part of a name that nobody can choose.
func readAgain(id string) string { return strings.Split(id, "-")[1] }
