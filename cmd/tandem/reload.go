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
			c, err := a.client()
			if err != nil {
				return err
			}
			answer, err := c.call(cmd.Context(), http.MethodPost, path("config", "reload"), nil, nil)
			if err != nil {
				return err
			}
			return show(a, answer, changesTable)
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
