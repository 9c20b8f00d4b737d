package files

import (
	"context"
	"errors"
	"fmt"

	"tandem/actors/pbx/storage"
	"tandem/actors/store"
)

// NewStorage are the files of accounts, within the limits of the moment.
func NewStorage(files *store.Files, limits func() storage.Limits) *storage.Storage {
	return storage.New(accountFiles{files}, limits)
}

// accountFiles is the store as the storage of accounts sees it.
type accountFiles struct{ files *store.Files }

// Stat describes a file.
func (a accountFiles) Stat(key string) (storage.File, bool) {
	i, ok := a.files.Stat(key)
	return fileOf(i), ok
}

// List describes files in order of their keys.
func (a accountFiles) List(prefix string) []storage.File {
	list := a.files.List(prefix)
	out := make([]storage.File, len(list))
	for n, i := range list {
		out[n] = fileOf(i)
	}
	return out
}

func fileOf(i store.FileVersion) storage.File {
	return storage.File{Name: i.Name, Size: i.Size, Created: i.Created, Modified: i.Modified, Meta: i.Meta,
		Digest: i.Digest, Revision: int64(i.Revision)}
}

// Get reads a range.
func (a accountFiles) Get(ctx context.Context, key string, offset, limit int64) ([]byte, error) {
	b, _, err := a.files.Get(ctx, key, offset, limit)
	return b, storageError(err)
}

// Put writes a file whole.
func (a accountFiles) Put(ctx context.Context, key string, b []byte, since int64, meta map[string]string) error {
	w := store.FileWrite{Author: "storage", Meta: meta}
	if expected := uint64(since); since >= 0 {
		w.Expect = &expected
	}
	_, err := a.files.Put(ctx, key, b, w)
	if since > 0 && errors.Is(err, store.ErrConflict) {
		return storage.ErrChanged
	}
	return storageError(err)
}

// Append writes behind the end.
func (a accountFiles) Append(ctx context.Context, key string, b []byte) error {
	_, err := a.files.Append(ctx, key, b, store.FileWrite{Author: "storage"})
	return storageError(err)
}

// Rename gives a file another name.
func (a accountFiles) Rename(ctx context.Context, from, to string) error {
	_, err := a.files.Rename(ctx, from, to, store.FileWrite{Author: "storage"})
	return storageError(err)
}

// Delete removes a file.
func (a accountFiles) Delete(ctx context.Context, key string) error {
	return storageError(a.files.Delete(ctx, key, store.FileWrite{Author: "storage"}))
}

// storageError says in the words of the storage what the store says.
func storageError(err error) error {
	for ours, theirs := range map[error]error{store.ErrNoFile: storage.ErrNoFile, store.ErrConflict: storage.ErrExists,
		store.ErrTooLarge: storage.ErrTooLarge, store.ErrNoRoom: storage.ErrQuota, store.ErrBadKey: storage.ErrBadName} {
		if errors.Is(err, ours) {
			return fmt.Errorf("%w: %w", theirs, err)
		}
	}
	return err
}
