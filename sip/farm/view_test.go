package farm_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"tandem/conf"
	"tandem/signal"
	"tandem/sip/farm"
)

const random = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// owner reads tags of the form "boot-1".
func owner(tag []byte) (boot uint32, ok bool) {
	n, err := fmt.Sscanf(string(tag), "boot-%d", &boot)
	return boot, n == 1 && err == nil
}

// members are m1 to m3, with boot tags 1 to 3, at 10.0.0.1 to 10.0.0.3; each has its role. What is given as
// dead is so.
func members(roles ...farm.Role) (all []farm.Member) {
	for i, r := range roles {
		all = append(all, farm.Member{Name: fmt.Sprintf("m%d", i+1), Boot: uint32(i + 1), Role: r, Living: true,
			Addresses: []string{fmt.Sprintf("10.0.0.%d:5060", i+1), "door.example.com:5060"}})
	}
	return all
}

func TestTarget(t *testing.T) {
	const m1, m2, m3 = "m1", "m2", "m3"
	response := func(boot uint32) []byte {
		return wire("SIP/2.0 200 OK", "Via: SIP/2.0/UDP h;branch=z9hG4bK"+farm.Mark(boot)+random, "Call-ID: c")
	}
	request := func(uri string, fields ...string) []byte {
		return wire(append([]string{"INVITE " + uri + " SIP/2.0", "Via: SIP/2.0/UDP h;branch=z9hG4bK1", "Call-ID: c"}, fields...)...)
	}
	share, relay, off := farm.Share, farm.Relay, farm.Disabled
	for name, c := range map[string]struct {
		roles  [3]farm.Role // of m1, which is asked, m2 and m3
		packet []byte
		want   string
	}{
		"a response to m2":                          {[3]farm.Role{share, share, share}, response(2), m2},
		"a response to a relay":                     {[3]farm.Role{share, relay, share}, response(2), m2},
		"a response to us":                          {[3]farm.Role{relay, share, share}, response(1), m1},
		"a response to nobody":                      {[3]farm.Role{relay, share, share}, response(9), m1},
		"a response to who takes no part":           {[3]farm.Role{share, off, share}, response(2), m1},
		"a response with a short branch":            {[3]farm.Role{share, share, share}, wire("SIP/2.0 200 OK", "Via: SIP/2.0/UDP h;branch=z9hG4bK00000002", "Call-ID: c"), m1},
		"a response without our cookie":             {[3]farm.Role{share, share, share}, wire("SIP/2.0 200 OK", "Via: SIP/2.0/UDP h;branch=a0000002"+random, "Call-ID: c"), m1},
		"a response without a branch":               {[3]farm.Role{share, share, share}, wire("SIP/2.0 200 OK", "Call-ID: c"), m1},
		"in a dialog of m2":                         {[3]farm.Role{share, share, share}, request("sip:h", "To: <sip:x>;tag=boot-2"), m2},
		"in a dialog of ours":                       {[3]farm.Role{relay, share, share}, request("sip:h", "To: <sip:x>;tag=boot-1"), m1},
		"in a dialog of the dead":                   {[3]farm.Role{relay, share, share}, request("sip:h", "To: <sip:x>;tag=boot-9"), m1},
		"in a dialog of who takes no part":          {[3]farm.Role{share, off, share}, request("sip:h", "To: <sip:x>;tag=boot-2"), m1},
		"a tag goes before a route":                 {[3]farm.Role{share, share, share}, request("sip:h", "To: <sip:x>;tag=boot-2", "Route: <sip:10.0.0.3>"), m2},
		"a route to m3":                             {[3]farm.Role{share, share, share}, request("sip:10.0.0.2", "Route: <sip:10.0.0.3;lr>"), m3},
		"a route to us":                             {[3]farm.Role{relay, share, share}, request("sip:10.0.0.2", "Route: <sip:10.0.0.1;lr>"), m1},
		"a URI to m2":                               {[3]farm.Role{share, share, share}, request("sip:u@10.0.0.2:5060;x"), m2},
		"a URI to us":                               {[3]farm.Role{relay, share, share}, request("sip:u@10.0.0.1"), m1},
		"a URI to another port is nobody's":         {[3]farm.Role{share, relay, relay}, request("sip:u@10.0.0.2:5070"), m1},
		"the door of all names nobody":              {[3]farm.Role{relay, share, relay}, request("sip:u@door.example.com"), m2},
		"a relay keeps nothing else":                {[3]farm.Role{relay, relay, share}, request("sip:h"), m3},
		"who shares alone keeps all":                {[3]farm.Role{share, relay, off}, request("sip:h"), m1},
		"a relay without anybody to take it":        {[3]farm.Role{relay, relay, off}, request("sip:h"), m1},
		"who takes no part passes no response on":   {[3]farm.Role{off, share, share}, response(2), m1},
		"who takes no part passes no dialog on":     {[3]farm.Role{off, share, share}, request("sip:h", "To: <sip:x>;tag=boot-2"), m1},
		"a tag of others is none":                   {[3]farm.Role{relay, relay, share}, request("sip:h", "To: <sip:x>;tag=x"), m3},
		"who takes no part is not named by address": {[3]farm.Role{relay, off, share}, request("sip:10.0.0.2"), m3},
	} {
		v := farm.NewView(m1, members(c.roles[:]...), owner)
		f, ok := farm.Read(c.packet)
		member, boot, relay := v.Target(&f)
		if !ok || member != c.want || relay != (c.want != m1) || relay && fmt.Sprint("m", boot) != member {
			t.Errorf("%s: to %s (%d), relayed %v; want %s", name, member, boot, relay, c.want)
		}
	}
}

func TestNobodyToPassTo(t *testing.T) {
	dead := members(farm.Share, farm.Share)
	dead[1].Living = false
	for name, v := range map[string]*farm.View{
		"alone":                       nil,
		"no other member":             farm.NewView("m1", members(farm.Share), owner),
		"the other one is dead":       farm.NewView("m1", dead, owner),
		"the other one takes no part": farm.NewView("m1", members(farm.Share, farm.Disabled), owner),
		"we take no part":             farm.NewView("m1", members(farm.Disabled, farm.Share), owner),
	} {
		if !v.Idle() {
			t.Errorf("%s: not idle", name)
		}
	}
	if v := farm.NewView("m1", members(farm.Relay, farm.Share), owner); v.Idle() {
		t.Error("idle, though there is somebody")
	}
}

// callID is one of many.
func callID(i int) []byte { return fmt.Appendf(nil, "%08x@192.0.2.%d", i*2654435761, i%250) }

// spread counts where Call-IDs go, as each member of the view sees it; all must agree.
func spread(t *testing.T, all []farm.Member, n int) (went []string) {
	t.Helper()
	for i := range n {
		var first string
		for _, m := range all {
			if !m.Living {
				continue
			}
			f := farm.Facts{CallID: callID(i), Method: []byte("INVITE")}
			to, _, _ := farm.NewView(m.Name, all, nil).Target(&f)
			if first == "" {
				first = to
			}
			if to != first {
				t.Fatalf("%s says %s, another member %s", m.Name, to, first)
			}
		}
		went = append(went, first)
	}
	return went
}

// All members agree; the load is even; who goes moves only what he had, who joins only what he gets.
func TestSpread(t *testing.T) {
	const n = 3000
	three := members(farm.Share, farm.Share, farm.Share)
	before := spread(t, three, n)
	count := map[string]int{}
	for _, m := range before {
		count[m]++
	}
	for m, c := range count {
		if c < n/3*9/10 || c > n/3*11/10 {
			t.Errorf("%s has %d of %d", m, c, n)
		}
	}
	three[1].Living = false
	for i, m := range spread(t, three, n) {
		if m != before[i] && before[i] != "m2" || m == "m2" {
			t.Fatalf("Call-ID %d went from %s to %s when m2 died", i, before[i], m)
		}
	}
	three[1].Living, three[1].Boot = true, 77 // started again
	for i, m := range spread(t, three, n) {
		if m != before[i] {
			t.Fatalf("Call-ID %d went from %s to %s when m2 was started again", i, before[i], m)
		}
	}
}

func TestGone(t *testing.T) {
	all := members(farm.Share, farm.Disabled, farm.Share)
	before := farm.NewView("m1", all, nil)
	all[1].Living = false // took no part, but may hold connections
	all[2].Boot = 33      // was started again
	gone := farm.NewView("m1", all, nil).Gone(before)
	slices.Sort(gone)
	if !slices.Equal(gone, []string{"m2", "m3"}) {
		t.Errorf("gone: %v", gone)
	}
	all[0].Role = farm.Disabled
	if gone := farm.NewView("m1", all, nil).Gone(farm.NewView("m1", all, nil)); len(gone) != 0 {
		t.Errorf("gone: %v", gone)
	}
	if gone := farm.NewView("m1", all, nil).Gone(nil); len(gone) != 0 {
		t.Errorf("gone: %v", gone)
	}
}

func TestRoleOf(t *testing.T) {
	for _, c := range []struct {
		farm, legs string
		want       farm.Role
	}{
		{conf.FarmMember, conf.Remotely, farm.Share}, {conf.FarmRelay, conf.Locally, farm.Relay},
		{conf.FarmDisabled, conf.Locally, farm.Disabled}, {"", "", farm.Disabled},
		{conf.FarmAuto, conf.Locally, farm.Share}, {conf.FarmAuto, conf.LocallyForOthers, farm.Share},
		{conf.FarmAuto, conf.Remotely, farm.Relay},
	} {
		if got := farm.RoleOf(c.farm, c.legs); got != c.want {
			t.Errorf("%s, %s: role %d, want %d", c.farm, c.legs, got, c.want)
		}
	}
}

func TestLeads(t *testing.T) {
	all := members(farm.Disabled, farm.Disabled)
	all[1].Living = false
	all = append(all, farm.Member{Name: "m6", Addresses: []string{"[2001:db8::1]:5061", "nonsense", "h:x"}})
	v := farm.NewView("m1", all, owner)
	for text, want := range map[string]bool{
		"sip:u@10.0.0.1": true, "sip:u@10.0.0.2:5060": true, "sip:DOOR.example.com": true, "sips:u@[2001:db8::1]": true,
		"sip:u@10.0.0.2:5070": false, "sip:u@10.0.0.9": false, "sips:u@10.0.0.1": false, "sip:10.0.0.1;transport=tls": false,
		"sip:[2001:db8::1]:5061;transport=tcp": true,
		"sip:u@10.0.0.9;maddr=10.0.0.1":        true, "sip:u@10.0.0.9:5061;maddr=[2001:db8::1]": true, "sip:u@10.0.0.1;maddr=10.0.0.9": false,
	} {
		u, err := signal.ParseURI(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Leads(u); got != want {
			t.Errorf("%s leads to us: %v", text, got)
		}
	}
	if (*farm.View)(nil).Leads(signal.URI{Host: "h"}) {
		t.Error("a member that is alone knows others")
	}
}

func TestWays(t *testing.T) {
	w := farm.NewWays()
	key := func(i uint64) [2]uint64 { return [2]uint64{i, i << 12} } // all in one set
	if _, ok := w.Find([2]uint64{}); ok {
		t.Error("an empty table remembers")
	}
	for i := range uint64(8) {
		w.Note(key(i), uint32(i))
	}
	w.Find(key(0))
	w.Note(key(1), 11)
	w.Note(key(8), 8) // in place of 2, which was asked for longest ago
	for i := range uint64(9) {
		want, known := uint32(i), i != 2
		if i == 1 {
			want = 11
		}
		if boot, ok := w.Find(key(i)); ok != known || ok && boot != want {
			t.Errorf("%d went to %d, %v", i, boot, ok)
		}
	}
}

func TestOrderOf(t *testing.T) {
	var a, b signal.Flow
	if farm.OrderOf(a, []byte("c")) == farm.OrderOf(a, []byte("d")) {
		t.Error("two calls of one sender wait for each other")
	}
	b.Conn = 7
	if farm.OrderOf(b, []byte("c")) != farm.OrderOf(b, nil) {
		t.Error("a connection loses its order")
	}
	b = a
	b.Local = netip.MustParseAddrPort("127.0.0.1:1")
	if farm.OrderOf(a, nil) != farm.OrderOf(b, nil) {
		t.Error("what goes to one peer loses its order")
	}
}

// The decision for one packet of a call among three members.
func BenchmarkDecision(b *testing.B) {
	packet := []byte(corpus[0])
	all := members(farm.Share, farm.Share, farm.Share)
	handler := func(tag []byte) (uint32, bool) {
		if len(tag) < 4 {
			return 0, false
		}
		return binary.BigEndian.Uint32(tag), true
	}
	for name, v := range map[string]*farm.View{"alone": nil, "disabled": farm.NewView("m1", members(farm.Disabled, farm.Disabled), handler),
		"three": farm.NewView("m1", all, handler)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if v.Idle() {
					continue
				}
				f, _ := farm.Read(packet)
				v.Target(&f)
			}
		})
	}
}
