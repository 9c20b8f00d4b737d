package lib

import (
	"errors"
	"sort"
	"testing"

	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// FuzzCall calls any function with any objects: none panics, and what comes back is bounded and can be
// written. One array holds them all, so that functions meet an argument inside of another.
func FuzzCall(f *testing.F) {
	library := New()
	var names []string
	for name := range library {
		names = append(names, name)
	}
	sort.Strings(names)
	for i := range names {
		f.Add(uint8(i), `(abc,#1,#-1)`)
		f.Add(uint8(i), `("a@b.test","base64",#2)`)
		f.Add(uint8(i), `(<a b="c">x<d/></a>,b,#NULL#,#0)`)
		f.Add(uint8(i), `({a=(b);},a,[AQ==])`)
		f.Add(uint8(i), `(((#0,#2,[BQ==])),"asn.1")`)
		f.Add(uint8(i), `([MIAFAAAA],"asn.1")`)
		f.Add(uint8(i), `(#T19-12-2030_10:11:12,"ucs-2+le")`)
		f.Add(uint8(i), `("(a|b)*c","(a|b)*c")`)
		f.Add(uint8(i), `(AES,"0123456789abcdef",[AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=])`)
	}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		b := library[names[int(which)%len(names)]]
		v, err := object.Parse(text)
		if err != nil || v.Array() == nil {
			return
		}
		args := append([]object.Value(nil), v.Array().Items()...)
		if n := len(args); b.Max >= 0 && n > b.Max {
			args = args[:b.Max]
		}
		if len(args) < b.Min {
			return
		}
		if len(args) > 1 && len(text)%3 == 0 {
			args[1] = v // what it changes may hold what it is given
		}
		result, err := b.Call(&cgpl.Call{Args: args, Host: newStage()})
		var exception *cgpl.Exception
		if err != nil {
			if !errors.As(err, &exception) && !errors.Is(err, cgpl.ErrSuspend) {
				t.Fatalf("%s%s: %v is no exception", b.Name, text, err)
			}
			return
		}
		if size := object.Size(result); size > 1<<20+100*int64(len(text)) {
			t.Fatalf("%s%.100s: a result of %d bytes", b.Name, text, size)
		}
		if s, err := (object.Writer{Handles: true}).Write(result); err == nil {
			if _, err := (object.Parser{Handles: true}).Parse(s); err != nil {
				t.Fatalf("%s%s gave %s: %v", b.Name, text, s, err)
			}
		}
	})
}
