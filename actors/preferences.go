package actors

import (
	"context"

	"tandem/actors/account"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/object"
)

// changePreferences changes an account's preferences. f is called again when somebody else was quicker.
func (h *House) changePreferences(ctx context.Context, aor signal.AOR, w store.Write, f func(*object.Dictionary)) error {
	_, err := h.changeAccount(ctx, aor, w, func(a *account.Record) (err error) {
		d := dictionaryOf(a.Preferences)
		f(d)
		a.Preferences, err = textOf(d)
		return err
	})
	return err
}

// effectivePreferences are an account's own preferences above the defaults of its domain. They may be
// changed by the caller.
func (h *House) effectivePreferences(a *account.Record) *object.Dictionary {
	d := object.NewFolded()
	merge(d, h.domainDefaults(a.AOR.Domain(), preferenceDefaults))
	merge(d, dictionaryOf(a.Preferences))
	return d
}
