package srtp

// window is which packets of one source were encrypted. A packet's index is its sequence number, counted on over the end
// of the sequence numbers (RFC 3711 section 3.3.1): under one key, two packets of one index would give away what both say,
// and with AES-GCM let others forge more (RFC 3711 section 9.1, RFC 7714 section 10.1).
type window struct {
	source  uint32
	highest uint64
	sent    uint64 // bit n: the packet n before the highest
}

// begun is the window of a source after its first packet.
func begun(source uint32, sequence uint16) window { return window{source, uint64(sequence), 1} }

// take notes a packet as sent. false: one of its index was, or may have been.
func (w *window) take(sequence uint16) bool {
	ahead := int64(int16(sequence - uint16(w.highest)))
	if ahead > 0 {
		w.highest += uint64(ahead)
		w.sent = w.sent<<ahead | 1
		return true
	}
	back := uint64(-ahead)
	if back >= windowSize || back > w.highest || w.sent>>back&1 != 0 {
		return false
	}
	w.sent |= 1 << back
	return true
}
