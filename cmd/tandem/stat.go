package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) statVerbs() *cobra.Command {
	return group("stat", "Statistics of queues, agents, devices and groups", a.statEvaluate(), a.statExport(), a.statBackup(), a.statRestore(), a.statGet(), a.statWatch(), a.statList(),
		a.statExplain(), a.statNames(), a.statDrop(), a.statSources(),
		a.statSolutions())
}

// statRequest is a statistic as REST is asked for it.
type statRequest struct {
	Object     string `json:"object"`
	Type       string `json:"stat_type,omitempty"`
	Category   string `json:"category,omitempty"`
	Subject    string `json:"subject,omitempty"`
	Main       string `json:"main_mask,omitempty"`
	Relative   string `json:"relative_mask,omitempty"`
	Profile    string `json:"time_profile,omitempty"`
	Zone       string `json:"zone,omitempty"`
	Range      string `json:"time_range,omitempty"`
	Range2     string `json:"time_range2,omitempty"`
	Filter     string `json:"filter,omitempty"`
	Formula    string `json:"formula,omitempty"`
	Distinct   bool   `json:"distinct,omitempty"`
	Exact      bool   `json:"exact,omitempty"`
	InProgress bool   `json:"in_progress,omitempty"`
	BackFill   bool   `json:"back_fill,omitempty"`
	Solution   string `json:"solution,omitempty"`
}

// flags are those by which a request is said in full.
func (r *statRequest) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.Main, "main", "", "main mask, as in CallWait,~CallRinging or *; NAME is a category then")
	f.StringVar(&r.Relative, "relative", "", "relative mask")
	f.StringVar(&r.Subject, "subject", "", "DNAction, DNStatus, AgentStatus, PlaceStatus or GroupStatus")
	f.StringVar(&r.Profile, "profile", "", `time profile: a name, or such as "Sliding 3600,15"`)
	f.StringVar(&r.Zone, "zone", "", "time zone of a growing profile, such as Europe/Berlin")
	f.StringVar(&r.Range, "range", "", "time range in seconds: a name, or such as 0-20")
	f.StringVar(&r.Range2, "range2", "", "second time range")
	f.StringVar(&r.Filter, "filter", "", "a name, or an expression")
	f.StringVar(&r.Formula, "formula", "", `what each action is worth, as in Value("price")*2 (custom values)`)
	f.BoolVar(&r.Distinct, "distinct", false, "each call counts once")
	f.BoolVar(&r.Exact, "exact", false, "milliseconds, instead of whole seconds")
	f.BoolVar(&r.InProgress, "in-progress", false, "actions that go on count")
	f.StringVar(&r.Solution, "solution", "", "whose members compute it, by its names; else those of the member that is asked")
	f.BoolVar(&r.BackFill, "back-fill", false, "count from the journal's first fact on, not from now")
}

// named puts in what the arguments say: OBJECT, and the name of a stat type or of a category.
func (r *statRequest) named(object, name string) {
	if r.Object = object; r.Main != "" {
		r.Category = name
	} else {
		r.Type = name
	}
}

// statValue is what a statistic comes to, as REST tells it.
type statValue struct {
	ID, Object, Member, Problem string
	Value                       float64
	Empty, Whole, Valid         bool
	At, Since, Complete, Age    int64
	Warnings                    []string
}

func (a *app) statGet() *cobra.Command {
	var r statRequest
	cmd := &cobra.Command{
		Use:   "get OBJECT NAME",
		Short: "Show what a statistic comes to now",
		Long: "Show what a statistic comes to now. NAME is that of a stat type (tandem stat names lists them) or, with --main,\n" +
			"a category. The statistic is computed from then on, until nobody has asked for it for some days.\n\n" +
			"  tandem stat get Queue:sales CurrentCallsWaiting\n" +
			"  tandem stat get Queue:sales TotalNumber --main CallAbandoned --profile LastHour\n" +
			"  tandem stat get Agent:1002 TotalTime --main AfterCallWork --subject AgentStatus",
		Args: cobra.ExactArgs(2),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			r.named(args[0], args[1])
			return ask(a, cmd, question{method: http.MethodPut, path: path("stat", "statistics"), body: r}, statTable)
		}),
	}
	r.flags(cmd)
	return cmd
}

func statTable(v statValue) table {
	t := table{}
	for _, row := range [][]string{{"object", v.Object}, {"value", statNumber(v)}, {"at", clockOf(v.At)}, {"interval since", clockOf(v.Since)},
		{"complete since", clockOf(v.Complete)}, {"last fact", statAge(v.Age)}, {"valid", yes(v.Valid)}, {"statistic", v.ID}, {"member", v.Member}} {
		t.add(row...)
	}
	for _, w := range v.Warnings {
		t.note += w + "\n"
	}
	return t
}

func statNumber(v statValue) string {
	text := strconv.FormatFloat(v.Value, 'f', -1, 64)
	if !v.Whole {
		text = strconv.FormatFloat(v.Value, 'f', 3, 64)
	}
	if v.Empty {
		text += " (of nothing)"
	}
	return text
}

func statAge(ms int64) string {
	if ms < 0 {
		return "none yet"
	}
	return fmt.Sprintf("%.3f s ago", float64(ms)/1000)
}

func clockOf(ms int64) string { return time.UnixMilli(ms).Format("2006-01-02 15:04:05.000") }

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

func (a *app) statList() *cobra.Command {
	var object, match string
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the statistics that are open",
		Args:  cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			query := url.Values{"limit": {strconv.Itoa(limit)}}
			if object != "" {
				query.Set("object", object)
			}
			if match != "" {
				query.Set("match", match)
			}
			return ask(a, cmd, question{path: path("stat", "statistics"), query: query}, statsTable)
		}),
	}
	cmd.Flags().StringVar(&object, "object", "", "of this one alone, such as Queue:sales")
	cmd.Flags().StringVar(&match, "match", "", "with this word in object, definition or solution")
	cmd.Flags().IntVar(&limit, "limit", 100, "rows at most")
	return cmd
}

func statsTable(v struct {
	Statistics []struct {
		ID string
		statRequest
		Opened int64
		Owner  string
	}
	More bool
}) table {
	t := table{note: moreNote(v.More)}
	t.add("STATISTIC", "OBJECT", "CATEGORY", "SUBJECT", "MAIN MASK", "PROFILE", "FILTER", "SOLUTION", "OPENED", "MEMBER")
	for _, s := range v.Statistics {
		t.add(s.ID, s.Object, s.Category, s.Subject, s.Main, s.Profile, s.Filter, s.Solution, clockOf(s.Opened), s.Owner)
	}
	return t
}

func (a *app) statExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain STATISTIC",
		Short: "Show how the value of a statistic comes about, as JSON",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			answer, err := c.get(cmd.Context(), path("stat", "statistics", args[0], "explain"), nil)
			if err != nil {
				return err
			}
			return a.showJSON(answer)
		}),
	}
}

func (a *app) statNames() *cobra.Command {
	var solution string
	cmd := &cobra.Command{
		Use:   "names",
		Short: "List the names that requests may use: stat types, profiles, ranges, filters, categories",
		Args:  cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			query := url.Values{}
			if solution != "" {
				query.Set("solution", solution)
			}
			return ask(a, cmd, question{path: path("stat", "profile"), query: query}, statNamesTable)
		}),
	}
	cmd.Flags().StringVar(&solution, "solution", "", "of this one; else of that of the member that is asked")
	return cmd
}

func statNamesTable(v struct {
	Types    map[string]statRequest `json:"stat_types"`
	Profiles map[string]string      `json:"time_profiles"`
	Ranges   map[string]string      `json:"time_ranges"`
	Filters  map[string]string
	Names    []string `json:"categories"`
}) table {
	t := table{}
	t.add("NAME", "WHAT", "MEANS")
	for _, n := range slices.Sorted(maps.Keys(v.Types)) {
		r := v.Types[n]
		means := r.Category + " of " + r.Main
		if r.Relative != "" {
			means += " to " + r.Relative
		}
		if r.Subject != "" {
			means += ", " + r.Subject
		}
		t.add(n, "stat type", means)
	}
	for _, of := range []struct {
		what  string
		named map[string]string
	}{{"time profile", v.Profiles}, {"time range", v.Ranges}, {"filter", v.Filters}} {
		for _, n := range slices.Sorted(maps.Keys(of.named)) {
			t.add(n, of.what, of.named[n])
		}
	}
	for _, n := range v.Names {
		t.add(n, "category", "")
	}
	return t
}

func (a *app) statDrop() *cobra.Command {
	return &cobra.Command{
		Use:   "drop STATISTIC",
		Short: "End a statistic, for everybody",
		Args:  cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, question{method: http.MethodDelete, path: path("stat", "statistics", args[0])},
				func(v struct{ Removed string }) (t table) {
					t.add("removed", v.Removed)
					return t
				})
		}),
	}
}
