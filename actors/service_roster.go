package actors

import (
	"context"
	"strings"

	"tandem/actors/pbx/task"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// rosterSet is the data set that an account's roster is kept in: an entry for each peer, with Inp (the peer
// sees the account), Out (the account sees the peer) and what is told of the peer, such as RealName.
const rosterSet = "Roster"

// rosterServices are the functions of programs about an account's list of peers. Nobody is told of a change
// to it: presence between accounts is not served yet.
func (h *House) rosterServices() []task.Service {
	return []task.Service{
		{Name: "ReadRoster", Quick: true, Run: h.readRoster},
		{Name: "SetRoster", Run: h.setRoster},
	}
}

// readRoster is ReadRoster([account]): a dictionary from peer to {Inp; Out; RealName?}, or an error text.
func (h *House) readRoster(_ context.Context, c task.Caller, args []object.Value) object.Value {
	a, err := h.subject(c, argument(args, 0).Text(), cli.BasicSettings)
	if err != nil {
		return failureText(err)
	}
	if peers := h.datasets(a.AOR).Get(rosterSet); peers.Dictionary() != nil {
		return peers
	}
	return object.NewFolded().Value()
}

// setRoster is SetRoster({peer; what; data?}[, account]): null, or an error text.
func (h *House) setRoster(ctx context.Context, c task.Caller, args []object.Value) object.Value {
	p := argument(args, 0).Dictionary()
	peer, err := h.peer(c, p.GetFold("peer").Text())
	if err != nil {
		return failureText(err)
	}
	a, err := h.subject(c, argument(args, 1).Text(), cli.BasicSettings)
	if err != nil {
		return failureText(err)
	}
	what, about := strings.ToLower(p.GetFold("what").Text()), p.GetFold("data").Dictionary()
	return failureText(h.changeDatasets(ctx, a.AOR, writtenBy(c, "SetRoster"), func(sets *object.Dictionary) error {
		return changeRoster(sets, what, peer, about)
	}))
}

// peer reads the address of a peer.
func (h *House) peer(c task.Caller, text string) (string, error) {
	if text == "" || len(text) > maxSetName {
		return "", task.ErrParameter
	}
	u, err := h.ingress.Table().Address(text, signal.AOR(c.Account))
	if err != nil || u.User == "" {
		return "", task.ErrParameter
	}
	return string(u.AOR()), nil
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
		return task.ErrParameter
	}
	if err := setEntry(sets, rosterSet, peer, false, change); err != nil {
		return err
	}
	if sets.Len() > maxSets {
		return cli.Fail("%d data sets: at most %d", sets.Len(), maxSets)
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
