package main

import (
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) statSolutions() *cobra.Command {
	return &cobra.Command{
		Use:   "solutions",
		Short: "List parts of the members that compute statistics apart, and who belongs to them",
		Args:  cobra.NoArgs,
		RunE: verb(func(cmd *cobra.Command, _ []string) error {
			return ask(a, cmd, question{path: path("stat", "solutions")}, statSolutionsTable)
		}),
	}
}

func statSolutionsTable(v struct {
	Solutions []struct {
		Name           string
		Own            bool
		Named, Members []string
	}
}) table {
	t := table{}
	t.add("SOLUTION", "MEMBERS THERE", "MEMBERS NAMED", "ASKED MEMBER")
	for _, s := range v.Solutions {
		named := strings.Join(s.Named, " ")
		if named == "" {
			named = "any"
		}
		t.add(s.Name, strings.Join(s.Members, " "), named, yes(s.Own))
	}
	return t
}
