package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/url"
	"strings"
	"sync"
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
	// handshake bounds that of TLS, generously: with two cores and all members starting at once it takes a while.
	handshake = 5 * time.Second
	// pingEvery is how soon a server that has gone without a word is asked; two answers missing end the
	// connection, and another member is asked.
	pingEvery = 2 * time.Second

	account = "$G" // of the engine, that all streams are in
)

// engine is a NATS server, ours or one outside, and the connection to it.
type engine struct {
	srv     *server.Server  // nil: outside, or other members'
	options *server.Options // of srv
	nc      *nats.Conn
	js      jetstream.JetStream
	role    role

	mu     sync.Mutex
	events []func(connected bool)
}

// startEngine starts the embedded server in dir and connects to it within the process.
func startEngine(dir string, c conf.Store, sec *Security, log *slog.Logger) (*engine, error) {
	opts, err := engineOptions(dir, c, sec)
	if err != nil {
		return nil, err
	}
	srv, err := server.NewServer(opts)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	srv.SetLoggerV2(newEngineLog(log), false, false, false)
	srv.Start()
	if !srv.ReadyForConnections(engineStart) || !srv.JetStreamEnabled() {
		srv.Shutdown()
		return nil, fmt.Errorf("%w: the engine did not start; see the log", ErrUnavailable)
	}
	e := &engine{srv: srv, options: opts, role: roleOf(c)}
	if err := e.connect("", log, nats.InProcessServer(srv)); err != nil {
		srv.Shutdown()
		return nil, err
	}
	return e, nil
}

// engineOptions are the server's for a role.
func engineOptions(dir string, c conf.Store, sec *Security) (*server.Options, error) {
	r := roleOf(c)
	opts := &server.Options{
		ServerName:             "tandem",
		DontListen:             r == alone,
		NoSigs:                 true,
		NoSystemAccount:        r != replica, // members that replicate talk by way of it
		DisableJetStreamBanner: true,
		JetStream:              true,
		StoreDir:               dir,
		SyncAlways:             true,
		JetStreamMaxMemory:     engineMemory,
		JetStreamMaxStore:      math.MaxInt64, // each stream has its own limit
		MaxPayload:             enginePayload,
	}
	if r == alone {
		return opts, nil
	}
	var err error
	if opts.Host, opts.Port, err = endpoint("listen", c.Listen); err != nil {
		return nil, err
	}
	opts.ServerName = sec.Member
	opts.TLSConfig, opts.TLSVerify, opts.TLSTimeout = sec.Server, true, handshake.Seconds()
	opts.TLSHandshakeFirst = true // a stranger is told nothing
	opts.AuthTimeout = 2 * handshake.Seconds()
	if r == single {
		return opts, nil
	}
	k := &opts.Cluster
	k.Name, k.TLSConfig, k.TLSTimeout = sec.Cluster, sec.routeTLS(), handshake.Seconds()
	if k.Host, k.Port, err = endpoint("route", c.Route); err != nil {
		return nil, err
	}
	// The engine takes their number for the number of copies when it starts for the first time: so this
	// member's own is among them.
	for _, route := range c.Routes {
		opts.Routes = append(opts.Routes, &url.URL{Scheme: "nats", Host: route})
	}
	return opts, nil
}

// dialEngine connects to a server outside, or to the members that keep the store.
func dialEngine(c conf.Store, sec *Security, log *slog.Logger) (*engine, error) {
	if e := (&engine{role: elsewhere}); c.URL != "" {
		return e, e.connect(c.URL, log, nats.Token(string(c.Token)))
	}
	e := &engine{role: client}
	return e, e.connect("nats://"+strings.Join(c.Members, ",nats://"), log, nats.Secure(sec.Client),
		nats.TLSHandshakeFirst())
}

func (e *engine) connect(url string, log *slog.Logger, more ...nats.Option) (err error) {
	opts := append(more,
		nats.Name("tandem"),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(250*time.Millisecond),
		nats.Timeout(handshake),
		nats.PingInterval(pingEvery),
		// What cannot be sent now fails now; we keep it and know that we do.
		nats.ReconnectBufSize(-1),
		// Each reading of frames subscribes anew; the library would make room for 65,536 messages then, half a megabyte.
		nats.SyncQueueLen(2*readFrames),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			log.Warn("connection to the store", "err", err)
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("connection to the store lost", "err", err)
			}
			e.tell(false)
		}),
		nats.ReconnectHandler(func(*nats.Conn) { e.tell(true) }),
	)
	if e.nc, err = nats.Connect(url, opts...); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	e.js, err = jetstream.New(e.nc, jetstream.WithDefaultTimeout(callTime))
	return err
}

// whenConnected calls f each time the connection is lost and made again.
func (e *engine) whenConnected(f func(connected bool)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.events = append(e.events, f)
}

func (e *engine) tell(connected bool) {
	e.mu.Lock()
	events := e.events
	e.mu.Unlock()
	for _, f := range events {
		f(connected)
	}
}

// ready tells whether a write has a chance.
func (e *engine) ready() error {
	switch {
	case e.srv == nil || e.srv.JetStreamEnabled():
	case e.role == replica:
		return fmt.Errorf("%w: this copy has stopped, as its disk is full; it comes back when there is room", ErrUnavailable)
	default:
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

// askTry is how long an attempt to write or to read waits for its answer when others share the engine; then twice
// as long each time. The one that would give it may be gone, and another takes its place.
const askTry = 300 * time.Millisecond

// stuckTime is how long the engine may say of an id that what has it is being written: some ids it says it of for two
// minutes, though what had them is lost, because it went down with who led the stream.
const stuckTime = time.Second

// insist publishes a message again and again until it is written or refused, or ctx ends. It has an id, so that
// it is written once; where that is stuck it is given another one, and may be written twice.
func (e *engine) insist(ctx context.Context, m *nats.Msg, id string, opts ...jetstream.PublishOpt) (uint64, error) {
	opts = append(opts, jetstream.WithRetryAttempts(0))
	if m.Header == nil {
		m.Header = nats.Header{}
	}
	var stuck time.Time // since when
	for within, wait := askTry, retryFirst; ; within, wait = 2*within, min(2*wait, askTry) {
		m.Header.Set(jetstream.MsgIDHeader, id)
		try, cancel := context.WithTimeout(ctx, within)
		seq, err := e.publish(try, m, opts...)
		cancel()
		if !errors.Is(err, ErrUnavailable) {
			return seq, err
		}
		switch now := time.Now(); {
		case !inProcess(err):
		case stuck.IsZero():
			stuck = now
		case now.Sub(stuck) > stuckTime:
			id, stuck = rand.Text(), time.Time{}
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return 0, err
		}
	}
}

// askAgain asks what may be asked twice again and again until there is an answer, or ctx ends. Only who leads a stream
// answers, and who has gone down, or leads it no longer, says nothing: one who asks once waits as long as ctx lasts. The
// last try has all that is left, for who is slow would answer none of several short ones.
func (e *engine) askAgain(ctx context.Context, ask func(context.Context) error) error {
	if !e.role.shared() {
		return ask(ctx)
	}
	for within := askTry; ; within = min(2*within, callTime) {
		try, cancel := ctx, context.CancelFunc(func() {})
		if until, ends := ctx.Deadline(); !ends || time.Until(until) > 3*within {
			try, cancel = context.WithTimeout(ctx, within)
		}
		err := ask(try)
		cancel()
		if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
}

// state asks for the bounds of a stream.
func (e *engine) state(ctx context.Context, stream string) (jetstream.StreamState, error) {
	var st jetstream.Stream
	err := e.askAgain(ctx, func(ctx context.Context) (err error) {
		st, err = e.js.Stream(ctx, stream)
		return err
	})
	if err != nil {
		return jetstream.StreamState{}, verdict(err)
	}
	return st.CachedInfo().State, nil
}

// load reads one message from the copy that all writes go through, which lags behind nothing; nil if it is not
// there.
func (e *engine) load(ctx context.Context, stream string, seq uint64) (*nats.Msg, error) {
	_, m, err := e.loadAs(ctx, stream, map[string]any{"seq": seq})
	return m, err
}

// loadLast reads the last message of a subject likewise, and its sequence; 0 if there is none.
func (e *engine) loadLast(ctx context.Context, stream, subject string) (uint64, *nats.Msg, error) {
	return e.loadAs(ctx, stream, map[string]any{"last_by_subj": subject})
}

func (e *engine) loadAs(ctx context.Context, stream string, which map[string]any) (uint64, *nats.Msg, error) {
	ask, err := json.Marshal(which)
	if err != nil {
		return 0, nil, err
	}
	var answer *nats.Msg
	err = e.askAgain(ctx, func(ctx context.Context) (err error) {
		answer, err = e.nc.RequestWithContext(ctx, "$JS.API.STREAM.MSG.GET."+stream, ask)
		return err
	})
	if err != nil {
		return 0, nil, verdict(err)
	}
	return loadedOf(answer.Data)
}

// loadedOf reads the answer to load.
func loadedOf(b []byte) (uint64, *nats.Msg, error) {
	var got struct {
		Message struct {
			Subject  string `json:"subject"`
			Sequence uint64 `json:"seq"`
			Header   []byte `json:"hdrs"`
			Data     []byte `json:"data"`
		} `json:"message"`
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(b, &got); err != nil {
		return 0, nil, fmt.Errorf("%w: unreadable answer: %w", ErrUnavailable, err)
	}
	switch {
	case got.Error != nil && got.Error.ErrorCode == jetstream.JSErrCodeMessageNotFound:
		return 0, nil, nil
	case got.Error != nil:
		return 0, nil, verdict(got.Error)
	case got.Message.Sequence == 0:
		return 0, nil, fmt.Errorf("%w: answer without a message", ErrUnavailable)
	}
	m := &nats.Msg{Subject: got.Message.Subject, Data: got.Message.Data}
	if len(got.Message.Header) > 0 {
		header, err := nats.DecodeHeadersMsg(got.Message.Header)
		if err != nil {
			return 0, nil, fmt.Errorf("%w: unreadable headers: %w", ErrUnavailable, err)
		}
		m.Header = header
	}
	return got.Message.Sequence, m, nil
}

// lags tells whether an answer may come from a copy that lags behind the others.
func (e *engine) lags() bool { return e.role.shared() && e.role != single }

// close ends the connection and the engine. An engine that leads streams steps down first, by itself, and another
// one takes them over at once, not only when it has waited long enough for a sign of life.
func (e *engine) close() {
	e.mu.Lock()
	e.events = nil // nobody need hear of what we do ourselves
	e.mu.Unlock()
	if e.nc != nil {
		e.nc.Close()
	}
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
