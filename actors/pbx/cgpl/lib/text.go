package lib

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// texts has section 2.2, strings.
var texts = []cgpl.Builtin{
	is("IsString", object.KindString),
	{Name: "String", Min: 1, Max: 1, Call: stringOf},
	{Name: "Substring", Min: 3, Max: 3, Call: substring},
	{Name: "Range", Min: 3, Max: 3, Call: glyphRange},
	{Name: "FindSubstring", Min: 2, Max: 3, Call: findSubstring},
	{Name: "EOL", Call: func(*call) (object.Value, error) { return object.String("\n"), nil }},
	{Name: "CRLF", Call: func(*call) (object.Value, error) { return object.String("\r\n"), nil }},
	{Name: "ToUpperCase", Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		return mapCase(c, unicode.ToUpper)
	}},
	{Name: "ToLowerCase", Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		return mapCase(c, unicode.ToLower)
	}},
	{Name: "IsDigit", Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		s := c.Arg(0).Text()
		return object.Bool(len(s) == 1 && s[0] >= '0' && s[0] <= '9'), nil
	}},
	{Name: "IsWhiteSpaces", Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		s := c.Arg(0).Text()
		return object.Bool(s != "" && strings.Trim(s, " \t\r\n") == ""), nil
	}},
	{Name: "FindRegEx", Min: 2, Max: 2, Call: findRegEx},
	{Name: "EmailDomainPart", Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		_, domain, ok := strings.Cut(c.Arg(0).Text(), "@")
		if !ok {
			return null, nil
		}
		return part(domain), nil
	}},
	{Name: "EmailUserPart", Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		s, ok := c.Arg(0).Str()
		user, _, found := strings.Cut(s, "@")
		switch {
		case !ok:
			return null, nil
		case !found:
			return c.Arg(0), nil
		}
		return part(user), nil
	}},
}

// stringOf gives each kind of object the text that people know it by; containers their text form.
func stringOf(c *call) (object.Value, error) {
	switch v := c.Arg(0); v.Kind() {
	case object.KindNull, object.KindString:
		return v, nil
	case object.KindData:
		b, _ := v.Bytes()
		return object.String(string(b)), room(c, len(b))
	case object.KindNumber, object.KindDate, object.KindAddress:
		return object.String(object.ScalarText(v)), nil
	case object.KindXML:
		return object.String(v.XML().Text()), nil
	}
	return objectToString(c)
}

// span is the part of n places that from and count of Substring mean: a negative from counts from the
// end, -1 being after the last place, and is where the part ends.
func span(n int, from, count int64) (start, end int) {
	size := int64(n)
	if from >= 0 {
		if from >= size {
			return 0, 0
		}
		return int(from), int(from + min(count, size-from))
	}
	last := size + 1 + from
	if last <= 0 {
		return 0, 0
	}
	return int(max(0, last-min(count, last))), int(last)
}

// extent reads from and count of Substring and Range.
func extent(c *call) (from, count int64, ok bool) {
	from, okFrom := c.Arg(1).Int()
	count, okCount := c.Arg(2).Int()
	return from, count, okFrom && okCount && count >= 0
}

func substring(c *call) (object.Value, error) {
	s, isText := c.Arg(0).Str()
	from, count, ok := extent(c)
	if !isText || !ok {
		return null, nil
	}
	start, end := span(len(s), from, count)
	return part(s[start:end]), nil
}

// glyphRange is Substring over characters. A byte that is no UTF-8 is a character of its own.
func glyphRange(c *call) (object.Value, error) {
	from, count, ok := extent(c)
	if !ok {
		return null, nil
	}
	if b, isData := c.Arg(0).Bytes(); isData {
		start, end := span(len(b), from, count)
		return object.Data(append([]byte(nil), b[start:end]...)), nil
	}
	s, isText := c.Arg(0).Str()
	if !isText {
		return null, nil
	}
	start, end := span(utf8.RuneCountInString(s), from, count)
	first := offset(s, start)
	return part(s[first : first+offset(s[first:], end-start)]), nil
}

// offset is the number of bytes of the first n characters.
func offset(s string, n int) (at int) {
	for ; n > 0; n-- {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return at
}

// findSubstring follows the rule, not the one documented example that contradicts it: a negative offset
// ignores the last -1-offset bytes and finds the last place.
func findSubstring(c *call) (object.Value, error) {
	s, okText := c.Arg(0).Str()
	what, okWhat := c.Arg(1).Str()
	offset, okOffset := c.Arg(2).Int()
	at := -1
	if okText && okWhat && (okOffset || c.Arg(2).IsNull()) {
		at = find(s, what, offset)
	}
	return object.Number(int64(at)), nil
}

func find(s, what string, offset int64) int {
	size := int64(len(s))
	switch {
	case offset > size:
		return -1
	case offset >= 0:
		at := strings.Index(s[offset:], what)
		if at < 0 {
			return -1
		}
		return at + int(offset)
	case size+1+offset < 0:
		return -1
	}
	return strings.LastIndex(s[:size+1+offset], what)
}

// mapCase maps each character by itself; bytes that are no UTF-8 stay as they are.
func mapCase(c *call, to func(rune) rune) (object.Value, error) {
	s, ok := c.Arg(0).Str()
	if !ok {
		return null, nil
	}
	if err := room(c, len(s)); err != nil {
		return null, err
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			b = append(b, s[i])
		} else {
			b = utf8.AppendRune(b, to(r))
		}
		i += n
	}
	return object.String(string(b)), nil
}
