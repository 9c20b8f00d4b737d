package conf

import (
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestDevListensOnItsLoopbackAddressAlone(t *testing.T) {
	for n, want := range map[int]string{1: "127.0.0.1", 2: "127.0.0.2", 254: "127.0.0.254", 256: "127.0.1.0"} {
		c := Dev(n, "/srv")
		if err := c.Check(); err != nil {
			t.Errorf("member %d: %v", n, err)
		}
		for _, f := range fields() {
			if !strings.HasSuffix(f.Key, ".bind") {
				continue
			}
			if got := f.of(&c).([]string); !slices.Equal(got, []string{want}) {
				t.Errorf("member %d: %s is %v, want %s", n, f.Key, got, want)
			}
		}
		if !netip.MustParseAddr(want).IsLoopback() {
			t.Errorf("%s is no loopback address", want)
		}
	}
}

func TestDevMembersDifferInPlaceOnly(t *testing.T) {
	a, b := Dev(1, "/srv"), Dev(2, "/srv")
	var differ []string
	for _, f := range fields() {
		if !equal(f.of(&a), f.of(&b)) {
			differ = append(differ, f.Key)
		}
	}
	want := []string{"member.name", "member.data", "sip.bind", "http.bind", "cli.bind", "ximss.bind", "media.bind", "ami.bind"}
	if !slices.Equal(differ, want) {
		t.Errorf("members differ in %v, want %v", differ, want)
	}
	if b.Member.Data != filepath.Join("/srv", "tandem2") {
		t.Errorf("data of member 2 is in %s", b.Member.Data)
	}
}

func TestDevAccountsAndNumbers(t *testing.T) {
	c := Dev(1, "/srv")
	var administrators []string
	for _, a := range c.Accounts.Demo {
		if a.Administrator {
			administrators = append(administrators, a.Name)
		}
		if a.Password != "1234" || a.DisplayName == "" {
			t.Errorf("account %s has password %q, display name %q", a.Name, string(a.Password), a.DisplayName)
		}
	}
	if len(c.Accounts.Demo) != 22 || !slices.Equal(administrators, []string{"1019", "admin"}) {
		t.Errorf("%d accounts, administrators %v", len(c.Accounts.Demo), administrators)
	}
	for dialled, want := range map[string]string{
		"9180": "ring", "9198": "tune", "9664": "music", "96400": "status", "96699": "status",
		"96399": "", "96700": "", "3007": "conference{narrow,30}#pbx", "3399": "conference{wide,33}#pbx", "*98": "voicemail{inbox}#pbx", "*72": "service#pbx", "*42": "agent{logout}#pbx", "*437": "agent{pause}#pbx", "1000": "", "9703": "no-rtp",
	} {
		got := ""
		for _, n := range c.Routing.Numbers {
			if covers(n.Match, dialled) {
				got = n.App
				break
			}
		}
		if got != want {
			t.Errorf("%s runs %q, want %q", dialled, got, want)
		}
	}
}

// Each demo queue can be dialled, and each demo agent has an account and queues.
func TestDevQueuesAndAgents(t *testing.T) {
	c := Dev(1, "/srv")
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	var numbers []string
	for _, q := range c.Queues.Demo {
		numbers = append(numbers, q.Name+" "+q.Number)
	}
	if want := []string{"sales 2000", "support 2001", "billing 2002"}; !slices.Equal(numbers, want) {
		t.Errorf("queues %v, want %v", numbers, want)
	}
	for _, a := range c.Queues.DemoAgents {
		account := slices.ContainsFunc(c.Accounts.Demo, func(d DemoAccount) bool { return d.Name == a.Name && d.DisplayName == a.DisplayName })
		if !account || len(a.Queues) == 0 {
			t.Errorf("agent %s: account %v, queues %v", a.Name, account, a.Queues)
		}
	}
	if !slices.ContainsFunc(c.Accounts.Demo, func(d DemoAccount) bool { return d.Name == "1010" && d.Supervisor }) {
		t.Error("nobody supervises")
	}
}

// The demo accounts cannot be carried out by any later layer, in any section that listens.
func TestDemoAccountsNeverMeetTheNetwork(t *testing.T) {
	base := Dev(1, "/srv")
	for _, set := range []string{"sip.bind=0.0.0.0", "sip.bind=127.0.0.1,::", "http.bind=192.0.2.1",
		"media.bind=fe80::1",
		"store.url=nats://store:4222", "store.url=nats://192.0.2.1:4222"} {
		_, err := Load(Sources{Base: &base, Set: []string{set}})
		if err == nil || !strings.Contains(err.Error(), "demo accounts") {
			t.Errorf("%s: %v", set, err)
		}
		if _, err := Load(Sources{Base: &base, Set: []string{set, "accounts.demo=[]"}}); err != nil {
			t.Errorf("%s without demo accounts: %v", set, err)
		}
	}
	for _, set := range []string{"sip.bind=::1", "http.bind=127.9.9.9", "store.url=nats://127.0.0.1:4222"} {
		if _, err := Load(Sources{Base: &base, Set: []string{set}}); err != nil {
			t.Errorf("%s: %v", set, err)
		}
	}
}

// The members of a plan find each other, and the store that they share.
func TestDevPlan(t *testing.T) {
	base := netip.MustParseAddr("127.0.10.1")
	for members := 1; members <= MaxDevMembers; members++ {
		p := DevPlan{Members: members, Base: base, Data: "/srv"}
		if err := p.Check(); err != nil {
			t.Error(err)
		}
		for n := 1; n <= members; n++ {
			c := p.Member(n)
			if err := c.Check(); err != nil {
				t.Errorf("member %d of %d: %v", n, members, err)
			}
			if at := []string{"127.0.10." + strconv.Itoa(n)}; !slices.Equal(c.SIP.Bind, at) || !slices.Equal(c.CLI.Bind, at) {
				t.Errorf("member %d of %d listens on %v", n, members, c.SIP.Bind)
			}
			if c.Cluster.Alone() != (members == 1) || len(c.Cluster.Seeds) != members-1 ||
				slices.Contains(c.Cluster.Seeds, c.Cluster.Address) {
				t.Errorf("member %d of %d: %q, seeds %v", n, members, c.Cluster.Address, c.Cluster.Seeds)
			}
			keeps := n == 1 || n <= 3 && members >= 3
			if keeps != (len(c.Store.Members) == 0) || members > 1 && keeps != (c.Store.Listen != "") {
				t.Errorf("member %d of %d: listens at %q, others %v", n, members, c.Store.Listen, c.Store.Members)
			}
			if together := keeps && members >= 3; together != (len(c.Store.Routes) == 3) {
				t.Errorf("member %d of %d: %v", n, members, c.Store.Routes)
			}
			e, err := c.Explain("cluster.address")
			if err != nil || members > 1 && e.Origin.String() != "tandem dev" {
				t.Errorf("%v %v", e.Origin, err)
			}
		}
	}
	second := DevPlan{Members: 3}.Member(2)
	if s := second.Store; second.Cluster.Address != "127.0.0.2:7010" || s.Listen != "127.0.0.2:7011" ||
		s.Route != "127.0.0.2:7012" || s.Routes[2] != "127.0.0.3:7012" {
		t.Errorf("%+v", s)
	}
	if two := (DevPlan{Members: 2}).Member(2); !slices.Equal(two.Store.Members, []string{"127.0.0.1:7011"}) {
		t.Errorf("%v", two.Store.Members)
	}
}

// The store of three is another one than that of one member, so it lies elsewhere.
func TestDevKeepsEachStoreApart(t *testing.T) {
	for members, want := range map[int]string{1: "/srv/tandem1", 2: "/srv/tandem1", 3: "/srv/three/tandem1", 9: "/srv/three/tandem1"} {
		if got := (DevPlan{Members: members, Data: "/srv"}).Home(1); got != filepath.FromSlash(want) {
			t.Errorf("%d members: %s", members, got)
		}
	}
}

func TestDevPlanRefuses(t *testing.T) {
	for _, p := range []DevPlan{{}, {Members: 10}, {Members: 1, Base: netip.MustParseAddr("192.0.2.1")},
		{Members: 2, Base: netip.MustParseAddr("::1")}, {Members: 2, Base: netip.MustParseAddr("127.255.255.255")}} {
		if p.Check() == nil {
			t.Errorf("%+v is taken", p)
		}
	}
	if err := (DevPlan{Members: 1, Base: netip.MustParseAddr("::1")}).Check(); err != nil {
		t.Error(err)
	}
}
