package naptr

import (
	"encoding/binary"
	"strings"
)

// Numbers of DNS (RFC 1035 section 3.2, RFC 3403 section 6).
const (
	typeNAPTR  = 35
	classIN    = 1
	headLength = 12
	noSuchName = 3 // the code of an answer
)

// maxRecords bounds what is read of an answer.
const maxRecords = 100

// maxName is the length of a name (RFC 1035 section 2.3.4), as text.
const maxName = 253

// question is a packet that asks for the NAPTR records of a name.
func question(id uint16, name string) ([]byte, error) {
	name = strings.TrimSuffix(name, ".")
	if len(name) > maxName {
		return nil, ErrName
	}
	b := make([]byte, headLength, headLength+len(name)+6)
	binary.BigEndian.PutUint16(b, id)
	b[2] = 1 // recursion is desired
	b[5] = 1 // one question
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return nil, ErrName
		}
		b = append(append(b, byte(len(label))), label...)
	}
	return append(b, 0, 0, typeNAPTR, 0, classIN), nil
}

// answered reads the answer to a question. truncated: it must be asked again by TCP. ErrNone: there is no such
// name; errPacket: it is no answer to that question.
func answered(asked, b []byte) (records []Record, truncated bool, err error) {
	if len(b) < len(asked) || b[0] != asked[0] || b[1] != asked[1] || b[2]&0x80 == 0 ||
		binary.BigEndian.Uint16(b[4:]) != 1 || !strings.EqualFold(string(b[headLength:len(asked)]), string(asked[headLength:])) {
		return nil, false, errPacket
	}
	switch code := b[3] & 0x0f; {
	case b[2]&0x02 != 0:
		return nil, true, nil
	case code == noSuchName:
		return nil, false, ErrNone
	case code != 0:
		return nil, false, ErrServer
	}
	r := reader{b, len(asked)}
	for range min(int(binary.BigEndian.Uint16(b[6:])), maxRecords) {
		if !r.skipName() || len(r.b)-r.at < 10 {
			return nil, false, errPacket
		}
		kind, length := binary.BigEndian.Uint16(r.b[r.at:]), int(binary.BigEndian.Uint16(r.b[r.at+8:]))
		r.at += 10
		if len(r.b)-r.at < length {
			return nil, false, errPacket
		}
		content := reader{r.b[r.at : r.at+length], 0}
		r.at += length
		if kind != typeNAPTR {
			continue // an alias on the way
		}
		if one, ok := content.record(); ok { // a broken one must not hide the others
			records = append(records, one)
		}
	}
	if len(records) == 0 {
		return nil, false, ErrNone
	}
	return records, false, nil
}

// reader reads a packet.
type reader struct {
	b  []byte
	at int
}

// skipName passes over a name: labels, which may end in a pointer.
func (r *reader) skipName() bool {
	for r.at < len(r.b) {
		n := int(r.b[r.at])
		switch {
		case n == 0:
			r.at++
			return true
		case n&0xc0 == 0xc0:
			r.at += 2
			return r.at <= len(r.b)
		case n > 63:
			return false
		}
		r.at += 1 + n
	}
	return false
}

// text reads a character-string.
func (r *reader) text() (string, bool) {
	if r.at >= len(r.b) || r.at+1+int(r.b[r.at]) > len(r.b) {
		return "", false
	}
	n := int(r.b[r.at])
	s := string(r.b[r.at+1 : r.at+1+n])
	r.at += 1 + n
	return s, true
}

// record reads the content of a record: two numbers, three texts, and a name, which is not compressed.
func (r *reader) record() (one Record, ok bool) {
	if len(r.b) < 4 {
		return one, false
	}
	one.Order, one.Preference = binary.BigEndian.Uint16(r.b), binary.BigEndian.Uint16(r.b[2:])
	r.at = 4
	for _, field := range []*string{&one.Flags, &one.Service, &one.Expression} {
		if *field, ok = r.text(); !ok {
			return one, false
		}
	}
	one.Replacement, ok = r.name()
	return one, ok && r.at == len(r.b)
}

// name reads a name of plain labels; "" is the root.
func (r *reader) name() (string, bool) {
	var b strings.Builder
	for r.at < len(r.b) {
		label, ok := r.text()
		switch {
		case !ok || len(label) > 63 || b.Len()+len(label) > 254:
			return "", false
		case label == "":
			return b.String(), true
		}
		b.WriteString(label)
		b.WriteByte('.')
	}
	return "", false
}
