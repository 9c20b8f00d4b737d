package account

import "tandem/signal"

// CheckPassword tells whether the password is that of an enabled account. It costs the same for one that
// does not exist.
func (d *Directory) CheckPassword(aor signal.AOR, password string) bool {
	r, ok := d.Record(aor)
	if !ok || r.Disabled || r.Web == "" {
		CheckWeb(nobody(), password)
		return false
	}
	return CheckWeb(r.Web, password)
}
