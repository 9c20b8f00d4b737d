package deck

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"tandem/actors/msg"
	"tandem/media/sound"
)

// played is the sound that is played, or that is got ready for it.
type played struct {
	number uint64
	player *sound.Player // nil while it is got ready
	over   atomic.Bool   // nobody waits for it any more
}

// made brings a sound that was got ready.
type made struct {
	played *played
	player *sound.Player
	err    error
}

var errNothing = errors.New("nothing to play is named")

// Play plays a sound in place of what is played. LegPlayed follows, be it that there is nothing to play.
func (d *Deck) Play(m *msg.LegPlay) {
	d.Hush()
	d.sounds++
	name := fmt.Sprintf("sound %d", d.sounds)
	p := &played{number: m.Play}
	d.played = p
	from, limit := span(m.FromMs), span(m.LimitMs)
	if t := m.Sound.GetTone(); t != nil {
		d.start(p, sound.Tone(name, d.line.Rate(), int(t.Frequency), int(t.Second), int(t.Ratio), limit))
		return
	}
	floor, rate, back := d.floor, d.line.Rate(), d.back
	go func() {
		if p.over.Load() {
			return
		}
		s, err := floor.sound(m.Sound)
		ready := &made{played: p, err: err}
		if err == nil {
			ready.player = s.Player(name, rate, from, limit) // may make it over to the rate
		}
		back(ready)
	}()
}

// sound finds or decodes what is to be played.
func (f Floor) sound(s *msg.Sound) (*sound.Sound, error) {
	switch {
	case s.GetFile() != nil:
		return f.Sounds.File(s.GetFile().Domain, s.GetFile().Path)
	case len(s.GetData()) > 0:
		return f.Sounds.Octets(s.GetData())
	}
	return nil, errNothing
}

// span is a time of a message; one that no call lasts for is cut.
func span(ms int64) time.Duration {
	const longest = int64(1000 * time.Hour / time.Millisecond)
	return time.Duration(min(max(ms, -1), longest)) * time.Millisecond
}

func (d *Deck) onMade(m *made) {
	switch {
	case d.played != m.played: // it was stopped meanwhile, and that was told
	case m.err != nil:
		d.log.Warn("sound can not be played", "err", m.err)
		d.played = nil
		d.tell(&msg.LegPlayed{Play: m.played.number, Error: m.err.Error()})
	default:
		d.start(m.played, m.player)
	}
}

func (d *Deck) start(p *played, player *sound.Player) {
	p.player = player
	d.line.Play(player)
}

// Finished: a source that the line was given has come to its end.
func (d *Deck) Finished(source string) {
	if p := d.played; p != nil && p.player != nil && p.player.Name() == source {
		d.onPlayed(p)
	}
}

// Hush ends what is played.
func (d *Deck) Hush() {
	p := d.played
	if p == nil {
		return
	}
	p.over.Store(true)
	if p.player != nil {
		d.line.Play(nil)
	}
	d.onPlayed(p)
}

func (d *Deck) onPlayed(p *played) {
	d.played = nil
	told := &msg.LegPlayed{Play: p.number}
	if p.player != nil {
		told.PositionMs, told.Completed = p.player.Position().Milliseconds(), p.player.Completed()
	}
	d.tell(told)
}
