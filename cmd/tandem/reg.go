package main

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) regVerbs() *cobra.Command {
	return group("reg", "Registrations: where accounts can be reached", a.regList(), a.regKick())
}

func (a *app) regList() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "list [ACCOUNT]",
		Short: "List registrations",
		Args:  cobra.MaximumNArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			query := url.Values{"limit": {strconv.Itoa(limit)}}
			if len(args) > 0 {
				query.Set("account", args[0])
			}
			return ask(a, cmd, question{path: path("registrations"), query: query}, registrationsTable)
		}),
	}
	cmd.Flags().IntVar(&limit, "limit", 100, "rows at most")
	return cmd
}

func registrationsTable(v struct {
	Registrations []struct {
		AOR, Contact, Transport, Source, Agent, Member string
		Since, Expires                                 time.Time
	}
	More bool
}) table {
	t := table{note: moreNote(v.More)}
	t.add("ACCOUNT", "CONTACT", "VIA", "FROM", "PHONE", "SINCE", "EXPIRES", "MEMBER")
	for _, r := range v.Registrations {
		t.add(r.AOR, r.Contact, r.Transport, r.Source, r.Agent, clock(r.Since), clock(r.Expires), r.Member)
	}
	return t
}

func (a *app) regKick() *cobra.Command {
	return &cobra.Command{
		Use:   "kick ACCOUNT [CONTACT]",
		Short: "Remove one registration of an account, or all",
		Args:  cobra.RangeArgs(1, 2),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			query := url.Values{}
			if len(args) > 1 {
				query.Set("contact", args[1])
			}
			return ask(a, cmd, question{method: http.MethodDelete, path: path("registrations", args[0]), query: query},
				func(v struct{ Removed int }) (t table) {
					t.add("removed", strconv.Itoa(v.Removed))
					return t
				})
		}),
	}
}
