package actors

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/msg"
	"tandem/actors/queuelog/live"
	"tandem/actors/queuelog/loader"
	"tandem/actors/queuelog/report"
	"tandem/conf"
	"tandem/test/lab"
	"tandem/web"
	"tandem/ximss/ami"
)

// The run that is played again: it begins, and is over, at these times; B is started again in between.
const (
	runBegins = 1795305015
	runEnds   = 1795305392
	runSpeed  = 10
)

// stage has the time of the run.
type stage struct {
	began time.Time
}

func (s *stage) now() time.Time {
	return time.Unix(runBegins, 0).Add(runSpeed * time.Since(s.began))
}

// until waits for a moment of the run; false: the test is over.
func (s *stage) until(ctx context.Context, at time.Time) bool {
	select {
	case <-time.After(at.Sub(s.now()) / runSpeed):
		return true
	case <-ctx.Done():
		return false
	}
}

// manager plays the manager interface of one server: it lets in who knows the secret, tells what there is, and then what
// was recorded, at its time.
type manager struct {
	*stage
	name     string
	recorded []recordedEvent
	listener net.Listener

	mu     sync.Mutex
	conns  map[net.Conn]bool // that hear events
	told   live.Told
	down   bool
	logins int
	asked  []string
}

type recordedEvent struct {
	at     time.Time
	greets bool
	packet ami.Packet
}

func openManager(t *testing.T, s *stage, name string) *manager {
	t.Helper()
	m := &manager{stage: s, name: name, conns: map[net.Conn]bool{}}
	m.told.Clear()
	text, err := os.ReadFile("queuelog/live/testdata/ast22-r2-" + name + ".ami.txt")
	if err == nil {
		m.listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	for block := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n\n") {
		stamp, rest, _ := strings.Cut(block, "\n")
		seconds, err := strconv.ParseFloat(stamp, 64)
		if err != nil {
			t.Fatal(err)
		}
		e := recordedEvent{at: time.UnixMicro(int64(seconds * 1e6)), greets: strings.HasPrefix(rest, "Asterisk Call Manager/")}
		for line := range strings.Lines(rest) {
			if header, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
				e.packet = append(e.packet, ami.Header{Name: header, Value: strings.TrimSpace(value)})
			}
		}
		m.recorded = append(m.recorded, e)
	}
	t.Cleanup(func() { _ = m.listener.Close() })
	return m
}

func (m *manager) accept() {
	for {
		c, err := m.listener.Accept()
		if err != nil {
			return
		}
		m.mu.Lock()
		down := m.down
		m.mu.Unlock()
		if down {
			_ = c.Close()
			continue
		}
		go m.serve(c)
	}
}

// serve is the dialogue with one client.
func (m *manager) serve(c net.Conn) {
	defer c.Close()
	_, _ = c.Write([]byte("Asterisk Call Manager/11.0.0\r\n"))
	in, action := bufio.NewScanner(c), map[string]string{}
	for in.Scan() {
		name, value, ok := strings.Cut(in.Text(), ": ")
		if ok {
			action[name] = value
			continue
		}
		if in.Text() == "" {
			m.mu.Lock()
			more := m.answer(c, action)
			m.mu.Unlock()
			if !more {
				return
			}
			action = map[string]string{}
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.conns, c)
}

// answer answers an action; false: the client is sent away.
func (m *manager) answer(c net.Conn, action map[string]string) bool {
	id := ami.Header{Name: "ActionID", Value: action["ActionID"]}
	say := func(pairs ...string) {
		p := ami.Packet{}
		for i := 0; i < len(pairs); i += 2 {
			p = append(p, ami.Header{Name: pairs[i], Value: pairs[i+1]})
		}
		_, _ = c.Write(append(p, id).Append(nil))
	}
	switch action["Action"] {
	case "Challenge":
		say("Response", "Success", "Challenge", "4711"+m.name)
	case "Login":
		if action["Key"] != ami.Key("4711"+m.name, "secret of "+m.name) || action["Username"] != "tandem" {
			say("Response", "Error", "Message", "Authentication failed")
			return false
		}
		say("Response", "Success", "Message", "Authentication accepted")
		m.conns[c] = true
		m.logins++
	case "Ping":
		say("Response", "Success", "Ping", "Pong", "Timestamp", m.stamp(m.now()))
	case "QueueStatus":
		say("Response", "Success", "EventList", "start")
		var f msg.ExchangeFound
		m.told.Show(&f)
		for _, x := range f.Members {
			say("Event", "QueueMember", "Queue", x.Queue, "Name", x.Name, "Location", x.Interface, "Status", fmt.Sprint(x.Status), "Paused", map[bool]string{true: "1", false: "0"}[x.Paused])
		}
		for _, x := range f.Callers {
			if !x.Talking {
				wait := m.now().Sub(time.UnixMilli(x.EnterMs)) / time.Second
				say("Event", "QueueEntry", "Queue", x.Queue, "Uniqueid", x.Id, "Channel", x.Channel, "CallerIDNum", x.Number, "Wait", fmt.Sprint(int64(wait)))
			}
		}
		say("Event", "QueueStatusComplete", "EventList", "Complete")
	default:
		m.asked = append(m.asked, strings.TrimSpace(strings.Join([]string{action["Action"], action["Queue"], action["Interface"], action["Channel"], action["Paused"],
			action["Reason"], action["Exten"]}, " ")))
		say("Response", "Success", "Message", "done by "+m.name)
	}
	return true
}

func (*manager) stamp(at time.Time) string {
	return strconv.FormatFloat(float64(at.UnixMilli())/1000, 'f', 3, 64)
}

// play tells what was recorded. Between the killing of a server and its second greeting nobody gets in.
func (m *manager) play(ctx context.Context) {
	for i, e := range m.recorded {
		if !m.until(ctx, e.at) {
			return
		}
		m.mu.Lock()
		if e.greets {
			m.down = false
			m.told.Clear()
		} else {
			m.told.Hear(e.packet, e.at)
			text := append(e.packet, ami.Header{Name: "Timestamp", Value: m.stamp(e.at)}).Append(nil)
			for c := range m.conns {
				_, _ = c.Write(text)
			}
		}
		if i+1 < len(m.recorded) && m.recorded[i+1].greets {
			m.down = true
			for c := range m.conns {
				_ = c.Close()
				delete(m.conns, c)
			}
		}
		m.mu.Unlock()
	}
}

// grow writes a log as it was written.
func (s *stage) grow(ctx context.Context, path, text string) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer file.Close()
	for line := range strings.Lines(text) {
		at, _, _ := strings.Cut(line, "|")
		seconds, _ := strconv.ParseInt(at, 10, 64)
		if !s.until(ctx, time.Unix(seconds, 0)) {
			return
		}
		_, _ = file.WriteString(line)
	}
}

// follow is a loader that follows a file.
func follow(t *testing.T, h *House, partition, path string) *loader.Tail {
	run := "run of " + partition
	return &loader.Tail{Path: path, Lines: 100, Every: 50 * time.Millisecond, Beat: time.Second,
		Place: func(context.Context) (a loader.Answer, ok bool, err error) { return a, false, nil },
		Send: func(ctx context.Context, o loader.Offer) (a loader.Answer, err error) {
			taken, err := queueLogs{h}.Load(ctx, web.LineOffer{Partition: partition, Writer: "test:" + path, Run: run, Follows: true, Ends: o.Ends, File: o.File,
				From: o.From, To: o.To, Hash: o.Hash, After: o.After, Text: o.Text, Size: o.Size, Clock: time.Now()})
			return loader.Answer{Refusal: taken.Refusal, Why: taken.Why, File: taken.File, Offset: taken.Offset, Hash: taken.Hash, Lines: taken.Lines}, err
		}}
}

// The run of three servers is played again at ten times its speed: three growing logs, three manager interfaces. At its end
// the live view is what the report says of the same instant; B is started again, and A and C are heard all the time.
func TestTheRunAgain(t *testing.T) {
	lab.Long(t)
	s := &stage{began: time.Now()}
	c := settingsOf(t.TempDir())
	managers := map[string]*manager{}
	for _, name := range []string{"A", "B", "C"} {
		m := openManager(t, s, name)
		managers[name] = m
		go m.accept()
		c.Exchanges.Servers = append(c.Exchanges.Servers, conf.Exchange{Name: name, Address: m.listener.Addr().String(), User: "tandem",
			Secret: conf.Secret("secret of " + name), Context: "inside"})
	}
	h := start(t, c)
	ctx, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	t.Cleanup(func() { cancel(); work.Wait() })
	s.began = time.Now()
	for name, m := range managers {
		path := filepath.Join(t.TempDir(), "queue_log")
		work.Go(func() { m.play(ctx) })
		work.Go(func() { s.grow(ctx, path, logCase(t, "ast22-r2-"+name)) })
		work.Go(func() { _ = follow(t, h, name, path).Run(ctx) })
	}
	seen := watchTheRun(t, h, s)
	if !seen["B cut"] || seen["A cut"] || seen["C cut"] {
		t.Errorf("manager interfaces that were cut off: %v", seen)
	}
	for name := range managers {
		awaitRows(t, h, name, uint64(strings.Count(logCase(t, "ast22-r2-"+name), "\n")))
	}
	if !seen["calls"] || managers["B"].logins < 2 || managers["A"].logins != 1 || managers["C"].logins != 1 {
		t.Errorf("%v; logins %d %d %d", seen, managers["A"].logins, managers["B"].logins, managers["C"].logins)
	}
	v := liveOfSource(t, h, "cluster:A|B|C")
	var f report.Figures
	askREST(t, h, "GET", "/api/v1/queuelog/report", url.Values{"source": {"cluster:A|B|C"}, "within": {"20"}}, "", &f)
	sameAsReport(t, v, f)
	for _, q := range v.Queues {
		if want := f.Queues[q.Name]; int64(q.Waiting) != want.Waiting || int64(q.Talking) != want.Talking {
			t.Errorf("%s: %d wait and %d talk, the report has %d and %d", q.Name, q.Waiting, q.Talking, want.Waiting, want.Talking)
		}
	}
	actInTheRun(t, h, managers)
}

// watchTheRun looks at the view until the run is over, and tells what was seen of the servers.
func watchTheRun(t *testing.T, h *House, s *stage) map[string]bool {
	seen := map[string]bool{}
	up := map[string]bool{}
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for s.now().Unix() < runEnds {
		<-look.C
		v, err := liveLogs{h}.Live(t.Context(), web.LiveQuery{By: web.Asker{Master: true}, Source: "cluster:*", From: time.Unix(1, 0)})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range v.Servers {
			if up[x.Name] && x.Manager.State == web.LiveCut {
				seen[x.Name+" cut"] = true
			}
			up[x.Name] = up[x.Name] || x.Manager.State == web.LiveOn
		}
		seen["calls"] = seen["calls"] || len(v.Calls) > 3
	}
	return seen
}

// actInTheRun has agents do things at the servers where they are.
func actInTheRun(t *testing.T, h *House, managers map[string]*manager) {
	for _, x := range []struct {
		verb, body string
		status     int
		servers    string
	}{
		{"pause", `{"agent":"Agent/101","reason":"lunch"}`, 200, "B done by B, C done by C"},
		{"unpause", `{"agent":"Agent/101","server":"B"}`, 200, "B done by B"},
		{"pause", `{"agent":"Agent/101","server":"A"}`, 404, ""}, // there he was removed
		{"logon", `{"agent":"Agent/999","device":"SIP/999","queues":["sales"]}`, 200, "A done by A, B done by B, C done by C"},
		{"pause", `{"agent":"Agent/nobody"}`, 404, ""},
		{"hangup", `{"call":"A:1.1"}`, 404, ""},
		{"dance", `{"agent":"Agent/101"}`, 404, ""},
		{"transfer", `{"call":"A:1.1"}`, 400, ""},
		{"spy", `{"call":"A:1.1"}`, 400, ""},
	} {
		var out struct{ Answers []web.LiveAnswer }
		status := askREST(t, h, "POST", "/api/v1/queuelog/live/"+x.verb, url.Values{}, x.body, &out)
		var told []string
		for _, a := range out.Answers {
			told = append(told, a.Server+" "+a.Text)
		}
		slices.SortFunc(told, cmp.Compare)
		if status != x.status || strings.Join(told, ", ") != x.servers {
			t.Errorf("%s %s: %d %v", x.verb, x.body, status, told)
		}
	}
	acttest.Until(t, "B was told", func() bool {
		m := managers["B"]
		m.mu.Lock()
		defer m.mu.Unlock()
		return slices.Contains(m.asked, "QueuePause  Local/101@agents/n  true lunch") && slices.Contains(m.asked, "QueueAdd sales SIP/999  false")
	})
}
