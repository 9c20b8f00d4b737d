package queue

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"tandem/test/lab"
)

// bigLog is a real queue_log several times, each time as other calls and later.
func bigLog(t *testing.T, times int) []string {
	t.Helper()
	text, err := os.ReadFile("../../actors/queuelog/report/testdata/cases/ast22-r2-A.queue_log")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for n := range times {
		for l := range strings.Lines(string(text)) {
			at, rest, _ := strings.Cut(l, "|")
			var second int64
			if _, err := fmt.Sscan(at, &second); err != nil {
				t.Fatal(err)
			}
			call, rest, _ := strings.Cut(rest, "|")
			if strings.Contains(call, ".") {
				call = fmt.Sprintf("%s%d", call, n)
			}
			all = append(all, fmt.Sprintf("%d|%s|%s", second+int64(n)*10000, call, rest))
		}
	}
	return all
}

// relay is a network between a loader and members, that can be taken away and leads to another member when told so.
type relay struct {
	net.Listener
	mu    sync.Mutex
	to    string // "": nobody is reached
	conns []net.Conn
}

func newRelay(t *testing.T, to string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{Listener: l, to: to}
	t.Cleanup(func() { _ = l.Close(); r.lead("") })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			r.join(in)
		}
	}()
	return r
}

func (r *relay) join(in net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	out, err := net.Dial("tcp", r.to)
	if err != nil {
		_ = in.Close()
		return
	}
	r.conns = append(r.conns, in, out)
	go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
	go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
}

// lead cuts all connections, and has new ones lead elsewhere.
func (r *relay) lead(to string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to = to
	for _, c := range r.conns {
		_ = c.Close()
	}
	r.conns = nil
}

// logFile is a queue_log that a server writes.
type logFile struct {
	t    *testing.T
	path string
}

func (f logFile) add(lines []string) {
	f.t.Helper()
	file, err := os.OpenFile(f.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = file.WriteString(strings.Join(lines, ""))
	}
	if err != nil {
		f.t.Fatal(err)
	}
	_ = file.Close()
}

// rotate moves the file aside; one that was moved before is squeezed.
func (f logFile) rotate() {
	f.t.Helper()
	if old, err := os.ReadFile(f.path + ".1"); err == nil {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(old)
		_ = z.Close()
		if err := os.WriteFile(f.path+".2.gz", b.Bytes(), 0o600); err != nil {
			f.t.Fatal(err)
		}
	}
	if err := os.Rename(f.path, f.path+".1"); err != nil {
		f.t.Fatal(err)
	}
}

// copied copies the file and empties it, as is done with logs whose writer can not be asked to open another one; the copy
// is squeezed.
func (f logFile) copied(name string) {
	f.t.Helper()
	text, err := os.ReadFile(f.path)
	if err == nil {
		err = os.WriteFile(f.path+name, text, 0o600)
	}
	if err == nil {
		err = os.Truncate(f.path, 0)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(text)
	_ = z.Close()
	if err == nil {
		err = os.WriteFile(f.path+name+".gz", b.Bytes(), 0o600)
	}
	if err == nil {
		err = os.Remove(f.path + name)
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

// stand is how a partition stands, as a member tells.
type stand struct {
	Lines   int
	Rows    int
	Member  string
	State   string
	Refused string
}

func standOf(m *lab.Member, partition string) (s stand) {
	_ = m.Ask("GET", "queuelog/partitions/"+partition, nil, &s) // 404 until it has lines
	return s
}

// sameAsFile compares the report of a member with that of the whole text.
func sameAsFile(t *testing.T, m *lab.Member, partition string, lines []string) {
	t.Helper()
	whole := filepath.Join(t.TempDir(), "whole")
	if err := os.WriteFile(whole, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	var loaded, file map[string]any
	for args, into := range map[string]*map[string]any{"": &loaded, "--file " + partition + "=" + whole: &file} {
		text := m.Tandem(append([]string{"queuelog", "report", "sql:" + partition, "--output", "json"}, strings.Fields(args)...)...)
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(loaded, file) {
		t.Errorf("loaded:\n%v\nof the file:\n%v", loaded, file)
	}
}

// seeAll waits until each member sees all others.
func seeAll(t *testing.T, all []*lab.Member) {
	t.Helper()
	for _, m := range all {
		lab.Wait(t, patience, m.Name+" sees all", func() bool {
			var list struct{ Members []struct{ State string } }
			up := 0
			if m.Ask("GET", "cluster", nil, &list) == nil {
				for _, x := range list.Members {
					if x.State == "up" {
						up++
					}
				}
			}
			return up == len(all)
		})
	}
}

// following is a log that is followed into a cluster, through a network that can be taken away.
type following struct {
	*testing.T
	log       logFile
	partition string
	here      *lab.Member // that knows the loader
	way       *relay
}

// tail begins to follow.
func (f *following) tail() *lab.Process {
	return lab.Go(f.T, lab.Command{Path: lab.Binary(f.T), Args: []string{"queuelog", "tail", "--partition", f.partition, "--server",
		"http://" + f.way.Addr().String(), "--data", f.here.Data, "--every", "20ms", "--beat", "500ms", f.log.path}})
}

// awaits waits until a member has so many lines.
func (f *following) awaits(m *lab.Member, n int) {
	f.Helper()
	lab.Wait(f.T, 2*patience, fmt.Sprintf("%s has %d lines", m.Name, n), func() bool {
		s := standOf(m, f.partition)
		return s.Lines == n && s.Rows == n
	})
}

// elsewhere begins to follow into the first partition that another member owns, and returns that one.
func (f *following) elsewhere(all []*lab.Member, lines int) (first *lab.Process, owner *lab.Member) {
	f.Helper()
	for _, f.partition = range []string{"A", "B", "C", "D", "E", "F", "G", "H"} {
		first, owner = f.tail(), f.here
		f.awaits(f.here, lines)
		name := standOf(f.here, f.partition).Member
		for _, m := range all {
			if m.Name == name {
				owner = m
			}
		}
		if owner != f.here {
			break
		}
		first.Kill()
	}
	if owner == f.here {
		f.Fatalf("%s owns all partitions", owner.Name)
	}
	return first, owner
}

// secondIsRefused begins a second loader, which must not be let in, and ends it.
func (f *following) secondIsRefused() {
	f.Helper()
	second := lab.Go(f.T, lab.Command{Path: lab.Binary(f.T), Args: []string{"queuelog", "tail", "--partition", f.partition, "--data", f.here.Data, f.log.path}})
	second.WaitLine(f.T, patience, "follows this partition")
	lab.Wait(f.T, patience, "the first one goes on, and the second one is shown as refused", func() bool {
		s := standOf(f.here, f.partition) // nothing, while its owner is too busy to answer
		return s.Refused != "" && s.State != "cut off"
	})
	second.Kill()
}

// TestTail follows a log that grows and is rotated into a cluster, while the owner of its partition is killed, the network
// is away for a time and the loader is killed and started again. A second loader is refused. In the end each line is there
// once, on every member.
func TestTail(t *testing.T) {
	lab.Long(t)
	all := lab.StartCluster(t, lab.ClusterOptions{})
	seeAll(t, all)
	for _, m := range all { // who starts first has all names, and gives the others theirs one after the other
		lab.Wait(t, patience, m.Name+" has its share of the names", func() bool { return m.Metric("tandem_cluster_slots_owned") > 10 })
	}
	lines := bigLog(t, 20)
	here := all[0]
	address := strings.TrimPrefix(here.URL(), "http://")
	f := &following{T: t, log: logFile{t, filepath.Join(t.TempDir(), "queue_log")}, here: here, way: newRelay(t, address)}
	part := len(lines) / 6
	f.log.add(lines[:part])
	first, killed := f.elsewhere(all, part)
	f.log.add(lines[part : 2*part])
	f.log.rotate()
	killed.Kill()
	f.log.add(lines[2*part : 3*part])
	f.awaits(here, 3*part)

	f.secondIsRefused()
	f.way.lead("")
	f.log.add(lines[3*part : 4*part])
	f.log.rotate()
	f.log.add(lines[4*part : 5*part])
	first.WaitLine(t, patience, "no member answers")
	f.way.lead(address)
	f.awaits(here, 5*part)

	first.Kill()
	f.log.add(lines[5*part:])
	killed.Restart()
	third := f.tail()
	f.awaits(here, len(lines))
	f.awaits(killed, len(lines))
	sameAsFile(t, here, f.partition, lines)
	sameAsFile(t, killed, f.partition, lines)
	third.Kill()
	lab.Wait(t, patience, "nobody follows any more", func() bool { return standOf(here, f.partition).State == "cut off" })
}

// TestTailOfCopies follows a log that is copied, emptied and squeezed behind its writer's back, while the loader has read
// all, is somewhere in front of it, or was killed. Each line is there once.
func TestTailOfCopies(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	lines := bigLog(t, 20)
	f := &following{T: t, log: logFile{t, filepath.Join(t.TempDir(), "queue_log")}, partition: "A", here: m,
		way: newRelay(t, strings.TrimPrefix(m.URL(), "http://"))}
	part := len(lines) / 20
	f.log.add(lines[:part])
	loader := f.tail()
	f.awaits(m, part)
	for n := 1; n < 20; n++ {
		switch n % 5 {
		case 0:
			loader.Kill()
		case 1:
			f.awaits(m, n*part)
		}
		f.log.copied(fmt.Sprintf("-202601%02d", n))
		more := lines[n*part : (n+1)*part]
		if n == 19 {
			more = lines[n*part:]
		}
		f.log.add(more)
		if n%5 == 0 {
			loader = f.tail()
		}
	}
	f.awaits(m, len(lines))
	sameAsFile(t, m, "A", lines)
	loader.Kill()
}

// TestLoadIsKilled kills a loader of pieces, rotated, squeezed and cut in the middle of a line, at any moment, twenty times.
func TestLoadIsKilled(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	lines := bigLog(t, 20)
	log := logFile{t, filepath.Join(t.TempDir(), "queue_log")}
	third := len(lines) / 3
	text := strings.Join(lines[third:2*third], "")
	log.add(lines[:third])
	log.rotate()
	log.add([]string{text[:len(text)-1]}) // its last end of line is missing
	log.rotate()
	log.add(lines[2*third:])
	args := []string{"queuelog", "load", "--partition", "A", "--batch", "20", "--data", m.Data, log.path + ".2.gz", log.path + ".1", log.path}
	r := rand.New(rand.NewPCG(1, 8))
	for range 20 {
		before := standOf(m, "A").Lines
		p := lab.Go(t, lab.Command{Path: lab.Binary(t), Args: args})
		more := 1 + r.IntN(len(lines)/15)
		lab.Wait(t, patience, "some are there", func() bool {
			select {
			case <-p.Ended():
				return true
			default:
				return standOf(m, "A").Lines >= min(before+more, len(lines))
			}
		})
		p.Kill()
	}
	m.Tandem("queuelog", "load", "--partition", "A", log.path+".2.gz", log.path+".1", log.path)
	lab.Wait(t, patience, "all are in the tables", func() bool { s := standOf(m, "A"); return s.Rows == len(lines) })
	if s := standOf(m, "A"); s.Lines != len(lines) {
		t.Errorf("%d lines, want %d", s.Lines, len(lines))
	}
	sameAsFile(t, m, "A", lines)
}
