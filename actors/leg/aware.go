package leg

import "cmp"

// howRecorded is how the call is recorded, in the words of a=record (RFC 7866 section 6.3): by us or by a recording server, as our
// settings or those of the partner want it. A call that is to be recorded once it is up counts as one that is.
func (l *Leg) howRecorded() string {
	s := &l.scribing
	switch {
	case l.recorded && !l.untaped, len(s.expects(l)) > 0, s.met != nil && len(s.met.Wants) > 0 && s.of == l.hearing.partner:
		return "on"
	case l.kept.on && l.kept.paused:
		return "paused"
	case l.kept.on:
		return "on"
	}
	return "off"
}

// tellRecorded tells a phone that wants to know when that has changed, by an SDP offer of what stands otherwise. It waits for its
// turn: what is looked at after each event is looked at after the next as well.
func (l *Leg) tellRecorded() {
	if l.state != answered || !l.dialog.RecordAware() || l.offering() || l.faxing.offer != nil || !l.dialog.CanInfo() {
		return
	}
	if how := l.howRecorded(); how != cmp.Or(l.sdp.Recorded(), "off") {
		l.sdp.Record(how)
		l.refresh()
	}
}
