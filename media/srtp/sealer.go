package srtp

import (
	"encoding/binary"
	"net/netip"
	"sync"

	"github.com/pion/rtcp"
	pionrtp "github.com/pion/rtp"
	pion "github.com/pion/srtp/v3"

	"tandem/media/rtp"
	"tandem/media/sdp"
)

// Sealer encrypts what we send to one peer.
type Sealer struct {
	mu      sync.Mutex // audio and reports are sent by two goroutines
	context *pion.Context
	header  pionrtp.Header
	control rtcp.Header
	windows []window // of our sources, which are few
	room    [rtp.BufferSize + overhead]byte
}

// NewSealer makes one of our key: ErrSuite, ErrKey. A key must have one sealer for as long as it is used: another
// one would count the packets anew, and encrypt two alike.
func NewSealer(s sdp.Suite, key string) (*Sealer, error) {
	context, err := newContext(s, key)
	if err != nil {
		return nil, err
	}
	return &Sealer{context: context}, nil
}

// Sender sends a datagram, as an rtp.Conn does.
type Sender interface {
	Send(datagram []byte, to netip.AddrPort) error
}

// Send encrypts a datagram and sends it. The datagram stays as it is. ErrUsed is for RTP of a sequence number that was
// sent before, or is so old that it may have been: what is passed on is what a peer sends, who may number as it likes.
func (s *Sealer) Send(datagram []byte, by Sender, to netip.AddrPort) error {
	if len(datagram) > rtp.BufferSize {
		return ErrTooLong
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var sealed []byte
	var err error
	if rtp.IsRTCP(datagram) { // has an index of its own, which each of them moves
		sealed, err = s.context.EncryptRTCP(s.room[:0], datagram, &s.control)
	} else if !s.unused(datagram) {
		return ErrUsed
	} else {
		sealed, err = s.context.EncryptRTP(s.room[:0], datagram, &s.header)
	}
	if err != nil {
		return err
	}
	return by.Send(sealed, to)
}

// unused notes a packet as sent, and tells that none of its index was. What has no header is left to the encryption.
func (s *Sealer) unused(datagram []byte) bool {
	source, ok := sourceOf(datagram)
	if !ok {
		return true
	}
	sequence := binary.BigEndian.Uint16(datagram[2:])
	for i := range s.windows {
		if s.windows[i].source == source {
			return s.windows[i].take(sequence)
		}
	}
	s.windows = append(s.windows, begun(source, sequence))
	return true
}
