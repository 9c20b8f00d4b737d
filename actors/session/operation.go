package session

import (
	"slices"
	"time"

	"tandem/ximss"
	"tandem/ximss/object"
)

// family is a family of operations, and what it wants to be told of the session's life.
type family struct {
	rows    map[string]run           // by the operation's word
	ended   func(*Session)           // the session ends, and its client can still be told something
	resumed func(*Session)           // there is another connection
	next    func(*Session) time.Time // when it wants to be told the time; zero: it does not
	elapsed func(*Session)           // the time has come, or another one's
}

// run does one operation, and answers it now or later.
type run func(*Session, *Operation)

// families are all. A function fills them, because families use what the table is made of.
var families []*family

// rows are those of all families.
var rows = map[string]run{}

func init() {
	families = []*family{&basicFamily, &accountFamily, &preferenceFamily, &taskFamily, &meetingFamily, &callFamily,
		&presenceFamily, &rosterFamily, &agentFamily, &queueFamily, &statFamily}
	for _, f := range families {
		for word, r := range f.rows {
			rows[word] = r
		}
	}
}

// Operation is one operation of a client under way.
type Operation struct {
	*object.XML
	session *Session
	id      string
	post    *post    // of the HTTP request that it came by; nil: of a connection
	data    []string // what is said before the response
	bytes   int      // of data
	over    bool
}

// Take does one operation of the connection's client.
func (s *Session) Take(x *object.XML, now time.Time) {
	if s.now = now; s.line {
		s.heard = now
		s.run(&Operation{XML: x, session: s})
	}
}

// Garbled answers what is no operation at all.
func (s *Session) Garbled(now time.Time) {
	if s.now = now; s.line {
		s.heard = now
		s.say(ximss.Response("", ximss.Fail(ximss.NumMalformed, "the document is malformed")))
	}
}

func (s *Session) run(o *Operation) {
	id, err := ximss.RequestID(o.XML)
	o.id = id
	do, known := rows[o.Type]
	s.open++
	switch {
	case s.state == ended:
		o.fail(ximss.ErrGone)
	case err != nil:
		o.fail(ximss.AsError(err))
	case slices.Contains(beforeLogin, o.Type):
		o.fail(ximss.ErrState)
	case !known:
		o.fail(ximss.ErrUnknown)
	case s.open > s.limits.Open:
		o.fail(ximss.ErrBusy)
	default:
		do(s, o)
	}
}

// beforeLogin are the operations that the binding does, before there is a session.
var beforeLogin = []string{"login", "auth", "starttls", "signup", "recoverPassword"}

// answer adds a data message. It gets the operation's id.
func (o *Operation) answer(x *object.XML) {
	x.SetAttribute("id", "", o.id)
	if text, ok := o.session.text(x); ok && o.room(len(text)) {
		o.data = append(o.data, text)
		return
	}
	o.data = nil
	o.fail(ximss.Fail(ximss.NumLimit, "the result is too long"))
}

// room takes so many bytes of what the operation may say; false: there were not as many left. Answers to one HTTP request
// share them: it is answered by one body, which is kept until the next one.
func (o *Operation) room(n int) bool {
	used := &o.bytes
	if o.post != nil {
		used = &o.post.bytes
	}
	if *used+n > o.session.limits.Said {
		return false
	}
	*used += n
	return true
}

// done says that all was done. An operation that was answered already is not answered again.
func (o *Operation) done() { o.finish(ximss.Response(o.id, nil)) }

// fail says that it was not.
func (o *Operation) fail(err *ximss.Error) { o.finish(ximss.Response(o.id, err)) }

// end is done or fail.
func (o *Operation) end(err *ximss.Error) {
	if err != nil {
		o.fail(err)
		return
	}
	o.done()
}

func (o *Operation) finish(x *object.XML) {
	if o.over {
		return
	}
	o.over = true
	o.session.open--
	text, ok := o.session.text(x)
	if !ok {
		text = "<response/>" // it can not be: an id and a refusal are short
	}
	said := append(o.data, text)
	if o.post != nil {
		o.session.finished(o.post, said)
		return
	}
	o.session.tell(said...)
}
