package actors

import (
	"context"

	"tandem/actors/pbx/environment"
	"tandem/actors/pbx/stock"
	"tandem/actors/pbx/task"
)

// openEnvironment makes the application environment: the stock files, and those of the store.
func (h *House) openEnvironment(context.Context) (err error) {
	h.environment, err = environment.New(h.live.Conf().Member.Name, stock.Files(), task.Library(), noContents{},
		environment.DefaultLimits(), h.log)
	return err
}

// noContents is a store without files.
type noContents struct{}

func (noContents) Contents(context.Context, string) ([]byte, error) {
	return nil, environment.ErrNotFound
}
