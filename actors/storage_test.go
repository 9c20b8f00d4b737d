package actors

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/actors/pbx/storage"
	"tandem/actors/pbx/task"
	"tandem/conf"
	"tandem/media/spool"
	"tandem/ximss/object"
)

const aliceAOR, bobAOR = "1000@tandem.local", "1001@tandem.local"

// call is a function of programs, called for an account, in text form.
func callFor(t *testing.T, h *House, account, function string, args ...object.Value) string {
	t.Helper()
	s, ok := taskServices(h)[strings.ToLower(function)]
	if !ok {
		t.Fatalf("no function %s", function)
	}
	v := s.Run(t.Context(), task.Caller{Account: account, Domain: "tandem.local", Owner: account}, args)
	if b, ok := v.Bytes(); ok {
		return string(b)
	}
	return object.Format(v)
}

// Files of accounts last, and their failures have the texts that programs know.
func TestFilesOfAccountsLast(t *testing.T) {
	c := settingsOf(t.TempDir())
	c.Store.MaxFile = 2000
	live := liveOf(t, c, "")
	h, err := open(t, live)
	if err != nil {
		t.Fatal(err)
	}
	text := object.String
	for _, step := range []struct {
		account, function string
		args              []object.Value
		want              string
	}{
		{bobAOR, "WriteStorageFile", []object.Value{text("notes/a.txt"), text("hello")}, "#null#"},
		{bobAOR, "AppendStorageFile", []object.Value{text("notes/a.txt"), object.Data([]byte(" world"))}, "#null#"},
		{bobAOR, "RenameStorageFile", []object.Value{text("none"), text("b")}, `"file is not found"`},
		{bobAOR, "WriteStorageFile", []object.Value{text("big"), text(strings.Repeat("x", 2001))}, `"file is too large"`},
		{bobAOR, "WriteStorageFile", []object.Value{text("~alice/x"), text("x")}, `"unknown user account"`},
		{bobAOR, "WriteStorageFile", []object.Value{text("~1000/x"), text("x")}, `"access denied"`},
		{"admin@tandem.local", "ReadStorageFile", []object.Value{text("~1001/notes/a.txt")}, "hello world"},
		{"admin@tandem.local", "RenameStorageFile", []object.Value{text("~1001/notes/a.txt"), text("b.txt")}, "#null#"},
	} {
		if got := callFor(t, h, step.account, step.function, step.args...); got != step.want {
			t.Errorf("%s %v: %s, want %s", step.function, step.args, got, step.want)
		}
	}
	stop(t, h)
	h = started(t, live)
	if got := callFor(t, h, bobAOR, "ReadStorageFile", text("b.txt")); got != "hello world" {
		t.Errorf("after a start: %s", got)
	}
}

// The quota is that of the settings of the moment.
func TestQuotaOfTheSettings(t *testing.T) {
	c := settingsOf(t.TempDir())
	c.Accounts.MaxStorage = 10
	h := start(t, c)
	for size, want := range map[int]string{10: "#null#", 11: `"account storage is full"`} {
		if got := callFor(t, h, bobAOR, "WriteStorageFile", object.String("a"), object.Data(make([]byte, size))); got != want {
			t.Errorf("%d bytes: %s", size, got)
		}
	}
}

// record leaves a recording in the spool, as a killed member does.
func record(t *testing.T, dir string, n spool.Note, sound []byte) string {
	t.Helper()
	name, err := spool.Begin(dir, n)
	if err == nil && sound != nil {
		err = os.WriteFile(filepath.Join(dir, name), sound, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// shortRecording is the least size of a recording that is delivered.
const shortRecording = 44 + 1600

// Recordings that a crash left are voice mail of their accounts at the next start, each once; what can not
// be delivered stays.
func TestRecordingsOfBeforeACrashAreDelivered(t *testing.T) {
	c := settingsOf(t.TempDir())
	live := liveOf(t, c, "")
	h, err := open(t, live)
	if err != nil {
		t.Fatal(err)
	}
	dir, sound := h.decks.Spool, func(mark byte) []byte { return []byte(strings.Repeat(string(mark), shortRecording)) }
	if _, err := h.storage.Deliver(t.Context(), aliceAOR, storage.Message{Received: time.Now(), Sound: sound('2')}, "1"); err != nil {
		t.Fatal(err)
	}
	stop(t, h)
	begun := time.Now().Add(-time.Hour).Truncate(time.Second)
	record(t, dir, spool.Note{Account: bobAOR, From: "9@elsewhere.org", Program: "voicemail", Started: begun}, sound('1'))
	record(t, dir, spool.Note{Account: aliceAOR, Started: begun}, sound('2')) // the Task had stored it already
	record(t, dir, spool.Note{Account: bobAOR, Started: begun}, sound('3')[1:])
	record(t, dir, spool.Note{Account: bobAOR, Started: begun}, nil)
	kept := record(t, dir, spool.Note{Account: "none@tandem.local", Started: begun}, sound('4'))
	for range 2 {
		h, err = open(t, live)
		if err != nil {
			t.Fatal(err)
		}
		mail := h.storage.Messages(bobAOR)
		if len(mail) != 1 || mail[0].From != "9@elsewhere.org" || !mail[0].Received.Equal(begun) || mail[0].Heard {
			t.Errorf("bob has %+v", mail)
		}
		if n := len(h.storage.Messages(aliceAOR)); n != 1 {
			t.Errorf("alice has %d", n)
		}
		stop(t, h)
		names, err := filepath.Glob(filepath.Join(dir, "*.wav"))
		if err != nil || len(names) != 1 || filepath.Base(names[0]) != kept {
			t.Errorf("in the spool are %v %v", names, err)
		}
	}
}

func TestHeardMailExpires(t *testing.T) {
	c := settingsOf(t.TempDir())
	for _, keep := range []time.Duration{0, time.Hour} {
		c.Accounts.HeardMessages = keep
		h := start(t, conf.Conf(c))
		id, err := h.storage.Deliver(t.Context(), bobAOR, storage.Message{Received: time.Now(), Sound: []byte("x")}, "1")
		if err == nil {
			err = h.storage.MarkHeard(t.Context(), bobAOR, id)
		}
		if err != nil {
			t.Fatal(err)
		}
		h.expireMail(context.Background(), time.Now().Add(2*time.Hour))
		if _, heard := h.storage.Count(bobAOR); heard != map[bool]int{true: 1, false: 0}[keep == 0] {
			t.Errorf("kept for %v: %d", keep, heard)
		}
		stop(t, h)
	}
}
