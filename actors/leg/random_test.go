package leg

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"tandem/actors/msg"
	"tandem/signal"
)

// TestRandomService lets a Task, a phone, a partner and a search do anything in any order. Whatever happens:
// nothing panics, no state is left illegally, the Task hears LegEnded once and nothing after it, and each
// operation of its ends once, unless the Task was dropped meanwhile. What stands is what the SDP session says (watchFax).
func TestRandomService(t *testing.T) {
	stories := 1500
	if testing.Short() {
		stories = 300
	}
	for seed := range stories {
		w := &witness{t: t, seed: seed, random: rand.New(rand.NewPCG(uint64(seed), 1)), open: map[uint64]bool{}}
		w.run()
		if t.Failed() {
			return
		}
	}
}

// witness watches one story.
type witness struct {
	t      *testing.T
	seed   int
	random *rand.Rand
	stage  *stage
	story  []string

	serves bool // a Task is served, as far as it was told
	over   bool // it heard LegEnded
	next   uint64
	open   map[uint64]bool // operations that have not ended
	ours   []*signal.Request
}

// Words of a story; those that stand twice are likelier.
var words = []string{"serve program=menu", "serve program=menu by=finder", "serve task=none", "task-gone", "answer", "answer",
	"ack", "ack", "ack", "prack", "play number=1 file=a", "tape number=1", "press digits=1", "part", "parted", "room",
	"mix room=r", "mixer-gone", "attend part=listen operation=%d", "attended-gone", "record-call action=pause operation=%d",
	"record-call action=stop operation=%d", "key key=1", "find fork=yes targets=1,2", "find targets=1", "find",
	"hold operation=%d", "hold operation=%d held=no", "inform operation=%d", "probe operation=%d",
	"send-refer operation=%d target=1", "notify status=180", "notify status=200 last=yes", "contact name=x",
	"progress status=183 media=yes", "progress status=180 by=finder stream=s", "accept stream=theirs codec=PCMU",
	"accept stream=theirs codec=PCMU by=finder", "accept stream=theirs codec=PCMU given=yes", "reject status=486", "reject status=486 by=finder", "finder-gone",
	"run app=echo by=finder", "transfer target=1", "transferred status=180", "transferred status=200",
	"transferred status=403", "refer target=1", "info key=1", "inform-us", "partner-ended", "partner-held held=yes",
	"owner-gone", "front-lost", "hangup", "bye", "cancel", "reinvite", "reinvite direction=inactive", "reinvite direction=none",
	"refax rate=14400", "refax rate=14400", "partner-fax rate=14400", "partner-fax", "partner-fax status=200 rate=9600",
	"partner-fax status=200 rate=9600", "partner-fax status=200", "partner-fax status=491", "refresh", "timer kind=fax", "timer kind=fax-back", "silent", "finished",
	"asked stream=theirs", "asked stream=s", "no-junction stream=theirs status=504", "no-junction stream=s status=504",
	"timer kind=glare", "timer kind=refer", "timer kind=last-words", "timer kind=unanswered", "timer kind=alive", "reply", "reply", "reply"}

func (w *witness) run() {
	w.stage = &stage{t: w.t, now: epoch}
	if w.random.IntN(3) > 0 {
		w.do("incoming allow=REFER" + []string{"", " prack=yes"}[w.random.IntN(2)])
		w.do("serve program=menu")
	} else {
		w.do("outgoing")
		w.reply(180)
		w.reply(200)
		w.do("serve")
	}
	for range 40 {
		word := words[w.random.IntN(len(words))]
		if word == "reply" {
			w.reply([]int{100, 180, 200, 200, 200, 202, 403, 408, 481, 486, 488, 491}[w.random.IntN(12)])
			continue
		}
		w.do(word)
		if w.t.Failed() {
			return
		}
	}
	w.do("hangup")
	w.do("timer kind=last-words")
	if w.stage.leg.state != ended {
		w.fail("the leg is " + w.stage.leg.state.String())
	}
	if w.serves {
		w.fail("the Task was not told of the end")
	}
}

func (w *witness) fail(why string) {
	w.t.Helper()
	w.t.Errorf("seed %d: %s after\n%v", w.seed, why, w.story)
}

// do acts one word, where the stage can.
func (w *witness) do(word string) {
	s := w.stage
	if n, _ := fmt.Sscanf(word, "timer kind=%s", new(string)); n == 1 && !w.runs(word) {
		return
	}
	operation := uint64(0)
	for i := range len(word) - 1 {
		if word[i:i+2] == "%d" {
			w.next++
			operation = w.next
			word = fmt.Sprintf(word, operation)
			break
		}
	}
	w.story = append(w.story, word)
	if word == "task-gone" {
		w.serves = false // it is told nothing any more
	}
	if operation != 0 && s.leg.service.on {
		w.open[operation] = true
	}
	s.now = s.now.Add(1e9)
	act(s, word)
	w.watch()
}

func (w *witness) runs(word string) bool {
	_, ok := w.stage.timer[word[len("timer kind="):]]
	return ok
}

// watch checks what comes of an act.
func (w *witness) watch() {
	for _, e := range w.stage.leg.effects() {
		w.stage.tell(e)
		switch e := e.(type) {
		case toEdge:
			if sent := w.stage.sent; sent != nil && (len(w.ours) == 0 || w.ours[len(w.ours)-1] != sent) {
				w.ours = append(w.ours, sent)
			}
		case serveTask:
			if w.serves || !w.over {
				clear(w.open) // a Task that is dropped hears no more
			}
			w.serves, w.over = e.m.Task != nil, false
		case tellTask:
			w.told(e.message)
		}
	}
	w.watchFax()
}

// watchFax: while no SDP offer is under way the leg and its SDP session agree on what stands, and it is a fax for nobody
// who has no partner.
func (w *witness) watchFax() {
	l := w.stage.leg
	if l.state != answered || l.offering() || l.changing() {
		return
	}
	if l.fax() != (l.sdp.Said() != "") {
		w.fail(fmt.Sprintf("the leg is a fax: %v; its session says %q", l.fax(), l.sdp.Said()))
	}
	if l.fax() && !l.hearing.hasPartner && !l.transfers.searching() {
		w.fail("the party is a fax all alone")
	}
}

func (w *witness) told(m any) {
	if w.over || !w.serves {
		w.fail(fmt.Sprintf("the Task was told %T after its end", m))
	}
	switch m := m.(type) {
	case *msg.LegEnded:
		w.over, w.serves = true, false
		if len(w.open) > 0 {
			w.fail(fmt.Sprintf("operations %v have not ended", w.open))
		}
	case *msg.LegDone:
		if !w.open[m.Operation] {
			w.fail(fmt.Sprintf("operation %d ended twice, or never began", m.Operation))
		}
		delete(w.open, m.Operation)
	}
}

// reply answers one of our requests that the phone got: the last, or an earlier one.
func (w *witness) reply(status int) {
	s := w.stage
	if len(w.ours) == 0 {
		return
	}
	to := w.ours[max(len(w.ours)-1-w.random.IntN(3), 0)]
	r := &signal.Response{Request: to.ID, Method: to.Method, Status: status, To: to.To,
		Contacts: []signal.Party{somebody("phone", "")}}
	if to.To.Tag() == "" {
		r.To = to.To.WithTag("phone-tag")
	}
	if to.Method == signal.INVITE && status == 200 {
		answer, _, err := s.phone.Answer(to.Body, 0, nil)
		if f, _ := s.phone.OffersFax(to.Body); f != "" {
			answer, _, err = s.phone.AnswerFax(to.Body, f)
		}
		if err == nil {
			r.ContentType, r.Body = "application/sdp", answer
		}
	}
	w.story = append(w.story, fmt.Sprintf("reply %d %s", status, to.Method))
	s.now = s.now.Add(1e9)
	s.leg.Response(r, s.now)
	w.watch()
}

// act performs a word on the stage.
func act(s *stage, line string) {
	word, args := parse(line)
	acts[word](s, args)
}
