package loader

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/actors/acttest"
)

// server takes lines by position, or compares them with what it has, as a partition does, and loses some answers.
type server struct {
	mu    sync.Mutex
	lines []byte
	has   map[string]bool
	at    Answer
	n     int

	compares bool   // since the file was begun
	late     string // how lines begin that are refused as much older
}

func (s *server) send(_ context.Context, o Offer) (Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	begins := o.From == 0 && o.After == ""
	fits := o.File == s.at.File && o.From == s.at.Offset || o.From == 0 && o.After == s.at.File
	if !begins && (!fits || o.Hash != s.at.Hash) {
		a := s.at
		a.Refusal = refusedPosition
		return a, nil
	}
	if s.late != "" && strings.HasPrefix(string(o.Text), s.late) {
		return Answer{Refusal: refusedLate, Why: "these are older"}, nil
	}
	if s.has == nil {
		s.has = map[string]bool{}
	}
	for l := range bytes.Lines(o.Text) {
		if s.at.Hash = hashOf(bytes.TrimRight(l, "\n")); !s.has[string(l)] {
			s.has[string(l)] = true
			s.lines = append(s.lines, l...)
			stamp, _, _ := bytes.Cut(l, []byte("|"))
			s.at.High, _ = strconv.ParseInt(string(stamp), 10, 64)
		} else if !begins && !s.compares {
			return Answer{}, fmt.Errorf("%w: %s came twice", ErrPermanent, l)
		}
	}
	s.compares = begins || s.compares && o.After == ""
	s.at.File, s.at.Offset = o.File, o.To
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
		if !strings.HasPrefix(want, string(s.lines)) {
			lines := 0
			for got := range strings.Lines(string(s.lines)) {
				if !strings.HasPrefix(want, got) {
					t.Fatalf("line %d is %q", lines+1, got)
				}
				want, lines = want[len(got):], lines+1
			}
		}
		return string(s.lines) == want
	})
}

// growing is a log that somebody writes and rotates, and the loader that follows it.
type growing struct {
	*testing.T
	server
	path   string
	want   string
	n      int
	turned int // how often it was rotated
	stop   func()
}

// grow adds lines: three in each second.
func (g *growing) grow(lines int) {
	g.Helper()
	f, err := os.OpenFile(g.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		g.Fatal(err)
	}
	defer f.Close()
	for range lines {
		g.n++
		text := fmt.Sprintf("%d|line|%d\n", 1000+g.n/3, g.n)
		g.want += text
		if _, err := f.WriteString(text); err != nil {
			g.Fatal(err)
		}
	}
}

// follow begins to follow, from wherever the server is.
func (g *growing) follow() {
	ctx, cancel := context.WithCancel(g.Context())
	ended := make(chan error, 1)
	l := &Tail{Path: g.path, Lines: 4, Every: time.Millisecond, Beat: 20 * time.Millisecond, Wait: time.Millisecond, Send: g.send, Place: g.place}
	go func() { ended <- l.Run(ctx) }()
	g.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			g.Error(err)
		}
	}
}

func (g *growing) must(err error) {
	g.Helper()
	if err != nil {
		g.Fatal(err)
	}
}

// Ways in which a log is rotated: by its writer, or by somebody who asks it to open its file again; or behind its back, by
// a copy. All keep what they rotate.
var rotations = map[string]func(*growing){
	"the newest has the highest number": func(g *growing) { g.must(os.Rename(g.path, fmt.Sprint(g.path, ".", g.turned))) },
	"the newest has the lowest number": func(g *growing) {
		g.number()
		g.must(os.Rename(g.path, g.path+".1"))
	},
	"by date, made new": func(g *growing) {
		g.must(os.Rename(g.path, fmt.Sprint(g.path, "-", 20260100+g.turned)))
		g.must(os.WriteFile(g.path, nil, 0o600))
	},
	"copied and emptied": func(g *growing) {
		g.number()
		g.copy(g.path + ".1")
	},
	"copied by date, emptied, and squeezed": func(g *growing) {
		name := fmt.Sprint(g.path, "-", 20260100+g.turned)
		g.copy(name)
		g.squeeze(name)
	},
	"squeezed later": func(g *growing) {
		if g.turned > 1 {
			g.squeeze(fmt.Sprint(g.path, "-", 20260100+g.turned-1))
		}
		g.must(os.Rename(g.path, fmt.Sprint(g.path, "-", 20260100+g.turned)))
	},
}

// number gives those that were rotated before higher numbers.
func (g *growing) number() {
	for n := g.turned - 1; n > 0; n-- {
		g.must(os.Rename(fmt.Sprint(g.path, ".", n), fmt.Sprint(g.path, ".", n+1)))
	}
}

func (g *growing) copy(name string) {
	text, err := os.ReadFile(g.path)
	g.must(err)
	half := len(text) / 2 // the copy is there before it is done
	g.must(os.WriteFile(name, text[:half], 0o600))
	g.must(os.WriteFile(name, text, 0o600))
	g.must(os.Truncate(g.path, 0))
}

func (g *growing) squeeze(name string) {
	text, err := os.ReadFile(name)
	g.must(err)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(text)
	g.must(z.Close())
	g.must(os.WriteFile(name+".gz", b.Bytes()[:b.Len()/2], 0o600))
	g.must(os.WriteFile(name+".gz", b.Bytes(), 0o600))
	g.must(os.Remove(name))
}

// A log is followed through every kind of rotation, many times, at any moment: while the loader has read all, is somewhere in
// front of it, or is not there. Each line comes once, in order.
func TestTailFollowsItsLog(t *testing.T) {
	for name, rotate := range rotations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(4) {
				dice := rand.New(rand.NewPCG(seed, 8))
				g := &growing{T: t, path: filepath.Join(t.TempDir(), "queue_log")}
				g.follow() // before the log is there
				g.grow(5)
				g.await(t, g.want)
				for range 25 {
					switch dice.IntN(6) {
					case 0:
						g.stop()
						g.grow(dice.IntN(5))
						g.follow()
					case 1:
						g.await(t, g.want)
					case 2, 3:
						g.grow(1 + dice.IntN(12))
						g.turned++
						rotate(g)
						g.grow(1 + dice.IntN(12)) // else the next one would rotate nothing
					default:
						g.grow(dice.IntN(8))
					}
				}
				g.grow(1)
				g.await(t, g.want)
				g.stop()
			}
		})
	}
}

// A log that was emptied without a copy goes on with what it has then, though older pieces lie beside it that the server has
// never had and does not take: they are passed over.
func TestTailOfAnEmptiedLog(t *testing.T) {
	g := &growing{T: t, path: filepath.Join(t.TempDir(), "queue_log")}
	g.must(os.WriteFile(g.path+".1", []byte("10|line|old\n"), 0o600))
	g.follow()
	g.grow(10)
	g.await(t, g.want)
	g.must(os.Truncate(g.path, 0))
	g.grow(3)
	g.await(t, g.want)
	g.stop()
	g.must(os.Truncate(g.path, 0))
	g.late = "10|"
	g.n += 30 // so that the newest second of the server is in the old piece, if anywhere
	g.follow()
	g.grow(20)
	g.await(t, g.want)
	g.stop()
}

// What the server has is compared from the piece on that has its newest second, where its place can not be found: files were
// rotated away, or others have loaded lines.
func TestTailWhoseFileIsGone(t *testing.T) {
	g := &growing{T: t, path: filepath.Join(t.TempDir(), "queue_log")}
	g.follow()
	g.grow(7)
	g.await(t, g.want)
	g.stop()
	g.must(os.Remove(g.path))
	for range 3 {
		g.grow(7)
		g.turned++
		g.must(os.Rename(g.path, fmt.Sprint(g.path, ".", g.turned)))
	}
	g.grow(2)
	g.follow()
	g.await(t, g.want)
	g.stop()
}

// TestRenamed: a piece that was listed under a name is not what has the name now.
func TestRenamed(t *testing.T) {
	log := filepath.Join(t.TempDir(), "queue_log")
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(log, "1|of the first\n")
	all, err := pieces(log)
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	if err := os.Rename(log, log+".1"); err != nil {
		t.Fatal(err)
	}
	write(log, "2|of the next\n")
	if _, err := read(all[0].path, all[0].id); !errors.Is(err, errRenamed) {
		t.Errorf("the name is another file's now: %v", err)
	}
	r, err := read(log+".1", all[0].id)
	if err != nil {
		t.Fatal(err)
	}
	defer r.file.Close()
	if text, _, _, _, err := r.s.next(1); string(text) != "1|of the first\n" || err != nil {
		t.Errorf("under its new name: %q, %v", text, err)
	}
	copied := piece{path: log + ".1", info: stat(t, log+".1")}
	write(log+".1", "1|of the first\n1|and more of it\n")
	if now := (piece{path: log + ".1", info: stat(t, log+".1")}); copied.settled(now, log) {
		t.Error("a copy that grows is being made")
	}
	before := piece{path: log, info: stat(t, log)}
	write(log, "2|of the next\n2|more\n")
	if now := (piece{path: log, info: stat(t, log)}); !before.settled(now, log) {
		t.Error("the log itself may grow")
	}
}

func stat(t *testing.T, path string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// TestPieces: numbers or dates say which piece is older, whatever the times of the files are; without those the times do.
func TestPieces(t *testing.T) {
	for _, row := range []struct{ names, want []string }{
		{[]string{"log.1", "log.10", "log.2.gz", "log"}, []string{"log.10", "log.2.gz", "log.1", "log"}},
		{[]string{"log", "log2", "log_old", "logs"}, []string{"log"}},
		{[]string{"log-20260102", "log-20260101", "log"}, []string{"log-20260101", "log-20260102", "log"}},
		{[]string{"log.2026-01-02.gz", "log.2026-01-01", "log"}, []string{"log.2026-01-01", "log.2026-01-02.gz", "log"}},
		{[]string{"log-new", "log-20260101", "log"}, []string{"log-new", "log-20260101", "log"}},
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
		all, err := pieces(filepath.Join(dir, "log"))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			got = append(got, filepath.Base(p.path))
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%v, want %v", got, row.want)
		}
	}
}
