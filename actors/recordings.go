package actors

import (
	"context"
	"slices"

	"tandem/actors/account"
	"tandem/actors/files"
	"tandem/actors/ledger"
	"tandem/actors/msg"
	"tandem/signal"
	"tandem/web"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// recordings are the recordings of calls as pages and clients see them: web.Recordings.
type recordings struct{ *House }

// listener is the account of somebody who asks; nil: none, or one that is disabled.
func (h recordings) listener(by web.Asker) *account.Record {
	r, ok := h.directory.Record(signal.AOR(by.Account))
	if !ok || r.Disabled {
		return nil
	}
	return r
}

// may tells whether somebody may hear a recording: by the right to listen, over its queue or over all.
func (h recordings) may(by web.Asker, r *account.Record, queue string) bool {
	return by.Master || r != nil && ledger.MayQueue(r, cli.CanListen, queue)
}

// Recordings implements web.Recordings.
func (h recordings) Recordings(by web.Asker, q web.RecordingQuery) (out []web.Recording) {
	who := h.listener(by)
	if !by.Master && (who == nil || !ledger.MaySome(who, cli.CanListen)) {
		return nil // without a look at all files, which anybody who logs in could ask for
	}
	for _, c := range slices.Backward(h.records.OfCall(q.Call)) {
		r := recordingOf(c)
		if len(out) == q.Limit {
			break
		}
		if (q.Queue == "" || r.Queue == q.Queue) && (q.Agent == "" || r.Agent == q.Agent) && h.may(by, who, r.Queue) {
			out = append(out, r)
		}
	}
	return out
}

func recordingOf(c files.CallRecording) web.Recording {
	return web.Recording{Account: c.Account, File: c.File, Call: c.Meta[files.MetaCall], Queue: c.Meta[files.MetaQueue],
		Agent: c.Meta[files.MetaAgent], From: c.Meta[files.MetaFrom], Begin: c.Begin, Length: web.InSeconds(c.Length),
		Part: c.Meta[files.MetaPart], Cuts: c.Meta[files.MetaCuts], Size: c.Size}
}

// Sound implements web.Recordings.
func (h recordings) Sound(ctx context.Context, by web.Asker, account, file string, offset, limit int64) (web.Recording, []byte, error) {
	c, ok := h.records.Find(account, file)
	if !ok || !h.may(by, h.listener(by), c.Meta[files.MetaQueue]) {
		return web.Recording{}, nil, web.NotFound("there is no such recording")
	}
	part, err := h.records.Read(ctx, c, offset, limit)
	return recordingOf(c), part, err
}

// Listen implements web.Recordings: the stock program listen runs for the account of who asks, by whose right it listens.
func (h recordings) Listen(_ context.Context, by web.Asker, whom, part string) (string, error) {
	who := h.listener(by)
	if who == nil {
		return "", web.Conflict("only an account can listen: its devices are called")
	}
	if _, err := h.ledger.MayAttend(who, whom, who.AOR.Domain()); err != nil {
		return "", web.Refuse(403, "no_right", "this needs the right %s over a queue of the agent's", cli.CanListen)
	}
	parameter := object.Format(object.NewArray(object.String(whom), object.String(part)).Value())
	pid, err := h.spawnTask(&msg.TaskStart{Program: "listen", Account: string(who.AOR), Parameter: parameter})
	if err != nil {
		return "", web.Unavailable("no task can be started now: %v", err)
	}
	return h.member.Handler(pid), nil
}

// Hears implements web.Recordings.
func (h recordings) Hears(by web.Asker, whom string) bool {
	who := h.listener(by)
	if who == nil {
		return false
	}
	_, err := h.ledger.MayAttend(who, whom, who.AOR.Domain())
	return err == nil
}

// Turn implements web.Recordings.
func (h recordings) Turn(ctx context.Context, by web.Asker, agent, turn string) (string, error) {
	found, err := h.deskAgents().Find(ctx, by, agent)
	if err != nil {
		return "", err
	}
	call := found.Agent.Caller
	switch {
	case found.Agent.State != "talking" || call == "":
		if turn == "" {
			return web.RecordingNone, nil
		}
		return "", web.Conflict("agent %s talks with no caller of a queue", agent)
	case !h.deskAgents().LeadsCall(by, agent, found.Agent.Queue): // who leads him by another queue sees no recording
		if turn == "" {
			return web.RecordingNone, nil
		}
		return "", web.Refuse(403, "no_right", "the recording is for agent %s, and for who supervises the queue of the call", agent)
	case turn != "":
		h.log.Info("somebody turns the recording of a call", "kind", "agent", "id", agent, "call", call, "turn", turn, "author", by.Name)
	}
	state, err := h.calls().TurnRecording(ctx, call, turn)
	if err == nil && turn != "" && state == web.RecordingNone {
		err = web.Conflict("the call of agent %s is not recorded", agent)
	}
	return state, err
}
