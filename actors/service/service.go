package service

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"tandem/actors/account"
	"tandem/actors/form"
	"tandem/actors/guard"
	"tandem/actors/ledger"
	"tandem/actors/pbx/task"
	"tandem/actors/store"
	"tandem/actors/tally"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// Services are what the house does for Tasks.
type Services struct {
	Options
	transport *http.Transport // of HTTPCall
}

// Options are what services are done with.
type Options struct {
	Ledger   *ledger.Ledger
	Elements *tally.Elements
	Files    []task.Service                                        // the functions about files, of accounts and of application environments
	Legs     func(ctx context.Context, q form.LegQuery) []form.Leg // living call legs of all members
	Commands Commands
	// Send sends a request that no phone has sent.
	Send func(*signal.Request) error
	// TellLamp tells the phones of an account how many voice messages there are.
	TellLamp func(signal.AOR) error
	// Ask asks the actor of a name.
	Ask func(ctx context.Context, kind, name string, message any, wait time.Duration) (any, error)
	Log *slog.Logger
}

// Commands are those of the admin command line.
type Commands interface {
	// ExecuteLine runs one in the name of an account. output tells whether it has a result at all.
	ExecuteLine(ctx context.Context, aor signal.AOR, line string) (v object.Value, output bool, f *cli.Failure)
}

// New is what is done with those things.
func New(o Options) *Services { return &Services{o, newTransport()} }

// Close lets go of the connections to other servers.
func (s *Services) Close(context.Context) error {
	s.transport.CloseIdleConnections()
	return nil
}

// Functions are all services, by lower-case name. Each family has a file.
func (s *Services) Functions() map[string]task.Service {
	all := map[string]task.Service{}
	for _, family := range [][]task.Service{
		s.Files, s.accountServices(), s.datasetServices(), s.rosterServices(), s.balanceServices(),
		s.routeServices(), s.statisticServices(), s.httpServices(), s.messageServices(), s.outsideServices(),
		s.agentServices(),
	} {
		for _, f := range family {
			f.Run = s.guarded(f)
			all[strings.ToLower(f.Name)] = f
		}
	}
	return all
}

// longestService bounds what a service that waits for others may take: HTTPCall has its own 30 s within.
const longestService = time.Minute

// guarded is a service whose fault ends neither the Task nor the member, and which ends in time.
func (s *Services) guarded(f task.Service) func(context.Context, task.Caller, []object.Value) object.Value {
	return func(ctx context.Context, c task.Caller, args []object.Value) (v object.Value) {
		if !f.Quick {
			limited, cancel := context.WithTimeout(ctx, longestService)
			defer cancel()
			ctx = limited
		}
		if guard.Run(s.Log, "a service of programs has failed by a fault of ours", func() { v = f.Run(ctx, c, args) },
			"service", f.Name, "program", c.Program) {
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
func (s *Services) current(c task.Caller) (*account.Record, error) {
	r, ok := s.Ledger.Directory.Record(signal.AOR(c.Account))
	if !ok || r.Disabled {
		return nil, task.ErrNoAccount
	}
	return r, nil
}

// subject is the account that a program names, the current one where it names none. On another one than the
// current account it needs one of the rights there, or that to act in its name: who has none does not even
// learn whether it exists. Nobody but an administrator touches an administrator's account.
func (s *Services) subject(c task.Caller, name string, rights ...cli.Right) (*account.Record, error) {
	self, err := s.current(c)
	if err != nil || name == "" {
		return self, err
	}
	if !strings.Contains(name, "@") {
		name += "@" + self.AOR.Domain()
	}
	aor := signal.AOR(strings.ToLower(name))
	a, ok := s.Ledger.Directory.Account(aor)
	if ok && a.AOR == self.AOR {
		return self, nil
	}
	if !ledger.MayIn(self, aor.Domain(), append(rights, cli.CanImpersonate)...) {
		return nil, task.ErrDenied
	}
	r, known := s.Ledger.Directory.Record(a.AOR)
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
