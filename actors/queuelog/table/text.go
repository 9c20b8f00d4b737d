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

// split makes the row of a line.
func split(text string, r *line.Row, buffer []byte) row {
	if !r.Read(append(buffer, text...)) {
		return row{raw: &text}
	}
	one := row{r.At, string(r.CallID), string(r.Queue), string(r.Agent), string(r.Verb), string(r.Rest), nil}
	if !one.says(text) {
		one.raw = &text
	}
	return one
}

// says tells whether the fields are all that there was: no blanks around them, no fraction of a second.
func (o *row) says(text string) bool {
	var stamp [20]byte
	digits := len(strconv.AppendInt(stamp[:0], o.at, 10))
	return digits+len(o.call)+len(o.queue)+len(o.agent)+len(o.verb)+len(o.all)+5 == len(text)
}

// text is the line again.
func (o *row) text() string {
	if o.raw != nil {
		return *o.raw
	}
	return strconv.FormatInt(o.at, 10) + "|" + o.call + "|" + o.queue + "|" + o.agent + "|" + o.verb + "|" + o.all
}
