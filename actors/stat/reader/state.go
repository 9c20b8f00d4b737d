package reader

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"tandem/actors/life"
	"tandem/actors/stat/engine"
	"tandem/actors/stat/source"
)

// Limits of what a Reader knows. Beyond them the oldest caller is given up: its wait ends without having been anything.
const (
	maxCalls  = 100_000
	maxQueues = 1000 // of one agent
	maxLegs   = 200_000
)

// stay is a caller in a queue.
type stay struct{ queue, caller string }

// call is how far a caller is.
type call struct {
	Entered   int64            `json:"entered"`
	With      *engine.Attached `json:"with,omitempty"`
	Rings     []*ring          `json:"rings,omitempty"`     // that go on
	Cancelled []*ring          `json:"cancelled,omitempty"` // since nobody has talked to it
	Talk      *ring            `json:"talk,omitempty"`
}

// ring is an agent who is rung, or who talks.
type ring struct {
	Offer  string `json:"offer"`
	Device string `json:"device"`
	At     int64  `json:"at"`
	Ended  int64  `json:"ended,omitempty"`
}

// seat is an agent who is logged on.
type seat struct {
	Device string   `json:"device"`
	State  string   `json:"state"`
	Since  int64    `json:"since"`
	Reason string   `json:"reason,omitempty"`
	Queue  string   `json:"queue,omitempty"` // whose caller he has, or had before his wrap-up
	Conn   string   `json:"conn,omitempty"`
	Queues []string `json:"queues,omitempty"` // to which he belongs
}

// know keeps a caller, within the limit.
func (r *Reader) know(s stay, c *call, at int64) {
	if len(r.calls) >= maxCalls {
		r.giveUp(at)
	}
	r.calls[s] = c
}

func (r *Reader) giveUp(at int64) {
	var oldest stay
	for s, c := range r.calls {
		if o := r.calls[oldest]; o == nil || c.Entered < o.Entered || c.Entered == o.Entered && s.before(oldest) {
			oldest = s
		}
	}
	if r.calls[oldest].Talk == nil {
		r.end(at, queueOf(oldest.queue), callWait, waitOf(oldest.caller), oldest.caller)
	}
	delete(r.calls, oldest)
}

func (s stay) before(o stay) bool {
	return s.queue < o.queue || s.queue == o.queue && s.caller < o.caller
}

// kept is the form in which a Reader is kept.
type kept struct {
	Seq     uint64                      `json:"seq"`
	Calls   map[string]map[string]*call `json:"calls"` // by queue and caller
	Agents  map[string]*seat            `json:"agents"`
	Legs    []*party                    `json:"legs,omitempty"`
	Graves  []life.Grave                `json:"graves,omitempty"`  // of members: see actors/life
	Sources *source.Book                `json:"sources,omitempty"` // none: an older version has written it

	Defined    map[string]Definition `json:"defined,omitempty"`    // by object
	Registered map[string]*ending    `json:"registered,omitempty"` // by account
}

// Save writes what the Reader knows. Equal readers write the same.
func (r *Reader) Save(w io.Writer) error {
	k := kept{Seq: r.seq, Calls: map[string]map[string]*call{}, Agents: r.agents, Graves: r.fence.Graves(), Sources: r.sources, Registered: r.registrations.by, Defined: map[string]Definition{}}
	for o, d := range r.defined {
		k.Defined[o.String()] = d
	}
	for _, leg := range slices.Sorted(maps.Keys(r.legs)) {
		k.Legs = append(k.Legs, r.legs[leg])
	}
	for s, c := range r.calls {
		if k.Calls[s.queue] == nil {
			k.Calls[s.queue] = map[string]*call{}
		}
		k.Calls[s.queue][s.caller] = c
	}
	return json.NewEncoder(w).Encode(&k)
}

// Load reads what Save wrote; the Reader goes on where that one stood.
func Load(from io.Reader) (*Reader, error) {
	var k kept
	if err := json.NewDecoder(from).Decode(&k); err != nil {
		return nil, fmt.Errorf("what was known of queues and agents can not be read: %w", err)
	}
	r := New()
	r.seq = k.Seq
	for _, p := range k.Legs {
		if p == nil || p.Leg == "" || p.Type != "" && talks[p.Type] == (talk{}) || p.First != "" && talks[p.First] == (talk{}) {
			return nil, errors.New("what was known of a leg can not be read")
		}
		r.seatParty(p)
	}
	for name, d := range k.Defined {
		o, err := engine.ParseObject(name)
		if err != nil {
			return nil, err
		}
		r.defined[o] = d
	}
	for account, x := range k.Registered {
		if x == nil {
			return nil, fmt.Errorf("what was known of the registration of %q can not be read", account)
		}
		r.registrations.note(account, x.registration)
	}
	for _, g := range k.Graves {
		r.fence.Note(g)
	}
	if k.Sources != nil {
		r.sources = k.Sources
	}
	for queue, callers := range k.Calls {
		for caller, c := range callers {
			if c == nil {
				return nil, fmt.Errorf("what was known of caller %q in %q can not be read", caller, queue)
			}
			r.calls[stay{queue, caller}] = c
		}
	}
	for agent, s := range k.Agents {
		if s == nil {
			return nil, fmt.Errorf("what was known of agent %q can not be read", agent)
		}
		r.agents[agent] = s
	}
	return r, nil
}
