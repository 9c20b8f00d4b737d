package trust

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"
)

// entry is a ticket as it is kept: what is made of its secret, never the secret.
type entry struct {
	Keys    keys      `json:"keys"`
	Made    time.Time `json:"made"`
	Expires time.Time `json:"expires"`
	Uses    int       `json:"uses"` // there may be
	Used    []use     `json:"used"`
}

// use is one join by a ticket.
type use struct {
	Request []byte    `json:"request"` // hash of its bytes
	Member  string    `json:"member"`
	At      time.Time `json:"at"`
	// What it was answered, which is all that it will ever be answered.
	Certificate []byte     `json:"certificate"`
	Neighbours  Neighbours `json:"neighbours"`
}

// register is the tickets that this member has printed. It is on the disk before anybody hears of a change.
type register struct {
	path    string
	entries []*entry
}

func openRegister(dir string) (*register, error) {
	r := &register{path: filepath.Join(dir, fileTickets)}
	text, err := readFile(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &r.entries)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.path, err)
	}
	return r, nil
}

// save writes the next state; what is kept in memory changes only when that is done.
func (r *register) save(next []*entry) error {
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if err := writeFile(r.path, text); err != nil {
		return fmt.Errorf("tickets: %w", err)
	}
	r.entries = next
	return nil
}

// living are the tickets that have not expired; used up ones are among them, for requests that come again.
func (r *register) living(now time.Time) []*entry {
	var all []*entry
	for _, e := range r.entries {
		if now.Before(e.Expires) {
			all = append(all, e)
		}
	}
	return all
}

// nobody takes the place of a ticket that is not there, so that it takes as long to refuse.
var nobody = &entry{Keys: Ticket{}.keys()}

// proved finds the living ticket by which an envelope was sealed, nil for none. It takes the same time whether there
// is one of that name or not.
func (r *register) proved(e envelope, now time.Time) *entry {
	found := nobody
	for _, x := range r.living(now) {
		if subtle.ConstantTimeCompare([]byte(x.Keys.ID), []byte(e.Ticket)) == 1 {
			found = x
		}
	}
	right := hmac.Equal(mac(found.Keys.Request, e.Body), e.MAC)
	if !right || found == nobody {
		return nil
	}
	return found
}

func (r *register) add(e *entry, now time.Time) error {
	next := r.living(now)
	if len(next) >= MaxTickets {
		return ErrFull
	}
	return r.save(append(next, e))
}

// revoke withdraws a ticket by its name.
func (r *register) revoke(id string, now time.Time) error {
	next := r.living(now)
	n := len(next)
	next = slices.DeleteFunc(next, func(e *entry) bool { return e.Keys.ID == id })
	if len(next) == n {
		return ErrUnknown
	}
	return r.save(next)
}

// note takes one use of a ticket.
func (r *register) note(e *entry, u use) error {
	after := *e
	after.Used = append(slices.Clone(e.Used), u)
	next := slices.Clone(r.entries)
	for i, x := range next {
		if x == e {
			next[i] = &after
		}
	}
	return r.save(next)
}

// earlier finds the use that a request has taken before, nil for none.
func (e *entry) earlier(request []byte) *use {
	sum := sha256.Sum256(request)
	for i := range e.Used {
		if string(e.Used[i].Request) == string(sum[:]) {
			return &e.Used[i]
		}
	}
	return nil
}
