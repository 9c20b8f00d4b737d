package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"tandem/actors/queuelog/report"
)

func (a *app) queuelogExplain() *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   "explain PARTITION:CALL [--file PARTITION=PATH ...]",
		Short: "How the lines of a call became its stints",
		Long: "Each line of the log that had to do with a call, and what it did: lines that name another call but were taken for\n" +
			"this one, restarts that cut it, and lines that changed nothing. A call is named as reports do it, A:1700000000.7.\n" +
			"Without --file a member tells it, of what was loaded there.",
		Args: cobra.ExactArgs(1),
		RunE: verb(func(cmd *cobra.Command, args []string) error {
			if len(f.files) == 0 {
				return f.explainThere(a, cmd, args[0])
			}
			steps, err := f.explain(args[0])
			if err != nil {
				return err
			}
			if a.output == "json" {
				return a.showValue(map[string]any{"call": args[0], "steps": steps})
			}
			return stepsTable(steps).write(a)
		}),
	}
	f.register(cmd)
	return cmd
}

// explainThere has a member explain a call, of what was loaded there.
func (f *reportFlags) explainThere(a *app, cmd *cobra.Command, name string) error {
	partition, _, _ := strings.Cut(name, ":")
	c, err := a.client()
	if err == nil {
		_, err = parseSource("sql:" + partition)
	}
	if err != nil {
		return err
	}
	text, err := c.get(cmd.Context(), path("queuelog", "explain"), url.Values{"call": {name}})
	if err != nil {
		return err
	}
	if a.output == "json" {
		return a.showValue(json.RawMessage(text))
	}
	var answer struct {
		Steps []struct {
			Line       int64
			Text, What string
		}
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return err
	}
	var steps []report.Step
	for _, s := range answer.Steps {
		steps = append(steps, report.Step{Ordinal: s.Line, Text: s.Text, What: s.What})
	}
	return stepsTable(steps).write(a)
}

func (f *reportFlags) explain(name string) ([]report.Step, error) {
	partition, call, ok := strings.Cut(name, ":")
	if !ok || call == "" {
		return nil, usage("%q is no call: its partition, a colon and its id, such as A:1700000000.7", name)
	}
	source, logs, err := f.source("sql:" + partition)
	if err != nil {
		return nil, err
	}
	names, err := f.names()
	if err != nil {
		return nil, err
	}
	var files []io.Reader
	for _, path := range logs[partition] {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		files = append(files, file)
	}
	steps, err := report.Explain(source.Parts[0], source, names, call, files...)
	if err == nil && len(steps) == 0 {
		err = fmt.Errorf("no line of %s names the call %s", partition, call)
	}
	return steps, err
}

func stepsTable(steps []report.Step) (t table) {
	t.add("LINE", "TEXT", "WHAT IT DID")
	for _, s := range steps {
		ordinal := ""
		if s.Ordinal > 0 {
			ordinal = count(s.Ordinal)
		}
		t.add(ordinal, strings.TrimRight(s.Text, "\r\n"), s.What)
	}
	return t
}
