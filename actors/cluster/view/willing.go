package view

import (
	"cmp"
	"slices"

	"tandem/actors/msg"
	"tandem/conf"
)

// Lists makes the lists of willing members that one Controller sends while its lease lasts. Another lease has another
// epoch and begins anew.
type Lists struct {
	controller string
	epoch      uint64
	list       *msg.WillingList // the last one
}

// NewLists begins with the Controller's name and the epoch of its lease.
func NewLists(controller string, epoch uint64) *Lists {
	return &Lists{controller: controller, epoch: epoch}
}

// Make is the list as it should be now, and whether that is news: then all members are sent it. The first one is news
// always, even empty: it ends the list of the Controller before. A list is not changed any more once it was made.
func (l *Lists) Make(rows Rows) (list *msg.WillingList, changed bool) {
	next := &msg.WillingList{Epoch: l.epoch, Version: 1, Controller: l.controller}
	for _, r := range rows {
		if willing(r) {
			next.Members = append(next.Members,
				&msg.Willing{Name: r.Member.Name, Boot: r.Member.Boot, Address: r.Member.Address})
		}
	}
	if l.list != nil {
		if slices.EqualFunc(l.list.Members, next.Members, sameWilling) {
			return l.list, false
		}
		next.Version = l.list.Version + 1
	}
	l.list = next
	return next, true
}

// Behind are the members that do not know the last list, as their heartbeats show: they are sent it again.
func (l *Lists) Behind(rows Rows) []Row {
	var out []Row
	for _, r := range rows {
		if l.list != nil && !r.Self && r.Up() &&
			newer(l.list.Epoch, l.list.Version, r.Member.ListEpoch, r.Member.ListVersion) {
			out = append(out, r)
		}
	}
	return out
}

// List is the list of willing members that a member goes by. The zero List is empty.
type List struct{ list *msg.WillingList }

// Take goes over to a list, unless one that is as new is known already, or it is beyond all limits.
func (l *List) Take(list *msg.WillingList) bool {
	if len(list.GetMembers()) > maxMembers || len(list.GetController()) > maxName ||
		!newer(list.GetEpoch(), list.GetVersion(), l.list.GetEpoch(), l.list.GetVersion()) {
		return false
	}
	for _, m := range list.Members {
		if len(m.GetName()) > maxName || len(m.GetAddress()) > maxAddress {
			return false
		}
	}
	l.list = list
	return true
}

// Known is the list that was taken last, nil before the first one. Its epoch and version belong into the member's
// record.
func (l *List) Known() *msg.WillingList { return l.list }

// Choose picks the member for a call leg: of two at random the one with less load, then with fewer legs. One of two is
// nearly as good as the best of all, and does not send everybody to the same one until its next heartbeat. exclude are
// boot tags of members that have refused already; the member that asks is one of them. random is a number from 0 to
// n-1. Nobody: false.
func Choose(list *msg.WillingList, rows Rows, exclude []uint32, random func(n int) int) (Row, bool) {
	var may []Row
	for _, r := range rows {
		boot := r.Member.Boot
		listed := slices.ContainsFunc(list.GetMembers(), func(m *msg.Willing) bool { return m.GetBoot() == boot })
		if listed && willing(r) && !slices.Contains(exclude, boot) {
			may = append(may, r)
		}
	}
	switch len(may) {
	case 0:
		return Row{}, false
	case 1:
		return may[0], true
	}
	i, j := random(len(may)), random(len(may)-1)
	if j >= i {
		j++
	}
	a, b := may[i], may[j]
	if cmp.Or(cmp.Compare(a.Member.Load, b.Member.Load), cmp.Compare(a.Member.Legs, b.Member.Legs)) > 0 {
		return b, true
	}
	return a, true
}

// willing says that a member makes legs for others, as far as its last heartbeat tells.
func willing(r Row) bool {
	return r.Up() && r.Member.CallLegs == conf.LocallyForOthers && !r.Member.Draining
}

func sameWilling(a, b *msg.Willing) bool {
	return a.Name == b.Name && a.Boot == b.Boot && a.Address == b.Address
}

// newer compares lists: a later lease of the Controller, or under one lease a later list.
func newer(epoch, version, thanEpoch, thanVersion uint64) bool {
	return cmp.Or(cmp.Compare(epoch, thanEpoch), cmp.Compare(version, thanVersion)) > 0
}
