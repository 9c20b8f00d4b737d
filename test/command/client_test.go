package command

import (
	"bufio"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// client speaks as clients of the ancestor do: it logs in by APOP, asks for data on the line of the answer,
// takes 200 and 201 for success, quotes what is not letters and digits, and strips the quotes of a string.
type client struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

var challenge = regexp.MustCompile(`<[^>]+>`)

func connect(t *testing.T, m *lab.Member) *client {
	t.Helper()
	conn, err := net.Dial("tcp", net.JoinHostPort(m.Bind, strconv.Itoa(m.CLI)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &client{t, conn, bufio.NewReader(conn)}
}

// line reads one line of the member.
func (c *client) line() string {
	c.t.Helper()
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	text, err := c.in.ReadString('\n')
	if err != nil {
		c.t.Fatal(err)
	}
	return strings.TrimRight(text, "\r\n")
}

// ask sends a line and returns code and text of the answer.
func (c *client) ask(format string, args ...any) (code, text string) {
	c.t.Helper()
	if _, err := fmt.Fprintf(c.conn, format+"\n", args...); err != nil {
		c.t.Fatal(err)
	}
	code, text, _ = strings.Cut(c.line(), " ")
	return code, text
}

// must demands success.
func (c *client) must(format string, args ...any) string {
	c.t.Helper()
	code, text := c.ask(format, args...)
	if code != "200" && code != "201" {
		c.t.Fatalf("%.120s: %s %s", fmt.Sprintf(format, args...), code, text)
	}
	return strings.Trim(text, `"`)
}

func (c *client) apop(user, password string) (code, text string) {
	c.t.Helper()
	once := challenge.FindString(c.line())
	sum := md5.Sum([]byte(once + password))
	return c.ask("APOP %s %s", user, hex.EncodeToString(sum[:]))
}

// TestClientOfOld drives a Task as the ancestor's clients do, from a program's storing to the Task's end.
func TestClientOfOld(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	if code, text := connect(t, m).apop("admin", "wrong"); code[0] != '5' {
		t.Errorf("a wrong password got %s %s", code, text)
	}
	c := connect(t, m)
	if code, text := c.apop("admin", lab.Password); code != "200" {
		t.Fatalf("the login got %s %s", code, text)
	}
	c.must("INLINE")
	if got := c.must("MAINDOMAINNAME"); got != lab.Domain {
		t.Errorf("the main domain is %q", got)
	}
	for _, name := range []string{"CREATEDOMAINPBX " + lab.Domain, "STOREDOMAINPBXFILE " + lab.Domain + " FILE clerk.sppr DATA",
		"STORESERVERPBXFILE server.sppr DATA", "STORECLUSTERPBXFILE cluster.sppr DATA"} {
		if strings.HasSuffix(name, "DATA") {
			name += " [" + base64.StdEncoding.EncodeToString([]byte(clerk)) + "]"
		}
		c.must("%s", name)
	}
	for _, program := range []string{"clerk", "server", "cluster"} {
		task := c.must("STARTPBXTASK 1000 PROGRAM %s PARAM {hello=world;}", program)
		waitFor(t, c, task, "{hello=world;}")
		c.must(`SENDTASKEVENT "%s" EVENT say PARAM ("two words",#2)`, task)
		waitFor(t, c, task, `("two words",#2)`)
		c.must(`KILLNODE "%s"`, task)
		lab.Wait(t, patience, "the task has ended", func() bool {
			code, text := c.ask(`READNODESTATUS "%s"`, task)
			return code == "501" && text == "async Object not found"
		})
	}
	if code, text := c.ask("STARTPBXTASK 1000 PROGRAM none"); code != "501" {
		t.Errorf("a program that there is not: %s %s", code, text)
	}
	if code, text := c.ask("STARTPBXTASK nobody PROGRAM clerk"); code != "501" {
		t.Errorf("an account that there is not: %s %s", code, text)
	}
	c.must("STORECLUSTERPBXFILE cluster.sppr DELETE")
	if code, text := c.ask("STARTPBXTASK 1000 PROGRAM cluster"); code != "501" {
		t.Errorf("a program that was deleted: %s %s", code, text)
	}
	c.must("QUIT")

	other := connect(t, m)
	if code, text := other.apop("1001", lab.Password); code != "200" {
		t.Fatalf("the login of an account got %s %s", code, text)
	}
	if code, text := other.ask("STARTPBXTASK 1000 PROGRAM clerk"); code == "200" || code == "201" {
		t.Errorf("an account started a task of another: %s %s", code, text)
	}
}

// waitFor waits until a task has an application status.
func waitFor(t *testing.T, c *client, task, status string) {
	t.Helper()
	lab.Wait(t, patience, "the status is "+status, func() bool {
		code, text := c.ask(`READNODESTATUS "%s"`, task)
		return code == "201" && text == status
	})
}
