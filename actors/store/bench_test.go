package store

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

var benchFact = Fact{Kind: "leg.started", Subject: "leg-0123456789abcdef", At: time.Unix(1, 2), Body: make([]byte, 200)}

// BenchmarkAppend is the throughput of one busy writer, up to the acknowledgement of its last fact.
func BenchmarkAppend(b *testing.B) {
	j := openStore(b, b.TempDir()).Journal()
	room := make(chan struct{}, 50000)
	var wg sync.WaitGroup
	b.ReportAllocs()
	for b.Loop() {
		room <- struct{}{}
		wg.Add(1)
		if err := j.Append(benchFact, func(uint64, error) { <-room; wg.Done() }); err != nil {
			b.Fatal(err)
		}
	}
	wg.Wait()
}

// BenchmarkCommit is the wait of a single fact from Append to done, with and without the time in which
// a frame gathers.
func BenchmarkCommit(b *testing.B) {
	for _, delay := range []time.Duration{0, 5 * time.Millisecond} {
		b.Run(fmt.Sprint("delay=", delay), func(b *testing.B) {
			s := openStore(b, b.TempDir())
			j := s.Journal()
			j.limits.FrameDelay = delay
			var took []time.Duration
			acked := make(chan struct{})
			for b.Loop() {
				start := time.Now()
				if err := j.Append(benchFact, func(uint64, error) { acked <- struct{}{} }); err != nil {
					b.Fatal(err)
				}
				<-acked
				took = append(took, time.Since(start))
			}
			percentiles(b, took)
		})
	}
}

// BenchmarkPut is one setting after the other, each seen in the copy before the next.
func BenchmarkPut(b *testing.B) {
	bucket := openStore(b, b.TempDir()).Bucket(Settings)
	var took []time.Duration
	value := make([]byte, 200)
	for b.Loop() {
		start := time.Now()
		if _, err := bucket.Put(b.Context(), "alice@example.org", value, Write{Author: "ann"}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	percentiles(b, took)
}

func BenchmarkGet(b *testing.B) {
	bucket := openStore(b, b.TempDir()).Bucket(Settings)
	put(b, bucket, "alice@example.org", "value", Write{})
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := bucket.Get("alice@example.org"); !ok {
			b.Fatal("not there")
		}
	}
}

// BenchmarkMillion opens a directory with a million facts, after a clean stop and after a kill; and reads
// them, and the last thousand.
func BenchmarkMillion(b *testing.B) {
	if testing.Short() {
		b.Skip("writes 250 MB")
	}
	dir := b.TempDir()
	s := openStore(b, dir)
	room := make(chan struct{}, 50000)
	for range 1000000 {
		room <- struct{}{}
		if err := s.Journal().Append(benchFact, func(uint64, error) { <-room }); err != nil {
			b.Fatal(err)
		}
	}
	closeStore(b, s)
	for name, prepare := range map[string]func(){
		"open/clean": func() {},
		"open/killed": func() {
			if err := forgetClean(dir + "/store"); err != nil {
				b.Fatal(err)
			}
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				prepare()
				s := openStore(b, dir)
				b.StopTimer()
				closeStore(b, s)
				b.StartTimer()
			}
		})
	}
	s = openStore(b, dir)
	count := func(Fact) bool { return true }
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if err := s.Journal().Read(b.Context(), 0, count); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("tail=1000", func(b *testing.B) {
		for b.Loop() {
			if err := s.Journal().Tail(b.Context(), 1000, nil, count); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkThreeMembers is the wait for one fact and for one lease, and the throughput, of a member that keeps
// nothing, where three others keep the store on the same disk.
func BenchmarkThreeMembers(b *testing.B) {
	g := newGroup(b, 3)
	g.start(b)
	s := g.guest(b, "tandem9")
	s.journal.limits.FrameDelay = 0
	acked := make(chan struct{})
	for name, one := range map[string]func() error{
		"fact": func() error {
			err := s.Journal().Append(benchFact, func(uint64, error) { acked <- struct{}{} })
			<-acked
			return err
		},
		"lease": func() error {
			_, err := s.Bucket(Leases).Put(b.Context(), "slot.1", benchFact.Body, Write{})
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				if err := one(); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			percentiles(b, took)
		})
	}
	b.Run("facts", func(b *testing.B) {
		room := make(chan struct{}, 50000)
		var wg sync.WaitGroup
		for b.Loop() {
			room <- struct{}{}
			wg.Add(1)
			if err := s.Journal().Append(benchFact, func(uint64, error) { <-room; wg.Done() }); err != nil {
				b.Fatal(err)
			}
		}
		wg.Wait()
	})
}

func BenchmarkOpenEmpty(b *testing.B) {
	for b.Loop() {
		s := openStore(b, b.TempDir())
		b.StopTimer()
		closeStore(b, s)
		b.StartTimer()
	}
}

func percentiles(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
