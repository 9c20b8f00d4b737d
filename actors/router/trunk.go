package router

import (
	"cmp"
	"slices"

	"tandem/actors/msg"
	"tandem/signal"
)

// trunks is what a Signal has to do with trunks: those of which it wants a channel, and those of which it has one.
type trunks struct {
	seeking  map[uint64]seeking
	last     uint64                          // names them
	channel  map[string]uint64               // by trunk
	branches map[signal.BranchID]bool        // those over trunks
	diverted map[signal.CalleeID][]diversion // how the call came to go out, the last step first
}

// seeking is a callee that waits for the answer of the first of its ways.
type seeking struct {
	callee signal.CalleeID
	ways   []signal.Way
	number string // as dialled
}

type (
	// seize asks a trunk for a channel; Seized or SeizeLate is told.
	seize struct {
		ask       uint64
		trunk     string
		emergency bool
	}
)

func (seize) effect() {}

// seek asks the first of the ways for a channel.
func (s *Signal) seek(callee signal.CalleeID, ways []signal.Way, number string) []effect {
	if s.trunks.seeking == nil {
		s.trunks.seeking, s.trunks.channel = map[uint64]seeking{}, map[string]uint64{}
	}
	if ways[0].Emergency { // whoever has it called: a transfer, a program, a rule
		s.request.Urgent = true
	}
	s.trunks.last++
	s.trunks.seeking[s.trunks.last] = seeking{callee, ways, number}
	return []effect{seize{s.trunks.last, ways[0].Trunk, ways[0].Emergency}}
}

// Seized takes a trunk's answer: its targets are called, or the next trunk is asked.
func (s *Signal) Seized(m *msg.TrunkSeized) []effect {
	k, ok := s.trunks.seeking[m.Ask]
	if !ok || s.state == ended {
		return nil
	}
	delete(s.trunks.seeking, m.Ask)
	if m.Channel == 0 {
		return s.noWay(k, signal.Refusal{Status: int(cmp.Or(m.Status, 503)), Reason: m.Reason, Headers: retryLater})
	}
	s.trunks.channel[k.ways[0].Trunk] = m.Channel
	var places []int
	for _, p := range m.Targets {
		places = append(places, int(p))
	}
	return s.over(k, places, m)
}

// SeizeLate: who owns the trunk does not answer. An emergency call does not wait for him.
func (s *Signal) SeizeLate(ask uint64) []effect {
	k, ok := s.trunks.seeking[ask]
	if !ok || s.state == ended {
		return nil
	}
	delete(s.trunks.seeking, ask)
	if !k.ways[0].Emergency {
		return s.noWay(k, signal.Refusal{Status: 503, Reason: "Nobody answers for the trunk", Headers: retryLater})
	}
	x, _ := s.table.Trunks().Trunk(k.ways[0].Trunk)
	var places []int
	for i := range x.Targets {
		places = append(places, i)
	}
	return s.over(k, places, nil)
}

// noWay asks the next trunk, or gives up.
func (s *Signal) noWay(k seeking, why signal.Refusal) []effect {
	s.log.Info("trunk refused", "trunk", k.ways[0].Trunk, "because", why.Reason)
	if len(k.ways) > 1 {
		return s.seek(k.callee, k.ways[1:], k.number)
	}
	return s.forked(s.fork.Fail(k.callee, why))
}

// over calls targets of a trunk, one after the other; the owner's word may have routes to one of them.
func (s *Signal) over(k seeking, places []int, word *msg.TrunkSeized) []effect {
	way := k.ways[0]
	x, ok := s.table.Trunks().Trunk(way.Trunk)
	var contacts []signal.Contact
	for i, p := range places {
		if ok && p >= 0 && p < len(x.Targets) {
			t := x.Targets[p]
			c := signal.Contact{URI: t.URI(way.Number), Display: t.Name, Q: len(places) - i}
			if p == int(word.GetRegistered()) {
				c.Routes = word.GetRoutes()
			}
			contacts = append(contacts, c)
		}
	}
	if len(contacts) == 0 {
		return s.noWay(k, signal.Refusal{Status: 503, Reason: "The trunk has no target"})
	}
	outside := signal.NewAOR(way.Number, "~"+way.Trunk) // a name that no account has
	if chain := s.trunks.diverted[k.callee]; len(chain) > 0 {
		if s.diverted == nil {
			s.diverted = map[signal.AOR][]diversion{}
		}
		s.diverted[outside] = chain
	}
	return s.forked(s.fork.Found(k.callee, signal.Callee{
		Account:  signal.Account{AOR: outside},
		Contacts: contacts, Plain: true, Trunk: way.Trunk, Ways: slices.Clone(k.ways[1:]), Number: k.number, Urgent: way.Emergency}))
}

// overTrunk notes that a branch is one over a trunk.
func (s *Signal) overTrunk(id signal.BranchID) {
	if s.trunks.branches == nil {
		s.trunks.branches = map[signal.BranchID]bool{}
	}
	s.trunks.branches[id] = true
}

// maxFirstWord bounds a trunk's patience.
const maxFirstWord = 60_000 // ms

// trunkBranch describes the INVITE to a target of a trunk. It shows nothing of what is behind us: neither our domain nor
// the names of accounts, where they have numbers.
func (s *Signal) trunkBranch(b signal.BranchStart) *msg.LegCall {
	x, _ := s.table.Trunks().Trunk(b.Trunk)
	domain := cmp.Or(x.Domain, b.Contact.URI.Host)
	from, number := s.identity(), x.Caller
	if a, ok := s.dir.Account(s.request.Origin.Account); ok && !s.terms.task {
		number = cmp.Or(number, a.Number)
	}
	from.URI = signal.URI{Scheme: "sip", User: s.carrierUser(from.URI, number), Host: domain}
	var been []signal.AOR
	for _, c := range s.callees {
		been = append(been, c.Account.AOR)
	}
	beside := append(s.forwarders(s.diverted[b.Account], b.Account, func(a signal.AOR) signal.URI {
		return s.shownOutside(a, b, domain)
	}), s.marked(been...))
	if s.private() {
		beside = append(beside, &msg.Header{Name: "P-Asserted-Identity", Value: from.String()}, &msg.Header{Name: "Privacy", Value: "id"})
		from = anonymous
	}
	return &msg.LegCall{
		Contact: msg.FromURI(b.Contact.URI), Target: b.Contact.Display, Routes: b.Contact.Routes,
		From: msg.FromParty(from), To: msg.FromParty(signal.Party{URI: signal.URI{Scheme: "sip", User: b.Contact.URI.User, Host: domain}}),
		MaxForwards: int32(s.request.MaxForwards - 1), Codecs: s.terms.codecs,
		Headers: beside, PatienceMs: min(x.Patience.Milliseconds(), maxFirstWord),
	}
}

// shownOutside is who has forwarded a call, or where it goes, as a carrier sees it.
func (s *Signal) shownOutside(who signal.AOR, b signal.BranchStart, domain string) signal.URI {
	number := ""
	if a, ok := s.dir.Account(who); ok {
		number = a.Number
	}
	if who == b.Account {
		number = b.Contact.URI.User
	}
	return signal.URI{Scheme: "sip", User: s.carrierUser(address(who), number), Host: domain}
}

// carrierUser is how a carrier sees who calls or has forwarded: by a number without separators. Where there is none, the name
// of an account of ours stays as it is, whatever it looks like: by it one can be called back.
func (s *Signal) carrierUser(who signal.URI, number string) string {
	if _, ours := s.dir.Account(who.AOR()); number == "" && ours {
		return who.User
	}
	return signal.PlainNumber(cmp.Or(number, who.User))
}

// carrierRefusal is what a carrier's refusal means to who called. What it asks us to prove, and where else it would send
// us, is between the two of us.
func carrierRefusal(r signal.Refusal) signal.Refusal {
	switch {
	case r.Status == 401 || r.Status == 407:
		return signal.Refusal{Status: 503, Reason: "The carrier does not accept us", Local: true}
	case r.Status < 400:
		return signal.Refusal{Status: 480, Reason: "The carrier sends us elsewhere"}
	}
	return r
}

// carrierIdentity is who calls from a trunk, as those see it who are rung: whom it asserts, where it is believed. A number
// or name of ours is never shown for a call from outside.
func (s *Signal) carrierIdentity() signal.Party {
	x, _ := s.table.Trunks().Trunk(s.request.Origin.Trunk)
	p := signal.Party{Display: s.request.From.Display, URI: s.request.From.URI}
	if asserted, ok := s.asserted(); ok && x.Trusted {
		p = signal.Party{Display: cmp.Or(asserted.Display, p.Display), URI: asserted.URI}
	}
	user := p.URI.User
	p.URI = signal.URI{Scheme: "sip", User: user, Host: s.table.Domain()}
	aor, _ := s.table.Resolve(p.URI)
	_, ours := s.dir.Account(aor)
	if n, ok := signal.Telnum(signal.Unescape(user)); ok && !ours {
		_, ours = s.dir.Telnum(n)
	}
	if ours || user == "" {
		p.URI.Host = cmp.Or(x.Domain, x.Name+".invalid")
	}
	return p
}
