package hatch

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"tandem/actors/account"
	"tandem/actors/desk"
	"tandem/actors/ledger"
	"tandem/actors/msg"
	"tandem/signal"
	"tandem/web"
	"tandem/ximss/ami"
	"tandem/ximss/cli"
)

// Books say what queues and agents are like, and who may act in whose name: package ledger.
type Books interface {
	Queue(name string) (*ledger.Queue, bool)
	Agent(name string) (*ledger.Agent, bool)
	Resolve(name, domain string) (account string, ok bool)
	MayAdminister(who, other string) bool
}

// Options are what a Hatch works with.
type Options struct {
	Books  Books
	Record func(signal.AOR) (*account.Record, bool)
	Queues web.Queues
	Agents web.Agents
	Legs   web.Calls
	// Prove checks a password, Secret is one that can be known.
	Prove  func(ctx context.Context, user, password string) (account string, ok bool)
	Secret func(user string) (account, password string, ok bool)
	// Write writes a line for the queue_log of all members; done is called when it is durable.
	Write func(l *msg.FactLine, done func(position uint64, err error)) error
	// Redirected sends the party of a leg to a number, on behalf of an account.
	Redirected func(ctx context.Context, leg string, by signal.AOR, exten string) error
	// Begin starts a Task that rings somebody and joins him with a number, in the name of an account; State is what has
	// become of it: "", "answered", or why it has failed; false: the Task is no more.
	Begin func(by signal.AOR, o ami.Order) (task string, err error)
	State func(task string) (state string, there bool)
	Log   *slog.Logger
}

// Hatch answers ami.Authenticator and ami.House.
type Hatch struct {
	Options
	followed atomic.Int32 // calls of Originate of which it is not known yet what becomes of them
}

var (
	_ ami.Authenticator = (*Hatch)(nil)
	_ ami.House         = (*Hatch)(nil)
)

// most is how many queues, agents, callers or legs one answer has.
const most = 10_000

// Password checks a user's password.
func (l *Hatch) Password(ctx context.Context, user, password string) (string, bool) {
	return l.Prove(ctx, user, password)
}

// Secret is a user's password, for a login by MD5.
func (l *Hatch) Secret(user string) (string, string, bool) { return l.Options.Secret(user) }

// May tells whether an account may do something. Agents may see their own queues.
func (l *Hatch) May(who string, right ami.Right, queue string) bool {
	r, ok := l.Record(signal.AOR(who))
	if !ok || r.Disabled {
		return false
	}
	switch right {
	case ami.Enter:
		return ledger.MaySome(r, cli.CanSupervise) || ledger.May(r, cli.Monitor) || ledger.May(r, cli.CanOriginate)
	case ami.Watch:
		return ledger.May(r, cli.Monitor) || l.supervises(r, queue)
	case ami.Change, ami.Log:
		return l.supervises(r, queue)
	case ami.Calls:
		return ledger.May(r, cli.Monitor)
	case ami.Originate:
		return ledger.May(r, cli.CanOriginate)
	}
	return r.Is(account.Administrator)
}

// supervises tells whether an account supervises a queue, or any where none is named: what it does then is looked at
// once more by the desk.
func (l *Hatch) supervises(r *account.Record, queue string) bool {
	if queue == "" {
		return ledger.MaySome(r, cli.CanSupervise)
	}
	return ledger.MayQueue(r, cli.CanSupervise, queue)
}

// asker is an account as one who asks the desk.
func (l *Hatch) asker(who string) web.Asker {
	return desk.AskerOf(signal.AOR(who), l.Record)
}

// all sees everything: what a client may see of it is for its session to say.
var all = web.Asker{Name: "manager interface", Master: true}

// told makes a refusal of the desk one that clients read; what is no refusal stays as it is.
func told(err error) error {
	var refused *web.Error
	if errors.As(err, &refused) && refused.Status != http.StatusInternalServerError {
		return ami.Refusal(refused.Message)
	}
	return err
}

// settle is how often it is looked at what becomes of a call that was begun.
const settle = 250 * time.Millisecond
