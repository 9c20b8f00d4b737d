package ami

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/conf"
)

// people are the accounts: a boss who may everything, a guard who may watch sales, a dialler who may begin calls, and one
// who may not log in.
type people struct{}

func (people) Password(_ context.Context, user, password string) (string, bool) {
	return user, password == user+"'s" && user != "nobody"
}

func (people) Secret(user string) (string, string, bool) { return user, user + "'s", user != "nobody" }

func (people) May(account string, right Right, queue string) bool {
	switch account {
	case "boss":
		return true
	case "guard":
		return right == Enter || right == Watch && (queue == "sales" || queue == "")
	case "dialler":
		return right == Enter || right == Originate
	}
	return false
}

// office is a House with two queues, that notes what it is asked for.
type office struct {
	mu    sync.Mutex
	done  []string
	order Order
	more  int // members of sales besides
}

var began = time.Unix(1795305017, 0)

func (o *office) note(format string, a ...any) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.done = append(o.done, fmt.Sprintf(format, a...))
	return nil
}

func (o *office) Queues(_ context.Context, name string) (all []Queue, _ error) {
	sales := Queue{Name: "sales", Max: 100, Strategy: "leastrecent", Waiting: 1, Hold: 7 * time.Second, Talk: 61 * time.Second,
		Answered: 4, Completed: 3, Abandoned: 1, ServiceLevel: 20 * time.Second, AnsweredInTime: 3, AbandonedInTime: 1, Weight: 2,
		Longest: 5 * time.Second,
		Members: []Member{
			{Queue: "sales", Name: "1002", Location: "SIP/1002", CallsTaken: 2, LastCall: began.Add(time.Minute), LoginTime: began, Status: NotInUse},
			{Queue: "sales", Name: "1003", Location: "SIP/1003", Dynamic: true, Penalty: 1, LoginTime: began, Status: NotInUse, Paused: true,
				Reason: "Coffee", LastPause: began, WrapUp: 5 * time.Second},
			{Queue: "sales", Name: "1004", Location: "SIP/1004", Status: Unavailable},
		},
		Callers: []Caller{{ID: "c-7", Number: "5550010", Queue: "sales", Position: 1, Waited: 5 * time.Second, Priority: 3}}}
	for i := range o.more {
		sales.Members = append(sales.Members, Member{Queue: "sales", Name: fmt.Sprint("m", i), Location: fmt.Sprint("SIP/m", i), Status: NotInUse})
	}
	for _, q := range []Queue{sales, {Name: "support", Strategy: "ringall"}} {
		if name == "" || name == q.Name {
			all = append(all, q)
		}
	}
	return all, nil
}

func (o *office) Add(_ context.Context, who, queue, agent string, penalty int, paused bool) error {
	if queue == "none" {
		return Refusal("There is no such queue")
	}
	return o.note("%s adds %s to %s, penalty %d, paused %t", who, agent, queue, penalty, paused)
}

func (o *office) Remove(_ context.Context, who, queue, agent string) error {
	return o.note("%s removes %s from %s", who, agent, queue)
}

func (o *office) Pause(_ context.Context, who, queue, agent string, paused bool, reason string) error {
	return o.note("%s pauses %s in %q: %t %s", who, agent, queue, paused, reason)
}

func (o *office) SetPenalty(_ context.Context, who, queue, agent string, penalty int) error {
	return o.note("%s sets the penalty of %s in %q to %d", who, agent, queue, penalty)
}

func (o *office) SetRingInUse(_ context.Context, who, queue, agent string, ring bool) error {
	return o.note("%s rings %s in use in %q: %t", who, agent, queue, ring)
}

func (o *office) Log(_ context.Context, l LogLine) error { return o.note("log %+v", l) }

func (o *office) Withdraw(_ context.Context, who, queue, caller, text string) error {
	return o.note("%s withdraws %s from %s: %s", who, caller, queue, text)
}

func (o *office) Promote(_ context.Context, who, queue, caller string, priority int) error {
	return o.note("%s promotes %s in %s to %d", who, caller, queue, priority)
}

func (o *office) Calls(context.Context) ([]Call, error) {
	return []Call{{ID: "leg-1", Number: "1002", Peer: "5550010", State: "Up", Exten: "2000", Duration: 3723 * time.Second}}, nil
}

func (o *office) Hangup(_ context.Context, who, call string) error {
	return o.note("%s ends %s", who, call)
}

func (o *office) Redirect(_ context.Context, who, call, exten string) error {
	if exten == "panic" {
		panic("a fault")
	}
	if exten == "broken" {
		return errors.New("a secret of ours")
	}
	return o.note("%s sends %s to %s", who, call, exten)
}

func (o *office) Originate(_ context.Context, who string, order Order) error {
	o.mu.Lock()
	o.order = order
	o.mu.Unlock()
	return o.note("%s calls %s for %s as %s <%s>, %s", who, order.Channel, order.Exten, order.Name, order.Number, order.Timeout)
}

// bench is a server with that office.
type bench struct {
	*testing.T
	*Server
	office *office
}

func serve(t *testing.T, change func(*conf.AMI)) *bench {
	c := conf.DefaultAMI()
	c.Port = 0
	if change != nil {
		change(&c)
	}
	o := &office{}
	s := New(Options{AMI: c, Authenticator: people{}, House: o, Wrong: time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return &bench{t, s, o}
}

// client is a program at the other end.
type client struct {
	*testing.T
	net.Conn
	in *bufio.Reader
}

func (b *bench) dial() *client {
	b.Helper()
	conn, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", b.Port()))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	c := &client{b.T, conn, bufio.NewReader(conn)}
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if line, err := c.in.ReadString('\n'); err != nil || line != greeting {
		b.Fatalf("greeting %q, %v", line, err)
	}
	return c
}

// send sends an action, given with semicolons between its lines.
func (c *client) send(action string) {
	c.Helper()
	if _, err := io.WriteString(c, strings.ReplaceAll(action, "; ", "\r\n")+"\r\n\r\n"); err != nil {
		c.Fatal(err)
	}
}

// next is the next answer or event, in the form of send.
func (c *client) next() string {
	c.Helper()
	var lines []string
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			c.Fatalf("%v after %q", err, lines)
		}
		if !strings.HasSuffix(line, "\r\n") {
			c.Fatalf("a line that ends wrongly: %q", line)
		}
		if line = strings.TrimSuffix(line, "\r\n"); line == "" {
			return strings.Join(lines, "; ")
		}
		lines = append(lines, line)
	}
}

// say sends an action and compares the answer.
func (c *client) say(action, want string) {
	c.Helper()
	c.send(action)
	if got := c.next(); got != want {
		c.Errorf("%s\nis answered  %s\nbut should be %s", action, got, want)
	}
}

// gone waits until the server has closed the connection.
func (c *client) gone() {
	c.Helper()
	if rest, err := io.ReadAll(c.in); err != nil && !errors.Is(err, net.ErrClosed) && !strings.Contains(err.Error(), "reset") || len(rest) > 0 {
		c.Errorf("rest %q, %v", rest, err)
	}
}

// as is a client who is logged in and wants no events.
func (b *bench) as(user string) *client {
	b.Helper()
	c := b.dial()
	c.say("Action: Login; Username: "+user+"; Secret: "+user+"'s; Events: off", "Response: Success; Message: Authentication accepted")
	return c
}
