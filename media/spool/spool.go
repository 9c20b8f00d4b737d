package spool

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Limits of what is kept here.
const (
	// MaxLength is the longest recording.
	MaxLength = time.Hour
	// MaxBytes is the largest file that is handed over.
	MaxBytes = 64 << 20
	// maxNote is the largest note that is read, in bytes.
	maxNote = 64 << 10
	// headerBytes is what a WAV file has before its first sample.
	headerBytes = 44
)

// ErrTooLarge is for a file that is not handed over; it stays where it is.
var ErrTooLarge = errors.New("spool: the recording is too large")

// Note says whose a recording is. Texts come from phones and programs: they may be anything.
type Note struct {
	Account string    `json:"account"`
	From    string    `json:"from"`
	Program string    `json:"program"`
	Call    string    `json:"call"`
	Started time.Time `json:"started"`
	// Meta is what else is to be known of it, in words of who wants it.
	Meta map[string]string `json:"meta,omitempty"`
}

// Orphan is a recording that nobody took.
type Orphan struct {
	Note
	Name string // of the file, in the directory
}

// The ends of the names: a recording and its note.
const (
	soundEnd = ".wav"
	noteEnd  = ".json"
)

// Begin chooses the name of a recording and writes its note, which is on the disk when Begin returns.
// The directory is made where it is missing.
func Begin(dir string, n Note) (name string, err error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", fmt.Errorf("spool: %w", err)
	}
	octets, err := json.Marshal(n)
	if err != nil {
		return "", fmt.Errorf("spool: note: %w", err)
	}
	stem := n.Started.UTC().Format("20060102-150405-") + rand.Text()
	if err := write(filepath.Join(dir, stem+noteEnd), octets); err != nil {
		return "", fmt.Errorf("spool: note: %w", err)
	}
	if err := sync(dir); err != nil {
		return "", fmt.Errorf("spool: %w", errors.Join(err, Remove(dir, stem+soundEnd)))
	}
	return stem + soundEnd, nil
}

// Amend writes the note of a recording anew; after a crash there is the old one or the new one.
func Amend(dir, name string, n Note) error {
	octets, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("spool: note: %w", err)
	}
	path := filepath.Join(dir, strings.TrimSuffix(name, soundEnd)+noteEnd)
	fresh := path + ".new"
	_ = os.Remove(fresh) // one that a crash left
	if err := write(fresh, octets); err != nil {
		return fmt.Errorf("spool: note: %w", err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return fmt.Errorf("spool: note: %w", err)
	}
	return sync(dir)
}

// write makes a file that is on the disk when it returns; one that is not whole is removed.
func write(path string, octets []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	_, err = f.Write(octets)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		_ = os.Remove(path)
	}
	return err
}

// sync has the names in a directory on the disk: those of new files may else be gone after a loss of power.
func sync(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Read is the whole recording.
func Read(dir, name string) ([]byte, error) { return read(filepath.Join(dir, name), MaxBytes) }

func read(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	defer f.Close()
	octets, err := io.ReadAll(io.LimitReader(f, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("spool: %w", err)
	case int64(len(octets)) > limit:
		return nil, ErrTooLarge
	}
	return octets, nil
}

// Remove deletes a recording and its note: the note last, so that no recording is without one. What is
// gone already is no error.
func Remove(dir, name string) error {
	stem := strings.TrimSuffix(name, soundEnd)
	for _, end := range []string{soundEnd, noteEnd} {
		if err := os.Remove(filepath.Join(dir, stem+end)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("spool: %w", err)
		}
	}
	return nil
}

// Orphans are the recordings that lie in the directory, oldest first: asked before the first recording of
// a start, those that its last life left behind. One that had not begun, be it a note alone or a file without
// a sound, is removed; what has no note that can be read is left to the administrator.
func Orphans(dir string) ([]Orphan, error) { return Left(dir, func(string) bool { return false }) }

// Left is as Orphans for a directory in which recordings are being made: those that busy says so of are none.
func Left(dir string, busy func(name string) bool) ([]Orphan, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("spool: %w", err)
	}
	var out []Orphan
	for _, e := range entries {
		stem, ok := strings.CutSuffix(e.Name(), noteEnd)
		if !ok {
			continue
		}
		o := Orphan{Name: stem + soundEnd}
		if busy(o.Name) {
			continue
		}
		if f, err := os.Stat(filepath.Join(dir, o.Name)); errors.Is(err, os.ErrNotExist) || err == nil && f.Size() <= headerBytes {
			if err := Remove(dir, o.Name); err != nil {
				return nil, err
			}
			continue
		}
		octets, err := read(filepath.Join(dir, e.Name()), maxNote)
		if err == nil && json.Unmarshal(octets, &o.Note) == nil {
			out = append(out, o)
		}
	}
	slices.SortStableFunc(out, func(a, b Orphan) int { return a.Started.Compare(b.Started) })
	return out, nil
}
