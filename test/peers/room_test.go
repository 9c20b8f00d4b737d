package peers

import (
	"slices"
	"testing"

	"tandem/test/lab"
)

// TestConferenceOfFive lets five real phones meet in a room of the stock program, and of a program in the
// ancestor's manner in both spellings: each hears the four others and not itself.
func TestConferenceOfFive(t *testing.T) {
	for _, c := range []struct {
		name, spelling string
	}{{"stock", ""}, {"basic", "basic"}, {"alternative", "alternative"}} {
		t.Run(c.name, func(t *testing.T) {
			m := member(t)
			number, keys := "3001", ""
			if c.spelling != "" {
				ancestor(t, m, c.spelling, "conference")
				number, keys = "conference", "4711"
			}
			kinds := []kind{baresipUDP, baresipTCP, baresipUDP, baresipTCP, baresipUDP}
			var phones []*baresip
			for i, k := range kinds {
				p := start(t, m, k, seats[i]).(*baresip)
				phones = append(phones, p)
				p.Call(number)
				p.AwaitTalk()
				p.Press(keys)
			}
			for _, p := range phones {
				hear(t, p, others(phones, p)...)
				listen(t, p, "hears itself", func(s lab.Sound) bool { return s.Heard(0, all(phones)...) == 0 })
			}
			for _, p := range phones[2:] {
				p.Hangup()
				p.AwaitEnd()
			}
			hearEachOther(t, phones[0], phones[1])
			phones[0].Hangup()
			phones[1].Hangup()
			lab.Wait(t, patience, "legs are left", func() bool { return len(m.Legs()) == 0 })
		})
	}
}

// all are the tones of all phones.
func all(phones []*baresip) (hz []float64) {
	for _, p := range phones {
		hz = append(hz, p.Tone())
	}
	return hz
}

// others are the tones of all but one.
func others(phones []*baresip, but *baresip) []float64 {
	return slices.DeleteFunc(all(phones), func(hz float64) bool { return hz == but.Tone() })
}
