package sip

import (
	"bytes"
	"context"
	"log/slog"

	"tandem/signal"
)

// LevelTrace is the level of the wire log, below debug.
const LevelTrace = slog.LevelDebug - 4

// wire logs one message as it stands on the wire, credentials masked.
func (s *Server) wire(what string, flow signal.Flow, data []byte) {
	if !s.log.Enabled(context.Background(), LevelTrace) {
		return
	}
	s.log.Log(context.Background(), LevelTrace, "message", "way", what,
		"transport", flow.Transport, "peer", flow.Remote, "text", string(mask(data)))
}

// mask returns a copy of a message without the values of its credentials: from a digest a password
// can be guessed at leisure. Keys of audio in SDP (RFC 4568) are left out as well.
func mask(data []byte) []byte {
	out := make([]byte, 0, len(data))
	secret := false
	for line := range bytes.Lines(data) {
		if secret && (line[0] == ' ' || line[0] == '\t') {
			continue // the field goes on in this line
		}
		name, _, found := bytes.Cut(line, []byte{':'})
		if found && bytes.Equal(name, []byte("a=crypto")) {
			out = append(out, "a=crypto:***\r\n"...)
			continue
		}
		if secret = found && isCredentials(bytes.TrimSpace(name)); secret {
			out = append(append(out, name...), ": ***\r\n"...)
			continue
		}
		out = append(out, line...)
	}
	return out
}

func isCredentials(name []byte) bool {
	return bytes.EqualFold(name, []byte("Authorization")) || bytes.EqualFold(name, []byte("Proxy-Authorization"))
}
