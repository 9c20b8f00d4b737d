package console

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"tandem/actors/account"
	"tandem/actors/form"
	"tandem/actors/guard"
	"tandem/actors/ledger"
	"tandem/actors/pbx/environment"
	"tandem/actors/store"
	"tandem/actors/tally"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// Console is the admin command line: it answers cli.Executor and cli.Authenticator. Each family of commands has a
// file, with a table of its commands.
type Console struct {
	Options
	works  map[string]work // by name
	checks chan struct{}   // places for checks of passwords under way
}

// Options are what commands are done with. What a command needs is asked when it is given.
type Options struct {
	Ledger   *ledger.Ledger
	Elements *tally.Elements
	Tasks    Tasks
	Sessions Sessions
	Files    Files
	Legs     func(ctx context.Context, q form.LegQuery) []form.Leg // living call legs of all members
	System   func(what string) object.Value
	// Presence is how an account stands as its sessions and phones say; false: they say nothing.
	Presence func(ctx context.Context, aor signal.AOR) (signal.Presence, bool)
	// Controller is the IP address of the member that leads the cluster; "": there is none now. Nil: this member is alone.
	Controller func() string
	Version    string
	End        func() error // asks the process to end in order
	Log        *slog.Logger
}

// Tasks are the PBX Tasks, by their handlers.
type Tasks interface {
	// StartTask starts a program in the name of an account, without a call, and gives the Task's handler.
	StartTask(aor signal.AOR, program, entry string, parameter object.Value) (string, error)
	// SendTaskEvent sends an event to a Task.
	SendTaskEvent(handler, name string, parameter object.Value) error
	// KillTask ends a Task.
	KillTask(handler string) error
	// TaskStatus is what the Task says of itself; null where it says nothing.
	TaskStatus(handler string) (object.Value, error)
	// TaskOwner is the account in whose name a Task was started; false: it does not live here.
	TaskOwner(handler string) (signal.AOR, bool)
}

// Files are the application environments: of a scope and, where that is Domain, of that domain.
type Files interface {
	// CreateLanguage makes a language directory; without a language, the environment itself.
	CreateLanguage(ctx context.Context, author string, scope environment.Scope, domain, language string) error
	// DeleteLanguage removes a language directory; without a language, the whole environment.
	DeleteLanguage(ctx context.Context, author string, scope environment.Scope, domain, language string) error
	// ListPBXFiles describes the files of a language, or of the default directory with the language directories.
	ListPBXFiles(scope environment.Scope, domain, language string) ([]environment.File, error)
	// ReadPBXFile returns "name" or "language/name".
	ReadPBXFile(ctx context.Context, scope environment.Scope, domain, name string) ([]byte, error)
	// StorePBXFile stores "name" or "language/name".
	StorePBXFile(ctx context.Context, author string, scope environment.Scope, domain, name string, b []byte) error
	// DeletePBXFile removes a file.
	DeletePBXFile(ctx context.Context, author string, scope environment.Scope, domain, name string) error
}

// New is a console on those things.
func New(o Options) *Console {
	return &Console{Options: o, works: works(), checks: make(chan struct{}, checksAtOnce)}
}

// request is one command under way.
type request struct {
	cli.Command
	ctx context.Context
	who *account.Record // in whose name
}

// work does what a command says.
type work func(*Console, *request) (object.Value, *cli.Failure)

// works are all commands, by name. It is a function because commands list themselves.
func works() map[string]work {
	all := map[string]work{}
	for _, family := range []map[string]work{
		serverWorks, statisticsWorks, accountWorks, accountPartWorks, groupWorks, forwarderWorks,
		domainWorks, telnumWorks, taskWorks, namedTaskWorks, signalWorks, ruleWorks, sessionWorks, datasetWorks, fileWorks,
		rosterWorks, balanceWorks,
	} {
		maps.Copy(all, family)
	}
	return all
}

// Execute runs a command in the name of an account, if that may. What it may is looked up for each
// command: a right that was taken away is away.
func (c *Console) Execute(ctx context.Context, who cli.Identity, command cli.Command) (v object.Value, f *cli.Failure) {
	self, ok := c.Ledger.Directory.Record(signal.AOR(who.Account))
	if !ok || self.Disabled {
		return object.Null, cli.ErrAccess
	}
	r := &request{Command: command, ctx: ctx, who: self}
	if f := c.permit(r); f != nil {
		return object.Null, f
	}
	do, ok := c.works[command.Name()]
	if !ok {
		return object.Null, cli.ErrUnsupported
	}
	if guard.Run(c.Log, "a command has failed by a fault of the program", func() { v, f = do(c, r) }, "command", command.Name()) {
		return object.Null, cli.Fail("internal error, see the log")
	}
	return v, f
}

// ExecuteLine runs one command line in the name of an account: ExecuteCLI of programs, cliExecute of
// XIMSS. output tells whether the command has a result at all.
func (c *Console) ExecuteLine(ctx context.Context, aor signal.AOR, line string) (v object.Value, output bool, f *cli.Failure) {
	command, f := cli.Parse(line)
	if f != nil {
		return object.Null, false, f
	}
	v, f = c.Execute(ctx, cli.Identity{Account: string(aor)}, command)
	return v, command.Row.Output && f == nil, f
}

// permit checks whether an account may run a command on what it names.
func (c *Console) permit(r *request) *cli.Failure {
	right := r.Row.Right
	switch {
	case right == cli.Anybody || ledger.May(r.who, right):
		return nil
	case !right.InDomain():
		return cli.ErrAccess
	}
	subjects, own := r.Row.Subjects(), r.Row.Self
	named := false
	for _, s := range subjects {
		if !r.Has(s.Name) {
			continue
		}
		named = true
		aor, f := c.aor(r, "x@"+r.Text(s.Name))
		if s.Account {
			aor, f = c.aor(r, r.Text(s.Name))
			own = own && f == nil && c.Ledger.Resolved(aor) == r.who.AOR
		} else {
			own = false
		}
		if f != nil || aor.Domain() != r.who.AOR.Domain() || !slices.Contains(r.who.Rights, string(right)) {
			if !own {
				return cli.ErrAccess
			}
		}
	}
	if !named && !slices.Contains(r.who.Rights, string(right)) { // its own domain is understood
		return cli.ErrAccess
	}
	return nil
}

// The failures that many commands have.
var (
	errNoAccount = cli.Fail("%s", ledger.ErrNoAccount)
	errName      = cli.Fail("the name is not an address of a domain that is served here")
)

// aor completes an address: * is the own one, and a name without a domain is in the own domain.
func (c *Console) aor(r *request, text string) (signal.AOR, *cli.Failure) {
	if text == "*" {
		return r.who.AOR, nil
	}
	if !strings.Contains(text, "@") {
		text += "@" + r.who.AOR.Domain()
	}
	aor, err := c.Ledger.Address(text)
	if err != nil {
		return "", errName
	}
	return aor, nil
}

// account finds the account that a parameter names. It must not be changed.
func (c *Console) account(r *request) (*account.Record, *cli.Failure) {
	aor, f := c.aor(r, r.Text("account"))
	if f != nil {
		return nil, f
	}
	found, ok := c.Ledger.Directory.Record(c.Ledger.Resolved(aor))
	if !ok {
		return nil, errNoAccount
	}
	return found, nil
}

// domain is the domain that a parameter names; the own one where it is left out.
func (c *Console) domain(r *request) (string, *cli.Failure) {
	if !r.Has("domain") {
		return r.who.AOR.Domain(), nil
	}
	name, err := c.Ledger.DomainOf(r.Text("domain"))
	return name, failure(err)
}

// write is how the request writes into the store.
func (r *request) write() store.Write {
	return store.Write{Author: string(r.who.AOR), Reason: r.Name()}
}

// failure is what an error means to the one who asked.
func failure(err error) *cli.Failure {
	var f *cli.Failure
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return f
	}
	if text, known := ledger.Text(err); known {
		return cli.Fail("%s", text)
	}
	return cli.Fail("the store did not take it: %v", err)
}

// done is the answer of a command without output.
func (c *Console) done(err error) (object.Value, *cli.Failure) { return object.Null, failure(err) }

// found is the answer of one with it.
func found(v object.Value) (object.Value, *cli.Failure) { return v, nil }

func fail(format string, a ...any) (object.Value, *cli.Failure) {
	return object.Null, cli.Fail(format, a...)
}
