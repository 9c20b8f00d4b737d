package stat

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"tandem/actors/stat/engine"
	"tandem/actors/stat/reader"
	"tandem/actors/store"
)

// definitions names who writes into the journal what the settings say of objects: the owner of that name, so that it is
// there once.
var definitions = engine.Object{Type: engine.Tenant, ID: "definitions"}

// maxDefining is how many definitions are on their way into the journal at once.
const maxDefining = 500

// Redefine says that the settings may say something else of objects now.
func (h *Hall) Redefine() { h.stale.Store(true) }

// Rename says that requests may use other names now; who follows statistics on this member is told.
func (h *Hall) Rename() {
	h.board.mu.Lock()
	all := slices.Collect(maps.Keys(h.board.all))
	h.board.mu.Unlock()
	for _, s := range all {
		s.rename()
	}
}

// define writes what the settings say that the journal does not, if that is this member's to do. False: not all is there.
func (h *Hall) define(ctx context.Context) bool {
	if h.Objects == nil || !h.owns(definitions.String()) {
		return true // whoever comes to own the name does it
	}
	want := h.Objects()
	if err := h.reach(ctx, h.Journal.Last(), 0); err != nil {
		return false
	}
	for {
		facts := h.undefined(want)
		if len(facts) == 0 {
			return true
		}
		position, err := h.appendAll(ctx, facts)
		if err == nil {
			err = h.reach(ctx, position, 0)
		}
		if err != nil {
			if ctx.Err() == nil {
				h.Log.Warn("groups and skills are not in the journal yet", "err", err)
			}
			return false
		}
	}
}

// undefined are facts of what the journal does not say yet, as many as may be on their way at once.
func (h *Hall) undefined(want map[engine.Object]reader.Definition) (facts []store.Fact) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	differs := func(o engine.Object, d reader.Definition) {
		if len(facts) < maxDefining && !h.reader.Defined(o).Equal(d) {
			body, err := json.Marshal(d)
			if err != nil {
				panic(err) // names and numbers
			}
			f := factOf(reader.DefinedKind, o.String(), now)
			f.Body = body
			facts = append(facts, f)
		}
	}
	for _, o := range h.reader.AllDefined() {
		differs(o, want[o])
	}
	for o, d := range want {
		differs(o, d)
	}
	slices.SortFunc(facts, func(a, b store.Fact) int {
		if a.Subject < b.Subject {
			return -1
		}
		return 1
	})
	return slices.CompactFunc(facts, func(a, b store.Fact) bool { return a.Subject == b.Subject })
}

// appendAll writes facts and waits until all are in the journal: up to which position.
func (h *Hall) appendAll(ctx context.Context, facts []store.Fact) (last uint64, err error) {
	type end struct {
		position uint64
		err      error
	}
	done := make(chan end, len(facts))
	begun := 0
	for _, f := range facts {
		if err = h.Journal.Append(f, func(position uint64, err error) { done <- end{position, err} }); err != nil {
			break
		}
		begun++
	}
	for range begun {
		select {
		case e := <-done:
			last, err = max(last, e.position), errors.Join(err, e.err)
		case <-ctx.Done():
			return last, ctx.Err()
		}
	}
	return last, err
}
