package stat

import (
	"context"

	"tandem/actors/stat/source"
	"tandem/actors/store"
)

// Sources lets somebody look at what is known of sources outside. It must return at once, and keep nothing.
func (h *Hall) Sources(look func(*source.Book)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	look(h.reader.Sources())
}

// CaughtUp waits until this hall has taken all that is in the journal.
func (h *Hall) CaughtUp(ctx context.Context) error { return h.reach(ctx, h.Journal.Last(), 0) }

// Tell puts what a source has told into the journal, and waits until this hall has taken it.
func (h *Hall) Tell(ctx context.Context, name string, bodies ...[]byte) error {
	facts := make([]store.Fact, len(bodies))
	for i, body := range bodies {
		facts[i] = factOf(source.Kind, name, h.Now().UnixMilli())
		facts[i].Body = body
	}
	position, err := h.appendAll(ctx, facts)
	if err != nil {
		return err
	}
	return h.taken(ctx, position)
}
