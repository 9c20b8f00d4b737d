package main

import (
	"encoding/json"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) healthVerb() *cobra.Command {
	return &cobra.Command{
		Use:   "health",
		Short: "Say whether the member can do its work; fails when it cannot",
		Args:  cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			answer, err := c.get(cmd.Context(), path("health"), nil)
			if err != nil {
				return err
			}
			if err := show(a, answer, conditionTable); err != nil {
				return err
			}
			var found condition
			if json.Unmarshal(answer, &found) != nil || !found.Ready {
				return errReported
			}
			return nil
		}),
	}
}

type condition struct {
	Member, Version string
	Started         time.Time
	Ready, Draining bool
	Checks          []struct {
		Name    string
		OK      bool
		Message string
	}
}

func conditionTable(c condition) table {
	state := "not ready"
	switch {
	case c.Draining:
		state = "draining"
	case c.Ready:
		state = "ready"
	}
	var t table
	t.add("member", c.Member, state)
	t.add("version", c.Version, "")
	t.add("started", clock(c.Started), "")
	for _, check := range c.Checks {
		word := "ok"
		if !check.OK {
			word = "FAILED"
		}
		t.add(check.Name, word, check.Message)
	}
	for i, row := range t.rows {
		if row[2] == "" {
			t.rows[i] = row[:2]
		}
	}
	return t
}
