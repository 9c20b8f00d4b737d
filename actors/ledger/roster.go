package ledger

import (
	"context"
	"strings"

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

// ChangeRoster does one change to an account's roster: what is update, remove, subscribed, unsubscribed, subBoth,
// subscribe or unsubscribe, in lower case.
func (l *Ledger) ChangeRoster(ctx context.Context, aor signal.AOR, what, peer string, about *object.Dictionary, w store.Write) error {
	return l.changeDatasets(ctx, aor, w, func(sets *object.Dictionary) error {
		return changeRoster(sets, what, peer, about)
	})
}

// changeRoster does one change. A subscription to a peer stays pending until the peer has agreed.
func changeRoster(sets *object.Dictionary, what, peer string, about *object.Dictionary) error {
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
		change.Put("Out", pendingUnless(seen))
	case "subscribe":
		change.Put("Out", pendingUnless(seen))
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

// pendingUnless keeps a subscription that the peer has agreed to.
func pendingUnless(seen object.Value) object.Value {
	if seen.IsNull() {
		return object.String("Pending")
	}
	return seen
}
