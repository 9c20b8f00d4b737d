package lib

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"tandem/ximss/object"
)

// conversions are the formats of Convert, in lower case; what is not here is the name of a charset.
// Argument of a type that a format does not take, and text that it can not read, give null.
var conversions = map[string]func(c *call, v object.Value) (object.Value, error){
	"base64": func(c *call, v object.Value) (object.Value, error) {
		return coded(c, v, 2, base64.StdEncoding.EncodeToString, unBase64)
	},
	"hex":        convertHex,
	"utfcode":    utfCode,
	"words":      words,
	"asn.1":      convertASN1,
	"dns-a":      lookUp("dns-a"),
	"dns-aaaa":   lookUp("dns-aaaa"),
	"dns-ptr":    lookUp("dns-ptr"),
	"dns-txt":    lookUp("dns-txt"),
	"gennonce":   makeNonce,
	"checknonce": checkNonce,
}

func convert(c *call) (object.Value, error) {
	format, ok := c.Arg(1).Str()
	if !ok || len(format) > 64 {
		return null, nil
	}
	if f := conversions[strings.ToLower(format)]; f != nil {
		return f(c, c.Arg(0))
	}
	return convertCharset(c, c.Arg(0), strings.ToLower(format))
}

// coded turns a datablock into text and text into a datablock. times is how much longer text is.
func coded(c *call, v object.Value, times int, encode func([]byte) string,
	decode func(string) ([]byte, error)) (object.Value, error) {
	if b, ok := v.Bytes(); ok {
		if err := room(c, times*len(b)); err != nil {
			return null, err
		}
		return object.String(encode(b)), nil
	}
	s, ok := v.Str()
	if !ok {
		return null, nil
	}
	return decoded(c, s, decode)
}

// convertHex writes upper case when the format is spelled so, the only one whose spelling matters.
func convertHex(c *call, v object.Value) (object.Value, error) {
	encode := hex.EncodeToString
	if c.Arg(1).Text() == "HEX" {
		encode = func(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }
	}
	return coded(c, v, 2, encode, func(s string) ([]byte, error) {
		return hex.DecodeString(strings.Join(strings.Fields(s), ""))
	})
}

// utfCode is the code of the first character, or the character of a code.
func utfCode(_ *call, v object.Value) (object.Value, error) {
	if n, ok := v.Int(); ok {
		if n <= 0 || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
			return null, nil
		}
		return object.String(string(rune(n))), nil
	}
	r, size := utf8.DecodeRuneInString(v.Text())
	if r == utf8.RuneError && size < 2 {
		return null, nil
	}
	return object.Number(int64(r)), nil
}

// words are the parts of a string between white space.
func words(c *call, v object.Value) (object.Value, error) {
	s, ok := v.Str()
	if !ok {
		return null, nil
	}
	if _, err := source(c, "Convert", "a string"); err != nil {
		return null, err
	}
	a := object.NewArray()
	for _, w := range strings.Fields(s) {
		a.Append(part(w))
	}
	return a.Value(), nil
}

// noResolver is the answer where names can not be looked up.
const noResolver = "name resolution is not available"

// lookUp leaves a question to the Host, who may answer later.
func lookUp(what string) func(*call, object.Value) (object.Value, error) {
	return func(c *call, v object.Value) (object.Value, error) {
		if v.Kind() != object.KindString && !(what == "dns-ptr" && v.Kind() == object.KindAddress) {
			return null, nil
		}
		r, ok := c.Host.(Resolver)
		if !ok {
			return object.String(noResolver), nil
		}
		return r.Resolve(what, v)
	}
}
