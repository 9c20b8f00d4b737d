package desk

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"tandem/actors/account"
	"tandem/actors/cluster"
	"tandem/actors/pbx/cgpl"
	"tandem/actors/pbx/task"
	"tandem/signal"
	"tandem/web"
	"tandem/ximss/object"
)

// Tasks answers web.Tasks.
type Tasks struct {
	Rows      func() []web.Task // that live on this member, the oldest first
	Running   Running
	Directory *account.Directory
	Member    *cluster.Member
}

// askTasks asks another member for its Tasks.
const askTasks = "tasks"

// Answer lets other members ask this one.
func (t Tasks) Answer() {
	answers(t.Member, askTasks, func(_ context.Context, q web.TaskQuery) ([]web.Task, error) { return t.here(q), nil })
}

// Running starts, tells and ends Tasks.
type Running interface {
	// StartTask starts a program in the name of an account, without a call, and gives the Task's handler.
	// ErrNoProgram, ErrNoSection: the program can not be used.
	StartTask(aor signal.AOR, program, entry string, parameter object.Value) (string, error)
	// SendTaskEvent sends an event. ErrNoObject: nobody lives under the handler.
	SendTaskEvent(handler, name string, parameter object.Value) error
	// KillTask ends a Task. ErrNoObject: none lives under the handler.
	KillTask(handler string) error
}

// Failures of Running, with texts that programs and command lines show.
var (
	ErrNoObject  = errors.New(string(task.ErrNoObject))
	ErrNoProgram = errors.New("program can not be used")
	ErrNoSection = errors.New(cgpl.TextEntry)
)

// here are the Tasks of this member that match, oldest first.
func (t Tasks) here(q web.TaskQuery) (out []web.Task) {
	for _, r := range t.Rows() {
		if q.Handler != "" && r.Handler != q.Handler || q.Account != "" && r.Owner != q.Account ||
			q.Program != "" && r.Program != q.Program {
			continue
		}
		if out = append(out, r); len(out) == q.Limit {
			break
		}
	}
	return out
}

// Tasks are the living Tasks of all members that match, oldest first.
func (t Tasks) Tasks(ctx context.Context, q web.TaskQuery) ([]web.Task, error) {
	all := append(t.here(q), askAll[web.TaskQuery, web.Task](ctx, t.Member, askTasks, q)...)
	slices.SortStableFunc(all, func(a, b web.Task) int { return a.Since.Compare(b.Since) })
	return all[:min(len(all), q.Limit)], nil
}

// StartTask starts a program without a call.
func (t Tasks) StartTask(_ context.Context, s web.TaskStart) (string, error) {
	parameter, err := parameterOf(s.Parameter)
	if err != nil {
		return "", err
	}
	handler, err := t.Running.StartTask(signal.AOR(strings.ToLower(s.Account)), s.Program, s.Entry, parameter)
	switch {
	case err == nil:
		return handler, nil
	case errors.Is(err, ErrNoProgram), errors.Is(err, ErrNoSection):
		return "", web.NotFound("program %q can not be started: %v", s.Program, err)
	case err.Error() == string(task.ErrNoAccount):
		return "", web.NotFound("there is no account %q", s.Account)
	}
	return "", web.Unavailable("the task can not be started: %v", err)
}

// TellTask sends an event.
func (t Tasks) TellTask(_ context.Context, handler string, e web.TaskEvent) error {
	parameter, err := parameterOf(e.Parameter)
	if err != nil {
		return err
	}
	switch err := t.Running.SendTaskEvent(handler, e.Name, parameter); {
	case errors.Is(err, ErrNoObject):
		return web.NotFound("%v", err)
	case err != nil:
		return web.Unavailable("%v", err)
	}
	return nil
}

// EndTask ends a Task.
func (t Tasks) EndTask(_ context.Context, handler string) error {
	if err := t.Running.KillTask(handler); err != nil {
		return web.NotFound("no task lives under %q", handler)
	}
	return nil
}

// EndTasks ends the Tasks of an account: once more for those that were started meanwhile, and not for ever.
func (t Tasks) EndTasks(ctx context.Context, text string) (int, error) {
	a, ok := t.Directory.Account(signal.AOR(strings.ToLower(text)))
	if !ok {
		return 0, web.NotFound("there is no account %q", text)
	}
	ended := map[string]bool{}
	for range endRounds {
		living, err := t.Tasks(ctx, web.TaskQuery{Account: string(a.AOR), Limit: math.MaxInt})
		if err != nil {
			return len(ended), err
		}
		for _, r := range living {
			if t.Running.KillTask(r.Handler) == nil {
				ended[r.Handler] = true
			}
		}
		if len(living) == 0 {
			return len(ended), nil
		}
		select {
		case <-ctx.Done():
			return len(ended), web.Unavailable("some tasks of %s live on: try again", a.AOR)
		case <-time.After(endPause):
		}
	}
	return len(ended), web.Unavailable("tasks of %s are started faster than they are ended: take their program out of the environment first", a.AOR)
}

// How long EndTasks tries.
const (
	endRounds = 40
	endPause  = 50 * time.Millisecond
)

// parameterOf reads an object in text form; "" is null.
func parameterOf(text string) (object.Value, error) {
	if text == "" {
		return object.Null, nil
	}
	v, err := object.Parse(text)
	if err != nil {
		return v, web.Invalid("the parameter is no object: %v", err)
	}
	return v, nil
}
