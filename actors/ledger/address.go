package ledger

import (
	"strings"

	"tandem/signal"
	"tandem/ximss/object"
)

// Address completes an address that somebody typed: the main domain is understood. It is none where it is not of a
// domain that is served here.
func (l *Ledger) Address(text string) (signal.AOR, error) {
	user, domain, ok := strings.Cut(strings.ToLower(text), "@")
	if !ok {
		domain = l.Table().Domain()
	}
	u, err := signal.ParseURI("sip:" + user + "@" + domain)
	if err != nil || user == "" || u.Port != 0 || len(u.Params) > 0 || strings.ContainsAny(user, "/:;?&=+$, #{}") {
		return "", refuse(Illegal, "%q is not an address: write user or user@domain", text)
	}
	aor, served := l.Table().Resolve(u)
	if !served {
		return "", refuse(Illegal, "domain %q is not served here: see routing.domain and routing.domains", domain)
	}
	return aor, nil
}

// Resolved is the account that an address or an alias of it means; an address that means none is itself.
func (l *Ledger) Resolved(aor signal.AOR) signal.AOR {
	if a, ok := l.Directory.Account(aor); ok {
		return a.AOR
	}
	return aor
}

// IsNumber reports an address that a number of the settings answers before any account would.
func (l *Ledger) IsNumber(aor signal.AOR) bool {
	t := l.Table().Route(signal.URI{Scheme: "sip", User: aor.User(), Host: aor.Domain()}, l.Directory)
	return t.Kind == signal.ToApplication || t.Open || t.Kind == signal.ToNothing && t.Status != 404
}

// Peer reads the address of a peer, who may be elsewhere; false: it is none.
func (l *Ledger) Peer(text string, who signal.AOR) (string, bool) {
	if text == "" || len(text) > MaxSetName {
		return "", false
	}
	u, err := l.Table().Address(text, who)
	if err != nil || u.User == "" {
		return "", false
	}
	return string(u.AOR()), true
}

// Destination is where an address leads.
type Destination struct{ Module, Host, Address string }

// ErrNoMail says that no address leads anywhere for mail.
var ErrNoMail = refuse(Conflict, "there is no mail here: route for access or signal")

// Route tells an account where an address leads: to module and host, and to the address there. A name without a
// domain is in the account's.
func (l *Ledger) Route(text string, who signal.AOR) (Destination, error) {
	if !strings.Contains(text, ":") && !strings.Contains(text, "@") {
		text += "@" + who.Domain()
	}
	table := l.Table()
	u, err := table.Address(text, who)
	if err != nil {
		return Destination{}, refuse(Illegal, "%s is no address: %v", object.Quote(text), err)
	}
	target := table.Route(u, l.Directory)
	switch target.Kind {
	case signal.ToAccount:
		return Destination{"LOCAL", target.Account.AOR.Domain(), string(target.Account.AOR)}, nil
	case signal.ToTask:
		program := signal.Program{Name: target.Program, Params: target.Params, Account: target.Account.AOR}
		return Destination{"PBX", target.Account.AOR.Domain(), signal.Unescape(program.URI().User)}, nil
	case signal.ToApplication:
		return Destination{"APPLICATION", target.Application, target.Number}, nil
	case signal.ToServer:
		return Destination{"SYSTEM", table.Domain(), ""}, nil
	}
	if _, local := table.Resolve(u); !local {
		return Destination{"SIP", u.Host, u.String()}, nil
	}
	if target.Status == 404 {
		return Destination{}, ErrNoAccount
	}
	return Destination{}, refuse(Conflict, "refused with %d %s", target.Status, target.Reason)
}
