package main

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) callVerbs() *cobra.Command {
	return group("call", "Legs that live, and records of those that ended",
		a.callList(), a.callShow(), a.callHangup())
}

// leg is a leg, or the record of one, as REST tells it.
type leg struct {
	Handler, Call, Account, Direction, State, Peer, From, To string
	Application, Recording, Codec, Encryption, Member        string
	Cause, By                                                string
	SIPCallID                                                string `json:"sip_call_id"`
	Since, Answered, End                                     time.Time
	MOS, Duration                                            float64
	Status                                                   int
}

func (a *app) callList() *cobra.Command {
	var ended bool
	var account, since string
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List living legs, or with --ended the records of ended ones, newest first",
		Args:  cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			if since != "" && !ended {
				return usage("--since selects records: give --ended too")
			}
			query := url.Values{"limit": {strconv.Itoa(limit)}}
			for key, value := range map[string]string{"account": account, "since": since} {
				if value != "" {
					query.Set(key, value)
				}
			}
			what, list := "legs", legsTable
			if ended {
				what, list = "records", recordsTable
			}
			return ask(a, cmd, question{path: path(what), query: query}, list)
		}),
	}
	cmd.Flags().BoolVar(&ended, "ended", false, "legs that have ended")
	cmd.Flags().StringVar(&account, "account", "", "legs of this account only")
	cmd.Flags().StringVar(&since, "since", "", "with --ended: from this time on, 2026-01-31T08:00:00Z or 90m")
	cmd.Flags().IntVar(&limit, "limit", 100, "rows at most")
	return cmd
}

// legList is either list.
type legList struct {
	Legs, Records []leg
	More          bool
	Unheard       []string // members
}

func legsTable(v legList) table {
	t := table{note: listNote(v.More, v.Unheard)}
	t.add("HANDLER", "STATE", "FROM", "TO", "APPLICATION", "CODEC", "SINCE", "MOS", "MEMBER")
	for _, l := range v.Legs {
		t.add(l.Handler, l.State, l.From, l.To, l.Application, l.Codec, clock(l.Since), mos(l.MOS), l.Member)
	}
	return t
}

func recordsTable(v legList) table {
	t := table{note: listNote(v.More, v.Unheard)}
	t.add("END", "FROM", "TO", "APPLICATION", "DURATION", "STATUS", "CAUSE", "BY", "MOS", "MEMBER")
	for _, r := range v.Records {
		t.add(clock(r.End), r.From, r.To, r.Application, seconds(r.Duration), status(r.Status), r.Cause,
			r.By, mos(r.MOS), r.Member)
	}
	return t
}

// mos is a quality from 1 to 4.5; 0 means unknown, which is never shown as a number.
func mos(m float64) string {
	if m == 0 {
		return ""
	}
	return strconv.FormatFloat(m, 'f', 1, 64)
}

func status(s int) string {
	if s == 0 {
		return ""
	}
	return strconv.Itoa(s)
}

func (a *app) callShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show HANDLER",
		Short: "Show one living leg",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, question{path: path("legs", args[0])}, legTable)
		}),
	}
}

func legTable(l leg) table {
	var t table
	for _, row := range [][]string{
		{"handler", l.Handler}, {"call", l.Call}, {"SIP Call-ID", l.SIPCallID},
		{"account", l.Account}, {"direction", l.Direction}, {"state", l.State},
		{"from", l.From}, {"to", l.To}, {"peer", l.Peer}, {"application", l.Application},
		{"codec", l.Codec}, {"encryption", l.Encryption}, {"since", clock(l.Since)}, {"answered", clock(l.Answered)},
		{"member", l.Member}, {"MOS", mos(l.MOS)}, {"recording", l.Recording},
	} {
		t.add(row...)
	}
	return t
}

func (a *app) callHangup() *cobra.Command {
	return &cobra.Command{
		Use:   "hangup HANDLER",
		Short: "End a leg",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, question{method: http.MethodDelete, path: path("legs", args[0])},
				func(v struct{ Ended string }) (t table) {
					t.add("ended", v.Ended)
					return t
				})
		}),
	}
}
