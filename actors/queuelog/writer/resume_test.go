package writer

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestCutAnywhere: a crash has left any part of what stands behind the mark, and the log is whole all the same.
func TestCutAnywhere(t *testing.T) {
	b := newBench(t)
	b.journal.some(0, 2)
	w := b.start()
	b.round(w)
	mark, from := b.read("queue_log.position"), len(b.read("queue_log"))
	b.journal.some(2, 1)
	b.round(w)
	full := b.read("queue_log")
	for cut := from; cut <= len(full); cut++ {
		b.put("queue_log.position", mark)
		b.put("queue_log", full[:cut])
		b.start().Close()
		b.want(b.read("queue_log"), 3)
	}
	b.journal.some(3, 1)
	b.start().Close()
	b.want(b.read("queue_log"), 4)
}

// TestCutWhileItMoved: the same with a file that was moved aside just then, by us or by somebody else.
func TestCutWhileItMoved(t *testing.T) {
	b := newBench(t)
	b.journal.some(0, 1)
	w := b.start()
	mark, early := b.read("queue_log.position"), b.read("queue_log")
	b.journal.some(1, 1)
	b.round(w)
	behind := b.read("queue_log")[len(early):]
	for cut := range len(behind) + 1 {
		for _, moved := range []int{0, cut} { // how much of that is in the old file
			b.put("queue_log.position", mark)
			b.put("queue_log.1", early+behind[:moved])
			b.put("queue_log", behind[moved:cut])
			b.start().Close()
			b.want(b.read("queue_log.1")+b.read("queue_log"), 2)
		}
	}
}

func TestMoved(t *testing.T) {
	b := newBench(t)
	b.options.Size, b.options.Keep = 400, 100
	w := b.start()
	for i := range 20 {
		b.journal.some(i, 1)
		b.round(w)
	}
	w.Close()
	text, n := b.read("queue_log"), 1
	for ; ; n++ {
		old, err := os.ReadFile(filepath.Join(b.dir, fmt.Sprint("queue_log.", n)))
		if err != nil {
			break
		}
		if len(old) > 400 {
			t.Errorf("%d bytes", len(old))
		}
		text = string(old) + text
	}
	b.want(text, 20)
	if n < 4 {
		t.Errorf("moved %d times", n)
	}
	b.options.Keep = 2
	w = b.start()
	for i := range 20 {
		b.journal.some(20+i, 1)
		b.round(w)
	}
	if old, _ := filepath.Glob(b.options.Path + ".*"); len(old) < n { // those that are beyond what is kept are not ours to remove
		t.Errorf("%d are left: %v", len(old), old)
	}
}

// TestRenamed: logrotate renames the file while it is written, makes a new one or does not, or cuts it.
func TestRenamed(t *testing.T) {
	b := newBench(t)
	b.journal.some(0, 2)
	w := b.start()
	b.rename("queue_log", "queue_log-20261126")
	b.journal.some(2, 1)
	b.round(w)
	b.rename("queue_log", "queue_log-20261127")
	b.put("queue_log", "")
	b.journal.some(3, 2)
	b.round(w)
	text := b.read("queue_log-20261126") + b.read("queue_log-20261127") + b.read("queue_log")
	b.want(text, 5)
	if err := os.Truncate(b.options.Path, 0); err != nil {
		t.Fatal(err)
	}
	b.journal.some(5, 1)
	b.round(w)
	b.rename("queue_log", "queue_log-20261128") // and while nobody writes it
	b.journal.some(6, 1)
	b.start().Close()
	b.want(text+b.read("queue_log-20261128")+b.read("queue_log"), 7)
}

// TestOthersWrite: lines of somebody else in the file stay, and a file without a mark is gone on with.
func TestOthersWrite(t *testing.T) {
	b := newBench(t)
	b.journal.some(0, 1)
	w := b.start()
	mark := b.read("queue_log.position")
	foreign := "1700000001|NONE|NONE|Agent/9|CALLSTATUS|7\n"
	f, err := os.OpenFile(b.options.Path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fmt.Fprint(f, foreign)
	b.journal.some(1, 1)
	b.round(w)
	fmt.Fprint(f, foreign)
	b.put("queue_log.position", mark)
	b.journal.some(2, 1)
	b.start().Close()
	text := b.read("queue_log")
	if strings.Count(text, foreign) != 2 {
		t.Errorf("what others wrote is gone:\n%s", text)
	}
	b.want(strings.ReplaceAll(text, foreign, ""), 3)

	b.rename("queue_log.position", "old")
	b.put("queue_log", foreign+"half a li")
	w = b.start()
	b.journal.some(3, 1)
	b.round(w)
	if got, want := b.read("queue_log"), foreign+"half a li\n"+strings.TrimPrefix(whole(4), whole(3)); got != want {
		t.Errorf("without a mark:\n%s\nwant\n%s", got, want)
	}
	b.options.Name = "another journal"
	b.start().Close()
	if got := b.read("queue_log"); !strings.HasSuffix(got, whole(4)) {
		t.Errorf("of another journal:\n%s", got)
	}
}

// TestBuiltAnew: without file and mark all that the journal has is written.
func TestBuiltAnew(t *testing.T) {
	b := newBench(t)
	b.journal.some(0, 3)
	b.start().Close()
	for _, name := range []string{"queue_log", "queue_log.position"} {
		if err := os.Remove(filepath.Join(b.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	b.start().Close()
	b.want(b.read("queue_log"), 3)
}

// TestDiskFull: what could not be written is written when it can.
func TestDiskFull(t *testing.T) {
	b := newBench(t)
	b.journal.some(0, 1)
	w := b.start()
	b.rename("queue_log", "old")
	if err := os.Mkdir(b.options.Path, 0o700); err != nil { // nothing can be opened under that name
		t.Fatal(err)
	}
	b.journal.some(1, 1)
	if err := w.Round(t.Context()); err == nil {
		t.Error("a failure was hidden")
	}
	b.journal.some(2, 1)
	if err := w.Round(t.Context()); err == nil {
		t.Error("a failure was hidden")
	}
	if err := os.Remove(b.options.Path); err != nil {
		t.Fatal(err)
	}
	b.round(w)
	b.want(b.read("old")+b.read("queue_log"), 3)
}

// victims is how many callers the log of TestKilled has.
const victims = 20000

// TestKilled kills a process that writes the log, again and again, with files that move.
func TestKilled(t *testing.T) {
	if dir := os.Getenv("QUEUELOG_VICTIM"); dir != "" {
		victim(t, dir)
		return
	}
	if testing.Short() {
		t.Skip("kills processes")
	}
	b := newBench(t)
	kills := 0
	for range 60 {
		process := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		process.Env = append(os.Environ(), "QUEUELOG_VICTIM="+b.dir)
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(rand.IntN(60)+5)*time.Millisecond, func() { _ = process.Process.Kill() })
		err := process.Wait()
		timer.Stop()
		if err == nil {
			break
		}
		kills++
	}
	b.journal.some(0, victims)
	b.start().Close()
	text := b.read("queue_log")
	for n := 1; ; n++ {
		old, err := os.ReadFile(filepath.Join(b.dir, "queue_log."+strconv.Itoa(n)))
		if err != nil {
			break
		}
		text = string(old) + text
	}
	if text != whole(victims) {
		t.Errorf("after %d kills the log has %d bytes, want %d", kills, len(text), len(whole(victims)))
	}
	t.Logf("%d kills, %d bytes", kills, len(text))
}

// victim writes the log in small rounds.
func victim(t *testing.T, dir string) {
	b := &bench{T: t, dir: dir, journal: &journal{}}
	b.journal.some(0, victims)
	all := b.journal.facts
	b.options = newBench(t).options
	b.options.Journal, b.options.Path, b.options.Size, b.options.Keep = b.journal, filepath.Join(dir, "queue_log"), 100<<10, 100
	w, err := Open(b.options)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n <= len(all); n += 500 {
		if n > 0 && all[n-1].Position < w.position {
			continue
		}
		b.journal.facts = all[:n]
		b.round(w)
	}
}
