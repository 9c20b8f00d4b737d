package router

import (
	"cmp"
	"slices"
	"strings"

	"tandem/actors/msg"
	"tandem/signal"
)

// anonymous is how a caller is shown that wants to be nobody (RFC 3323 section 4.1.1.3).
var anonymous = signal.Party{Display: "Anonymous", URI: signal.URI{Scheme: "sip", User: "anonymous", Host: "anonymous.invalid"}}

// headers are what a device is told beside: all that a Task wants to say, which knows its rights; of a
// transfer, who asked for it (RFC 3892), where one of our own legs did. What a phone claims by itself is
// not passed on. Who calls is said once more for devices that are trusted: the edge keeps it from all others.
func (s *Signal) headers(account signal.AOR) []*msg.Header {
	var out []*msg.Header
	if s.terms.task {
		out = slices.DeleteFunc(msg.FromHeaders(s.request.Headers), func(h *msg.Header) bool {
			return strings.EqualFold(h.Name, "P-Asserted-Identity") // vouched says it in our words
		})
	} else if by := s.request.Headers.Get("Referred-By"); s.terms.adopted && by != "" {
		out = []*msg.Header{{Name: "Referred-By", Value: by}}
	}
	return append(append(out, s.vouched()...), s.way(account)...)
}

// proved tells whether we know who the caller is: by its account, or by the word of a peer that we trust.
func (s *Signal) proved() bool {
	switch {
	case s.terms.task: // for itself, or for its party: nobody has come in by an account of ours who has not proved that
		_, ours := s.dir.Account(s.request.From.URI.AOR())
		_, asserted := s.asserted()
		return ours || asserted
	case s.terms.adopted: // the account in Origin is only whose rights it has; the leg says what its party has proved
		return s.request.Headers.Get("P-Asserted-Identity") != ""
	}
	_, asserted := s.asserted()
	return s.request.Origin.Account != "" || asserted
}

// vouched says who the caller is, where we know that (RFC 3325 section 5).
func (s *Signal) vouched() (out []*msg.Header) {
	if !s.proved() {
		return nil
	}
	out = []*msg.Header{{Name: "P-Asserted-Identity", Value: s.identity().String()}}
	if s.private() && !(s.terms.task && s.request.Headers.Get("Privacy") != "") {
		out = append(out, &msg.Header{Name: "Privacy", Value: "id"})
	}
	return out
}

// believed is who the caller is, where it is only a peer that we trust who says so; nil: it is not.
func (s *Signal) believed() *msg.Party {
	if !s.proved() || s.request.Origin.Account != "" && !s.terms.adopted {
		return nil
	}
	who := s.identity()
	if _, ours := s.dir.Account(who.URI.AOR()); ours {
		return nil
	}
	return msg.FromParty(who)
}

// answerer says to whom the caller talks, or would, where that is an account of ours (RFC 3325 section 5): a caller that is
// trusted is told so, the edge keeps it from all others.
func (s *Signal) answerer(id signal.BranchID) []*msg.Header {
	a, ours := s.dir.Account(s.whose[id])
	if !ours || s.trunks.branches[id] || s.terms.adopted || s.terms.task {
		return nil
	}
	return []*msg.Header{{Name: "P-Asserted-Identity", Value: signal.Party{Display: a.Display, URI: address(a.AOR)}.String()}}
}

// appearance is what a device sees as its caller.
func (s *Signal) appearance() signal.Party {
	if s.private() {
		return anonymous
	}
	return s.identity()
}

// private tells whether the caller wants to be nobody: it says so (RFC 3323 section 4.2, RFC 3325 section 9.3), or calls
// itself so and no trusted peer says otherwise.
func (s *Signal) private() bool {
	for _, field := range s.request.Headers.All("Privacy") {
		for p := range strings.SplitSeq(field, ";") {
			switch strings.ToLower(strings.TrimSpace(p)) {
			case "id", "user", "header":
				return true
			}
		}
	}
	_, asserted := s.asserted()
	return !asserted && strings.EqualFold(s.request.From.URI.Host, anonymous.URI.Host)
}

// identity is who the caller is: the account that proved itself, under the name it gave, or whom a trusted peer says it
// is, or an unproved caller's own words. In a transfer it is the party that is transferred, whoever asked for that; in a
// call that a Task makes it is whom the Task says.
func (s *Signal) identity() signal.Party {
	if s.request.Origin.Trunk != "" && !s.terms.adopted { // else that is only whose rights a transfer has
		return s.carrierIdentity()
	}
	p := signal.Party{Display: s.request.From.Display, URI: s.request.From.URI}
	if named, ok := s.asserted(); ok {
		if p = named; s.terms.task { // its program may call him by another name
			p.Display = cmp.Or(s.request.From.Display, p.Display)
		}
	}
	p.URI.Params, p.URI.Headers, p.URI.Port, p.Params = nil, "", 0, nil
	if aor := s.request.Origin.Account; aor != "" && !s.terms.adopted {
		p = signal.Party{Display: s.request.From.Display, URI: address(aor)}
		if s.private() {
			p.Display = ""
		}
		if a, ok := s.dir.Account(aor); ok && p.Display == "" {
			p.Display = a.Display
		}
	}
	return p
}

// asserted is who a trusted peer says the caller is; the edge lets that field in from no other. A Task says so of its party, not
// its program. What a leg says is in its From.
func (s *Signal) asserted() (signal.Party, bool) {
	if s.terms.adopted && !s.terms.task {
		return signal.Party{}, false
	}
	for _, field := range s.request.Headers.All("P-Asserted-Identity") {
		for _, element := range signal.Elements(field) {
			if p, err := signal.ParseParty(element); err == nil {
				return p, true
			}
		}
	}
	return signal.Party{}, false
}

// address is an AOR as a URI.
func address(a signal.AOR) signal.URI {
	return signal.URI{Scheme: "sip", User: a.User(), Host: a.Domain()}
}
