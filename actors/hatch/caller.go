package hatch

import (
	"context"

	"tandem/web"
)

// Withdraw takes a caller out of a queue.
func (l *Hatch) Withdraw(ctx context.Context, who, queue, caller, text string) error {
	return told(l.Options.Queues.ActOnCaller(ctx, web.CallerAct{By: l.asker(who), Queue: queue, Caller: caller, Verb: "withdraw", Text: text}))
}

// Promote gives a caller another priority.
func (l *Hatch) Promote(ctx context.Context, who, queue, caller string, priority int) error {
	return told(l.Options.Queues.ActOnCaller(ctx, web.CallerAct{By: l.asker(who), Queue: queue, Caller: caller, Verb: "promote", Priority: priority}))
}
