package conf

import (
	"net/url"
	"slices"
	"time"
)

// Store is the engine of everything that must last (decision D2).
type Store struct {
	// Address of an outside NATS server, such as nats://10.0.0.5:4222; empty embeds one.
	URL string `change:"restart" scope:"early"`
	// Token that the outside NATS server asks for.
	Token Secret `change:"restart" scope:"early"`
	// Address at which other members reach the store of this one, HOST:PORT; empty: it keeps one for itself alone.
	Listen string `change:"restart" scope:"early"`
	// Address at which the members that keep the store together reach this one, HOST:PORT.
	Route string `change:"restart" scope:"early"`
	// Those addresses of all members that keep the store together, this one's too: three, or none.
	Routes []string `change:"restart" scope:"early"`
	// Addresses of the members that keep the store; with one, and without store.listen, this member keeps none.
	Members []string `change:"restart" scope:"early"`
	// Facts written together at most.
	Frame int `unit:"bytes" range:"1KiB..1MiB" change:"restart" scope:"early"`
	// Longest wait before a frame is written that is not full.
	FrameDelay time.Duration `range:"0s..1s" change:"restart" scope:"early"`
	// Facts held in memory until the store acknowledged them; beyond it their makers wait.
	Pending int `unit:"facts" range:"1..10000000" change:"restart" scope:"early"`
	// Facts older than this are dropped from the journal.
	MaxAge time.Duration `range:"1h..87600h" change:"restart" scope:"early"`
	// Size of the journal; the oldest facts make room.
	MaxBytes int64 `unit:"bytes" range:"1MiB..1PiB" change:"restart" scope:"early"`
	// Revisions kept of one setting.
	History int `unit:"revisions" range:"1..64" change:"restart" scope:"early"`
	// Size of one file: a prompt, a program, a voice message.
	MaxFile int64 `unit:"bytes" range:"1KiB..1GiB" change:"restart" scope:"early"`
	// Size of all files together; a further one is refused.
	MaxFiles int64 `unit:"bytes" range:"1MiB..1PiB" change:"restart" scope:"early"`
	// Size of the raw lines of all queue logs that were loaded; further ones are refused.
	MaxLines int64 `unit:"bytes" range:"1MiB..1PiB" change:"restart" scope:"early"`
}

// DefaultStore returns the section's defaults.
func DefaultStore() Store {
	return Store{Frame: 64 << 10, FrameDelay: 10 * time.Millisecond, Pending: 100000,
		MaxAge: 365 * 24 * time.Hour, MaxBytes: 10 << 30, History: 20,
		MaxFile: 64 << 20, MaxFiles: 20 << 30, MaxLines: 100 << 30}
}

// check never quotes the address as long as it may hold a password.
func (s Store) check(k *checker) {
	k.endpoints("store.listen", false, s.Listen)
	k.endpoints("store.route", false, s.Route)
	k.endpoints("store.routes", true, s.Routes...)
	k.endpoints("store.members", true, s.Members...)
	if len(s.Routes) > 0 && (len(s.Routes) < 3 || !slices.Contains(s.Routes, s.Route) || s.Listen == "") {
		k.wrong("store.routes", "make no store that several members keep",
			"three addresses or more, store.route among them, and store.listen", "store.route", "store.listen")
	}
	if s.URL == "" {
		if s.Token != "" {
			k.wrong("store.token", "has no use without store.url",
				"the address of the outside server, or no token", "store.url")
		}
		return
	}
	u, err := url.Parse(s.URL)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "nats" && u.Scheme != "tls"):
		k.wrong("store.url", "is no address of a NATS server", "nats://HOST:PORT or tls://HOST:PORT")
	case u.User != nil:
		k.wrong("store.url", "holds a secret that could not be masked there",
			"the address alone, and the secret in store.token")
	}
}
