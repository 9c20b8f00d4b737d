package conf

import (
	"fmt"
	"net/netip"
	"path/filepath"
)

// demoPassword is known to everybody; Check keeps the accounts that have it on loopback.
const demoPassword Secret = "1234"

// Dev is the configuration of member n of tandem dev, n from 1 to 65535: all members have the same
// ports, each on its own loopback address, 127.0.0.n. Each keeps its data in a directory of its own
// below data. It stands for the defaults in Sources, so that environment and flags may change it.
func Dev(n int, data string) Conf {
	address := netip.AddrFrom4([4]byte{127, 0, byte(n >> 8), byte(n)}).String()
	c := Default()
	c.Member.Name = fmt.Sprint("tandem", n)
	c.Member.Data = filepath.Join(data, c.Member.Name)
	c.SIP.Bind = []string{address}
	c.HTTP.Bind = []string{address}
	c.CLI.Bind = []string{address}
	c.CLI.Bind = []string{address}
	c.Media.Bind = []string{address}
	c.Media.PortMin, c.Media.PortMax = 16384, 16783
	c.Routing.Domain = "tandem.local"
	c.Routing.OpenNumbers = true
	c.Routing.Numbers = demoNumbers()
	c.Accounts.Demo = demoAccounts()

	standard := Default()
	c.origins = origins{}
	for _, f := range fields() {
		if !equal(f.of(&c), f.of(&standard)) {
			c.origins[f.Key] = Origin{source: fromPreset, name: "tandem dev"}
		}
	}
	return c
}

// demoNumbers are the numbers that anybody on this machine can dial. Of 96nnn only the statuses
// 400 to 699 exist.
func demoNumbers() []Number {
	return []Number{
		{"200", "pbx#pbx"}, {"5000", "pbx#pbx"},
		{"*98", "voicemail{inbox}#pbx"}, {"4000", "voicemail{inbox}#pbx"}, {"*nn", "service#pbx"},
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
		if i == 0 {
			a.Aliases = []string{"operator"}
		}
		all = append(all, a)
	}
	return append(all,
		DemoAccount{Name: "admin", DisplayName: "administrator", Password: demoPassword, Administrator: true},
		DemoAccount{Name: "pbx", DisplayName: "Tandem", Password: demoPassword, Rights: []string{"CanImpersonate"}})
}
