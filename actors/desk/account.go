package desk

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"tandem/actors/account"
	"tandem/actors/ledger"
	"tandem/actors/store"
	"tandem/conf"
	"tandem/signal"
	"tandem/web"
)

// Accounts answers web.Accounts.
type Accounts struct{ *ledger.Ledger }

// Find returns the accounts that match, in the order of their AORs.
func (a Accounts) Find(_ context.Context, q web.AccountQuery) ([]web.Account, error) {
	var out []web.Account
	if aor, err := a.Address(q.AOR); q.AOR != "" && err == nil {
		q.AOR = string(aor)
	}
	match := strings.ToLower(q.Match)
	for _, r := range a.Directory.Records() {
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
func (a Accounts) words(r *account.Record) web.Account {
	e, _ := a.Store.Bucket(store.Accounts).Get(string(r.AOR))
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
		Aliases: texts(r.Aliases), Record: r.Recorded, MaxContacts: r.MaxContacts, SRTP: r.SRTP, Revision: e.Revision,
	}
}

// Save makes an account or changes one.
func (a Accounts) Save(ctx context.Context, c web.AccountChange) (web.Account, error) {
	aor, err := a.Address(c.AOR)
	if err != nil {
		return web.Account{}, refusal(err)
	}
	have, exists := a.Directory.Record(aor)
	meant, taken := a.Directory.Account(aor)
	switch {
	case c.Create && taken && !exists:
		return web.Account{}, web.Conflict("%s is an alias of %s: take that away first", aor, meant.AOR)
	case c.Create && exists:
		return web.Account{}, web.Conflict("account %s exists already: edit it instead", aor)
	case c.Create && !taken && a.Free(aor) != nil && !a.IsNumber(aor):
		return web.Account{}, web.Conflict("%s is a group, a forwarder or a named task: remove that first", aor)
	case c.Create && a.IsNumber(aor):
		return web.Account{}, web.Conflict("%s is the number of an application: choose another address", aor)
	case !c.Create && !exists:
		return web.Account{}, web.NotFound("no account %s: add it first", aor)
	case c.Create && a.Crowded():
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
	_, err = a.Store.Bucket(store.Accounts).Put(ctx, string(aor), r.Encode(),
		store.Write{Expect: &revision, Author: c.Author, Reason: "account saved"})
	if err != nil {
		return web.Account{}, refusal(ledger.Unwritten(err))
	}
	if err := a.ReadAccount(string(aor)); err != nil {
		return web.Account{}, err
	}
	return a.words(r), nil
}

// expected is the revision that the change is made upon: that which the asker saw, or the present
// one.
func (a Accounts) expected(c web.AccountChange, aor signal.AOR) (uint64, error) {
	if c.Create {
		return 0, nil
	}
	e, ok := a.Store.Bucket(store.Accounts).Get(string(aor))
	if !ok || c.Revision != 0 && c.Revision != e.Revision {
		return 0, refusal(ledger.Changed(aor, e.Revision))
	}
	return e.Revision, nil
}

// change does to a record what was asked.
func (a Accounts) change(r *account.Record, c web.AccountChange) error {
	if err := bounds(c); err != nil {
		return err
	}
	if c.Create && c.Password == nil {
		return web.Invalid("account %s has no password: give one", r.AOR)
	}
	if c.Password != nil {
		if len(*c.Password) < ledger.MinPassword {
			return web.Invalid("the password is too short: at least %d characters", ledger.MinPassword)
		}
		a.PutPassword(r, *c.Password)
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
	if c.SRTP != nil {
		r.SRTP = *c.SRTP
	}
	if c.Record != nil {
		r.Recorded = *c.Record
	}
	if c.Aliases != nil {
		if err := a.SetAliases(r, *c.Aliases); err != nil {
			return refusal(err)
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

func texts(aors []signal.AOR) []string {
	out := make([]string, len(aors))
	for i, a := range aors {
		out[i] = string(a)
	}
	return out
}

var roles = []string{account.Administrator, account.Supervisor, account.Agent, account.Robot, account.Loader, account.Adapter}

// maxRing bounds the time after which a call goes on.
const maxRing = time.Hour

// bounds refuses values that no account may have.
func bounds(c web.AccountChange) error {
	if c.Display != nil && (len(*c.Display) > ledger.MaxDisplay || strings.ContainsFunc(*c.Display, unicode.IsControl)) {
		return web.Invalid("the display name must be plain text of at most %d bytes", ledger.MaxDisplay)
	}
	if c.Password != nil && len(*c.Password) > ledger.MaxPassword {
		return web.Invalid("the password is too long: at most %d bytes", ledger.MaxPassword)
	}
	if c.MaxContacts != nil && (*c.MaxContacts < 0 || *c.MaxContacts > ledger.MaxContacts) {
		return web.Invalid("max_contacts is %d: from 1 to %d, or 0 for the member's setting", *c.MaxContacts, ledger.MaxContacts)
	}
	if c.SRTP != nil && *c.SRTP != "" && !slices.Contains(conf.SRTPWords, *c.SRTP) {
		return web.Invalid("srtp is %q: never, offered, required, or nothing for the member's setting", *c.SRTP)
	}
	if c.Aliases != nil && len(*c.Aliases) > ledger.MaxAliases {
		return web.Invalid("%d aliases: at most %d", len(*c.Aliases), ledger.MaxAliases)
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

func (a Accounts) forward(r *account.Record, c *web.ForwardChange) error {
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
			if _, ours := a.Directory.Account(p.Account); err != nil || !ours && p.Account != r.AOR {
				return web.Invalid("%q is not a program of an account here: write menu#account, or #voicemail", from)
			}
			*to = signal.AOR(from)
			continue
		}
		aor, err := a.Address(from)
		if err != nil {
			return refusal(err)
		}
		*to = aor
	}
	r.Forward = out
	return nil
}

// Remove ends an account, its registrations and all that is kept for it.
func (a Accounts) Remove(ctx context.Context, text string, revision uint64) error {
	aor, err := a.Address(text)
	if err != nil {
		return refusal(err)
	}
	return refusal(a.End(ctx, aor, revision))
}
