package script

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/actors/pbx/task"
	"tandem/signal"
	"tandem/ximss/object"
)

// What a Task asks without waiting: task.World.

// Self is the Task's handler.
func (t *played) Self() string { return t.name() }

// Tell sends an event to another Task on the stage.
func (t *played) Tell(handler string, e *msg.TaskEvent) error {
	t.say("sends %s the event %s %s", handler, e.Name, e.Parameter)
	to := t.find(handler)
	switch {
	case to == nil:
		return task.ErrNoObject
	case to.task.Full():
		return task.ErrQueueFull
	}
	to.reply([3]any{t, e, "event"}, func() { to.task.Event(e, t.name(), t.now) })
	return nil
}

// Module finds a module.
func (t *played) Module(_, language, name string) (*cgpl.Module, error) {
	if t.stage.Load == nil {
		return nil, fmt.Errorf("module %q is not found", name)
	}
	return t.stage.Load(language, name)
}

// Sound finds a sound.
func (t *played) Sound(_, language, name string) (string, bool) {
	if t.stage.Sound == nil {
		if language != "" {
			return language + "/" + name, true
		}
		return name, true
	}
	path, _, ok := t.stage.Sound(language, name)
	return path, ok
}

// Service finds a service: all of them are there, and answer what the script says.
func (t *played) Service(name string) (task.Service, bool) {
	if name == "mayimpersonate" {
		return task.Service{Name: name, Quick: true, Run: func(context.Context, task.Caller, []object.Value) object.Value {
			return t.given[name]
		}}, true
	}
	for _, s := range append(task.Services(), "Resolve", "CallToAttend") {
		if strings.EqualFold(s, name) {
			return task.Service{Name: s}, true
		}
	}
	return task.Service{}, false
}

// Person finds an account: those of the domain that the program runs in.
func (t *played) Person(account string) (task.Person, bool) {
	if signal.AOR(account).Domain() != signal.AOR(t.stage.Account).Domain() {
		return task.Person{}, false
	}
	return task.Person{Address: account, Zone: time.UTC}, true
}

// Challenge asks for a password.
func (t *played) Challenge(domain string, _ *signal.Request) signal.Headers {
	return signal.Headers{{Name: "WWW-Authenticate", Value: "Digest realm=" + domain}}
}

// NonceKey is known to everybody on the stage.
func (t *played) NonceKey() []byte { return []byte("stage") }

// System is what SystemInfo tells.
func (t *played) System(what string) object.Value {
	return map[string]object.Value{"serverversion": object.String("script"), "maindomainname": object.String("tandem.local"),
		"starttime": object.Date(t.stage.Now.Unix())}[strings.ToLower(what)]
}

var _ task.World = (*played)(nil)
