package actors

import (
	"context"
	"path/filepath"
	"time"

	"tandem/actors/deck"
	"tandem/actors/files"
	"tandem/actors/pbx/storage"
	"tandem/actors/pbx/task"
	"tandem/media/shelf"
)

// openEnvironment opens the application environment.
func (h *House) openEnvironment(ctx context.Context) (err error) {
	h.environment, err = files.OpenEnvironment(ctx, h.store.Files(), h.live.Conf().Member.Name, h.log)
	if err != nil {
		return err
	}
	h.closes(h.environment.Close)
	return nil
}

// openStorage opens the files of accounts.
func (h *House) openStorage(ctx context.Context) error {
	h.storage = files.NewStorage(h.store.Files(), func() storage.Limits {
		c := h.live.Conf().Accounts
		return storage.Limits{Bytes: c.MaxStorage, Files: c.MaxFiles, Messages: c.MaxMessages, Heard: c.HeardMessages}
	})
	h.mailboxes = files.OpenMailboxes(ctx, h.store.Files(), h.storage)
	h.closes(h.mailboxes.Close)
	return nil
}

// fileFunctions are the functions by which programs use files.
func (h *House) fileFunctions() []task.Service {
	return append(h.storage.Functions(h.ledger), h.environment.ReadEnvirFile())
}

// spoolName is the directory of recordings for programs, in that of the calls' recordings.
const spoolName = "spool"

// openDecks makes what legs and mixers play and record for Tasks with.
func (h *House) openDecks() {
	h.decks = deck.Floor{Engine: h.engine, Spool: filepath.Join(h.recordings, spoolName),
		Sounds: shelf.New(int64(h.live.Conf().Media.Sounds), h.environment.Contents)}
}

// callsName is the directory of those of calls that programs want, on their way into the store.
const callsName = "calls"

// openRecordings makes what brings them there.
func (h *House) openRecordings(ctx context.Context) error {
	h.records = files.OpenRecordings(ctx, filepath.Join(h.recordings, callsName), h.store.Files(),
		h.live.Conf().Store.MaxFile, h.log)
	h.closes(h.records.Close)
	return nil
}

// expireRecordings deletes recordings of calls that are older, or more, than the settings say.
func (h *House) expireRecordings(ctx context.Context, now time.Time) {
	c := h.live.Conf().Media
	if err := h.records.Expire(ctx, c.RecordingsAge, c.RecordingsSize, now); err != nil {
		h.log.Warn("old recordings of calls are not deleted", "err", err)
	}
}

// deliverOrphans delivers recordings that a crash has left, as voice mail.
func (h *House) deliverOrphans(ctx context.Context) error {
	return files.Orphans{Spool: h.decks.Spool, Resolve: h.ledger.Resolve, Storage: h.storage, Log: h.log}.Deliver(ctx)
}

// expireMail deletes heard messages that are older than the settings say.
func (h *House) expireMail(ctx context.Context, now time.Time) {
	if h.live.Conf().Accounts.HeardMessages == 0 {
		return
	}
	for _, r := range h.directory.Records() {
		if err := h.storage.Expire(ctx, string(r.AOR), now); err != nil {
			h.log.Warn("heard voice messages are not deleted", "account", string(r.AOR), "err", err)
			return
		}
	}
}
