package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The engine's own times, which election.go sets: a release that has not these variables leaves them empty.
func TestElectionTimes(t *testing.T) {
	if want := [3]time.Duration{4 * time.Second, 9 * time.Second, time.Second}; engineElection != want {
		t.Errorf("the engine had %v, not %v: look at election.go again", engineElection, want)
	}
}

// Three members start at once, write side by side, and lose their leader: nothing that was acknowledged is lost
// or there twice, the others go on, and the one that was killed catches up.
func TestThreeMembers(t *testing.T) {
	g := newGroup(t, 3)
	t.Logf("three new members are open after %v", g.start(t))
	g.tell(t, "write")
	s := g.guest(t, "tandem9")
	grown, stop := s.Journal().Watch() // of what the others write, for this one writes nothing
	for range 3 {
		select {
		case <-grown:
		case <-time.After(20 * time.Second):
			t.Fatal("nothing was told of the journal")
		}
	}
	stop()
	j := s.Journal()
	first, frames, _ := j.recent.from(j.recent.first)
	told := map[uint64]string{}
	if !j.Recent(position(first, 0), func(f Fact) bool { told[f.Position] = f.Subject; return true }) || len(frames) == 0 {
		t.Error("no frame was told")
	}
	if err := j.Read(t.Context(), 0, func(f Fact) bool {
		if told[f.Position] == f.Subject {
			delete(told, f.Position)
		}
		return true
	}); err != nil || len(told) > 0 {
		t.Errorf("told of what the journal does not have: %v, %v", told, err)
	}
	g.after(t, 300)
	g.report(t, "quiet")
	putFile(t, s.Files(), "a", noise(1, chunkSize+1), FileWrite{})
	p := g.leader(t, s, journalStream)
	p.kill()
	g.after(t, 300)
	g.report(t, "leader killed")
	t.Logf("%s is open again after %v", p.name, p.again(t))
	p.tell(t, "write")
	hasFile(t, s.Files(), "a", noise(1, chunkSize+1))
	for n := range 20 { // whatever copy answers, it shows what was written
		rev := put(t, s.Bucket(Settings), "k", fmt.Sprint(n), Write{})
		if h, err := s.Bucket(Settings).History(t.Context(), "k"); err != nil || len(h) != n+1 || h[n].Revision != rev {
			t.Errorf("%d: %v %v", n, h, err)
		}
	}
	g.rest(t)
	g.witness.check(t, s)
}

// A member that stops in good order leaves no gap.
func TestStoppedMember(t *testing.T) {
	if testing.Short() {
		t.Skip("works with real processes for a while: run it without -short")
	}
	g := newGroup(t, 3)
	g.start(t)
	g.tell(t, "write")
	s := g.guest(t, "tandem9")
	for range 6 {
		g.after(t, 300)
		p := g.leader(t, s, "KV_"+bucketName(Leases))
		took := p.stop(t)
		g.after(t, 300)
		g.report(t, fmt.Sprintf("leader stopped in %v", took))
		p.again(t)
		p.tell(t, "write")
	}
	g.rest(t)
	g.witness.check(t, s)

	// A stream with fewer copies than it should have gets more when a member opens it.
	for _, name := range []string{journalStream, "KV_" + bucketName(Settings)} {
		st, err := s.engine.js.Stream(t.Context(), name)
		if err == nil {
			c := st.CachedInfo().Config
			c.Replicas = 1
			_, err = s.engine.js.UpdateStream(t.Context(), c)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	g.members[0].stop(t)
	g.members[0].again(t)
	for _, name := range []string{journalStream, "KV_" + bucketName(Settings)} {
		st, err := s.engine.js.Stream(t.Context(), name)
		if err != nil || st.CachedInfo().Config.Replicas != maxReplicas {
			t.Errorf("%s: %+v %v", name, st.CachedInfo(), err)
		}
	}
	g.witness.check(t, s)
}

// Whatever minority is killed, or stands still and comes back, again and again: nothing is lost.
func TestMinorityKilledAgainAndAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("works with real processes for a while: run it without -short")
	}
	g := newGroup(t, 3)
	g.start(t)
	g.tell(t, "write")
	s := g.guest(t, "tandem9")
	for round := range 12 {
		g.after(t, 100+rand.IntN(300))
		p := g.members[rand.IntN(3)]
		if round%4 != 3 {
			p.kill()
			g.after(t, rand.IntN(600))
			p.again(t)
			p.tell(t, "write")
			continue
		}
		p = g.leader(t, s, journalStream)
		if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		for g.leader(t, s, journalStream) == p { // another one takes over
		}
		if err := p.cmd.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
	}
	g.rest(t)
	g.report(t, "all rounds")
	g.witness.check(t, s)
}

// outageTime is how long the store is away.
const outageTime = 15 * time.Second

// Two of three members are away for a while. The third, and a member that keeps nothing, answer reads from their
// copies and keep what they are given; when the store is back it is written once and in order, and nobody
// has to be started again.
func TestOutage(t *testing.T) {
	if testing.Short() {
		t.Skip("works with real processes for a while: run it without -short")
	}
	g := newGroup(t, 3)
	g.start(t)
	g.tell(t, "write")
	s := g.guest(t, "tandem9")
	put(t, s.Bucket(Settings), "k", "before", Write{})
	g.after(t, 300)
	g.members[1].kill()
	g.members[2].kill()
	begun := time.Now()
	lost := make(chan bool, 100)
	defer s.WatchQuorum(func(ok bool) { lost <- ok })()
	for <-lost {
	}
	t.Logf("the loss is known after %v", time.Since(begun))
	acked := keepWriting(t, s, 1000)
	if e, ok := s.Bucket(Settings).Get("k"); !ok || string(e.Value) != "before" {
		t.Errorf("%+v %v", e, ok)
	}
	if _, err := s.Bucket(Settings).Put(t.Context(), "k", nil, Write{}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("Put: %v", err)
	}
	if err := s.Ready(); !errors.Is(err, ErrUnavailable) {
		t.Errorf("Ready: %v", err)
	}
	<-time.After(time.Until(begun.Add(outageTime)))
	begun = time.Now()
	t.Logf("the others are open after %v and %v", g.members[1].again(t), g.members[2].again(t))
	for n, last := 0, uint64(0); n < 1000; n++ {
		pos := <-acked
		if pos <= last {
			t.Errorf("position %d behind %d", pos, last)
		}
		last = pos
	}
	for !<-lost {
	}
	t.Logf("written again %v after the start of the others", time.Since(begun))
	for n := range 10 {
		awaitValue(t, s.Bucket(Accounts), fmt.Sprint(n), 990+n)
	}
	g.rest(t)
	g.report(t, "outage")
	var told []string
	err := s.Journal().Read(t.Context(), 0, func(f Fact) bool {
		if f.Kind == "guest" {
			told = append(told, f.Subject)
		}
		return true
	})
	if want := numbersTo(1000); err != nil || !slices.Equal(told, want) {
		t.Errorf("%d facts of the guest, %v: %v", len(told), err, told)
	}
	g.witness.check(t, s)
}

// keepWriting appends so many facts, and leaves as many values behind, for ten keys. It returns where the positions
// of the facts come.
func keepWriting(t testing.TB, s *Store, facts int) chan uint64 {
	t.Helper()
	acked := make(chan uint64, facts)
	for n := range facts {
		f := Fact{Kind: "guest", Subject: fmt.Sprint(n)}
		if err := s.Journal().Append(f, func(pos uint64, _ error) { acked <- pos }); err != nil {
			t.Fatal(err)
		}
		if err := s.Bucket(Accounts).PutLater(fmt.Sprint(n%10), fmt.Append(nil, n)); err != nil {
			t.Fatal(err)
		}
	}
	return acked
}

func numbersTo(n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprint(i))
	}
	return list
}

// All members are stopped, or killed, and start again at once.
func TestAllStartAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("works with real processes for a while: run it without -short")
	}
	g := newGroup(t, 3)
	g.start(t)
	for round := range 4 {
		g.tell(t, "write")
		g.after(t, 300)
		for _, p := range g.members {
			if round%2 == 0 {
				p.tell(t, "stop")
			} else {
				p.kill()
			}
		}
		for _, p := range g.members {
			<-p.ended
		}
		clear(g.witness.later) // what is left behind may be lost when all end at once
		t.Logf("round %d: all are open again after %v", round, g.start(t))
		g.witness.check(t, g.guest(t, fmt.Sprint("guest", round)))
	}
}

// A copy with a bad record is not used: it is made anew from the others.
func TestDamagedCopyIsMadeAnew(t *testing.T) {
	if testing.Short() {
		t.Skip("works with real processes for a while: run it without -short")
	}
	g := newGroup(t, 3)
	g.start(t)
	g.tell(t, "write")
	s := g.guest(t, "tandem9")
	for _, file := range []string{
		filepath.Join("$G", "streams", journalStream, "msgs", "*.blk"),
		filepath.Join("$G", "streams", "KV_"+bucketName(Registrations), "msgs", "*.blk"),
		filepath.Join("$SYS", "_js_", "*", "msgs", "*.blk"),
	} {
		g.after(t, 300)
		p := g.members[2]
		p.kill()
		g.after(t, 300)
		dir := filepath.Join(g.dir, p.name, "store")
		found, _ := filepath.Glob(filepath.Join(dir, "jetstream", file))
		var largest string
		var size int64
		for _, name := range found {
			if i, err := os.Stat(name); err == nil && i.Size() > size {
				largest, size = name, i.Size()
			}
		}
		mutate(t, largest, func(b []byte) []byte { b[len(b)/2] ^= 4; return b })
		t.Logf("%s: open after %v", largest, p.again(t))
		if aside, _ := filepath.Glob(filepath.Join(dir, damagedPrefix+"*")); len(aside) != 1 {
			t.Errorf("moved aside: %v", aside)
		}
		if p.stats(t).Snapshot.Damaged == 0 {
			t.Error("the damage is not counted")
		}
		p.tell(t, "write")
	}
	g.after(t, 300)
	g.members[0].kill() // now the copy that was made anew counts
	g.after(t, 300)
	g.rest(t)
	g.witness.check(t, s)
}

// A member that keeps the store with others waits for them, says so, and can be told to end.
func TestWaitsForOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a line in the log: run it without -short")
	}
	g := newGroup(t, 3)
	ctx, cancel := context.WithCancel(t.Context())
	log := slog.New(slog.NewTextHandler(writer(func(line string) {
		if strings.Contains(line, "waits for the members that keep the store") {
			cancel()
		}
	}), nil))
	_, err := Open(ctx, t.TempDir(), g.settings(0, 3), g.ca.issue(t, "tandem1").security("tandem1"), log)
	if !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// writer is called with every line of a log.
type writer func(string)

func (w writer) Write(b []byte) (int, error) { w(string(b)); return len(b), nil }
