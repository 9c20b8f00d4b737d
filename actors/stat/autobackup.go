package stat

import (
	"context"
	"os"
	"time"
)

// backupName is the name, among those of objects, whose owner writes backups for all.
const backupName = "backup"

// autoBackup writes a backup if it is time to, and this member does so. The file is whole or as it was; the one before it is
// kept beside it.
func (h *Hall) autoBackup(ctx context.Context) error {
	if h.Backups == nil {
		return nil
	}
	every, file := h.Backups()
	if _, mine := h.Member.Epoch(Kind, backupName); every <= 0 || !mine {
		return nil
	}
	if before, err := os.Stat(file); err == nil && h.Now().Sub(before.ModTime()) < every {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, max(every, checkpointTime))
	defer cancel()
	began := time.Now()
	size, err := h.backupInto(ctx, file+".new")
	if err != nil {
		_ = os.Remove(file + ".new") // it is not the whole
		return err
	}
	if err := os.Rename(file, file+".old"); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := os.Rename(file+".new", file); err != nil {
		return err
	}
	h.Log.Info("a backup of the statistics is written", "file", file, "bytes", size, "took", time.Since(began))
	return nil
}

func (h *Hall) backupInto(ctx context.Context, file string) (size int64, err error) {
	to, err := os.OpenFile(file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() {
		if failed := to.Close(); err == nil {
			err = failed
		}
	}()
	if err := h.Backup(ctx, to); err != nil {
		return 0, err
	}
	if err := to.Sync(); err != nil {
		return 0, err
	}
	about, err := to.Stat()
	if err != nil {
		return 0, err
	}
	return about.Size(), nil
}
