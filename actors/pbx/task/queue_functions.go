package task

import (
	"strings"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// Limits of what a program says about a caller and its queue.
const (
	mostWants  = 16  // skills
	longestSay = 200 // bytes of a name, a number or a reason
)

// fnQueueJoin is QueueJoin(queue, options): the caller asks for a place in a queue. Null: it has asked, and what becomes
// of it comes as events; else an error text.
func fnQueueJoin(t *Task, c *cgpl.Call) (object.Value, error) {
	name := c.Arg(0).Text()
	switch {
	case t.queue != nil:
		return fail(ErrQueued), nil
	case !isQueueName(name):
		return fail(ErrParameter), nil
	case t.mode == disconnected:
		return fail(ErrNotConnected), nil
	}
	t.enter(name, t.joinOf(c.Arg(1).Dictionary()))
	return object.Null, nil
}

// isQueueName tells whether a queue may have that name: a word, as records can show it.
func isQueueName(name string) bool {
	return name != "" && len(name) <= 64 && clean(name) && !strings.ContainsAny(name, " |")
}

// joinOf is what a caller brings along.
func (t *Task) joinOf(o *object.Dictionary) *msg.QueueJoin {
	number := func(key string) int64 {
		n, _ := decimal(o.GetFold(key))
		return n
	}
	text := func(key, otherwise string) string {
		s := otherwise
		if v := o.GetFold(key); !v.IsNull() {
			s = v.Text()
		}
		if !clean(s) {
			return ""
		}
		return msg.Cut(s, longestSay)
	}
	j := &msg.QueueJoin{Caller: t.nameOfCall(), Number: text("number", t.shownNumber()), Name: text("name", t.shownName()),
		Url: text("url", ""), Priority: int32(number("priority")), Wish: int32(number("position")), Waited: number("waited"),
		MaxStay: number("maxStay") * 1000, Once: !o.GetFold("once").IsNull(), Music: text("music", "")}
	if skills := o.GetFold("skills").Dictionary(); skills != nil {
		for i := range min(skills.Len(), mostWants) {
			key, _ := skills.Key(i)
			level, _ := decimal(skills.At(i))
			j.Wants = append(j.Wants, &msg.QueueWant{Skill: msg.Cut(key, longestSay), Level: int32(level)})
		}
	}
	j.Bounds = boundsOf(o)
	return j
}

// boundsOf are the bounds of agents' penalties that a program sets for its caller.
func boundsOf(o *object.Dictionary) *msg.QueueBounds {
	b := &msg.QueueBounds{}
	for key, to := range map[string]**int32{"minPenalty": &b.Min, "maxPenalty": &b.Max, "raisePenalty": &b.Raise} {
		if n, ok := decimal(o.GetFold(key)); ok {
			v := int32(n)
			*to = &v
		}
	}
	return b
}

// nameOfCall is how records show the caller's call.
func (t *Task) nameOfCall() string {
	if t.start.call != "" {
		return t.start.call
	}
	return t.world.Self()
}

// shownNumber is the caller's number, "" where it does not show it.
func (t *Task) shownNumber() string {
	if u := t.party.remote().User; !strings.EqualFold(u, "anonymous") {
		return u
	}
	return ""
}

func (t *Task) shownName() string {
	if t.party.ends != nil && t.party.ends.name != "" {
		return t.party.ends.name
	}
	if p, ok := t.world.Person(t.party.account); ok && t.party.account != "" {
		return p.Name
	}
	return ""
}

// fnQueueLeave takes the caller out of its queue; queueLeft follows where it had a place.
func fnQueueLeave(t *Task, _ *cgpl.Call) (object.Value, error) {
	if t.queue == nil {
		return fail(ErrNoQueue), nil
	}
	t.callerGone()
	return object.Null, nil
}

// fnQueueKey tells the queue that the caller has pressed a key.
func fnQueueKey(t *Task, c *cgpl.Call) (object.Value, error) {
	key := c.Arg(0).Text()
	switch {
	case t.queue == nil:
		return fail(ErrNoQueue), nil
	case len(key) != 1 || !isKey(key[0]):
		return fail(ErrParameter), nil
	}
	t.do(ToQueue{t.queue.name, &msg.QueueKey{Caller: t.queue.join.Caller, Digit: key}})
	return object.Null, nil
}

// fnQueueCallback tells the queue that the caller wants to be called back at a number: queueLeft with CALLBACK, or
// queueRefused, follows.
func fnQueueCallback(t *Task, c *cgpl.Call) (object.Value, error) {
	number := c.Arg(0).Text()
	switch {
	case t.queue == nil || t.queue.place == nil || t.queue.back != nil:
		return fail(ErrNoQueue), nil
	case number == "" || len(number) > longestSay || !clean(number):
		return fail(ErrParameter), nil
	}
	t.do(ToQueue{t.queue.name, &msg.QueueCallbackConfirmed{Caller: t.queue.join.Caller, Number: msg.Cut(number, longestSay)}})
	return object.Null, nil
}

// outcomes are those that a program may tell, by their names in QueueOutcome.
var outcomes = map[string]msg.QueueOutcome_What{
	"unanswered": msg.QueueOutcome_UNANSWERED,
	"answered":   msg.QueueOutcome_ANSWERED,
	"connected":  msg.QueueOutcome_CONNECTED,
	"dumped":     msg.QueueOutcome_DUMPED,
	"mismatched": msg.QueueOutcome_MISMATCHED,
	"ended":      msg.QueueOutcome_ENDED,
	"dialled":    msg.QueueOutcome_DIALLED,
	"dialfailed": msg.QueueOutcome_DIAL_FAILED,
}

// fnQueueOutcome is QueueOutcome(offer, what, options): how an offer goes on. Its options: why of unanswered and
// dialFailed; task, whose party the agent is, so that its end ends the conversation by itself; by and args of ended, and
// of passed, which says that the agent gives the caller to somebody else, once that has happened.
func fnQueueOutcome(t *Task, c *cgpl.Call) (object.Value, error) {
	what, o := strings.ToLower(c.Arg(1).Text()), c.Arg(2).Dictionary()
	if t.queue == nil {
		return fail(ErrNoQueue), nil
	}
	offer := t.queue.named(c.Arg(0).Text())
	kind, known := outcomes[what]
	switch {
	case offer == nil:
		return fail(ErrNoOffer), nil
	case what == "passed":
		offer.passed = &passing{by: transferBy(o), args: argsOf(o)}
		return object.Null, nil
	case !known:
		return fail(ErrParameter), nil
	}
	if h := o.GetFold("task").Handle(); h != nil && h.Class == object.ClassTask && offer.task == "" {
		offer.task = h.ID
		t.do(Watch{h.ID})
	}
	w := &msg.QueueOutcome{What: kind, Why: msg.Cut(o.GetFold("why").Text(), longestSay), By: o.GetFold("by").Text(), Args: argsOf(o)}
	if kind == msg.QueueOutcome_DIAL_FAILED && t.dialFailedFor(offer, w.Why) || t.tell(offer, w) {
		return object.Null, nil
	}
	return fail(ErrNoOffer), nil
}

// transferBy is the kind of a transfer.
func transferBy(o *object.Dictionary) string {
	if o.GetFold("by").Text() == "attended" {
		return "attended"
	}
	return "blind"
}

// argsOf are the words that the records show of a transfer.
func argsOf(o *object.Dictionary) (args []string) {
	for _, v := range items(o.GetFold("args")) {
		if s := v.Text(); clean(s) && len(args) < 4 {
			args = append(args, msg.Cut(s, longestSay))
		}
	}
	return args
}
