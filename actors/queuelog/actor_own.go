package queuelog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/actors/queuelog/writer"
	"tandem/actors/store"
)

// OwnWriter is by whom the lines of our own queues come into their partitions.
const OwnWriter = "journal"

// Own brings the lines of our own queues out of the journal into partitions, one for each member and named as it. All
// members have one, and that of the Controller works. A piece says how far the journal was taken for its partition, and is
// written behind the piece that was the newest one by whoever writes it; so each line comes once, however many believe to
// be the Controller, and whenever one of them dies.
type Own struct {
	Lines    OwnStream
	Journal  writer.Journal
	Kept     OwnShelf
	Name     string      // of the journal
	Leads    func() bool // whether this member is the Controller
	Refusals func() bool // whether refused callers have a line
	Every    time.Duration
	Log      *slog.Logger

	at    *ownMark // nil: not known
	sieve *writer.Sieve
	heads map[string]*Head // of partitions, as far as they are known
	saved time.Time
	dirty bool
}

// OwnStream are the raw lines: see store.Lines.
type OwnStream interface {
	Last(ctx context.Context, partition string) (store.Piece, bool, error)
	Append(ctx context.Context, p store.Piece, after uint64) (uint64, error)
}

// OwnShelf is where the mark lies: see store.Bucket.
type OwnShelf interface {
	Get(key string) (store.Entry, bool)
	Put(ctx context.Context, key string, value []byte, o store.Write) (uint64, error)
}

// ownKey is where the mark lies.
const ownKey = "queuelog.own"

// Limits of Own.
const (
	ownLines  = 2000             // taken together
	ownBytes  = 256 << 10        // of lines taken together
	saveEvery = 10 * time.Second // a mark; behind it lines are read again, and known
)

// ownMark says how far the journal was taken, and what must be known to go on as if nothing had happened.
type ownMark struct {
	Journal  string
	Position uint64
	Window   uint64 // position from which doubles are known
	Shares   shares
}

// Run works until ctx ends.
func (o *Own) Run(ctx context.Context) {
	tick := time.NewTicker(o.Every)
	defer tick.Stop()
	for failing := false; ; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if !o.Leads() {
			o.at = nil // another one goes on
			continue
		}
		err := o.round(ctx)
		if err != nil {
			o.at = nil // it may have been written, or not
			if !failing && ctx.Err() == nil {
				o.Log.Warn("the lines of our own queues do not come into their partitions; they will", "err", err)
			}
		}
		failing = err != nil
	}
}

// ownLine is a line with the place where the journal has it.
type ownLine struct {
	text     string
	position uint64
}

// round brings all that the journal has.
func (o *Own) round(ctx context.Context) error {
	if o.at == nil {
		o.begin()
	}
	if err := o.sieve.Warm(ctx, o.Journal, o.at.Position); err != nil {
		return err
	}
	for more := true; more; {
		batch := map[string][]ownLine{}
		before, bytes, lines := o.at.Position, 0, 0
		err := o.Journal.Read(ctx, o.at.Position+1, func(f store.Fact) bool {
			o.at.Position = f.Position
			_, l, ok := o.sieve.Take(f)
			if !ok || l == nil || l.Verb == "" || l.Refusal && !o.Refusals() {
				return true
			}
			text := writer.Text(f.At, l)
			for _, name := range o.at.Shares.of(l) {
				batch[name] = append(batch[name], ownLine{text, f.Position})
			}
			lines, bytes = lines+1, bytes+len(text)
			return lines < ownLines && bytes < ownBytes
		})
		if err != nil {
			return err
		}
		for name, all := range batch {
			if err := o.append(ctx, name, all); err != nil {
				return fmt.Errorf("partition %s: %w", name, err)
			}
		}
		o.dirty = o.dirty || o.at.Position > before
		more = lines >= ownLines || bytes >= ownBytes
	}
	if !o.dirty || time.Since(o.saved) < saveEvery {
		return nil
	}
	return o.save(ctx)
}

// begin goes on where the last Controller has left a mark, or with all that the journal has.
func (o *Own) begin() {
	m := &ownMark{}
	if e, ok := o.Kept.Get(ownKey); ok {
		if err := json.Unmarshal(e.Value, m); err != nil || m.Journal != o.Name {
			m = &ownMark{}
		}
	}
	m.Journal = o.Name
	o.at, o.sieve, o.heads, o.dirty, o.saved = m, writer.NewSieve(m.Window, o.Log), map[string]*Head{}, false, time.Time{}
}

func (o *Own) save(ctx context.Context) error {
	o.at.Window = o.sieve.Oldest()
	text, err := json.Marshal(o.at)
	if err == nil {
		_, err = o.Kept.Put(ctx, ownKey, text, store.Write{})
	}
	if err == nil {
		o.saved, o.dirty = time.Now(), false
	}
	return err
}

// append writes lines into a partition, those that it has not.
func (o *Own) append(ctx context.Context, name string, all []ownLine) error {
	h, err := o.head(ctx, name)
	if err != nil {
		return err
	}
	p, any := ownPiece(h, o.Name, all, farFrom(time.Now()))
	if !any {
		return nil
	}
	note, err := proto.Marshal(p.Note)
	if err != nil {
		return err
	}
	sequence, err := o.Lines.Append(ctx, store.Piece{Partition: name, From: p.From, Before: p.Before, Low: p.Low, High: p.High,
		Late: p.Late, Lines: p.Lines, Note: note}, h.Sequence)
	if err != nil {
		return err
	}
	o.heads[name] = headOf(p, sequence)
	return nil
}

// head is the newest piece of a partition.
func (o *Own) head(ctx context.Context, name string) (*Head, error) {
	if h := o.heads[name]; h != nil {
		return h, nil
	}
	h := &Head{}
	p, ok, err := o.Lines.Last(ctx, name)
	if err != nil {
		return nil, err
	}
	if ok {
		piece, err := pieceOf(p)
		if err != nil {
			return nil, errors.Join(store.ErrDamaged, err)
		}
		h = headOf(piece, p.Sequence)
	}
	o.heads[name] = h
	return h, nil
}

// ownPiece has those lines that come behind what a partition has of a journal. False: there are none.
func ownPiece(h *Head, journal string, all []ownLine, far int64) (Piece, bool) {
	known := uint64(0)
	if h.Note.GetWriter() == OwnWriter && h.Note.GetFile() == journal {
		known = h.Note.GetOffset()
	}
	before := h.Before
	var fresh []entry
	for _, l := range all {
		if l.position <= known {
			continue
		}
		for _, e := range entries([]byte(l.text), before) {
			before = e.at
			fresh = append(fresh, e)
		}
	}
	if len(fresh) == 0 {
		return Piece{}, false
	}
	last := all[len(all)-1].position
	return h.piece(fresh, &msg.PartitionNote{Writer: OwnWriter, File: journal, Offset: last, Hash: HashOf(fresh[len(fresh)-1].text)}, far), true
}
