package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tandem/actors/guard"
	"tandem/actors/ledger"
	"tandem/actors/pbx/task"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/object"
)

// Limits of the errands of signal rules: they wait for the store and for other servers, and calls must
// not wait for them.
const (
	errandWorkers = 2
	waitingErrand = 100 // that no worker has taken yet; a further one is lost, and the log says so
	longestErrand = 30 * time.Second
)

// Errands runs what rules want done beside a call.
type Errands struct {
	ledger *ledger.Ledger
	http   task.Service // asks for URLs as programs do
	log    *slog.Logger
	jobs   chan func(context.Context)

	end     context.CancelFunc
	workers sync.WaitGroup
}

// NewErrands begins to run errands, until Close. httpCall is the service of that name.
func NewErrands(l *ledger.Ledger, httpCall task.Service, log *slog.Logger) *Errands {
	e := &Errands{ledger: l, http: httpCall, log: log, jobs: make(chan func(context.Context), waitingErrand)}
	life, end := context.WithCancel(context.Background())
	e.end = end
	for range errandWorkers {
		e.workers.Go(func() { e.work(life) })
	}
	return e
}

// Close ends the errands under way; those that wait are lost.
func (e *Errands) Close(context.Context) error {
	e.end()
	e.workers.Wait()
	return nil
}

func (e *Errands) work(life context.Context) {
	for {
		select {
		case job := <-e.jobs:
			ctx, end := context.WithTimeout(life, longestErrand)
			job(ctx)
			end()
		case <-life.Done():
			return
		}
	}
}

// later has an errand run by one of the workers.
func (e *Errands) later(what string, account signal.AOR, job func(context.Context) error) {
	told := func(err error) {
		if err != nil {
			e.log.Warn("a rule's errand is not done", "errand", what, "account", string(account), "because", err.Error())
		}
	}
	select {
	case e.jobs <- func(ctx context.Context) { told(e.tried(ctx, job)) }:
	default:
		told(fmt.Errorf("%d others wait", waitingErrand))
	}
}

// tried runs an errand. A fault of ours in it is an error, for calls must not end by it.
func (e *Errands) tried(ctx context.Context, job func(context.Context) error) (err error) {
	if guard.Run(e.log, "an errand has failed by a fault of ours", func() { err = job(ctx) }) {
		return errors.New("internal error")
	}
	return err
}

// Remember adds who called to a data set of the account: the entry is the address, with the name and the
// time of the last call.
func (e *Errands) Remember(account signal.AOR, set string, from signal.Party) {
	at := time.Now().Unix()
	e.later(signal.Remember, account, func(ctx context.Context) error {
		entry := string(from.URI.AOR())
		if _, known := e.ledger.Directory.Record(account); !known {
			return fmt.Errorf("there is no account %q", account)
		}
		w := store.Write{Author: string(account), Reason: signal.Remember}
		one := object.NewFolded()
		one.Set("RealName", object.String(from.Display))
		one.Set("Called", object.Date(at))
		return e.ledger.Remember(ctx, account, set, entry, one, w)
	})
}

// SendURL asks for a URL as programs of the account may: of the servers that the settings list.
func (e *Errands) SendURL(account signal.AOR, url string) {
	e.later(signal.SendURL, account, func(ctx context.Context) error {
		caller := task.Caller{Account: string(account), Domain: account.Domain(), Owner: string(account)}
		v := e.http.Run(ctx, caller, []object.Value{object.String(url), object.Null})
		if text, failed := v.Str(); failed {
			return fmt.Errorf("%s", text)
		}
		return nil
	})
}
