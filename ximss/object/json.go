package object

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// JSON is an object as JSON text (reference cgpl.md 2.6), without blanks. Timestamps are strings of RFC
// 822 with a year of four digits, the remote past and future "#TPAST" and "#TFUTURE"; datablocks are
// base64, ip-addresses "[address]:port", XML its text; handles are null. It fails as Writer.Write does.
func JSON(v Value) (string, error) {
	p := jsonPrinting{left: MaxText}
	p.value(v, 0)
	if p.err != nil {
		return "", p.err
	}
	return p.b.String(), nil
}

type jsonPrinting struct {
	b    strings.Builder
	left int // see tagging
	err  error
}

func (p *jsonPrinting) put(s string) {
	if p.err == nil && p.b.Len()+len(s) > MaxText {
		p.err = ErrLong
	}
	if p.err == nil {
		p.b.WriteString(s)
	}
}

func (p *jsonPrinting) value(v Value, depth int) {
	if depth > MaxDepth {
		p.err = ErrDepth
	}
	if p.err != nil {
		return
	}
	switch v.Kind() {
	case KindString:
		p.quote(v.Text())
	case KindNumber:
		p.put(strconv.FormatInt(v.num, 10))
	case KindData:
		p.put(`"` + base64.StdEncoding.EncodeToString(v.ref.(*datablock).b) + `"`)
	case KindDate:
		p.put(`"` + MailDate(v.num) + `"`)
	case KindAddress:
		p.put(`"` + AddressText(v.ref.(*address).addr, v.ref.(*address).port) + `"`)
	case KindXML:
		s, err := v.XML().markup(MaxText, depth, &p.left)
		if err != nil {
			p.err = err
			return
		}
		p.left -= len(s) / 16 // quoted in vain where it does not fit
		p.quote(s)
	case KindArray:
		p.array(v.Array(), depth)
	case KindDictionary:
		p.dictionary(v.Dictionary(), depth)
	default:
		p.put("null")
	}
}

func (p *jsonPrinting) array(a *Array, depth int) {
	p.put("[")
	for i, v := range a.items {
		if i > 0 {
			p.put(",")
		}
		p.value(v, depth+1)
	}
	p.put("]")
}

func (p *jsonPrinting) dictionary(d *Dictionary, depth int) {
	p.put("{")
	for i, key := range d.keys {
		if i > 0 {
			p.put(",")
		}
		p.quote(key)
		p.put(":")
		p.value(d.values[i], depth+1)
	}
	p.put("}")
}

// quote writes a string. The two line ends of Unicode are escaped for the sake of scripts, bytes that
// are no UTF-8 become U+FFFD.
func (p *jsonPrinting) quote(s string) {
	p.put(`"`)
	from := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		e := ""
		switch {
		case r == '"' || r == '\\':
			e = `\` + string(r)
		case r == '\n':
			e = `\n`
		case r == '\r':
			e = `\r`
		case r == '\t':
			e = `\t`
		case r < ' ' || r == '\u2028' || r == '\u2029' || r == utf8.RuneError && n == 1:
			e = fmt.Sprintf(`\u%04x`, r)
		}
		if e != "" {
			p.put(s[from:i])
			p.put(e)
			from = i + n
		}
		i += n
	}
	p.put(s[from:])
	p.put(`"`)
}

// MailDate is a timestamp as mail has it (RFC 5322 section 3.3), in GMT; "#TPAST" and "#TFUTURE" beyond
// the calendar.
func MailDate(seconds int64) string {
	if Past(seconds) || Future(seconds) {
		return "#T" + DateText(seconds)
	}
	return time.Unix(seconds, 0).UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700")
}

// errJSON is what is wrong with a text that is JSON but no object.
var errJSON = errors.New("JSON: a zero byte in a string, or nested too deeply")

// ParseJSON reads JSON text: true is Yes, false and null are null, a number that is no whole one of 64
// bits is a string of its digits. Dictionaries are case-sensitive, of keys that come twice the last
// value stays.
func ParseJSON(text []byte) (Value, error) {
	if !json.Valid(text) {
		return Null, errors.New("JSON: the text is not valid")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return jsonValue(d, 0)
}

// jsonValue reads one value of a text that is known to be valid.
func jsonValue(d *json.Decoder, depth int) (Value, error) {
	t, err := d.Token()
	if err != nil {
		return Null, err
	}
	if depth > MaxDepth {
		return Null, errJSON
	}
	switch t := t.(type) {
	case bool:
		return Bool(t), nil
	case json.Number:
		n, err := strconv.ParseInt(string(t), 10, 64)
		if err != nil {
			return String(string(t)), nil
		}
		return Number(n), nil
	case string:
		if strings.IndexByte(t, 0) >= 0 {
			return Null, errJSON
		}
		return String(t), nil
	case json.Delim:
		if t == '[' {
			return jsonArray(d, depth)
		}
		return jsonDictionary(d, depth)
	}
	return Null, nil
}

func jsonArray(d *json.Decoder, depth int) (Value, error) {
	a := NewArray()
	for d.More() {
		v, err := jsonValue(d, depth+1)
		if err != nil {
			return Null, err
		}
		a.Append(v)
	}
	_, err := d.Token()
	return a.Value(), err
}

func jsonDictionary(d *json.Decoder, depth int) (Value, error) {
	dict := NewDictionary()
	for d.More() {
		t, err := d.Token()
		key, ok := t.(string)
		if err != nil || !ok || strings.IndexByte(key, 0) >= 0 {
			return Null, errJSON
		}
		v, err := jsonValue(d, depth+1)
		if err != nil {
			return Null, err
		}
		dict.Put(key, v)
	}
	_, err := d.Token()
	return dict.Value(), err
}
