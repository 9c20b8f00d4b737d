package actors

import (
	"context"
	"path/filepath"
	"time"

	"tandem/actors/deck"
	"tandem/media/shelf"
)

// spoolName is the directory of recordings for programs, in that of the calls' recordings.
const spoolName = "spool"

// soundWait is how long a sound may take to come from the store.
const soundWait = 10 * time.Second

// openDecks makes what legs and mixers play and record for Tasks with.
func (h *House) openDecks() {
	h.decks = deck.Floor{Engine: h.engine, Spool: filepath.Join(h.recordings, spoolName),
		Sounds: shelf.New(int64(h.live.Conf().Media.Sounds), h.sound)}
}

// sound brings a media file of the application environment.
func (h *House) sound(domain, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), soundWait)
	defer cancel()
	s, err := h.environment.set.Sound(ctx, domain, path)
	return s.Data, err
}
