package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) sessionVerbs() *cobra.Command {
	return group("session", "XIMSS sessions that live", a.sessionList(), a.sessionKill())
}

// livingSession is a session as REST tells it.
type livingSession struct {
	Handler, Account, State, Binding, Remote, Client, Member string
	Calls                                                    int
	Since                                                    time.Time
}

func (a *app) sessionList() *cobra.Command {
	var account string
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List living sessions, the oldest first",
		Args:  cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			query := url.Values{"limit": {strconv.Itoa(limit)}}
			if account != "" {
				query.Set("account", account)
			}
			return ask(a, cmd, question{path: path("sessions"), query: query}, sessionsTable)
		}),
	}
	cmd.Flags().StringVar(&account, "account", "", "sessions of this account only")
	cmd.Flags().IntVar(&limit, "limit", 100, "rows at most")
	return cmd
}

func sessionsTable(v struct {
	Sessions []livingSession
	More     bool
	Unheard  []string // members
}) table {
	t := table{note: listNote(v.More, v.Unheard)}
	t.add("HANDLER", "ACCOUNT", "STATE", "BINDING", "ADDRESS", "CLIENT", "CALLS", "SINCE", "MEMBER")
	for _, s := range v.Sessions {
		t.add(s.Handler, s.Account, s.State, s.Binding, s.Remote, s.Client, strconv.Itoa(s.Calls), clock(s.Since), s.Member)
	}
	return t
}

func (a *app) sessionKill() *cobra.Command {
	var account string
	cmd := &cobra.Command{
		Use:   "kill HANDLER | kill --account ACCOUNT",
		Short: "End a session, or all sessions of an account",
		Args:  cobra.MaximumNArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			if (account == "") == (len(args) == 0) {
				return usage("name one session, or --account for all of an account's")
			}
			where, query := path("sessions"), url.Values{"account": {account}}
			if account == "" {
				where, query = path("sessions", args[0]), nil
			}
			return ask(a, cmd, question{method: http.MethodDelete, path: where, query: query},
				func(v struct{ Ended any }) (t table) {
					t.add("ended", fmt.Sprint(v.Ended))
					return t
				})
		}),
	}
	cmd.Flags().StringVar(&account, "account", "", "all sessions of this account")
	return cmd
}
