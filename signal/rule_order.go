package signal

import (
	"cmp"
	"slices"
	"time"
)

// RuleSet are rules that hold for the accounts of a domain and are not their own.
type RuleSet struct{ Server, Cluster, Domain []Rule }

// First are the immediate rules of the server and the cluster: they are looked at once, before the
// request is routed.
func (s RuleSet) First() []Rule {
	return at(Immediate, func(int) bool { return true }, s.Server, s.Cluster)
}

// At are the rules of a stage for an account, in the order in which they are looked at: those of server
// and cluster, then of the domain, where their priority is above the usual; the account's own; the
// domain's others, then those of server and cluster.
func (s RuleSet) At(stage Stage, own []Rule) []Rule {
	above := func(p int) bool { return p > Usual }
	below := func(p int) bool { return p <= Usual }
	all := func(int) bool { return true }
	server, cluster := s.Server, s.Cluster
	if stage == Immediate {
		server, cluster = nil, nil
	}
	within := slices.Concat(at(stage, above, s.Domain), at(stage, all, own), at(stage, below, s.Domain))
	for i := range within {
		within[i].bound = true
	}
	return slices.Concat(at(stage, above, server, cluster), within, at(stage, below, server, cluster))
}

// at picks the active rules of a stage, the highest priority first.
func at(stage Stage, wanted func(priority int) bool, sets ...[]Rule) []Rule {
	var out []Rule
	for _, set := range sets {
		for _, r := range set {
			if r.Stage() == stage && r.Priority() != Inactive && wanted(r.Priority()) {
				out = append(out, r)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Rule) int { return cmp.Compare(b.Priority(), a.Priority()) })
	return out
}

// nextWait is the time of the first timed stage later than passed that some rule has; false for none.
func (s RuleSet) nextWait(own []Rule, passed time.Duration) (time.Duration, bool) {
	next, found := time.Duration(0), false
	for _, set := range [][]Rule{s.Server, s.Cluster, s.Domain, own} {
		for i := range set {
			wait, timed := set[i].Stage().wait()
			if timed && set[i].Priority() != Inactive && wait > passed && (!found || wait < next) {
				next, found = wait, true
			}
		}
	}
	return next, found
}
