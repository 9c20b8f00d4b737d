package actors

import (
	"context"
	"time"

	"tandem/actors/lamp"
	"tandem/actors/msg"
	"tandem/actors/notify"
	"tandem/signal"
)

// introduceLamps makes the message lamps of accounts known to the member.
func (h *House) introduceLamps() {
	floor := &lamp.Floor{Way: notify.Way{Member: h.member, Edge: h.ingress.EdgeOf}, Contacts: h.notifiable, Log: h.log,
		Patience: h.lastWords,
		Count:    func(aor signal.AOR) (fresh, heard int) { return h.storage.Count(string(aor)) }}
	h.member.Introduce("lamp", floor.Make)
}

// relightPace is the time between two accounts whose phones are told at the start: it bounds what goes out at
// once where many are registered.
const relightPace = 2 * time.Millisecond

// openLamps lets lamps follow the voice mail, and tells the phones that are registered what is true: what they
// show is of before the stop. A phone begins with its lamp dark, so accounts without any message are passed
// over: a NOTIFY for each registration of everybody would cost more than it tells.
func (h *House) openLamps(ctx context.Context) error {
	h.closes(stopper(h.mailboxes.Subscribe(func(account string, _, _ int) {
		h.toLamp(signal.AOR(account), &msg.LampChanged{})
	})))
	h.beside(ctx, h.relight)
	return nil
}

func (h *House) relight(life context.Context) {
	pace := time.NewTicker(relightPace)
	defer pace.Stop()
	for _, aor := range h.directory.Registered() {
		if !h.anyMessage(aor) {
			continue
		}
		h.toLamp(aor, &msg.LampShow{})
		select {
		case <-pace.C:
		case <-life.Done():
			return
		}
	}
}

// arrived: devices have registered, and do not know what there is.
func (h *House) arrived(aor signal.AOR, contacts []string) {
	if h.anyMessage(aor) {
		h.toLamp(aor, &msg.LampShow{Contacts: contacts})
	}
}

// anyMessage tells whether an account has a voice message, heard or not.
func (h *House) anyMessage(aor signal.AOR) bool {
	fresh, heard := h.storage.Count(string(aor))
	return fresh+heard > 0
}

// tellLamp tells the phones of an account how many voice messages there are.
func (h *House) tellLamp(aor signal.AOR) error {
	return h.member.Tell("lamp", string(aor), &msg.LampShow{})
}

func (h *House) toLamp(aor signal.AOR, message any) {
	if err := h.member.Tell("lamp", string(aor), message); err != nil {
		h.log.Warn("phones are not told of their messages", "account", string(aor), "err", err)
	}
}

// notifiable are the devices of an account that take notifications.
func (h *House) notifiable(a signal.AOR) []signal.Contact {
	contacts, _ := signal.OneFlow(signal.Taking(signal.NOTIFY, h.directory.Contacts(a)))
	return contacts
}
