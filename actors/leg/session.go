package leg

import (
	"time"

	"tandem/media/dtmf"
	"tandem/signal"
)

// A party that is a XIMSS session is told in words what a phone has to hear: its client shows keys, and a browser says
// nothing of the events that come with the audio.

// transferredType is the INFO by which a session's client learns that it talks to somebody else now: the address, where
// it is known.
const transferredType = "application/vnd.tandem.transferred"

// session tells whether the party is a session.
func (l *Leg) session() bool { return l.dialog.Flow().Session != "" }

// keyLength is how long a key was pressed, by the word of those who do not say.
const keyLength = 160 * time.Millisecond

// tellKeys tells a session's client which keys were pressed for it.
func (l *Leg) tellKeys(keys string) {
	if !l.informs() || !l.session() {
		return
	}
	for _, k := range []byte(keys) {
		l.try(l.dialog.Info(dtmf.TypeRelay, dtmf.RelayBody(dtmf.Press{Key: k, Duration: keyLength}), l.now))
	}
}

// PartnerDigit: the partner pressed a key, which phones hear by the media.
func (l *Leg) PartnerDigit(key string, now time.Time) {
	l.now = now
	l.tellKeys(key)
}

// tellTransferred tells a session's client that its partner is another one now.
func (l *Leg) tellTransferred(to signal.URI) {
	if !l.session() {
		return
	}
	address := ""
	if to.User != "" {
		address = name(to)
	}
	l.try(l.dialog.Info(transferredType, []byte(address), l.now))
}
