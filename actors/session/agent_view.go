package session

import (
	"slices"
	"strconv"
	"time"

	"tandem/ximss/object"
)

// AgentView is how an agent stands, as clients are told. Times that are zero mean nothing.
type AgentView struct {
	Agent     string
	State     string // "logged out", "ready", "reserved", "ringing", "talking", "wrap-up", "paused"; "none": there is no such agent
	Since     time.Time
	Reachable bool // a device of his is there
	Reason    string
	Next      string // what he has chosen for after his call; State: nothing
	Device    string // at which he has logged on, as records show it
	LoggedOn  time.Time
	Outside   int // calls outside queues

	Queue, Caller string // that has him, or that he talks to
	Number, Name  string // of the caller
	CallerSince   time.Time
	WrapUpUntil   time.Time

	Queues []AgentQueue
	Day    AgentDay
}

// AgentQueue is what an agent is to one of his queues.
type AgentQueue struct {
	Queue   string
	Paused  bool
	Reason  string // of the pause
	Penalty int
	Calls   int
}

// AgentDay is what he has done since midnight; the times are those of states that are over.
type AgentDay struct {
	Begun                        time.Time
	Calls                        int
	Worked, Talk, WrapUp, Paused time.Duration
}

// noAgent is the state of a name that nobody has.
const noAgent = "none"

// equal tells whether a client would be told the same.
func (v *AgentView) equal(o *AgentView) bool {
	return v.Agent == o.Agent && v.State == o.State && v.Since.Equal(o.Since) && v.Reachable == o.Reachable &&
		v.Reason == o.Reason && v.Next == o.Next && v.Device == o.Device && v.LoggedOn.Equal(o.LoggedOn) &&
		v.Outside == o.Outside && v.Queue == o.Queue && v.Caller == o.Caller && v.Number == o.Number && v.Name == o.Name &&
		v.CallerSince.Equal(o.CallerSince) && v.WrapUpUntil.Equal(o.WrapUpUntil) && slices.Equal(v.Queues, o.Queues)
}

// queue is what he is to a queue; nil: nothing.
func (v *AgentView) queue(name string) *AgentQueue {
	i := slices.IndexFunc(v.Queues, func(q AgentQueue) bool { return q.Queue == name })
	if i < 0 {
		return nil
	}
	return &v.Queues[i]
}

// moment is how a client is told a time, in GMT, as elsewhere in XIMSS.
const moment = "20060102T150405"

// writer adds attributes that say something.
type writer struct{ *object.XML }

func (w writer) text(name, text string) {
	if text != "" {
		w.SetAttribute(name, "", text)
	}
}

func (w writer) time(name string, t time.Time) {
	if !t.IsZero() {
		w.SetAttribute(name, "", t.UTC().Format(moment))
	}
}

func (w writer) number(name string, n int) {
	if n != 0 {
		w.SetAttribute(name, "", strconv.Itoa(n))
	}
}

func (w writer) seconds(name string, d time.Duration) {
	w.SetAttribute(name, "", strconv.Itoa(int(d/time.Second)))
}

func (w writer) yes(name string, is bool) {
	word := "0"
	if is {
		word = "1"
	}
	w.SetAttribute(name, "", word)
}

// message is the message agentState. now is the server's time: whoever counts a time on knows how far the own clock is off.
func (v *AgentView) message(now time.Time) *object.XML {
	w := writer{object.NewXML("agentState", "agent", v.Agent, "state", v.State)}
	w.time("now", now)
	if v.State == noAgent {
		return w.XML
	}
	w.time("since", v.Since)
	w.yes("reachable", v.Reachable)
	w.text("reason", v.Reason)
	if v.Next != v.State {
		w.text("next", v.Next)
	}
	w.text("device", v.Device)
	w.time("loggedOn", v.LoggedOn)
	w.number("outside", v.Outside)
	w.text("queue", v.Queue)
	w.text("caller", v.Caller)
	w.text("number", v.Number)
	w.text("name", v.Name)
	w.time("callerSince", v.CallerSince)
	w.time("wrapUpUntil", v.WrapUpUntil)
	for _, q := range v.Queues {
		part := writer{object.NewXML("queue", "name", q.Queue)}
		part.yes("on", !q.Paused)
		part.text("reason", q.Reason)
		part.number("penalty", q.Penalty)
		part.number("calls", q.Calls)
		w.Add(part.Value())
	}
	if d := v.Day; !d.Begun.IsZero() {
		part := writer{object.NewXML("day")}
		part.time("begun", d.Begun)
		part.SetAttribute("calls", "", strconv.Itoa(d.Calls))
		part.seconds("worked", d.Worked)
		part.seconds("talk", d.Talk)
		part.seconds("wrapUp", d.WrapUp)
		part.seconds("paused", d.Paused)
		w.Add(part.Value())
	}
	return w.XML
}

// QueueView is how a queue stands, as clients are told.
type QueueView struct {
	Queue     string
	Waiting   int
	Callbacks int       // of them, who are called back
	Longest   time.Time // when the one began to wait who has waited longest; zero: nobody waits
	Agents    int       // who have logged on
	Ready     int
	Stale     bool // its owner does not answer: that is how it stood last
	Gone      bool // there is no such queue any more
	Callers   []QueueCaller
	Reasons   []QueueReason
}

// QueueCaller is one caller in line.
type QueueCaller struct {
	Caller, Number, Name string
	Position, Priority   int
	State                string
	Since                time.Time
	Callback             bool
	Agents               []string // who are asked or rung for it
}

// QueueReason is what keeps an agent from a caller.
type QueueReason struct{ Agent, Why string }

// near is how much the beginning of the longest wait may differ for the same caller: it is told as a length of time.
const near = 1500 * time.Millisecond

// equal tells whether a subscriber would be told the same.
func (v *QueueView) equal(o *QueueView) bool {
	return v.Queue == o.Queue && v.Waiting == o.Waiting && v.Callbacks == o.Callbacks && v.Agents == o.Agents &&
		v.Ready == o.Ready && v.Stale == o.Stale && v.Gone == o.Gone && v.Longest.IsZero() == o.Longest.IsZero() &&
		v.Longest.Sub(o.Longest).Abs() < near
}

// message is the message queueState.
func (v *QueueView) message(now time.Time) *object.XML {
	w := writer{object.NewXML("queueState", "queue", v.Queue)}
	w.time("now", now)
	if v.Gone {
		w.yes("gone", true)
		return w.XML
	}
	w.SetAttribute("waiting", "", strconv.Itoa(v.Waiting))
	w.number("callbacks", v.Callbacks)
	w.time("longestSince", v.Longest)
	w.SetAttribute("agents", "", strconv.Itoa(v.Agents))
	w.SetAttribute("ready", "", strconv.Itoa(v.Ready))
	if v.Stale {
		w.yes("stale", true)
	}
	return w.XML
}

// message is the message queueCaller of a queue.
func (c *QueueCaller) message(queue string) *object.XML {
	w := writer{object.NewXML("queueCaller", "queue", queue, "caller", c.Caller)}
	w.text("number", c.Number)
	w.text("name", c.Name)
	w.number("position", c.Position)
	w.number("priority", c.Priority)
	w.text("state", c.State)
	w.time("since", c.Since)
	if c.Callback {
		w.yes("callback", true)
	}
	for _, agent := range c.Agents {
		w.Add(object.NewXML("agent", "name", agent).Value())
	}
	return w.XML
}
