package dispatch

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"tandem/actors/msg"
	"tandem/actors/queue"
	"tandem/actors/queuelog/report"
	"tandem/actors/queuelog/writer"
	"tandem/actors/store"
)

// TestQueueLogCounts lets callers, agents and owners do anything, writes what is told of it into a queue_log, by a
// writer that is killed on the way, and reads that by the rules of those who report. Each caller is there once, as it
// went; and where no queue had two owners the figures are the queue's own.
func TestQueueLogCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		w.kill = true
		for range rapid.IntRange(20, 300).Draw(t, "events") {
			w.event()
		}
		w.settle()
		for range 2 { // who is joined by somebody else's end ends, too
			for _, id := range names(w.tasks) {
				if task := w.tasks[id]; !task.gone && !task.hung {
					w.hangup(task)
				}
			}
			w.settle()
		}
		figures := w.report(w.queueLog())
		for _, name := range names(w.queues) {
			w.compare(w.queues[name], figures.Queues[name])
		}
		if figures.Malformed > 0 {
			w.Fatalf("%d lines can not be read", figures.Malformed)
		}
	})
}

// compare compares the figures of a queue with what its callers have gone through.
func (w *world) compare(o *owner, got report.Queue) {
	var entered, joined, lost, ended int64
	for _, id := range names(w.tasks) {
		facts := w.facts[id]
		if w.tasks[id].queue != o.name || facts[queue.Entered] == 0 {
			continue
		}
		entered++
		if facts[queue.Joined] > 0 {
			joined++
		} else if facts[queue.Abandon] > 0 {
			lost++
		}
		if facts[queue.CompletedByCaller] > 0 {
			ended++
		}
	}
	if got.Answered != joined || got.Lost != lost || got.Waiting != entered-joined-lost || got.Talking != joined-ended {
		w.Fatalf("queue %s: %d entered, %d were joined, %d of those ended, %d were lost; the log says %+v", o.name, entered, joined, ended, lost, got)
	}
	if c := o.machine.Show(w.now).Counters; o.epoch == 1 &&
		(int64(c.Answered) != got.Answered || int64(c.Abandoned) != got.Lost || int64(c.Completed) != ended) {
		w.Fatalf("queue %s has counted %+v; the log says %+v", o.name, c, got)
	}
}

// report reads a log.
func (w *world) report(path string) report.Figures {
	f, err := os.Open(path)
	if err != nil {
		w.Fatal(err)
	}
	defer f.Close()
	source, _ := report.ParseSource("sql:A")
	sum := report.NewSummary(report.Ask{})
	fold := report.NewFold(source.Parts[0], source, report.Names{}, sum)
	if err := fold.File(f); err != nil {
		w.Fatal(err)
	}
	fold.Open(sum)
	return sum.Figures("sql:A", fold.Read())
}

// queueLog writes what was told into a log, and names it.
func (w *world) queueLog() string {
	dir, err := os.MkdirTemp("", "dispatch")
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = os.RemoveAll(dir) })
	path, j := filepath.Join(dir, "queue_log"), &journal{}
	cut := 0
	if len(w.told) > 0 {
		cut = w.pick(len(w.told), "killed behind")
	}
	for _, part := range [][]told{w.told[:cut], w.told[cut:]} {
		for _, f := range part {
			j.add(w.factOf(f))
		}
		wr, err := writer.Open(writer.Options{Journal: j, Path: path, Every: time.Hour, Log: slog.New(slog.DiscardHandler)})
		if err == nil {
			err = wr.Round(context.Background())
		}
		if err != nil {
			w.Fatal(err)
		}
	}
	return path
}

// factOf is a fact as the owner writes it into the journal.
func (w *world) factOf(f told) store.Fact {
	m := &msg.QueueFact{What: msg.QueueFact_What(f.fact.Kind), Queue: f.fact.Queue, By: f.by, Caller: string(f.fact.Caller), Agent: string(f.fact.Agent)}
	if f.fact.Offer != (queue.OfferID{}) {
		m.Offer = &msg.QueueOfferID{Epoch: f.fact.Offer.Epoch, Number: f.fact.Offer.Number}
	}
	if l, ok := f.fact.Line(false); ok {
		m.Line = &msg.FactLine{Call: l.CallID, Queue: l.Queue, Agent: l.Agent, Verb: l.Verb, Args: l.Args}
	}
	body, err := proto.Marshal(m)
	if err != nil {
		w.Fatal(err)
	}
	return store.Fact{Kind: writer.QueueKind, Subject: f.fact.Queue, At: f.fact.At, Body: body}
}

// journal is a journal in memory.
type journal struct{ facts []store.Fact }

func (j *journal) add(f store.Fact) {
	f.Position = uint64(len(j.facts)+1) << 16
	j.facts = append(j.facts, f)
}

func (j *journal) Last() uint64 { return uint64(len(j.facts)) << 16 }

func (j *journal) Read(_ context.Context, from uint64, f func(store.Fact) bool) error {
	for _, fact := range j.facts {
		if fact.Position >= from && !f(fact) {
			break
		}
	}
	return nil
}
