package reader

import (
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/life"
	"tandem/actors/msg"
	"tandem/actors/stat/engine"
	"tandem/actors/stat/measure"
	"tandem/actors/stat/source"
	"tandem/actors/store"
)

// Kinds of the journal's facts that are read.
const (
	QueueKind   = "queue.fact"
	AgentKind   = "agent.fact"
	StartedKind = "leg.started"
	ChangedKind = "leg.changed"
	EndedKind   = "leg.ended"
	DefinedKind = "stat.defined" // what the settings say of an object: a Definition

	RegisteredKind = "account.registered"
	ExpiredKind    = "stat.expired" // a registration has run out: Expired
)

// Sources are what is known of sources outside.
func (r *Reader) Sources() *source.Book { return r.sources }

// Reader reads a journal from somewhere on. It is for one goroutine.
type Reader struct {
	seq    uint64
	calls  map[stay]*call
	agents map[string]*seat
	out    []engine.Fact

	defined map[engine.Object]Definition
	fence   *life.Fence
	legs    map[string]*party            // by name
	parties map[string]map[string]*party // by call
	holding map[string]map[string]*party // those that hold, by device

	registrations *ends

	sources *source.Book
}

// New is a Reader that knows nothing yet.
func New() *Reader {
	return &Reader{calls: map[stay]*call{}, agents: map[string]*seat{}, defined: map[engine.Object]Definition{}, fence: &life.Fence{}, legs: map[string]*party{},
		parties: map[string]map[string]*party{}, holding: map[string]map[string]*party{}, registrations: newEnds(), sources: source.NewBook()}
}

// Read gives what a fact of the journal tells the statistics; nothing, where they have nothing to do with it. The error
// says that it can not be read. What is returned is good until the next call.
func (r *Reader) Read(fact store.Fact) ([]engine.Fact, error) {
	r.out = r.out[:0]
	body := fact.Body
	switch fact.Kind {
	case QueueKind:
		f := &msg.QueueFact{}
		if err := proto.Unmarshal(body, f); err != nil {
			return nil, err
		}
		r.queue(f)
	case AgentKind:
		f := &msg.AgentFact{}
		if err := proto.Unmarshal(body, f); err != nil {
			return nil, err
		}
		r.agent(f)
	case source.Kind:
		if err := r.sources.Read(fact.Body, r.tell); err != nil {
			return nil, err
		}
	case StartedKind, ChangedKind, EndedKind:
		if err := r.leg(fact); err != nil {
			return nil, err
		}
	case DefinedKind:
		if err := r.define(fact); err != nil {
			return nil, err
		}
	case RegisteredKind:
		if err := r.registered(fact); err != nil {
			return nil, err
		}
	case ExpiredKind:
		if err := r.expired(fact); err != nil {
			return nil, err
		}
	case life.FactDead:
		if err := r.fence.Take(fact); err != nil {
			return nil, err
		}
	}
	return r.out, nil
}

// tell adds a fact. Facts of one moment stay in the order in which they are told.
func (r *Reader) tell(f engine.Fact) {
	r.seq++
	f.Seq = r.seq
	r.out = append(r.out, f)
}

// begin, end, happen tell of an action at an object.
func (r *Reader) begin(at int64, o engine.Object, name measure.Name, key, conn string, with *engine.Attached) {
	r.tell(engine.Fact{At: at, What: engine.Begin, Object: o, Key: key, Name: name, Conn: conn, With: with})
}

func (r *Reader) end(at int64, o engine.Object, name measure.Name, key, conn string) {
	r.tell(engine.Fact{At: at, What: engine.End, Object: o, Key: key, Name: name, Conn: conn})
}

func (r *Reader) happen(at int64, o engine.Object, name measure.Name, length int64, conn string, with *engine.Attached) {
	r.tell(engine.Fact{At: at, What: engine.Happen, Object: o, Name: name, Length: max(0, length), Conn: conn, With: with})
}

// millis are those since 1970 of nanoseconds since then.
func millis(nanos int64) int64 { return nanos / int64(time.Millisecond) }

func queueOf(name string) engine.Object { return engine.Object{Type: engine.Queue, ID: name} }
func agentOf(name string) engine.Object { return engine.Object{Type: engine.Agent, ID: name} }
func deviceOf(name string) engine.Object {
	return engine.Object{Type: engine.RegDN, ID: name}
}

// name finds an action that is in the table of package measure.
func name(text string) measure.Name {
	n, ok := measure.ParseName(text)
	if !ok {
		panic("reader: no such action: " + text)
	}
	return n
}
