package loader

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"tandem/actors/acttest"
)

// server takes lines by position, as a partition does, and loses some answers.
type server struct {
	mu    sync.Mutex
	lines []byte
	at    Answer
	n     int
}

func (s *server) send(_ context.Context, o Offer) (Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fits := o.File == s.at.File && o.From == s.at.Offset || o.From == 0 && (o.After == s.at.File || s.at.File == "")
	if !fits || o.Hash != s.at.Hash {
		a := s.at
		a.Refusal = refusedPosition
		return a, nil
	}
	s.lines = append(s.lines, o.Text...)
	s.at.File, s.at.Offset = o.File, o.To
	if all := bytes.Fields(o.Text); len(all) > 0 {
		s.at.Hash = hashOf(all[len(all)-1])
	}
	if s.n++; s.n%3 == 0 {
		return Answer{}, errors.New("the answer is lost")
	}
	return s.at, nil
}

func (s *server) place(context.Context) (Answer, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at, s.at.File != "", nil
}

// await waits until the server has all lines.
func (s *server) await(t *testing.T, want string) {
	t.Helper()
	acttest.Until(t, "all lines have come, each once", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.lines) > len(want) {
			t.Fatalf("got\n%s\nwant\n%s", s.lines, want)
		}
		return string(s.lines) == want
	})
}

// A log is followed through rotation, a restart of the loader, rotation while nobody follows, and being emptied in place.
func TestTailFollowsItsLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "queue_log")
	s := &server{}
	want := ""
	n := 0
	grow := func(lines int) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for range lines {
			n++
			text := fmt.Sprintf("%d|line|%d\n", 1000+n/3, n)
			want += text
			if _, err := f.WriteString(text); err != nil {
				t.Fatal(err)
			}
		}
	}
	rename := func(to string) {
		t.Helper()
		if err := os.Rename(path, path+to); err != nil {
			t.Fatal(err)
		}
	}
	follow := func() (stop func()) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		l := &Tail{Path: path, Lines: 4, Every: time.Millisecond, Beat: 20 * time.Millisecond, Send: s.send, Place: s.place}
		go func() { ended <- l.Run(ctx) }()
		return func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	}
	stop := follow() // before the log is there
	grow(10)
	s.await(t, want)
	grow(3)
	rename(".9")
	grow(9)
	s.await(t, want)
	stop()
	grow(2)
	rename(".8")
	grow(3)
	rename(".7")
	grow(5)
	stop = follow()
	s.await(t, want)
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	grow(6)
	s.await(t, want)
	stop()
}

// TestPieces: numbers say which piece is older, whatever the times of the files are; without numbers those do.
func TestPieces(t *testing.T) {
	for _, row := range []struct{ names, want []string }{
		{[]string{"log.1", "log.10", "log.2.gz", "log"}, []string{"log.10", "log.2.gz", "log.1", "log"}},
		{[]string{"log-20260102", "log-20260101", "log"}, []string{"log-20260102", "log-20260101", "log"}},
	} {
		dir := t.TempDir()
		for i, name := range row.names {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte(name+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			at := time.Unix(1700000000+int64(i), 0)
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, p := range pieces(filepath.Join(dir, "log")) {
			got = append(got, filepath.Base(p.path))
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%v, want %v", got, row.want)
		}
	}
}
