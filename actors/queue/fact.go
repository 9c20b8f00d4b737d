package queue

import (
	"strconv"
	"time"

	"tandem/actors/queuelog/line"
)

// Fact is something that has happened in a queue, with all that records want to know of it.
type Fact struct {
	Kind     Kind
	At       time.Time
	Queue    string
	Caller   CallerID
	Agent    AgentName
	Offer    OfferID // by which the same fact is known, if two owners of the queue report it
	Number   string  // of the caller
	Name     string
	URL      string
	Priority int
	Position int // at this moment, from 1
	Original int // when it entered
	Waited   time.Duration
	Talked   time.Duration
	Rang     time.Duration
	Tries    int
	Key      string
	Text     string
	Args     []string

	Because string   // of a decision
	Reasons []Reason // what speaks against others, some of them
}

// Kind is what a Fact is about.
type Kind int

// Kinds. Some have no line in a queue_log: they are for the explanation of what happened.
const (
	Entered Kind = iota
	NotAdmitted
	Offered
	Joined
	CompletedByCaller
	CompletedByAgent
	BlindTransferred
	AttendedTransferred
	Abandon
	Expired
	KeyPressed
	NobodyThere
	TakenOut
	NotCompatible
	Dumped
	RungInVain
	RingCancelled
	CallbackWanted
	CallbackDialled
	CallbackFailed
	Moved
	NotServed
)

// verb is how a kind is written: reference queuelog.md 1.2 for those that all readers know. The callback's are ours;
// readers take no notice of verbs that they do not know. wish: the line is written on wish only.
type verb struct {
	name string
	args func(f *Fact) []string
	wish bool
}

var verbs = map[Kind]verb{
	Entered:             {name: "ENTERQUEUE", args: entered},
	NotAdmitted:         {args: none, wish: true}, // the verb is the reason
	Joined:              {name: "CONNECT", args: func(f *Fact) []string { return []string{s(f.Waited), f.Text, s(f.Rang)} }},
	CompletedByCaller:   {name: "COMPLETECALLER", args: talk},
	CompletedByAgent:    {name: "COMPLETEAGENT", args: talk},
	BlindTransferred:    {name: "BLINDTRANSFER", args: transfer},
	AttendedTransferred: {name: "ATTENDEDTRANSFER", args: transfer},
	Abandon:             {name: "ABANDON", args: where},
	Expired:             {name: "EXITWITHTIMEOUT", args: where},
	KeyPressed:          {name: "EXITWITHKEY", args: func(f *Fact) []string { return append([]string{f.Key}, where(f)...) }},
	NobodyThere:         {name: "EXITEMPTY", args: where},
	TakenOut:            {name: "WITHDRAW", args: func(f *Fact) []string { return append(where(f), f.Text) }},
	NotCompatible:       {name: "SYSCOMPAT", args: none},
	Dumped:              {name: "AGENTDUMP", args: none},
	RungInVain:          {name: "RINGNOANSWER", args: ring},
	RingCancelled:       {name: "RINGCANCELED", args: ring},
	CallbackWanted:      {name: "CALLBACKREQUEST", args: func(f *Fact) []string { return append([]string{f.Text}, where(f)...) }},
	CallbackDialled:     {name: "CALLBACKDIAL", args: func(f *Fact) []string { return []string{f.Text, n(f.Tries)} }},
	CallbackFailed:      {name: "CALLBACKFAILED", args: func(f *Fact) []string { return append(f.Args, n(f.Tries), f.Text) }},
}

func n(i int) string           { return strconv.Itoa(i) }
func s(d time.Duration) string { return line.Seconds(d) }

func none(*Fact) []string    { return nil }
func talk(f *Fact) []string  { return []string{s(f.Waited), s(f.Talked), n(f.Original)} }
func where(f *Fact) []string { return []string{n(f.Position), n(f.Original), s(f.Waited)} }
func ring(f *Fact) []string  { return []string{line.Milliseconds(f.Rang)} }

func entered(f *Fact) []string  { return []string{f.URL, f.Number, n(f.Original)} }
func transfer(f *Fact) []string { return append(two(f.Args), talk(f)...) }

// two fills up to two arguments, so that what follows is where readers look for it; LINK has one more.
func two(args []string) []string {
	out := append([]string(nil), args...)
	for len(out) < 2 {
		out = append(out, "")
	}
	return out
}

// Line is how a fact is written in a queue_log; ok is false where it is not. Refusals are written on wish: readers
// that know app_queue alone do not expect them.
func (f *Fact) Line(refusals bool) (l line.Line, ok bool) {
	v, ok := verbs[f.Kind]
	if !ok || v.wish && !refusals {
		return l, false
	}
	if v.wish {
		v.name = f.Text
	}
	return line.Line{At: f.At, CallID: string(f.Caller), Queue: f.Queue, Agent: string(f.Agent), Verb: v.name,
		Args: v.args(f)}, true
}

// report emits a fact with what is known of the caller.
func (q *Queue) report(f Fact, c *caller, now time.Time) {
	f.At, f.Queue, f.Caller = now, q.name, c.id
	f.Number, f.Name, f.URL, f.Priority, f.Original = c.join.Number, c.join.Name, c.join.URL, c.place.Priority, c.original
	if f.Waited == 0 {
		f.Waited = c.waited(now)
	}
	if f.Position == 0 && c.state.inLine() {
		f.Position = q.positionOf(c)
	}
	for _, o := range c.offers {
		if o.name == f.Agent {
			f.Offer = o.id
		}
	}
	q.emit(Report{f})
}
