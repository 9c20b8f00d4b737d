package router

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"tandem/actors/msg"
	"tandem/signal"
)

// Limits of what is said of the way of a call.
const (
	maxDiversions = 10 // elements of Diversion and of History-Info; the oldest are left out
	maxMarks      = 32 // accounts whose marks an INVITE carries
)

// diversion is one forwarding: by which account, and why.
type diversion struct {
	by      signal.AOR
	because string
}

// motive is why an account forwards, as Diversion (RFC 5806 section 4) and History-Info (RFC 7044 section 5) put it.
type motive struct {
	diversion string
	cause     int
}

// motives are those of the stages of rules, and of a phone that redirects.
var motives = map[string]motive{
	signal.Immediate.String(): {"unconditional", 302}, signal.Busy.String(): {"user-busy", 486},
	signal.NoAnswer.String(): {"no-answer", 408}, signal.Failure.String(): {"unavailable", 480}, "redirect": {"deflection", 302},
}

// because is the reason of a forwarding; a rule that waits some seconds has met no answer.
func because(d diversion) motive {
	if r, ok := motives[d.because]; ok {
		return r
	}
	return motives[signal.NoAnswer.String()]
}

// divert notes that a call goes to an account because another one has forwarded it.
func (s *Signal) divert(to signal.AOR, e signal.ForkRoute) {
	if e.By == "" || e.Beside {
		return
	}
	if s.diverted == nil {
		s.diverted = map[signal.AOR][]diversion{}
	}
	s.diverted[to] = append([]diversion{{e.By, e.Because}}, s.diverted[e.By]...)
}

// divertOut notes the same of a call that goes out over trunks: whoever its callee turns out to be.
func (s *Signal) divertOut(to signal.CalleeID, e signal.ForkRoute) {
	if e.By == "" || e.Beside {
		return
	}
	if s.trunks.diverted == nil {
		s.trunks.diverted = map[signal.CalleeID][]diversion{}
	}
	s.trunks.diverted[to] = append([]diversion{{e.By, e.Because}}, s.diverted[e.By]...)
}

// goesOn notes that the next trunks are told of the same way as those that have failed.
func (s *Signal) goesOn(e signal.ForkWay) {
	if chain := s.trunks.diverted[e.Continues]; len(chain) > 0 {
		s.trunks.diverted[e.ID] = chain
	}
}

// way is what a device is told of the way of the call: who has forwarded it, here and before, and the marks by which it
// is known again.
func (s *Signal) way(account signal.AOR) (out []*msg.Header) {
	chain := s.diverted[account]
	if !s.terms.task {
		out = s.forwarders(chain, account, address)
	}
	been := []signal.AOR{account}
	for _, d := range chain {
		been = append(been, d.by)
	}
	return append(out, s.marked(been...))
}

// forwarders say who has forwarded the call that goes to an account, each as shown.
func (s *Signal) forwarders(chain []diversion, account signal.AOR, shown func(signal.AOR) signal.URI) (out []*msg.Header) {
	if s.hidesWay() {
		return nil
	}
	diversions := append(diversions(chain, shown), s.before("Diversion")...)
	for _, d := range diversions[:min(maxDiversions, len(diversions))] {
		out = append(out, &msg.Header{Name: "Diversion", Value: d})
	}
	if h := s.history(chain, account, shown); h != "" {
		out = append(out, &msg.Header{Name: "History-Info", Value: h})
	}
	return out
}

// marked is the field of a call that goes on: with the marks that it came with, and those of the accounts named.
func (s *Signal) marked(been ...signal.AOR) *msg.Header {
	marks := s.marks()
	for _, account := range been {
		marks = append(marks, mark(account))
	}
	return &msg.Header{Name: passed, Value: strings.Join(marks[max(0, len(marks)-maxMarks):], " ")}
}

// hidesWay tells whether the caller wants nobody to know (RFC 7044 section 10.1.1).
func (s *Signal) hidesWay() bool {
	field := strings.ToLower(strings.Join(s.request.Headers.All("Privacy"), ";"))
	return strings.Contains(field, "history") || strings.Contains(field, "header")
}

// before are the elements of a field that a trusted peer has sent.
func (s *Signal) before(name string) (out []string) {
	for _, field := range s.request.Headers.All(name) {
		for _, element := range signal.Elements(field) {
			if element = strings.TrimSpace(element); element != "" {
				out = append(out, element)
			}
		}
	}
	return out
}

// diversions are the elements of Diversion for a chain, the last forwarding first.
func diversions(chain []diversion, shown func(signal.AOR) signal.URI) (out []string) {
	for _, d := range chain {
		out = append(out, fmt.Sprintf("<%s>;reason=%s;counter=1", shown(d.by), because(d).diversion))
	}
	return out
}

// history is the value of History-Info: what came before, then who was called one after the other here. An entry says
// why it was left.
func (s *Signal) history(chain []diversion, account signal.AOR, shown func(signal.AOR) signal.URI) string {
	all := s.before("History-Info")
	if len(chain) == 0 {
		return strings.Join(all[max(0, len(all)-maxDiversions):], ", ")
	}
	index, from := "1", ""
	if len(all) > 0 {
		if _, last, ok := strings.Cut(all[len(all)-1], "index="); ok {
			last, _, _ = strings.Cut(last, ";")
			index = strings.TrimSpace(last) + ".1"
		}
	}
	for _, d := range slices.Backward(chain) {
		all = append(all, fmt.Sprintf("<%s?Reason=SIP%%3Bcause%%3D%d>;index=%s%s", shown(d.by), because(d).cause, index, from))
		index, from = index+".1", ";mp="+index
	}
	all = append(all, fmt.Sprintf("<%s>;index=%s%s", shown(account), index, from))
	return strings.Join(all[max(0, len(all)-maxDiversions):], ", ")
}

// passed is our own field, by which a call is known that comes back: a mark for each account that it was meant for. The
// marks tell nothing to who does not know the account.
const passed = "X-Passed"

func mark(account signal.AOR) string {
	sum := sha256.Sum256([]byte("passed " + string(account)))
	return hex.EncodeToString(sum[:6])
}

// marks are those that the request came with. Whoever made the rest of a field up has made up nothing of use.
func (s *Signal) marks() (out []string) {
	for _, field := range s.request.Headers.All(passed) {
		for m := range strings.FieldsSeq(field) {
			if len(m) == len(mark("")) && len(out) < maxMarks {
				if _, err := hex.DecodeString(m); err == nil {
					out = append(out, m)
				}
			}
		}
	}
	return out
}

// loops tells whether the call was meant for the account before and comes back, through somebody who passes on what he
// does not know (RFC 3261 section 16.3, item 4).
func (s *Signal) loops(account signal.AOR) bool { return slices.Contains(s.marks(), mark(account)) }
