package store

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"tandem/conf"
)

// childEnv makes the test binary a child that writes until it is killed, instead of running tests.
const childEnv = "TANDEM_STORE_CHILD"

// childOptions is what the child is told, as JSON in childEnv.
type childOptions struct {
	Dir   string
	First int // number of the first fact and setting
}

func TestMain(m *testing.M) {
	if opts, ok := os.LookupEnv(memberEnv); ok {
		os.Exit(memberProcess(opts))
	}
	if opts, ok := os.LookupEnv(childEnv); ok { // an empty value must not run the tests again
		var o childOptions
		if err := json.Unmarshal([]byte(opts), &o); err != nil || o.Dir == "" {
			fmt.Fprintln(os.Stderr, "bad options for the child:", opts, err)
			os.Exit(2)
		}
		os.Exit(child(o))
	}
	os.Exit(m.Run())
}

// child appends facts, puts settings and writes files without end, and prints one line for each that is
// acknowledged: "fact number position", "put key number revision", "file number" or "moved number".
func child(o childOptions) int {
	go func() {
		io.Copy(io.Discard, os.Stdin) // until the parent is gone
		os.Exit(3)
	}()
	s, err := Open(context.Background(), o.Dir, conf.DefaultStore(), nil, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var mu sync.Mutex
	say := func(format string, v ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Printf(format+"\n", v...)
	}
	for w := range 3 {
		go func() {
			for n := o.First; ; n++ {
				key := fmt.Sprintf("writer%d@%d", w, n%4)
				rev, err := s.Bucket(Settings).Put(context.Background(), key, fmt.Append(nil, n), Write{Author: "child"})
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				say("put %s %d %d", key, n, rev)
			}
		}()
	}
	go writeFiles(s.Files(), o.First, say)
	room := make(chan struct{}, 200) // facts that wait
	for n := o.First; ; n++ {
		room <- struct{}{}
		err := s.Journal().Append(Fact{Kind: "test", Subject: strconv.Itoa(n)}, func(pos uint64, err error) {
			if err == nil {
				say("fact %d %d", n, pos)
			}
			<-room
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
}

// keepMoved is how many of its renamed files the child keeps.
const keepMoved = 5

// writeFiles writes one file again and again, and makes, renames and deletes others.
func writeFiles(f *Files, first int, say func(string, ...any)) {
	ctx := context.Background()
	for n := first; ; n++ {
		w := FileWrite{Meta: map[string]string{"n": strconv.Itoa(n)}}
		fresh, moved := fmt.Sprint("new/", n), fmt.Sprint("old/", n)
		_, err := f.Put(ctx, "file", fileOf(n), w)
		if err == nil {
			say("file %d", n)
			_, err = f.Put(ctx, fresh, fileOf(n), w)
		}
		if err == nil {
			_, err = f.Rename(ctx, fresh, moved, FileWrite{})
		}
		if err == nil {
			say("moved %d", n)
			err = f.Delete(ctx, fmt.Sprint("old/", n-keepMoved), FileWrite{})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// fileOf is what the child writes into a file: up to three chunks.
func fileOf(n int) []byte { return noise(uint64(n), n*7919%(2*chunkSize+1000)) }

// setting is an acknowledged Put.
type setting struct {
	number   int
	revision uint64
}

// witness remembers what children had acknowledged.
type witness struct {
	facts    map[int]uint64 // number → position
	settings map[string]setting
	file     int // last version acknowledged of the file; 0 if none is
	moved    int // last file that was renamed
	last     int // highest number seen
}

// note takes one line of the child; false for a line that was cut off by the kill.
func (w *witness) note(line string) bool {
	var key string
	var number int
	var at uint64
	if n, _ := fmt.Sscanf(line, "fact %d %d", &number, &at); n == 2 {
		w.facts[number] = at
	} else if n, _ := fmt.Sscanf(line, "put %s %d %d", &key, &number, &at); n == 3 {
		w.settings[key] = setting{number, at}
	} else if n, _ := fmt.Sscanf(line, "file %d", &number); n == 1 {
		w.file = number
	} else if n, _ := fmt.Sscanf(line, "moved %d", &number); n == 1 {
		w.moved = number
	} else {
		return false
	}
	w.last = max(w.last, number)
	return true
}

// runAndKill lets a child write, kills it after some lines, and after a renamed file if moved says so, and notes
// all it had acknowledged.
func (w *witness) runAndKill(t *testing.T, o childOptions, lines int, moved bool) {
	t.Helper()
	if _, inside := os.LookupEnv(childEnv); inside {
		t.Fatal("a child must not start children")
	}
	opts, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+string(opts))
	cmd.Stderr = t.Output()
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := cmp.Or(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	r := bufio.NewReader(out)
	for n := 0; ; n++ {
		line, err := r.ReadString('\n')
		if err != nil {
			break // the end of a killed child, perhaps in the middle of a line
		}
		if !w.note(strings.TrimSpace(line)) {
			t.Errorf("the child says %q", line)
		}
		if n >= lines && (!moved || w.moved >= o.First) {
			cmd.Process.Kill()
		}
	}
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != -1 {
		t.Fatalf("the child ended by itself: %d", code)
	}
}

// check holds the store against what was acknowledged.
func (w *witness) check(t *testing.T, s *Store) {
	t.Helper()
	found := map[int]uint64{}
	before := -1
	err := s.Journal().Read(t.Context(), 0, func(f Fact) bool {
		n, _ := strconv.Atoi(f.Subject)
		if n <= before {
			t.Errorf("fact %d behind %d", n, before)
		}
		before, found[n] = n, f.Position
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	for n, pos := range w.facts {
		if found[n] != pos {
			t.Errorf("fact %d, acknowledged at %d, is at %d", n, pos, found[n])
		}
	}
	for key, want := range w.settings {
		e, ok := s.Bucket(Settings).Get(key)
		n, _ := strconv.Atoi(string(e.Value))
		if !ok || n < want.number || e.Revision < want.revision {
			t.Errorf("%s: acknowledged %+v, there is %d in revision %d", key, want, n, e.Revision)
		}
		w.checkHistory(t, s, key, want)
	}
	w.checkFiles(t, s.Files())
	if d := s.Snapshot().Damaged; d != 0 {
		t.Errorf("%d damaged", d)
	}
}

// checkFiles holds the files against what was acknowledged: each is whole, none has two names, and the disk
// has nothing else.
func (w *witness) checkFiles(t *testing.T, f *Files) {
	t.Helper()
	for _, i := range f.List("") {
		n, _ := strconv.Atoi(i.Meta["n"])
		hasFile(t, f, i.Name, fileOf(n))
		if i.Name == "file" && n < w.file {
			t.Errorf("the file has version %d, %d was acknowledged", n, w.file)
		}
		if _, twice := f.Stat(fmt.Sprint("old/", n)); twice && i.Name == fmt.Sprint("new/", n) {
			t.Errorf("file %d has two names", n)
		}
	}
	if _, ok := f.Stat("file"); !ok && w.file > 0 {
		t.Errorf("the file is gone, %d was acknowledged", w.file)
	}
	if _, ok := f.Stat(fmt.Sprint("old/", w.moved)); !ok && w.moved > 0 {
		t.Errorf("file %d is gone", w.moved)
	}
	swept(t, f)
}

func (w *witness) checkHistory(t *testing.T, s *Store, key string, want setting) {
	t.Helper()
	h, err := s.Bucket(Settings).History(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	times, before := 0, -1
	for _, e := range h {
		n, _ := strconv.Atoi(string(e.Value))
		if n <= before {
			t.Errorf("%s: %d behind %d", key, n, before)
		}
		if before = n; n == want.number && e.Revision == want.revision {
			times++
		}
	}
	if times != 1 {
		t.Errorf("%s: acknowledged %+v found %d times in %d revisions", key, want, times, len(h))
	}
}

// What a process acknowledged before it was killed is there afterwards, once and in order.
func TestKilledMemberLosesNothing(t *testing.T) {
	dir := t.TempDir()
	w := &witness{facts: map[int]uint64{}, settings: map[string]setting{}}
	rounds := 10
	if testing.Short() {
		rounds = 4
	}
	for round := range rounds {
		// The next child may write what the last one wrote without an answer; so numbers jump.
		o := childOptions{Dir: dir, First: w.last + 10000}
		w.runAndKill(t, o, rand.IntN(600), round%3 == 0)
		if round%2 == 1 {
			continue // the next child opens what this one left
		}
		s := openStore(t, dir)
		w.check(t, s)
		closeStore(t, s)
	}
	s := openStore(t, dir)
	w.check(t, s)
	t.Logf("%d facts and %d keys acknowledged in %d rounds, the last file is %d", len(w.facts), len(w.settings), rounds, w.moved)
	if w.moved == 0 {
		t.Error("no file was written")
	}
}
