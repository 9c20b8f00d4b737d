package app

import (
	"strconv"
	"time"
)

// Programs are the built-in applications by name. The argument is what the dialled number left
// open: the digits of a conference room.
var Programs = map[string]func(argument string) []Step{
	"ring":         fixed(Ring{}, Forever{}),
	"ringback":     fixed(Progress{SourceRingback}, Forever{}),
	"early-music":  fixed(Progress{SourceMusic}, Forever{}),
	"ring-answer":  fixed(Ring{}, Wait{5 * time.Second}, Answer{}, Play{SourceTune}, Hangup{}),
	"facts":        fixed(Answer{}, Wait{300 * time.Millisecond}, Say{sayFacts}, Hangup{}),
	"delayed-echo": fixed(Answer{}, Echo{5 * time.Second}, Forever{}),
	"echo":         fixed(Answer{}, Echo{}, Forever{}),
	"milliwatt":    fixed(Answer{}, Play{SourceMilliwatt}, Forever{}),
	"tune":         fixed(Answer{}, Play{SourceTune}, Hangup{}),
	"music":        fixed(Answer{}, Play{SourceMusic}, Forever{}),
	"silence-ring": fixed(Forever{}),
	"late-answer":  fixed(Ring{}, Wait{30 * time.Second}, Answer{}, Play{SourceTune}, Hangup{}),
	"brief":        fixed(Answer{}, Wait{5 * time.Second}, Hangup{}),
	"no-rtp":       fixed(Answer{}, Mute{}, Forever{}),

	"conference":      func(room string) []Step { return conference("30"+room, 8000) },
	"conference-wide": func(room string) []Step { return conference("33"+room, 16000) },
}

func fixed(steps ...Step) func(string) []Step { return func(string) []Step { return steps } }

func conference(room string, rate int) []Step {
	return []Step{Answer{}, Conference{room, rate}, Forever{}}
}

// sayFacts are the words of 9192. Those that are no prompts are spelt by the speaker.
func sayFacts(f Facts) []string {
	return []string{"this-call-uses", f.Codec, "your-address-is", f.Address, "port", strconv.Itoa(f.Port),
		"you-are-on-member", f.Member, "goodbye"}
}
