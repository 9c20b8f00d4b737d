package task

import (
	"strings"
	"time"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// caller says for whom a service works now.
func (t *Task) caller() Caller {
	c := Caller{Task: t.world.Self(), Program: t.start.program, Account: t.who.account, Domain: t.who.domain,
		Owner: t.start.account, Language: t.who.language, Party: t.party.remote().String()}
	if t.mode != disconnected {
		c.Proved = t.party.account
	}
	return c
}

// service makes the function that a service carries out. after, where it is not nil, makes the result of what
// the service gave.
func service(name string, after func(t *Task, v object.Value) object.Value) function {
	key := strings.ToLower(name)
	return func(t *Task, c *cgpl.Call) (object.Value, error) {
		s, ok := t.world.Service(key)
		if !ok {
			return fail(ErrNotHere), nil
		}
		if s.Quick {
			return t.after(after, s.Run(nil, t.caller(), c.Args)), nil
		}
		return t.serve(s, c.Args, after)
	}
}

func (t *Task) after(f func(*Task, object.Value) object.Value, v object.Value) object.Value {
	if f == nil {
		return v
	}
	return f(t, v)
}

// serve has a service work elsewhere, with copies of the arguments, and waits for it.
func (t *Task) serve(s Service, args []object.Value, after func(*Task, object.Value) object.Value) (object.Value, error) {
	op := t.number()
	t.do(Serve{op, s, t.caller(), copies(args)})
	return t.block(wait{name: s.Name, operation: op, result: func(v object.Value) { t.resume(t.after(after, v)) }})
}

func copies(args []object.Value) []object.Value {
	out := make([]object.Value, len(args))
	for i, a := range args {
		out[i] = object.Copy(a)
	}
	return out
}

// Result brings what a service gave. That of StartHTTPCall is an event.
func (t *Task) Result(operation uint64, v object.Value, now time.Time) {
	t.now = now
	if t.mode == over {
		return
	}
	if t.wait.operation == operation && t.wait.result != nil {
		t.wait.result(v)
		return
	}
	if operation&asynchronous != 0 {
		d := object.NewFolded()
		d.Set("id", object.Number(int64(operation&^asynchronous)))
		d.Set("result", v)
		t.event(eventHTTP, d.Value(), "")
	}
}

// asynchronous marks the operations whose results are events.
const asynchronous = 1 << 63

// fnStartHTTPCall is HTTPCall whose result comes as an event: {id; result}. It gives the id, or an error text.
// Beyond the ancestor.
func fnStartHTTPCall(t *Task, c *cgpl.Call) (object.Value, error) {
	s, ok := t.world.Service("httpcall")
	if !ok {
		return fail(ErrNotHere), nil
	}
	n := t.number()
	t.do(Serve{n | asynchronous, s, t.caller(), copies(c.Args)})
	return object.Number(int64(n)), nil
}

// fnExecuteCLI runs one command; what it gives is in Vars().executeCLIResult. The service gives an array of the
// error text or null, and the output.
var fnExecuteCLI = service("ExecuteCLI", func(t *Task, v object.Value) object.Value {
	a := v.Array()
	if a == nil { // it could not even begin
		t.machine.Vars().Delete("executeCLIResult")
		return v
	}
	t.machine.Vars().Set("executeCLIResult", a.At(1))
	return a.At(0)
})

// NonceKey is the secret of nonces, for the library.
func (t *Task) NonceKey() []byte { return t.world.NonceKey() }

// Resolve looks a name up, for the library's Convert.
func (t *Task) Resolve(what string, of object.Value) (object.Value, error) {
	s, ok := t.world.Service("resolve")
	if !ok {
		return fail(ErrNotHere), nil
	}
	return t.serve(s, []object.Value{object.String(what), of}, nil)
}

// fnSubmitEMail is SubmitEMail: a message that was taken holds what was recorded, so that the disk need not.
var fnSubmitEMail = service("SubmitEMail", func(t *Task, v object.Value) object.Value {
	if v.IsNull() {
		t.kept()
	}
	return v
})

// spooled notes a recording that lies on the disk, in case the Task crashes before it has done with it.
func (t *Task) spooled(recorder, spool string) {
	if spool == "" {
		return
	}
	kept := &msg.LegKept{Spool: spool}
	if t.mixing != nil && recorder == t.mixing.handler {
		t.spools = append(t.spools, ToMixer{recorder, kept})
		return
	}
	t.spools = append(t.spools, ToLeg{Leg: recorder, Message: kept})
}

// kept says of all recordings that they are not needed on the disk any more.
func (t *Task) kept() {
	t.do(t.spools...)
	t.spools = nil
}

// finish is the last word: what was recorded is done with, unless the program failed.
func (t *Task) finish(fault string) {
	if t.fault = fault; fault == "" {
		t.kept()
	}
}
