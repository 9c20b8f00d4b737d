package main

import (
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"tandem/actors/stat/evaluate"
)

func (a *app) statEvaluate() *cobra.Command {
	return &cobra.Command{
		Use:   "evaluate FILE.json",
		Short: "Values of statistics over facts in a file, without a member",
		Long: "Values of statistics. FILE.json, or - for the standard input, has facts, statistics and instants; its schema is in\n" +
			"the README. The same file gives the same values everywhere.",
		Args: cobra.ExactArgs(1),
		RunE: verb(func(_ *cobra.Command, args []string) error {
			text, err := a.readFile(args[0])
			if err != nil {
				return err
			}
			file, err := evaluate.Read(text)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			result, err := evaluate.Evaluate(file)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			if a.output == "json" {
				return a.showValue(result)
			}
			return valuesTable(result).write(a)
		}),
	}
}

// maxEvaluated is how long a file to evaluate is at most, in bytes.
const maxEvaluated = 1 << 30

// readFile reads a file, or the standard input.
func (a *app) readFile(name string) ([]byte, error) {
	from := a.in
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		from = file
	}
	text, err := io.ReadAll(io.LimitReader(from, maxEvaluated+1))
	if err == nil && len(text) > maxEvaluated {
		err = fmt.Errorf("%s is longer than %d bytes", name, maxEvaluated)
	}
	return text, err
}

func valuesTable(r evaluate.Result) (t table) {
	t.add("AT", "STATISTIC", "VALUE", "SINCE", "NOTE")
	for _, v := range r.Values {
		t.add(secondsText(v.At), v.ID, strconv.FormatFloat(v.Value, 'f', -1, 64), secondsText(v.Since), valueNote(v))
	}
	for _, v := range r.Finals {
		t.add(secondsText(v.At), v.ID, strconv.FormatFloat(v.Value, 'f', -1, 64), secondsText(v.Since), "end of the interval")
	}
	for id, warnings := range r.Warnings {
		for _, w := range warnings {
			t.note += id + ": " + w + "\n"
		}
	}
	return t
}

func valueNote(v evaluate.Value) string {
	switch {
	case v.Invalid:
		return "its source is lost"
	case v.Empty:
		return "of nothing"
	}
	return ""
}

func secondsText(t evaluate.Time) string { return strconv.FormatFloat(float64(t)/1000, 'f', -1, 64) }
