package conf

import (
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
)

// demoPassword is known to everybody; Check keeps the accounts that have it on loopback.
const demoPassword Secret = "1234"

// MaxDevMembers is how many members tandem dev runs at most.
const MaxDevMembers = 9

// Ports between the members of tandem dev, the same on each.
const (
	devDelivery = "7010" // of actors' messages
	devStore    = "7011" // clients of the store
	devRoute    = "7012" // members that keep the store together
)

// devAMI is the port of the manager interface of tandem dev, the usual one.
const devAMI = 5038

// DevPlan is a cluster of tandem dev: members that have the same ports, each on a loopback address of its own.
type DevPlan struct {
	// Members is how many there are; one is alone, with no listener for others. Up to MaxDevMembers.
	Members int
	// Base is the loopback address of the first member; the others have those behind it. Zero: 127.0.0.1.
	Base netip.Addr
	// Data is the directory below which each member has one of its own.
	Data string
}

// Address is the address of member n, from 1.
func (p DevPlan) Address(n int) netip.Addr {
	a := p.Base
	if !a.IsValid() {
		a = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	for range n - 1 {
		a = a.Next()
	}
	return a
}

// Check says whether all members have a loopback address.
func (p DevPlan) Check() error {
	if p.Members < 1 || p.Members > MaxDevMembers {
		return fmt.Errorf("dev runs 1 to %d members, not %d", MaxDevMembers, p.Members)
	}
	for n := 1; n <= p.Members; n++ {
		if !p.Address(n).IsLoopback() {
			return fmt.Errorf("member %d would have the address %s, which is no loopback address", n, p.Address(n))
		}
	}
	return nil
}

// devKeepers is how many members keep the store together when there are enough of them.
const devKeepers = 3

// devThree is where the members of a plan that keeps the store three times are, since such a store is another one than
// that of one member.
const devThree = "three"

// Home is the directory of member n. Three members and more have other ones than fewer: of one or two the first
// alone keeps the store, and a store can not be changed from the one to the other.
func (p DevPlan) Home(n int) string {
	if p.Members >= devKeepers {
		return filepath.Join(p.Data, devThree, DevName(n))
	}
	return filepath.Join(p.Data, DevName(n))
}

// DevName is the name of member n.
func DevName(n int) string { return fmt.Sprint("tandem", n) }

// Dev is the configuration of the one member of tandem dev on the loopback address 127.0.0.n, n from 1 to 65535, and
// of that name. It stands for the defaults in Sources, so that environment and flags may change it.
func Dev(n int, data string) Conf {
	base := netip.AddrFrom4([4]byte{127, 0, byte(n >> 8), byte(n)})
	return DevPlan{Members: 1, Base: base, Data: data}.conf(base.String(), DevName(n), filepath.Join(data, DevName(n)))
}

// Member is the configuration of member n of the plan, from 1. It stands for the defaults in Sources.
func (p DevPlan) Member(n int) Conf {
	c := p.conf(p.Address(n).String(), DevName(n), p.Home(n))
	if p.Members > 1 {
		p.join(n, &c)
	}
	c.origins = presetOrigins(&c)
	return c
}

func (p DevPlan) conf(address, name, home string) Conf {
	c := Default()
	c.Member.Name = name
	c.Member.Data = home
	c.SIP.Bind = []string{address}
	c.HTTP.Bind = []string{address}
	c.CLI.Bind = []string{address}
	c.XIMSS.Bind = []string{address}
	c.Media.Bind = []string{address}
	c.AMI.Bind, c.AMI.Port = []string{address}, devAMI
	c.Media.PortMin, c.Media.PortMax = 16384, 16783
	c.Routing.Domain = "tandem.local"
	c.Routing.OpenNumbers = true
	c.Routing.Numbers = demoNumbers()
	c.Accounts.Demo = demoAccounts()
	c.Accounts.Presence = "domain"
	c.Queues.Demo, c.Queues.DemoAgents = demoQueues(), demoAgents()
	c.origins = presetOrigins(&c)
	return c
}

// join makes c a member of the cluster. Of two the first keeps the store; of more the first three do.
func (p DevPlan) join(n int, c *Conf) {
	each := func(port string, most int) (all []string) {
		for i := 1; i <= most; i++ {
			all = append(all, net.JoinHostPort(p.Address(i).String(), port))
		}
		return all
	}
	keepers := 1
	if p.Members >= devKeepers {
		keepers = devKeepers
	}
	all := each(devDelivery, p.Members)
	c.Cluster.Address = all[n-1]
	c.Cluster.Seeds = slices.Delete(all, n-1, n)
	stores := each(devStore, keepers)
	if n > keepers {
		c.Store.Members = stores
		return
	}
	c.Store.Listen = stores[n-1]
	if keepers > 1 {
		c.Store.Routes = each(devRoute, keepers)
		c.Store.Route = c.Store.Routes[n-1]
	}
}

// presetOrigins says of every value that is no default that it comes from tandem dev.
func presetOrigins(c *Conf) origins {
	standard := Default()
	all := origins{}
	for _, f := range fields() {
		if !equal(f.of(c), f.of(&standard)) {
			all[f.Key] = Origin{source: fromPreset, name: "tandem dev"}
		}
	}
	return all
}

// demoNumbers are the numbers that anybody on this machine can dial. Of 96nnn only the statuses
// 400 to 699 exist.
func demoNumbers() []Number {
	return []Number{
		{"200", "pbx#pbx"}, {"5000", "pbx#pbx"},
		{"*41", "agent{login}#pbx"}, {"*42", "agent{logout}#pbx"}, {"*43", "agent{pause}#pbx"}, {"*43n", "agent{pause}#pbx"},
		{"*44", "agent{ready}#pbx"}, {"*45", "agent{hotdesk}#pbx"},
		{"*98", "voicemail{inbox}#pbx"}, {"4000", "voicemail{inbox}#pbx"}, {"*75", "listen#pbx"}, {"*75nnnn", "listen#pbx"},
		{"*nn", "service#pbx"},
		{"5900", "park#pbx"}, {"5901", "pickup#pbx"}, {"60nn", "park#pbx"},
		{"30nn", "conference{narrow,30}#pbx"}, {"33nn", "conference{wide,33}#pbx"},
		{"9180", "ring"}, {"9181", "ringback"}, {"9182", "early-music"}, {"9183", "ring-answer"},
		{"9192", "facts"},
		{"9195", "delayed-echo"}, {"9196", "echo"}, {"9197", "milliwatt"}, {"9198", "tune"},
		{"9664", "music"},
		{"964nn", "status"}, {"965nn", "status"}, {"966nn", "status"},
		{"9700", "silence-ring"}, {"9701", "late-answer"}, {"9702", "brief"}, {"9703", "no-rtp"},
	}
}

// demoAccounts are 1000 to 1019, admin, and pbx: the one in whose name the applications run.
func demoAccounts() []DemoAccount {
	names := map[int]string{0: "alice", 1: "bob", 2: "agent 1002", 3: "agent 1003", 4: "agent 1004",
		5: "agent 1005", 10: "supervisor", 19: "administrator"}
	var all []DemoAccount
	for i := range 20 {
		a := DemoAccount{Name: fmt.Sprint(1000 + i), DisplayName: names[i], Password: demoPassword}
		if a.DisplayName == "" {
			a.DisplayName = "demo " + a.Name
		}
		a.Administrator = i == 19
		if a.Supervisor = i == 10; a.Supervisor {
			a.Rights = []string{"CanListen"}
		}
		switch i {
		case 0:
			a.Aliases = []string{"operator"}
			a.Roster = []string{"1001", "1002", "1003", "1004", "1005"}
		case 1:
			a.Roster = []string{"1000", "1002", "1003", "1004", "1005"}
		}
		all = append(all, a)
	}
	return append(all,
		DemoAccount{Name: "admin", DisplayName: "administrator", Password: demoPassword, Administrator: true},
		DemoAccount{Name: "pbx", DisplayName: "Tandem", Password: demoPassword, Rights: []string{"CanImpersonate"}})
}

// demoQueues are three queues with numbers to dial.
func demoQueues() []DemoQueue {
	return []DemoQueue{
		{Name: "sales", DisplayName: "Sales", Number: "2000", Strategy: "leastrecent"},
		{Name: "support", DisplayName: "Support", Number: "2001", Strategy: "rrmemory"},
		{Name: "billing", DisplayName: "Billing", Number: "2002", Strategy: "ringall"},
	}
}

// demoAgents are agents of those queues, each with the demo account of his name.
func demoAgents() []DemoAgent {
	return []DemoAgent{
		{Name: "1002", DisplayName: "agent 1002", Queues: []string{"sales", "support"}},
		{Name: "1003", DisplayName: "agent 1003", Queues: []string{"sales", "billing"}},
		{Name: "1004", DisplayName: "agent 1004", Queues: []string{"support", "billing"}},
		{Name: "1005", DisplayName: "agent 1005", Queues: []string{"sales", "support", "billing"}},
	}
}
