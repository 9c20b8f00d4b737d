package desk

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"tandem/actors/account"
	"tandem/actors/cluster"
	"tandem/signal"
	"tandem/web"
	"tandem/ximss/object"
)

// breeder has two Tasks of alice and one of bob; of alice's the first one starts another when it ends.
type breeder struct {
	rows []web.Task
	bred bool
}

func (b *breeder) StartTask(signal.AOR, string, string, object.Value) (string, error) {
	return "", fmt.Errorf("wrapped: %w", ErrNoProgram)
}

func (b *breeder) SendTaskEvent(string, string, object.Value) error { return ErrNoObject }

func (b *breeder) KillTask(handler string) error {
	for i, r := range b.rows {
		if r.Handler == handler {
			b.rows = append(append([]web.Task{}, b.rows[:i]...), b.rows[i+1:]...)
			if !b.bred {
				b.bred = true
				b.rows = append(b.rows, web.Task{Handler: "bred", Owner: r.Owner})
			}
			return nil
		}
	}
	return ErrNoObject
}

// Tasks that are started while an account's are ended, are ended too; those of others go on.
func TestTasks(t *testing.T) {
	b := &breeder{rows: []web.Task{{Handler: "a1", Owner: "alice@t", Program: "p"}, {Handler: "a2", Owner: "alice@t", Program: "q"}, {Handler: "b", Owner: "bob@t"}}}
	directory := account.NewDirectory(time.Now)
	directory.SetAccount(&account.Record{AOR: "alice@t"})
	tasks := Tasks{Rows: func() []web.Task { return b.rows }, Running: b, Directory: directory,
		Member: cluster.New(cluster.Options{Name: "m1", Key: []byte("key"), Mailbox: 10, Log: slog.New(slog.DiscardHandler)})}
	for want, q := range map[string]web.TaskQuery{"a1": {Program: "p", Limit: 9}, "b": {Account: "bob@t", Limit: 9}, "a2": {Handler: "a2", Limit: 9}} {
		if found, err := tasks.Tasks(t.Context(), q); err != nil || len(found) != 1 || found[0].Handler != want {
			t.Errorf("%+v finds %+v, %v", q, found, err)
		}
	}
	if found, _ := tasks.Tasks(t.Context(), web.TaskQuery{Limit: 2}); len(found) != 2 {
		t.Errorf("of at most two there are %d", len(found))
	}
	if n, err := tasks.EndTasks(t.Context(), "Alice@t"); n != 3 || err != nil {
		t.Errorf("%d were ended, %v", n, err)
	}
	if len(b.rows) != 1 || b.rows[0].Handler != "b" {
		t.Errorf("there live %+v", b.rows)
	}
	_, started := tasks.StartTask(t.Context(), web.TaskStart{Program: "p"})
	for what, err := range map[string]error{"start": started, "tell": tasks.TellTask(t.Context(), "x", web.TaskEvent{}), "end": tasks.EndTask(t.Context(), "x")} {
		if e, ok := err.(*web.Error); !ok || e.Status != 404 {
			t.Errorf("%s: %v", what, err)
		}
	}
}
