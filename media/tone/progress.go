package tone

import "time"

// progressLevel is that of call-progress tones (ITU-T E.180: -10 dBm0, 5 dB either way).
const progressLevel = -13

// Sine is one frequency without end, as for the test number at 1004 Hz and -10 dBm0.
func Sine(rate int, hz, dbm0 float64) *Source {
	return New("tone", rate, false, Step{Partials: []Partial{{hz, dbm0}}})
}

// Silence is no sound without end.
func Silence(rate int) *Source { return New("silence", rate, false, Step{}) }

// Ringback tells a caller that it rings: 1 s of 425 Hz, 4 s of silence, for ever.
func Ringback(rate int) *Source { return cadence("ringback", rate, time.Second, 4*time.Second) }

// Busy tells a caller that the other side is taken: half a second each, for ever.
func Busy(rate int) *Source {
	return cadence("busy", rate, 500*time.Millisecond, 500*time.Millisecond)
}

// Congestion tells a caller that there is no way through: a quarter of a second each, for ever.
func Congestion(rate int) *Source {
	return cadence("congestion", rate, 250*time.Millisecond, 250*time.Millisecond)
}

func cadence(name string, rate int, on, off time.Duration) *Source {
	return New(name, rate, true,
		Step{Partials: []Partial{{425, progressLevel}}, For: on}, Step{For: off})
}

// Beep asks to speak: 0.4 s of 1400 Hz.
func Beep(rate int) *Source {
	return New("beep", rate, false,
		Step{Partials: []Partial{{1400, -15}}, For: 400 * time.Millisecond})
}

// Joined tells a conference that someone came: two notes upwards.
func Joined(rate int) *Source { return chime("joined", rate, 0, 7) }

// Left tells a conference that someone went: two notes downwards.
func Left(rate int) *Source { return chime("left", rate, 7, 0) }

func chime(name string, rate int, semitones ...int) *Source {
	steps := make([]Step, 0, len(semitones))
	for _, n := range semitones {
		steps = append(steps, note(n, 180*time.Millisecond, -18))
	}
	return New(name, rate, false, steps...)
}
