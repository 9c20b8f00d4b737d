package main

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) agentVerbs() *cobra.Command {
	return group("agent", "Agents, who serve queues", a.agentList(), a.agentShow(), a.agentAdd(), a.agentSet(),
		a.removal("an agent", "agents"), a.agentExplain(), a.agentLogin(),
		a.agentAct("logout", "Log an agent off, after his call if he has one"), a.agentPause(), a.agentResume(),
		a.agentAct("ready", "Have an agent take calls of all his queues; ends his wrap-up"),
		a.agentAct("check", "Have an agent ask whether what he is said to do is true"), a.agentJoin(), a.agentLeave())
}

// livingAgent is an agent as REST tells him.
type livingAgent struct {
	Name, Display, Account, State, Reason, Next, Queue, Caller, Number, Member string
	Since                                                                      time.Time
	LoggedOn                                                                   time.Time `json:"logged_on"`
	WrapUpUntil                                                                time.Time `json:"wrap_up_until"`
	Reachable                                                                  bool
	Devices                                                                    []string
	Outside                                                                    int
	Queues                                                                     []agentQueue
	Definition                                                                 map[string]any
	Revision                                                                   uint64
	Unheard                                                                    []string
}

type agentQueue struct {
	Queue          string
	Penalty, Calls int
	Paused         bool
	Reason         string
}

// queues are the names of his queues in one cell, those in parentheses in which he is paused.
func (g livingAgent) queues() string {
	var names []string
	for _, q := range g.Queues {
		name := q.Queue
		if q.Paused {
			name = "(" + name + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, ",")
}

func (a *app) agentList() *cobra.Command {
	var queue, state, match string
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List agents as they stand",
		Args:  cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			query := url.Values{"limit": {strconv.Itoa(limit)}}
			for key, value := range map[string]string{"queue": queue, "state": state, "match": match} {
				if value != "" {
					query.Set(key, value)
				}
			}
			return ask(a, cmd, question{path: path("agents"), query: query}, livingAgentsTable)
		}),
	}
	cmd.Flags().StringVar(&queue, "queue", "", "agents of this queue only")
	cmd.Flags().StringVar(&state, "state", "", "agents in this state only")
	cmd.Flags().StringVar(&match, "match", "", "part of the name")
	cmd.Flags().IntVar(&limit, "limit", 100, "rows at most")
	return cmd
}

func livingAgentsTable(v struct {
	Agents  []livingAgent
	More    bool
	Unheard []string // members
}) table {
	t := table{note: listNote(v.More, v.Unheard)}
	t.add("AGENT", "NAME", "STATE", "SINCE", "REASON", "REACHABLE", "QUEUES", "QUEUE", "CALLER", "MEMBER")
	for _, g := range v.Agents {
		t.add(g.Name, g.Display, g.State, clock(g.Since), g.Reason, yesNo(g.Reachable), g.queues(), g.Queue, g.Number, g.Member)
	}
	return t
}

func (a *app) agentShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Show how an agent stands, and who he is",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, question{path: path("agents", args[0])}, agentTable)
		}),
	}
}

func agentTable(g livingAgent) table {
	t := table{note: listNote(false, g.Unheard)}
	for _, row := range [][]string{
		{"agent", g.Name}, {"state", g.State}, {"since", clock(g.Since)}, {"reason", g.Reason}, {"after his call", g.Next},
		{"reachable", yesNo(g.Reachable)}, {"devices", strings.Join(g.Devices, ", ")}, {"logged on", clock(g.LoggedOn)},
		{"queue", g.Queue}, {"caller", g.Caller}, {"number", g.Number}, {"wrap-up until", clock(g.WrapUpUntil)},
		{"calls outside queues", strconv.Itoa(g.Outside)}, {"queues", g.queues()}, {"member", g.Member},
	} {
		t.add(row...)
	}
	addDefinition(&t, "", g.Definition)
	t.add("revision", strconv.FormatUint(g.Revision, 10))
	return t
}

// agentWords are the flags that say what lists of key and number say.
type agentWords struct{ queues, skills string }

func (w *agentWords) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&w.queues, "queues", "", "queues that he belongs to, with a penalty behind a colon: sales,support:2")
	cmd.Flags().StringVar(&w.skills, "skills", "", "skills with their levels: french:3,billing:1")
}

// values are what those flags say.
func (w agentWords) values(cmd *cobra.Command) (map[string]any, error) {
	more := map[string]any{}
	if cmd.Flags().Changed("queues") {
		memberships := []map[string]any{}
		err := leveled(w.queues, 0, func(name string, n int) {
			memberships = append(memberships, map[string]any{"queue": name, "penalty": n})
		})
		if err != nil {
			return nil, err
		}
		more["memberships"] = memberships
	}
	if cmd.Flags().Changed("skills") {
		skills := map[string]int{}
		if err := leveled(w.skills, 1, func(name string, n int) { skills[name] = n }); err != nil {
			return nil, err
		}
		more["skills"] = skills
	}
	return more, nil
}

// leveled reads name:number,name, where a number that is not said is otherwise.
func leveled(text string, otherwise int, f func(name string, n int)) error {
	if text == "" {
		return nil
	}
	for part := range strings.SplitSeq(text, ",") {
		name, number, said := strings.Cut(part, ":")
		n := otherwise
		if said {
			var err error
			if n, err = strconv.Atoi(number); err != nil {
				return usage("%q in %q is no number", number, part)
			}
		}
		f(name, n)
	}
	return nil
}

func (a *app) agentAdd() *cobra.Command {
	var f definitionFlags
	var w agentWords
	cmd := &cobra.Command{
		Use:   "add NAME [KEY=VALUE ...]",
		Short: "Add an agent, whose account has his name unless another one is said",
		Long: "Add an agent, whose account has his name unless another one is said. tandem agent show tells all keys.\n\n" +
			"  tandem agent add 1002 display=Ann --queues sales,support:2 --skills french:3",
		Args: cobra.MinimumNArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			more, err := w.values(cmd)
			if err != nil {
				return err
			}
			return a.make(cmd, path("agents", args[0]), args[1:], f, more)
		}),
	}
	cmd.Flags().StringVar(&f.reason, "reason", "", "why, for the history")
	w.add(cmd)
	return cmd
}

func (a *app) agentSet() *cobra.Command {
	var f definitionFlags
	var w agentWords
	cmd := &cobra.Command{
		Use:   "set NAME [KEY=VALUE ...]",
		Short: "Change who an agent is, and what he is to his queues",
		Args:  cobra.MinimumNArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			more, err := w.values(cmd)
			if err != nil {
				return err
			}
			return a.change(cmd, path("agents", args[0]), args[1:], f, more)
		}),
	}
	f.add(cmd)
	w.add(cmd)
	return cmd
}

func (a *app) agentExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain NAME",
		Short: "Tell what an agent has done lately, and why his queues give him nobody",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, question{path: path("agents", args[0], "explain")}, explanationTable)
		}),
	}
}

// tellAgent has an agent do something.
func (a *app) tellAgent(cmd *cobra.Command, name, act string, body map[string]any) error {
	return ask(a, cmd, question{method: http.MethodPost, path: path("agents", name, act), body: body}, agentTable)
}

// agentAct is a verb that needs but a name.
func (a *app) agentAct(act, short string) *cobra.Command {
	return &cobra.Command{
		Use:   act + " NAME",
		Short: short,
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return a.tellAgent(cmd, args[0], act, map[string]any{})
		}),
	}
}

func (a *app) agentLogin() *cobra.Command {
	var device string
	cmd := &cobra.Command{
		Use:   "login NAME",
		Short: "Log an agent on, at his own phone unless another one is said",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return a.tellAgent(cmd, args[0], "login", map[string]any{"device": device})
		}),
	}
	cmd.Flags().StringVar(&device, "device", "", "account at whose phones he works")
	return cmd
}

func (a *app) agentPause() *cobra.Command {
	var queue string
	cmd := &cobra.Command{
		Use:   "pause NAME [REASON]",
		Short: "Have an agent take no calls, after the one that he has",
		Args:  cobra.RangeArgs(1, 2),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			reason := strings.Join(args[1:], "")
			return a.tellAgent(cmd, args[0], "pause", map[string]any{"queue": queue, "reason": reason})
		}),
	}
	cmd.Flags().StringVar(&queue, "queue", "", "of this queue alone")
	return cmd
}

func (a *app) agentResume() *cobra.Command {
	var queue string
	cmd := &cobra.Command{
		Use:   "resume NAME",
		Short: "Have an agent take calls again",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return a.tellAgent(cmd, args[0], "resume", map[string]any{"queue": queue})
		}),
	}
	cmd.Flags().StringVar(&queue, "queue", "", "of this queue alone")
	return cmd
}

func (a *app) agentJoin() *cobra.Command {
	var penalty int
	cmd := &cobra.Command{
		Use:   "join NAME QUEUE",
		Short: "Have an agent serve a queue until he logs off; tandem agent set --queues says it for good",
		Args:  cobra.ExactArgs(2),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return a.tellAgent(cmd, args[0], "queues", map[string]any{"queue": args[1], "add": true, "penalty": penalty})
		}),
	}
	cmd.Flags().IntVar(&penalty, "penalty", 0, "how late he is rung")
	return cmd
}

func (a *app) agentLeave() *cobra.Command {
	return &cobra.Command{
		Use:   "leave NAME QUEUE",
		Short: "Have an agent serve a queue no more",
		Args:  cobra.ExactArgs(2),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return a.tellAgent(cmd, args[0], "queues", map[string]any{"queue": args[1], "remove": true})
		}),
	}
}
