package phone

import (
	"strings"

	"tandem/signal"
	"tandem/ximss"
)

// maxPeer is how long an address may be, in bytes.
const maxPeer = 256

// address is whom a client means: a URI, an address, or a name or number of its own domain.
func (p *Phone) address(text string) (signal.URI, *ximss.Error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return signal.URI{}, ximss.ErrMissing
	case len(text) > maxPeer:
		return signal.URI{}, ximss.Fail(ximss.NumMalformed, "the address is longer than %d bytes", maxPeer)
	}
	lower := strings.ToLower(text)
	if !strings.HasPrefix(lower, "sip:") && !strings.HasPrefix(lower, "sips:") && !strings.HasPrefix(lower, "tel:") {
		if !strings.Contains(text, "@") {
			text = strings.NewReplacer(" ", "", "(", "", ")", "").Replace(text) + "@" + p.self.AOR.Domain()
		}
		text = "sip:" + text
	}
	u, err := signal.ParseURI(text)
	if err != nil {
		return u, ximss.Fail(ximss.NumMalformed, "the address can not be used: %v", err)
	}
	u.Headers = ""
	return u, nil
}

// shown is how a client is told an address: without scheme and parameters.
func shown(u signal.URI) string {
	if u.User == "" {
		return u.Host
	}
	if u.Scheme == "tel" {
		return u.User
	}
	return signal.Unescape(u.User) + "@" + u.Host
}

// us is our own address, as others see it.
func (p *Phone) us() signal.Party {
	return signal.Party{Display: p.self.Display,
		URI: signal.URI{Scheme: "sip", User: p.self.AOR.User(), Host: p.self.AOR.Domain()}}
}

// contact is where legs reach us: no host at all, since they go by the flow.
func (p *Phone) contact() signal.Party {
	return signal.Party{URI: signal.URI{Scheme: "sip", User: p.self.AOR.User(), Host: p.self.Domain,
		Params: signal.Params{{Name: "transport", Value: "ximss"}}}}
}

// origin completes a request of ours for those who take it as received.
func (p *Phone) origin(r *signal.Request) *signal.Request {
	r.Origin = signal.Origin{Flow: p.self.Flow, Account: p.self.AOR, Agent: p.self.Agent}
	if r.MaxForwards == 0 {
		r.MaxForwards = hops
	}
	return r
}

// hops is how often a request of ours may be sent on (RFC 3261 section 8.1.1.6).
const hops = 70
