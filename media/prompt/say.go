package prompt

import (
	"time"

	"tandem/media/wav"
)

// maxSounds bounds what one Say speaks: more than any address has signs.
const maxSounds = 200

// Pauses between words, and between the signs of a word that is spelt.
const (
	wordPause = 120 * time.Millisecond
	signPause = 30 * time.Millisecond
)

// signs are the names of what is neither letter nor digit.
var signs = map[rune]string{
	'.': "dot", ':': "colon", '-': "dash", '@': "at", '/': "slash", '*': "star", '#': "pound",
}

// Speech says words one after the other.
type Speech struct {
	sounds []sound
	next   int // the sound that begins when the current one and its pause are over
	now    []int16
	pause  int // samples
}

// sound is a clip and the pause after it.
type sound struct {
	clip  *wav.Clip
	pause time.Duration
}

// Say speaks words: the ones that are prompts as they are, any other spelt out sign by sign, without
// those signs that have no sound. What goes beyond 200 sounds is left out.
func Say(words ...string) *Speech {
	s := new(Speech)
	for _, word := range words {
		if c, err := clip(word); err == nil {
			s.add(c, wordPause)
			continue
		}
		for _, sign := range word {
			s.spell(sign)
		}
		if n := len(s.sounds); n > 0 {
			s.sounds[n-1].pause = wordPause
		}
	}
	return s
}

func (s *Speech) spell(sign rune) {
	name, ok := signs[sign]
	if !ok {
		name = string(sign)
	}
	if c, err := clip(name); err == nil {
		s.add(c, signPause)
	}
}

func (s *Speech) add(c *wav.Clip, pause time.Duration) {
	if len(s.sounds) < maxSounds {
		s.sounds = append(s.sounds, sound{c, pause})
	}
}

// Name tells what plays.
func (s *Speech) Name() string { return "speech" }

// Rate is the sample rate of all prompts.
func (s *Speech) Rate() int { return Rate }

// Read fills the frame, the last one up with silence; false at the end.
func (s *Speech) Read(frame []int16) bool {
	for filled := 0; filled < len(frame); {
		rest := frame[filled:]
		switch {
		case len(s.now) > 0:
			n := copy(rest, s.now)
			s.now = s.now[n:]
			filled += n
		case s.pause > 0:
			n := min(s.pause, len(rest))
			clear(rest[:n])
			s.pause -= n
			filled += n
		case s.next < len(s.sounds):
			begun := s.sounds[s.next]
			s.now, s.pause = begun.clip.Samples(), int(begun.pause.Seconds()*Rate)
			s.next++
		default:
			clear(rest)
			return filled > 0
		}
	}
	return true
}

// Left is how many frames are to come, the last of which may be shorter.
func (s *Speech) Left() int {
	n := len(s.now) + s.pause
	for _, next := range s.sounds[s.next:] {
		n += len(next.clip.Samples()) + int(next.pause.Seconds()*Rate)
	}
	return (n + frameSamples - 1) / frameSamples
}

// Skip goes over frames that nobody hears, to the end at most.
func (s *Speech) Skip(frames int) {
	room := make([]int16, frameSamples)
	for range min(frames, s.Left()) {
		s.Read(room)
	}
}
