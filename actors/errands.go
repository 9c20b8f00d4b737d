package actors

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tandem/actors/guard"
	"tandem/actors/pbx/task"
	"tandem/actors/router"
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

// errands runs what rules want done beside a call.
type errands struct {
	*House
	jobs chan func(context.Context)
	http *task.Service // nil where nothing outside may be asked
}

// openErrands lets the router have errands run, until the house is closed. services are those of Tasks.
func (h *House) openErrands(services map[string]task.Service) errands {
	e := errands{House: h, jobs: make(chan func(context.Context), waitingErrand)}
	if s, ok := services["httpcall"]; ok {
		e.http = &s
	}
	life, end := context.WithCancel(context.Background())
	var workers sync.WaitGroup
	h.closes(func(context.Context) error { end(); workers.Wait(); return nil })
	for range errandWorkers {
		workers.Go(func() { e.work(life) })
	}
	run := router.Errands{Remember: e.remember, TakeMessage: h.takeMessage}
	if e.http != nil {
		run.SendURL = e.sendURL
	}
	h.ingress.SetErrands(run)
	return e
}

func (e errands) work(life context.Context) {
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
func (e errands) later(what string, account signal.AOR, job func(context.Context) error) {
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
func (e errands) tried(ctx context.Context, job func(context.Context) error) (err error) {
	if guard.Run(e.log, "an errand has failed by a fault of ours", func() { err = job(ctx) }) {
		return errors.New("internal error")
	}
	return err
}

// remember adds who called to a data set of the account: the entry is the address, with the name and the
// time of the last call.
func (e errands) remember(account signal.AOR, set string, from signal.Party) {
	at := time.Now().Unix()
	e.later(signal.Remember, account, func(ctx context.Context) error {
		entry := string(from.URI.AOR())
		if _, known := e.directory.Record(account); !known {
			return fmt.Errorf("there is no account %q", account)
		}
		w := store.Write{Author: string(account), Reason: signal.Remember}
		one := object.NewFolded()
		one.Set("RealName", object.String(from.Display))
		one.Set("Called", object.Date(at))
		return e.ledger.Remember(ctx, account, set, entry, one, w)
	})
}

// sendURL asks for a URL as programs of the account may: of the servers that the settings list.
func (e errands) sendURL(account signal.AOR, url string) {
	e.later(signal.SendURL, account, func(ctx context.Context) error {
		caller := task.Caller{Account: string(account), Domain: account.Domain(), Owner: string(account)}
		v := e.http.Run(ctx, caller, []object.Value{object.String(url), object.Null})
		if text, failed := v.Str(); failed {
			return fmt.Errorf("%s", text)
		}
		return nil
	})
}
