package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"tandem/actors/queuelog/report"
)

func (a *app) queuelogExplain() *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   "explain PARTITION:CALL --file PARTITION=PATH ...",
		Short: "How the lines of a call became its stints",
		Long: "Each line of the log that had to do with a call, and what it did: lines that name another call but were taken for\n" +
			"this one, restarts that cut it, and lines that changed nothing. A call is named as reports do it, A:1700000000.7.",
		Args: cobra.ExactArgs(1),
		RunE: verb(func(_ *cobra.Command, args []string) error {
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
