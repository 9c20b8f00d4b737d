package main

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) queueVerbs() *cobra.Command {
	return group("queue", "Queues of call centres, and who waits in them", a.queueList(), a.queueShow(), a.queueAdd(), a.queueSet(),
		a.removal("a queue: its agents belong to it no more", "queues"), a.queueCallers(), a.queueExplain(), a.queueWithdraw(),
		a.queueMove(), a.queuePromote(), a.queueSend())
}

// livingQueue is a queue as REST tells it.
type livingQueue struct {
	Name, Display, Strategy, State, Member  string
	Numbers                                 []string
	ServiceLevel                            float64 `json:"service_level"`
	Target, Waiting, Callbacks              int
	Longest, Hold, Talk                     float64
	Agents, Ready, Ringing, Talking, Paused int
	LoggedOn                                int `json:"logged_on"`
	WrapUp                                  int `json:"wrap_up"`
	Answered, Completed, Abandoned, Refused int
	InTime                                  int `json:"answered_in_time"`
	Definition                              map[string]any
	Revision                                uint64
	Unheard                                 []string
}

func (a *app) queueList() *cobra.Command {
	var match string
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List queues as they stand",
		Args:  cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			query := url.Values{"limit": {strconv.Itoa(limit)}}
			if match != "" {
				query.Set("match", match)
			}
			return ask(a, cmd, question{path: path("queues"), query: query}, livingQueuesTable)
		}),
	}
	cmd.Flags().StringVar(&match, "match", "", "part of the name")
	cmd.Flags().IntVar(&limit, "limit", 100, "rows at most")
	return cmd
}

func livingQueuesTable(v struct {
	Queues  []livingQueue
	More    bool
	Unheard []string // members
}) table {
	t := table{note: listNote(v.More, v.Unheard)}
	t.add("QUEUE", "STATE", "WAITING", "LONGEST", "READY", "TALKING", "WRAP-UP", "PAUSED", "LOGGED ON", "ANSWERED", "IN TIME", "LOST", "MEMBER")
	for _, q := range v.Queues {
		t.add(q.Name, q.State, strconv.Itoa(q.Waiting), seconds(q.Longest), strconv.Itoa(q.Ready), strconv.Itoa(q.Talking),
			strconv.Itoa(q.WrapUp), strconv.Itoa(q.Paused), strconv.Itoa(q.LoggedOn), strconv.Itoa(q.Answered), strconv.Itoa(q.InTime),
			strconv.Itoa(q.Abandoned), q.Member)
	}
	return t
}

func (a *app) queueShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Show how a queue stands, and what it is like",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, question{path: path("queues", args[0])}, queueTable)
		}),
	}
}

func queueTable(q livingQueue) table {
	t := table{note: listNote(false, q.Unheard)}
	for _, row := range [][]string{
		{"queue", q.Name}, {"state", q.State}, {"waiting", strconv.Itoa(q.Waiting)}, {"to be called back", strconv.Itoa(q.Callbacks)},
		{"longest wait", seconds(q.Longest)}, {"ready", strconv.Itoa(q.Ready)}, {"ringing", strconv.Itoa(q.Ringing)},
		{"talking", strconv.Itoa(q.Talking)}, {"wrap-up", strconv.Itoa(q.WrapUp)}, {"paused", strconv.Itoa(q.Paused)},
		{"logged on", strconv.Itoa(q.LoggedOn) + " of " + strconv.Itoa(q.Agents)}, {"answered", strconv.Itoa(q.Answered)},
		{"  in time", strconv.Itoa(q.InTime)}, {"lost", strconv.Itoa(q.Abandoned)}, {"refused", strconv.Itoa(q.Refused)},
		{"mean wait", seconds(q.Hold)}, {"mean talk", seconds(q.Talk)}, {"member", q.Member},
	} {
		t.add(row...)
	}
	addDefinition(&t, "", q.Definition)
	t.add("revision", strconv.FormatUint(q.Revision, 10))
	return t
}

func (a *app) queueAdd() *cobra.Command {
	var f definitionFlags
	cmd := &cobra.Command{
		Use:   "add NAME [KEY=VALUE ...]",
		Short: "Add a queue",
		Long: "Add a queue. What is not said stands at its default; tandem queue show tells all keys.\n\n" +
			"  tandem queue add sales numbers=2000 strategy=leastrecent wrapuptime=30s",
		Args: cobra.MinimumNArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return a.make(cmd, path("queues", args[0]), args[1:], f, nil)
		}),
	}
	cmd.Flags().StringVar(&f.reason, "reason", "", "why, for the history")
	return cmd
}

func (a *app) queueSet() *cobra.Command {
	var f definitionFlags
	cmd := &cobra.Command{
		Use:   "set NAME KEY=VALUE ...",
		Short: "Change what a queue is like",
		Long: "Change what a queue is like. A list is words with commas between them, or JSON; a part of an object has\n" +
			"a dot: overflow.queue=support. tandem queue show tells all keys.",
		Args: cobra.MinimumNArgs(2),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return a.change(cmd, path("queues", args[0]), args[1:], f, nil)
		}),
	}
	f.add(cmd)
	return cmd
}

func (a *app) queueCallers() *cobra.Command {
	var limit, after int
	cmd := &cobra.Command{
		Use:   "callers NAME",
		Short: "List who is in a queue, in line first",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, question{path: path("queues", args[0], "callers"), query: url.Values{"limit": {strconv.Itoa(limit)}, "after": {strconv.Itoa(after)}}}, callersTable)
		}),
	}
	cmd.Flags().IntVar(&limit, "limit", 100, "rows at most")
	cmd.Flags().IntVar(&after, "after", 0, "the position behind which they are in line")
	return cmd
}

func callersTable(v struct {
	Callers []struct {
		Caller, Number, Name, State string
		Position, Priority          int
		Waited                      float64
		Agents                      []string
	}
	More bool
}) table {
	t := table{note: moreNote(v.More)}
	t.add("POSITION", "CALLER", "NUMBER", "NAME", "PRIORITY", "STATE", "WAITED", "AGENTS")
	for _, c := range v.Callers {
		position := ""
		if c.Position > 0 {
			position = strconv.Itoa(c.Position)
		}
		t.add(position, c.Caller, c.Number, c.Name, strconv.Itoa(c.Priority), c.State, seconds(c.Waited), strings.Join(c.Agents, ","))
	}
	return t
}

// explanation is why somebody waits, as REST tells it.
type explanation struct {
	Waits   []struct{ Agent, Queue, Why string }
	History []struct {
		At                                  time.Time
		What, Queue, Agent, Caller, Because string
		Reasons                             []struct{ Agent, Why string }
	}
}

func explanationTable(x explanation) table {
	var t table
	t.add("WHEN", "WHAT", "QUEUE", "AGENT", "CALLER", "WHY")
	for _, e := range x.History {
		t.add(clock(e.At), e.What, e.Queue, e.Agent, e.Caller, e.Because)
		for _, r := range e.Reasons {
			t.add("", "", "", r.Agent, "", r.Why)
		}
	}
	for _, w := range x.Waits {
		t.add("now", "waits", w.Queue, w.Agent, "", w.Why)
	}
	return t
}

func (a *app) queueExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain NAME CALLER",
		Short: "Tell what has happened to a caller, and why it still waits",
		Args:  cobra.ExactArgs(2),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, question{path: path("queues", args[0], "callers", args[1])}, explanationTable)
		}),
	}
}

// actOnCaller tells a caller's queue to do something with it.
func (a *app) actOnCaller(cmd *cobra.Command, queue, caller, act string, body map[string]any) error {
	return ask(a, cmd, question{method: http.MethodPost, path: path("queues", queue, "callers", caller, act), body: body},
		func(v struct{ Told string }) (t table) {
			t.add("told", v.Told)
			return t
		})
}

func (a *app) queueWithdraw() *cobra.Command {
	var text string
	cmd := &cobra.Command{
		Use:   "withdraw NAME CALLER",
		Short: "Take a caller out of line",
		Args:  cobra.ExactArgs(2),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return a.actOnCaller(cmd, args[0], args[1], "withdraw", map[string]any{"text": text})
		}),
	}
	cmd.Flags().StringVar(&text, "text", "", "why, for the queue_log")
	return cmd
}

func (a *app) queueMove() *cobra.Command {
	return &cobra.Command{
		Use:   "move NAME CALLER POSITION",
		Short: "Put a caller at a position, from 1",
		Args:  cobra.ExactArgs(3),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			n, err := strconv.Atoi(args[2])
			if err != nil {
				return usage("position %q is no number", args[2])
			}
			return a.actOnCaller(cmd, args[0], args[1], "move", map[string]any{"position": n})
		}),
	}
}

func (a *app) queuePromote() *cobra.Command {
	return &cobra.Command{
		Use:   "promote NAME CALLER PRIORITY",
		Short: "Give a caller another priority: the higher one goes first",
		Args:  cobra.ExactArgs(3),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			n, err := strconv.Atoi(args[2])
			if err != nil {
				return usage("priority %q is no number", args[2])
			}
			return a.actOnCaller(cmd, args[0], args[1], "promote", map[string]any{"priority": n})
		}),
	}
}

func (a *app) queueSend() *cobra.Command {
	return &cobra.Command{
		Use:   "send NAME CALLER QUEUE",
		Short: "Send a caller to another queue, with the time that it has waited",
		Args:  cobra.ExactArgs(3),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return a.actOnCaller(cmd, args[0], args[1], "send", map[string]any{"to": args[2]})
		}),
	}
}
