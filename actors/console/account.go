package console

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"tandem/actors/account"
	"tandem/actors/form"
	"tandem/actors/ledger"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// accountWorks are the commands that make, end and set accounts.
var accountWorks = map[string]work{
	"CREATEACCOUNT":               (*Console).createAccount,
	"RENAMEACCOUNT":               (*Console).renameAccount,
	"DELETEACCOUNT":               (*Console).deleteAccount,
	"LISTACCOUNTS":                (*Console).listAccounts,
	"GETACCOUNTSETTINGS":          (*Console).getAccountSettings,
	"UPDATEACCOUNTSETTINGS":       (*Console).updateAccountSettings,
	"SETACCOUNTSETTINGS":          (*Console).setAccountSettings,
	"GETACCOUNTEFFECTIVESETTINGS": (*Console).getAccountEffectiveSettings,
	"SETACCOUNTPASSWORD":          (*Console).setAccountPassword,
	"VERIFYACCOUNTPASSWORD":       (*Console).verifyAccountPassword,
}

func (c *Console) createAccount(r *request) (object.Value, *cli.Failure) {
	aor, f := c.aor(r, r.Text("account"))
	if f == nil {
		f = failure(c.Ledger.Free(aor))
	}
	switch {
	case f != nil:
		return object.Null, f
	case c.Ledger.Crowded():
		return fail("no further account: accounts.max_accounts is reached")
	}
	record := &account.Record{AOR: aor, Created: time.Now().UTC()}
	if err := c.applySettings(r, record, r.Dictionary("settings")); err != nil {
		return c.done(err)
	}
	return c.done(c.Ledger.Create(r.ctx, record, r.write()))
}

// renameAccount gives an account another address.
func (c *Console) renameAccount(r *request) (object.Value, *cli.Failure) {
	old, f := c.account(r)
	if f == nil {
		f = c.guards(r, old)
	}
	if f != nil {
		return object.Null, f
	}
	to, f := c.aor(r, r.Text("new"))
	if f == nil {
		f = failure(c.Ledger.Free(to))
	}
	if f != nil {
		return object.Null, f
	}
	return c.done(c.Ledger.Move(r.ctx, old.AOR, to, r.write()))
}

func (c *Console) deleteAccount(r *request) (object.Value, *cli.Failure) {
	old, f := c.account(r)
	if f == nil {
		f = c.guards(r, old)
	}
	switch {
	case f != nil:
		return object.Null, f
	case old.AOR == r.who.AOR:
		return fail("nobody ends his own account")
	}
	return c.done(c.Ledger.End(r.ctx, old.AOR, 0))
}

// listAccounts is a dictionary of users; the value tells the type of storage, which is one here.
func (c *Console) listAccounts(r *request) (object.Value, *cli.Failure) {
	domain, f := c.domain(r)
	if f != nil {
		return object.Null, f
	}
	d := object.NewFolded()
	for _, a := range c.Ledger.Directory.Records() {
		if a.AOR.Domain() == domain {
			d.Set(a.AOR.User(), object.String("macnt"))
		}
	}
	return found(d.Value())
}

// accountSettings are the settings of an account: what a record has fields for, and what is kept for others.
func accountSettings(a *account.Record) *object.Dictionary {
	d := form.Dictionary(a.Settings)
	set := func(key, text string, is bool) {
		if is {
			d.Set(key, object.String(text))
		}
	}
	set("RealName", a.Display, a.Display != "")
	set("MaxSignalContacts", strconv.Itoa(a.MaxContacts), a.MaxContacts != 0)
	set("RecordCalls", "YES", a.Recorded)
	set("Disabled", "YES", a.Disabled)
	return d
}

func (c *Console) getAccountSettings(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	return found(accountSettings(a).Value())
}

// getAccountEffectiveSettings has the defaults of the member and of the domain below the account's own.
func (c *Console) getAccountEffectiveSettings(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	d := object.NewFolded()
	d.Set("MaxSignalContacts", object.String(strconv.Itoa(c.Ledger.Conf().Accounts.MaxContacts)))
	form.Merge(d, c.Ledger.AccountDefaults(a.AOR.Domain()))
	form.Merge(d, accountSettings(a))
	return found(d.Value())
}

func (c *Console) updateAccountSettings(r *request) (object.Value, *cli.Failure) {
	return c.editAccount(r, func(a *account.Record) error { return c.applySettings(r, a, r.Dictionary("settings")) })
}

// setAccountSettings replaces all settings. The password is none that would be lost by that.
func (c *Console) setAccountSettings(r *request) (object.Value, *cli.Failure) {
	return c.editAccount(r, func(a *account.Record) error {
		a.Settings, a.Display, a.MaxContacts, a.Recorded, a.Disabled = "", "", 0, false, false
		return c.applySettings(r, a, r.Dictionary("settings"))
	})
}

// editAccount changes the account that a command names.
func (c *Console) editAccount(r *request, f func(*account.Record) error) (object.Value, *cli.Failure) {
	a, fail := c.account(r)
	if fail == nil {
		fail = c.guards(r, a)
	}
	if fail != nil {
		return object.Null, fail
	}
	_, err := c.Ledger.ChangeAccount(r.ctx, a.AOR, r.write(), f)
	return c.done(err)
}

// applySettings does to a record what a dictionary of settings says.
func (c *Console) applySettings(r *request, a *account.Record, settings *object.Dictionary) error {
	kept := form.Dictionary(a.Settings)
	for i := range settings.Len() {
		key, _ := settings.Key(i)
		v := settings.At(i)
		away := v.IsNull() || strings.EqualFold(v.Text(), "default")
		if f := c.applySetting(r, a, strings.ToLower(key), v, away); f == nil {
			continue
		} else if f != errOtherSetting {
			return f
		}
		one := object.NewFolded()
		one.Put(key, v)
		form.Merge(kept, one)
	}
	text, err := form.Text(kept)
	a.Settings = text
	return err
}

// errOtherSetting says that a record has no field for a setting.
var errOtherSetting = cli.Fail("no field")

// applySetting sets one field; away: to its default.
func (c *Console) applySetting(r *request, a *account.Record, key string, v object.Value, away bool) *cli.Failure {
	text, isText := v.Str()
	if n, ok := v.Int(); ok {
		text, isText = strconv.FormatInt(n, 10), true
	}
	if away {
		text, isText = "", true
	}
	switch key {
	case "realname", "maxsignalcontacts", "recordcalls", "disabled", "password":
		if !isText {
			return cli.ErrIllegal
		}
	default:
		return errOtherSetting
	}
	switch key {
	case "realname":
		if len(text) > ledger.MaxDisplay || strings.ContainsFunc(text, unicode.IsControl) {
			return cli.Fail("RealName must be plain text of at most %d bytes", ledger.MaxDisplay)
		}
		a.Display = text
	case "maxsignalcontacts":
		n, err := strconv.Atoi("0" + text)
		if err != nil || n > ledger.MaxContacts {
			return cli.Fail("MaxSignalContacts is from 1 to %d", ledger.MaxContacts)
		}
		a.MaxContacts = n
	case "recordcalls":
		a.Recorded = strings.EqualFold(text, "yes")
	case "disabled":
		a.Disabled = strings.EqualFold(text, "yes")
	case "password":
		switch {
		case !ledger.May(r.who, cli.UserAccounts) && !slices.Contains(r.who.Rights, string(cli.UserAccounts)):
			return cli.ErrAccess
		case away:
			a.Web, a.MD5, a.SHA256, a.Sealed = "", "", "", ""
			return nil
		}
		if err := ledger.PasswordFits(text); err != nil {
			return failure(err)
		}
		c.Ledger.PutPassword(a, text)
	}
	return nil
}

// setAccountPassword is SETACCOUNTPASSWORD. CHECK and METHOD speak of how the ancestor stored it.
func (c *Console) setAccountPassword(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f == nil {
		f = c.guards(r, a)
	}
	if f != nil {
		return object.Null, f
	}
	return c.done(c.Ledger.SetPassword(r.ctx, string(r.who.AOR), a.AOR, r.Text("password")))
}

// guards refuses to touch an administrator's account without being one.
func (c *Console) guards(r *request, a *account.Record) *cli.Failure {
	if a.Is(account.Administrator) && !r.who.Is(account.Administrator) {
		return cli.ErrAccess
	}
	return nil
}

func (c *Console) verifyAccountPassword(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	if _, f := c.Password(r.ctx, string(a.AOR), r.Text("password")); f != nil {
		return fail("incorrect password")
	}
	return object.Null, nil
}
