package farm

import (
	"cmp"
	"slices"

	"tandem/conf"
	"tandem/signal"
)

// Role is a member's part in the farm.
type Role uint8

// The roles.
const (
	Disabled Role = iota // processes all that comes to it, and gets nothing from others
	Relay                // passes on what comes to it, except what names it
	Share                // takes its share
)

// RoleOf resolves the settings cluster.farm and cluster.call_legs of a member. A member that is being
// drained should be given as Relay.
func RoleOf(farm, callLegs string) Role {
	switch farm {
	case conf.FarmMember:
		return Share
	case conf.FarmRelay:
		return Relay
	case conf.FarmAuto:
		if callLegs == conf.Remotely {
			return Relay
		}
		return Share
	}
	return Disabled
}

// Member is a member as the farm sees it.
type Member struct {
	Name      string
	Boot      uint32 // its boot tag
	Role      Role
	Living    bool
	Addresses []string // HOST:PORT at which it hears SIP, over whatever transport
}

// Owner reads the boot tag of the member where the owner of a dialog lives out of our tag in it, without
// asking whether he lives yet. False: the tag is none of ours.
type Owner func(tag []byte) (boot uint32, ok bool)

// View is what a member thinks of the farm. It never changes; when something changes there is a new one. The
// nil View is that of a member that is alone.
type View struct {
	self   string
	role   Role
	idle   bool
	owner  Owner
	boots  map[uint32]string // members that can be passed something, and ourselves
	reach  map[string]uint32 // the same, the other way round
	living map[uint32]string // all that live, whatever their part
	places map[string]string // by address; "" where members share it
	shares []share           // by name
}

// share is a member that takes a share of what names nobody.
type share struct {
	name string
	hash uint64
	boot uint32
}

// NewView makes the view of the member named self, which is among the members.
func NewView(self string, members []Member, owner Owner) *View {
	v := &View{self: self, idle: true, owner: owner, boots: map[uint32]string{},
		reach: map[string]uint32{}, living: map[uint32]string{}, places: map[string]string{}}
	members = slices.Clone(members)
	slices.SortFunc(members, func(a, b Member) int { return cmp.Compare(a.Name, b.Name) })
	for _, m := range members {
		v.addresses(m)
		if m.Living {
			v.living[m.Boot] = m.Name
		}
		if m.Name == self {
			v.role = m.Role
		} else if !m.Living || m.Role == Disabled {
			continue
		} else {
			v.idle = false
		}
		v.boots[m.Boot], v.reach[m.Name] = m.Name, m.Boot
		if m.Role == Share {
			v.shares = append(v.shares, share{m.Name, hash([]byte(m.Name)), m.Boot})
		}
	}
	v.idle = v.idle || v.role == Disabled
	return v
}

// addresses enters those of a member. One that several members have, behind one door, names none of them.
func (v *View) addresses(m Member) {
	for _, a := range m.Addresses {
		p := placeOf(a)
		if len(p.Host) == 0 {
			continue
		}
		key := string(p.key(nil))
		if other, taken := v.places[key]; taken && other != m.Name {
			v.places[key] = ""
			continue
		}
		v.places[key] = m.Name
	}
}

// Idle says that nothing can be passed to anybody: no packet needs to be looked at.
func (v *View) Idle() bool { return v == nil || v.idle }

// Gone names the members that lived in the view before, nil for none, and do not any more.
func (v *View) Gone(before *View) (names []string) {
	if v == nil || before == nil {
		return nil
	}
	for boot, name := range before.living {
		if _, lives := v.living[boot]; !lives && name != v.self {
			names = append(names, name)
		}
	}
	return names
}

// Target says which member is to process a packet, and its boot tag; relay is false when that is this one.
// What names a member that can not be passed anything is processed here: the answer is the same everywhere.
func (v *View) Target(f *Facts) (member string, boot uint32, relay bool) {
	if v.Idle() {
		return v.here()
	}
	if f.Response {
		if boot, ok := marked(f.Branch); ok {
			return v.to(boot)
		}
		return v.here()
	}
	if v.owner != nil && len(f.ToTag) > 0 {
		if boot, ok := v.owner(f.ToTag); ok {
			return v.to(boot)
		}
	}
	for _, p := range [...]Place{f.Route, f.URI} {
		if boot, ok := v.named(p); ok {
			return v.to(boot)
		}
	}
	return v.spread(f.CallID)
}

func (v *View) here() (member string, boot uint32, relay bool) { return v.self, 0, false }

// to is the member with a boot tag, or here when it can not be passed anything.
func (v *View) to(boot uint32) (member string, _ uint32, relay bool) {
	if name, ok := v.boots[boot]; ok && name != v.self {
		return name, boot, true
	}
	return v.here()
}

// To is the member with that boot tag, as far as something can be passed to it.
func (v *View) To(boot uint32) (member string, ok bool) {
	member, _, ok = v.to(boot)
	return member, ok
}

// named finds the member that a place names; false when it names none that is there.
func (v *View) named(p Place) (boot uint32, ok bool) {
	if len(p.Host) == 0 || len(p.Host) > maxHost {
		return 0, false
	}
	var space [maxHost + len(":65535")]byte
	boot, ok = v.reach[v.places[string(p.key(space[:0]))]]
	return boot, ok
}

// Leads says whether a URI leads to a member: a request sent there would come back to us.
func (v *View) Leads(u signal.URI) bool {
	if v == nil {
		return false
	}
	p := placeOfURI(u)
	if len(p.Host) > maxHost {
		return false
	}
	_, ok := v.places[string(p.key(nil))]
	return ok
}

// spread is rendezvous hashing: each member gets a number from its name and the Call-ID, and the highest
// wins.
func (v *View) spread(callID []byte) (member string, boot uint32, relay bool) {
	h := hash(callID)
	best, score := -1, uint64(0)
	for i, s := range v.shares {
		if n := mix(h ^ s.hash); best < 0 || n > score {
			best, score = i, n
		}
	}
	if best < 0 || v.shares[best].name == v.self {
		return v.here()
	}
	return v.shares[best].name, v.shares[best].boot, true
}

// hash is FNV-1a: the same on every member, whatever it was built for.
func hash(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// mix makes each bit depend on all (the last step of SplitMix64).
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
