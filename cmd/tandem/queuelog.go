package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"tandem/actors/queuelog/block"
	"tandem/actors/queuelog/report"
)

func (a *app) queuelogVerbs() *cobra.Command {
	return group("queuelog", "Queue logs of one server or many", a.queuelogReport(), a.queuelogLoad(), a.queuelogTail(), a.queuelogImport(), a.queuelogBlocks(), a.queuelogExplain(),
		a.queuelogLive(), a.queuelogAct())
}

// reportFlags say of what a report is made.
type reportFlags struct {
	files, aliases, blocks []string
	strip, keepLocal       bool
	out                    string
	asked                  map[string]*[]string // fields of the question, by their names
	whole, joined          bool
}

// askFlags are the flags that are fields of a question.
var askFlags = []struct{ name, help string }{
	{"within", "service level: answered up to then counts as in time (default 20s)"},
	{"from", "what touches the time from then on: 2026-01-31 or 2026-01-31T14:00[:05]"},
	{"to", "what begins before then"},
	{"zone", "time zone of --from, --to and of all days and hours, such as Europe/Berlin (default UTC)"},
	{"queues", "these queues alone"},
	{"agents", "these agents alone, by the names that the report gives them"},
	{"servers", "calls and sessions of these partitions alone"},
	{"direction", "in, out or both (default in); blocks that tell directions apart have both"},
	{"slot", "length of the slots of a day, 15m (default 1h)"},
	{"where", "calls like this alone, as the JSON says behind a number: state=lost&queue=sales"},
	{"composite", "a name for several queues, front=sales|support; --queues front then has them as one"},
	{"group", "a group of agents, day=Agent/101|Agent/102"},
	{"location", "where agents work, Bern=Agent/101|Agent/102"},
	{"level", "level of agents, Main=Agent/101|Agent/102"},
	{"short-wait", "lost calls that waited less are left out"},
	{"short-talk", "answered calls that talked less are left out"},
	{"short-attempt", "attempts in vain that rang less are left out"},
	{"effective", "conversations from then on are effective"},
	{"steps", "rows of service level: 5,20,10,120 is every 5 s up to 20, then every 10 up to 120"},
	{"area", "digits of a caller's number that tell his area (default 3)"},
	{"billable", "reasons of pauses that are working time"},
	{"payable", "reasons of pauses that are paid"},
	{"sales", "outcomes that are sales"},
	{"contacts", "outcomes that are contacts"},
	{"qualified", "outcomes that are qualified contacts"},
	{"rows", "most rows of a block (default 10000)"},
}

func (a *app) queuelogReport() *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:         "report SOURCE [--file PARTITION=PATH ...]",
		Short:       "Figures of queues and agents over the queue logs of many servers",
		Annotations: map[string]string{moreOutputs: "csv xlsx"},
		Long: "Figures of queues and agents, or with --block the named tables of a report (tandem queuelog blocks).\n" +
			"SOURCE says which partitions are read as one: sql:A, cluster:A|B|C, cluster:A|B-|C- (agents' sessions and\n" +
			"pauses of A alone), clustrw:A|B|C (agents named by partition), cluster:* (all). Rotated pieces of a partition\n" +
			"are given in order, oldest first; they may be squeezed by gzip. Without --file a member makes the report, of what was\n" +
			"loaded there. Output as csv or xlsx needs --block.",
		Args: cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			if len(f.blocks) > 0 {
				return f.showBlocks(a, cmd, args[0])
			}
			if a.output == "csv" || a.output == "xlsx" {
				return usage("--output %s writes blocks: name them with --block", a.output)
			}
			if len(f.files) == 0 {
				var figures report.Figures
				if err := f.askMember(a, cmd, path("queuelog", "report"), args[0], &figures); err != nil {
					return err
				}
				return showFigures(a, figures)
			}
			figures, err := f.figures(args[0])
			if err != nil {
				return err
			}
			return showFigures(a, figures)
		}),
	}
	f.register(cmd)
	flags := cmd.Flags()
	flags.StringSliceVar(&f.blocks, "block", nil, "this table, such as OkDO.RiassAllCalls; may be repeated")
	flags.StringVar(&f.out, "out", "", "write to this file")
	flags.BoolVar(&f.whole, "whole", false, "calls alone that begin and end in the time of --from and --to")
	flags.BoolVar(&f.joined, "joined", false, "what a caller did in several queues is one call")
	f.asked = map[string]*[]string{}
	for _, x := range askFlags {
		values := &[]string{}
		f.asked[strings.ReplaceAll(x.name, "-", "_")] = values
		if x.name == "queues" || x.name == "agents" || x.name == "servers" {
			flags.StringSliceVar(values, x.name, nil, x.help)
			continue
		}
		flags.StringArrayVar(values, x.name, nil, x.help)
	}
	return cmd
}

// showFigures prints figures.
func showFigures(a *app, figures report.Figures) error {
	if a.output == "json" {
		return a.showValue(figures)
	}
	if err := queuesTable(figures).write(a); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(a.out)
	return agentsTable(figures).write(a)
}

// askMember has a member answer, of what was loaded there.
func (f *reportFlags) askMember(a *app, cmd *cobra.Command, path, spec string, into any) error {
	if _, err := parseSource(spec); err != nil {
		return err
	}
	if f.strip || f.keepLocal || len(f.aliases) > 0 {
		return usage("--alias, --strip-channels and --keep-local go with --file: a member makes names as its settings say")
	}
	c, err := a.client()
	if err != nil {
		return err
	}
	q := url.Values{"source": {spec}, "whole": {strconv.FormatBool(f.whole)}, "joined": {strconv.FormatBool(f.joined)}}
	if len(f.blocks) > 0 {
		q["block"] = f.blocks
	}
	for name, given := range f.asked {
		if len(*given) > 0 {
			q[name] = *given
		}
	}
	text, err := c.get(cmd.Context(), path, q)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// register adds the flags that say what is read.
func (f *reportFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.files, "file", nil, "a partition and its log, A=PATH; may be repeated")
	flags.StringArrayVar(&f.aliases, "alias", nil, "an interface and whose it is, SIP/204=Agent/101; may be repeated")
	flags.BoolVar(&f.strip, "strip-channels", false, "SIP/101-8f2c is SIP/101: servers before 1.4 wrote channels for agents")
	flags.BoolVar(&f.keepLocal, "keep-local", false, "Local/101@agents stays what it is, and is not Agent/101")
}

// ask reads the question.
func (f *reportFlags) ask() (block.Ask, error) {
	values := map[string][]string{}
	for name, given := range f.asked {
		values[name] = *given
	}
	ask, err := block.Parse(values)
	var wrong *block.FieldError
	if errors.As(err, &wrong) {
		return ask, usage("--%s %q %s", strings.ReplaceAll(wrong.Field, "_", "-"), wrong.Value, wrong.What)
	}
	ask.Whole, ask.Joined = f.whole, f.joined
	return ask, err
}

// figures reads the files and makes the report.
func (f *reportFlags) figures(spec string) (none report.Figures, err error) {
	ask, err := f.ask()
	if err != nil {
		return none, err
	}
	summary := report.NewSummary(ask.Source())
	reads, err := f.read(spec, summary)
	if err != nil {
		return none, err
	}
	return summary.Figures(spec, reads...), nil
}

// read folds the files of a source.
func (f *reportFlags) read(spec string, sink report.Sink) (reads []report.Read, err error) {
	source, logs, err := f.source(spec)
	if err != nil {
		return nil, err
	}
	names, err := f.names()
	if err != nil {
		return nil, err
	}
	for _, p := range source.Parts {
		fold := report.NewFold(p, source, names, sink)
		for _, path := range logs[p.Name] {
			if err := foldFile(fold, path); err != nil {
				return nil, err
			}
		}
		fold.Open(sink)
		reads = append(reads, fold.Read())
	}
	return reads, nil
}

// parseSource reads a source expression, and shows where it is wrong.
func parseSource(spec string) (report.Source, error) {
	s, err := report.ParseSource(spec)
	var where *report.SourceError
	if errors.As(err, &where) {
		return s, usage("%s\n%s^\n%v", spec, strings.Repeat(" ", where.At), err)
	}
	return s, err
}

// source reads a source expression, and finds the files of its partitions.
func (f *reportFlags) source(spec string) (s report.Source, logs map[string][]string, err error) {
	if s, err = parseSource(spec); err != nil {
		return s, nil, err
	}
	if logs, err = pairs("--file", f.files); err != nil {
		return s, nil, err
	}
	s = s.Expand(slices.Sorted(maps.Keys(logs)))
	for _, p := range s.Parts {
		if len(logs[p.Name]) == 0 {
			return s, nil, usage("no file is given for the partition %s: --file %s=PATH", p.Name, p.Name)
		}
	}
	return s, logs, nil
}

func (f *reportFlags) names() (n report.Names, err error) {
	aliases, err := pairs("--alias", f.aliases)
	n = report.Names{KeepLocal: f.keepLocal, Strip: f.strip, Aliases: map[string]string{}}
	for device, who := range aliases {
		n.Aliases[device] = who[len(who)-1]
	}
	return n, err
}

func foldFile(fold *report.Fold, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if err := fold.File(file); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// pairs reads flags of the form NAME=VALUE; a name may come several times.
func pairs(flag string, all []string) (map[string][]string, error) {
	read := map[string][]string{}
	for _, text := range all {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" || value == "" {
			return nil, usage("%s %q: a name, '=' and a value are wanted", flag, text)
		}
		read[name] = append(read[name], value)
	}
	return read, nil
}

func queuesTable(f report.Figures) (t table) {
	t.add("QUEUE", "OFFERED", "ANSWERED", "LOST", "WAITING", "TALKING", "AVG WAIT", "MAX WAIT", "AVG LOST", "SLA %", "OF OFFERED %", "AVG TALK")
	row := func(name string, q report.Queue) {
		t.add(name, count(q.Offered), count(q.Answered), count(q.Lost), count(q.Waiting), count(q.Talking), figure(q.AvgAnswered),
			whole(q.MaxAnswered), figure(q.AvgLost), figure(q.SLAAnswered), figure(q.SLAOffered), figure(q.AvgTalk))
	}
	for _, name := range slices.Sorted(maps.Keys(f.Queues)) {
		row(name, f.Queues[name])
	}
	row("all", f.All)
	if f.Malformed > 0 {
		t.note = fmt.Sprintf("%d lines can not be read", f.Malformed)
	}
	return t
}

func agentsTable(f report.Figures) (t table) {
	t.add("AGENT", "CALLS", "TALK", "OUT", "TALK OUT", "SESSIONS", "TIME", "PAUSES", "TIME", "IN VAIN")
	for _, name := range slices.Sorted(maps.Keys(f.Agents)) {
		a := f.Agents[name]
		t.add(name, count(a.CallsIn), length(a.TalkIn), count(a.CallsOut), length(a.TalkOut), strconv.Itoa(a.Sessions), length(a.SessionTime),
			strconv.Itoa(a.Pauses), length(a.PauseTime), count(a.Attempts["lost"][0]))
	}
	return t
}

func count(n int64) string { return strconv.FormatInt(n, 10) }

// figure is a figure that may be of nothing, which is a dash.
func figure(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

func whole(v *int64) string {
	if v == nil {
		return ""
	}
	return count(*v)
}

// length is a number of seconds as hours, minutes and seconds.
func length(s int64) string { return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60) }
