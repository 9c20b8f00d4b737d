package web

import (
	"context"
	"time"
)

// Cluster is the cluster as this member sees it, and what may be changed in it. A refusal is an *Error.
type Cluster interface {
	// Cluster answers at once, from what is known already.
	Cluster(ctx context.Context) (ClusterView, error)
	// Drain lets a member take nothing new and end what it has; limit is the longest wait for it, 0 the
	// longest that there is, a day.
	Drain(ctx context.Context, member string, limit time.Duration, author string) error
	// Undrain ends the draining of a member that has not gone yet.
	Undrain(ctx context.Context, member, author string) error
	// Set changes cluster.call_legs, cluster.farm or cluster.fallback; member "" means the whole cluster.
	// revision is the one that the change was made upon: another one is a Conflict that says who was first.
	Set(ctx context.Context, member, key, value string, revision uint64, author string) (ClusterChange, error)
	// Forget takes a dead member out of the view, and the settings of its own with it.
	Forget(ctx context.Context, member, author string) error
}

// Joiner takes new members into the cluster.
type Joiner interface {
	// Join answers the request of a member that has a ticket. Both are opaque here; a refusal is an *Error
	// and says nothing of what was expected.
	Join(ctx context.Context, request []byte) (response []byte, err error)
}

// Settings of a member that ClusterView shows and Cluster.Set changes.
const (
	KeyCallLegs = "cluster.call_legs"
	KeyFarm     = "cluster.farm"
	KeyFallback = "cluster.fallback"
)

// States of a member as another one sees it.
const (
	MemberUp      = "up"
	MemberJoining = "joining"
	MemberSuspect = "suspect" // its connection broke, or no heartbeat for a while
	MemberLost    = "lost"    // dead to a member that may not say so for all
	MemberDead    = "dead"    // declared dead
	MemberLeft    = "left"    // went in order
)

// ClusterView is what one member knows of the cluster.
type ClusterView struct {
	Member     string           `json:"member"` // who says this
	Time       time.Time        `json:"time"`   // its clock
	Alone      bool             `json:"alone"`  // it works without others: no cluster.address
	Quorum     bool             `json:"quorum"` // the store can be written from here
	Controller Controller       `json:"controller"`
	Willing    Willing          `json:"willing"`
	Members    []MemberRow      `json:"members"` // in the order of their names
	Sights     []Sight          `json:"sights"`  // who sees whom
	Placed     []Placed         `json:"placed"`  // where legs live; pairs without legs are left out
	Refused    uint64           `json:"refused"` // legs refused for want of a willing member, since its start
	Store      StoreState       `json:"store"`
	Settings   uint64           `json:"settings"`          // highest revision of the cluster's settings
	Fallback   bool             `json:"fallback"`          // legs are made locally when nobody is willing
	FallbackAt uint64           `json:"fallback_revision"` // revision of that setting, 0 when the store has none
	Events     []ClusterEvent   `json:"events"`            // newest first, at most 100
	Changes    []ClusterHistory `json:"changes"`           // newest first, at most 100
}

// Controller is the holder of the lease that leads the cluster. Member "" means that nobody holds it.
type Controller struct {
	Member string    `json:"member"`
	Epoch  uint64    `json:"epoch"` // revision of the lease: fences what the Controller says
	Since  time.Time `json:"since,omitzero"`
}

// Willing is the list of members that make call legs for others, as this member knows it.
type Willing struct {
	Epoch   uint64   `json:"epoch"` // of the Controller that made it
	Version uint64   `json:"version"`
	Members []string `json:"members"`
}

// MemberRow is one member. Counts of a member that is not up are the last ones known.
type MemberRow struct {
	Name       string    `json:"name"`
	Address    string    `json:"address"` // of actor delivery, host:port
	HTTP       string    `json:"http"`    // of its pages, host:port
	Boot       string    `json:"boot"`    // tag of this life of it
	Version    string    `json:"version"` // of the build
	State      string    `json:"state"`   // see MemberUp and its like
	Since      time.Time `json:"since,omitzero"`
	Why        string    `json:"why"`                  // reason of the state, in words
	Heard      time.Time `json:"heard,omitzero"`       // last heartbeat, by our clock; none of oneself
	Draining   bool      `json:"draining"`             // takes nothing new
	DrainUntil time.Time `json:"drain_until,omitzero"` // what is left then is ended
	CutOff     bool      `json:"cut_off"`              // has no quorum: keeps its calls, takes nothing over
	Store      bool      `json:"store"`                // keeps a replica of the store
	Controller bool      `json:"controller"`

	CallLegs     string `json:"call_legs"`          // locally, locally-for-others or remotely
	CallLegsAt   uint64 `json:"call_legs_revision"` // of that setting, 0 when the store has none
	Farm         string `json:"farm"`               // member, relay, auto or disabled
	FarmResolved string `json:"farm_resolved"`      // what auto comes to: member or relay
	FarmAt       uint64 `json:"farm_revision"`
	Offered      bool   `json:"offered"`        // is in the list of willing members
	OwnLegs      int    `json:"own_legs"`       // that it needs and has itself
	OthersLegs   int    `json:"others_legs"`    // that it has for others
	Elsewhere    int    `json:"elsewhere_legs"` // that it needs and others have
	ListEpoch    uint64 `json:"list_epoch"`     // list of willing members that it knows
	ListVersion  uint64 `json:"list_version"`
	Settings     uint64 `json:"settings"` // revision of the cluster's settings that it has taken

	Load        int     `json:"load"` // of its processors, per mille
	Calls       int     `json:"calls"`
	Legs        int     `json:"legs"`
	Tasks       int     `json:"tasks"`
	Sessions    int     `json:"sessions"`
	Names       int     `json:"names"`        // slots of names that it owns
	ClockOffset Seconds `json:"clock_offset"` // its clock less ours
}

// Sight is how one member sees another one.
type Sight struct {
	By    string    `json:"by"`
	Of    string    `json:"of"`
	State string    `json:"state"`
	Heard time.Time `json:"heard,omitzero"` // last heartbeat, by the clock of the ClusterView
}

// Placed counts the legs that one member needs and one member has.
type Placed struct {
	Needs string `json:"needs"`
	Lives string `json:"lives"`
	Legs  int    `json:"legs"`
}

// StoreState is the store as it is reached from here.
type StoreState struct {
	Ready   bool     `json:"ready"`
	Members []string `json:"members"` // that keep it
	Up      int      `json:"up"`      // how many of them can be reached
	Message string   `json:"message"` // what is wrong
}

// ClusterEvent is something that happened to a member.
type ClusterEvent struct {
	Time   time.Time `json:"time"`
	Member string    `json:"member"`
	What   string    `json:"what"` // joined, suspect, dead, left, split, healed, draining, controller
	By     string    `json:"by"`   // who says so
	Why    string    `json:"why"`
}

// ClusterHistory is a change that was made.
type ClusterHistory struct {
	Time   time.Time `json:"time"`
	Member string    `json:"member"` // "" for the whole cluster
	Key    string    `json:"key"`    // a setting, or drain, undrain, forget
	Old    string    `json:"old"`
	New    string    `json:"new"`
	Author string    `json:"author"`
}

// ClusterChange is what Cluster.Set has done.
type ClusterChange struct {
	Old      string `json:"old"` // effective before
	New      string `json:"new"`
	Revision uint64 `json:"revision"` // to change it upon again
}
