package conf

import (
	"net/url"
	"time"
)

// Store is the engine of everything that must last (decision D2).
type Store struct {
	// Address of an outside NATS server, such as nats://10.0.0.5:4222; empty embeds one.
	URL string `change:"restart"`
	// Token that the outside NATS server asks for.
	Token Secret `change:"restart"`
	// Facts written together at most.
	Frame int `unit:"bytes" range:"1KiB..1MiB" change:"restart"`
	// Longest wait before a frame is written that is not full.
	FrameDelay time.Duration `range:"0s..1s" change:"restart"`
	// Facts held in memory until the store acknowledged them; beyond it their makers wait.
	Pending int `unit:"facts" range:"1..10000000" change:"restart"`
	// Facts older than this are dropped from the journal.
	MaxAge time.Duration `range:"1h..87600h" change:"restart"`
	// Size of the journal; the oldest facts make room.
	MaxBytes int64 `unit:"bytes" range:"1MiB..1PiB" change:"restart"`
	// Revisions kept of one setting.
	History int `unit:"revisions" range:"1..64" change:"restart"`
	// Size of one file: a prompt, a program, a voice message.
	MaxFile int64 `unit:"bytes" range:"1KiB..1GiB" change:"restart"`
	// Size of all files together; a further one is refused.
	MaxFiles int64 `unit:"bytes" range:"1MiB..1PiB" change:"restart"`
}

// DefaultStore returns the section's defaults.
func DefaultStore() Store {
	return Store{Frame: 64 << 10, FrameDelay: 5 * time.Millisecond, Pending: 100000,
		MaxAge: 365 * 24 * time.Hour, MaxBytes: 10 << 30, History: 20,
		MaxFile: 64 << 20, MaxFiles: 20 << 30}
}

// check never quotes the address as long as it may hold a password.
func (s Store) check(k *checker) {
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
