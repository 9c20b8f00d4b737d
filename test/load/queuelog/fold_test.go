package queuelog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"tandem/actors/queuelog/report"
)

// nothing is a Sink that keeps nothing.
type nothing struct{}

func (nothing) Stint(*report.Stint)     {}
func (nothing) Session(*report.Session) {}
func (nothing) Pause(*report.Pause)     {}
func (nothing) Attempt(report.Attempt)  {}

// TestFold measures how long it takes to read lines and make calls of them, and a bare scanner over the same lines.
func TestFold(t *testing.T) {
	n := lines(t) / 10
	path := filepath.Join(t.TempDir(), "queue_log")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	text := bufio.NewWriter(out)
	for l := newLog("A", n, 1); n > 0; n-- {
		_, _ = text.WriteString(l.next() + "\n")
	}
	if err := errors.Join(text.Flush(), out.Close()); err != nil {
		t.Fatal(err)
	}
	bytes := 0
	bare, folded, figured := time.Hour, time.Hour, time.Hour
	for range 9 {
		bare = min(bare, timed(t, path, func(in io.Reader) error {
			lines := bufio.NewScanner(in)
			for lines.Scan() {
				bytes += len(lines.Bytes())
			}
			return lines.Err()
		}))
		folded = min(folded, fold(t, path, nothing{}))
		figured = min(figured, fold(t, path, report.NewSummary(report.Ask{Within: 20})))
	}
	fmt.Printf("\nprocessor time for lines of %d bytes in all, best of 9: scanned in %v; read and folded in %v, %.2f times as long; with figures %v, %.2f times\n",
		bytes/9, bare, folded, float64(folded)/float64(bare), figured, float64(figured)/float64(bare))
}

func fold(t *testing.T, path string, sink report.Sink) time.Duration {
	return timed(t, path, func(in io.Reader) error {
		f := report.NewFold(report.Part{Name: "A"}, report.Source{}, report.Names{}, sink)
		err := f.File(in)
		f.Open(sink)
		if r := f.Read(); r.Malformed > 0 || len(r.Other) > 0 {
			t.Fatalf("%+v", r)
		}
		return err
	})
}

// timed tells how much processor time it takes to read a file in some way: it does not depend on what else runs.
func timed(t *testing.T, path string, read func(io.Reader) error) time.Duration {
	t.Helper()
	start := spent(t)
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	if err := read(in); err != nil {
		t.Fatal(err)
	}
	return spent(t) - start
}

// spent is the processor time of this process so far, that of the collector of garbage among it.
func spent(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
