package main

import (
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

// statSource is how a source stands, as REST tells it.
type statSource struct {
	Name, State, Holder, Address       string
	Next, Lines, Duplicates, Malformed uint64
	Skewed                             uint64
	Lag                                float64
	Heard                              time.Time
	Connected                          bool
	Objects, Calls                     int
}

func (a *app) statSources() *cobra.Command {
	return &cobra.Command{
		Use:   "sources",
		Short: "List switches outside that tell what happens there: state, holder, next line, lag",
		Args:  cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			return ask(a, cmd, question{path: path("stat", "sources")}, statSourcesTable)
		}),
	}
}

func statSourcesTable(v struct{ Sources []statSource }) table {
	t := table{}
	t.add("SOURCE", "STATE", "HOLDER", "LAST", "LAG", "HEARD", "LINES", "DUPLICATES", "MALFORMED", "SKEWED", "OBJECTS", "CALLS", "FROM")
	count := func(n uint64) string { return strconv.FormatUint(n, 10) }
	for _, s := range v.Sources {
		heard, lag, last := "-", "-", "-"
		if !s.Heard.IsZero() {
			heard = clockOf(s.Heard.UnixMilli())
		}
		if s.Lines > 0 {
			lag = strconv.FormatFloat(s.Lag, 'f', 3, 64) + " s"
		}
		if s.Next > 1 {
			last = count(s.Next - 1)
		}
		t.add(s.Name, s.State, s.Holder, last, lag, heard, count(s.Lines), count(s.Duplicates), count(s.Malformed), count(s.Skewed),
			strconv.Itoa(s.Objects), strconv.Itoa(s.Calls), s.Address)
	}
	return t
}
