package farm

import (
	"bytes"

	"tandem/sip/octet"
)

// Facts are what decides where a packet is processed. Their slices lie in the packet.
type Facts struct {
	Response bool
	Method   []byte // of a request
	URI      Place  // that the request URI names
	Route    Place  // that the topmost Route names
	Branch   []byte // of the topmost Via; empty: there is none, or it can not be read
	SentBy   Place  // of the topmost Via, as written: port 0 for none
	CallID   []byte
	ToTag    []byte
}

// Read finds the facts of a packet in one walk over its header. It judges nothing: what is not sound is
// refused by whoever processes it. False means that not even the Call-ID was found. The time is linear in
// the length of the packet; nothing is allocated.
func Read(packet []byte) (f Facts, ok bool) {
	line, rest := cutLine(trimLeft(packet))
	if !f.start(line) {
		return f, false
	}
	for {
		if line, rest = cutField(rest); len(line) == 0 {
			return f, len(f.CallID) > 0
		}
		f.field(line)
	}
}

// start reads the first line.
func (f *Facts) start(line []byte) bool {
	if len(line) >= 4 && octet.EqualFold(line[:4], "sip/") {
		f.Response = true
		return true
	}
	first, last := bytes.IndexByte(line, ' '), bytes.LastIndexByte(line, ' ')
	if first <= 0 || first == last {
		return false
	}
	f.Method = line[:first]
	f.URI = uriPlace(line[first+1 : last])
	return true
}

// field takes the fields that matter, the first of each.
func (f *Facts) field(line []byte) {
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return
	}
	name, value := trimRight(line[:colon]), trim(line[colon+1:])
	switch {
	case is(name, "via", 'v'):
		if f.Branch == nil {
			f.via(value)
		}
	case is(name, "call-id", 'i'):
		if f.CallID == nil {
			f.CallID = value
		}
	case is(name, "to", 't'):
		if f.ToTag == nil {
			f.ToTag = toTag(value)
		}
	case is(name, "route", 0):
		if f.Route.Host == nil {
			f.Route = routePlace(value)
		}
	}
}

// via reads the topmost hop: "SIP/2.0/UDP host:port;params" (RFC 3261 section 20.42).
func (f *Facts) via(value []byte) {
	f.Branch = value[:0] // found, whatever becomes of it
	hop, _ := cutPart(value, ',')
	_, rest, _ := bytes.Cut(hop, slash)
	_, rest, found := bytes.Cut(rest, slash)
	rest = trimLeft(rest)
	space := bytes.IndexAny(rest, " \t\r\n")
	if !found || space < 0 {
		return
	}
	sentBy, rest := cutPart(rest[space:], ';')
	if f.SentBy, found = hostPort(trim(sentBy)); !found {
		return
	}
	for len(rest) > 0 {
		var param []byte
		param, rest = cutPart(rest, ';')
		if name, v, _ := bytes.Cut(param, equals); octet.EqualFold(trim(name), "branch") {
			f.Branch = trim(v)
			return
		}
	}
}

// toTag is the tag of a To value (RFC 3261 section 20.39).
func toTag(value []byte) []byte {
	_, params, _ := bytes.Cut(value[max(0, bytes.LastIndexByte(value, '>')):], semicolon)
	for len(params) > 0 {
		var param []byte
		param, params, _ = bytes.Cut(params, semicolon)
		if name, v, _ := bytes.Cut(param, equals); octet.EqualFold(trim(name), "tag") {
			return trim(v)
		}
	}
	return nil
}
