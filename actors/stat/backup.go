package stat

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"tandem/actors/stat/engine"
	"tandem/actors/stat/measure"
)

// SaveWhat asks an owner for what statistics have counted: see Saved.
const SaveWhat = "stat.save"

// Limits of backups.
const (
	restored    = "stat/restored/" // where the store keeps those that were read in, as long as a statistic was restored from them
	maxBackup   = 256 << 20        // bytes, compressed
	maxUnpacked = 2 << 30
	maxLine     = 64 << 20 // of one statistic
	savedAtOnce = 100      // statistics of one question
	// restoredAtOnce is how many are on their way into the journal.
	restoredAtOnce = 1000
)

// backupHead is the first line of a backup. A line for each statistic follows; all is compressed, and text below that, so that
// any other installation can read it.
type backupHead struct {
	Version int   `json:"tandem_statistics"`
	At      int64 `json:"at"`                // ms since 1970
	LeftOut int   `json:"left_out,omitzero"` // statistics that nobody computes: their solution has no members
}

const backupVersion = 1

// backedUp is a statistic in a backup.
type backedUp struct {
	ID      string        `json:"id"`
	Request Request       `json:"request"`
	At      int64         `json:"at"` // what has counted up to then, ms since 1970
	Meter   measure.Saved `json:"meter"`
}

// origin says from which backup a statistic was restored, and how far that has counted.
type origin struct {
	File string `json:"file"` // of the store
	At   int64  `json:"at"`
}

// Backup writes what all statistics of the pool have counted. What goes on is in it as far as it counts already. An error says
// that some owner could not be asked: a backup has all or is none. What nobody computes is left out; the first line and the log
// say how many that are.
func (h *Hall) Backup(ctx context.Context, to io.Writer) error {
	parts, leftOut := h.parts()
	if leftOut > 0 {
		h.Log.Warn("a backup of the statistics leaves out those of solutions without members", "statistics", leftOut)
	}
	z := gzip.NewWriter(to)
	out := json.NewEncoder(z)
	if err := out.Encode(backupHead{backupVersion, h.Now().UnixMilli(), leftOut}); err != nil {
		return err
	}
	for _, owner := range slices.Sorted(maps.Keys(parts)) {
		slices.Sort(parts[owner])
		for part := range slices.Chunk(parts[owner], savedAtOnce) {
			saved, err := h.saved1(ctx, owner, part)
			if err != nil {
				return err
			}
			for i := range saved {
				if err := out.Encode(&saved[i]); err != nil {
					return err
				}
			}
		}
	}
	return z.Close()
}

// parts are the statistics of the pool by who computes them, but for those that nobody does.
func (h *Hall) parts() (parts map[string][]string, homeless int) {
	parts = map[string][]string{}
	owner, none := once(h.ownerOf), once(h.homeless)
	for _, x := range h.places() {
		if none(x.p) {
			homeless++
			continue
		}
		parts[owner(x.p)] = append(parts[owner(x.p)], x.id)
	}
	return parts, homeless
}

// saved1 asks an owner for some statistics.
func (h *Hall) saved1(ctx context.Context, owner string, ids []string) (all []backedUp, err error) {
	if owner == "" {
		return nil, ErrNotYet
	}
	question, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	answer := h.Saved
	if owner != h.Member.Name() {
		answer = func(ctx context.Context, body []byte) ([]byte, error) {
			return h.Member.AskMember(ctx, owner, SaveWhat, body)
		}
	}
	body, err := answer(ctx, question)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNotYet, err)
	}
	return all, json.Unmarshal(body, &all)
}

// Saved answers another member what statistics of ours have counted.
func (h *Hall) Saved(_ context.Context, body []byte) ([]byte, error) {
	var ids []string
	if err := json.Unmarshal(body, &ids); err != nil || len(ids) > savedAtOnce {
		return nil, fmt.Errorf("the question for a backup is not understood: %w", errors.Join(err, errors.ErrUnsupported))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	out, at := []backedUp{}, h.now()
	for _, id := range ids {
		p := h.pool[id]
		if p == nil {
			continue // dropped meanwhile
		}
		if !p.here || !h.mine(p) {
			return nil, ErrNotYet
		}
		m, err := h.world.Part(id, at)
		if err != nil {
			return nil, err
		}
		out = append(out, backedUp{id, p.Request, at, m})
	}
	return json.Marshal(out)
}

// readBackup reads a backup and checks each statistic of it. The error says in which one it cannot be.
func readBackup(b []byte) (all []backedUp, err error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("it is no backup of statistics: %w", err)
	}
	lines := bufio.NewScanner(io.LimitReader(z, maxUnpacked))
	lines.Buffer(nil, maxLine)
	var head backupHead
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &head) != nil || head.Version != backupVersion {
		return nil, errors.New("it is no backup of statistics, or one of another version")
	}
	for n := 1; lines.Scan(); n++ {
		var one backedUp
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			return nil, fmt.Errorf("statistic %d: %w", n, err)
		}
		o, d, err := one.Request.define()
		if err == nil {
			_, err = engine.New(engine.Options{}).Resume(one.ID, o, d, one.At, &one.Meter)
		}
		if err == nil && one.ID != one.Request.id() {
			err = fmt.Errorf("its id is not that of its definition")
		}
		if err != nil {
			return nil, fmt.Errorf("statistic %d, %s: %w", n, clip(one.ID), err)
		}
		if all = append(all, one); len(all) > maxPool {
			return nil, ErrFull
		}
	}
	return all, lines.Err()
}

// Restore opens the statistics of a backup with what they had counted, and says how many. One that is open already goes on as
// it is. An error of type *Refusal says what is wrong with the backup.
func (h *Hall) Restore(ctx context.Context, from io.Reader) (opened, open int, err error) {
	b, err := io.ReadAll(io.LimitReader(from, maxBackup+1))
	if err != nil {
		return 0, 0, err
	}
	if len(b) > maxBackup {
		return 0, 0, &Refusal{fmt.Errorf("a backup has at most %d bytes", maxBackup)}
	}
	all, err := readBackup(b)
	if err != nil {
		return 0, 0, &Refusal{err}
	}
	if err := h.housed(all); err != nil {
		return 0, 0, err
	}
	if err := h.roomFor(all); err != nil {
		return 0, 0, err
	}
	sum := sha256.Sum256(b)
	name := restored + hex.EncodeToString(sum[:8])
	if err := h.put(ctx, name, b); err != nil {
		return 0, 0, err
	}
	for i := range all {
		one := &all[i]
		if h.knows(one.ID) {
			open++
			continue
		}
		body, err := json.Marshal(opening{Request: one.Request, Restored: &origin{name, one.At}})
		if err != nil {
			return opened, open, err
		}
		f := factOf(openedKind, one.ID, h.Now().UnixMilli())
		f.Body = body
		if opened++; opened%restoredAtOnce != 0 {
			err = h.Journal.Append(f, nil)
		} else { // it is behind those before it
			_, err = h.append(ctx, openedKind, one.ID, f.At.UnixMilli(), body)
		}
		if err != nil {
			return opened, open, err
		}
	}
	last, err := h.append(ctx, askedKind, "", h.Now().UnixMilli(), nil) // it says nothing, and is behind all of them
	if err != nil {
		return opened, open, err
	}
	return opened, open, h.reach(ctx, last, 0)
}

// housed tells whether the settings have the solutions of all statistics of a backup: in others nobody could ever ask for them.
func (h *Hall) housed(all []backedUp) error {
	for i := range all {
		if of := all[i].Request.Solution; h.Names(of) == nil {
			return &Refusal{fmt.Errorf("statistic %s belongs to the solution %q, which there is none of here; name it in stat.solutions first",
				clip(all[i].ID), clip(of))}
		}
	}
	return nil
}

// roomFor tells whether the statistics of a backup that are not open may all be.
func (h *Hall) roomFor(all []backedUp) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	size := len(h.pool)
	for i := range all {
		if h.pool[all[i].ID] == nil {
			size++
		}
	}
	if size > maxPool {
		return ErrFull
	}
	return nil
}

// seeds finds what a statistic had counted by the backup that it was restored from. Each backup is read once.
func (h *Hall) seeds(ctx context.Context) func(o *origin, id string) *measure.Saved {
	read := map[string]map[string]*measure.Saved{}
	return func(o *origin, id string) *measure.Saved {
		if o == nil {
			return nil
		}
		if read[o.File] == nil {
			read[o.File] = map[string]*measure.Saved{}
			b, err := h.get(ctx, o.File)
			var all []backedUp
			if err == nil {
				all, err = readBackup(b)
			}
			if err != nil {
				h.Log.Error("a backup of statistics that were restored can not be read; they begin with nothing", "file", o.File, "err", err)
			}
			for i := range all {
				read[o.File][all[i].ID] = &all[i].Meter
			}
		}
		return read[o.File][id]
	}
}
