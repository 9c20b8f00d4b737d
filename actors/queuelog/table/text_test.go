package table

import (
	"testing"

	"tandem/actors/queuelog/line"
)

// TestLinesComeBack: a line is the same when it comes out of its row, whatever it looks like; most rows need no copy of it.
func TestLinesComeBack(t *testing.T) {
	for text, copied := range map[string]bool{
		"1700000000|c.1|q|NONE|ENTERQUEUE||100|1": false,
		"1700000000|NONE|NONE|NONE|QUEUESTART|":   false,
		"1700000000|c.1|q|A/1|INFO|a|b|c|d|e|f||": false,
		"1700000000|c.1|q|NONE|ABANDON":           true, // no bar behind the verb
		"1700000000 |c.1| q|NONE|ABANDON|1|1|4":   true,
		"1700000000.25|c.1|q|NONE|ABANDON|1|1|4":  true,
		"01700000000|c.1|q|NONE|ABANDON":          true, // as long as its fields and their bars should be
		" 1700000000|c.1|q|NONE|ABANDON":          true,
		"no line at all":                          true,
		"|||||":                                   true,
	} {
		var r line.Row
		one := split(text, &r, nil)
		if got := one.text(); got != text || (one.raw != nil) != copied {
			t.Errorf("%q is %q, copied: %v", text, got, one.raw != nil)
		}
	}
}
