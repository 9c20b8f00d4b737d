package ledger

import (
	"context"

	"tandem/actors/account"
	"tandem/actors/form"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/object"
)

// ChangePreferences changes an account's preferences. f is called again when somebody else was quicker.
func (l *Ledger) ChangePreferences(ctx context.Context, aor signal.AOR, w store.Write, f func(*object.Dictionary)) error {
	_, err := l.ChangeAccount(ctx, aor, w, func(a *account.Record) (err error) {
		d := form.Dictionary(a.Preferences)
		f(d)
		a.Preferences, err = form.Text(d)
		return err
	})
	return err
}

// EffectivePreferences are an account's own preferences above the defaults of its domain. They may be
// changed by the caller.
func (l *Ledger) EffectivePreferences(a *account.Record) *object.Dictionary {
	d := object.NewFolded()
	form.Merge(d, l.domainDefaults(a.AOR.Domain(), "PreferenceDefaults"))
	form.Merge(d, form.Dictionary(a.Preferences))
	return d
}

// AccountDefaults are what the settings of a domain say of its accounts' settings.
func (l *Ledger) AccountDefaults(domain string) *object.Dictionary {
	return l.domainDefaults(domain, "AccountDefaults")
}

// domainDefaults are what a domain's settings say under a key.
func (l *Ledger) domainDefaults(name, key string) *object.Dictionary {
	d, _ := l.Domain(name)
	return form.Dictionary(d.Settings).Get(key).Dictionary()
}
