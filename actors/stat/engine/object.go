package engine

import (
	"fmt"
	"strings"
)

// Type is what kind of object a statistic is about, in the order of the wire codes (reference statserver.md 1.1).
type Type uint8

// Types. The last one is ours: a channel of an agent or a place that is no voice device, "1002/chat".
const (
	Agent Type = iota
	AgentPlace
	GroupAgents
	GroupPlaces
	RoutePoint
	Queue
	GroupQueues
	Switch
	RegDN
	Campaign
	CampaignGroup
	CallingList
	CampaignCallingList
	Tenant
	StagingArea
	RoutingStrategy
	Workbin
	Channel
)

// types as they are written.
var types = []string{"Agent", "AgentPlace", "GroupAgents", "GroupPlaces", "RoutePoint", "Queue", "GroupQueues", "Switch", "RegDN",
	"Campaign", "CampaignGroup", "CallingList", "CampaignCallingList", "Tenant", "StagingArea", "RoutingStrategy", "Workbin", "Channel"}

func (t Type) String() string {
	if int(t) < len(types) {
		return types[t]
	}
	return fmt.Sprintf("Type(%d)", uint8(t))
}

// ParseType finds a type by its name.
func ParseType(text string) (Type, error) {
	for i, t := range types {
		if t == text {
			return Type(i), nil
		}
	}
	return 0, fmt.Errorf("object: %q is no type; there are %s", text, strings.Join(types, ", "))
}

// Object is what a statistic is about: Agent:1002, Queue:sales, GroupAgents:team.
type Object struct {
	Type Type
	ID   string
}

// maxID is how many bytes the name of an object has at most.
const maxID = 255

// ParseObject reads TYPE:ID.
func ParseObject(text string) (o Object, err error) {
	t, id, ok := strings.Cut(text, ":")
	if !ok || id == "" || len(id) > maxID {
		return o, fmt.Errorf("object: %q is none; write its type and its name: Queue:sales", text)
	}
	o.ID = id
	o.Type, err = ParseType(t)
	return o, err
}

func (o Object) String() string { return o.Type.String() + ":" + o.ID }

// MarshalText writes an object as ParseObject reads it.
func (o Object) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads TYPE:ID.
func (o *Object) UnmarshalText(text []byte) (err error) {
	*o, err = ParseObject(string(text))
	return err
}

// rank says which objects may be part of which: those of a lower rank.
func (t Type) rank() int {
	switch t {
	case Agent, AgentPlace:
		return 1
	case GroupAgents, GroupPlaces, GroupQueues, Switch:
		return 2
	case Tenant:
		return 3
	}
	return 0
}

// check demands a name that an object can have.
func (o Object) check() error {
	if int(o.Type) >= len(types) || o.ID == "" || len(o.ID) > maxID {
		return fmt.Errorf("object: %q is none; a type and a name of 1 to %d bytes are wanted", o.String(), maxID)
	}
	return nil
}
