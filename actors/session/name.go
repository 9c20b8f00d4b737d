package session

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// A session's name in URLs (reference communigate.md 1.2) is
//
//	NNNNNN-XXXXXXXXXXXXXXXXXXXX-mmmmmmm
//
// its number on its member, six digits or more; a proof, 100 bits, which nobody can make up; and, among other members,
// which life of which member it is of: its boot tag in letters, base 26. Any member can so find the session, without
// asking, and nobody finds one that he was not told of.
const (
	proofChars = 20
	bootChars  = 7 // 26^7 is more than 2^32
)

var proofText = base32.StdEncoding.WithPadding(base32.NoPadding)

// urlID is the name of a session. Of a member that is alone it names no member.
func urlID(key []byte, boot uint32, serial uint64, alone bool) string {
	id := fmt.Sprintf("%06d-%s", serial, proof(key, boot, serial))
	if !alone {
		id += "-" + bootText(boot)
	}
	return id
}

// readURL tells which session a name means. own is the boot tag of this member. false: it was made up, or mangled.
func readURL(key []byte, id string, own uint32) (boot uint32, serial uint64, ok bool) {
	parts := strings.Split(id, "-")
	boot = own
	switch len(parts) {
	case 2:
	case 3:
		if boot, ok = readBoot(parts[2]); !ok {
			return 0, 0, false
		}
	default:
		return 0, 0, false
	}
	serial, err := strconv.ParseUint(parts[0], 10, 64)
	if err != nil || len(parts[0]) > 20 {
		return 0, 0, false
	}
	if !hmac.Equal([]byte(parts[1]), []byte(proof(key, boot, serial))) {
		return 0, 0, false
	}
	return boot, serial, true
}

func proof(key []byte, boot uint32, serial uint64) string {
	var b [12]byte
	binary.BigEndian.PutUint32(b[:], boot)
	binary.BigEndian.PutUint64(b[4:], serial)
	h := hmac.New(sha256.New, key)
	h.Write(b[:])
	return proofText.EncodeToString(h.Sum(nil))[:proofChars]
}

func bootText(boot uint32) string {
	var b [bootChars]byte
	for i := bootChars - 1; i >= 0; i-- {
		b[i] = byte('a' + boot%26)
		boot /= 26
	}
	return string(b[:])
}

func readBoot(s string) (boot uint32, ok bool) {
	if len(s) != bootChars {
		return 0, false
	}
	n := uint64(0)
	for _, c := range []byte(s) {
		if c < 'a' || c > 'z' {
			return 0, false
		}
		n = n*26 + uint64(c-'a')
	}
	return uint32(n), n <= 1<<32-1
}
