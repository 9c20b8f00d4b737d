package desk

import (
	"context"
	"crypto/rand"
	"errors"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/signal"
	"tandem/web"
)

// Redirect sends the party of a leg elsewhere, on behalf of an account. It returns when that is tried: what becomes of it
// the records of the calls show.
func (c Calls) Redirect(ctx context.Context, handler string, by signal.AOR, target signal.URI) error {
	pid, err := c.Member.Parse(handler)
	if err != nil {
		return web.Invalid("%q is not a handler of this cluster: take one from the list of calls", clip(handler))
	}
	order := &msg.LegRedirect{Refer: "order." + rand.Text(), Target: msg.FromURI(target), Account: string(by)}
	answer, err := c.Member.AskActor(ctx, pid, order, actTime)
	said, ok := answer.(*msg.LegRedirected)
	switch {
	case errors.Is(err, cluster.ErrGone):
		return web.NotFound("no leg lives under %q: it has ended already", clip(handler))
	case err != nil:
		return web.Unavailable("the leg does not answer: %v", err)
	case !ok:
		return errors.New("desk: a leg has answered something else")
	case said.Status >= 300:
		return web.Conflict("the call can not be sent elsewhere: %s", said.Reason)
	}
	return nil
}
