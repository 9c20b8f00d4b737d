package leg

import (
	"slices"
	"time"

	"tandem/actors/msg"
	"tandem/signal"
)

// Recorder is one that wants the calls of a leg's party: calls are brought to recording servers by a scribe (actors/scribe).
type Recorder struct {
	Name     string
	Required bool // a call that no server records must end, unless it is one for help
}

// scribing is what a leg has to do with recording servers. Each side of a call has settings of its own: the leg whose party
// is to be recorded has it done, and where both are, for the same recorder, one of the two (RFC 7866 knows no more than one
// recording of a call by one client). A recording belongs to a leg: it goes on with whomever its party talks to.
type scribing struct {
	wanted []Recorder
	asked  bool            // wanted is known
	has    map[string]bool // the recorders for which there is a scribe, or was
	with   string          // the partner of the moment, by its stream; "": none
	met    *msg.LegMet     // the partner's word
	of     string          // the partner whose word that is, by its stream
	told   string          // the partner that has ours
	awaits bool            // a word that its partner owes
	said   talk
}

// talk is how a call goes, as far as recording servers are concerned.
type talk struct {
	partner string // by its stream; "": nobody
	held    bool
	codec   string
}

// wants are the recorders of our party. The settings hold that stand when the call is answered.
func (s *scribing) wants(l *Leg) []Recorder {
	if !s.asked && l.state == answered {
		s.wanted, s.asked = s.expects(l), true
	}
	return s.wanted
}

// expects are the recorders of our party, or those that it would have if the call were answered now.
func (s *scribing) expects(l *Leg) []Recorder {
	if s.asked || l.recorders == nil {
		return s.wanted
	}
	return l.recorders(l.record)
}

// review has done what has become due by an event: it looks at where the leg stands, so that nothing else has to know.
func (s *scribing) review(l *Leg) {
	if l.state >= ending {
		if len(s.has) > 0 {
			s.has = nil
			l.do(endScribes{})
		}
		return
	}
	s.joined(l)
	wants := s.wants(l)
	if l.state < answered || len(wants) == 0 && s.met == nil {
		return
	}
	partner := ""
	if l.hearing.hasPartner && !l.hearing.waits {
		partner = l.hearing.partner
	}
	if partner != "" && s.told != partner && (len(wants) > 0 || s.of == partner) {
		s.meet(l, partner)
	}
	if len(wants) == 0 {
		return
	}
	if partner != "" && s.of != partner {
		s.await(l)
		return
	}
	t := talk{partner, l.params.Held || l.hearing.partnerHeld, l.params.Codec.Name}
	if len(s.has) > 0 && t != s.said {
		l.do(tellScribes{s.talkOf(t)})
	}
	s.said = t
	if partner != "" {
		s.begin(l, t)
	}
}

// joined forgets the acquaintance with a partner that is left: should it come back, it does not know us either.
func (s *scribing) joined(l *Leg) {
	with := ""
	if l.hearing.hasPartner {
		with = l.hearing.partner
	}
	if with == s.with {
		return
	}
	s.with, s.told, s.awaits = with, "", false
	if s.of != with {
		s.met, s.of = nil, ""
	}
}

// wordTime is how long a partner may take to say who its party is. A word that is on its way crosses the cluster in far less.
const wordTime = 2 * time.Second

// await waits for the partner's word.
func (s *scribing) await(l *Leg) {
	if !s.awaits {
		s.awaits = true
		l.startTimer(unmet, wordTime)
	}
}

// onUnmet: the word has not come: a member of an earlier make has none to say, or it is lost. Recorded without a name is better
// than not recorded, and twice than not at all.
func (s *scribing) onUnmet(l *Leg) {
	if l.state == answered && s.awaits && s.of != s.with {
		l.log.Warn("the partner does not say who it is; recorded without its name", "partner", s.with)
		s.met, s.of = &msg.LegMet{Party: &msg.Talker{Leg: s.with}}, s.with
	}
}

// meet tells the partner who we are.
func (s *scribing) meet(l *Leg, partner string) {
	s.told = partner
	m := &msg.LegMet{Party: l.talker()}
	for _, r := range s.wants(l) {
		m.Wants = append(m.Wants, r.Name)
		if s.has[r.Name] {
			m.Has = append(m.Has, r.Name)
		}
	}
	l.do(tellPartner{m})
}

// begin makes a scribe for each recorder that has none, unless the partner's leg is to.
func (s *scribing) begin(l *Leg, t talk) {
	for _, r := range s.wanted {
		switch {
		case s.has[r.Name], slices.Contains(s.met.Has, r.Name):
		case slices.Contains(s.met.Wants, r.Name) && t.partner < l.stream:
		default:
			if s.has == nil {
				s.has = map[string]bool{}
			}
			s.has[r.Name] = true
			l.do(beginScribe{r.Name, l.talker(), s.talkOf(t)})
		}
	}
}

// talkOf is how the call goes, in the words of a scribe; by which stream the partner is heard is for the shell to say.
func (s *scribing) talkOf(t talk) *msg.ScribeTalk {
	m := &msg.ScribeTalk{Held: t.held, Codec: t.codec}
	if t.partner != "" {
		m.Partner = s.met.Party
	}
	return m
}

// PartnerMet: the partner, by its stream, says who its party is.
func (l *Leg) PartnerMet(m *msg.LegMet, stream string, now time.Time) {
	l.now = now
	l.scribing.met, l.scribing.of = m, stream
}

// talker is who our party is, as servers are told.
func (l *Leg) talker() *msg.Talker {
	t := &msg.Talker{Leg: l.stream, Name: l.caller.Display}
	switch {
	case l.record.Account != "":
		t.Aor = "sip:" + l.record.Account
	case l.party.Scheme == "tel":
		t.Aor = "tel:" + l.party.User
	default:
		t.Aor = signal.URI{Scheme: "sip", User: l.party.User, Host: l.party.Host}.String()
	}
	return t
}

// ScribeFailed: no server of a recorder records the call. One for help goes on all the same.
func (l *Leg) ScribeFailed(m *msg.ScribeFailed, now time.Time) {
	l.now = now
	l.log.Warn("call is not recorded", "recorder", m.Recorder, "status", m.Status, "reason", m.Reason)
	for _, r := range l.scribing.wanted {
		if r.Name == m.Recorder && r.Required && !l.urgent && l.state < ending {
			l.setCause(503, "The call can not be recorded", byFailure)
			l.hangup(503, `SIP;cause=503;text="The call can not be recorded"`, "not recorded")
		}
	}
}
