package actors

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tandem/actors/cluster/trust"
	"tandem/web"
)

// An administrator prints a ticket, a new member joins by it, and the next one is refused.
func TestEntrance(t *testing.T) {
	founder, err := trust.Found(t.TempDir(), "tandem.local", "tandem1")
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := trust.NewIssuer(founder, trust.Office{})
	if err != nil {
		t.Fatal(err)
	}
	e := &entrance{issuer: issuer, log: slog.New(slog.DiscardHandler)}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, _ := io.ReadAll(r.Body)
		answer, err := e.Join(r.Context(), request)
		var refused *web.Error
		if errors.As(err, &refused) {
			w.WriteHeader(refused.Status)
			return
		}
		_, _ = w.Write(answer)
	}))
	defer s.Close()
	e.at = func() string { return s.Listener.Addr().String() }

	var _ web.Tickets = e
	printed, err := e.PrintTicket(t.Context(), web.TicketOrder{})
	if err != nil || printed.Uses != 1 || !strings.HasPrefix(printed.Text, "http://"+e.at()+"#") ||
		printed.Expires.Sub(printed.Made) != ticketLife {
		t.Fatalf("%+v %v", printed, err)
	}
	ticket, err := trust.ParseTicket(printed.Text)
	if err != nil {
		t.Fatal(err)
	}
	if i, err := trust.Join(t.Context(), ticket, "tandem2", t.TempDir()); err != nil || i.Cluster() != founder.Cluster() {
		t.Fatal(err)
	}
	if _, err := trust.Join(t.Context(), ticket, "tandem3", t.TempDir()); !errors.Is(err, trust.ErrRefused) {
		t.Errorf("the ticket was used twice: %v", err)
	}
	if all, err := e.Tickets(t.Context()); err != nil || len(all) != 1 || all[0].Text != "" || all[0].Members[0] != "tandem2" {
		t.Errorf("%+v %v", all, err)
	}
	status := func(err error) int {
		var refused *web.Error
		if !errors.As(err, &refused) {
			t.Fatalf("%v", err)
		}
		return refused.Status
	}
	if got := status(e.RevokeTicket(t.Context(), "none", "admin")); got != http.StatusNotFound {
		t.Error(got)
	}
	if err := e.RevokeTicket(t.Context(), printed.ID, "admin"); err != nil {
		t.Error(err)
	}
	for _, o := range []web.TicketOrder{{Uses: 1000}, {Life: time.Second}, {At: "nowhere"}} {
		if _, err := e.PrintTicket(t.Context(), o); status(err) != http.StatusBadRequest {
			t.Errorf("%+v: %v", o, err)
		}
	}
	data := t.TempDir()
	if err := founder.Issue(data, "tandem4", trust.Neighbours{}); err != nil {
		t.Fatal(err)
	}
	other, err := trust.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	if e.issuer, err = trust.NewIssuer(other, trust.Office{}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.PrintTicket(t.Context(), web.TicketOrder{}); status(err) != http.StatusConflict {
		t.Errorf("a member without the key: %v", err)
	}
}
