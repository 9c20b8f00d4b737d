package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// liveView is what goes on at some servers, as REST tells it.
type liveView struct {
	At      time.Time
	Servers []struct {
		Name, State  string
		Log, Manager struct{ State, Why string }
	}
	Queues []liveQueue
	Calls  []struct {
		Server, Call, Queue, State, Number, Agent string
		Outbound                                  bool
		Enter, Connect                            int64
	}
	Agents []struct {
		Name, State, Was, Reason string
		Since                    int64
		Seats                    []struct {
			Server string
			Queues []string
		}
	}
}

type liveQueue struct {
	Name, Server, State                      string
	Cut                                      int `json:"cut_off"`
	Servers, Waiting, Talking, Ready, Paused int
	Longest                                  int64 `json:"longest_since"`
	Counts                                   struct{ Offered, Answered, Lost int64 }
	Parts                                    []liveQueue
}

func (a *app) queuelogLive() *cobra.Command {
	var queues, from, zone, within string
	var every time.Duration
	cmd := &cobra.Command{
		Use:   "live SOURCE",
		Short: "Show what goes on now at servers of which there are queue logs",
		Long: "Show queues, calls and agents over all servers of a source, and for each, with the age of what is known. SOURCE is as\n" +
			"with tandem queuelog report. A server that is cut off is named; what goes on there is not known.\n\n" +
			"  tandem queuelog live 'cluster:A|B|C' --every 2s",
		Args: cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			if _, err := parseSource(args[0]); err != nil {
				return err
			}
			query := url.Values{"source": {args[0]}, "queues": {queues}, "from": {from}, "zone": {zone}, "within": {within}}
			return a.again(cmd.Context(), every, func() error {
				return ask(a, cmd, question{path: path("queuelog", "live"), query: query}, liveTable)
			})
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&queues, "queues", "", "these queues alone, with bars between")
	flags.StringVar(&from, "from", "", "count from then on: 2026-01-31 or 2026-01-31T14:00 (default: today)")
	flags.StringVar(&zone, "zone", "", "time zone of --from and of today (default UTC)")
	flags.StringVar(&within, "within", "", "service level in seconds (default 20)")
	flags.DurationVar(&every, "every", 0, "show it again and again, so long apart")
	return cmd
}

// again does something once, or every so often until it fails or is interrupted.
func (a *app) again(ctx context.Context, every time.Duration, do func() error) error {
	for {
		if err := do(); err != nil || every <= 0 {
			return err
		}
		select {
		case <-time.After(every):
			_, _ = fmt.Fprintln(a.out)
		case <-ctx.Done():
			return nil
		}
	}
}

func liveTable(v liveView) (t table) {
	since := func(at int64) string {
		if at == 0 {
			return ""
		}
		return length(max(0, v.At.Unix()-at))
	}
	t.add("QUEUE", "SERVER", "STATE", "WAITING", "LONGEST", "TALKING", "READY", "PAUSED", "OFFERED", "ANSWERED", "LOST")
	row := func(name, server, state string, q liveQueue) {
		now := []string{"", "", "", "", ""}
		if q.Cut < q.Servers {
			now = []string{count(int64(q.Waiting)), since(q.Longest), count(int64(q.Talking)), count(int64(q.Ready)), count(int64(q.Paused))}
		}
		cells := append([]string{name, server, state}, now...)
		t.add(append(cells, count(q.Counts.Offered), count(q.Counts.Answered), count(q.Counts.Lost))...)
	}
	for _, q := range v.Queues {
		state := ""
		if q.Cut > 0 {
			state = fmt.Sprintf("%d of %d cut off", q.Cut, q.Servers)
		}
		row(q.Name, "all", state, q)
		for _, p := range q.Parts {
			row("", p.Server, p.State, p)
		}
	}
	t.add("")
	t.add("CALL", "QUEUE", "STATE", "NUMBER", "AGENT", "FOR")
	for _, c := range v.Calls {
		t.add(c.Server+":"+c.Call, c.Queue, c.State, c.Number, c.Agent, since(max(c.Enter, c.Connect)))
	}
	t.add("")
	t.add("AGENT", "STATE", "REASON", "FOR", "SERVERS")
	for _, x := range v.Agents {
		var servers []string
		for _, s := range x.Seats {
			servers = append(servers, s.Server)
		}
		state := x.State
		if x.Was != "" {
			state += ", was " + x.Was
		}
		t.add(x.Name, state, x.Reason, since(x.Since), strings.Join(servers, ", "))
	}
	var cut []string
	for _, s := range v.Servers {
		if s.State == "cut off" {
			cut = append(cut, strings.TrimRight(s.Name+": "+s.Log.Why+", "+s.Manager.Why, ", "))
		}
	}
	if len(cut) > 0 {
		t.note = "cut off: " + strings.Join(cut, "; ")
	}
	return t
}

func (a *app) queuelogAct() *cobra.Command {
	body := map[string]any{}
	words := map[string]*string{}
	var queues []string
	var paused bool
	var penalty int
	cmd := &cobra.Command{
		Use:   "act VERB",
		Short: "Have servers of which there are queue logs do something",
		Long: "Have agents logged on or off, added to queues, removed, paused and resumed, and calls ended, sent elsewhere and\n" +
			"listened to, at the servers where that belongs, through their manager interfaces (setting exchanges.servers).\n" +
			"VERB is logon, logoff, add, remove, pause, unpause, hangup, transfer, spy, whisper or barge.\n\n" +
			"  tandem queuelog act pause --agent Agent/101 --reason lunch\n" +
			"  tandem queuelog act logon --agent Agent/101 --device Local/101@agents/n --queues sales,support\n" +
			"  tandem queuelog act transfer --call A:1795305021.0 --to 777",
		Args: cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			for name, value := range words {
				body[name] = *value
			}
			body["queues"], body["paused"], body["penalty"] = queues, paused, penalty
			failed := false
			err := ask(a, cmd, question{method: http.MethodPost, path: path("queuelog", "live", args[0]), body: body}, func(v liveAnswers) table {
				failed = v.failed()
				return v.table()
			})
			if err == nil && failed {
				err = errors.New("not every server has done it")
			}
			return err
		}),
	}
	flags := cmd.Flags()
	for name, help := range map[string]string{"agent": "by the name that reports give him", "device": "where he is rung, or from where somebody listens",
		"reason": "of a pause", "call": "SERVER:ID", "to": "number that a call is sent to", "server": "at this one alone",
		"source": "among these servers alone, as with tandem queuelog report"} {
		words[name] = flags.String(name, "", help)
	}
	flags.StringSliceVar(&queues, "queues", nil, "of these queues")
	flags.BoolVar(&paused, "paused", false, "he is added paused")
	flags.IntVar(&penalty, "penalty", 0, "with which he is added")
	return cmd
}

// liveAnswers are what servers have answered.
type liveAnswers struct {
	Answers []struct {
		Server string
		Done   bool
		Text   string
	}
}

func (v liveAnswers) failed() bool {
	for _, x := range v.Answers {
		if !x.Done {
			return true
		}
	}
	return false
}

func (v liveAnswers) table() (t table) {
	t.add("SERVER", "DONE", "ANSWER")
	for _, x := range v.Answers {
		done := "no"
		if x.Done {
			done = "yes"
		}
		t.add(x.Server, done, x.Text)
	}
	return t
}
