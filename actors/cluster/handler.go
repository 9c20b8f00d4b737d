package cluster

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash"
	"strconv"
	"strings"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster/slot"
)

// A handler's text form is base64url of
//
//	kind      1 byte   place in the member's table of kinds
//	boot      4 bytes  the member's boot tag: which incarnation of which member
//	serial    8 bytes  the actor's number on that member
//	proof     9 bytes  HMAC-SHA-256 of the above under the cluster's key, cut
//
// 22 bytes, 30 characters, all of them allowed in a SIP tag. It can be given to anybody: nobody can
// make one for an actor he was not given, and one that outlived its actor names nothing else.
const (
	handlerBody  = 1 + 4 + 8
	handlerProof = 9
)

// handlerText is strict, so that one handler has one text.
var handlerText = base64.RawURLEncoding.Strict()

// Errors of Parse and Offer.
var (
	ErrHandler  = errors.New("cluster: not a handler of this cluster")
	ErrGone     = errors.New("cluster: object not found")
	ErrOverload = errors.New("cluster: mailbox is full")
)

// Handler is the text form of a PID that this member can resolve again.
func (m *Member) Handler(pid *actor.PID) string {
	k, boot, serial, err := splitID(pid.GetId())
	if err != nil {
		return ""
	}
	kind, ok := m.kinds[k]
	if !ok {
		return ""
	}
	var b [handlerBody + handlerProof]byte
	b[0] = kind.letter
	binary.BigEndian.PutUint32(b[1:], boot)
	binary.BigEndian.PutUint64(b[5:], serial)
	copy(b[handlerBody:], m.prove(b[:handlerBody]))
	return handlerText.EncodeToString(b[:])
}

// Parse checks a handler's text form and finds whose it is, on whatever member. ErrHandler: forged or mangled.
// ErrGone: it is of a life of a member that is over, or of a member that is not known.
func (m *Member) Parse(text string) (*actor.PID, error) {
	b, ok := m.proven([]byte(text))
	if !ok || int(b[0]) >= len(m.letters) {
		return nil, ErrHandler
	}
	return m.numbered(m.letters[b[0]], binary.BigEndian.Uint32(b[1:]), binary.BigEndian.Uint64(b[5:]))
}

// Number is what tells an actor from all others of its kind: which life of which member it is of, and its number there.
// Whoever proves it in a text of his own gets the actor back by Numbered.
func (m *Member) Number(pid *actor.PID) (boot uint32, serial uint64, ok bool) {
	_, boot, serial, err := splitID(pid.GetId())
	return boot, serial, err == nil
}

// Numbered is the actor of a kind that has a number, on whatever member. ErrGone as from Parse. It does not tell whether
// that actor lives, or ever did.
func (m *Member) Numbered(kind string, boot uint32, serial uint64) (*actor.PID, error) {
	if _, ok := m.kinds[kind]; !ok {
		return nil, ErrHandler
	}
	return m.numbered(kind, boot, serial)
}

func (m *Member) numbered(kind string, boot uint32, serial uint64) (*actor.PID, error) {
	address := m.system.Address()
	if boot != m.boot {
		p := m.peers.boot(boot)
		if p == nil {
			return nil, ErrGone
		}
		address = p.address
	}
	return actor.NewPID(address, makeID(kind, boot, serial)), nil
}

// KindOf is the kind of the actor that a handler's text form is of; "": it is no handler of this cluster.
func (m *Member) KindOf(text string) string {
	b, ok := m.proven([]byte(text))
	if !ok || int(b[0]) >= len(m.letters) {
		return ""
	}
	return m.letters[b[0]]
}

// BootOf is the boot tag in a handler's text form: which life of which member the actor is of, or was. False: it is no
// handler of this cluster.
func (m *Member) BootOf(text []byte) (boot uint32, ok bool) {
	b, ok := m.proven(text)
	if !ok {
		return 0, false
	}
	return binary.BigEndian.Uint32(b[1:]), true
}

// proven decodes a handler's text form and checks its proof.
func (m *Member) proven(text []byte) (b [handlerBody + handlerProof]byte, ok bool) {
	if handlerText.DecodedLen(len(text)) != len(b) {
		return b, false
	}
	_, err := handlerText.Decode(b[:], text)
	return b, err == nil && hmac.Equal(b[handlerBody:], m.prove(b[:handlerBody]))
}

func (m *Member) prove(body []byte) []byte {
	h := m.provers.Get().(hash.Hash)
	defer m.provers.Put(h)
	h.Reset()
	h.Write(body)
	return h.Sum(nil)[:handlerProof]
}

// makeID is the actor's name in the runtime. The boot tag in it keeps a stale PID from reaching a
// stranger after a restart of the member.
func makeID(kind string, boot uint32, serial uint64) string {
	return kind + "/" + slot.BootText(boot) + "/" + strconv.FormatUint(serial, 10)
}

func splitID(id string) (kind string, boot uint32, serial uint64, err error) {
	parts := strings.Split(id, "/")
	if len(parts) != 3 {
		return "", 0, 0, ErrHandler
	}
	b, err1 := strconv.ParseUint(parts[1], 16, 32)
	s, err2 := strconv.ParseUint(parts[2], 10, 64)
	return parts[0], uint32(b), s, errors.Join(err1, err2)
}
