package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"tandem/conf"
)

// Limits of the engine, in bytes unless said otherwise.
const (
	enginePayload = 2 << 20  // one message: a value of maxValue with its envelope fits
	engineMemory  = 32 << 20 // streams kept in memory; ours are all on the disk
	engineStart   = 30 * time.Second
	// callTime bounds one request to the engine when the caller's context does not.
	callTime = 5 * time.Second
)

// engine is a NATS server, ours or one outside, and the connection to it.
type engine struct {
	srv *server.Server // nil: outside
	nc  *nats.Conn
	js  jetstream.JetStream
}

// startEngine starts the embedded server in dir and connects to it within the process.
func startEngine(dir string, log *slog.Logger) (*engine, error) {
	srv, err := server.NewServer(&server.Options{
		ServerName:             "tandem",
		DontListen:             true,
		NoSigs:                 true,
		NoSystemAccount:        true,
		DisableJetStreamBanner: true,
		JetStream:              true,
		StoreDir:               dir,
		SyncAlways:             true,
		JetStreamMaxMemory:     engineMemory,
		JetStreamMaxStore:      math.MaxInt64, // each stream has its own limit
		MaxPayload:             enginePayload,
	})
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	srv.SetLoggerV2(engineLog{log}, false, false, false)
	srv.Start()
	if !srv.ReadyForConnections(engineStart) || !srv.JetStreamEnabled() {
		srv.Shutdown()
		return nil, fmt.Errorf("%w: the engine did not start; see the log", ErrUnavailable)
	}
	e := &engine{srv: srv}
	if err := e.connect("", log, nats.InProcessServer(srv)); err != nil {
		srv.Shutdown()
		return nil, err
	}
	return e, nil
}

// dialEngine connects to a server outside.
func dialEngine(c conf.Store, log *slog.Logger) (*engine, error) {
	e := &engine{}
	if err := e.connect(c.URL, log, nats.Token(string(c.Token))); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *engine) connect(url string, log *slog.Logger, more ...nats.Option) (err error) {
	opts := append(more,
		nats.Name("tandem"),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(250*time.Millisecond),
		// What cannot be sent now fails now; we keep it and know that we do.
		nats.ReconnectBufSize(-1),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			log.Warn("connection to the store", "err", err)
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("connection to the store lost", "err", err)
			}
		}),
	)
	if e.nc, err = nats.Connect(url, opts...); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	e.js, err = jetstream.New(e.nc, jetstream.WithDefaultTimeout(callTime))
	return err
}

// whenBack calls f each time a lost connection has been made again.
func (e *engine) whenBack(f func()) {
	e.nc.SetReconnectHandler(func(*nats.Conn) { f() })
}

// ready tells whether a write has a chance.
func (e *engine) ready() error {
	if e.srv != nil && !e.srv.JetStreamEnabled() {
		return fmt.Errorf("%w: the engine has stopped; see the log, then restart the member", ErrUnavailable)
	}
	if !e.nc.IsConnected() {
		return fmt.Errorf("%w: %s", ErrUnavailable, e.nc.Status())
	}
	return nil
}

// publish writes one message and waits until it is synced to the disk.
func (e *engine) publish(ctx context.Context, m *nats.Msg, opts ...jetstream.PublishOpt) (uint64, error) {
	ack, err := e.js.PublishMsg(ctx, m, opts...)
	if err != nil {
		return 0, verdict(err)
	}
	return ack.Sequence, nil
}

// state asks for the bounds of a stream.
func (e *engine) state(ctx context.Context, stream string) (jetstream.StreamState, error) {
	st, err := e.js.Stream(ctx, stream)
	if err != nil {
		return jetstream.StreamState{}, verdict(err)
	}
	return st.CachedInfo().State, nil
}

func (e *engine) close() {
	e.nc.Close()
	if e.srv != nil {
		e.srv.Shutdown()
		e.srv.WaitForShutdown()
	}
}

// bounded gives ctx a deadline if it has none.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, callTime)
}

// isMissing tells whether a message is gone: deleted, expired, or never there.
func isMissing(err error) bool { return errors.Is(err, jetstream.ErrMsgNotFound) }
