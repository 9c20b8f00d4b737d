package main

import (
	"context"
	"errors"
	"log/slog"

	"tandem/conf"
)

// house is a running member.
type house interface {
	// Ports are the ports really bound, by listener.
	Ports() map[string]int
	// Stop ends the member: its calls within ctx, then everything.
	Stop(ctx context.Context) error
	// Failed brings the error of a member that cannot go on.
	Failed() <-chan error
}

// starter makes a member run.
type starter func(context.Context, *conf.Live, *slog.Logger) (house, error)

// startHouse starts the member.
func startHouse(context.Context, *conf.Live, *slog.Logger) (house, error) {
	return nil, errors.New("this build holds no member yet, only the command line")
}
