package phone

import (
	"hash/fnv"
	"log/slog"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/signal"
	"tandem/sip/dialog"
	"tandem/ximss"
	"tandem/ximss/object"
)

// Self is whose telephone it is.
type Self struct {
	AOR     signal.AOR
	Display string
	Flow    signal.Flow // by which its requests come; its Session is the handler of the session
	Agent   string      // name of the client, for lists and records
	Domain  string      // of Contact: see Flow
	Timers  dialog.Timers
	Headers signal.Headers // on all that its dialogs send
}

// FlowOf is the flow to a session on a member, whose client is at an address. The number of its connection is one that
// no transport of the member has: their numbers are small.
func FlowOf(member, handler string, local, remote netip.AddrPort) signal.Flow {
	h := fnv.New64a()
	h.Write([]byte(handler))
	return signal.Flow{Edge: member, Transport: signal.XIMSS, Local: local, Remote: remote,
		Conn: h.Sum64() | 1<<63, Session: handler}
}

// Limits are what one telephone may use.
type Limits struct {
	Calls    int           // at once
	Messages int           // sent and not answered
	Expires  time.Duration // life of a registration
}

// DefaultLimits are 20 calls, 50 messages, and an hour.
var DefaultLimits = Limits{Calls: 20, Messages: 50, Expires: time.Hour}

// Phone is the pure machine of one session's telephone.
type Phone struct {
	self   Self
	limits Limits
	log    *slog.Logger
	now    time.Time
	out    []Effect

	label  string // of the session, in names that others see
	serial uint64
	text   bool             // the client writes descriptions as text
	calls  map[string]*call // by the client's name for them
	tags   map[string]*call // by our tag: also those whose end is under way
	made   *call            // of makeCall
	bound  binding
	sent   map[string]*sending // messages on their way, by request
	sweeps bool                // the timer runs that ends those that take too long
}

// New makes the telephone of a session.
func New(self Self, l Limits, log *slog.Logger) *Phone {
	label := strconv.FormatUint(self.Flow.Conn, 36)
	if self.Domain == "" {
		self.Domain = label + ".invalid"
	}
	return &Phone{self: self, limits: l, log: log, label: label, calls: map[string]*call{}, tags: map[string]*call{},
		sent: map[string]*sending{}}
}

// Effects are what is to be done, once.
func (p *Phone) Effects() []Effect {
	out := p.out
	p.out = nil
	return out
}

func (p *Phone) do(e Effect) { p.out = append(p.out, e) }

// say tells the client something about a call.
func (p *Phone) say(x *object.XML) { p.do(Say{x}) }

// operation is one request of the client.
type operation struct {
	*object.XML
	reply Reply
}

func (o *operation) done()                 { o.reply.Done(nil) }
func (o *operation) fail(err *ximss.Error) { o.reply.Done(err) }

// end is done or fail.
func (o *operation) end(err *ximss.Error) { o.reply.Done(err) }

// operations is the table of what a client may ask of its telephone.
var operations map[string]func(*Phone, *operation)

// onCalls are those that need a call; they end by what they return.
var onCalls map[string]func(*call, *operation) *ximss.Error

func init() {
	operations = map[string]func(*Phone, *operation){
		"signalBind": (*Phone).bind, "signalUnbind": (*Phone).unbind,
		"callStart": (*Phone).start, "callKill": (*Phone).kill, "callList": (*Phone).list, "makeCall": (*Phone).make,
		"sendIM": (*Phone).sendIM, "iqSend": (*Phone).sendIQ,
	}
	onCalls = map[string]func(*call, *operation) *ximss.Error{
		"callProvision": (*call).provision, "callAccept": (*call).accept, "callReject": (*call).reject,
		"callRedirect": (*call).redirect, "callUpdate": (*call).update, "callUpdateAccept": (*call).updateAccept,
		"callUpdateReject": (*call).updateReject, "callTransfer": (*call).transfer,
		"callSendDTMF": (*call).sendDTMF, "callSendInfo": (*call).sendInfo,
	}
}

// Operations are the words that Do knows.
func Operations() (words []string) {
	for w := range operations {
		words = append(words, w)
	}
	for w := range onCalls {
		words = append(words, w)
	}
	slices.Sort(words)
	return words
}

// Do does what a client asks. One of Operations.
func (p *Phone) Do(x *object.XML, r Reply, now time.Time) {
	p.now = now
	o := &operation{x, r}
	if f, ok := operations[x.Type]; ok {
		f(p, o)
		return
	}
	f, ok := onCalls[x.Type]
	if !ok {
		o.fail(ximss.ErrUnknown)
		return
	}
	c, err := p.call(o)
	if err != nil {
		o.fail(err)
		return
	}
	c.reply = o.reply
	if err := f(c, o); err != errLater {
		c.reply.Done(err)
	}
}

// errLater says that an operation ends later.
var errLater = ximss.Fail(0, "later")

// maxName is how long a client's name for a call may be, in bytes.
const maxName = 128

// call finds the call that an operation is about.
func (p *Phone) call(o *operation) (*call, *ximss.Error) {
	name := o.Attr("callLeg")
	if name == "" {
		return nil, ximss.ErrMissing
	}
	c := p.calls[name]
	if c == nil {
		return nil, ximss.ErrLeg
	}
	return c, nil
}

// next is a new name for something that others see.
func (p *Phone) next() string {
	p.serial++
	return p.label + "-" + strconv.FormatUint(p.serial, 36)
}

// Request takes a request of a leg's, or a message that a Signal brings.
func (p *Phone) Request(r *signal.Request, now time.Time) {
	p.now = now
	c := p.tags[r.To.Tag()]
	switch {
	case c != nil:
		c.dialogWants(c.dialog.Received(r, now))
	case r.Method == signal.ACK:
	case r.InDialog():
		p.refuse(r, 481)
	case r.Method == signal.INVITE:
		p.incoming(r)
	case r.Method == signal.MESSAGE:
		p.read(r)
	default:
		p.refuse(r, 405)
	}
}

// refuse answers a request that no call takes.
func (p *Phone) refuse(r *signal.Request, status int) {
	p.do(Respond{Response: &signal.Response{Request: r.ID, Method: r.Method, Status: status, To: r.To,
		Headers: p.self.Headers}})
}

// Cancelled takes the word that an INVITE of a leg's is not meant any more.
func (p *Phone) Cancelled(request, reason string, now time.Time) {
	p.now = now
	for _, c := range p.tags {
		if c.invited == request {
			c.dialogWants(c.dialog.Cancelled(reason, now))
			return
		}
	}
}

// Response takes an answer to a request of ours. Its name says whose it was.
func (p *Phone) Response(r *signal.Response, now time.Time) {
	p.now = now
	if r.Method == signal.REGISTER {
		p.registered(r)
		return
	}
	if s := p.sent[r.Request]; s != nil {
		p.delivered(s, r)
		return
	}
	i := strings.LastIndexByte(r.Request, '.')
	if i < 0 {
		return
	}
	if c := p.tags[r.Request[:i]]; c != nil {
		c.answered(r)
	}
}

// Fired takes a timer.
func (p *Phone) Fired(t Timer, now time.Time) {
	p.now = now
	if t.Owner == "" {
		p.time(t)
		return
	}
	if c := p.tags[t.Owner]; c != nil {
		c.time(t)
	}
}

// Gone takes the end of a leg that was watched, when all that it had said was heard. lost: with its member.
func (p *Phone) Gone(leg string, lost bool, now time.Time) {
	p.now = now
	for _, c := range p.tags {
		if c.leg == leg {
			c.legGone(lost)
		}
	}
}

// End ends all calls and the registration: the session is over.
func (p *Phone) End(now time.Time) {
	p.now = now
	for _, name := range sorted(p.calls) {
		p.calls[name].hangup(480)
	}
	if p.made != nil {
		p.made.hangup(0)
	}
	for _, id := range sorted(p.sent) {
		p.sent[id].reply.Done(ximss.ErrGone)
		delete(p.sent, id)
	}
	p.leave()
}

// Calls is how many calls there are.
func (p *Phone) Calls() int { return len(p.calls) }

// Bound tells whether the session is registered.
func (p *Phone) Bound() bool { return p.bound.on }

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
