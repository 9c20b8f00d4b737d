package ami

import (
	"fmt"
	"io"
	"strings"
)

// Limits of what a client reads.
const (
	maxGreeting = 256
	maxPacket   = 64 << 10 // bytes of an answer or an event
)

// Reader reads what a server of the manager interface says to its client, whatever it sends: of what is too large, or no
// such server, it gives an error, and what is no text is made one.
type Reader struct{ in *reader }

// NewReader reads from a connection.
func NewReader(from io.Reader) *Reader {
	in := newReader(from)
	in.lenient = true
	return &Reader{in}
}

// Greeting reads the line by which a server says what it is, such as "Asterisk Call Manager/11.0.0".
func (r *Reader) Greeting() (string, error) {
	most := maxGreeting
	line, err := r.in.line(&most)
	if err == nil && !strings.Contains(line, "Call Manager/") {
		err = fmt.Errorf("%q is no greeting of a manager interface", line)
	}
	return line, err
}

// Next reads one answer or event. The error is io.EOF where the server has ended the connection between two of them.
func (r *Reader) Next() (Packet, error) {
	return r.in.read(maxPacket)
}

// Ready tells whether more has come already. It may be a part of a packet.
func (r *Reader) Ready() bool { return r.in.in.Buffered() > 0 }
