package line

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Row is a line as it was read. Its texts are parts of what was read, without the blanks around them, and as good as
// long as that.
type Row struct {
	At                         int64 // seconds since 1970
	CallID, Queue, Agent, Verb []byte
	Rest                       []byte // data1 and all behind it, with the bars between

	text  []byte
	found int          // bars
	bars  [maxBars]int // where they are
}

// maxBars is how many bars of a line are looked for at once: no verb has so much in front of a free text. What is behind
// more of them is found too, only slower.
const maxBars = 16

// verbAt is the field that is the verb, and the bar behind it.
const verbAt = 4

// Read takes a line apart, with or without its end. False: it has fewer than five fields, or no time. What is too much
// is no mistake, since names and texts may have bars in them (reference queuelog.md 1.1).
func (r *Row) Read(text []byte) bool {
	for n := len(text); n > 0 && (text[n-1] == '\n' || text[n-1] == '\r'); n-- {
		text = text[:n-1]
	}
	r.cut(text)
	if r.found < verbAt {
		return false
	}
	b := &r.bars
	r.CallID, r.Queue, r.Agent = trim(text[b[0]+1:b[1]]), trim(text[b[1]+1:b[2]]), trim(text[b[2]+1:b[3]])
	r.Verb, r.Rest = text[b[3]+1:], nil
	if r.found > verbAt {
		r.Verb, r.Rest = text[b[3]+1:b[verbAt]], text[b[verbAt]+1:]
	}
	r.Verb = trim(r.Verb)
	at, good := seconds(trim(text[:b[0]]))
	r.At = at
	return good && len(r.Verb) > 0
}

// cut finds the bars of a line, eight bytes at a time: most lines have seven of them, and a search for each begins anew.
func (r *Row) cut(text []byte) {
	const each, low = 0x0101010101010101, 0x7f * 0x0101010101010101
	r.text, r.found = text, 0
	at := 0
	for ; at+8 <= len(text); at += 8 {
		word := binary.LittleEndian.Uint64(text[at:]) ^ '|'*each
		for bars := ^((word&low + low) | word | low); bars != 0; bars &= bars - 1 { // the high bit of each byte that is a bar
			if r.found == maxBars {
				return
			}
			r.bars[r.found] = at + bits.TrailingZeros64(bars)/8
			r.found++
		}
	}
	for ; at < len(text) && r.found < maxBars; at++ {
		if text[at] == '|' {
			r.bars[r.found] = at
			r.found++
		}
	}
}

// field is the field behind a bar that was found, from 0.
func (r *Row) field(bar int) []byte {
	from, to := r.bars[bar]+1, len(r.text)
	if bar+1 < r.found {
		to = r.bars[bar+1]
	}
	return trim(r.text[from:to])
}

// trim cuts blanks off, which hand-edited files have around bars.
func trim(b []byte) []byte {
	if len(b) == 0 || b[0] > ' ' && b[len(b)-1] > ' ' { // as nearly all are
		return b
	}
	return trimmed(b)
}

func trimmed(b []byte) []byte {
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] <= ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// maxSeconds is the year 9999.
const maxSeconds = 253402300799

// seconds reads a time in whole seconds; a fraction is cut off.
func seconds(b []byte) (n int64, ok bool) {
	if len(b) == 10 { // as it is from 2001 to 2286
		tens, ones := b[8]-'0', b[9]-'0'
		if n, ok := eight(b); ok && tens <= 9 && ones <= 9 {
			return 100*n + 10*int64(tens) + int64(ones), true
		}
	}
	for i, c := range b {
		digit := c - '0'
		if digit > 9 {
			if c == '.' && i > 0 {
				break
			}
			return 0, false
		}
		if n = 10*n + int64(digit); n > maxSeconds {
			return 0, false
		}
	}
	return n, len(b) > 0
}

// eight reads eight digits together: pairs become numbers below 100, pairs of those numbers below 10,000, and those the
// whole.
func eight(b []byte) (n int64, ok bool) {
	const each = 0x0101010101010101
	word := binary.LittleEndian.Uint64(b) - '0'*each
	if (word|(word+(0x7f-9)*each))&(0x80*each) != 0 {
		return 0, false
	}
	word = (word*10 + word>>8) & 0x00ff00ff00ff00ff
	word = (word*100 + word>>16) & 0x0000ffff0000ffff
	return int64((word*10000 + word>>32) & 0xffffffff), true
}

// Arg is data1 and so on, from 1; nil where there are not so many.
func (r *Row) Arg(n int) []byte {
	bar := n + verbAt - 1
	switch {
	case bar < r.found && bar < maxBars-1:
		return r.field(bar)
	case r.found < maxBars:
		return nil
	}
	rest := r.text[r.bars[maxBars-1]+1:]
	for range bar - maxBars + 1 {
		bar := bytes.IndexByte(rest, '|')
		if bar < 0 {
			return nil
		}
		rest = rest[bar+1:]
	}
	if bar := bytes.IndexByte(rest, '|'); bar >= 0 {
		rest = rest[:bar]
	}
	return trim(rest)
}

// Last is the last field, the one before it for 2, and so on; nil where there are not so many.
func (r *Row) Last(n int) []byte {
	rest := r.Rest
	for range n - 1 {
		bar := bytes.LastIndexByte(rest, '|')
		if bar < 0 {
			return nil
		}
		rest = rest[:bar]
	}
	if bar := bytes.LastIndexByte(rest, '|'); bar >= 0 {
		rest = rest[bar+1:]
	}
	return trim(rest)
}

// Number reads a field of digits; a fraction is cut off, and ok is false for all else.
func Number(b []byte) (n int64, ok bool) { return seconds(b) }
