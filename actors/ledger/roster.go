package ledger

import (
	"context"
	"strings"

	"tandem/actors/form"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/object"
)

// rosterSet is the data set that an account's roster is kept in: an entry for each peer, with Inp (the peer
// sees the account), Out (the account sees the peer) and what is told of the peer, such as RealName.
const rosterSet = "Roster"

// Roster is an account's roster: a dictionary from peer to {Inp; Out; RealName?}.
func (l *Ledger) Roster(aor signal.AOR) object.Value {
	if peers := l.Datasets(aor).Get(rosterSet); peers.Dictionary() != nil {
		return peers
	}
	return object.NewFolded().Value()
}

// RosterItems are the peers of an account, as its presence and its sessions see them.
func (l *Ledger) RosterItems(aor signal.AOR) (items []*msg.PresenceItem) {
	peers := l.Roster(aor).Dictionary()
	for i := range peers.Len() {
		peer, _ := peers.Key(i)
		entry := peers.At(i).Dictionary()
		groups, _ := form.Strings(entry.GetFold("Groups"))
		out := entry.Get("Out")
		items = append(items, &msg.PresenceItem{Peer: peer, Name: entry.GetFold("RealName").Text(), Groups: groups,
			Sees: object.Equal(entry.Get("Inp"), object.Yes), Wanted: !out.IsNull(), Agreed: object.Equal(out, object.Yes)})
	}
	return items
}

// FollowRosters tells which account's roster may have changed, by whatever member, until stop. told must hand on and
// return.
func (l *Ledger) FollowRosters(told func(signal.AOR)) (stop func()) {
	return l.Store.Bucket(store.Settings).Watch(func(e store.Entry) {
		if aor, is := strings.CutPrefix(e.Key, datasetKind); is {
			told(signal.AOR(aor))
		}
	})
}

// Lets tells whether an account lets another one see its presence.
func (l *Ledger) Lets(aor, other signal.AOR) bool {
	if aor == other || l.Conf().Accounts.Presence == "domain" && aor.Domain() == other.Domain() {
		return true
	}
	inp := l.Roster(aor).Dictionary().Get(string(other)).Dictionary().Get("Inp")
	return object.Equal(inp, object.Yes)
}

// ChangeRoster does one change to an account's roster: what is update, remove, subscribed, unsubscribed, subBoth,
// subscribe or unsubscribe, in lower case. The roster of a peer that asked for what is granted or denied, and the
// presence of both, follow. Should that fail it is told to the log: the account's own roster says who may see it.
func (l *Ledger) ChangeRoster(ctx context.Context, aor signal.AOR, what, peer string, about *object.Dictionary, w store.Write) error {
	other, local := l.Directory.Account(signal.AOR(peer))
	if local {
		peer = string(other.AOR) // it may have been an alias
	}
	lets := local && l.Lets(other.AOR, aor)
	err := l.changeDatasets(ctx, aor, w, func(sets *object.Dictionary) error {
		return changeRoster(sets, what, peer, lets, about)
	})
	if err != nil || !local {
		return err
	}
	if err := l.rosterFollows(ctx, aor, what, other.AOR, lets, w); err != nil {
		l.Log.Warn("a peer does not follow a change of a roster", "account", string(aor), "peer", peer, "err", err)
	}
	return nil
}

// rosterFollows does what follows from a change of a roster for the peer.
func (l *Ledger) rosterFollows(ctx context.Context, aor signal.AOR, what string, peer signal.AOR, lets bool, w store.Write) error {
	var failed error
	if wants := l.Roster(peer).Dictionary().Get(string(aor)).Dictionary().Get("Out"); !wants.IsNull() {
		granted := object.Equal(wants, object.Yes)
		switch {
		case (what == "subscribed" || what == "subboth") && !granted:
			failed = l.setWanted(ctx, peer, aor, object.Yes, w)
		case (what == "unsubscribed" || what == "remove") && !l.Lets(aor, peer):
			failed = l.setWanted(ctx, peer, aor, object.Null, w)
		}
	}
	switch {
	case failed != nil || l.Tell == nil:
		return failed
	case (what == "subscribe" || what == "subboth") && !lets:
		return l.Tell("presence", string(peer), &msg.PresenceAsk{Account: string(aor)})
	case what == "unsubscribed" || what == "remove":
		return l.Tell("presence", string(aor), &msg.PresenceRefuse{Account: string(peer)})
	}
	return nil
}

// setWanted notes in an account's roster what has become of its wish to see a peer.
func (l *Ledger) setWanted(ctx context.Context, aor, peer signal.AOR, out object.Value, w store.Write) error {
	return l.changeDatasets(ctx, aor, w, func(sets *object.Dictionary) error {
		if !sets.Get(rosterSet).Dictionary().Has(string(peer)) {
			return nil // it was removed meanwhile
		}
		change := object.NewFolded()
		change.Put("Out", out)
		return setEntry(sets, rosterSet, string(peer), false, change)
	})
}

// FoundRoster puts peers into the roster of a new account: they may see each other. names is what they are called.
func (l *Ledger) FoundRoster(ctx context.Context, aor signal.AOR, names map[signal.AOR]string, w store.Write) error {
	return l.changeDatasets(ctx, aor, w, func(sets *object.Dictionary) error {
		for peer, name := range names {
			about := object.NewFolded()
			about.Put("RealName", object.String(name))
			if err := changeRoster(sets, "subboth", string(peer), true, about); err != nil {
				return err
			}
		}
		return nil
	})
}

// changeRoster does one change. A subscription to a peer stays pending until the peer has agreed: lets says whether it
// has.
func changeRoster(sets *object.Dictionary, what, peer string, lets bool, about *object.Dictionary) error {
	if what == "remove" {
		sets.Get(rosterSet).Dictionary().Delete(peer)
		return nil
	}
	change := object.NewFolded()
	for i := range about.Len() { // what is told of a peer is the program's affair, but not who sees whom
		if key, _ := about.Key(i); !strings.EqualFold(key, "Inp") && !strings.EqualFold(key, "Out") {
			change.Put(key, about.At(i))
		}
	}
	seen := sets.Get(rosterSet).Dictionary().Get(peer).Dictionary().Get("Out")
	switch what {
	case "update":
	case "subscribed":
		change.Put("Inp", object.Yes)
	case "unsubscribed":
		change.Put("Inp", object.Null)
	case "subboth":
		change.Put("Inp", object.Yes)
		change.Put("Out", pendingUnless(lets, seen))
	case "subscribe":
		change.Put("Out", pendingUnless(lets, seen))
	case "unsubscribe":
		change.Put("Out", object.Null)
	default:
		return ErrParameter
	}
	if err := setEntry(sets, rosterSet, peer, false, change); err != nil {
		return err
	}
	if sets.Len() > maxSets {
		return refuse(Conflict, "%d data sets: at most %d", sets.Len(), maxSets)
	}
	return nil
}

// pendingUnless keeps a subscription that the peer has agreed to, now or before.
func pendingUnless(lets bool, seen object.Value) object.Value {
	if lets {
		return object.Yes
	}
	if seen.IsNull() {
		return object.String("Pending")
	}
	return seen
}
