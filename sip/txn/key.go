package txn

import (
	"encoding/binary"
	"encoding/hex"
	"hash/maphash"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// Cookie begins every branch that is unique by itself (RFC 3261 section 8.1.1.7).
const Cookie = "z9hG4bK"

// Key names a transaction on this member. It is a keyed hash of 128 bits: nobody outside can find
// two messages with one key.
type Key [2]uint64

// The seeds are chosen at start, so keys are good within the process only.
var seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

// ID is the key as text.
func (k Key) ID() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], k[0])
	binary.BigEndian.PutUint64(b[8:], k[1])
	var text [32]byte
	return string(hex.AppendEncode(text[:0], b[:]))
}

// ParseID reads what ID wrote.
func ParseID(id string) (Key, bool) {
	var b [16]byte
	if len(id) != 32 {
		return Key{}, false
	}
	if _, err := hex.Decode(b[:], []byte(id)); err != nil {
		return Key{}, false
	}
	return Key{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}, true
}

func hashKey(parts ...string) Key {
	var k Key
	for i := range k {
		k[i] = hashParts(seeds[i], parts)
	}
	return k
}

func hashParts(seed maphash.Seed, parts []string) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, p := range parts {
		h.WriteString(p)
		h.WriteByte(0)
	}
	return h.Sum64()
}

// ServerKey is the key of the server transaction that a received request belongs to, were its method
// as given (RFC 3261 section 17.2.3): its own for most, INVITE for an ACK and to find what a CANCEL
// cancels. The request must have passed the guard: Via, From, Call-ID and CSeq are there.
//
// A branch without the cookie, or of the cookie alone, is not unique: the request is then told
// apart by the fields of RFC 2543. Its To is not among them, so that the ACK, whose To has the tag
// of our response, is found as well.
func ServerKey(req *sip.Request, method sip.RequestMethod) Key {
	via := req.Via()
	if k, ok := wireKey(Branch(via), via.Host, via.Port, string(method)); ok {
		return k
	}
	return hashKey("2543", req.Recipient.String(), field(req.Headers(), "From", "f"),
		req.CallID().Value(), strconv.FormatUint(uint64(req.CSeq().SeqNo), 10), via.Value(), string(method))
}

// WireKey is ServerKey for who has not parsed the request, only found its topmost Via: the branch, and the
// host and port of sent-by. False when the branch is not unique.
func WireKey(branch, host []byte, port int, method string) (Key, bool) {
	return wireKey(string(branch), string(host), port, method)
}

func wireKey(branch, host string, port int, method string) (Key, bool) {
	if len(branch) <= len(Cookie) || !strings.EqualFold(branch[:len(Cookie)], Cookie) {
		return Key{}, false
	}
	return hashKey("s", branch, strings.ToLower(host), strconv.Itoa(port), method), true
}

// mergeKey is the same for two requests that reached us by different ways from one origin, for one target (RFC 3261 section
// 8.2.2.2). Of those that a proxy forks to several targets here each is for a user agent server of its own, as if we were a proxy
// before those (section 16.3 knows no merging), so the target counts: its user and host, whatever else the ways have made
// of the URI. It is never 0.
func mergeKey(req *sip.Request) uint64 {
	u := &req.Recipient
	return max(1, hashParts(seeds[0], []string{"m", field(req.Headers(), "From", "f"), req.CallID().Value(),
		strconv.FormatUint(uint64(req.CSeq().SeqNo), 10), string(req.Method),
		strings.ToLower(u.User), strings.ToLower(u.Host), strings.ToLower(u.Raw())}))
}

// ClientKey is the key of the client transaction with the branch that we made, and the method of
// CSeq (RFC 3261 section 17.1.3).
func ClientKey(branch string, method sip.RequestMethod) Key {
	return hashKey("c", branch).with(method)
}

// with adds or, a second time, takes away a method: a CANCEL has the branch of its INVITE.
func (k Key) with(method sip.RequestMethod) Key {
	m := hashKey(string(method))
	return Key{k[0] ^ m[0], k[1] ^ m[1]}
}

// Branch is the branch parameter of a Via.
func Branch(via *sip.ViaHeader) string {
	for _, p := range via.Params {
		if strings.EqualFold(p.K, "branch") {
			return p.V
		}
	}
	return ""
}

// field is the text of the first field with a name, long or compact: the guard's parser leaves
// address fields as text, under the name that the wire gave them.
func field(headers []sip.Header, name, compact string) string {
	for _, h := range headers {
		if n := h.Name(); strings.EqualFold(n, name) || strings.EqualFold(n, compact) {
			return h.Value()
		}
	}
	return ""
}
