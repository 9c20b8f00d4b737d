package conf

import "time"

// Accounts limits registrations, and names accounts to make at the first start.
type Accounts struct {
	MaxContacts    int           // registrations of one account; default 10
	MinExpires     time.Duration // shorter is refused with 423; default 60s
	MaxExpires     time.Duration // longer is shortened; default 1h
	DefaultExpires time.Duration // when the phone names none; default 1h
	MaxAccounts    int           // accounts; default 1000000
}

// DefaultAccounts returns the section's defaults.
func DefaultAccounts() Accounts {
	return Accounts{MaxContacts: 10, MinExpires: time.Minute, MaxExpires: time.Hour,
		DefaultExpires: time.Hour, MaxAccounts: 1000000}
}
