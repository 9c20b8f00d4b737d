package task

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
)

// A program that joins a queue, takes whoever it offers as talking at once, and ends when its caller is gone.
const joiner = `
entry main is
  Void(AcceptCall());
  Void(QueueJoin("sales"));
  loop
    event = ReadInput(1000);
    exitif IsDisconnectEvent(event);
    if IsQueueEvent(event) then
      if event.what == "queueOffer" then Void(QueueOutcome(event.parameter.offer, "connected")); end if;
      exitif event.what == "queueLeft";
    end if;
  end loop;
end entry;
entry callback is
  Void(ReadInput(1000));
end entry;`

// waiter is the Task of a caller in a queue, and what it has done.
type waiter struct {
	*Task
	t   *testing.T
	now time.Time
}

func newWaiter(t *testing.T, start *msg.TaskStart, leg string) *waiter {
	t.Helper()
	program, list := cgpl.Compile("joiner.sppr", joiner, Library())
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	w := &waiter{t: t, now: time.Unix(1e9, 0)}
	w.Task = New(start, leg, program, &alone{}, DefaultLimits, slog.New(slog.DiscardHandler))
	w.Start(w.now)
	if leg != "" {
		w.LegAnswered(&msg.LegAnswered{Codec: "PCMU"}, leg, w.now)
	}
	return w
}

func callOf() *msg.TaskStart {
	return &msg.TaskStart{Account: "pbx@tandem.local", Call: "c1", Request: &msg.Request{Method: "INVITE",
		Uri: &msg.URI{Scheme: "sip", User: "2000"}, From: &msg.Party{Uri: &msg.URI{Scheme: "sip", User: "1001", Host: "tandem.local"}}}}
}

// hears is what the queue's owner of that epoch says, while the member knows that of another one.
func (w *waiter) hears(by, known uint64, m proto.Message) *waiter {
	switch m := m.(type) {
	case *msg.QueuePlaced:
		m.By, m.Caller, m.Queue = by, "c1", "sales"
	case *msg.QueueOffer:
		m.By, m.Caller, m.Queue = by, "c1", "sales"
	case *msg.QueueNoted:
		m.By, m.Caller, m.Queue = by, "c1", "sales"
	case *msg.QueueLeft:
		m.By, m.Caller, m.Queue = by, "c1", "sales"
	case *msg.QueueWithdrawn:
		m.By, m.Caller, m.Queue = by, "c1", "sales"
	}
	w.Queue(m, known, w.now)
	return w
}

// did is what the Task wants of queues and agents since it was asked last.
func (w *waiter) did() string {
	var all []string
	for _, e := range w.Effects() {
		switch e := e.(type) {
		case InLine:
			all = append(all, inLineText(e))
		case OutOfLine:
			all = append(all, fmt.Sprintf("out %v", e.Last != nil))
		case ToQueue:
			all = append(all, wordText(e.Message))
		case Engage:
			all = append(all, fmt.Sprintf("agent %s %v", e.Agent, e.Progress.GetStage()))
		case Stop:
			all = append(all, "stop")
		}
	}
	return strings.Join(all, "; ")
}

func inLineText(e InLine) string {
	r, ok := e.Message.(*msg.QueueRejoin)
	if !ok {
		return "join"
	}
	text := "rejoin"
	if !e.Quietly {
		text = "rejoin aloud"
	}
	for _, h := range r.Offers {
		text += fmt.Sprintf(" %s:%v", h.Agent, h.Stage)
	}
	for _, m := range r.Words {
		text += " " + m.What.String()
	}
	if r.Callback != nil {
		text += fmt.Sprintf(" present:%v", r.Callback.Present)
	}
	if r.Hung {
		text += " hung"
	}
	return text
}

func wordText(m proto.Message) string {
	switch m := m.(type) {
	case *msg.QueueOutcome:
		return "say " + m.What.String()
	case *msg.QueueHangup:
		return "say hung up"
	}
	return fmt.Sprintf("say %T", m)
}

func (w *waiter) want(text string) *waiter {
	w.t.Helper()
	if got := w.did(); got != text {
		w.t.Errorf("did  %s\nwant %s", got, text)
	}
	return w
}

var offerOne = &msg.QueueOfferID{Epoch: 5, Number: 1}

// inLine is a caller that is in line at the owner with epoch 5.
func inLine(t *testing.T) *waiter {
	w := newWaiter(t, callOf(), "leg1").want("join")
	return w.hears(5, 5, &msg.QueuePlaced{Place: &msg.QueuePlace{At: 1}, Position: 1}).want("rejoin")
}

// What was said and is not noted is announced to the next owner, until it is.
func TestWordsAreKeptUntilNoted(t *testing.T) {
	w := inLine(t).hears(5, 5, &msg.QueueOffer{Agent: "ann", Offer: offerOne})
	w.want("rejoin ann:QUEUE_RINGING; agent ann QUEUE_RINGING; " +
		"agent ann QUEUE_TALKING; rejoin ann:QUEUE_RINGING CONNECTED; say CONNECTED")
	w.hears(5, 5, &msg.QueueNoted{Offer: offerOne, Stage: msg.QueueStage_QUEUE_TALKING}).want("rejoin ann:QUEUE_TALKING")
	w.LegEnded(&msg.LegEnded{}, "leg1", w.now)
	w.want("agent ann QUEUE_ASKED; rejoin ann:QUEUE_TALKING ENDED; say ENDED")
	w.Timer(waitTimer, w.timers[waitTimer], w.now)
	w.want("rejoin aloud ann:QUEUE_TALKING ENDED")
	w.hears(5, 5, &msg.QueueLeft{Why: "SERVED"}).want("agent ann QUEUE_ASKED; out false; stop")
}

// An owner that is older than the one that was heard, or than the one that the member knows, is not heard.
func TestOlderOwnersAreNotHeard(t *testing.T) {
	w := inLine(t)
	w.hears(4, 4, &msg.QueueOffer{Agent: "ann", Offer: &msg.QueueOfferID{Epoch: 4, Number: 9}}).want("")
	w.hears(5, 6, &msg.QueueOffer{Agent: "ann", Offer: &msg.QueueOfferID{Epoch: 5, Number: 9}}).want("")
	w.hears(5, 6, &msg.QueueLeft{Why: "TIMEOUT"}).want("")
	w.hears(6, 6, &msg.QueueLeft{Why: "TIMEOUT"}).want("out false; stop")
}

// A caller that hangs up is announced as one that has, and its Task lives until the queue knows; but not for ever.
func TestHangupIsKeptUntilNoted(t *testing.T) {
	w := inLine(t)
	w.LegEnded(&msg.LegEnded{}, "leg1", w.now)
	w.want("rejoin hung; say hung up")
	for range int(lingering/sayAgain) - 1 {
		w.Timer(waitTimer, w.timers[waitTimer], w.now)
		w.want("rejoin aloud hung")
	}
	w.Timer(waitTimer, w.timers[waitTimer], w.now)
	w.want("out false; stop")
}

// What comes of a queue that the caller has left is answered: there is no such caller.
func TestStrangeOwnerIsToldSo(t *testing.T) {
	w := newWaiter(t, callOf(), "leg1").want("join")
	w.Queue(&msg.QueueOffer{Queue: "support", Caller: "c1", By: 9, Offer: offerOne}, 9, w.now)
	w.want("say hung up")
	w.Queue(&msg.QueueLeft{Queue: "support", Caller: "c1", By: 9}, 9, w.now)
	w.want("")
}

// A Task that calls back has the caller's place from its first moment; given up it leaves it to the queue.
func TestCallbackHasItsPlace(t *testing.T) {
	w := newWaiter(t, &msg.TaskStart{Account: "pbx@tandem.local", Entry: "callback", Dial: &msg.QueueDial{Queue: "sales", By: 5,
		Offer: offerOne, Agent: "ann", Caller: &msg.QueueRejoin{Join: &msg.QueueJoin{Caller: "c1"},
			Place: &msg.QueuePlace{At: 1}, Callback: &msg.QueueCallback{Number: "1001"}}}}, "")
	w.want("rejoin aloud ann:QUEUE_DIALLING present:false; agent ann QUEUE_DIALLING")
	w.Kill(w.now)
	w.want("agent ann QUEUE_ASKED; out true; stop")
}
