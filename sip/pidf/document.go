package pidf

import "tandem/signal"

// Type is the content type of a document (RFC 3863 section 5).
const Type = "application/pidf+xml"

// Namespaces of the elements.
const (
	nsDocument = "urn:ietf:params:xml:ns:pidf"
	nsPerson   = "urn:ietf:params:xml:ns:pidf:data-model"
	nsActivity = "urn:ietf:params:xml:ns:pidf:rpid"
)

// Document is what a presence document says, of all that it could.
type Document struct {
	Entity   string // whose presence it is: a URI
	Presence signal.Presence
	Note     string // text for people, at most signal.MaxStatus bytes
}
