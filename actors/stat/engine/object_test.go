package engine

import "testing"

func TestObjects(t *testing.T) {
	for i := range types {
		o := Object{Type(i), "a:b@c"}
		if got, err := ParseObject(o.String()); err != nil || got != o {
			t.Errorf("%v: %v, %v", o, got, err)
		}
	}
	for _, text := range []string{"", "Queue", "Queue:", "queue:sales", ":x"} {
		if o, err := ParseObject(text); err == nil {
			t.Errorf("%q: %v", text, o)
		}
	}
}
