// Package parts reads and writes bodies of several parts (RFC 2046 section 5.1, RFC 5621): an SDP body with something beside it.
// It is pure, and believes no length and no count that it is told.
package parts

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strings"
)

// Part is one part of a body.
type Part struct {
	Type        string // Content-Type
	Disposition string // Content-Disposition, "" for none
	Body        []byte
}

// Limits of a body that is read.
const (
	MaxParts = 8        // further parts are not looked at
	maxBody  = 64 << 10 // octets of one part; a larger one ends the reading
)

// ErrMalformed tells that a body is none of several parts, or can not be taken apart.
var ErrMalformed = errors.New("parts: malformed body")

// Mixed writes parts as multipart/mixed, in their order. The same parts give the same body.
func Mixed(list ...Part) (contentType string, body []byte) {
	boundary := boundaryFor(list)
	var b bytes.Buffer
	for _, p := range list {
		fmt.Fprintf(&b, "--%s\r\nContent-Type: %s\r\n", boundary, p.Type)
		if p.Disposition != "" {
			fmt.Fprintf(&b, "Content-Disposition: %s\r\n", p.Disposition)
		}
		b.WriteString("\r\n")
		b.Write(p.Body)
		b.WriteString("\r\n")
	}
	fmt.Fprintf(&b, "--%s--\r\n", boundary)
	return "multipart/mixed;boundary=" + boundary, b.Bytes()
}

// boundaryFor is a boundary that stands in none of the parts: made of what is in them, so that nobody can have put it there.
func boundaryFor(list []Part) string {
	sum := sha256.New()
	for _, p := range list {
		fmt.Fprintf(sum, "%s\n%d\n", p.Type, len(p.Body))
		sum.Write(p.Body)
	}
	return "part-" + hex.EncodeToString(sum.Sum(nil)[:12])
}

// Read takes a body apart. One that is not multipart is a single part.
func Read(contentType string, body []byte) ([]Part, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, fmt.Errorf("%w: Content-Type: %w", ErrMalformed, err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		return []Part{{Type: kind, Body: body}}, nil
	}
	if params["boundary"] == "" {
		return nil, fmt.Errorf("%w: no boundary", ErrMalformed)
	}
	var out []Part
	in := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for len(out) < MaxParts {
		part, err := in.NextRawPart()
		if err != nil {
			break // what came before is whole all the same
		}
		text, err := io.ReadAll(io.LimitReader(part, maxBody+1))
		if err != nil || len(text) > maxBody {
			break
		}
		out = append(out, Part{Type: typeOf(part.Header.Get("Content-Type")), Disposition: part.Header.Get("Content-Disposition"), Body: text})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: no part, or one that is cut off or too large", ErrMalformed)
	}
	return out, nil
}

// typeOf is a part's type without its parameters; one that can not be read is "", which is nothing that anybody looks for.
func typeOf(field string) string {
	kind, _, err := mime.ParseMediaType(field)
	if err != nil {
		return ""
	}
	return kind
}
