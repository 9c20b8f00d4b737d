package actors

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"tandem/actors/cluster/trust"
	"tandem/web"
)

// entrance lets new members into the cluster: what web.Joiner and web.Tickets ask of this member.
type entrance struct {
	issuer *trust.Issuer
	at     func() string // HOST:PORT of this member's web listener, as others reach it
	log    *slog.Logger
}

// What a ticket is that nobody has said more of.
const (
	ticketLife = 24 * time.Hour
	ticketUses = 1
)

// Join answers the request of a new member. What a refusal is for stays between the ticket's two sides.
func (e *entrance) Join(_ context.Context, request []byte) ([]byte, error) {
	answer, err := e.issuer.Answer(request)
	switch {
	case errors.Is(err, trust.ErrRefused):
		return nil, web.Refuse(http.StatusForbidden, "ticket", "%v", trust.ErrRefused)
	case errors.Is(err, trust.ErrNoKey):
		return nil, web.Unavailable("%v", err)
	}
	return answer, err
}

// Tickets implements web.Tickets.
func (e *entrance) Tickets(context.Context) (all []web.Ticket, _ error) {
	for _, p := range e.issuer.Tickets() {
		all = append(all, ticketOf(p))
	}
	return all, nil
}

// PrintTicket implements web.Tickets.
func (e *entrance) PrintTicket(_ context.Context, o web.TicketOrder) (web.Ticket, error) {
	text, printed, err := e.issuer.Print(cmp.Or(o.At, e.at()), cmp.Or(o.Life, ticketLife), cmp.Or(o.Uses, ticketUses))
	switch {
	case errors.Is(err, trust.ErrNoKey):
		return web.Ticket{}, web.Conflict("%v: ask the member that founded the cluster", err)
	case errors.Is(err, trust.ErrFull):
		return web.Ticket{}, web.Conflict("%v", err)
	case errors.Is(err, trust.ErrOrder):
		return web.Ticket{}, web.Invalid("%v", err)
	case err != nil:
		return web.Ticket{}, err
	}
	e.log.Info("ticket printed", slog.String("ticket", printed.ID), slog.String("author", o.Author),
		slog.Time("expires", printed.Expires), slog.Int("uses", printed.Uses))
	t := ticketOf(printed)
	t.Text = text.Text()
	return t, nil
}

// RevokeTicket implements web.Tickets.
func (e *entrance) RevokeTicket(_ context.Context, id, author string) error {
	err := e.issuer.Revoke(id)
	if errors.Is(err, trust.ErrUnknown) {
		return web.NotFound("this member has no ticket %.40q that is valid: tickets are withdrawn where they were printed", id)
	}
	if err == nil {
		e.log.Info("ticket withdrawn", slog.String("ticket", id), slog.String("author", author))
	}
	return err
}

func ticketOf(p trust.Printed) web.Ticket {
	return web.Ticket{ID: p.ID, Made: p.Made, Expires: p.Expires, Uses: p.Uses, Members: p.Members}
}
