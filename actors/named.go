package actors

import (
	"strings"

	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/signal"
)

// followNamedTasks gives the directory the Named Tasks of the store, now and whenever one changes. One without a
// program is none yet.
func (h *House) followNamedTasks() {
	settings := h.store.Bucket(store.Settings)
	take := func(e store.Entry) {
		if name, ok := strings.CutPrefix(e.Key, taskKind); ok {
			n, _ := h.namedTask(signal.AOR(name))
			h.directory.SetNamedTask(signal.AOR(name), n.Program, n.Owner)
		}
	}
	h.closes(stopper(settings.Watch(take)))
	settings.Range(taskKind, func(e store.Entry) bool { take(e); return true })
}

// takeMessage takes a MESSAGE for the name of a task: false, it is for somebody else.
func (h *House) takeMessage(start *msg.SignalStart) bool {
	target := h.ingress.Table().Route(start.Request.Uri.Signal(), h.directory)
	if target.Kind != signal.ToTask || target.Named == "" {
		return false
	}
	work := &msg.NamedMessage{Request: start.Request, Edge: start.Edge, Start: &msg.TaskStart{Program: target.Program,
		Account: string(target.Account.AOR), Call: start.Call}}
	if err := h.member.Tell("named", string(target.Named), work); err != nil {
		h.log.Warn("a message for a named task is not taken", "task", string(target.Named), "err", err)
		return false
	}
	return true
}
