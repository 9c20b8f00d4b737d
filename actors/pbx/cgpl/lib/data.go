package lib

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"strings"

	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// datas has datablocks, of section 2.4. What is read back may have white space in it, and need not be
// padded.
var datas = []cgpl.Builtin{
	is("IsData", object.KindData),
	{Name: "EmptyData", Call: func(*call) (object.Value, error) { return object.Data(nil), nil }},
	{Name: "RandomData", Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		n, ok := c.Arg(0).Int()
		if !ok || n < 1 || n > maxRandom {
			return null, nil
		}
		b := make([]byte, n)
		_, _ = rand.Read(b) // it ends the process rather than fail
		return object.Data(b), nil
	}},
	encoder("Base64Encode", base64.StdEncoding.EncodedLen, base64.StdEncoding.EncodeToString),
	decoder("Base64Decode", unBase64),
	encoder("Base64UrlEncode", base64.RawURLEncoding.EncodedLen, base64.RawURLEncoding.EncodeToString),
	decoder("Base64UrlDecode", func(s string) ([]byte, error) {
		return base64.RawURLEncoding.DecodeString(compact(s))
	}),
	encoder("Base32Encode", base32.StdEncoding.EncodedLen, base32.StdEncoding.EncodeToString),
	decoder("Base32Decode", unBase32),
	{Name: "Convert", Min: 2, Max: 2, Call: convert},
}

func encoder(name string, size func(int) int, encode func([]byte) string) cgpl.Builtin {
	return cgpl.Builtin{Name: name, Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		if err := room(c, size(sizeOf(c.Arg(0)))); err != nil {
			return null, err
		}
		b, ok := bytesOf(c.Arg(0))
		if !ok {
			return null, wrong(name, "a string or a datablock")
		}
		return object.String(encode(b)), nil
	}}
}

func decoder(name string, decode func(string) ([]byte, error)) cgpl.Builtin {
	return cgpl.Builtin{Name: name, Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		s, ok := c.Arg(0).Str()
		if !ok {
			return null, wrong(name, "a string")
		}
		return decoded(c, s, decode)
	}}
}

// decoded is a datablock, or null for text that is none.
func decoded(c *call, s string, decode func(string) ([]byte, error)) (object.Value, error) {
	if err := room(c, len(s)); err != nil {
		return null, err
	}
	b, err := decode(s)
	if err != nil {
		return null, nil
	}
	return object.Data(b), nil
}

func unBase64(s string) ([]byte, error) { return base64.RawStdEncoding.DecodeString(compact(s)) }

func unBase32(s string) ([]byte, error) {
	return base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(compact(s)))
}

// compact drops white space, and the padding at the end.
func compact(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\r' || r == '\n' {
			return -1
		}
		return r
	}, s)
	return strings.TrimRight(s, "=")
}
