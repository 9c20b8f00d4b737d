package sdp

// Inspect tells which of our codecs an SDP offer allows, in the peer's order, and changes nothing: a
// leg asks before it knows what to answer. The errors are those of Answer.
func (s *Session) Inspect(offer []byte) ([]Format, error) {
	desc, err := parse(offer)
	if err != nil {
		return nil, err
	}
	active := -1
	if s.settled {
		active = s.active
	}
	if active, err = desc.choose(active, s.capability); err != nil {
		return nil, err
	}
	return desc.media[active].common(s.capability.Codecs), nil
}
