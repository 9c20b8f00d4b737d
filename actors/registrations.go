package actors

import (
	"strings"

	"tandem/actors/account"
	"tandem/actors/life"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/signal"
)

// readRegistrations knows registrations from their snapshots.
func (h *House) readRegistrations() {
	h.store.Bucket(store.Registrations).Range("", func(e store.Entry) bool {
		h.ledger.Unreadable("registrations", e.Key, h.bindingsChanged(e))
		return true
	})
}

// followRegistrations knows them from then on: other members change those of the names that they own.
func (h *House) followRegistrations() {
	h.closes(stopper(h.store.Bucket(store.Registrations).Watch(func(e store.Entry) {
		h.ledger.Unreadable("registrations", e.Key, h.bindingsChanged(e))
		h.lookForGrave(e)
	})))
	h.readRegistrations() // what was written between the first look and the watch
}

// bindingsChanged takes a snapshot of registrations, of whatever member. What came by a quicker way, or is later than
// the snapshot, stays.
func (h *House) bindingsChanged(e store.Entry) error {
	if strings.HasPrefix(e.Key, life.Reserved) || e.Deleted {
		return nil
	}
	aor, newest := signal.AOR(e.Key), true
	b, ok := account.DecodeVersion(e.Value)
	if !ok || !b.Same(h.directory.Version(aor)) { // else it came by a quicker way, as nearly all do
		var err error
		if b, err = account.DecodeBindings(e.Value); err != nil {
			return err
		}
		newest = h.directory.SetBindings(aor, b)
	}
	if h.member == nil {
		return nil // it is the first look
	}
	if err := h.putRight(e, b, newest); err != nil {
		h.log.Warn("a snapshot that was written late is not put right", "account", e.Key, "err", err)
	}
	return nil
}

// putRight follows a snapshot that another member wrote late, of a name that is ours by now: the account takes on what is
// newer than what it knew, and the snapshot of what is older.
func (h *House) putRight(e store.Entry, b account.Bindings, newest bool) error {
	if epoch, ours := h.member.Epoch("account", e.Key); !ours || b.Epoch == epoch {
		return nil
	}
	if newest {
		return h.member.Tell("account", e.Key, &msg.AccountRecall{Bindings: e.Value, Shown: true})
	}
	known := h.directory.Version(signal.AOR(e.Key))
	known.Bindings = h.directory.Bindings(signal.AOR(e.Key))
	return h.store.Bucket(store.Registrations).PutLater(e.Key, known.Encode())
}

// recall brings registrations that a dead member left behind to the owner of the name.
func (h *House) recall(aor string, bindings []byte) error {
	return h.member.Tell("account", aor, &msg.AccountRecall{Bindings: bindings})
}

// lookForGrave looks for that of this life: others have closed its legs, so that it must not go on.
func (h *House) lookForGrave(e store.Entry) {
	if g, ok := life.ReadGrave(e); ok && g.Boot == h.member.Boot() {
		h.fenced("its legs were closed by the Controller")
	}
}
