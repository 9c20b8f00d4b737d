package signal

import (
	"slices"
	"testing"
)

func TestElements(t *testing.T) {
	for value, want := range map[string][]string{
		"":                                {""},
		`a, b`:                            {"a", " b"},
		`"A, B" <sip:a@b?x=1,2>,<tel:+1>`: {`"A, B" <sip:a@b?x=1,2>`, "<tel:+1>"},
		`"say \", no" <sip:a@b>,`:         {`"say \", no" <sip:a@b>`, ""},
		`<sip:a@b`:                        {"<sip:a@b"},
		`"open, <sip:a@b>, c`:             {`"open, <sip:a@b>, c`},
	} {
		if got := Elements(value); !slices.Equal(got, want) {
			t.Errorf("%q: %q", value, got)
		}
	}
}
