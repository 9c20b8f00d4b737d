package stat

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"tandem/actors/stat/engine"
	"tandem/actors/stat/evaluate"
	"tandem/actors/stat/reader"
	"tandem/actors/store"
)

// maxExported is how many facts a file has at most.
const maxExported = 2_000_000

// ErrLong says that the journal holds more than a file may have.
var ErrLong = errors.New("the journal holds more facts than a file may have")

// Export writes what the journal tells the statistics, and those that are open, as a file that `tandem stat evaluate` reads:
// what it makes of it is what the members told, without their having any part in it. at is the moment that is asked for, in
// ms since 1970, up to which all facts are waited for; 0: now.
func (h *Hall) Export(ctx context.Context, at int64, to io.Writer) error {
	if at == 0 {
		at = h.Now().UnixMilli()
	}
	if err := h.comes(at); err != nil {
		return err
	}
	if err := h.reach(ctx, 0, at+factsCome.Milliseconds()); err != nil {
		return err
	}
	out := bufio.NewWriter(to)
	first, err := h.exportFacts(ctx, out, at)
	if err != nil {
		return err
	}
	statistics, err := h.exported(first)
	if err != nil {
		return err
	}
	rest, err := json.Marshal(struct {
		Statistics []evaluate.Statistic `json:"statistics"`
		Instants   []evaluate.Time      `json:"instants"`
	}{statistics, []evaluate.Time{evaluate.Time(at)}})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "],\n%s\n", rest[1:]); err != nil {
		return err
	}
	return out.Flush()
}

// exportFacts writes the beginning of a file, up to its facts: those up to a moment. first is when the first fact of the
// journal was.
func (h *Hall) exportFacts(ctx context.Context, out *bufio.Writer, at int64) (first int64, err error) {
	r, n, sep := reader.New(), 0, "{\"facts\":[\n"
	var latest int64
	var failed error
	tell := func(f store.Fact) error {
		facts, err := r.Read(f)
		if err != nil {
			return nil // it is not counted either
		}
		for i := range facts {
			// A fact that came too late counts at the earliest moment that it could change, here as at the members.
			facts[i].At = max(facts[i].At, latest-engine.DefaultLateness)
			if latest = max(latest, facts[i].At); facts[i].At > at {
				continue
			}
			if n++; n > maxExported {
				return fmt.Errorf("%w: %d", ErrLong, maxExported)
			}
			text, err := json.Marshal(evaluate.FactOf(&facts[i]))
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(out, "%s%s", sep, text); err != nil {
				return err
			}
			sep = ",\n"
		}
		return nil
	}
	err = h.Journal.Read(ctx, 0, func(f store.Fact) bool {
		if first == 0 {
			first = f.At.UnixMilli()
		}
		failed = tell(f)
		return failed == nil
	})
	if n == 0 && err == nil && failed == nil {
		_, err = out.WriteString(sep)
	}
	return first, errors.Join(err, failed)
}

// exported are the statistics that are open, in the order of their ids; first is when the journal begins.
func (h *Hall) exported(first int64) (all []evaluate.Statistic, err error) {
	h.mu.Lock()
	pool := maps.Clone(h.pool)
	h.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(pool)) {
		p := pool[id]
		o, d, err := p.Request.define()
		if err != nil {
			return nil, fmt.Errorf("statistic %s: %w", id, err)
		}
		open := evaluate.Time(p.Opened)
		if p.filled() {
			open = evaluate.Time(first)
		}
		all = append(all, evaluate.Statistic{ID: id, Object: o, Open: &open, Definition: d})
	}
	return all, nil
}
