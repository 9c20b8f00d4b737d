package queuelog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tandem/actors/msg"
	"tandem/actors/queuelog/loader"
)

// world is a store in memory, and the machine of one partition above it.
type world struct {
	t       testing.TB
	machine *Partition
	pieces  []Piece
	now     time.Time
	fail    func(Append) (written bool, f Failure) // nil: all is written
	answers map[uint64]*msg.PartitionLoaded
	ask     uint64
}

func newWorld(t testing.TB) *world {
	return &world{t: t, machine: New(), now: time.Unix(1700000000, 0), answers: map[uint64]*msg.PartitionLoaded{}}
}

// restart: another owner takes the partition over.
func (w *world) restart() { w.machine = New() }

// lines are all that was written.
func (w *world) lines() (all []string) {
	for _, p := range w.pieces {
		for _, l := range p.Lines {
			all = append(all, string(l))
		}
	}
	return all
}

func (w *world) run(effects []Effect) {
	for len(effects) > 0 {
		e := effects[0]
		effects = effects[1:]
		switch e := e.(type) {
		case Look:
			effects = append(effects, w.machine.Looked(w.head(), Failure{}, w.now)...)
		case Compare:
			effects = append(effects, w.machine.Compared(w.stored(e), Failure{}, w.now)...)
		case Append:
			effects = append(effects, w.write(e)...)
		case Answer:
			w.answers[e.Ask] = e.Loaded
		}
	}
}

func (w *world) head() Head {
	if n := len(w.pieces); n > 0 {
		return HeadOf(w.pieces[n-1], uint64(n))
	}
	return Head{}
}

// stored are the pieces that the store would find: by how far the times have come, and by those that are late.
func (w *world) stored(c Compare) *Sought {
	out := c.Sought
	begin := slices.IndexFunc(w.pieces, func(p Piece) bool { return p.High >= c.Low })
	if begin < 0 {
		return out
	}
	end := begin
	for ; end < len(w.pieces); end++ {
		p := w.pieces[end]
		if p.Low > c.High && !p.Note.Late {
			break
		}
		out.Count(p.Before, p.Lines)
	}
	for at := int(w.head().Late) - 1; at >= end; at = int(w.pieces[at].Late) - 1 {
		out.Count(w.pieces[at].Before, w.pieces[at].Lines)
	}
	return out
}

func (w *world) write(e Append) []Effect {
	written, f := true, Failure{}
	if w.fail != nil {
		written, f = w.fail(e)
	}
	if written && e.After != uint64(len(w.pieces)) {
		w.t.Fatalf("a piece behind %d of %d", e.After, len(w.pieces))
	}
	if written {
		w.pieces = append(w.pieces, e.Piece)
	}
	return w.machine.Appended(e.Piece, uint64(len(w.pieces)), f, w.now)
}

// load asks as a loader does.
func (w *world) load(l *msg.PartitionLoad) *msg.PartitionLoaded {
	w.ask++
	w.run(w.machine.Load(w.ask, l, w.now))
	return w.answers[w.ask]
}

func (w *world) row(line string) *msg.PartitionLoaded { return w.rowOf("", line) }

func (w *world) rowOf(run, line string) *msg.PartitionLoaded {
	w.ask++
	r := &msg.PartitionRow{Writer: &msg.PartitionWriter{Name: "rows", Run: run}, Line: []byte(line)}
	w.run(w.machine.Row(w.ask, r, w.now))
	return w.answers[w.ask]
}

func (w *world) mark() *msg.PartitionLoaded { return w.markOf("") }

func (w *world) markOf(run string) *msg.PartitionLoaded {
	w.ask++
	w.run(w.machine.Mark(w.ask, &msg.PartitionMark{Writer: &msg.PartitionWriter{Name: "rows", Run: run}}, w.now))
	return w.answers[w.ask]
}

// sender sends for a loader; lost says of the n-th offer whether its answer is lost.
func (w *world) sender(name, run string, lost func(n int) bool) loader.Send {
	n := 0
	return func(_ context.Context, o loader.Offer) (loader.Answer, error) {
		a := w.load(&msg.PartitionLoad{Writer: &msg.PartitionWriter{Name: name, Run: run}, File: o.File, From: o.From, To: o.To, Hash: o.Hash,
			After: o.After, Text: o.Text, Size: o.Size, Late: o.Late})
		if n++; lost != nil && lost(n) {
			return loader.Answer{}, errors.New("the answer is lost")
		}
		return loader.Answer{Refusal: a.Refusal, Why: a.Why, File: a.File, Offset: a.Offset, Hash: a.Hash, Lines: a.Lines,
			Added: a.Added, Present: a.Present, Malformed: a.Malformed, Late: a.Late}, nil
	}
}

var runs int

// loadText loads a text as a file in batches.
func (w *world) loadText(name, text string, batch int, lost func(int) bool) loader.Answer {
	w.t.Helper()
	runs++
	l := &loader.Load{Name: name, Lines: batch, Send: w.sender("test "+name, fmt.Sprint(runs), lost),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
	sum, err := l.Run(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return sum
}

func caseFile(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile("report/testdata/cases/" + name + ".queue_log")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func linesOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}

// The loader cases 1 to 5 and 7.
func TestEachLineIsThereOnce(t *testing.T) {
	text := caseFile(t, "ast22-r2-A")
	all := linesOf(text)
	half := len(text)/2 + 5 // in the middle of a line
	third := strings.Index(text[len(text)/3:], "\n") + len(text)/3 + 1
	for name, load := range map[string]func(*world){
		"twice": func(w *world) { w.loadText("f", text, 50, nil); w.loadText("f", text, 7, nil) },
		"the first hundred": func(w *world) {
			w.loadText("g", strings.Join(all[:100], "\n")+"\n", 50, nil)
			w.loadText("f", text, 50, nil)
		},
		"cut in a line": func(w *world) { w.loadText("f", text[:half], 50, nil); w.loadText("f", text, 50, nil) },
		"pieces":        func(w *world) { w.loadText("f.1", text[:third], 50, nil); w.loadText("f", text[third:], 50, nil) },
		"pieces again": func(w *world) {
			w.loadText("f.1", text[:third], 50, nil)
			w.loadText("f", text[third:], 50, nil)
			w.loadText("f.1", text[:third], 3, nil)
		},
		"answers lost, one each": func(w *world) { w.loadText("f", text, 1, func(n int) bool { return n%3 == 0 }) },
		"answers lost, 7":        func(w *world) { w.loadText("f", text, 7, func(n int) bool { return n%3 == 0 }) },
		"answers lost, 50":       func(w *world) { w.loadText("f", text, 50, func(n int) bool { return n%3 == 0 }) },
		"owners change": func(w *world) {
			w.loadText("f", text, 7, func(n int) bool {
				if n%5 == 0 {
					w.restart()
				}
				return n%3 == 0
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				load(w)
				if got := w.lines(); !slices.Equal(got, all) {
					t.Errorf("%d lines are there, want %d", len(got), len(all))
				}
			})
		})
	}
}

// Whatever happens on the way, each line arrives once, and equal ones of a second stay as many as they are.
func TestAnyTroubleOnTheWay(t *testing.T) {
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) { anyTrouble(t, seed) })
	}
}

func anyTrouble(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 8))
	w := newWorld(t)
	var text strings.Builder
	at := int64(1000)
	for range 60 {
		at += []int64{0, 0, 0, 1, 2, -1}[r.IntN(6)]
		if r.IntN(15) == 0 {
			text.WriteString("what nobody can read\n")
			continue
		}
		fmt.Fprintf(&text, "%d|1.%d|q|Agent/1|RINGNOANSWER|1000\n", at, r.IntN(2))
	}
	all := linesOf(text.String())
	w.fail = func(Append) (bool, Failure) {
		switch r.IntN(12) {
		case 0:
			return true, Failure{Unavailable, "the answer of the store is lost"}
		case 1:
			return false, Failure{Unavailable, "the store is away"}
		}
		return true, Failure{}
	}
	owners := 6
	trouble := func(int) bool {
		if r.IntN(8) == 0 && owners > 0 {
			owners--
			w.restart()
		}
		return r.IntN(4) == 0
	}
	whole := text.String()
	cut := strings.Join(all[:1+r.IntN(len(all))], "\n") + "\n"
	w.loadText("copy", cut, 1+r.IntN(9), trouble)
	w.loadText("f", whole, 1+r.IntN(9), trouble)
	w.loadText("f", whole, 1+r.IntN(9), trouble)
	if got := w.lines(); !slices.Equal(got, all) {
		t.Fatalf("seed %d: %d lines, want %d:\n%s", seed, len(got), len(all), strings.Join(got, "\n"))
	}
}

func writerOf(run string) *msg.PartitionWriter {
	return &msg.PartitionWriter{Name: "pbx-a:/var/log/queue_log", Run: run, Address: "192.0.2.1", Follows: true}
}

func offer(run, file string, from int, hash, text string) *msg.PartitionLoad {
	return &msg.PartitionLoad{Writer: writerOf(run), File: file, From: uint64(from), To: uint64(from + len(text)), Hash: hash, Text: []byte(text)}
}

// One alone follows; another one may when it was silent for long enough, or says that it ends.
func TestOneFollows(t *testing.T) {
	w := newWorld(t)
	const line = "1000|NONE|NONE|NONE|QUEUESTART|\n"
	if a := w.load(offer("1", "f", 0, "", line)); a.Refusal != "" || a.Added != 1 {
		t.Fatalf("the first: %v", a)
	}
	w.now = w.now.Add(WriterLife / 2)
	if a := w.load(offer("2", "f", 0, "", line)); a.Refusal != Writer || !strings.Contains(a.Why, "192.0.2.1") {
		t.Errorf("a second one: %v", a)
	}
	if f := w.machine.Find(w.now); f.Writer.GetRun() != "1" || f.Refused.GetRun() != "2" {
		t.Errorf("shown: %v", f)
	}
	w.now = w.now.Add(WriterLife)
	if a := w.load(offer("2", "f", 0, "", line)); a.Refusal != "" || a.Present != 1 {
		t.Errorf("when the first is silent: %v", a)
	}
	end := offer("2", "f", len(line), HashOf([]byte(strings.TrimSpace(line))), "")
	end.Writer.Ends = true
	if a := w.load(end); a.Refusal != "" {
		t.Errorf("it ends: %v", a)
	}
	if a := w.load(offer("3", "f", 0, "", line)); a.Refusal != "" {
		t.Errorf("behind one that has ended: %v", a)
	}
}

// Who goes on where the newest piece ends is not compared: a line may stand twice in a second, in two pieces.
func TestGoesOnByPosition(t *testing.T) {
	w := newWorld(t)
	const line = "1000|1.1|q|Agent/1|RINGNOANSWER|1000\n"
	hash := HashOf([]byte(strings.TrimSpace(line)))
	w.load(offer("1", "f", 0, "", line))
	w.restart()
	if a := w.load(offer("1", "f", len(line), hash, line)); a.Added != 1 {
		t.Errorf("behind a change of the owner: %v", a)
	}
	w.restart()
	rotated := offer("1", "g", 0, hash, line)
	rotated.After = "f"
	if a := w.load(rotated); a.Added != 1 {
		t.Errorf("in the file behind it: %v", a)
	}
	if a := w.load(offer("1", "f", len(line), hash, line)); a.Refusal != Position || a.File != "g" || a.Offset != uint64(len(line)) {
		t.Errorf("elsewhere: %v", a)
	}
	if got := w.lines(); len(got) != 3 {
		t.Errorf("%d lines", len(got))
	}
}

// A loader without positions says again what it is not sure of, from the greatest time on.
func TestRows(t *testing.T) {
	w := newWorld(t)
	if a := w.row("1000|NONE|NONE|NONE|QUEUESTART|"); a.Refusal != Position {
		t.Errorf("without a mark: %v", a)
	}
	if a := w.mark(); a.High != 0 || a.Refusal != "" {
		t.Errorf("nothing is there: %v", a)
	}
	lines := []string{"1000|NONE|NONE|NONE|QUEUESTART|", "1001|1.1|q|Agent/1|RINGNOANSWER|1000", "1001|1.1|q|Agent/1|RINGNOANSWER|1000"}
	for _, l := range lines {
		w.row(l)
	}
	if a := w.mark(); a.High != 1001 {
		t.Errorf("mark: %v", a)
	}
	lines = append(lines, "1001|1.1|q|Agent/1|RINGNOANSWER|1000", "1002|1.1|q|NONE|ABANDON|1|1|2")
	for _, l := range lines[1:] {
		w.row(l)
	}
	if got := w.lines(); !slices.Equal(got, lines) {
		t.Errorf("%q", got)
	}
}

// Whoever sends row by row is heard with each of them.
func TestRowsAreHeard(t *testing.T) {
	w := newWorld(t)
	w.mark()
	for i := range 5 {
		w.now = w.now.Add(WriterLife / 2)
		w.row(fmt.Sprintf("%d|NONE|NONE|NONE|CONFIGRELOAD|", 1000+i))
		if f := w.machine.Find(w.now); f.HeardMs != w.now.UnixMilli() || f.Writer.GetName() != "rows" {
			t.Errorf("row %d: %v", i, f)
		}
	}
}

// One alone sends rows, or a file: what two of them say would be counted as if one had said it.
func TestOneSendsRows(t *testing.T) {
	w := newWorld(t)
	const line = "1001|1.1|q|Agent/1|RINGNOANSWER|1000"
	w.markOf("1")
	w.rowOf("1", line)
	if a := w.markOf("2"); a.Refusal != Writer {
		t.Errorf("the mark of a second one: %v", a)
	}
	if a := w.rowOf("2", line); a.Refusal != Writer {
		t.Errorf("its row: %v", a)
	}
	if a := w.load(offer("3", "f", 0, "", line+"\n")); a.Refusal != Writer {
		t.Errorf("a file: %v", a)
	}
	w.now = w.now.Add(WriterLife)
	if a := w.rowOf("2", line); a.Refusal != Position {
		t.Errorf("a row without a mark of its own: %v", a)
	}
	w.markOf("2")
	if a := w.rowOf("2", line); a.Present != 1 {
		t.Errorf("what the first one has said: %v", a)
	}
	if got := w.lines(); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// What is much older than the newest line and new is refused, unless it is meant.
func TestLateLines(t *testing.T) {
	w := newWorld(t)
	w.loadText("f", "10000|NONE|NONE|NONE|QUEUESTART|\n", 10, nil)
	old := "1000|NONE|NONE|NONE|QUEUESTART|\n"
	a := w.load(&msg.PartitionLoad{Writer: &msg.PartitionWriter{Name: "x"}, File: "g", To: uint64(len(old)), Text: []byte(old)})
	if a.Refusal != Late || !strings.Contains(a.Why, "oldest file first") {
		t.Errorf("not meant: %v", a)
	}
	a = w.load(&msg.PartitionLoad{Writer: &msg.PartitionWriter{Name: "x"}, File: "g", To: uint64(len(old)), Text: []byte(old), Late: true})
	if a.Refusal != "" || a.Late != 1 {
		t.Errorf("meant: %v", a)
	}
	w.loadText("f", "10000|NONE|NONE|NONE|QUEUESTART|\n10001|NONE|NONE|NONE|CONFIGRELOAD|\n", 10, nil)
	if a := w.loadText("g", old, 10, nil); a.Present != 1 {
		t.Errorf("again: %+v", a)
	}
	if got := w.lines(); len(got) != 3 {
		t.Errorf("%q", got)
	}
}

// A line of a clock that is wrong is kept once, and hides nothing of what comes after it.
func TestLinesOfTheFuture(t *testing.T) {
	const now = 1700000000
	at := func(seconds int) string { return fmt.Sprintf("%d|1.1|q|Agent/1|RINGNOANSWER|1000\n", seconds) }
	text := at(now) + at(now+1<<30) + "half a li\n" + at(now+1<<30+1) + at(now+1) + at(now+2)
	for _, batch := range []int{1, 2, 10} {
		w := newWorld(t)
		w.loadText("f", text, batch, nil)
		if f := w.machine.Find(w.now); f.High != now+2 || f.First != now || f.Malformed != 1 || w.head().Late != 0 {
			t.Errorf("in batches of %d: %v", batch, f)
		}
		for _, again := range []int{1, 2, 3, 10} {
			if a := w.loadText("g", text, again, nil); a.Added != 0 || a.Present != 6 {
				t.Errorf("in batches of %d, then of %d: %+v", batch, again, a)
			}
		}
	}
}

// A log of a clock that is wrong is followed all the same, whoever owns its partition.
func TestAFutureLogIsFollowed(t *testing.T) {
	w := newWorld(t)
	hash, from := "", 0
	for i := range 20 {
		if i%3 == 2 {
			w.restart()
		}
		line := fmt.Sprintf("%d|1.%d|q|Agent/1|RINGNOANSWER|1000", w.now.Unix()+int64(i)*farAhead.Milliseconds()/10000, i)
		if a := w.load(offer("1", "f", from, hash, line+"\n")); a.Added != 1 || a.Refusal != "" {
			t.Fatalf("line %d: %v", i, a)
		}
		from, hash = from+len(line)+1, HashOf([]byte(line))
	}
	if got := w.lines(); len(got) != 20 {
		t.Errorf("%d lines", len(got))
	}
}

// What is read to compare a text is not kept: no more than the text itself is.
func TestComparingKeepsNoMoreThanTheText(t *testing.T) {
	s := soughtOf(entries([]byte("1|a|b|c|d\n1|a|b|c|d\n2|a|b|c|d\n"), 0))
	for i := range 1000 {
		s.Count(0, [][]byte{[]byte("1|a|b|c|d"), fmt.Appendf(nil, "2|a|b|c|%d", i), []byte("3|a|b|c|d")})
	}
	if len(s.n) != 2 || s.n[second{1, "1|a|b|c|d"}] != 1000 || s.n[second{2, "2|a|b|c|d"}] != 0 || s.Full() {
		t.Errorf("%v", s.n)
	}
	long := bytes.Repeat([]byte("x"), 1<<20)
	for range maxRead>>20 + 1 {
		s.Count(0, [][]byte{long})
	}
	if !s.Full() {
		t.Error("it reads without an end")
	}
}

// What can not be read is kept, counted and shown.
func TestUnreadableLines(t *testing.T) {
	w := newWorld(t)
	text := "\xef\xbb\xbf1000|NONE|NONE|NONE|QUEUESTART|\r\n\r\nhalf a li\n" + strings.Repeat("x", 100000) + "\n1001|NONE|NONE|NONE|CONFIGRELOAD|\n"
	if a := w.loadText("f", text, 10, nil); a.Malformed != 2 || a.Added != 4 {
		t.Errorf("%+v", a)
	}
	if a := w.loadText("f", text, 1, nil); a.Added != 0 || a.Present != 4 {
		t.Errorf("again: %+v", a)
	}
	if f := w.machine.Find(w.now); f.Malformed != 2 || f.Lines != 4 || f.First != 1000 || f.High != 1001 || len(f.Visits) != 2 {
		t.Errorf("%v", f)
	}
	if got := w.lines(); got[0] != "1000|NONE|NONE|NONE|QUEUESTART|" {
		t.Errorf("%.200q", got)
	}
}

// FuzzLoad offers anything, twice: nothing is lost and nothing is there twice.
func FuzzLoad(f *testing.F) {
	f.Add([]byte("1000|NONE|NONE|NONE|QUEUESTART|\nx\n\n1000|1.1|q|A|CONNECT|1\n"), uint8(1))
	f.Add([]byte("5|a|b|c|d\n4|a|b|c|d\n5|a|b|c|d\n5|a|b|c|d"), uint8(2))
	f.Fuzz(func(t *testing.T, text []byte, batch uint8) {
		w := newWorld(t)
		text = append(bytes.ReplaceAll(text, []byte("\x1f\x8b"), nil), '\n')
		n := int(batch%20) + 1
		runs++
		load := func(name string, late bool) loader.Answer {
			l := &loader.Load{Name: name, Lines: n, Late: late, Send: w.sender("fuzz", fmt.Sprint(runs), nil),
				Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }}
			sum, err := l.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return sum
		}
		first := load("f", true)
		runs++
		if again := load("g", false); again.Added != 0 || again.Present != first.Added || again.Lines != first.Lines {
			t.Fatalf("first %+v, again %+v", first, again)
		}
	})
}
