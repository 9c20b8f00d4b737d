package web

import (
	"context"
	"net/http"
	"time"
)

// Tickets let new members join the cluster. A refusal is an *Error.
type Tickets interface {
	// Tickets returns those that this member has printed and that have not expired, without their text.
	Tickets(ctx context.Context) ([]Ticket, error)
	// PrintTicket makes one, and returns it with its text, which nobody is shown again.
	PrintTicket(ctx context.Context, o TicketOrder) (Ticket, error)
	// RevokeTicket withdraws one by its ID.
	RevokeTicket(ctx context.Context, id, author string) error
}

// Ticket lets new members join.
type Ticket struct {
	ID      string    `json:"id"` // tells it apart, and is no secret
	Text    string    `json:"ticket,omitempty"`
	Made    time.Time `json:"made"`
	Expires time.Time `json:"expires"`
	Uses    int       `json:"uses"`    // members that may join by it
	Members []string  `json:"members"` // that have
}

// whole has no null where a list is meant.
func (t Ticket) whole() Ticket {
	t.Members, _ = page(t.Members, len(t.Members))
	return t
}

// TicketOrder says what ticket to print.
type TicketOrder struct {
	At     string        // HOST:PORT of this member's listener, as the new one reaches it; "" what this one thinks
	Life   time.Duration // 0 is a day
	Uses   int           // 0 is one
	Author string        // who asked
}

// maxTicketLife is more than any ticket may live; what prints it has the limit.
const maxTicketLife = 1000 * 24 * time.Hour

// ticketRoutes are the rows of tickets.
func (s *Server) ticketRoutes() map[string]answer {
	return map[string]answer{
		"GET /api/v1/cluster/tickets":         s.ticketList,
		"POST /api/v1/cluster/tickets":        s.ticketPrint,
		"DELETE /api/v1/cluster/tickets/{id}": s.ticketRevoke,
	}
}

// tickets are those of this member, unless it is alone.
func (s *Server) tickets() (Tickets, error) {
	if s.services.Tickets == nil {
		return nil, Conflict("this member is alone: set cluster.address before others can join it")
	}
	return s.services.Tickets, nil
}

func (s *Server) ticketList(r *http.Request) (any, error) {
	tickets, err := s.tickets()
	if err != nil {
		return nil, err
	}
	found, err := tickets.Tickets(r.Context())
	if err != nil {
		return nil, err
	}
	list, _ := page(found, len(found))
	for i := range list {
		list[i] = list[i].whole()
	}
	return struct {
		Tickets []Ticket `json:"tickets"`
	}{list}, nil
}

// ticketPrint takes {"at": "HOST:PORT", "life": seconds, "uses": number}, each of which may be left out, or no body.
func (s *Server) ticketPrint(r *http.Request) (any, error) {
	var body struct {
		At   string  `json:"at"`
		Life Seconds `json:"life"`
		Uses int     `json:"uses"`
	}
	if r.ContentLength != 0 {
		if err := s.readJSON(r, &body); err != nil {
			return nil, err
		}
	}
	if body.Life < 0 || body.Life > InSeconds(maxTicketLife) || body.Uses < 0 {
		return nil, Invalid("a ticket lives and is used more than 0 times: life is in seconds, uses a number")
	}
	tickets, err := s.tickets()
	if err != nil {
		return nil, err
	}
	t, err := tickets.PrintTicket(r.Context(),
		TicketOrder{At: body.At, Life: body.Life.Duration(), Uses: body.Uses, Author: author(r)})
	if err != nil {
		return nil, err
	}
	return created{t.whole()}, nil
}

func (s *Server) ticketRevoke(r *http.Request) (any, error) {
	tickets, err := s.tickets()
	if err != nil {
		return nil, err
	}
	id := r.PathValue("id")
	if err := tickets.RevokeTicket(r.Context(), id, author(r)); err != nil {
		return nil, err
	}
	return map[string]string{"revoked": id}, nil
}
