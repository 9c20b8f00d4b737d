package hatch

import (
	"context"
	"slices"

	"tandem/web"
)

// queues and agents have methods of the same names as the books of the desk, so that they are types of their own.
type queues struct{ *office }

func (q queues) Queues(_ context.Context, query web.QueueQuery) (out []web.Queue, _ error) {
	for _, name := range []string{"sales", "support"} {
		if query.Name == "" || query.Name == name {
			row := web.Queue{Name: name, Numbers: []string{"2000"}, Strategy: "leastrecent", Hold: 7, ServiceLevel: 20, Answered: 4, InTime: 3}
			if name == "sales" {
				row.Waiting = 1
			}
			out = append(out, row)
		}
	}
	return out, nil
}

type agents struct{ *office }

func (a agents) Agents(_ context.Context, query web.AgentQuery) ([]web.Agent, error) {
	a.asked++
	return slices.DeleteFunc(a.AgentsOf(query.Name), func(one web.Agent) bool {
		return query.Names != nil && !slices.Contains(query.Names, one.Name)
	}), nil
}
