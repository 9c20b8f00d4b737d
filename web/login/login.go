// Package login remembers which browsers have logged in. A login is a random word that the browser shows
// with each request; the member keeps a digest of it, so nobody who reads the member's memory can show it.
//
// The word is always made here and never taken over from a browser, so nobody can be given a word that
// another one knows. All is bounded: lifetime, idle time, logins of one account, logins together.
package login

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"
)

// Limits of logins.
const (
	Life       = 7 * 24 * time.Hour // of a login, however busy it is
	Idle       = 12 * time.Hour     // without a request
	PerAccount = 32                 // logins of one account; then its longest idle one ends
	Total      = 8192               // logins together; then the longest idle one ends
	wordBytes  = 32                 // of chance in a word
)

// Login is one browser that has logged in.
type Login struct {
	Account string
	Stamp   string // of the password that was right; another one ends the login
	Began   time.Time

	key   [sha256.Size]byte
	seen  time.Time
	note  any
	ended chan struct{}
}

// Ended is closed when the login is over.
func (l *Login) Ended() <-chan struct{} { return l.ended }

// Book is all logins of a member.
type Book struct {
	total int // logins together

	mu     sync.Mutex
	logins map[[sha256.Size]byte]*Login
}

// NewBook is empty: a member that starts again lets everybody log in again.
func NewBook() *Book { return &Book{total: Total, logins: map[[sha256.Size]byte]*Login{}} }

// Begin makes a login and returns its word.
func (b *Book) Begin(account, stamp string, now time.Time) (word string, l *Login) {
	chance := make([]byte, wordBytes)
	_, _ = rand.Read(chance) // never fails (crypto/rand)
	word = base64.RawURLEncoding.EncodeToString(chance)
	l = &Login{Account: account, Stamp: stamp, Began: now, seen: now, key: sha256.Sum256([]byte(word)),
		ended: make(chan struct{})}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweep(now)
	b.makeRoom(account)
	b.logins[l.key] = l
	return word, l
}

// Find returns the login of a word, and remembers that it was used.
func (b *Book) Find(word string, now time.Time) (*Login, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l, ok := b.logins[sha256.Sum256([]byte(word))]
	if !ok {
		return nil, false
	}
	if l.over(now) {
		b.end(l)
		return nil, false
	}
	l.seen = now
	return l, true
}

// End ends a login.
func (b *Book) End(l *Login) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.end(l)
}

// EndAll ends all logins.
func (b *Book) EndAll() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.logins {
		b.end(l)
	}
}

// Leave keeps one note for the next page of the login; the last one counts.
func (b *Book) Leave(l *Login, note any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l.note = note
}

// Take returns the note and forgets it.
func (b *Book) Take(l *Login) any {
	b.mu.Lock()
	defer b.mu.Unlock()
	note := l.note
	l.note = nil
	return note
}

// Count is how many logins there are.
func (b *Book) Count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.logins)
}

func (b *Book) end(l *Login) {
	if b.logins[l.key] == l {
		delete(b.logins, l.key)
		close(l.ended)
	}
}

func (l *Login) over(now time.Time) bool {
	return now.Sub(l.Began) >= Life || now.Sub(l.seen) >= Idle
}

func (b *Book) sweep(now time.Time) {
	for _, l := range b.logins {
		if l.over(now) {
			b.end(l)
		}
	}
}

// makeRoom ends the longest idle login of an account that has its share, or of all when there are too many.
func (b *Book) makeRoom(account string) {
	own := 0
	var idlest, ownIdlest *Login
	for _, l := range b.logins {
		if idlest == nil || l.seen.Before(idlest.seen) {
			idlest = l
		}
		if l.Account != account {
			continue
		}
		if own++; ownIdlest == nil || l.seen.Before(ownIdlest.seen) {
			ownIdlest = l
		}
	}
	switch {
	case own >= PerAccount:
		b.end(ownIdlest)
	case len(b.logins) >= b.total:
		b.end(idlest)
	}
}
