package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"tandem/actors"
	"tandem/conf"
)

// lastTime is how long a member may take to end when its drain is over: what the house needs, and a little for the
// engine of its store, which on a busy machine takes longer to stop. Less than killTime.
const lastTime = actors.LastTime + 900*time.Millisecond

// member is one running member and what must be told when it is ready.
type member struct {
	live  *conf.Live
	log   *slog.Logger
	level *slog.LevelVar
	files []string // ports files to write
	ready func(ports)
}

// newMember prepares a member. Its ports file in the data directory is always written.
func (a *app) newMember(live *conf.Live, ready func(ports), files ...string) *member {
	c := live.Conf()
	level := &slog.LevelVar{}
	m := &member{live: live, level: level, ready: ready,
		log:   newLogger(a.err, c.Log, level).With(slog.String("member", c.Member.Name)),
		files: []string{filepath.Join(c.Member.Data, portsFile)}}
	for _, f := range files {
		if f != "" {
			m.files = append(m.files, f)
		}
	}
	return m
}

// run runs the member until it is told to stop or fails. SIGTERM and SIGINT drain and stop it, a
// second one cuts the drain short; SIGHUP reloads. One that still starts is stopped at once.
func (m *member) run(ctx context.Context, start starter) error {
	tuneMemory()
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	defer signal.Stop(signals)

	m.forgetPorts() // those of the last run would be taken for ours
	if err := busyPorts(m.live.Conf()); err != nil {
		return err
	}
	unsubscribe, err := m.live.Subscribe("log", func(c *conf.Conf) { setLevel(m.level, c.Log) })
	if err != nil {
		return err
	}
	defer unsubscribe()
	ctx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	h, err := m.begin(ctx, giveUp, start, signals)
	if h == nil {
		return err
	}
	defer m.forgetPorts()
	if err = m.tellReady(h); err == nil {
		err = m.wait(ctx, h, signals)
	}
	return errors.Join(err, m.stop(h, signals))
}

// begin starts the house, which may lay the cluster's settings over ours, and may take as long as other members are away
// that keep the store. Told to stop meanwhile it gives up: there is no house then, and no error.
func (m *member) begin(ctx context.Context, giveUp func(), start starter, signals <-chan os.Signal) (house, error) {
	var h house
	var err error
	begun := make(chan struct{})
	go func() {
		defer close(begun)
		h, err = start(ctx, m.live, m.log)
	}()
	told := false
	for {
		select {
		case <-begun:
			switch {
			case err == nil:
				return h, nil
			case told:
				return nil, nil
			}
			return nil, err
		case s := <-signals:
			if s != syscall.SIGHUP && !told {
				m.log.Info("stopping", slog.String("because", s.String()))
				told = true
				giveUp()
			}
		}
	}
}

// tellReady writes the ports files and says that the member is ready.
func (m *member) tellReady(h house) error {
	p := ports{m.live.Conf().Member.Name: h.Ports()}
	c := m.live.Conf()
	url := "http://" + reachable(c.HTTP.Bind, h.Ports()["http"]) + "\n"
	if err := replaceFile(filepath.Join(c.Member.Data, urlFile), []byte(url)); err != nil {
		return fmt.Errorf("url file: %w", err)
	}
	for _, f := range m.files {
		if err := p.write(f); err != nil {
			return fmt.Errorf("ports file: %w", err)
		}
	}
	m.ready(p)
	return nil
}

// forgetPorts removes the ports files; one that cannot be removed will be replaced.
func (m *member) forgetPorts() {
	forgetPlace(m.live.Conf().Member.Data)
	for _, f := range m.files {
		_ = os.Remove(f)
	}
}

// wait returns nil when the member shall stop, and the reason when it failed.
func (m *member) wait(ctx context.Context, h house, signals <-chan os.Signal) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-h.Failed():
			return fmt.Errorf("the member failed: %w", err)
		case s := <-signals:
			if s != syscall.SIGHUP {
				m.log.Info("stopping", slog.String("because", s.String()))
				return nil
			}
			m.reload()
		}
	}
}

// reload reads the settings again. What is wrong with them changes nothing.
func (m *member) reload() {
	report, err := m.live.Reload()
	if err != nil {
		m.log.Error("settings not reloaded", slog.Any("err", err))
		return
	}
	m.log.Info("settings reloaded", slog.Int("changes", len(report)))
	for _, c := range report {
		m.log.Info("setting changed", slog.String("key", c.Key), slog.String("old", c.Old),
			slog.String("new", c.New), slog.String("acts", c.Effect.String()))
	}
}

// stop ends the member within its drain time; another signal cuts that short. A member that does
// not even then end is left behind: the process ends.
func (m *member) stop(h house, signals <-chan os.Signal) error {
	ctx, cancel := context.WithTimeout(context.Background(), m.live.Conf().Member.Drain+time.Millisecond)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- h.Stop(ctx) }()
	over := ctx.Done()
	var last <-chan time.Time
	for {
		select {
		case err := <-stopped:
			return err
		case <-over:
			over, last = nil, time.After(lastTime)
		case <-last:
			return errors.New("the member did not stop in time")
		case s := <-signals:
			if s != syscall.SIGHUP {
				cancel()
			}
		}
	}
}
