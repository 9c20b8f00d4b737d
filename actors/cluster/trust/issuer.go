package trust

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Office says what an Issuer has to know of its member.
type Office struct {
	// Taken says whether a living member has that name.
	Taken func(member string) bool
	// Neighbours are told to who joins: members that live, this one among them, and those that keep the store.
	Neighbours func() Neighbours
}

// Issuer prints tickets and answers those who have one. Only a member with the key of the authority can; it may be
// used from everywhere.
type Issuer struct {
	identity *Identity
	office   Office

	mu       sync.Mutex
	register *register
}

// NewIssuer opens the tickets that this member has printed.
func NewIssuer(i *Identity, o Office) (*Issuer, error) {
	if o.Taken == nil {
		o.Taken = func(string) bool { return false }
	}
	if o.Neighbours == nil {
		o.Neighbours = func() Neighbours { return Neighbours{} }
	}
	r, err := openRegister(i.dir)
	if err != nil {
		return nil, err
	}
	return &Issuer{identity: i, office: o, register: r}, nil
}

// Printed is a ticket as it is listed.
type Printed struct {
	ID      string    `json:"id"` // tells it apart, and is no secret
	Made    time.Time `json:"made"`
	Expires time.Time `json:"expires"`
	Uses    int       `json:"uses"`    // there may be
	Members []string  `json:"members"` // that joined by it
}

// Print makes a ticket for so many joins within life. at is this member's web listener, HOST:PORT, as the new member
// reaches it. The ticket is shown once: only what is made of its secret is kept.
func (i *Issuer) Print(at string, life time.Duration, uses int) (Ticket, Printed, error) {
	switch {
	case life < MinLife || life > MaxLife:
		return Ticket{}, Printed{}, fmt.Errorf("%w: one lives from %v to %v, not %v", ErrOrder, MinLife, MaxLife, life)
	case uses < 1 || uses > MaxUses:
		return Ticket{}, Printed{}, fmt.Errorf("%w: one lets 1 to %d members join, not %d", ErrOrder, MaxUses, uses)
	case !i.identity.MayIssue():
		return Ticket{}, Printed{}, ErrNoKey
	}
	t, err := newTicket(at)
	if err != nil {
		return Ticket{}, Printed{}, err
	}
	now := i.identity.now()
	e := &entry{Keys: t.keys(), Made: now, Expires: now.Add(life), Uses: uses}
	i.mu.Lock()
	defer i.mu.Unlock()
	if err := i.register.add(e, now); err != nil {
		return Ticket{}, Printed{}, err
	}
	return t, e.printed(), nil
}

func (e *entry) printed() Printed {
	p := Printed{ID: e.Keys.ID, Made: e.Made, Expires: e.Expires, Uses: e.Uses, Members: []string{}}
	for _, u := range e.Used {
		p.Members = append(p.Members, u.Member)
	}
	return p
}

// Tickets lists the tickets of this member that have not expired.
func (i *Issuer) Tickets() []Printed {
	i.mu.Lock()
	defer i.mu.Unlock()
	all := []Printed{}
	for _, e := range i.register.living(i.identity.now()) {
		all = append(all, e.printed())
	}
	return all
}

// Revoke withdraws a ticket by its ID; who has joined by it stays. ErrUnknown without one.
func (i *Issuer) Revoke(id string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.register.revoke(id, i.identity.now())
}

// Answer answers a request to join, of at most MaxRequest bytes. A ticket that is not valid is ErrRefused, whatever
// is wrong with it; who has a valid one is told in the response what else is wrong. Any other error is a failure of
// this member. A request that comes again is answered alike.
func (i *Issuer) Answer(request []byte) ([]byte, error) {
	e, ok := parseEnvelope(request, MaxRequest)
	if !ok {
		return nil, ErrRefused
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	now := i.identity.now()
	t := i.register.proved(e, now)
	if t == nil {
		return nil, ErrRefused
	}
	if u := t.earlier(e.Body); u != nil {
		r, _, err := parseJoin(e.Body)
		if err != nil {
			return nil, err
		}
		return i.welcome(t, r, *u)
	}
	if len(t.Used) >= t.Uses {
		return nil, ErrRefused
	}
	r, cert, err := i.admit(e.Body)
	var failed *failure
	switch {
	case errors.As(err, &failed):
		return nil, failed.cause
	case err != nil:
		return seal(t.Keys.ID, t.Keys.Response, joinResponse{Version: joinVersion, Nonce: r.Nonce,
			Refused: fmt.Sprintf("%.*s", maxReason, err.Error())})
	}
	sum := sha256.Sum256(e.Body)
	u := use{Request: sum[:], Member: r.Member, At: now, Certificate: cert, Neighbours: i.office.Neighbours()}
	if err := i.register.note(t, u); err != nil {
		return nil, err
	}
	return i.welcome(t, r, u)
}

// failure is a fault of this member and not of who asks.
type failure struct{ cause error }

func (f *failure) Error() string { return f.cause.Error() }

// admit signs a member whose ticket is valid. The error is for its eyes, unless it is a failure.
func (i *Issuer) admit(body []byte) (joinRequest, []byte, error) {
	r, public, err := parseJoin(body)
	if err != nil {
		return r, nil, err
	}
	if r.Member == i.identity.member || i.office.Taken(r.Member) {
		return r, nil, fmt.Errorf("a member named %s lives: give the new one another member.name", r.Member)
	}
	i.identity.mu.Lock()
	defer i.identity.mu.Unlock()
	cert, err := i.identity.authority.sign(r.Member, public, i.identity.now())
	if errors.Is(err, ErrNoKey) {
		return r, nil, &failure{err}
	}
	if err != nil {
		return r, nil, err
	}
	return r, cert.Raw, nil
}

// welcome is the response to who joins.
func (i *Issuer) welcome(t *entry, r joinRequest, u use) ([]byte, error) {
	return seal(t.Keys.ID, t.Keys.Response, joinResponse{Version: joinVersion, Nonce: r.Nonce,
		Certificate: u.Certificate, Authority: i.identity.authority.cert.Raw, Neighbours: u.Neighbours})
}
