package media

import "time"

// impairment is what a codec costs in the E-model: Ie at no loss, and Bpl, how well it stands
// random loss (ITU-T G.113 appendix I; G.711 with concealment).
type impairment struct{ equipment, robustness float64 }

var impairments = map[string]impairment{
	"PCMU": {0, 25.1},
	"PCMA": {0, 25.1},
	"L16":  {0, 25.1},
	// G.113 rates G.722 on the wideband scale only. On the narrowband scale, which all legs are
	// compared by, it is taken as no worse than G.711.
	"G722": {0, 25.1},
	// Nor does it rate Opus; with its own concealment it stands as much as the others.
	"opus": {0, 25.1},
}

// mos estimates how a listener would judge the audio, from 1 to 4.5, by the E-model with the
// defaults of ITU-T G.107 for everything but delay and loss.
func mos(codec string, loss float64, oneWay time.Duration) float64 {
	const (
		unimpaired = 93.2  // R with all parameters at their defaults
		noticeable = 177.3 // ms; from here on delay disturbs the talk itself
	)
	of, known := impairments[codec]
	if !known {
		of = impairment{0, 4.3}
	}
	delay := float64(oneWay) / float64(time.Millisecond)
	delayed := 0.024 * delay
	if delay > noticeable {
		delayed += 0.11 * (delay - noticeable)
	}
	percent := 100 * loss
	damaged := of.equipment + (95-of.equipment)*percent/(percent+of.robustness)
	return rating(unimpaired - delayed - damaged)
}

// rating turns the E-model's R into a mean opinion score (ITU-T G.107 annex B).
func rating(r float64) float64 {
	switch {
	case r <= 0:
		return 1
	case r >= 100:
		return 4.5
	}
	// The formula dips below 1 for very small R.
	return max(1, 1+0.035*r+r*(r-60)*(100-r)*7e-6)
}
