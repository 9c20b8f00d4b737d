package actors

import (
	"tandem/actors/msg"
	"tandem/signal"
)

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
