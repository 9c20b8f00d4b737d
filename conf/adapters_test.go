package conf

import (
	"strings"
	"testing"
)

// A source takes lines of the accounts that it names, in its domain where they are named alone, and of nobody else.
func TestWhoMaySendForASource(t *testing.T) {
	s := Source{Name: "pbx", Accounts: []string{"bridge", "Other@east.example"}}
	for account, may := range map[string]bool{"bridge@tandem.local": true, "BRIDGE@tandem.local": true, "other@east.example": true,
		"bridge@east.example": false, "bridge": false, "other@tandem.local": false, "": false, "@tandem.local": false} {
		if s.Takes(account, "tandem.local") != may {
			t.Errorf("%q may send: %v", account, !may)
		}
	}
	if (Source{Name: "pbx"}).Takes("bridge@tandem.local", "tandem.local") {
		t.Error("a source that names nobody takes lines of somebody")
	}
	c := Default()
	c.Adapters.Sources = []Source{{Name: "pbx", Accounts: []string{"a b", ""}}}
	if err := c.Check(); err == nil || !strings.Contains(err.Error(), "adapters.sources[0].accounts[1]") || !strings.Contains(err.Error(), "accounts[0]") {
		t.Errorf("says %v", err)
	}
}

// Each switch has one source: what two of them say of its objects, that they are lost or found, would be of both.
func TestOneSourceOfASwitch(t *testing.T) {
	for name, tt := range map[string]struct {
		sources []Source
		wrong   string
	}{
		"two switches":     {[]Source{{Name: "a", Switch: "west"}, {Name: "b", Switch: "east"}, {Name: "c"}}, ""},
		"one twice":        {[]Source{{Name: "a", Switch: "west"}, {Name: "b", Switch: "west"}}, "adapters.sources[1].switch"},
		"by another name":  {[]Source{{Name: "a"}, {Name: "b", Switch: "a"}}, "adapters.sources[1].switch"},
		"by its own again": {[]Source{{Name: "a", Switch: "b"}, {Name: "b"}}, "adapters.sources[1].switch"},
	} {
		t.Run(name, func(t *testing.T) {
			c := Default()
			c.Adapters.Sources = tt.sources
			err := c.Check()
			if (tt.wrong == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("says %v, want %q", err, tt.wrong)
			}
		})
	}
}
