package sdp

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"tandem/media/codec"
)

// Lines is our side of the SDP exchanges of a dialog with several m-lines of audio, as a recording server has them (RFC 7866
// section 7.1.1): each line is a Session of its own that knows its place. It is used as a Session is.
type Lines struct {
	each    []*Session
	refused []bool // by the peer: such a line stays so
	id      uint64 // of the o= line
	version uint64
	sent    uint64 // stamp of what was sent last
}

// Line is what an exchange settled about one m-line.
type Line struct {
	Params  Params
	Refused bool // the peer does not want it; Params is the zero value
}

// NewLines makes the side of a dialog with an m-line for each capability. All have the same address.
func NewLines(c []Capability) *Lines {
	l := &Lines{refused: make([]bool, len(c)), id: rand.Uint64() >> 2}
	for i := range c {
		s := New(c[i])
		for range c {
			s.lines = append(s.lines, slot{kind: "audio", proto: s.proto, format: "0"})
		}
		s.active, s.before = i, s.state
		s.before.lines, s.before.active = s.lines, i
		l.each = append(l.each, s)
	}
	return l
}

// Offer makes our SDP offer of all lines that were not refused, to do on each as d says, with the preferred codecs first.
func (l *Lines) Offer(d Direction, prefer []codec.Codec) ([]byte, error) {
	sections := make([]section, len(l.each))
	for i, s := range l.each {
		var err error
		if sections[i], err = s.offer(d, prefer); err != nil {
			return nil, err
		}
	}
	return l.print(sections, l.refused), nil
}

// Accept takes the peer's SDP answer to our SDP offer. A line that it refuses, or answers so that it can not be used, is Refused;
// where that are all, it is an error, and the offer still waits.
func (l *Lines) Accept(answer []byte) ([]Line, error) {
	desc, err := parse(answer)
	if err != nil {
		return nil, err
	}
	if len(desc.media) != len(l.each) {
		return nil, fmt.Errorf("%w: %d m-lines in answer to %d", ErrMalformed, len(desc.media), len(l.each))
	}
	out, taken, why := make([]Line, len(l.each)), 0, "all were refused before"
	for i, s := range l.each {
		if out[i].Refused = l.refused[i]; l.refused[i] {
			continue
		}
		if out[i].Params, err = s.accept(desc); err != nil {
			out[i].Refused, why = true, err.Error()
			continue
		}
		taken++
	}
	if taken == 0 {
		return nil, fmt.Errorf("%w: no line is taken: %s", ErrNotAcceptable, why)
	}
	for i := range out {
		if l.refused[i] = out[i].Refused; l.refused[i] {
			l.each[i].Rollback()
		}
	}
	return out, nil
}

// Answer answers an SDP offer of the peer's, which has our lines in our order; d is what we are ready to do on each. A line that is
// refused, by it or by us, stays so.
func (l *Lines) Answer(offer []byte, d Direction, prefer []codec.Codec) ([]byte, []Line, error) {
	desc, err := parse(offer)
	if err != nil {
		return nil, nil, err
	}
	if len(desc.media) != len(l.each) {
		return nil, nil, fmt.Errorf("%w: %d m-lines where there were %d", ErrNotAcceptable, len(desc.media), len(l.each))
	}
	refused, taken, reason := make([]bool, len(l.each)), 0, "all were refused before"
	for i, s := range l.each {
		why := desc.usable(&desc.media[i], s.capability)
		if refused[i] = l.refused[i] || why != ""; !refused[i] {
			taken++
		} else if why != "" {
			reason = why
		}
	}
	if taken == 0 {
		return nil, nil, fmt.Errorf("%w: %s", ErrNotAcceptable, reason)
	}
	sections, out := make([]section, len(l.each)), make([]Line, len(l.each))
	for i, s := range l.each {
		if out[i].Refused = refused[i]; refused[i] {
			s.begin()
			continue
		}
		if sections[i], out[i].Params, err = s.answer(desc, i, d, prefer); err != nil {
			for _, answered := range l.each[:i] {
				answered.Rollback()
			}
			return nil, nil, err
		}
	}
	l.refused = refused
	return l.print(sections, refused), out, nil
}

// Rollback undoes the last exchange: the SDP offer in it was refused.
func (l *Lines) Rollback() {
	for _, s := range l.each {
		s.Rollback()
	}
}

// print writes our SDP, with the version that its text wants.
func (l *Lines) print(sections []section, refused []bool) []byte {
	c := l.each[0].capability
	address := addressField(c.Address)
	var b strings.Builder
	fmt.Fprintf(&b, "s=%s\r\nc=%s\r\nt=0 0\r\n", sessionName(c.Name), address)
	for i, s := range l.each {
		if refused[i] {
			fmt.Fprintf(&b, "m=audio 0 %s 0\r\n", s.proto)
			continue
		}
		s.printAudio(&b, sections[i])
	}
	text := b.String()
	if stamp := stampOf(text); stamp != l.sent {
		l.version++
		l.sent = stamp
	}
	return fmt.Appendf(nil, "v=0\r\no=- %d %d %s\r\n%s", l.id, l.version, address, text)
}
