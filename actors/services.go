package actors

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tandem/actors/account"
	"tandem/actors/guard"
	"tandem/actors/ledger"
	"tandem/actors/pbx/task"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// taskServices are what the house does for Tasks, by lower-case name. Each family has a file: service_*.go.
func (h *House) taskServices() map[string]task.Service {
	all := map[string]task.Service{}
	for _, family := range [][]task.Service{
		h.fileFunctions(), h.accountServices(), h.datasetServices(), h.rosterServices(), h.balanceServices(),
		h.routeServices(), h.statisticServices(), h.httpServices(), h.messageServices(), h.outsideServices(),
	} {
		for _, s := range family {
			s.Run = h.guarded(s)
			all[strings.ToLower(s.Name)] = s
		}
	}
	return all
}

// longestService bounds what a service that waits for others may take: HTTPCall has its own 30 s within.
const longestService = time.Minute

// guarded is a service whose fault ends neither the Task nor the member, and which ends in time.
func (h *House) guarded(s task.Service) func(context.Context, task.Caller, []object.Value) object.Value {
	return func(ctx context.Context, c task.Caller, args []object.Value) (v object.Value) {
		if !s.Quick {
			limited, cancel := context.WithTimeout(ctx, longestService)
			defer cancel()
			ctx = limited
		}
		if guard.Run(h.log, "a service of programs has failed by a fault of ours", func() { v = s.Run(ctx, c, args) },
			"service", s.Name, "program", c.Program) {
			return object.String("internal error, see the log")
		}
		return v
	}
}

// argument is an argument, or null where it was not given.
func argument(args []object.Value, i int) object.Value {
	if i < len(args) {
		return args[i]
	}
	return object.Null
}

// failureText is the failure of a service as programs get it; null where there is none.
func failureText(err error) object.Value {
	if err == nil {
		return object.Null
	}
	if text, known := ledger.Text(err); known {
		return object.String(text)
	}
	return object.String(err.Error())
}

// failed is a failure with a text of its own.
func failed(format string, a ...any) object.Value { return object.String(fmt.Sprintf(format, a...)) }

// current is the current account of a Task: whose rights count. It must not be changed.
func (h *House) current(c task.Caller) (*account.Record, error) {
	r, ok := h.directory.Record(signal.AOR(c.Account))
	if !ok || r.Disabled {
		return nil, task.ErrNoAccount
	}
	return r, nil
}

// subject is the account that a program names, the current one where it names none. On another one than the
// current account it needs one of the rights there, or that to act in its name: who has none does not even
// learn whether it exists. Nobody but an administrator touches an administrator's account.
func (h *House) subject(c task.Caller, name string, rights ...cli.Right) (*account.Record, error) {
	self, err := h.current(c)
	if err != nil || name == "" {
		return self, err
	}
	if !strings.Contains(name, "@") {
		name += "@" + self.AOR.Domain()
	}
	aor := signal.AOR(strings.ToLower(name))
	a, ok := h.directory.Account(aor)
	if ok && a.AOR == self.AOR {
		return self, nil
	}
	if !ledger.MayIn(self, aor.Domain(), append(rights, cli.CanImpersonate)...) {
		return nil, task.ErrDenied
	}
	r, known := h.directory.Record(a.AOR)
	switch {
	case !ok || !known:
		return nil, task.ErrNoAccount
	case r.Is(account.Administrator) && !self.Is(account.Administrator):
		return nil, task.ErrDenied
	}
	return r, nil
}

// writtenBy is how a program writes into the store.
func writtenBy(c task.Caller, service string) store.Write {
	return store.Write{Author: c.Account, Reason: service + " of " + c.Program}
}
