package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) taskVerbs() *cobra.Command {
	return group("task", "PBX Tasks that live, and the programs that they run",
		a.taskCheck(), a.taskRun(), a.taskStart(), a.taskList(), a.taskShow(), a.taskEvent(), a.taskKill())
}

// livingTask is a Task as REST tells it.
type livingTask struct {
	Handler, Program, Account, Owner, Mode, Waiting, Where string
	Party, Leg, With, Call, Member, Status                 string
	Parties                                                int
	Since                                                  time.Time
}

func (a *app) taskList() *cobra.Command {
	var account, program string
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List living tasks, the oldest first",
		Args:  cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			query := url.Values{"limit": {strconv.Itoa(limit)}}
			for key, value := range map[string]string{"account": account, "program": program} {
				if value != "" {
					query.Set(key, value)
				}
			}
			return ask(a, cmd, question{path: path("tasks"), query: query}, tasksTable)
		}),
	}
	cmd.Flags().StringVar(&account, "account", "", "tasks started for this account only")
	cmd.Flags().StringVar(&program, "program", "", "tasks of this program only")
	cmd.Flags().IntVar(&limit, "limit", 100, "rows at most")
	return cmd
}

func tasksTable(v struct {
	Tasks   []livingTask
	More    bool
	Unheard []string // members
}) table {
	t := table{note: listNote(v.More, v.Unheard)}
	t.add("HANDLER", "PROGRAM", "ACCOUNT", "MODE", "WAITING", "PARTY", "SINCE", "STATUS", "MEMBER")
	for _, l := range v.Tasks {
		t.add(l.Handler, l.Program, l.Account, l.Mode, l.Waiting, l.Party, clock(l.Since), l.Status, l.Member)
	}
	return t
}

func (a *app) taskShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show HANDLER",
		Short: "Show one living task",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, question{path: path("tasks", args[0])}, taskTable)
		}),
	}
}

func taskTable(l livingTask) table {
	var t table
	for _, row := range [][]string{
		{"handler", l.Handler}, {"program", l.Program}, {"account", l.Account}, {"owner", l.Owner},
		{"mode", l.Mode}, {"waiting in", l.Waiting}, {"where", l.Where}, {"party", l.Party}, {"leg", l.Leg},
		{"joined with", l.With}, {"parties in its mixer", strconv.Itoa(l.Parties)}, {"call", l.Call},
		{"since", clock(l.Since)}, {"member", l.Member}, {"status", l.Status},
	} {
		t.add(row...)
	}
	return t
}

func (a *app) taskStart() *cobra.Command {
	var entry, parameter string
	cmd := &cobra.Command{
		Use:   "start ACCOUNT PROGRAM",
		Short: "Start a program in the name of an account, without a call",
		Args:  cobra.ExactArgs(2),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, question{method: http.MethodPost, path: path("tasks"),
				body: map[string]string{
					"account": args[0], "program": args[1], "entry": entry, "parameter": parameter}},
				func(v struct{ Handler string }) (t table) {
					t.add("handler", v.Handler)
					return t
				})
		}),
	}
	cmd.Flags().StringVar(&entry, "entry", "", "entry of the program (default main)")
	cmd.Flags().StringVar(&parameter, "param", "", `start parameter, as an object: (a,b), {k=v;}, "text"`)
	return cmd
}

func (a *app) taskEvent() *cobra.Command {
	var parameter string
	cmd := &cobra.Command{
		Use:   "event HANDLER NAME",
		Short: "Send an event to a task",
		Args:  cobra.ExactArgs(2),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, question{method: http.MethodPost, path: path("tasks", args[0], "event"),
				body: map[string]string{"event": args[1], "parameter": parameter}},
				func(v struct{ Told string }) (t table) {
					t.add("told", v.Told)
					return t
				})
		}),
	}
	cmd.Flags().StringVar(&parameter, "param", "", `parameter, as an object: (a,b), {k=v;}, "text"`)
	return cmd
}

func (a *app) taskKill() *cobra.Command {
	var account string
	cmd := &cobra.Command{
		Use:   "kill HANDLER | kill --account ACCOUNT",
		Short: "End a task, or all tasks that were started for an account",
		Args:  cobra.MaximumNArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			if (account == "") == (len(args) == 0) {
				return usage("name one task, or --account for all of an account's")
			}
			where, query := path("tasks"), url.Values{"account": {account}}
			if account == "" {
				where, query = path("tasks", args[0]), nil
			}
			return ask(a, cmd, question{method: http.MethodDelete, path: where, query: query},
				func(v struct{ Ended any }) (t table) {
					t.add("ended", fmt.Sprint(v.Ended))
					return t
				})
		}),
	}
	cmd.Flags().StringVar(&account, "account", "", "all tasks that were started for this account")
	return cmd
}
