package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"tandem/web/screen"
)

// centre is the call centre as the reader of a page may see it: his queues, who is in them and who serves them.
type centre struct {
	only    string // queue of a page about one
	now     time.Time
	queues  []Queue
	agents  []Agent
	callers []waiter
	missing *Unheard // members that did not answer
	silent  []string // queues whose owner did not say who is in them
}

// waiter is a caller with the moment since when it waits: the page counts from there.
type waiter struct {
	Caller
	since time.Time
}

// askersAtOnce bounds how many queues are asked at a time who is in them.
const askersAtOnce = 8

// callerTalking is the state of a caller who has left the line for an agent.
const callerTalking = "talking"

// lookAtCentre reads all queues that the asker may see, or only one.
func (s *Server) lookAtCentre(ctx context.Context, only string) (c centre, err error) {
	by := askerOf(ctx)
	ctx, c.missing = ListenFor(ctx)
	c.only = only
	if c.queues, err = s.services.Queues.Queues(ctx, QueueQuery{By: by, Name: only, Limit: maxLimit}); err != nil {
		return c, err
	}
	if only != "" && len(c.queues) == 0 {
		return c, NotFound("there is no queue %q", clip(only, 80))
	}
	if c.agents, err = s.services.Agents.Agents(ctx, AgentQuery{By: by, Queue: only, Limit: maxLimit}); err != nil {
		return c, err
	}
	s.lookAtCallers(ctx, by, &c)
	c.now = s.now()
	return c, nil
}

// lookAtCallers asks the owners of those queues in which somebody is. One that does not answer costs only its own rows.
func (s *Server) lookAtCallers(ctx context.Context, by Asker, c *centre) {
	var wait sync.WaitGroup
	var mu sync.Mutex
	slots := make(chan struct{}, askersAtOnce)
	for _, q := range c.queues {
		if q.Member == "" || q.Waiting == 0 && (c.only == "" || q.Talking == 0) {
			continue
		}
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			found, err := s.services.Queues.Callers(ctx, CallerQuery{By: by, Queue: q.Name, Limit: maxLimit})
			now := s.now()
			mu.Lock()
			defer mu.Unlock()
			var told *Error
			if err != nil && !(errors.As(err, &told) && told.Status == http.StatusNotFound) { // he may only see the queue, not who is in it
				c.silent = append(c.silent, q.Name)
			}
			for _, x := range found {
				c.callers = append(c.callers, waiter{x, now.Add(-x.Waited.Duration()).Round(time.Second)})
			}
		})
	}
	wait.Wait()
	slices.Sort(c.silent)
	slices.SortFunc(c.callers, func(a, b waiter) int {
		return strings.Compare(a.Queue+" "+a.Caller.Caller, b.Queue+" "+b.Caller.Caller)
	})
}

// silence tells of which queues nothing is known about their callers.
func (c centre) silence() []screen.Remark {
	if len(c.silent) == 0 {
		return nil
	}
	return []screen.Remark{{State: screen.StateOf("age", "cut").With("Not known"),
		Text: "The owner of " + strings.Join(c.silent, ", ") + " did not say who waits there."}}
}

// who is how a caller is called: by its number, with its name if it has one.
func (c Caller) who() string {
	number := orElse(c.Number, "anonymous")
	if c.Name == "" || c.Name == c.Number {
		return number
	}
	return number + " " + c.Name
}

// cell leads to the page of the caller.
func (c Caller) cell() screen.Cell {
	cell := screen.Link(c.who(), callerPath(c.Queue, c.Caller))
	cell.Whole = c.who()
	if c.Callback {
		cell.Tags = []screen.Tag{{Word: "callback", Title: "It has hung up and is called back when its turn comes"}}
	}
	return cell
}

func (c Caller) position() screen.Cell {
	if c.Position == 0 {
		return screen.Unknown()
	}
	return screen.Number(uint64(c.Position))
}

// shown is the state of an agent as pages show it: one who is ready, while no device of his is there, is unreachable.
func (a Agent) shown() string {
	if a.State == "ready" && !a.Reachable {
		return "unreachable"
	}
	return a.State
}

func (a Agent) mark() screen.State { return screen.StateOf("agent", a.shown()) }

// about is what a tile says of an agent beside his state.
func (a Agent) about() screen.Cell {
	switch {
	case a.State == "paused" && a.Reason != "":
		return screen.Text(a.Reason)
	case a.Queue != "":
		return screen.Text(a.Queue)
	}
	return screen.Text(strings.Join(a.queueNames(), ", "))
}

func (a Agent) queueNames() (names []string) {
	for _, q := range a.Queues {
		names = append(names, q.Queue)
	}
	return names
}

func (a Agent) belongs(queue string) bool { return slices.Contains(a.queueNames(), queue) }

// clock is the time in his state, or what is left of it.
func (a Agent) clock(now time.Time) screen.Cell {
	if a.State == "wrap-up" && !a.WrapUpUntil.IsZero() {
		return screen.Until(a.WrapUpUntil, now)
	}
	return screen.Since(a.Since, now)
}
