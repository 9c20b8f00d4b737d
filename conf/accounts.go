package conf

import (
	"strings"
	"time"
)

// Accounts limits registrations, and names the demo accounts of tandem dev.
type Accounts struct {
	// Registrations that one account may hold at once; a further one is refused.
	MaxContacts int `unit:"registrations" range:"1..100" change:"now"`
	// Shortest registration; a phone that asks for less is refused with 423.
	MinExpires time.Duration `range:"1s..24h" change:"now"`
	// Longest registration; a phone that asks for more gets this.
	MaxExpires time.Duration `range:"1s..168h" change:"now"`
	// Length of a registration when the phone names none.
	DefaultExpires time.Duration `range:"1s..168h" change:"now"`
	// Accounts of this installation; the next one is refused.
	MaxAccounts int `unit:"accounts" range:"1..10000000" change:"now"`
	// Size of all files of one account, its voice messages among them; beyond it nothing is stored.
	MaxStorage int64 `unit:"bytes" range:"0B..1TiB" change:"now"`
	// Files and directories of one account.
	MaxFiles int `unit:"files" range:"0..100000" change:"now"`
	// Voice messages of one account; heard ones make room, and without any the next caller is told.
	MaxMessages int `unit:"messages" range:"0..10000" change:"now"`
	// How long a voice message is kept that was heard; 0s keeps it until it must make room.
	HeardMessages time.Duration `range:"0s..87600h" change:"now"`
	// Routes that phones are told to send their requests by when they register, such as sip:edge.example.com;lr (RFC
	// 3608); none: straight to us.
	ServiceRoute []string `change:"now"`
	// Who sees whether an account is online: those of whom its roster says so, or its whole domain as well.
	Presence string `oneof:"roster domain" change:"now"`
	// Accounts made at the first start, with secrets that everybody knows: refused unless every
	// listener is on loopback.
	Demo []DemoAccount `change:"restart"`
}

// DemoAccount is an account that tandem dev makes at its first start.
type DemoAccount struct {
	// User part of the address.
	Name string
	// Name that is shown to others.
	DisplayName string
	// Secret of the phone and of the web pages.
	Password Secret
	// Whether the account may administer the member.
	Administrator bool
	// Whether the account may supervise the queues and their agents.
	Supervisor bool
	// Other names of the account, such as operator.
	Aliases []string
	// Rights of the account beyond those of everybody, such as CanImpersonate.
	Rights []string
	// Other demo accounts in its roster: they see each other.
	Roster []string
}

// DefaultAccounts returns the section's defaults.
func DefaultAccounts() Accounts {
	return Accounts{MaxContacts: 10, MinExpires: time.Minute, MaxExpires: time.Hour,
		DefaultExpires: time.Hour, MaxAccounts: 1000000,
		MaxStorage: 256 << 20, MaxFiles: 2000, MaxMessages: 100, Presence: "roster"}
}

func (a Accounts) check(k *checker) {
	if a.MinExpires > a.MaxExpires {
		k.wrong("accounts.min_expires", text(a.MinExpires)+" is longer than max_expires, "+text(a.MaxExpires),
			"at most "+text(a.MaxExpires), "accounts.max_expires")
	}
	if a.DefaultExpires < a.MinExpires || a.DefaultExpires > a.MaxExpires {
		k.wrong("accounts.default_expires",
			text(a.DefaultExpires)+" is outside of min_expires to max_expires",
			text(a.MinExpires)+".."+text(a.MaxExpires), "accounts.min_expires", "accounts.max_expires")
	}
	for _, route := range a.ServiceRoute {
		_, after, _ := strings.Cut(route, ":")
		if !strings.HasPrefix(route, "sip:") && !strings.HasPrefix(route, "sips:") || !strings.HasSuffix(after, ";lr") ||
			strings.ContainsAny(after, "<>, ") || !headerLike(after) {
			k.wrong("accounts.service_route", quote(route)+" is no route", "such as sip:edge.example.com;lr")
		}
	}
	seen := map[string]bool{}
	for i, d := range a.Demo {
		at := part("accounts.demo", i) + "."
		if !nameLike(d.Name) {
			k.wrong(at+"name", quote(d.Name)+" is no account name", "letters, digits, '-', '.' and '_'")
		}
		if seen[d.Name] {
			k.wrong(at+"name", quote(d.Name)+" is there twice", "each name once")
		}
		if d.Password == "" {
			k.wrong(at+"password", "is missing", "a password")
		}
		seen[d.Name] = true
	}
}
