package spool

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"tandem/media/wav"
)

func note(account string, at time.Time) Note {
	return Note{Account: account, From: "1000@t.local", Program: "voicemail", Call: "c1", Started: at}
}

var noon = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// record begins a recording and lets it have so many bytes of sound.
func record(t *testing.T, dir string, n Note, size int) string {
	t.Helper()
	name, err := Begin(dir, n)
	if err != nil {
		t.Fatal(err)
	}
	octets := append(wav.AppendHeader(nil, wav.Format{Encoding: wav.PCM, Rate: 8000, Channels: 1}, size), make([]byte, size)...)
	if err := os.WriteFile(filepath.Join(dir, name), octets, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestOrphans(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "spool")
	if none, err := Orphans(dir); err != nil || len(none) != 0 {
		t.Errorf("of a directory that is not there: %v, %v", none, err)
	}
	second := record(t, dir, note("b@t.local", noon.Add(time.Hour)), 320)
	first := record(t, dir, note("a\x00\xff@t.local", noon), 320)
	if _, err := Begin(dir, note("begun@t.local", noon)); err != nil { // and killed before its file was there
		t.Fatal(err)
	}
	record(t, dir, note("silent@t.local", noon), 0) // and killed before anything was heard
	strange := record(t, dir, note("broken@t.local", noon), 320)
	broken := filepath.Join(dir, strange[:len(strange)-len(soundEnd)]+noteEnd)
	if err := os.WriteFile(broken, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, err := Orphans(dir)
		if err != nil || len(got) != 2 || got[0].Name != first || got[1].Name != second ||
			!reflect.DeepEqual(got[1].Note, note("b@t.local", noon.Add(time.Hour))) {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	if left := names(t, dir); len(left) != 6 {
		t.Errorf("there lie %v", left)
	}
	octets, err := Read(dir, first)
	if err != nil || len(octets) != 364 {
		t.Errorf("read %d bytes, %v", len(octets), err)
	}
	for range 2 {
		if err := Remove(dir, first); err != nil {
			t.Error(err)
		}
	}
	if got, _ := Orphans(dir); len(got) != 1 {
		t.Errorf("after one was taken: %v", got)
	}
}

func TestFailures(t *testing.T) {
	dir := t.TempDir()
	if _, err := Read(dir, "none.wav"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("read what is not there: %v", err)
	}
	big, err := os.Create(filepath.Join(dir, "big.wav"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(big.Truncate(MaxBytes+1), big.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(dir, "big.wav"); !errors.Is(err, ErrTooLarge) {
		t.Errorf("read what is too large: %v", err)
	}
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Begin(plain, note("a@t.local", noon)); err == nil {
		t.Error("began in what is no directory")
	}
	if _, err := Orphans(plain); err == nil {
		t.Error("listed what is no directory")
	}
}

// A note may be written anew while the recording goes on, and what is being made is no orphan.
func TestAmend(t *testing.T) {
	dir := t.TempDir()
	name := record(t, dir, note("a@t.local", noon), 320)
	other := record(t, dir, note("b@t.local", noon), 320)
	n := note("a@t.local", noon)
	n.Meta = map[string]string{"agent": "1002"}
	for range 2 {
		if err := Amend(dir, name, n); err != nil {
			t.Fatal(err)
		}
	}
	left, err := Left(dir, func(name string) bool { return name == other })
	if err != nil || len(left) != 1 || left[0].Name != name || left[0].Meta["agent"] != "1002" {
		t.Errorf("left %v, %v", left, err)
	}
	if got := names(t, dir); len(got) != 4 {
		t.Errorf("there lie %v", got)
	}
	if err := Amend(filepath.Join(dir, "none"), name, n); err == nil {
		t.Error("a note was written into a directory that is not there")
	}
}
