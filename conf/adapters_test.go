package conf

import (
	"strings"
	"testing"
)

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
