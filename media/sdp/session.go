package sdp

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"tandem/media/codec"
)

// Session is our side of the SDP exchanges of one leg. Its owner calls it in the order of the
// signalling; it is not safe for concurrent use. After an error it is as it was before.
type Session struct {
	capability Capability
	id         uint64 // of the o= line
	version    uint64 // of the o= line, as sent last
	sent       uint64 // stamp of what was sent last
	numbers    []number
	passes     string // what our SDP says of Opus in the name of another end
	recorded   string // a=record of our m-line; "": it says nothing

	state
	before  state    // what stood before the exchange under way
	offered *ours    // our SDP offer, until the peer makes one
	waiting bool     // no SDP answer to it yet
	first   *opening // our first SDP offer, until we make another one
}

// opening is the SDP offer of a call, with what stood when it was made: each fork answers it, whatever was exchanged with
// another one since, for each has a dialog of its own (RFC 3261 section 13.1).
type opening struct {
	offered *ours
	state   state
	before  state
}

// state is what an exchange changes and Rollback brings back.
type state struct {
	lines   []slot
	active  int     // the m-line with our audio
	current *Params // shared by all that know it, and never changed
	settled bool    // current holds
	proto   string
	local   Credentials // ours, in the secure profile
	bundled bool        // our m-line is in a group
	said    Fax         // what we say of the fax that we pass on
}

// slot is one m-line of the leg: they keep order and number for good (RFC 3264 section 8).
type slot struct{ kind, proto, format, mid string }

// number is the meaning of a dynamic payload number, kept for the leg's life.
type number struct {
	name  string
	clock int
	value uint8
}

// ours is what our SDP offer said.
type ours struct {
	direction Direction
	formats   []Format
	events    []number
	cryptos   []crypto
	fax       Fax // it was no audio
}

// New makes the side of a leg that can do c.
func New(c Capability) *Session {
	if c.Ptime == 0 {
		c.Ptime = codec.Frame
	}
	first := state{proto: "RTP/AVP", current: &Params{}}
	switch {
	case c.Secure != nil:
		c.Suites, c.Required = nil, false
		first.proto, first.local = secureProfile, newCredentials()
	case c.Required:
		first.proto = keyedProfile
	}
	// 62 bits: some peers read the number as signed.
	return &Session{capability: c, id: rand.Uint64() >> 2, state: first, before: first}
}

// Current is what the last exchange settled, for everybody to keep and nobody to change; false when none has, and it is
// the zero value.
func (s *Session) Current() (*Params, bool) { return s.current, s.settled }

// Record has our m-line tell from now on how the call is recorded: on, off or paused (RFC 7866 section 6.3).
func (s *Session) Record(how string) { s.recorded = how }

// Recorded is what it tells; "" is nothing.
func (s *Session) Recorded() string { return s.recorded }

// Offer makes our SDP offer: to send and hear as d says, with the preferred codecs first and then
// the rest of ours. Made again before its answer, it takes the place of the one before.
func (s *Session) Offer(d Direction, prefer []codec.Codec) ([]byte, error) {
	sec, err := s.offer(d, prefer)
	if err != nil {
		return nil, err
	}
	return s.print(sec), nil
}

// offer makes our m-line of an SDP offer.
func (s *Session) offer(d Direction, prefer []codec.Codec) (section, error) {
	codecs := spoken(preferred(s.capability.Codecs, prefer), prefer)
	if len(codecs) == 0 {
		return section{}, fmt.Errorf("%w: we have no codec", ErrNotAcceptable)
	}
	if s.capability.Required && len(s.capability.Suites) == 0 {
		return section{}, fmt.Errorf("%w: keys must not be sent in the clear, and nothing else is allowed", ErrNotAcceptable)
	}
	o := ours{direction: d, cryptos: s.offerKeys()}
	for _, c := range codecs {
		n, ok := s.payload(c.Name, c.Clock, c.Static)
		if !ok {
			return section{}, fmt.Errorf("%w: payload numbers are used up", ErrNotAcceptable)
		}
		o.formats = append(o.formats, Format{Codec: c, Payload: n})
		if o.eventFor(c.Clock) == 0 && s.capability.Label == "" {
			if n, ok := s.payload(eventName, c.Clock, -1); ok {
				o.events = append(o.events, number{eventName, c.Clock, n})
			}
		}
	}
	setup := ""
	if s.capability.Secure != nil || s.settled && s.current.DTLS != (DTLS{}) {
		setup = "actpass"
	}
	s.begin()
	if len(s.lines) == 0 {
		s.bundled = true
	}
	s.place(slot{kind: "audio", proto: s.proto, format: "0", mid: ourMid})
	s.opens(&o)
	return section{direction: d, formats: o.formats, events: o.events, cryptos: o.cryptos,
		mux: s.settled && s.current.Mux || s.capability.Secure != nil, setup: setup}, nil
}

// opens notes what our SDP offer said. While nothing is settled it is the first one.
func (s *Session) opens(o *ours) {
	s.offered, s.waiting, s.first = o, true, nil
	if !s.settled {
		s.first = &opening{o, s.state, s.before}
	}
}

// Answer answers the peer's SDP offer. d is what we are ready to do; what the peer's side allows of
// it is in the answer and in Params. prefer names the codecs to choose first where they are offered.
func (s *Session) Answer(offer []byte, d Direction, prefer []codec.Codec) ([]byte, Params, error) {
	desc, active, err := s.read(offer)
	if err != nil {
		return nil, Params{}, err
	}
	sec, p, err := s.answer(desc, active, d, prefer)
	if err != nil {
		return nil, Params{}, err
	}
	return s.print(sec), p, nil
}

// answer makes our m-line of an SDP answer, for one of the peer's that can be taken.
func (s *Session) answer(desc *description, active int, d Direction, prefer []codec.Codec) (section, Params, error) {
	m := &desc.media[active]
	formats := m.common(s.capability.Codecs)
	choice := m.common(spoken(s.capability.Codecs, prefer))
	if len(choice) == 0 {
		return section{}, Params{}, fmt.Errorf("%w: line %d: we can not encode %s", ErrNotAcceptable, m.number, formats[0].Codec.Name)
	}
	chosen := pick(choice, prefer, *s.current, s.settled)
	p := s.params(desc, m, chosen, formats)
	peer, _ := desc.side(m, s.capability)
	p.RecvPayload, p.RecvEvent, p.Hears = p.Payload, p.Event, []Format{chosen}
	p.Mux = m.attrs.mux
	p.Direction = direction(d.sends() && peer.hears, d.hears() && peer.sends)
	p.Held = !peer.hears
	s.setRTCP(&p, m)

	s.begin()
	s.offered, s.waiting = nil, false
	s.lines, s.active, s.proto = slots(desc), active, m.proto
	setup := ""
	if s.capability.Secure != nil {
		p.Secure = s.answerSecure(desc.security(m))
		s.bundled = slices.Contains(desc.attrs.bundle, m.attrs.mid)
		setup = p.Secure.setup()
	}
	var cryptos []crypto
	switch {
	case s.capability.Secure != nil:
	case dtlsProfiles[m.proto]:
		p.DTLS = s.answerDTLS(desc.security(m))
		setup = p.DTLS.setup()
	default:
		p.Keys, cryptos = s.answerKeys(m)
	}
	s.learn(chosen.Codec.Name, chosen.Codec.Clock, p.Payload)
	if p.EventClock != 0 {
		s.learn(eventName, p.EventClock, p.Event)
	}
	s.current, s.settled = &p, true
	sec := section{direction: p.Direction, formats: []Format{chosen}, mux: p.Mux, setup: setup, cryptos: cryptos}
	if p.EventClock != 0 {
		sec.events = []number{{eventName, p.EventClock, p.Event}}
	}
	return sec, p, nil
}

// read reads the peer's SDP offer and finds the m-line to take.
func (s *Session) read(offer []byte) (d *description, active int, err error) {
	if d, err = parse(offer); err != nil {
		return nil, -1, err
	}
	active = -1
	if s.settled {
		active = s.active
		if len(d.media) < len(s.lines) {
			return nil, -1, fmt.Errorf("%w: %d m-lines where there were %d",
				ErrMalformed, len(d.media), len(s.lines))
		}
	}
	active, err = d.choose(active, s.capability)
	return d, active, err
}

// Accept takes the peer's SDP answer to our SDP offer. It may come again, from another fork or in
// another response; the last one holds. On an error the offer still waits: Rollback ends it.
func (s *Session) Accept(answer []byte) (Params, error) {
	if s.offered == nil {
		return Params{}, ErrNoOffer
	}
	desc, err := parse(answer)
	if err != nil {
		return Params{}, err
	}
	return s.accept(desc)
}

// Offered tells whether our SDP offer is the last that was made: as long as it is, each fork's answer means the same.
func (s *Session) Offered() bool { return s.offered != nil }

// AcceptChosen is Accept for the fork that takes the call: it answers our first SDP offer, and what another one has offered
// since then counts no more.
func (s *Session) AcceptChosen(answer []byte) (Params, error) {
	if s.offered != nil || s.first == nil {
		return s.Accept(answer)
	}
	was, before := s.state, s.before
	s.offered, s.state, s.before = s.first.offered, s.first.state, s.first.before
	p, err := s.Accept(answer)
	if err != nil {
		s.offered, s.state, s.before = nil, was, before
	}
	return p, err
}

// accept takes our m-line of the peer's SDP answer.
func (s *Session) accept(desc *description) (Params, error) {
	if len(desc.media) != len(s.lines) {
		return Params{}, fmt.Errorf("%w: %d m-lines in answer to %d", ErrMalformed, len(desc.media), len(s.lines))
	}
	if s.offered.fax != "" {
		return s.acceptFax(desc)
	}
	m := &desc.media[s.active]
	if why := desc.usable(m, s.capability); why != "" {
		return Params{}, fmt.Errorf("%w: line %d: %s", ErrNotAcceptable, m.number, why)
	}
	if m.proto != s.proto {
		return Params{}, fmt.Errorf("%w: line %d: protocol %s in answer to %s", ErrMalformed, m.number, m.proto, s.proto)
	}
	formats := s.offered.answered(m.common(s.capability.Codecs))
	if len(formats) == 0 {
		return Params{}, fmt.Errorf("%w: line %d: no codec that we offered in %s", ErrNotAcceptable, m.number, strings.Join(m.formats, " "))
	}
	p := s.params(desc, m, formats[0], formats)
	peer, _ := desc.side(m, s.capability)
	// What we receive has the numbers of our offer, whatever the peer wants for itself
	// (RFC 3264 section 5.1).
	p.Hears = s.offered.heard(formats)
	p.RecvPayload = p.Hears[0].Payload
	p.RecvEvent = s.offered.eventFor(p.EventClock)
	if p.RecvEvent == 0 {
		p.Event, p.EventClock = 0, 0
	}
	p.Mux = m.attrs.mux && (s.before.current.Mux || s.capability.Secure != nil)
	if s.capability.Secure != nil {
		p.Secure = s.acceptSecure(desc.security(m))
	} else if dtlsProfiles[m.proto] {
		p.DTLS = acceptDTLS(desc.security(m))
	} else {
		keys, err := s.acceptKeys(m, s.offered.cryptos)
		if err != nil {
			return Params{}, err
		}
		p.Keys = keys
	}
	d := s.offered.direction
	p.Direction = direction(d.sends() && peer.hears, d.hears() && peer.sends)
	// An answer can only tell that we are held where we asked to be heard.
	p.Held = !peer.hears
	if !d.sends() {
		p.Held = s.before.current.Held
	}
	s.setRTCP(&p, m)
	s.current, s.settled, s.waiting = &p, true, false
	return p, nil
}

// Rollback undoes the last exchange: the SDP offer in it, ours or theirs, was refused. What stood
// before stands again. Nothing happens when there is nothing to undo.
func (s *Session) Rollback() {
	if s.offered != nil {
		s.first = nil
	}
	s.state = s.before
	s.offered, s.waiting = nil, false
}

// begin keeps what stands, for Rollback. An SDP offer without answer stands for nothing.
func (s *Session) begin() {
	if s.waiting {
		s.state = s.before
	}
	s.before = s.state
}

// params are those parts of Params that Answer and Accept find alike.
func (s *Session) params(d *description, m *mediaLine, chosen Format, formats []Format) Params {
	peer, _ := d.side(m, s.capability)
	p := Params{Remote: peer.remote, Codec: chosen.Codec, Payload: chosen.Payload, Formats: formats,
		Ptime:  m.packet(d.attrs, s.capability.Ptime),
		Wishes: wishes(chosen.Says), Says: chosen.Says}
	p.Event, p.EventClock = m.event(chosen.Codec.Clock)
	return p
}

func (s *Session) setRTCP(p *Params, m *mediaLine) {
	p.RemoteRTCP = p.Remote
	if !p.Mux {
		p.RemoteRTCP = m.rtcp(p.Remote, s.capability.Address)
	}
}

// slots are the m-lines of a description, to be kept in this order.
func slots(d *description) []slot {
	out := make([]slot, len(d.media))
	for i, m := range d.media {
		out[i] = slot{m.kind, m.proto, m.formats[0], m.attrs.mid}
	}
	return out
}

// answered are those of an answer's codecs that we offered. It may name others beside them (RFC 3264 section 6.1), which we
// did not say that we take, nor by what number.
func (o *ours) answered(named []Format) []Format {
	return slices.DeleteFunc(named, func(f Format) bool { return find(o.formats, f.Codec) < 0 })
}

// heard are the codecs of an answer with the numbers that we offered them with.
func (o *ours) heard(answered []Format) []Format {
	out := make([]Format, len(answered))
	for i, f := range answered {
		out[i] = o.formats[find(o.formats, f.Codec)]
	}
	return out
}

// eventFor is the number of telephone-event that we offered with that clock, 0 when we did not.
func (o *ours) eventFor(clock int) uint8 {
	for _, e := range o.events {
		if e.clock == clock {
			return e.value
		}
	}
	return 0
}

// payload is the number for a codec in our SDP offers: the static one, the one it had before, or one
// that nothing had before.
func (s *Session) payload(name string, clock, static int) (uint8, bool) {
	if static >= 0 {
		return uint8(static), true
	}
	for i := len(s.numbers) - 1; i >= 0; i-- {
		if n := s.numbers[i]; n.name == name && n.clock == clock {
			return n.value, true
		}
	}
	first := firstDynamic
	if name == eventName {
		first = eventNumber
	}
	const span = lastDynamic - firstDynamic + 1
	for i := range span {
		n := uint8(firstDynamic + (first-firstDynamic+i)%span)
		if !s.taken(n) && (name == eventName || n != eventNumber) {
			s.learn(name, clock, n)
			return n, true
		}
	}
	return 0, false
}

func (s *Session) taken(value uint8) bool {
	for _, n := range s.numbers {
		if n.value == value {
			return true
		}
	}
	return false
}

// learn notes what a dynamic number means; the newest meaning is the one used. There are at most
// as many entries as pairs of number and codec, a codec being one of ours.
func (s *Session) learn(name string, clock int, value uint8) {
	n := number{name, clock, value}
	if value < firstDynamic {
		return
	}
	for i := range s.numbers {
		if s.numbers[i] == n {
			s.numbers = append(append(s.numbers[:i:i], s.numbers[i+1:]...), n)
			return
		}
	}
	s.numbers = append(s.numbers, n)
}
