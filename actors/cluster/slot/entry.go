package slot

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// sessionValue and holderValue are the values in the bucket of leases. The boot tag is written as everywhere else.
type sessionValue struct {
	Boot    string `json:"boot"`
	Address string `json:"address"` // at which other members reach it
}

type holderValue struct {
	Member string `json:"member"`
	Boot   string `json:"boot"`
}

// SessionValue is the value under SessionKey.
func SessionValue(boot uint32, address string) []byte {
	return encode(sessionValue{BootText(boot), address})
}

// HolderValue is the value under Slot.Key.
func HolderValue(h Holder) []byte { return encode(holderValue{h.Member, BootText(h.Boot)}) }

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // these types have no value that can not be written
	}
	return b
}

// BootText is the text form of a boot tag.
func BootText(boot uint32) string { return fmt.Sprintf("%08x", boot) }

func parseBoot(text string) (uint32, bool) {
	n, err := strconv.ParseUint(text, 16, 32)
	return uint32(n), err == nil && BootText(uint32(n)) == text
}

// unreadable holds what has a record that we do not understand. It is never heard of, so it lasts one lease.
var unreadable = Holder{Member: "?"}

// Entry tells of one entry of the bucket of leases, from its copy or its watch; it is Session or Record as the key
// says. Keys of others say only how far the watch has come. A value that can not be read is reported as false: a
// session counts for nothing then, and a slot is held by nobody who could be named, until a lease has passed.
func (t *Table) Entry(key string, value []byte, revision uint64, deleted bool, now time.Time) ([]Effect, bool) {
	if s, ok := ParseKey(key); ok {
		h, ok := parseHolder(value)
		return t.Record(s, h, revision, deleted, now), ok || deleted
	}
	member, ok := strings.CutPrefix(key, sessionPrefix)
	boot, address, good := parseSession(value)
	if ok && member != "" && good && !deleted {
		return t.Session(member, boot, address, revision, now), true
	}
	return t.noSession(member, revision, now), !ok || deleted
}

func parseHolder(value []byte) (Holder, bool) {
	var v holderValue
	if len(value) > maxValue || json.Unmarshal(value, &v) != nil || v.Member == "" {
		return unreadable, false
	}
	boot, ok := parseBoot(v.Boot)
	if !ok {
		return unreadable, false
	}
	return Holder{v.Member, boot}, true
}

func parseSession(value []byte) (boot uint32, address string, ok bool) {
	var v sessionValue
	if len(value) > maxValue || json.Unmarshal(value, &v) != nil {
		return 0, "", false
	}
	boot, ok = parseBoot(v.Boot)
	return boot, v.Address, ok
}
