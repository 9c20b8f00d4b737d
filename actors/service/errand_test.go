package service

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tandem/actors/account"
	"tandem/actors/acttest"
	"tandem/actors/ledger"
	"tandem/actors/pbx/task"
	"tandem/actors/store"
	"tandem/conf"
	"tandem/signal"
	"tandem/ximss/object"
)

// quiet is for what nobody reads.
var quiet = slog.New(slog.DiscardHandler)

// ledgerOf is the ledger of an empty store, with the account 1000.
func ledgerOf(t *testing.T) *ledger.Ledger {
	t.Helper()
	s, err := store.Open(t.Context(), t.TempDir(), conf.Default().Store, nil, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	l := ledger.New(ledger.Options{Store: s, Directory: account.NewDirectory(time.Now), Log: quiet})
	l.Directory.SetAccount(&account.Record{AOR: "1000@tandem.local"})
	return l
}

func TestErrandsOfRules(t *testing.T) {
	l := ledgerOf(t)
	asked := make(chan string, 1)
	e := NewErrands(l, task.Service{Run: func(_ context.Context, c task.Caller, args []object.Value) object.Value {
		asked <- c.Account + " " + c.Domain + " " + args[0].Text()
		return object.NewDictionary().Value()
	}}, quiet)
	defer e.Close(t.Context())
	bob := signal.Party{Display: "Bob", URI: signal.URI{Scheme: "sip", User: "1001", Host: "tandem.local"}}
	e.SendURL("1000@tandem.local", "http://h/x")
	e.Remember("1000@tandem.local", "Callers", bob)
	if got := <-asked; got != "1000@tandem.local tandem.local http://h/x" {
		t.Errorf("asked for %s", got)
	}
	entry := func() *object.Dictionary {
		return l.Datasets("1000@tandem.local").Get("Callers").Dictionary().Get("1001@tandem.local").Dictionary()
	}
	acttest.Until(t, "bob is remembered", func() bool { return entry() != nil })
	if _, dated := entry().Get("Called").Seconds(); !dated || entry().Get("RealName").Text() != "Bob" {
		t.Errorf("remembered is %s", object.Format(entry().Value()))
	}
}

// What can not be done is told to the log, and harms nobody.
func TestErrandsFail(t *testing.T) {
	l := ledgerOf(t)
	e := &Errands{ledger: l, log: quiet, jobs: make(chan func(context.Context), 1)}
	said := make(chan error, 1)
	job := func(context.Context) error { said <- nil; return nil }
	e.later("x", "a@b", job)
	e.later("x", "a@b", job) // no room: lost
	(<-e.jobs)(t.Context())
	if len(said) != 1 || len(e.jobs) != 0 {
		t.Errorf("%d errands were run, %d wait", len(said), len(e.jobs))
	}
	e.later("x", "a@b", func(context.Context) error { panic("a fault") })
	(<-e.jobs)(t.Context())
	for _, set := range []string{"", strings.Repeat("x", ledger.MaxSetName+1)} {
		e.Remember("1000@tandem.local", set, signal.Party{})
		(<-e.jobs)(t.Context())
	}
	e.Remember("nobody@tandem.local", "Callers", signal.Party{})
	(<-e.jobs)(t.Context())
	if n := l.Datasets("1000@tandem.local").Len() + l.Datasets("nobody@tandem.local").Len(); n != 0 {
		t.Errorf("there are %d data sets", n)
	}
}
