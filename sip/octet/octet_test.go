package octet

import "testing"

func TestEqualFold(t *testing.T) {
	for _, c := range []struct {
		b    string
		want bool
	}{{"Via", true}, {"vIA", true}, {"vi", false}, {"vib", false}, {"V\u0130a", false}, {"", false}} {
		if got := EqualFold([]byte(c.b), "via"); got != c.want {
			t.Errorf("EqualFold(%q) is %v", c.b, got)
		}
	}
	if EqualFold([]byte("c\u017feq"), "cseq") { // a long s, which folds to s in Unicode
		t.Error("a letter beyond ASCII was taken for one of ASCII")
	}
}
