package ximss

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"tandem/ximss/object"
)

// connection is one client that is connected for long, over TCP or WebSocket. One goroutine reads it; writing
// takes another only while there is something to write.
type connection struct {
	porter *porter
	visit  visit
	wire   wire
	line   *line
	secure func(context.Context) error // begins TLS; nil: not here
	struck int                         // documents that could not be read
}

// errTooLong is of a document beyond the limit, after which nothing can be read.
var errTooLong = Fail(NumMalformed, "the document is too long")

// serve talks with the client that has logged in, or could not (err), until the connection ends.
func (c *connection) serve(ctx context.Context, session Session, err error) {
	if err == nil {
		err = c.converse(ctx, session)
	}
	c.part(err)
	if bySession, why := c.line.parted(); session != nil && !bySession {
		session.Leave(c.line, reasonOf(why, err))
	}
	c.porter.log.Debug("connection ended", slog.String("source", c.visit.remote.String()), slog.Any("err", err))
}

// part closes the connection, but not before the client was told what it is to be told.
func (c *connection) part(err error) {
	var told *Error
	if errors.As(err, &told) {
		c.line.Say(Write(Response("", told)))
		c.line.finish(told.Text, false)
	}
	if !c.line.lingers() {
		c.wire.close()
	}
}

// reasonOf is why a connection ended.
func reasonOf(why string, err error) string {
	switch {
	case why != "":
		return why
	case err != nil:
		return "the connection ended: " + err.Error()
	}
	return "the connection ended"
}

// Limits of a client before it has logged in, which are narrow since anybody can come.
const (
	strangerSize     = 16 << 10 // bytes of a document
	strangerRequests = 100      // requests
	strikes          = 10       // documents that can not be read; of one that has logged in these too
)

var errEnough = Fail(NumLimit, "this is enough: the connection is closed")

// errOver is of a client that wants to go before it has logged in.
var errOver = errors.New("the client said bye")

// login does what comes before there is a session, which must come in time.
func (c *connection) login(ctx context.Context) (Session, error) {
	limits := c.porter.conf.Load()
	c.wire.allow(min(strangerSize, limits.MaxMessage))
	limit := time.AfterFunc(limits.LoginTime, c.wire.close)
	defer limit.Stop()
	var broken error
	e := &entry{porter: c.porter, visit: c.visit, line: c.line}
	e.say = func(documents ...string) {
		if _, err := c.wire.write(documents); err != nil {
			broken = err
		}
	}
	for n := 0; broken == nil; n++ {
		if n == strangerRequests {
			return nil, errEnough
		}
		x, err := c.next(e.say)
		switch {
		case err != nil:
			return nil, err
		case x == nil:
			continue
		}
		out := e.take(ctx, x)
		switch {
		case out.session != nil:
			return out.session, nil
		case out.over:
			return nil, errOver
		case out.secure:
			if err := c.secure(ctx); err != nil {
				return nil, err
			}
			e.visit.secure, c.visit.secure = true, true
		}
	}
	return nil, broken
}

// converse hands the session what the client asks.
func (c *connection) converse(ctx context.Context, s Session) error {
	c.wire.allow(c.porter.conf.Load().MaxMessage)
	for {
		x, err := c.next(c.line.Say)
		switch {
		case err != nil:
			return err
		case x == nil:
			continue
		}
		id, err := RequestID(x)
		if err != nil {
			c.line.Say(Write(Response("", err)))
			continue
		}
		switch err := s.Take(ctx, x); {
		case errors.Is(err, ErrGone):
			c.line.Say("<bye/>")
			c.line.finish(ErrGone.Text, true) // there is nobody who could hear that it ended
			return nil
		case err != nil:
			c.line.Say(Write(Response(id, err)))
		}
	}
}

// next reads one element. One that can not be read is answered, and nil: the next document begins afresh.
func (c *connection) next(say func(...string)) (*object.XML, error) {
	text, err := c.wire.read()
	if err != nil {
		return nil, err
	}
	x, err := Read(text)
	if err != nil {
		say(Write(Response("", err)))
		if c.struck++; c.struck >= strikes {
			return nil, errEnough
		}
		return nil, nil
	}
	if x.Type == "policy-file-request" { // of a Flash client, which is told nothing (reference communigate.md 1.1)
		return nil, nil
	}
	return x, nil
}
