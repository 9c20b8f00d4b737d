package queue

import "testing"

// The forms of joinempty and leavewhenempty (reference queuelog.md 4.1).
func TestParseConditions(t *testing.T) {
	for text, want := range map[string][2]Conditions{
		"":                          {0, 0},
		"strict":                    {strict, strict},
		"loose":                     {loose, loose},
		"yes":                       {0, no},
		"no":                        {no, 0},
		"Paused, inuse":             {Paused | InUse, Paused | InUse},
		"penalty,ringing,wrapup":    {Penalty | Ringing | WrapUp, Penalty | Ringing | WrapUp},
		"unavailable,invalid":       {Unavailable | Invalid, Unavailable | Invalid},
		"unknown,paused,no":         {Unknown | no, Unknown | Paused},
		"loose,ringing,,paused,yes": {loose | Ringing | Paused, loose | Ringing | Paused},
	} {
		for i, leaving := range []bool{false, true} {
			got, err := ParseConditions(text, leaving)
			if err != nil || got != want[i] {
				t.Errorf("%q, leaving %v: %q, %v, want %q", text, leaving, got, err, want[i])
			}
		}
	}
	_, err := ParseConditions("paused,asleep", false)
	if err == nil || err.Error() != `"asleep" is no condition: use paused, penalty, inuse, ringing, unavailable, invalid, unknown, wrapup, strict, loose, yes or no` {
		t.Error(err)
	}
}
