package scribe

import (
	"log/slog"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/actors/scribe/metadata"
	"tandem/media/codec"
	"tandem/media/sdp"
	"tandem/signal"
	"tandem/sip/dialog"
)

// Server is one recording server.
type Server struct {
	Name string     // as the settings have it, for logs
	URI  signal.URI // that is called
	From signal.URI // that calls
	// Prove answers the challenges of a trunk: see dialog.Local. Nil: they are refusals.
	Prove func(*signal.Response, *signal.Request) (signal.Header, error)
}

// Recorder is what the settings say of one, as it was when the scribe began.
type Recorder struct {
	Servers  []Server
	Patience time.Duration // for a server's answer
	Probe    time.Duration // between signs of life
}

// Birth is what a scribe is made of, apart from its work.
type Birth struct {
	Handler string       // its own: its SIP tag
	Contact signal.Party // where servers reach us
	Timers  dialog.Timers
	Timing  dialog.SessionTimer
	Headers signal.Headers // User-Agent, Allow, Supported
	Log     *slog.Logger
	Now     time.Time
}

// Times and limits of a scribe.
const (
	// rest is the pause after all servers were tried in vain. A server that kept a call for less counts as tried.
	rest = 30 * time.Second
	// maxFormer is how many who have left are told of.
	maxFormer = 20
)

// labels are those of the two m-lines (RFC 4574): what the party says, and what its partner says.
var labels = [2]string{"1", "2"}

// timerKind names a scribe's own timers.
type timerKind int

const (
	unanswered timerKind = iota // the server that is called has had its time
	alive                       // time to ask for a sign of life, or for one that did not come
	rested                      // time to try again
	goodbye                     // servers have not answered it
)

// Scribe is the pure machine of one recording. Every method takes an event with the time it happened; what must be done is
// collected, and taken by the shell with effects.
type Scribe struct {
	log      *slog.Logger
	birth    Birth
	recorder Recorder
	work     *msg.ScribeStart
	state    state
	out      []effect
	now      time.Time

	present *attempt            // with the server that is called, or has the call; nil: none
	former  map[uint64]*attempt // that were given up
	made    uint64
	turn    int       // the next server
	left    int       // servers that have a turn before we rest
	began   time.Time // the server took the call
	asked   bool      // for a sign of life
	told    bool      // the leg knows that nobody records

	talk    *msg.ScribeTalk
	version uint64 // of what servers are to know
	parties []metadata.Party
	timers  map[timerKind]int
}

// New begins: the first server is called.
func New(b Birth, r Recorder, work *msg.ScribeStart) *Scribe {
	s := &Scribe{log: b.Log, birth: b, recorder: r, work: work, now: b.Now, left: len(r.Servers), talk: &msg.ScribeTalk{},
		former: map[uint64]*attempt{}, timers: map[timerKind]int{}}
	s.parties = []metadata.Party{party(work.Party, time.UnixMilli(work.BeganMs))}
	s.hear(work.Talk)
	s.next()
	return s
}

func party(t *msg.Talker, since time.Time) metadata.Party {
	return metadata.Party{ID: t.GetLeg(), AOR: t.GetAor(), Name: t.GetName(), Since: since}
}

// effects hands over what is to be done, and forgets it.
func (s *Scribe) effects() []effect {
	out := s.out
	s.out = nil
	return out
}

func (s *Scribe) do(e ...effect) { s.out = append(s.out, e...) }

// startTimer sets a timer; an earlier one of the kind means nothing from then on.
func (s *Scribe) startTimer(kind timerKind, after time.Duration) {
	s.timers[kind]++
	s.do(wake{kind, s.timers[kind], after})
}

// Timer takes a timer of ours; one that was set again means nothing.
func (s *Scribe) Timer(kind timerKind, generation int, now time.Time) {
	s.now = now
	if s.timers[kind] != generation {
		return
	}
	switch {
	case kind == unanswered && s.state == calling:
		s.giveUp(refused, "no answer in time")
		s.next()
	case kind == alive && s.state == recording:
		s.probe()
	case kind == rested && s.state == resting:
		s.left = len(s.recorder.Servers)
		s.next()
	case kind == goodbye && s.state == leaving:
		s.former = nil
		s.settle()
	}
}

// next calls the next server; where each has had its turn we rest.
func (s *Scribe) next() {
	if s.left <= 0 {
		s.fail("no server takes the call")
		return
	}
	server := s.recorder.Servers[s.turn%len(s.recorder.Servers)]
	s.left--
	s.turn++
	s.made++
	s.present = &attempt{scribe: s, number: s.made, server: server}
	s.become(calling, "the turn of "+server.Name)
	s.startTimer(unanswered, s.recorder.Patience)
	s.do(dial{s.made, server})
}

// fail tells the leg that its call is not recorded, and rests.
func (s *Scribe) fail(reason string) {
	s.become(resting, reason)
	s.do(count{failed})
	if !s.told {
		s.told = true
		s.do(tellLeg{&msg.ScribeFailed{Recorder: s.work.Recorder, Status: 503, Reason: reason}})
	}
	s.startTimer(rested, rest)
}

// giveUp ends the present attempt, of which nothing more is expected.
func (s *Scribe) giveUp(why outcome, reason string) {
	a := s.present
	s.log.Warn("a recording server is given up", "server", a.server.Name, "because", reason)
	s.do(count{why})
	s.leave(a, `SIP;cause=480;text="Given up"`)
}

// leave ends an attempt: its streams at once, and its dialog when the server has answered.
func (s *Scribe) leave(a *attempt, reason string) {
	s.present = nil
	if a.dialog == nil {
		s.do(forget{a.number})
		return
	}
	s.do(hush{a.number})
	s.former[a.number] = a
	a.wants(a.dialog.Hangup(0, reason, s.now))
}

// ended: the dialog of an attempt is over.
func (s *Scribe) ended(a *attempt, why outcome, reason string) {
	a.over = true
	if a != s.present {
		delete(s.former, a.number)
		s.settle()
		return
	}
	s.log.Warn("a recording server has left", "server", a.server.Name, "because", reason)
	s.present = nil
	s.do(hush{a.number}, count{why})
	if s.state == recording && s.now.Sub(s.began) >= rest {
		s.left = len(s.recorder.Servers)
	}
	s.next()
}

// probe asks the server for a sign of life; one that owes us one is lost.
func (s *Scribe) probe() {
	if s.asked {
		s.lose("no sign of life")
		return
	}
	s.asked = true
	s.present.try(s.present.dialog.Probe(s.now))
	s.startTimer(alive, s.recorder.Patience)
}

// lose gives up the server that has the call.
func (s *Scribe) lose(reason string) {
	if s.now.Sub(s.began) >= rest {
		s.left = len(s.recorder.Servers)
	}
	s.giveUp(lost, reason)
	s.next()
}

// lives: the server has given a sign of life.
func (s *Scribe) lives() {
	s.asked = false
	s.startTimer(alive, s.recorder.Probe)
}

// takes: the server has the call.
func (s *Scribe) takes(a *attempt) {
	s.began, s.told = s.now, false
	s.become(recording, "taken by "+a.server.Name)
	s.do(count{taken}, listen{s.streams()})
	s.lives()
}

// Talk takes how the call goes from now on.
func (s *Scribe) Talk(m *msg.ScribeTalk, now time.Time) {
	s.now = now
	if s.state >= leaving || proto.Equal(m, s.talk) {
		return
	}
	quiet := m.Held == s.talk.Held && m.Codec == s.talk.Codec && proto.Equal(m.Partner, s.talk.Partner)
	s.hear(m)
	if s.state == recording {
		s.do(listen{s.streams()})
	}
	if !quiet {
		s.version++
		if s.present != nil {
			s.present.update()
		}
	}
}

// hear notes how the call goes.
func (s *Scribe) hear(m *msg.ScribeTalk) {
	if m == nil {
		return
	}
	s.talk = m
	with := m.Partner.GetLeg()
	known := false
	for i := range s.parties[1:] {
		p := &s.parties[1+i]
		switch {
		case p.ID == with:
			known, p.Left = true, time.Time{}
		case p.Left.IsZero():
			p.Left = s.now
		}
	}
	if with != "" && !known {
		s.parties = append(s.parties, party(m.Partner, s.now))
	}
	if len(s.parties) > maxFormer+2 {
		s.parties = append(s.parties[:1:1], s.parties[2:]...)
	}
}

// talks tells whether there is something to be heard.
func (s *Scribe) talks() bool { return !s.talk.Held && s.talk.Partner.GetLeg() != "" }

// direction is what our m-lines say.
func (s *Scribe) direction() sdp.Direction {
	if s.talks() {
		return sdp.SendOnly
	}
	return sdp.Inactive
}

// streams are those that are carried: none while nothing is to be heard, whatever the server makes of inactive lines.
func (s *Scribe) streams() [2]string {
	if !s.talks() {
		return [2]string{}
	}
	return [2]string{s.work.Stream, s.talk.Stream}
}

// prefer is the codec that the party talks, if we can talk it as well: what it says is encoded anew, not passed on.
func (s *Scribe) prefer() []codec.Codec {
	if c, ok := codec.ByName(s.talk.Codec); ok && c.Encodes() {
		return []codec.Codec{c}
	}
	return nil
}

// document is what servers are to know now.
func (s *Scribe) document() []byte {
	c := metadata.Call{Name: s.work.Call, Session: s.work.Party.GetLeg() + " " + s.work.Recorder, Began: time.UnixMilli(s.work.BeganMs),
		Streams: labels[:], Parties: append([]metadata.Party(nil), s.parties...)}
	if s.talks() {
		for i := range c.Parties {
			own, other := labels[0], labels[1]
			if i > 0 {
				own, other = other, own
			}
			if c.Parties[i].Left.IsZero() {
				c.Parties[i].Sends, c.Parties[i].Hears = own, []string{other}
			}
		}
	}
	return c.Document()
}

// End: the call is over.
func (s *Scribe) End(now time.Time) {
	s.now = now
	if s.state >= leaving {
		return
	}
	s.become(leaving, "the call is over")
	if a := s.present; a != nil {
		s.leave(a, "")
	}
	s.startTimer(goodbye, s.birth.Timers.LastWords())
	s.settle()
}

// settle ends a scribe that has nobody to wait for.
func (s *Scribe) settle() {
	if s.state == leaving && s.present == nil && len(s.former) == 0 {
		s.become(over, "all servers know")
		s.do(stop{})
	}
}
