package table

import (
	"strconv"
	"strings"

	"tandem/actors/queuelog/line"
)

// clean makes a text of a line that a database can keep: without its end, without what is no text, and not too long.
func clean(raw string) string {
	raw = strings.TrimRight(raw, "\r\n")
	if len(raw) >= maxLine {
		return "a line without end"
	}
	if strings.IndexByte(raw, 0) >= 0 {
		raw = strings.ReplaceAll(raw, "\x00", "\uFFFD")
	}
	return strings.ToValidUTF8(raw, "\uFFFD")
}

// row is a line as the table of lines has it. Its fields; and as it was, where the fields do not say that.
type row struct {
	at                            int64
	call, queue, agent, verb, all string
	raw                           *string
}

// split makes the row of a line. Its fields are parts of the line.
func split(text string, r *line.Row, buffer []byte) row {
	if !r.Read(append(buffer, text...)) {
		return row{raw: &text}
	}
	if one, whole := fields(text, r); whole {
		return one
	}
	return row{r.At, string(r.CallID), string(r.Queue), string(r.Agent), string(r.Verb), string(r.Rest), &text}
}

// fields cuts a line where it was read to be cut; false: its fields are not all that there was, but there are blanks around
// them, or a fraction of a second.
func fields(text string, r *line.Row) (o row, whole bool) {
	var stamp [20]byte
	at := len(strconv.AppendInt(stamp[:0], r.At, 10))
	o.at = r.At
	for _, f := range []struct {
		into   *string
		length int
	}{{&o.call, len(r.CallID)}, {&o.queue, len(r.Queue)}, {&o.agent, len(r.Agent)}, {&o.verb, len(r.Verb)}, {&o.all, len(r.Rest)}} {
		from, end := at+1, at+1+f.length
		if end > len(text) || text[at] != '|' {
			return o, false
		}
		*f.into, at = text[from:end], end
	}
	return o, at == len(text)
}

// text is the line again.
func (o *row) text() string {
	if o.raw != nil {
		return *o.raw
	}
	return strconv.FormatInt(o.at, 10) + "|" + o.call + "|" + o.queue + "|" + o.agent + "|" + o.verb + "|" + o.all
}
