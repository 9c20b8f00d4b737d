package ami

import (
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"tandem/conf"
)

// converse has a session that is logged in hear a text, and wants all that it answers to be packets.
func converse(t *testing.T, text string) {
	server := New(Options{AMI: conf.DefaultAMI(), Authenticator: people{}, House: &office{}, Wrong: time.Nanosecond, Log: slog.New(slog.DiscardHandler)})
	near, far := net.Pipe()
	defer far.Close()
	s := &session{server: server, in: newReader(strings.NewReader(text)), out: newOutbox(near, func() int { return 8 << 20 }),
		guess: func() (func(), time.Duration) { return func() {}, 0 }}
	boss := "boss"
	s.account.Store(&boss)
	heard := make(chan string)
	go func() { b, _ := io.ReadAll(far); heard <- string(b) }()
	go func() { s.out.run(); near.Close() }()
	_ = s.run(t.Context())
	s.out.close()
	answers := <-heard
	for block := range strings.SplitSeq(strings.TrimSuffix(strings.TrimPrefix(answers, greeting), "\r\n\r\n"), "\r\n\r\n") {
		if block != "" && !strings.HasPrefix(block, "Response: ") && !strings.HasPrefix(block, "Event: ") {
			t.Fatalf("%q is answered with %q", text, block)
		}
	}
}
