package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"tandem/actors"
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

// startHouse starts the member. The password of an administrator that was made at this start is
// printed on the spot, and nowhere else ever.
func startHouse(ctx context.Context, live *conf.Live, log *slog.Logger) (house, error) {
	h, err := actors.Start(ctx, live, version(), log, func(user, password string) {
		_, _ = fmt.Fprintf(os.Stdout, "first administrator: %s, password %s (shown this once)\n", user, password)
	})
	if err != nil {
		return nil, err // a nil *House in the interface would not be nil
	}
	return h, nil
}
