package session

import (
	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/ximss"
)

// connectionActor is a connection as its session knows it, on the member that has the socket.
type connectionActor struct {
	member  *cluster.Member
	line    ximss.Line
	session *actor.PID
	left    bool // the client has gone
}

// Messages that never leave the member.
type (
	// online gives a connection its line.
	online struct{ line ximss.Line }
	// bound tells a connection whose it is.
	bound struct{ session *actor.PID }
	// left: the client of the line has gone.
	left struct{ reason string }
)

// MakeConnection makes connections.
func (f *Floor) MakeConnection() actor.Actor { return &connectionActor{member: f.Member} }

// Receive is the table of contents.
func (c *connectionActor) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *online:
		c.line = m.line
	case *bound:
		c.onBound(ctx, m)
	case *left:
		c.onLeft(ctx, m)
	case *msg.SessionSay:
		c.onSay(ctx, m)
	case *actor.Terminated:
		ctx.Send(ctx.Self(), &gone{who: m.Who})
	case *gone:
		c.close(ctx, "the session has ended")
	case *actor.Stopping:
		c.onStopping(ctx)
	}
}

// onBound: the connection has its session. Where both are on one member each tells the other in the end, so that they
// need not watch each other, which is dear for thousands.
func (c *connectionActor) onBound(ctx actor.Context, m *bound) {
	c.session = m.session
	if !c.member.Here(c.session) {
		ctx.Watch(c.session)
	}
}

// onStopping: it was closed, the member ends, or it has panicked.
func (c *connectionActor) onStopping(ctx actor.Context) {
	if c.line != nil && c.session != nil {
		c.member.Send(c.session, &msg.SessionLeave{Connection: ctx.Self(), Reason: "the connection has ended"})
	}
	c.close(ctx, "the server stops")
}

// onLeft tells the session, whose last word ends the connection.
func (c *connectionActor) onLeft(ctx actor.Context, m *left) {
	c.left = true
	if c.session == nil { // nobody has it
		ctx.Stop(ctx.Self())
		return
	}
	c.member.Send(c.session, &msg.SessionLeave{Connection: ctx.Self(), Reason: m.reason})
	if c.line == nil {
		return
	}
	if unsaid := c.line.Unsaid(); len(unsaid) > 0 {
		c.member.Send(c.session, &msg.SessionUnsaid{Connection: ctx.Self(), Documents: unsaid})
	}
}

func (c *connectionActor) onSay(ctx actor.Context, m *msg.SessionSay) {
	switch {
	case c.line == nil: // it is the work that it was made with
	case len(m.Documents) == 0:
	case c.left:
		c.member.Send(c.session, &msg.SessionUnsaid{Connection: ctx.Self(), Documents: m.Documents})
	default:
		c.line.Say(m.Documents...)
	}
	if m.Heard && c.line != nil && !c.left {
		self, session, member := ctx.Self(), c.session, c.member
		c.line.Then(func() { member.Send(session, &msg.SessionHeard{Connection: self}) })
	}
	if m.Close {
		c.close(ctx, m.Reason)
	}
}

// close closes the line, once.
func (c *connectionActor) close(ctx actor.Context, reason string) {
	if c.line != nil && !c.left {
		c.line.Close(reason)
	}
	c.line = nil
	ctx.Stop(ctx.Self())
}
