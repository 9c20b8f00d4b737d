package stat

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"tandem/actors/stat/engine"
	"tandem/actors/stat/measure"
)

// begun is when the histories begin.
const begun = int64(1_700_000_000_000)

// used is the time of the processor that this process has used.
func used(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// tenOf are ten statistics of a queue, as installations have them.
func tenOf(t testing.TB) (all []measure.Definition) {
	t.Helper()
	for _, text := range []string{
		`{"category":"TotalNumber","main_mask":"CallEntered"}`, `{"category":"TotalNumber","main_mask":"CallAbandoned"}`,
		`{"category":"AverageTime","main_mask":"CallAnswered"}`, `{"category":"CurrentNumber","main_mask":"CallWait"}`,
		`{"category":"CurrentMaxTime","main_mask":"CallWait"}`, `{"category":"MaxNumber","main_mask":"CallWait"}`,
		`{"category":"TotalTime","main_mask":"CallWait","time_profile":"Growing 0:00 +0:15"}`,
		`{"category":"ServiceFactor1","main_mask":"CallAnswered,CallAbandoned"}`,
		`{"category":"TotalNumber","main_mask":"CallWait","time_profile":"Sliding 3600,15"}`,
		`{"category":"AverageOfCurrentNumber","main_mask":"CallWait"}`,
	} {
		var d measure.Definition
		if err := d.UnmarshalJSON([]byte(text)); err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

// calls are the facts of calls at queues: each enters, waits, and is answered; four facts a call.
func calls(objects, n int, every int64) (all []engine.Fact) {
	named := func(text string) measure.Name { name, _ := measure.ParseName(text); return name }
	entered, wait, answered := named("CallEntered"), named("CallWait"), named("CallAnswered")
	var keys []string
	for i := range 64 {
		keys = append(keys, fmt.Sprint("call-", i))
	}
	queues := make([]engine.Object, objects)
	for i := range queues {
		queues[i] = engine.Object{Type: engine.Queue, ID: fmt.Sprint("q", i)}
	}
	at := begun
	for i := 0; len(all) < n; i++ {
		q, key := queues[i%objects], keys[i%64]
		at += every
		all = append(all, engine.Fact{At: at, Seq: uint64(4 * i), What: engine.Happen, Object: q, Name: entered, Conn: key},
			engine.Fact{At: at, Seq: uint64(4*i + 1), What: engine.Begin, Object: q, Name: wait, Key: key, Conn: key},
			engine.Fact{At: at + 1, Seq: uint64(4*i + 2), What: engine.End, Object: q, Name: wait, Key: key},
			engine.Fact{At: at + 1, Seq: uint64(4*i + 3), What: engine.Happen, Object: q, Name: answered, Conn: key, Length: 1})
	}
	return all
}

func crowded(t testing.TB, o engine.Options, objects int) *engine.World {
	t.Helper()
	w := engine.New(o)
	for i, d := range tenOf(t) {
		for q := range objects {
			if _, err := w.Open(fmt.Sprint(i, "/", q), engine.Object{Type: engine.Queue, ID: fmt.Sprint("q", q)}, d, begun); err != nil {
				t.Fatal(err)
			}
		}
	}
	return w
}

// BenchmarkFacts is what a fact costs with ten statistics over its object; the bare loop only counts by object in a map.
func BenchmarkFacts(b *testing.B) {
	const objects = 1000
	for name, o := range map[string]engine.Options{"none late": {Lateness: -1}, "some late": {}} {
		b.Run(name, func(b *testing.B) {
			w := crowded(b, o, objects)
			facts := calls(objects, b.N, 1)
			b.ReportAllocs()
			b.ResetTimer()
			for _, f := range facts[:b.N] {
				if err := w.Apply(f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("bare", func(b *testing.B) {
		facts, counts := calls(objects, b.N, 1), map[engine.Object]int64{}
		b.ResetTimer()
		for _, f := range facts[:b.N] {
			counts[f.Object] += f.Length
		}
	})
}

// TestLoad says what facts and statistics cost, as ratios to a bare loop over the same facts; it never fails on times. It
// takes a while, and runs where TANDEM_LOAD is set.
func TestLoad(t *testing.T) {
	if os.Getenv("TANDEM_LOAD") == "" {
		t.Skip("TANDEM_LOAD is not set")
	}
	const objects, n = 1000, 400000
	facts, counts := calls(objects, n, 1), map[engine.Object]int64{}
	start := used(t)
	for _, f := range facts {
		counts[f.Object] += f.Length
	}
	bare := used(t) - start
	for _, o := range []engine.Options{{Lateness: -1}, {}} {
		w := crowded(t, o, objects)
		for part := range 4 { // the cost of a fact does not depend on those before
			start = used(t)
			some := facts[part*n/4 : (part+1)*n/4]
			for _, f := range some {
				if err := w.Apply(f); err != nil {
					t.Fatal(err)
				}
			}
			took := used(t) - start
			t.Logf("lateness %5d ms, quarter %d: %.0f facts a second and core, %.1f times the bare loop", o.Lateness, part+1,
				float64(len(some))/took.Seconds(), float64(took)/(float64(bare)/4))
		}
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	w := crowded(t, engine.Options{}, 10000)
	for _, f := range calls(10000, 80000, 1) {
		if err := w.Apply(f); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	t.Logf("100,000 statistics: %d MB", (after.HeapAlloc-before.HeapAlloc)>>20)
	var text bytes.Buffer
	start = used(t)
	if err := w.Save(&text); err != nil {
		t.Fatal(err)
	}
	saved := used(t) - start
	start = used(t)
	if _, err := engine.Load(&text, engine.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Logf("they are saved in %.1f s and loaded in %.1f s", saved.Seconds(), (used(t) - start).Seconds())
	runtime.KeepAlive(w)
}
