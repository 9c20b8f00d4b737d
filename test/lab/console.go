package lab

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// Console is a connection to a member's admin command line, as its administrator.
type Console struct {
	conn net.Conn
	in   *bufio.Reader
}

// consoleTime is how long a command may take.
const consoleTime = 30 * time.Second

// Console logs in. The end of the test closes it.
func (m *Member) Console() *Console {
	m.t.Helper()
	conn, err := net.Dial("tcp", net.JoinHostPort(m.Bind, strconv.Itoa(m.CLI)))
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = conn.Close() })
	c := &Console{conn, bufio.NewReader(conn)}
	if _, err := c.answer(); err != nil {
		m.t.Fatal(err)
	}
	for _, line := range []string{"USER admin", "PASS " + Password, "INLINE"} {
		if _, err := c.Do(line); err != nil {
			m.t.Fatalf("%s: %v", line, err)
		}
	}
	return c
}

// Do runs one command and returns its output, in text form. A refusal is an error.
func (c *Console) Do(command string) (string, error) {
	if err := c.conn.SetDeadline(time.Now().Add(consoleTime)); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(c.conn, "%s\r\n", command); err != nil {
		return "", err
	}
	return c.answer()
}

func (c *Console) answer() (string, error) {
	line, err := c.in.ReadString('\n')
	if err != nil {
		return "", err
	}
	code, text, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
	switch code {
	case "200", "201", "300":
		return text, nil
	}
	return "", errors.New(code + " " + text)
}

// Program stores a program of the cluster's application environment, of that file name.
func (m *Member) Program(name, source string) {
	m.t.Helper()
	command := fmt.Sprintf("STORECLUSTERPBXFILE %q DATA [%s]", name, base64.StdEncoding.EncodeToString([]byte(source)))
	if _, err := m.Console().Do(command); err != nil {
		m.t.Fatalf("storing %s: %v", name, err)
	}
}

// ProgramFile stores a program from a file of the test.
func (m *Member) ProgramFile(name, path string) {
	m.t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		m.t.Fatal(err)
	}
	m.Program(name, string(source))
}
