package vault

import "testing"

// A password that was sealed for one account is nothing to another, and a changed one is not opened.
func TestVault(t *testing.T) {
	v := New(make([]byte, 32))
	sealed := v.Seal("a@b", "secret")
	if p, ok := v.Open("a@b", sealed); !ok || p != "secret" {
		t.Errorf("%q, %v", p, ok)
	}
	if sealed == v.Seal("a@b", "secret") {
		t.Error("two of one password are the same")
	}
	key := make([]byte, 32)
	key[0] = 1
	for what, opened := range map[string]func() (string, bool){
		"another account": func() (string, bool) { return v.Open("c@b", sealed) },
		"another key":     func() (string, bool) { return New(key).Open("a@b", sealed) },
		"nothing":         func() (string, bool) { return v.Open("a@b", "") },
		"half":            func() (string, bool) { return v.Open("a@b", sealed[:len(sealed)/2]) },
		"no base64":       func() (string, bool) { return v.Open("a@b", "?"+sealed) },
	} {
		if p, ok := opened(); ok {
			t.Errorf("%s opens %q", what, p)
		}
	}
}
