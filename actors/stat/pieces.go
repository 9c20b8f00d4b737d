package stat

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"tandem/actors/store"
)

// Files that are larger than the store takes one lie in pieces: first these are written, and then, under the name of the whole,
// which they are. So under each name there is a whole at any time, the one before or the new one.
const (
	pieces    = "stat/pieces/" // then the name of the whole, which one of that name, and a number
	pieceSize = 8 << 20        // bytes at most
	// pieceReads is how often a whole is read that is replaced meanwhile.
	pieceReads = 4
)

// contents says of which pieces a file is made.
type contents struct {
	Pieces []string `json:"pieces"`
	Size   int      `json:"size"`
}

var wholeBegins = []byte(`{"pieces":`)

// pieceBytes is how large a piece may be.
func (h *Hall) pieceBytes() int {
	if h.MaxFile > 0 && h.MaxFile < pieceSize {
		return int(h.MaxFile)
	}
	return pieceSize
}

// put writes a file, in pieces where it is large.
func (h *Hall) put(ctx context.Context, name string, b []byte) error {
	w := contents{Size: len(b)}
	if size := h.pieceBytes(); len(b) > size {
		sum := sha256.Sum256(b)
		for part := range slices.Chunk(b, size) {
			piece := fmt.Sprintf("%s%s/%s/%d", pieces, name, hex.EncodeToString(sum[:8]), len(w.Pieces))
			if _, err := h.Files.Put(ctx, piece, part, store.FileWrite{}); err != nil {
				return err
			}
			w.Pieces = append(w.Pieces, piece)
		}
		var err error
		if b, err = json.Marshal(w); err != nil {
			return err
		}
	}
	if _, err := h.Files.Put(ctx, name, b, store.FileWrite{}); err != nil {
		return err
	}
	for _, f := range h.Files.List(pieces + name + "/") {
		if !slices.Contains(w.Pieces, f.Name) {
			h.remove(ctx, f)
		}
	}
	return nil
}

// drop deletes what put has written. Who reads it meanwhile finds that it is none any more, before it misses a piece.
func (h *Hall) drop(ctx context.Context, name string) error {
	if err := h.Files.Delete(ctx, name, store.FileWrite{}); err != nil {
		return err
	}
	for _, f := range h.Files.List(pieces + name + "/") {
		h.remove(ctx, f)
	}
	return nil
}

// get reads what put has written.
func (h *Hall) get(ctx context.Context, name string) (b []byte, err error) {
	for range pieceReads {
		if b, _, err = h.Files.Get(ctx, name, 0, -1); err != nil || !bytes.HasPrefix(b, wholeBegins) {
			return b, err
		}
		if b, err = h.join(ctx, b); !errors.Is(err, store.ErrNoFile) {
			return b, err
		}
	}
	return nil, err // it is replaced again and again
}

func (h *Hall) join(ctx context.Context, text []byte) (all []byte, err error) {
	var w contents
	if err := json.Unmarshal(text, &w); err != nil || w.Size < 0 || w.Size > maxCheckpoint {
		return nil, fmt.Errorf("it does not say of which pieces it is: %w", errors.Join(err, errors.ErrUnsupported))
	}
	for _, piece := range w.Pieces {
		b, _, err := h.Files.Get(ctx, piece, 0, -1)
		if err != nil {
			return nil, err
		}
		all = append(all, b...)
	}
	if len(all) != w.Size {
		return nil, fmt.Errorf("its pieces have %d bytes, not %d", len(all), w.Size)
	}
	return all, nil
}

// wholeOf is the name of the file of which something is a piece.
func wholeOf(piece string) string {
	return path.Dir(path.Dir(strings.TrimPrefix(piece, pieces)))
}
