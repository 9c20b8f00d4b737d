package signal

import (
	"strings"
	"unicode/utf8"
)

// Presence is how an account, or one of its devices, stands towards others.
type Presence string

// The states of presence, as clients and lists spell them.
const (
	PresenceOnline  Presence = "online"
	PresenceAway    Presence = "away"    // there, but nobody sits at it
	PresenceBusy    Presence = "busy"    // there, and not to be disturbed
	PresenceOffline Presence = "offline" // no device
)

// MaxStatus is how many bytes the text beside a presence may have; what is longer is cut.
const MaxStatus = 256

// presences are the words that clients and documents have for a state: XIMSS clients' own, and the activities of
// RFC 4480 section 3.2. Others do not say how their sender stands, and leave him online.
var presences = map[string]Presence{
	"online": PresenceOnline, "available": PresenceOnline, "chat": PresenceOnline, "invisible": PresenceOffline, "offline": PresenceOffline, "unavailable": PresenceOffline,
	"away": PresenceAway, "be-back": PresenceAway, "out-lunch": PresenceAway, "xa": PresenceAway, "appointment": PresenceAway, "breakfast": PresenceAway,
	"dinner": PresenceAway, "holiday": PresenceAway, "in-transit": PresenceAway, "lunch": PresenceAway, "meal": PresenceAway, "permanent-absence": PresenceAway,
	"shopping": PresenceAway, "sleeping": PresenceAway, "travel": PresenceAway, "vacation": PresenceAway, "worship": PresenceAway,
	"busy": PresenceBusy, "dnd": PresenceBusy, "do-not-disturb": PresenceBusy, "on-phone": PresenceBusy, "on-the-phone": PresenceBusy,
	"in-meeting": PresenceBusy, "meeting": PresenceBusy, "performance": PresenceBusy, "presentation": PresenceBusy, "steering": PresenceBusy,
}

// ParsePresence finds the state that a word stands for. False: it is none of those known.
func ParsePresence(word string) (Presence, bool) {
	p, ok := presences[strings.ToLower(strings.TrimSpace(word))]
	return p, ok
}

// CutStatus is a status text of at most MaxStatus bytes, cut between characters; bytes that are no text are left out.
func CutStatus(text string) string {
	text = strings.ToValidUTF8(strings.TrimSpace(text), "")
	if len(text) <= MaxStatus {
		return text
	}
	end := MaxStatus
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
