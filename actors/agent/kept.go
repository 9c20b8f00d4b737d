package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// KeptPrefix begins the keys of agents in the bucket of what is kept; behind it comes the name.
const KeptPrefix = "agent/"

func keptKey(name string) string { return KeptPrefix + name }

// ParseKept reads the key of an agent.
func ParseKept(key string) (name string, ok bool) {
	name, ok = strings.CutPrefix(key, KeptPrefix)
	return name, ok && name != ""
}

// kept is what is written down of an agent: JSON.
type kept struct {
	Epoch uint64 // of who wrote it
	Record
	Desks []Desk `json:",omitempty"`
}

// Desk is a device at which an agent works, whether it is there or not.
type Desk struct {
	Device string // AOR
	Phone  string `json:",omitempty"` // how it is rung, for the records
	Since  int64  `json:",omitempty"` // when he has taken it, in ns since 1970: of two who have, the later one works there
}

// glance is as much of it as every member must know, of all agents.
type glance struct {
	Epoch    uint64
	LoggedOn bool
	Desks    []Desk
}

var errKept = errors.New("agent: what was kept of an agent is not readable")

func (k *kept) encode() []byte {
	b, err := json.Marshal(k)
	if err != nil {
		panic("agent: a record of plain fields did not marshal: " + err.Error())
	}
	return b
}

func decodeKept(b []byte) (k kept, err error) {
	if err := json.Unmarshal(b, &k); err != nil {
		return k, fmt.Errorf("%w: %w", errKept, err)
	}
	if len(k.Queues) > maxQueues || len(k.Desks) > maxDevices {
		return k, errKept
	}
	return k, nil
}
