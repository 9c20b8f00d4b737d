package store

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"time"

	"tandem/conf"
)

// memberEnv makes the test binary a member of a cluster, instead of running tests.
const memberEnv = "TANDEM_STORE_MEMBER"

// memberOptions is what the member is told, as JSON in memberEnv.
type memberOptions struct {
	Name  string
	Dir   string
	Conf  conf.Store
	Certs certificates
	First int // number of the first fact and of what else it writes
}

// memberStats is what a member has seen since it was last asked.
type memberStats struct {
	Lags     []time.Duration // from the beginning of a Put of a lease, by any member, to its being told here
	PutGap   time.Duration   // longest time without an acknowledged Put of a lease
	FactGap  time.Duration   // longest time without an acknowledged fact
	Backward int             // leases told in the wrong order
	Snapshot Snapshot
}

// tested is a member that does what the parent says, one word a line, and writes without end in between.
type tested struct {
	memberOptions
	s *Store

	out   sync.Mutex
	ended chan struct{} // closed when nothing more is to be written
	work  sync.WaitGroup

	mu    sync.Mutex
	stats memberStats
	put   time.Time // last acknowledged
	fact  time.Time
	told  uint64 // newest revision
}

func (m *tested) say(format string, v ...any) {
	m.out.Lock()
	defer m.out.Unlock()
	fmt.Printf(format+"\n", v...)
}

func memberProcess(opts string) int {
	m := &tested{ended: make(chan struct{})}
	if err := json.Unmarshal([]byte(opts), &m.memberOptions); err != nil || m.Name == "" {
		fmt.Fprintln(os.Stderr, "bad options for the member:", opts, err)
		return 2
	}
	ctx, cancel := context.WithCancel(context.Background())
	words := make(chan string)
	go func() {
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			words <- in.Text()
		}
		cancel()
		close(words) // the parent is gone
	}()
	begun := time.Now()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil)).With("member", m.Name)
	var err error
	if m.s, err = Open(ctx, m.Dir, m.Conf, m.Certs.security(m.Name), log); err != nil {
		m.say("failed %v", err)
		return 1
	}
	m.say("open %d", time.Since(begun).Milliseconds())
	m.s.WatchQuorum(func(ok bool) { m.say("quorum %t", ok) })
	m.s.Bucket(Leases).Watch(m.hear)
	for word := range words {
		if code := m.do(word); code >= 0 {
			return code
		}
	}
	return 3
}

// do does what a word says; the exit code, or -1 to go on.
func (m *tested) do(word string) int {
	switch word {
	case "write":
		m.mu.Lock()
		m.put, m.fact = time.Now(), time.Now()
		m.mu.Unlock()
		m.work.Go(m.writeLeases)
		m.work.Go(m.writeFacts)
	case "rest":
		close(m.ended)
		m.work.Wait()
		for range time.Tick(pace) { // nothing tells when a bucket has written all
			if n := m.s.Snapshot(); n.Pending == 0 && n.Later == 0 {
				break
			}
		}
		m.ended = make(chan struct{})
		m.mu.Lock()
		m.put, m.fact = time.Time{}, time.Time{}
		m.mu.Unlock()
		m.say("rests")
	case "stats":
		m.mu.Lock()
		m.stats.Snapshot = m.s.Snapshot()
		if !m.put.IsZero() { // it writes, or should
			m.stats.PutGap = max(m.stats.PutGap, time.Since(m.put))
			m.stats.FactGap = max(m.stats.FactGap, time.Since(m.fact))
		}
		b, err := json.Marshal(m.stats)
		m.stats = memberStats{}
		m.mu.Unlock()
		m.say("stats %s%v", b, map[bool]any{true: "", false: err}[err == nil])
	case "stop":
		select {
		case <-m.ended:
		default:
			close(m.ended)
		}
		m.work.Wait()
		begun := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := m.s.Close(ctx); err != nil {
			m.say("unwritten %v", err) // when others have stopped too
		}
		m.say("stopped %d", time.Since(begun).Milliseconds())
		return 0
	}
	return -1
}

// pace is the pause between two writes of the same sort.
const pace = 10 * time.Millisecond

// each calls f every pace until the member is to rest.
func (m *tested) each(f func(n int)) {
	t := time.NewTicker(pace)
	defer t.Stop()
	for n := m.First; ; n++ {
		select {
		case <-t.C:
			f(n)
		case <-m.ended:
			m.First = max(m.First, n)
			return
		}
	}
}

// writeLeases puts one lease again and again, and leaves a registration behind each time.
func (m *tested) writeLeases() {
	m.each(func(n int) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		value := strconv.FormatInt(time.Now().UnixNano(), 10)
		rev, err := m.s.Bucket(Leases).Put(ctx, "session."+m.Name, []byte(value), Write{})
		if err == nil {
			m.say("put %s %d %d", m.Name, n, rev)
			m.gap(&m.put, &m.stats.PutGap)
		}
		key := fmt.Sprintf("%s@%d", m.Name, n%10)
		if err := m.s.Bucket(Registrations).PutLater(key, fmt.Append(nil, n)); err == nil {
			m.say("later %s %d", key, n)
		}
	})
}

func (m *tested) gap(last *time.Time, longest *time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	*longest = max(*longest, time.Since(*last))
	*last = time.Now()
}

func (m *tested) writeFacts() {
	m.each(func(n int) {
		err := m.s.Journal().Append(Fact{Kind: "test", Subject: fmt.Sprintf("%s %d", m.Name, n)}, func(pos uint64, err error) {
			if err == nil {
				m.say("fact %s %d %d", m.Name, n, pos)
				m.gap(&m.fact, &m.stats.FactGap)
			}
		})
		if err != nil {
			m.say("refused %v", err)
		}
	})
}

// hear is told of each lease.
func (m *tested) hear(e Entry) {
	at, err := strconv.ParseInt(string(e.Value), 10, 64)
	m.mu.Lock()
	defer m.mu.Unlock()
	if err == nil {
		m.stats.Lags = append(m.stats.Lags, time.Since(time.Unix(0, at)))
	}
	if e.Revision <= m.told {
		m.stats.Backward++
	}
	m.told = e.Revision
}
