package writer

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/actors/store"
)

// began is the time of the first fact.
var began = time.Unix(1700000000, 0)

// journal is a journal in memory, as the store keeps one: a frame for every three facts.
type journal struct {
	mu     sync.Mutex
	facts  []store.Fact
	broken error // what Read says in the middle
}

func (j *journal) add(kind string, body proto.Message) {
	b, err := proto.Marshal(body)
	if err != nil {
		panic(err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	n := len(j.facts)
	j.facts = append(j.facts, store.Fact{Kind: kind, At: began.Add(time.Duration(n) * time.Second), Body: b,
		Position: uint64(n/3+1)<<16 | uint64(n%3)})
}

func (j *journal) Last() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.facts) == 0 {
		return 0
	}
	return j.facts[len(j.facts)-1].Position
}

func (j *journal) Read(_ context.Context, from uint64, f func(store.Fact) bool) error {
	j.mu.Lock()
	facts, broken := j.facts, j.broken
	j.mu.Unlock()
	for i, fact := range facts {
		if broken != nil && i > len(facts)/2 {
			return broken
		}
		if fact.Position >= from && !f(fact) {
			return nil
		}
	}
	return nil
}

// some adds facts of callers who are all served: three lines each, and one fact without a line.
func (j *journal) some(first, n int) {
	for i := first; i < first+n; i++ {
		caller, agent := fmt.Sprint("c", i), fmt.Sprint(1002+i%4)
		offer := &msg.QueueOfferID{Epoch: 7, Number: uint64(i + 1)}
		fact := func(what msg.QueueFact_What, agent, verb string, args ...string) {
			f := &msg.QueueFact{What: what, Queue: "sales", By: 7, Caller: caller, Agent: agent,
				Line: &msg.FactLine{Call: caller, Queue: "sales", Agent: agent, Verb: verb, Args: args}}
			if agent != "" {
				f.Offer = offer
			}
			j.add(QueueKind, f)
		}
		fact(msg.QueueFact_ENTERED, "", "ENTERQUEUE", "", fmt.Sprint(5550000+i), "1")
		j.add(QueueKind, &msg.QueueFact{What: msg.QueueFact_OFFERED, Queue: "sales", Caller: caller, Agent: agent, Offer: offer})
		fact(msg.QueueFact_JOINED, agent, "CONNECT", "2", "leg", "1")
		fact(msg.QueueFact_COMPLETED_BY_CALLER, agent, "COMPLETECALLER", "2", "5", "1")
	}
}

// bench is a directory with a queue_log.
type bench struct {
	*testing.T
	dir     string
	journal *journal
	options Options
}

func newBench(t *testing.T) *bench {
	b := &bench{T: t, dir: t.TempDir(), journal: &journal{}}
	b.options = Options{Journal: b.journal, Name: "j", Path: filepath.Join(b.dir, "queue_log"), Every: time.Millisecond,
		Log: slog.New(slog.DiscardHandler)}
	return b
}

// start opens a writer and takes what there is. It is left as a crash leaves it.
func (b *bench) start() *Writer {
	b.Helper()
	w, err := Open(b.options)
	if err != nil {
		b.Fatal(err)
	}
	b.round(w)
	return w
}

func (b *bench) round(w *Writer) {
	b.Helper()
	if err := w.Round(context.Background()); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) read(name string) string {
	b.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, name))
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}

func (b *bench) put(name, text string) {
	b.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) rename(from, to string) {
	b.Helper()
	if err := os.Rename(filepath.Join(b.dir, from), filepath.Join(b.dir, to)); err != nil {
		b.Fatal(err)
	}
}

// want compares the file with the lines of all callers up to n.
func (b *bench) want(text string, n int) {
	b.Helper()
	if want := whole(n); text != want {
		b.Errorf("the log is\n%s\nwant\n%s", text, want)
	}
}

// whole is the log of n callers, as some adds them.
func whole(n int) string {
	var out strings.Builder
	for i := range n {
		at, agent := began.Unix()+4*int64(i), 1002+i%4
		fmt.Fprintf(&out, "%d|c%d|sales|NONE|ENTERQUEUE||%d|1\n", at, i, 5550000+i)
		fmt.Fprintf(&out, "%d|c%d|sales|%d|CONNECT|2|leg|1\n", at+2, i, agent)
		fmt.Fprintf(&out, "%d|c%d|sales|%d|COMPLETECALLER|2|5|1\n", at+3, i, agent)
	}
	return out.String()
}
