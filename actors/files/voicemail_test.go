package files

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"tandem/actors/pbx/storage"
)

const aliceAOR, bobAOR = "1000@tandem.local", "1001@tandem.local"

// Who wants to know is told of messages that come, are heard, and go, until he stops.
func TestChangedMailboxIsTold(t *testing.T) {
	s, _ := opened(t, t.TempDir())
	accounts := NewStorage(s.Files(), func() storage.Limits {
		return storage.Limits{Bytes: 1 << 20, Files: 10, Messages: 10, Heard: time.Hour}
	})
	mailboxes := OpenMailboxes(t.Context(), s.Files(), accounts)
	defer func() { _ = mailboxes.Close(context.Background()) }()
	told := make(chan string, 100)
	stop := mailboxes.Subscribe(func(account string, fresh, heard int) { told <- fmt.Sprint(account, " ", fresh, " ", heard) })
	until := func(want string) {
		t.Helper()
		for last := range told {
			if last == want {
				return
			}
		}
	}
	ctx := t.Context()
	id, err := accounts.Deliver(ctx, bobAOR, storage.Message{From: "9", Received: time.Now(), Sound: []byte("x")}, "1")
	if err != nil {
		t.Fatal(err)
	}
	until(bobAOR + " 1 0")
	if err := accounts.MarkHeard(ctx, bobAOR, id); err != nil {
		t.Fatal(err)
	}
	until(bobAOR + " 0 1")
	if err := accounts.Write(ctx, bobAOR, "other", nil, storage.Whole); err != nil {
		t.Fatal(err)
	}
	if err := accounts.Delete(ctx, bobAOR, "voicemail/old/"+id); err != nil {
		t.Fatal(err)
	}
	until(bobAOR + " 0 0")
	stop()
	gone := make(chan struct{})
	mailboxes.Subscribe(func(string, int, int) { close(gone) })
	if _, err := accounts.Deliver(ctx, aliceAOR, storage.Message{Received: time.Now(), Sound: []byte("x")}, "1"); err != nil {
		t.Fatal(err)
	}
	<-gone
	if len(told) > 0 {
		t.Errorf("told after stop: %s", <-told)
	}
}

func TestErrorsOfTheStoreHaveOurTexts(t *testing.T) {
	if err := storageError(nil); err != nil {
		t.Error(err)
	}
	other := errors.New("other")
	if err := storageError(other); err != other {
		t.Error(err)
	}
}
