package leg

import (
	"time"

	"tandem/media"
	"tandem/media/prompt"
)

// Digits that we press for the party: each as long as the standard wants at least, with a margin.
const (
	digitLength = 100 * time.Millisecond
	digitPause  = 100 * time.Millisecond
)

// onStream does what the machine wants of the media stream. What fails is logged: the call goes on
// without it, and its silence is noticed by the one who listens.
func (a *legActor) onStream(e effect) {
	if a.stream == nil {
		return // the leg is over
	}
	var err error
	switch e := e.(type) {
	case apply:
		if err = a.stream.Apply(*e.params); a.junction.end != nil {
			a.junction.end.Retune(a.talks())
		}
	case play:
		var source media.Source
		if source, err = openSource(e.source, a.rate()); err == nil {
			a.stream.Play(source)
		}
	case say:
		a.stream.Play(prompt.Say(e.words...))
	case echo:
		a.stream.Echo(e.delay)
	case mute:
		a.stream.Mute()
	case silence:
		a.stream.Play(nil)
	case conference:
		err = a.stream.Join(a.floor.Engine.Mixer(e.room, e.rate))
	case bridge:
		err = a.bridge(e.stream)
	case press:
		err = a.stream.SendDigits(e.digits, digitLength, digitPause)
	}
	if err != nil {
		a.log.Warn("media", "effect", e, "err", err)
	}
}

// rate is what the party hears at; made sources follow it.
func (a *legActor) rate() int {
	if r := a.machine.params.Codec.Rate; r > 0 {
		return r
	}
	return 8000
}
