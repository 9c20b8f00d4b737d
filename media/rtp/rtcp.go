package rtp

import (
	"encoding/binary"
	"time"
)

// RTCP packet types that we read and write (RFC 3550 section 6). Others are stepped over unread.
const (
	typeSender   = 200
	typeReceiver = 201
	typeSource   = 202
	typeBye      = 203
)

const (
	senderSize    = 20 // sender part of an SR, after the SSRC
	blockSize     = 24
	maxReports    = 31 // the count field has five bits
	ntpEpoch      = 2208988800
	cnameItem     = 1
	maxCNAME      = 255
	fractionOfNTP = 1 << 32
)

// Block is a report block (RFC 3550 section 6.4.1): what a receiver tells of one source.
type Block struct {
	SSRC       uint32
	Fraction   uint8 // lost since the last report, 256ths
	Lost       int32 // in all; 24 bits on the wire
	Highest    uint32
	Jitter     uint32 // timestamp units
	LastSender uint32 // LSR: middle 32 bits of the NTP time of the last SR
	Delay      uint32 // DLSR: since then, 65536ths of a second
}

// SenderPart is what an SR tells of the sender's own stream.
type SenderPart struct {
	NTP       uint64
	Timestamp uint32
	Packets   uint32
	Octets    uint32
}

// Feedback is what a compound RTCP packet held for one stream.
type Feedback struct {
	SSRC   uint32 // of who sent it
	Sender SenderPart
	IsSR   bool
	Block  Block // about the stream that was asked for
	About  bool  // Block is filled
	Bye    bool
}

// NTP is the time as a 64-bit NTP timestamp (RFC 3550 section 4).
func NTP(t time.Time) uint64 {
	seconds := uint64(t.Unix() + ntpEpoch)
	return seconds<<32 | uint64(t.Nanosecond())*fractionOfNTP/uint64(time.Second)
}

// Middle is the middle 32 bits of an NTP timestamp, as LSR holds it.
func Middle(ntp uint64) uint32 { return uint32(ntp >> 16) }

// RoundTrip is the time a sender report and the answer to it were under way: arrival minus LSR
// minus DLSR (RFC 3550 section 6.4.1). False when the block answers nothing or cannot be true.
func RoundTrip(b Block, arrival time.Time) (time.Duration, bool) {
	if b.LastSender == 0 {
		return 0, false
	}
	d := int32(Middle(NTP(arrival)) - b.LastSender - b.Delay)
	if d < 0 {
		// Clock steps and rounding; a peer that is that near answers in no time.
		return 0, d > -(1<<16)/10
	}
	return time.Duration(d) * time.Second >> 16, true
}

// AppendReport appends an SR when sender is given, else an RR, with the block if there is one.
func AppendReport(dst []byte, ssrc uint32, sender *SenderPart, block *Block) []byte {
	kind, words, count := byte(typeReceiver), 1, byte(0)
	if sender != nil {
		kind, words = typeSender, words+senderSize/4
	}
	if block != nil {
		count, words = 1, words+blockSize/4
	}
	dst = append(dst, version<<6|count, kind)
	dst = binary.BigEndian.AppendUint16(dst, uint16(words))
	dst = binary.BigEndian.AppendUint32(dst, ssrc)
	if sender != nil {
		dst = binary.BigEndian.AppendUint64(dst, sender.NTP)
		dst = binary.BigEndian.AppendUint32(dst, sender.Timestamp)
		dst = binary.BigEndian.AppendUint32(dst, sender.Packets)
		dst = binary.BigEndian.AppendUint32(dst, sender.Octets)
	}
	if block != nil {
		dst = appendBlock(dst, block)
	}
	return dst
}

func appendBlock(dst []byte, b *Block) []byte {
	lost := max(min(b.Lost, 1<<23-1), -1<<23)
	dst = binary.BigEndian.AppendUint32(dst, b.SSRC)
	dst = binary.BigEndian.AppendUint32(dst, uint32(b.Fraction)<<24|uint32(lost)&0xffffff)
	dst = binary.BigEndian.AppendUint32(dst, b.Highest)
	dst = binary.BigEndian.AppendUint32(dst, b.Jitter)
	dst = binary.BigEndian.AppendUint32(dst, b.LastSender)
	return binary.BigEndian.AppendUint32(dst, b.Delay)
}

// AppendSource appends the SDES packet with the CNAME (RFC 3550 section 6.5.1).
func AppendSource(dst []byte, ssrc uint32, cname string) []byte {
	cname = cname[:min(len(cname), maxCNAME)]
	chunk := 4 + 2 + len(cname) + 1 // at least one zero octet ends the list
	words := (chunk + 3) / 4
	dst = append(dst, version<<6|1, typeSource)
	dst = binary.BigEndian.AppendUint16(dst, uint16(words))
	dst = binary.BigEndian.AppendUint32(dst, ssrc)
	dst = append(dst, cnameItem, byte(len(cname)))
	dst = append(dst, cname...)
	for range 4*words - chunk + 1 {
		dst = append(dst, 0)
	}
	return dst
}

// AppendBye appends a BYE (RFC 3550 section 6.6).
func AppendBye(dst []byte, ssrc uint32) []byte {
	dst = append(dst, version<<6|1, typeBye)
	dst = binary.BigEndian.AppendUint16(dst, 1)
	return binary.BigEndian.AppendUint32(dst, ssrc)
}

// ParseFeedback reads a compound RTCP packet and picks what it says of the stream that sends with
// our SSRC. Packet types other than SR, RR, SDES and BYE are stepped over: some can make a reader
// that believes their counts allocate megabytes.
func ParseFeedback(datagram []byte, ours uint32) (Feedback, error) {
	var f Feedback
	if len(datagram) < 8 || len(datagram) >= BufferSize {
		return f, ErrMalformed
	}
	for first := true; len(datagram) > 0; first = false {
		if len(datagram) < 4 || datagram[0]>>6 != version {
			return f, ErrMalformed
		}
		size := 4 + 4*int(binary.BigEndian.Uint16(datagram[2:]))
		if size > len(datagram) {
			return f, ErrMalformed
		}
		kind, count, body := datagram[1], int(datagram[0]&maxReports), datagram[4:size]
		// A compound packet begins with a report (RFC 3550 section 6.1).
		if first && kind != typeSender && kind != typeReceiver {
			return f, ErrMalformed
		}
		if err := f.take(kind, count, body, ours); err != nil {
			return f, err
		}
		datagram = datagram[size:]
	}
	return f, nil
}

func (f *Feedback) take(kind byte, count int, body []byte, ours uint32) error {
	switch kind {
	case typeSender:
		if len(body) < 4+senderSize {
			return ErrMalformed
		}
		f.SSRC, f.IsSR = binary.BigEndian.Uint32(body), true
		f.Sender = SenderPart{
			NTP:       binary.BigEndian.Uint64(body[4:]),
			Timestamp: binary.BigEndian.Uint32(body[12:]),
			Packets:   binary.BigEndian.Uint32(body[16:]),
			Octets:    binary.BigEndian.Uint32(body[20:]),
		}
		return f.blocks(count, body[4+senderSize:], ours)
	case typeReceiver:
		if len(body) < 4 {
			return ErrMalformed
		}
		f.SSRC = binary.BigEndian.Uint32(body)
		return f.blocks(count, body[4:], ours)
	case typeBye:
		f.Bye = true
	}
	return nil
}

func (f *Feedback) blocks(count int, body []byte, ours uint32) error {
	if len(body) < count*blockSize {
		return ErrMalformed
	}
	for ; count > 0; count, body = count-1, body[blockSize:] {
		if binary.BigEndian.Uint32(body) != ours {
			continue
		}
		loss := binary.BigEndian.Uint32(body[4:])
		f.About = true
		f.Block = Block{
			SSRC:       ours,
			Fraction:   uint8(loss >> 24),
			Lost:       int32(loss<<8) >> 8,
			Highest:    binary.BigEndian.Uint32(body[8:]),
			Jitter:     binary.BigEndian.Uint32(body[12:]),
			LastSender: binary.BigEndian.Uint32(body[16:]),
			Delay:      binary.BigEndian.Uint32(body[20:]),
		}
	}
	return nil
}
