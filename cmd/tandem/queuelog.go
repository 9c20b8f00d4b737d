package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tandem/actors/queuelog/report"
)

func (a *app) queuelogVerbs() *cobra.Command {
	return group("queuelog", "Queue logs of one server or many", a.queuelogReport())
}

// reportFlags say of what a report is made.
type reportFlags struct {
	files, queues, agents, aliases []string
	within                         time.Duration
	from, to, zone                 string
	whole, strip, keepLocal        bool
}

func (a *app) queuelogReport() *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   "report SOURCE --file PARTITION=PATH ...",
		Short: "Figures of queues and agents over the queue logs of many servers",
		Long: "Figures of queues and agents. SOURCE says which partitions are read as one: sql:A, cluster:A|B|C,\n" +
			"cluster:A|B-|C- (agents' sessions and pauses of A alone), clustrw:A|B|C (agents named by partition),\n" +
			"cluster:* (all). Rotated pieces of a partition are given in order, oldest first; they may be squeezed by gzip.",
		Args: cobra.ExactArgs(1),
		RunE: verb(func(_ *cobra.Command, args []string) error {
			figures, err := f.figures(args[0])
			if err != nil {
				return err
			}
			if a.output == "json" {
				return a.showValue(figures)
			}
			if err := queuesTable(figures).write(a); err != nil {
				return err
			}
			_, _ = fmt.Fprintln(a.out)
			return agentsTable(figures).write(a)
		}),
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.files, "file", nil, "a partition and its log, A=PATH; may be repeated")
	flags.DurationVar(&f.within, "within", 20*time.Second, "service level: answered up to then counts as in time")
	flags.StringVar(&f.from, "from", "", "what touches the time from then on: 2026-01-31 or 2026-01-31T14:00[:05]")
	flags.StringVar(&f.to, "to", "", "what begins before then")
	flags.StringVar(&f.zone, "zone", "UTC", "time zone of --from and --to, such as Europe/Berlin")
	flags.BoolVar(&f.whole, "whole", false, "calls alone that begin and end in that time")
	flags.StringSliceVar(&f.queues, "queues", nil, "these queues alone")
	flags.StringSliceVar(&f.agents, "agents", nil, "these agents alone, by the names that the report gives them")
	flags.StringArrayVar(&f.aliases, "alias", nil, "an interface and whose it is, SIP/204=Agent/101; may be repeated")
	flags.BoolVar(&f.strip, "strip-channels", false, "SIP/101-8f2c is SIP/101: servers before 1.4 wrote channels for agents")
	flags.BoolVar(&f.keepLocal, "keep-local", false, "Local/101@agents stays what it is, and is not Agent/101")
	return cmd
}

// figures reads the files and makes the report.
func (f *reportFlags) figures(spec string) (none report.Figures, err error) {
	source, err := report.ParseSource(spec)
	var where *report.SourceError
	if errors.As(err, &where) {
		return none, usage("%s\n%s^\n%v", spec, strings.Repeat(" ", where.At), err)
	}
	logs, err := pairs("--file", f.files)
	if err != nil {
		return none, err
	}
	ask, err := f.ask()
	if err != nil {
		return none, err
	}
	aliases, err := pairs("--alias", f.aliases)
	if err != nil {
		return none, err
	}
	names := report.Names{KeepLocal: f.keepLocal, Strip: f.strip, Aliases: map[string]string{}}
	for device, who := range aliases {
		names.Aliases[device] = who[len(who)-1]
	}
	source = source.Expand(slices.Sorted(maps.Keys(logs)))
	summary := report.NewSummary(ask)
	var reads []report.Read
	for _, p := range source.Parts {
		if len(logs[p.Name]) == 0 {
			return none, usage("no file is given for the partition %s: --file %s=PATH", p.Name, p.Name)
		}
		fold := report.NewFold(p, source, names, summary)
		for _, path := range logs[p.Name] {
			if err := foldFile(fold, path); err != nil {
				return none, err
			}
		}
		fold.Open(summary)
		reads = append(reads, fold.Read())
	}
	return summary.Figures(spec, reads...), nil
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

// ask is the part of the logs that is asked for.
func (f *reportFlags) ask() (q report.Ask, err error) {
	zone, err := time.LoadLocation(f.zone)
	if err != nil {
		return q, usage("--zone %q is no time zone: UTC, or a place such as Europe/Berlin", f.zone)
	}
	q = report.Ask{Within: int64(f.within / time.Second), Whole: f.whole, Queues: f.queues, Agents: f.agents}
	if q.From, err = moment("--from", f.from, zone); err != nil {
		return q, err
	}
	q.To, err = moment("--to", f.to, zone)
	return q, err
}

// moment reads a day or a time of a day; 0: none is given.
func moment(flag, text string, zone *time.Location) (int64, error) {
	if text == "" {
		return 0, nil
	}
	for _, form := range []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if at, err := time.ParseInLocation(form, text, zone); err == nil {
			return at.Unix(), nil
		}
	}
	return 0, usage("%s %q is no time: 2026-01-31, 2026-01-31T14:00 or 2026-01-31T14:00:05", flag, text)
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
