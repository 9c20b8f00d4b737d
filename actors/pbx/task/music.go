package task

import (
	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// music is what the party hears behind all else: it goes on while the program reads events, makes way for what the
// program plays, and goes on from there. A caller that waits hears no gap by what happens in its queue.
type music struct {
	path   string
	name   string // that the program gave
	number uint64 // of the sound; 0: it is not played now
	at     int64  // ms at which it goes on
}

// fnPlayMusic begins it, from where it was if it is the same; null ends it. An unknown file is an error text. Beyond the
// ancestor.
func fnPlayMusic(t *Task, c *cgpl.Call) (object.Value, error) {
	name := c.Arg(0).Text()
	if name == "" {
		t.stopMusic()
		return object.Null, nil
	}
	if t.music != nil && t.music.name == name {
		t.playOn()
		return object.Null, nil
	}
	path, found := t.world.Sound(t.home(), t.who.language, name)
	if !found {
		return fail(ErrNoFile), nil
	}
	t.stopMusic()
	t.music = &music{path: path, name: name}
	t.playOn()
	return object.Null, nil
}

func (t *Task) stopMusic() {
	if m := t.music; m != nil && m.number != 0 {
		t.toLeg(&msg.LegStop{Play: m.number})
	}
	t.music = nil
}

// playOn lets the music go on where nothing else is to be heard.
func (t *Task) playOn() {
	m := t.music
	if m == nil || m.number != 0 || t.sound.play != 0 || !t.hasParty() || t.party.leg == "" || t.bridge.active() || t.mixing != nil {
		return
	}
	m.number = t.number()
	t.toLeg(&msg.LegPlay{Play: m.number, LimitMs: -1, FromMs: m.at,
		Sound: &msg.Sound{File: &msg.SoundFile{Domain: t.home(), Path: m.path}}})
}

// musicPlayed: the music has made way, or can not be played. false: it was another sound.
func (t *Task) musicPlayed(m *msg.LegPlayed) bool {
	if t.music == nil || t.music.number != m.Play || m.Play == 0 {
		return false
	}
	t.music.number, t.music.at = 0, m.PositionMs
	if m.Error != "" {
		t.log.Warn("music is not played", "err", m.Error)
		t.music = nil
	}
	t.playOn()
	return true
}
