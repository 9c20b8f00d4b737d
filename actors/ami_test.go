package actors

import (
	"bufio"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/ledger"
	"tandem/actors/store"
)

// amiClient speaks the manager interface: actions and answers are lines with "; " between them.
type amiClient struct {
	testing.TB
	net.Conn
	in *bufio.Reader
}

func dialAMI(t testing.TB, h *House) *amiClient {
	t.Helper()
	conn, err := net.Dial("tcp", net.JoinHostPort(h.live.Conf().AMI.Bind[0], strconv.Itoa(h.Ports()["ami"])))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	c := &amiClient{t, conn, bufio.NewReader(conn)}
	if line, err := c.in.ReadString('\n'); err != nil || !strings.HasPrefix(line, "Asterisk Call Manager/") {
		t.Fatalf("%q %v", line, err)
	}
	return c
}

// say sends an action and gives the first answer; events that come before it are passed by.
func (c *amiClient) say(action string) string {
	c.Helper()
	if _, err := io.WriteString(c, "Action: "+strings.ReplaceAll(action, "; ", "\r\n")+"\r\n\r\n"); err != nil {
		c.Fatal(err)
	}
	return c.await("Response: ")
}

// await gives the next packet that begins so.
func (c *amiClient) await(begin string) string {
	c.Helper()
	for {
		var lines []string
		for {
			line, err := c.in.ReadString('\n')
			if err != nil {
				c.Fatalf("waiting for %s: %v", begin, err)
			}
			if line = strings.TrimRight(line, "\r\n"); line == "" {
				break
			}
			lines = append(lines, line)
		}
		if text := strings.Join(lines, "; "); strings.HasPrefix(text, begin) {
			return text
		}
	}
}

// TestManagerInterface has a program log in, see a queue with its agent, let him work and pause, and write into the
// queue_log, which has it all in the end.
func TestManagerInterface(t *testing.T) {
	c := settingsOf(t.TempDir())
	h := start(t, c)
	q, a := ledger.DefaultQueue("sales"), ledger.DefaultAgent("1000")
	q.Strategy, q.Numbers, q.Weight, q.WrapUpTime = "leastrecent", []string{"2000"}, 3, "5s"
	a.Memberships = []ledger.Membership{{Queue: "sales", Penalty: 2}}
	if _, err := h.ledger.PutQueue(t.Context(), q, store.Write{Author: "test"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.ledger.PutAgent(t.Context(), a, store.Write{Author: "test"}); err != nil {
		t.Fatal(err)
	}
	register(t, h, "sip:1000@127.0.0.1:9")

	stranger := dialAMI(t, h)
	if got := stranger.say("Login; Username: 1001; Secret: 1234"); got != "Response: Error; Message: Authentication failed" {
		t.Errorf("one without rights: %s", got)
	}
	m := dialAMI(t, h)
	if got := m.say("Login; Username: admin; Secret: 1234; Events: agent"); got != "Response: Success; Message: Authentication accepted" {
		t.Fatal(got)
	}
	digest := dialAMI(t, h) // which is possible once the password was seen
	challenge := strings.TrimPrefix(digest.say("Challenge; AuthType: MD5"), "Response: Success; Challenge: ")
	sum := md5.Sum([]byte(challenge + "1234"))
	if got := digest.say("Login; Username: admin; AuthType: MD5; Events: off; Key: " + hex.EncodeToString(sum[:])); got != "Response: Success; Message: Authentication accepted" {
		t.Error(got)
	}
	status := func() (all []string) {
		digest.say("QueueStatus; Queue: sales")
		for {
			e := digest.await("Event: Queue")
			if strings.HasPrefix(e, "Event: QueueStatusComplete") {
				return all
			}
			all = append(all, e)
		}
	}
	if got := status(); len(got) != 2 || !strings.HasPrefix(got[0], "Event: QueueParams; Queue: sales; Max: 0; Strategy: leastrecent; Calls: 0; ") ||
		!strings.Contains(got[1], "Name: 1000; Location: SIP/1000; ") || !strings.Contains(got[1], "Penalty: 2") || !strings.Contains(got[1], "Status: 5") {
		t.Errorf("before he works: %q", got)
	}
	if got := m.say("QueueAdd; Queue: sales; Interface: SIP/1000"); got != "Response: Success; Message: Added interface to queue" {
		t.Error(got)
	}
	acttest.Until(t, "1000 is ready", func() bool {
		got := status()
		return len(got) == 2 && strings.Contains(got[1], "Status: 1; Paused: 0")
	})
	if got := m.say("QueuePause; Queue: sales; Interface: SIP/1000; Paused: true; Reason: Coffee"); got != "Response: Success; Message: Interface paused successfully" {
		t.Error(got)
	}
	if e := m.await("Event: QueueMemberPause"); !strings.Contains(e, "Queue: sales; MemberName: 1000; Interface: SIP/1000; ") || !strings.Contains(e, "Paused: 1; PausedReason: Coffee") {
		t.Error(e)
	}
	if got := m.say("QueueLog; Queue: sales; Event: CALLSTATUS; Uniqueid: c; Interface: 1000; Message: 7|x"); got != "Response: Success; Message: Event added successfully" {
		t.Error(got)
	}
	if got := m.say("QueueRemove; Queue: sales; Interface: 1000"); got != "Response: Success; Message: Removed interface from queue" {
		t.Error(got)
	}
	m.await("Event: AgentLogoff")
	want := []string{"NONE|NONE|NONE|QUEUESTART|", "MANAGER|NONE|1000|AGENTLOGIN|SIP/1000", "MANAGER|sales|1000|PAUSE|Coffee", "c|sales|1000|CALLSTATUS|7|x",
		"MANAGER|sales|1000|REMOVEMEMBER|", "MANAGER|NONE|1000|AGENTLOGOFF|SIP/1000|0"}
	acttest.Until(t, fmt.Sprint("the log has ", want), func() bool {
		text, _ := os.ReadFile(filepath.Join(c.Member.Data, "queue_log"))
		var lines []string
		for l := range strings.Lines(string(text)) {
			_, after, _ := strings.Cut(strings.TrimSpace(l), "|")
			if strings.Contains(after, "AGENTLOGOFF") {
				after = after[:len(after)-1] + "0" // seconds
			}
			lines = append(lines, after)
		}
		return slices.Equal(lines, want)
	})
}
