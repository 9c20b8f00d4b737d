package sdp

// Inspect tells which of our codecs an SDP offer allows, in the peer's order, and changes nothing: a
// leg asks before it knows what to answer. The errors are those of Answer.
func (s *Session) Inspect(offer []byte) ([]Format, error) {
	d, active, err := s.read(offer)
	if err != nil {
		return nil, err
	}
	return d.media[active].common(s.capability.Codecs), nil
}
