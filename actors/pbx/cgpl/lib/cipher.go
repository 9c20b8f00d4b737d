package lib

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/rc4"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"hash"
	"strings"

	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// ciphers has digests and ciphers, of section 2.4, and one-time codes. Old algorithms are here because
// programs must be able to talk with what still uses them.
//
// How block ciphers are used is not documented. Here it is CBC with the padding of PKCS #7 and a random
// first block, which stands before the encrypted data. So CryDecrypt reads what CryEncrypt wrote, and
// equal data do not look equal. Nothing proves that data were not changed; CryDigest with a key does.
var ciphers = []cgpl.Builtin{
	{Name: "CryDigest", Min: 2, Max: 3, Call: cryDigest},
	{Name: "CryEncrypt", Min: 3, Max: 3, Call: func(c *call) (object.Value, error) { return crypt(c, seal) }},
	{Name: "CryDecrypt", Min: 3, Max: 3, Call: func(c *call) (object.Value, error) { return crypt(c, open) }},
	{Name: "TOTPCode", Min: 1, Max: 2, Call: totpCode},
}

var digests = map[string]func() hash.Hash{
	"MD5": md5.New, "SHA1": sha1.New, "SHA256": sha256.New, "SHA384": sha512.New384, "SHA512": sha512.New,
}

// algorithm is the name of an algorithm: "sha-1" is SHA1 too.
func algorithm(v object.Value) string {
	return strings.ToUpper(strings.ReplaceAll(v.Text(), "-", ""))
}

func cryDigest(c *call) (object.Value, error) {
	if err := room(c, sizeOf(c.Arg(1))); err != nil {
		return null, err
	}
	make := digests[algorithm(c.Arg(0))]
	data, ok := bytesOf(c.Arg(1))
	if make == nil || !ok {
		return null, nil
	}
	h := make()
	if !c.Arg(2).IsNull() {
		key, ok := bytesOf(c.Arg(2))
		if !ok {
			return null, nil
		}
		h = hmac.New(make, key)
	}
	h.Write(data)
	return object.Data(h.Sum(nil)), nil
}

// crypt runs a cipher over the third argument; null for an unknown one, for a key of a size that it does
// not take, and for data that can not be decrypted.
func crypt(c *call, blocks func(cipher.Block, []byte) []byte) (object.Value, error) {
	if err := room(c, sizeOf(c.Arg(2))+2*aes.BlockSize); err != nil {
		return null, err
	}
	key, okKey := bytesOf(c.Arg(1))
	data, okData := bytesOf(c.Arg(2))
	if !okKey || !okData {
		return null, nil
	}
	var block cipher.Block
	var err error
	switch algorithm(c.Arg(0)) {
	case "RC4":
		stream, err := rc4.NewCipher(key)
		if err != nil {
			return null, nil
		}
		out := make([]byte, len(data))
		stream.XORKeyStream(out, data)
		return object.Data(out), nil
	case "AES":
		block, err = aes.NewCipher(key)
	case "DES3", "3DES":
		if len(key) == 16 { // two keys, of which the first is the third too
			key = append(append([]byte(nil), key...), key[:8]...)
		}
		block, err = des.NewTripleDESCipher(key)
	default:
		return null, nil
	}
	if err != nil {
		return null, nil
	}
	out := blocks(block, data)
	if out == nil {
		return null, nil
	}
	return object.Data(out), nil
}

func seal(block cipher.Block, data []byte) []byte {
	size := block.BlockSize()
	padding := size - len(data)%size
	out := make([]byte, size, size+len(data)+padding)
	_, _ = rand.Read(out) // it ends the process rather than fail
	out = append(out, data...)
	out = append(out, bytes.Repeat([]byte{byte(padding)}, padding)...)
	cipher.NewCBCEncrypter(block, out[:size]).CryptBlocks(out[size:], out[size:])
	return out
}

// open is nil for what seal did not make.
func open(block cipher.Block, data []byte) []byte {
	size := block.BlockSize()
	if len(data) < 2*size || len(data)%size != 0 {
		return nil
	}
	out := make([]byte, len(data)-size)
	cipher.NewCBCDecrypter(block, data[:size]).CryptBlocks(out, data[size:])
	padding := int(out[len(out)-1])
	if padding < 1 || padding > size {
		return nil
	}
	rest := len(out) - padding
	if !bytes.Equal(out[rest:], bytes.Repeat([]byte{byte(padding)}, padding)) {
		return nil
	}
	return out[:rest]
}

// totpCode is the code of six digits of RFC 6238 (SHA1, 30 seconds) for a key, a datablock or a string
// in base32, at a time: now if none is given. The function is known by its name alone; its arguments
// are ours.
func totpCode(c *call) (object.Value, error) {
	key, ok := c.Arg(0).Bytes()
	if s, isText := c.Arg(0).Str(); isText {
		b, err := unBase32(s)
		key, ok = b, err == nil
	}
	if !ok || len(key) == 0 {
		return null, nil
	}
	at := c.Arg(1)
	if at.IsNull() {
		t, err := now(c)
		if err != nil {
			return null, err
		}
		at = t
	}
	t, ok := moment(at)
	if !ok || t.Unix() < 0 {
		return null, nil
	}
	h := hmac.New(sha1.New, key)
	var step [8]byte
	binary.BigEndian.PutUint64(step[:], uint64(t.Unix()/30))
	h.Write(step[:])
	sum := h.Sum(nil)
	code := binary.BigEndian.Uint32(sum[sum[19]&15:]) & 0x7FFFFFFF // RFC 4226 section 5.3
	return object.String(fmt.Sprintf("%06d", code%1_000_000)), nil
}
