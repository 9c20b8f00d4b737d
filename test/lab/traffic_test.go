package lab

import (
	"encoding/binary"
	"net/netip"
	"testing"
)

func TestTrafficCountsWhatIsMissing(t *testing.T) {
	for _, c := range []struct {
		name            string
		packets         [][2]uint32 // SSRC and sequence number
		missing, source int
	}{
		{"none", nil, 0, 0},
		{"all", [][2]uint32{{1, 10}, {1, 11}, {1, 12}}, 0, 1},
		{"a hole", [][2]uint32{{1, 10}, {1, 13}, {1, 14}}, 2, 1},
		{"over the end of the numbers", [][2]uint32{{1, 65534}, {1, 65535}, {1, 1}}, 1, 1},
		{"out of order", [][2]uint32{{1, 10}, {1, 12}, {1, 11}}, 0, 1},
		{"two sources", [][2]uint32{{1, 10}, {1, 12}, {2, 100}, {2, 103}}, 3, 1},
	} {
		e := &Ear{}
		for _, p := range c.packets {
			packet := make([]byte, rtpHeader+1)
			binary.BigEndian.PutUint16(packet[2:], uint16(p[1]))
			binary.BigEndian.PutUint32(packet[8:], p[0])
			e.count(packet, netip.MustParseAddrPort("127.0.0.1:4000"))
		}
		if got := e.Traffic(); got.Missing != c.missing || got.Received != len(c.packets) || len(got.Sources) != c.source {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
