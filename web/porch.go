package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"

	"tandem/conf"
)

// Porch answers on the HTTP port while the member behind it is still being opened: a member that waits for the store
// of its cluster lives, and a supervisor that asks /healthz must not end it for that. Everything else is answered with
// 503 and the step that goes on.
type Porch struct {
	server  *http.Server
	serving sync.WaitGroup
	step    atomic.Pointer[string]
}

// OpenPorch listens on the HTTP port of the settings. Without a fixed port nobody could ask there, so nothing is opened;
// and a port that can not be had is left to Server.Start to complain of.
func OpenPorch(c conf.HTTP, log *slog.Logger) *Porch {
	p := &Porch{}
	p.Step("the first step")
	routes := http.NewServeMux()
	routes.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok\n") })
	routes.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "1")
		writeText(w, http.StatusServiceUnavailable, fmt.Sprintf("starting: %s\n", *p.step.Load()))
	})
	p.server = &http.Server{Handler: routes, ReadHeaderTimeout: c.Timeout, ReadTimeout: c.Timeout, WriteTimeout: answerTime,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	p.server.SetKeepAlivesEnabled(false) // whoever asks again is to reach the member itself by then
	if c.Port <= 0 {
		return p
	}
	for _, host := range c.Bind {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(c.Port)))
		if err != nil {
			log.Debug("nobody answers before the member is open", "err", err)
			continue
		}
		p.serving.Go(func() {
			if err := p.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				log.Debug("porch", "err", err)
			}
		})
	}
	return p
}

// Step says which part of the start goes on.
func (p *Porch) Step(name string) { p.step.Store(&name) }

// Close gives the port back. It may be called again.
func (p *Porch) Close() {
	_ = p.server.Close()
	p.serving.Wait()
}
