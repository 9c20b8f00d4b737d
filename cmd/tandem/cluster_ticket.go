package main

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// ticket lets new members join, as REST tells it. Its text is there only when it has just been printed.
type ticket struct {
	ID, Ticket    string
	Made, Expires time.Time
	Uses          int
	Members       []string
}

func (a *app) clusterTicket() *cobra.Command {
	var order struct {
		At   string  `json:"at,omitempty"`
		Life float64 `json:"life"` // seconds
		Uses int     `json:"uses"`
	}
	var life time.Duration
	var revoke string
	var list bool
	cmd := &cobra.Command{
		Use:   "ticket",
		Short: "Print a ticket by which a new member joins, list them or withdraw one",
		Long: "Print a ticket: what the setting cluster.join of a new member is, so that it becomes one of the cluster.\n" +
			"Whoever has it may join, so hand it over as you would a password. It is shown once.",
		Args: cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			tickets := path("cluster", "tickets")
			switch {
			case list && revoke != "":
				return usage("--list or --revoke, not both")
			case list:
				return ask(a, cmd, question{path: tickets}, ticketsTable)
			case revoke != "":
				return ask(a, cmd, question{method: http.MethodDelete, path: path("cluster", "tickets", revoke)},
					func(v struct{ Revoked string }) (t table) {
						t.add("revoked", v.Revoked)
						return t
					})
			}
			order.Life = life.Seconds()
			return ask(a, cmd, question{method: http.MethodPost, path: tickets, body: order}, ticketTable)
		}),
	}
	cmd.Flags().DurationVar(&life, "life", 24*time.Hour, "how long it is valid")
	cmd.Flags().IntVar(&order.Uses, "uses", 1, "how many members may join by it")
	cmd.Flags().StringVar(&order.At, "at", "", "HOST:PORT at which the new member reaches this one's web listener")
	cmd.Flags().StringVar(&revoke, "revoke", "", "withdraw the ticket of this ID")
	cmd.Flags().BoolVar(&list, "list", false, "list the tickets that this member has printed")
	return cmd
}

// ticketTable is the ticket on a line of its own, so that it can be taken as it is.
func ticketTable(v ticket) table {
	t := table{note: "ID " + printable(v.ID) + ", for " + strconv.Itoa(v.Uses) + " until " + clock(v.Expires) +
		": set cluster.join of the new member to it, or withdraw it with --revoke"}
	t.add(v.Ticket)
	return t
}

func ticketsTable(v struct{ Tickets []ticket }) table {
	var t table
	t.add("ID", "MADE", "EXPIRES", "USES", "JOINED")
	for _, k := range v.Tickets {
		t.add(k.ID, clock(k.Made), clock(k.Expires), strconv.Itoa(k.Uses), strings.Join(k.Members, ", "))
	}
	return t
}
