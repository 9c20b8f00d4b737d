package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// ticketHouse prints one ticket.
type ticketHouse struct{ orders []TicketOrder }

func (h *ticketHouse) Tickets(context.Context) ([]Ticket, error) {
	if len(h.orders) == 0 {
		return nil, nil
	}
	return []Ticket{{ID: "ab12", Made: moment, Expires: moment.Add(time.Hour), Uses: 1}}, nil
}

func (h *ticketHouse) PrintTicket(_ context.Context, o TicketOrder) (Ticket, error) {
	if o.Uses > 16 {
		return Ticket{}, Invalid("a ticket lets 1 to 16 members join")
	}
	h.orders = append(h.orders, o)
	return Ticket{ID: "ab12", Text: "http://127.0.0.1:8010#SECRET", Uses: 1}, nil
}

func (h *ticketHouse) RevokeTicket(_ context.Context, id, _ string) error {
	if id != "ab12" {
		return NotFound("there is no such ticket")
	}
	return nil
}

func TestTickets(t *testing.T) {
	s := newServer(t, newHouse(), settings())
	alone := ask(s, "POST", "/api/v1/cluster/tickets", "")
	if alone.Code != 409 || !strings.Contains(alone.Body.String(), "cluster.address") {
		t.Errorf("a member alone: %d %s", alone.Code, alone.Body)
	}
	h := &ticketHouse{}
	s.services.Tickets = h
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "", "", 200, `{"tickets":[]}`},
		{"POST", "", "", 201, `"ticket":"http://127.0.0.1:8010#SECRET"`},
		{"POST", "", `{"at":"10.0.0.1:8010","life":3600,"uses":2}`, 201, `"id":"ab12"`},
		{"POST", "", `{"life":-1}`, 400, "life"},
		{"POST", "", `{"life":1e300}`, 400, "life"},
		{"POST", "", `{"uses":-1}`, 400, "uses"},
		{"POST", "", `{"uses":17}`, 400, "1 to 16"},
		{"POST", "", `{"secret":"x"}`, 400, "secret"},
		{"GET", "", "", 200, `"members":[]`},
		{"DELETE", "/ab12", "", 200, `{"revoked":"ab12"}`},
		{"DELETE", "/cd", "", 404, "no such ticket"},
		{"PATCH", "", "", 405, "PATCH"},
	} {
		w := ask(s, c.method, "/api/v1/cluster/tickets"+c.path, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s %s: %d %s, want %d with %q", c.method, c.path, c.body, w.Code, w.Body, c.status, c.says)
		}
	}
	if len(h.orders) != 2 || h.orders[1] != (TicketOrder{"10.0.0.1:8010", time.Hour, 2, h.orders[1].Author}) || h.orders[1].Author == "" {
		t.Errorf("%+v", h.orders)
	}
	w := ask(s, "POST", "/api/v1/cluster/tickets", "", func(r *http.Request) {
		r.Header.Del("Authorization")
		r.RemoteAddr = "192.0.2.1:1"
	})
	if w.Code != 401 || len(h.orders) != 2 {
		t.Errorf("a stranger prints tickets: %d", w.Code)
	}
}
