package leg

import (
	"tandem/actors/leg/app"
	"tandem/media"
	"tandem/media/prompt"
	"tandem/media/tone"
)

// openSource makes a source by its name in an application, for a party that hears at rate.
func openSource(name string, rate int) (media.Source, error) {
	switch name {
	case app.SourceMilliwatt:
		return tone.Sine(rate, 1004, -10), nil
	case app.SourceRingback:
		return tone.Ringback(rate), nil
	case app.SourceTune:
		return tone.Tune(rate), nil
	case app.SourceMusic:
		return prompt.Music(), nil
	}
	return prompt.Open(name)
}
