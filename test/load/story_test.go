package load

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"tandem/test/lab"
)

// story is something that people do with a telephone.
type story struct {
	name  string
	share int // of the deck
	tell  func(*scene)
}

// deck is all stories, each as often as its share.
func deck() (all []story) {
	for _, s := range []story{
		{"echo", 18, (*scene).echo},
		{"hang up at once", 6, (*scene).early},
		{"call", 16, (*scene).call},
		{"keys", 4, (*scene).keys},
		{"over the trunk", 8, (*scene).out},
		{"from the trunk", 4, (*scene).in},
		{"register", 8, (*scene).registers},
		{"transfer", 4, (*scene).transfer},
		{"hold", 4, (*scene).hold},
		{"cancel", 5, (*scene).cancel},
		{"busy", 4, (*scene).busy},
		{"no answer", 3, (*scene).noAnswer},
		{"nobody there", 2, (*scene).nobody},
		{"keys in SDP", 3, (*scene).secret},
		{"browser", 1, (*scene).browser},
		{"conference", 3, (*scene).conference},
		{"queue", 6, (*scene).queue},
		{"session", 4, (*scene).session},
		{"session is called", 3, (*scene).sessionCalled},
		{"session breaks off", 2, (*scene).sessionBreaksOff},
		{"presence", 3, (*scene).presence},
		{"lamp", 2, (*scene).lamp},
		{"text", 2, (*scene).text},
		{"connections", 3, (*scene).connections},
		{"slow client", 1, (*scene).slow},
	} {
		for range s.share {
			all = append(all, s)
		}
	}
	return all
}

// scene is one performance of a story.
type scene struct {
	*trial
	*soak
	closing *atomic.Bool // whether the load is to end
	name    string
	cast    []string
	legless bool // whether its calls may be refused before there is a leg
}

// names are the accounts that take part.
func (c *scene) names() []string { return c.cast }

// soakPatience is how long a story waits for something on a busy machine.
const soakPatience = 40 * time.Second

// lend takes something that one story has at a time.
func (c *scene) lend(from chan string) string {
	select {
	case one := <-from:
		c.Cleanup(func() { from <- one })
		c.cast = append(c.cast, one)
		return one
	case <-time.After(soakPatience):
		c.Fatal("all accounts are in use")
		return ""
	}
}

// phone is one with an account of its own, at the member.
func (c *scene) phone() *lab.Phone { return c.phoneOf(c.lend(c.people)) }

// phoneOf is one of an account. At the end it hangs up what is left, and the books are told of its calls.
func (c *scene) phoneOf(user string) *lab.Phone {
	p := c.m.Phone(c.trial, user)
	p.Deaf, p.Lasting = true, 60
	c.Cleanup(func() { c.leave(p, c.books.note) })
	return p
}

// device is a phone that can be called, until the end of the story. Where that can not be said it expires before the
// soak's end is judged.
func (c *scene) device() *lab.Phone {
	p := c.phone()
	c.register(p, 120)
	c.Cleanup(func() { c.register(p, 0) })
	return p
}

const (
	// retryAfter is when a member whose store is slow wants a phone to come again, and comings how often one does.
	retryAfter = 5 * time.Second
	comings    = 6
)

// register registers as a phone does: who is told to come later (503, RFC 3261 section 21.5.4) comes again.
func (c *scene) register(p *lab.Phone, seconds int) {
	status := 0
	c.again(func() bool { status = p.TryRegister(seconds); return status != 503 })
	if status != 200 {
		c.Errorf("a registration of %s for %d s got %d", p.User, seconds, status)
		if seconds > 0 {
			c.FailNow()
		}
	}
}

// again asks until what is asked is not put off.
func (c *scene) again(ask func() (done bool)) {
	c.soak.registrations.Add(1)
	for n := 1; !ask() && n < comings; n++ {
		c.soak.sentAway.Add(1)
		time.Sleep(retryAfter)
	}
}

// leave ends the calls of a phone and books them.
func (c *scene) leave(p *lab.Phone, note func(string, account)) {
	for _, call := range p.Calls() {
		select {
		case <-call.Ended():
		default:
			if call.Status == 0 {
				call.Refuse("480 Temporarily Unavailable")
			} else {
				call.Hangup()
			}
		}
		refused := call.Status >= 400 && (c.legless || c.Failed())
		note(call.ID(), account{story: c.name + " of " + strings.Join(c.cast, " "), status: call.Status, maybe: refused})
	}
}

// answers has a phone take its calls, and tells of each.
func (c *scene) answers(p *lab.Phone) <-chan *lab.Call {
	taken, stop, stopped := make(chan *lab.Call, 16), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case call := <-p.Incoming():
				call.Answer()
				taken <- call
			case <-stop:
				return
			}
		}
	}()
	c.Cleanup(func() { close(stop); <-stopped })
	return taken
}

// await waits for a call that was taken.
func (c *scene) await(taken <-chan *lab.Call) *lab.Call {
	select {
	case call := <-taken:
		return call
	case <-time.After(soakPatience):
		c.Fatal("nobody has called")
		return nil
	}
}

// up demands that a call was answered.
func (c *scene) up(call *lab.Call) *lab.Call {
	if call.Status != 200 {
		c.Fatalf("the call got %d %s", call.Status, call.Reason)
	}
	return call
}

// chatHeard is how many percent of a talk a party must have heard at least.
const chatHeard = 50

// chat lets some time pass, and demands that those in the calls have heard each other. A talk during which the member's core
// stood still says nothing.
func (c *scene) chat(calls ...*lab.Call) {
	c.soak.talks.Add(1)
	began, length := time.Now(), time.Second+rand.N(2*time.Second)
	time.Sleep(length)
	if c.still.within(began, time.Now()) > 0 {
		c.soak.unheard.Add(1)
		return
	}
	for _, call := range calls {
		if t := call.Traffic(); t.Received < chatHeard*int(length/frame)/100 {
			c.Errorf("of a talk of %v a party got %d packets and sent %d", length.Round(time.Millisecond), t.Received, t.Sent)
		}
	}
}

func (c *scene) echo() {
	call := c.up(c.phone().Call("9196"))
	c.chat(call)
	call.Hangup()
}

func (c *scene) early() { c.up(c.phone().Call("9196")).Hangup() }

// pair is a call from one phone to another.
func (c *scene) pair() (a, b *lab.Call) {
	callee := c.device()
	taken := c.answers(callee)
	a = c.up(c.phone().Call(callee.User))
	return a, c.await(taken)
}

func (c *scene) call() {
	a, b := c.pair()
	c.chat(a, b)
	if rand.N(2) == 0 {
		a, b = b, a
	}
	a.Hangup()
	b.AwaitEnd()
}

func (c *scene) keys() {
	call := c.up(c.phone().Call("200"))
	call.Press("7")
	c.chat(call)
	call.InfoKeys("8")
	call.Hangup()
}

func (c *scene) out() {
	call := c.up(c.phone().Call("009196"))
	c.chat(call)
	call.Hangup()
}

// in is a call of a phone at the carrier.
func (c *scene) in() {
	callee := c.device()
	taken := c.answers(callee)
	caller := c.far.PhoneAt(c.trial, "1000", "127.0.0.9")
	caller.Deaf = true
	c.Cleanup(func() { c.leave(caller, c.books.noteBeyond) })
	a := c.up(caller.Call("01" + callee.User))
	b := c.await(taken)
	c.chat(a, b)
	b.Hangup()
	a.AwaitEnd()
}

// registers registers, registers again, and ends it or lets it expire.
func (c *scene) registers() {
	p := c.phoneOf(c.lend(c.guests))
	for range 3 {
		c.register(p, 60)
		time.Sleep(rand.N(time.Second))
	}
	if rand.N(2) == 0 {
		c.register(p, 0)
	}
}

func (c *scene) transfer() {
	third := c.device()
	taken := c.answers(third)
	a, b := c.pair()
	c.chat(a, b)
	a.Refer(third.User)
	other := c.await(taken)
	a.AwaitEnd()
	c.chat(b, other)
	other.Hangup()
	b.AwaitEnd()
}

func (c *scene) hold() {
	a, b := c.pair()
	c.chat(a, b)
	for _, direction := range []string{"sendonly", "sendrecv"} {
		if a.Reoffer(a.Offer(direction)) == "" {
			c.Fatalf("an offer of %s was refused", direction)
		}
		time.Sleep(rand.N(time.Second))
	}
	b.Hangup()
	a.AwaitEnd()
}

func (c *scene) cancel() {
	callee := c.device()
	call := c.phone().Try(callee.User, rand.N(time.Second))
	if call.Status != 487 {
		c.Errorf("a call that was cancelled got %d", call.Status)
	}
	callee.Await().AwaitEnd()
}

func (c *scene) busy() {
	callee := c.device()
	refused := make(chan struct{})
	go func() { defer close(refused); c.refuse(callee) }()
	if call := c.phone().Call(callee.User); call.Status != 486 {
		c.Errorf("a call to somebody who is busy got %d", call.Status)
	}
	<-refused
}

// refuse refuses the next call.
func (c *scene) refuse(p *lab.Phone) {
	select {
	case call := <-p.Incoming():
		call.Refuse("486 Busy Here")
	case <-time.After(soakPatience):
	}
}

func (c *scene) noAnswer() {
	callee := c.device()
	if call := c.phone().Call(callee.User); call.Status != 408 && call.Status != 480 {
		c.Errorf("a call that nobody answers got %d", call.Status)
	}
	callee.Await().AwaitEnd()
}

// nobody calls who is not there, a number that there is not, and one that refuses.
func (c *scene) nobody() {
	p := c.phone()
	c.legless = true
	for number, status := range map[string]int{"20999": 404, "96603": 603, c.lend(c.people): 480} {
		if call := p.Call(number); call.Status != status {
			c.Errorf("a call to %s got %d", number, call.Status)
		}
	}
}

// conference lets three talk.
func (c *scene) conference() {
	room := c.lend(c.rooms)
	var calls []*lab.Call
	for range 3 {
		calls = append(calls, c.up(c.phone().Call(room)))
	}
	c.chat(calls...)
	for _, call := range calls {
		call.Hangup()
	}
}

// queue waits for an agent, or not.
func (c *scene) queue() {
	p := c.phone()
	connected := make(chan struct{}, 1)
	c.soak.callers.Store(p.User, connected)
	defer c.soak.callers.Delete(p.User)
	call := c.up(p.Call(loadNumber))
	if rand.N(4) == 0 {
		time.Sleep(rand.N(time.Second))
		call.Hangup()
		select {
		case <-connected:
			c.queued.note(p.User, "")
		case <-time.After(settle):
			c.queued.note(p.User, "ABANDON")
		}
		return
	}
	select {
	case <-connected:
	case <-time.After(soakPatience):
		call.Hangup()
		c.queued.note(p.User, "")
		c.Fatal("no agent has come")
	}
	select {
	case <-call.Ended():
	case <-time.After(time.Second + rand.N(2*time.Second)):
		call.Hangup()
	}
	c.queued.note(p.User, "COMPLETE")
}

// shift is an agent at work for a while.
func (c *scene) shift() {
	user := c.lend(c.agents)
	p := c.phoneOf(user)
	c.register(p, 180)
	act := func(verb string, body any) {
		if err := c.m.Ask(http.MethodPost, "agents/"+user+"/"+verb, body, nil); err != nil {
			c.Errorf("%s: %v", verb, err)
		}
	}
	act("login", map[string]string{"device": user + "@" + lab.Domain})
	home := time.Now().Add(time.Minute + rand.N(30*time.Second))
	for !c.closing.Load() && time.Now().Before(home) {
		c.serve(p, 200*time.Millisecond)
	}
	act("logout", struct{}{})
	c.serve(p, settle) // who was offered meanwhile
	c.register(p, 0)
}

// serve takes the next caller, if one comes soon.
func (c *scene) serve(p *lab.Phone, soon time.Duration) {
	select {
	case <-time.After(soon):
	case call := <-p.Incoming():
		call.Answer()
		_, user, _ := strings.Cut(call.From, "sip:")
		user, _, _ = strings.Cut(user, "@")
		if connected, ok := c.soak.callers.Load(user); ok {
			select {
			case connected.(chan struct{}) <- struct{}{}:
			default:
			}
		}
		select {
		case <-call.Ended():
		case <-time.After(500*time.Millisecond + rand.N(3*time.Second)):
			call.Hangup()
		}
	}
}

func (c *scene) presence() {
	a, b := c.phone(), c.phone()
	if s := a.Watch(b.User); s/100 != 2 {
		c.Fatalf("a subscription got %d", s)
	}
	if s, _ := b.Publish("busy", ""); s != 200 {
		c.Fatalf("a publication got %d", s)
	}
	a.AwaitNotice("busy")
}

func (c *scene) lamp() {
	p := c.phone()
	if s := p.Subscribe("message-summary"); s/100 != 2 {
		c.Fatalf("a subscription got %d", s)
	}
	p.AwaitNotice("Messages-Waiting")
}

func (c *scene) text() {
	to := c.device()
	if s := c.phone().Message(to.User, fmt.Sprint("good morning, ", to.User)); s/100 != 2 {
		c.Fatalf("a text got %d", s)
	}
	to.AwaitMessage()
}
