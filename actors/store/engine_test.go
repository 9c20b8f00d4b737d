package store

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// forgetful is an engine that has lost what has an id, and says that it is being written.
type forgetful struct {
	jetstream.JetStream
	mu  sync.Mutex
	ids map[string]int // how often each was tried
	bad string
}

func (f *forgetful) PublishMsg(_ context.Context, m *nats.Msg, _ ...jetstream.PublishOpt) (*jetstream.PubAck, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := m.Header.Get(jetstream.MsgIDHeader)
	if f.ids[id]++; id == f.bad {
		return nil, &jetstream.APIError{Code: 409, ErrorCode: codeInProcess, Description: "duplicate message id is in process"}
	}
	return &jetstream.PubAck{Sequence: 7}, nil
}

// What the engine says of an id that it has lost does not keep a value from being written.
func TestStuckIDIsGivenUp(t *testing.T) {
	f := &forgetful{ids: map[string]int{}, bad: "id"}
	e := &engine{js: f}
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 20*stuckTime)
	defer cancel()
	seq, err := e.insist(ctx, &nats.Msg{Subject: "s"}, "id")
	if err != nil || seq != 7 || len(f.ids) != 2 || f.ids["id"] < 2 || time.Since(began) < stuckTime {
		t.Errorf("revision %d, %v; tried %v, for %v", seq, err, f.ids, time.Since(began))
	}
}

// An answer that is lost with who led the stream is asked for again, however long the caller would wait.
func TestLostAnswerIsAskedForAgain(t *testing.T) {
	srv, err := server.NewServer(&server.Options{DontListen: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	go srv.Start()
	t.Cleanup(srv.Shutdown)
	if !srv.ReadyForConnections(engineStart) {
		t.Fatal("the engine does not start")
	}
	nc, err := nats.Connect("", nats.InProcessServer(srv))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	asked := 0
	_, err = nc.Subscribe("$JS.API.STREAM.MSG.GET.s", func(m *nats.Msg) {
		if asked++; asked > 1 {
			_ = m.Respond([]byte(`{"message":{"subject":"s.a","seq":7}}`))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	e := &engine{nc: nc, role: client}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	began := time.Now()
	if seq, _, err := e.loadLast(ctx, "s", "s.a"); err != nil || seq != 7 || time.Since(began) > 20*askTry {
		t.Errorf("sequence %d, %v, after %v", seq, err, time.Since(began))
	}
}
