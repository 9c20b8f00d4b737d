package actors

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"tandem/actors/account"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/web"
)

// accounts answers web.Accounts.
type accounts struct{ *House }

// Find returns the accounts that match, in the order of their AORs.
func (a accounts) Find(_ context.Context, q web.AccountQuery) ([]web.Account, error) {
	var out []web.Account
	if aor, err := a.aor(q.AOR); q.AOR != "" && err == nil {
		q.AOR = string(aor)
	}
	match := strings.ToLower(q.Match)
	for _, r := range a.directory.Records() {
		aor := string(r.AOR)
		if q.AOR != "" && aor != q.AOR || aor <= q.After {
			continue
		}
		if !strings.Contains(aor, match) && !strings.Contains(strings.ToLower(r.Display), match) {
			continue
		}
		if len(out) == q.Limit {
			break
		}
		out = append(out, a.words(r))
	}
	return out, nil
}

// words is an account as an administrator sees it.
func (a accounts) words(r *account.Record) web.Account {
	e, _ := a.store.Bucket(store.Accounts).Get(string(r.AOR))
	roles := r.Roles
	if roles == nil {
		roles = []string{}
	}
	return web.Account{
		AOR: string(r.AOR), Display: r.Display, Enabled: !r.Disabled, Roles: roles,
		Forward: web.Forward{
			All: string(r.Forward.All), Busy: string(r.Forward.Busy), NoAnswer: string(r.Forward.NoAnswer),
			NoAnswerAfter: web.InSeconds(r.Forward.NoAnswerAfter), Failure: string(r.Forward.Failure),
		},
		Voicemail: web.Voicemail{On: r.Voicemail.On, After: web.InSeconds(r.Voicemail.After),
			OnBusy: r.Voicemail.OnBusy, OnError: r.Voicemail.OnError},
		Aliases: texts(r.Aliases), Record: r.Recorded, MaxContacts: r.MaxContacts, Revision: e.Revision,
	}
}

// Save makes an account or changes one.
func (a accounts) Save(ctx context.Context, c web.AccountChange) (web.Account, error) {
	aor, err := a.aor(c.AOR)
	if err != nil {
		return web.Account{}, err
	}
	have, exists := a.directory.Record(aor)
	meant, taken := a.directory.Account(aor)
	switch {
	case c.Create && taken && !exists:
		return web.Account{}, web.Conflict("%s is an alias of %s: take that away first", aor, meant.AOR)
	case c.Create && exists:
		return web.Account{}, web.Conflict("account %s exists already: edit it instead", aor)
	case c.Create && !taken && commands(a).taken(aor) == errTaken && !a.isNumber(aor):
		return web.Account{}, web.Conflict("%s is a group, a forwarder or a named task: remove that first", aor)
	case c.Create && a.isNumber(aor):
		return web.Account{}, web.Conflict("%s is the number of an application: choose another address", aor)
	case !c.Create && !exists:
		return web.Account{}, web.NotFound("no account %s: add it first", aor)
	case c.Create && a.directory.Count() >= a.live.Conf().Accounts.MaxAccounts:
		return web.Account{}, web.Conflict("no further account: accounts.max_accounts is reached")
	}
	r := &account.Record{AOR: aor, Created: time.Now().UTC()}
	if exists {
		copied := *have
		r = &copied
	}
	if err := a.change(r, c); err != nil {
		return web.Account{}, err
	}
	revision, err := a.expected(c, aor)
	if err != nil {
		return web.Account{}, err
	}
	_, err = a.store.Bucket(store.Accounts).Put(ctx, string(aor), r.Encode(),
		store.Write{Expect: &revision, Author: c.Author, Reason: "account saved"})
	if err != nil {
		return web.Account{}, stored(err)
	}
	if err := a.readAccount(string(aor)); err != nil {
		return web.Account{}, err
	}
	return a.words(r), nil
}

// expected is the revision that the change is made upon: that which the asker saw, or the present
// one.
func (a accounts) expected(c web.AccountChange, aor signal.AOR) (uint64, error) {
	if c.Create {
		return 0, nil
	}
	e, ok := a.store.Bucket(store.Accounts).Get(string(aor))
	if !ok || c.Revision != 0 && c.Revision != e.Revision {
		return 0, web.Conflict("account %s was changed meanwhile (revision %d): read it again", aor, e.Revision)
	}
	return e.Revision, nil
}

// change does to a record what was asked.
func (a accounts) change(r *account.Record, c web.AccountChange) error {
	if err := bounds(c); err != nil {
		return err
	}
	if c.Create && c.Password == nil {
		return web.Invalid("account %s has no password: give one", r.AOR)
	}
	if c.Password != nil {
		if len(*c.Password) < minPassword {
			return web.Invalid("the password is too short: at least %d characters", minPassword)
		}
		a.putPassword(r, *c.Password)
	}
	if c.Display != nil {
		r.Display = *c.Display
	}
	if c.Enabled != nil {
		r.Disabled = !*c.Enabled
	}
	if c.MaxContacts != nil {
		r.MaxContacts = *c.MaxContacts
	}
	if c.Record != nil {
		r.Recorded = *c.Record
	}
	if c.Aliases != nil {
		if err := a.alias(r, *c.Aliases); err != nil {
			return err
		}
	}
	if c.Roles != nil {
		for _, role := range *c.Roles {
			if !slices.Contains(roles, role) {
				return web.Invalid("no role %q: there are %s", role, strings.Join(roles, ", "))
			}
		}
		r.Roles = *c.Roles
	}
	if v := c.Voicemail; v != nil {
		r.Voicemail = account.Voicemail{On: v.On, After: v.After.Duration(), OnBusy: v.OnBusy, OnError: v.OnError}
	}
	return a.forward(r, c.Forward)
}

// alias gives an account its further addresses; none may mean another account already.
func (a accounts) alias(r *account.Record, names []string) error {
	r.Aliases = nil
	for _, text := range names {
		aor, err := a.aor(text)
		if err != nil {
			return err
		}
		if a.isNumber(aor) {
			return web.Conflict("%s is the number of an application: choose another alias", aor)
		}
		if other, taken := a.directory.Account(aor); taken && other.AOR != r.AOR || aor == r.AOR {
			return web.Conflict("%s means %s already: choose another alias", aor, other.AOR)
		}
		r.Aliases = append(r.Aliases, aor)
	}
	return nil
}

// isNumber reports an address that a number of the settings answers before any account would.
func (a accounts) isNumber(aor signal.AOR) bool {
	t := a.ingress.Table().Route(signal.URI{Scheme: "sip", User: aor.User(), Host: aor.Domain()}, a.directory)
	return t.Kind == signal.ToApplication || t.Open || t.Kind == signal.ToNothing && t.Status != 404
}

func texts(aors []signal.AOR) []string {
	out := make([]string, len(aors))
	for i, a := range aors {
		out[i] = string(a)
	}
	return out
}

var roles = []string{account.Administrator, account.Supervisor, account.Agent}

// Bounds of what an account may hold.
const (
	maxDisplay  = 128 // bytes
	maxPassword = 256 // bytes
	maxAliases  = 50
	maxContacts = 100 // as the setting accounts.max_contacts
	maxRing     = time.Hour
)

// bounds refuses values that no account may have.
func bounds(c web.AccountChange) error {
	if c.Display != nil && (len(*c.Display) > maxDisplay || strings.ContainsFunc(*c.Display, unicode.IsControl)) {
		return web.Invalid("the display name must be plain text of at most %d bytes", maxDisplay)
	}
	if c.Password != nil && len(*c.Password) > maxPassword {
		return web.Invalid("the password is too long: at most %d bytes", maxPassword)
	}
	if c.MaxContacts != nil && (*c.MaxContacts < 0 || *c.MaxContacts > maxContacts) {
		return web.Invalid("max_contacts is %d: from 1 to %d, or 0 for the member's setting", *c.MaxContacts, maxContacts)
	}
	if c.Aliases != nil && len(*c.Aliases) > maxAliases {
		return web.Invalid("%d aliases: at most %d", len(*c.Aliases), maxAliases)
	}
	if c.Roles != nil && len(*c.Roles) > len(roles) {
		return web.Invalid("%d roles: there are %s", len(*c.Roles), strings.Join(roles, ", "))
	}
	if v := c.Voicemail; v != nil {
		if s := float64(v.After); !(s >= 0 && s <= maxRing.Seconds()) {
			return web.Invalid("voicemail.after is %v: from 0 to %v seconds", s, maxRing.Seconds())
		}
	}
	if f := c.Forward; f != nil && f.NoAnswerAfter != nil {
		if s := float64(*f.NoAnswerAfter); !(s >= 0 && s <= maxRing.Seconds()) { // also not a number
			return web.Invalid("no_answer_after is %v: from 0 to %v seconds", s, maxRing.Seconds())
		}
	}
	return nil
}

// minPassword is short because the demo's is; pages will ask for more.
const minPassword = 4

func (a accounts) forward(r *account.Record, c *web.ForwardChange) error {
	if c == nil {
		return nil
	}
	f := a.words(r).Forward
	f = c.Apply(f)
	out := account.Forward{NoAnswerAfter: f.NoAnswerAfter.Duration()}
	for to, from := range map[*signal.AOR]string{
		&out.All: f.All, &out.Busy: f.Busy, &out.NoAnswer: f.NoAnswer, &out.Failure: f.Failure,
	} {
		if from == "" {
			continue
		}
		if strings.Contains(from, "#") { // a program, in the name of an account of ours
			p, err := signal.ParseProgram(from, r.AOR)
			if _, ours := a.directory.Account(p.Account); err != nil || !ours && p.Account != r.AOR {
				return web.Invalid("%q is not a program of an account here: write menu#account, or #voicemail", from)
			}
			*to = signal.AOR(from)
			continue
		}
		aor, err := a.aor(from)
		if err != nil {
			return err
		}
		*to = aor
	}
	r.Forward = out
	return nil
}

// aor completes an address that somebody typed: the main domain is understood.
func (a accounts) aor(text string) (signal.AOR, error) {
	user, domain, ok := strings.Cut(strings.ToLower(text), "@")
	if !ok {
		domain = a.ingress.Table().Domain()
	}
	u, err := signal.ParseURI("sip:" + user + "@" + domain)
	if err != nil || user == "" || u.Port != 0 || len(u.Params) > 0 || strings.ContainsAny(user, "/:;?&=+$, #{}") {
		return "", web.Invalid("%q is not an address: write user or user@domain", text)
	}
	aor, served := a.ingress.Table().Resolve(u)
	if !served {
		return "", web.Invalid("domain %q is not served here: see routing.domain and routing.domains", domain)
	}
	return aor, nil
}

// Remove ends an account, its registrations and all that is kept for it.
func (a accounts) Remove(ctx context.Context, text string, revision uint64) error {
	aor, err := a.aor(text)
	if err != nil {
		return err
	}
	return a.end(ctx, aor, revision)
}

// end is Remove of an account of any domain, suspended ones too.
func (a accounts) end(ctx context.Context, aor signal.AOR, revision uint64) error {
	e, ok := a.store.Bucket(store.Accounts).Get(string(aor))
	switch {
	case !ok:
		return web.NotFound("no account %s", aor)
	case revision != 0 && revision != e.Revision:
		return web.Conflict("account %s was changed meanwhile (revision %d): read it again", aor, e.Revision)
	}
	err := a.store.Bucket(store.Accounts).Delete(ctx, string(aor), store.Write{Expect: &e.Revision, Reason: "account removed"})
	if err != nil {
		return stored(err)
	}
	if err := a.readAccount(string(aor)); err != nil {
		return err
	}
	if len(a.directory.Bindings(aor)) > 0 {
		if _, err := registrations(a).kick(ctx, aor, ""); err != nil {
			return err
		}
	}
	if err := a.forget(ctx, aor); err != nil {
		return web.Unavailable("the account is removed, but not all that was kept for it: %v", err)
	}
	return nil
}

// forget removes what was kept for an account that is gone: whoever gets its address must not find it.
func (a accounts) forget(ctx context.Context, aor signal.AOR) error {
	a.tally.drop(string(aor))
	errs := []error{a.storage.Clear(ctx, string(aor))}
	for _, kind := range keptKinds {
		errs = append(errs, a.store.Bucket(store.Settings).Delete(ctx, kind+string(aor), store.Write{Reason: "account removed"}))
	}
	return errors.Join(errs...)
}

// stored says what a failed write means to the asker.
func stored(err error) error {
	if errors.Is(err, store.ErrConflict) {
		return web.Conflict("it was changed meanwhile: read it again")
	}
	return web.Unavailable("the store did not take it: %v; try again", err)
}
