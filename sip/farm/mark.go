package farm

import (
	"encoding/hex"
	"fmt"

	"tandem/sip/octet"
)

// cookie begins every branch that is unique by itself (RFC 3261 section 8.1.1.7).
const cookie = "z9hG4bK"

// markLength is the length of a mark, minRandom that of the least that must follow it.
const (
	markLength = 8
	minRandom  = 16
)

// Mark is what follows the cookie in the branches of a member's own requests, before what nobody can guess:
// its boot tag. Any member tells by it whose a response is.
func Mark(boot uint32) string { return fmt.Sprintf("%08x", boot) }

// marked reads the boot tag out of a branch that a member made. Others may write branches of this form: then
// the tag is that of no member, as good as always.
func marked(branch []byte) (boot uint32, ok bool) {
	if len(branch) < len(cookie)+markLength+minRandom || !octet.EqualFold(branch[:len(cookie)], "z9hg4bk") {
		return 0, false
	}
	var b [markLength / 2]byte
	if _, err := hex.Decode(b[:], branch[len(cookie):len(cookie)+markLength]); err != nil {
		return 0, false
	}
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3]), true
}
