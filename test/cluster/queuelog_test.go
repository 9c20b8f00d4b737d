package cluster

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// TestQueueLog has lines written by each of three members. One is killed meanwhile and comes back. In the end the files
// of all say the same, with each line once, and the queues have begun once.
func TestQueueLog(t *testing.T) {
	all := start(t, lab.ClusterOptions{})
	n := 0
	say := func(m *lab.Member, times int) {
		c := manager(t, m)
		for range times {
			n++
			if got := c.say(fmt.Sprintf("QueueLog; Queue: sales; Event: INFO; Uniqueid: c%d; Message: %s", n, m.Name)); !strings.HasPrefix(got, "Response: Success") {
				t.Fatalf("line %d by %s: %s", n, m.Name, got)
			}
		}
	}
	for _, m := range all {
		say(m, 20)
	}
	lab.Wait(t, settle, "all files say the same", func() bool { return same(t, all, n) })
	all[2].Kill()
	say(all[0], 20)
	say(all[1], 20)
	all[2].Restart()
	awaitAll(t, all)
	say(all[2], 5)
	lab.Wait(t, settle, "all files say the same again", func() bool { return same(t, all, n) })
	text := queueLog(t, all[2])
	for i := range n {
		if strings.Count(text, fmt.Sprintf("|c%d|sales|NONE|INFO|", i+1)) != 1 {
			t.Errorf("line %d is not there once", i+1)
		}
	}
	if got := strings.Count(text, "|QUEUESTART|"); got != 1 {
		t.Errorf("the queues have begun %d times", got)
	}
	for _, m := range all {
		lab.Wait(t, settle, m.Name+" has the partitions of all", func() bool { return inPartitions(m) == strings.Count(text, "\n") })
	}
}

// inPartitions are the lines of the partitions of all members, as a member has them in its tables.
func inPartitions(m *lab.Member) (n int) {
	var list struct {
		Partitions []struct {
			Own  bool
			Rows int
		}
	}
	if err := m.Ask("GET", "queuelog/partitions", nil, &list); err != nil {
		return 0
	}
	for _, p := range list.Partitions {
		if p.Own {
			n += p.Rows
		}
	}
	return n
}

// same tells whether the files of all have n lines, and the same.
func same(t *testing.T, all []*lab.Member, n int) bool {
	text := queueLog(t, all[0])
	for _, m := range all[1:] {
		if queueLog(t, m) != text {
			return false
		}
	}
	return strings.Count(text, "|INFO|") == n
}

// queueLog is a member's file.
func queueLog(t *testing.T, m *lab.Member) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(m.Data, "queue_log"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}

// amiClient is a client of the manager interface.
type amiClient struct {
	*testing.T
	net.Conn
	in *bufio.Reader
}

func manager(t *testing.T, m *lab.Member) *amiClient {
	t.Helper()
	conn, err := net.Dial("tcp", net.JoinHostPort(m.Bind, strconv.Itoa(m.AMI)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	c := &amiClient{t, conn, bufio.NewReader(conn)}
	if _, err := c.in.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if got := c.say("Login; Username: admin; Secret: " + lab.Password + "; Events: off"); !strings.HasPrefix(got, "Response: Success") {
		t.Fatal(got)
	}
	return c
}

// say sends an action, with "; " between its lines, and gives the answer so.
func (c *amiClient) say(action string) string {
	c.Helper()
	if _, err := fmt.Fprintf(c, "Action: %s\r\n\r\n", strings.ReplaceAll(action, "; ", "\r\n")); err != nil {
		c.Fatal(err)
	}
	var lines []string
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			c.Fatal(err)
		}
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			return strings.Join(lines, "; ")
		}
		lines = append(lines, line)
	}
}
