package sdp

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"tandem/media/codec"
)

// Fax is what an end says of the T.38 that it does (RFC 3362, ITU-T T.38 annex D), in text: the word "t38", then each of its
// attributes as SDP has it, "T38FaxVersion:0", on a line of its own. "" is none: audio. It may stand where a codec is named:
// no codec is called so. What it says is between the two faxes; we pass it on and act on none of it.
type Fax string

const faxWord = "t38"

// AsFax is the first of some names of codecs that is no such name but says that the party is a fax; "": none is.
func AsFax(names ...string) Fax {
	i := slices.IndexFunc(names, func(n string) bool { return n == faxWord || strings.HasPrefix(n, faxWord+"\n") })
	if i < 0 {
		return ""
	}
	return Fax(names[i])
}

// attributes are what stands behind the word.
func (f Fax) attributes() []string {
	lines := strings.Split(string(f), "\n")
	return lines[1:]
}

// Named is what a party talks: its codec's name with what it says of it, or what it says as a fax.
func (p Params) Named() string {
	if p.Fax != "" {
		return string(p.Fax)
	}
	return named(p.Codec, p.Says)
}

// addFax keeps an attribute of T.38, whatever it is about, if it can be written again.
func (a *attributes) addFax(name, value string) {
	line := name
	if value != "" {
		line += ":" + value
	}
	odd := strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r >= 0x7f })
	if !odd && len(line) <= maxFaxText && len(a.fax) < maxFaxLines {
		a.fax = append(a.fax, line)
	}
}

// isFaxAttribute tells whether an attribute is one of T.38: all begin alike.
func isFaxAttribute(name string) bool { return len(name) > 3 && strings.EqualFold(name[:3], faxWord) }

// fax is what an m-line of T.38 says.
func (m *mediaLine) fax() Fax {
	return Fax(strings.Join(append([]string{faxWord}, m.attrs.fax...), "\n"))
}

// faxTrouble says why an m-line is no fax that we could relay, "" when it is one. UDPTL goes in the clear, so a party whose
// audio is encrypted has none.
func (s *Session) faxTrouble(d *description, m *mediaLine) string {
	switch {
	case m.port == 0:
		return "refused by the peer (port 0)"
	case m.kind != "image", !strings.EqualFold(m.proto, "udptl"):
		return "m=" + m.kind + " " + m.proto
	case !slices.ContainsFunc(m.formats, func(f string) bool { return strings.EqualFold(f, faxWord) }):
		return "no t38 in " + strings.Join(m.formats, " ")
	case s.sealed():
		return "a fax is not encrypted, and the audio is"
	}
	at, why := d.side(m, s.capability)
	if why == "" && !at.remote.IsValid() {
		why = "unspecified address"
	}
	return why
}

// sealed tells whether what our side and the peer say to each other must be, or is, encrypted.
func (s *Session) sealed() bool {
	return s.capability.Secure != nil || s.capability.Required ||
		s.settled && (s.current.Keys != Keys{} || s.current.DTLS != DTLS{})
}

// OffersFax tells what a peer's SDP offer says of a fax where that is what it wants: it has an m-line of T.38, and none
// of audio that we could do. "" is audio. An offer that is neither has the error of Answer.
func (s *Session) OffersFax(offer []byte) (Fax, error) {
	d, i, err := s.readFax(offer)
	if err != nil || i < 0 {
		return "", err
	}
	return d.media[i].fax(), nil
}

// readFax reads a peer's SDP offer and finds the m-line of the fax in it, -1 where it is audio that is offered.
func (s *Session) readFax(offer []byte) (*description, int, error) {
	d, err := parse(offer)
	if err != nil {
		return nil, -1, err
	}
	if s.settled && len(d.media) < len(s.lines) {
		return nil, -1, fmt.Errorf("%w: %d m-lines where there were %d", ErrMalformed, len(d.media), len(s.lines))
	}
	_, none := d.choose(s.active, s.capability)
	if none == nil {
		return d, -1, nil
	}
	for i := range d.media {
		m := &d.media[i]
		why := s.faxTrouble(d, m)
		if why == "" {
			return d, i, nil
		}
		if m.kind == "image" {
			none = fmt.Errorf("%w; fax: %s", none, why)
		}
	}
	return nil, -1, none
}

// OfferFax makes our SDP offer of a fax that can do what f says, in place of audio.
func (s *Session) OfferFax(f Fax) ([]byte, error) {
	if s.sealed() {
		return nil, fmt.Errorf("%w: a fax is not encrypted, and the audio is", ErrNotAcceptable)
	}
	s.begin()
	s.place(slot{kind: "image", proto: "udptl", format: faxWord})
	s.opens(&ours{fax: f})
	return s.print(section{fax: f}), nil
}

// AnswerFax answers the peer's SDP offer of a fax, with what f says of ours. The errors are those of Answer.
func (s *Session) AnswerFax(offer []byte, f Fax) ([]byte, Params, error) {
	d, i, err := s.readFax(offer)
	if err == nil && i < 0 {
		err = fmt.Errorf("%w: audio where a fax was expected", ErrNotAcceptable)
	}
	if err != nil {
		return nil, Params{}, err
	}
	s.begin()
	s.offered, s.waiting = nil, false
	s.lines, s.active = slots(d), i
	p := s.faxing(d, i)
	s.current, s.settled = &p, true
	return s.print(section{fax: f}), p, nil
}

// acceptFax takes the answer to our SDP offer of a fax.
func (s *Session) acceptFax(d *description) (Params, error) {
	m := &d.media[s.active]
	if why := s.faxTrouble(d, m); why != "" {
		return Params{}, fmt.Errorf("%w: line %d: %s", ErrNotAcceptable, m.number, why)
	}
	p := s.faxing(d, s.active)
	s.current, s.settled, s.waiting = &p, true, false
	return p, nil
}

// faxing is what an exchange has settled whose m-line i is a fax. Of the audio before it what is no more is taken away;
// the codec stays, for when it comes back.
func (s *Session) faxing(d *description, i int) Params {
	at, _ := d.side(&d.media[i], s.capability)
	p := *s.before.current
	p.Fax, p.Remote, p.RemoteRTCP = d.media[i].fax(), at.remote, netip.AddrPort{}
	p.Direction, p.Held, p.Mux = Inactive, false, false
	return p
}

// place makes the m-line of that kind the active one. A peer that has none yet has it in place of the one before
// (RFC 3264 section 8.3.3), since there are those that know one line alone.
func (s *Session) place(l slot) {
	if len(s.lines) == 0 {
		s.lines, s.active = []slot{l}, 0
		return
	}
	if s.lines[s.active].kind == l.kind {
		return
	}
	if i := slices.IndexFunc(s.lines, func(other slot) bool { return other.kind == l.kind }); i >= 0 {
		s.active = i
		return
	}
	l.mid = s.lines[s.active].mid
	s.lines = slices.Clone(s.lines) // that of the state before is not to change
	s.lines[s.active] = l
}

// printFax writes our m-line of a fax.
func (s *Session) printFax(b *strings.Builder, f Fax) {
	fmt.Fprintf(b, "m=image %d udptl t38\r\n", s.capability.Port)
	for _, a := range f.attributes() {
		fmt.Fprintf(b, "a=%s\r\n", a)
	}
}

// Said is what we said of the fax that we pass on; "": what stands is audio.
func (s *Session) Said() Fax { return s.said }

// Stands makes our SDP offer of what stands, audio or fax: for a peer that wants to hear it again.
func (s *Session) Stands(d Direction, prefer []codec.Codec) ([]byte, error) {
	if s.settled && s.current.Fax != "" {
		return s.OfferFax(s.said)
	}
	return s.Offer(d, prefer)
}
