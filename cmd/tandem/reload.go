package main

import (
	"net/http"

	"github.com/spf13/cobra"
)

func (a *app) reloadVerb() *cobra.Command {
	return &cobra.Command{
		Use:   "reload",
		Short: "Let the member read its settings again, and say what changed and when it acts",
		Args:  cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			return ask(a, cmd, question{method: http.MethodPost, path: path("config", "reload")}, changesTable)
		}),
	}
}

type changes struct {
	Changes []struct{ Key, Old, New, Effect string }
}

func changesTable(v changes) table {
	var t table
	if len(v.Changes) == 0 {
		t.add("nothing changed")
		return t
	}
	t.add("SETTING", "OLD", "NEW", "ACTS")
	for _, c := range v.Changes {
		t.add(c.Key, c.Old, c.New, c.Effect)
	}
	return t
}
