package peers

import (
	"slices"
	"strings"
	"testing"

	"tandem/test/lab"
)

// TestRegister lets each kind register over each transport, sees it in the member's list, and sees
// it go when the phone goes.
func TestRegister(t *testing.T) {
	m := member(t)
	kinds := []kind{baresipUDP, baresipTCP, linphoneUDP, linphoneTCP}
	phones := make([]phone, len(kinds))
	for i, k := range kinds {
		phones[i] = start(t, m, k, seat{number: accounts[i], hz: 700})
	}
	for i, k := range kinds {
		r := registration(m, accounts[i])
		name, _, _ := strings.Cut(k.name, " ")
		if r == nil || !strings.Contains(strings.ToLower(r.Agent), name) ||
			r.Transport != k.transport {
			t.Errorf("%s is registered as %+v", k.name, r)
		}
	}
	for i, p := range phones {
		p.Quit()
		lab.Wait(t, patience, kinds[i].name+" is gone and still registered", func() bool {
			return registration(m, accounts[i]) == nil
		})
	}
}

// accounts are enough of the demo accounts for one phone each.
var accounts = []string{"1000", "1001", "1002", "1003"}

// registration is the one of an account, nil if there is none.
func registration(m *lab.Member, number string) *lab.Registration {
	all := m.Registrations()
	i := slices.IndexFunc(all, func(r lab.Registration) bool { return strings.HasPrefix(r.AOR, number+"@") })
	if i < 0 {
		return nil
	}
	return &all[i]
}
