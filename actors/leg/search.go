package leg

import (
	"fmt"
	"time"

	"tandem/actors/msg"
	"tandem/signal"
)

// search is the ringing of others for a caller whom a Task has served, or serves while they ring (fork).
// A Signal does it; the leg is its caller.
type search struct {
	on   bool
	fork bool
	made int // how many there were, for the names of their requests
}

// Find rings others for the caller. It also answers LegReferred: then it is the partner for whom another
// party is looked for, as if no Task were there.
func (l *Leg) Find(m *msg.LegFind, now time.Time) {
	l.now = now
	switch {
	case !l.service.on:
		return
	case l.transfers.put != nil:
		l.transfers.leaveToPlatform(m.Account)
		return
	case l.outgoing || l.state >= answered || l.accepting:
		l.do(tellTask{&msg.LegFound{Status: 481, Reason: "The call is not pending"}})
		return
	}
	l.giveUpSearch()
	if len(m.Targets) == 0 {
		return
	}
	if l.forwards <= 1 { // each copy of a call takes a hop, or programs could pass it round for ever
		l.do(tellTask{&msg.LegFound{Status: 483}})
		return
	}
	l.search.on, l.search.fork = true, m.Fork
	l.search.made++
	target, caller := m.Targets[0].Signal(), l.caller
	if l.vouched() {
		caller = l.asserted
	}
	l.do(find{&msg.SignalStart{Call: l.record.Call, Codecs: l.offered, Targets: m.Targets,
		Request: msg.FromRequest(&signal.Request{
			ID: fmt.Sprintf("find.%d", l.search.made), Method: signal.INVITE, URI: target,
			From: caller, To: signal.Party{URI: target}, MaxForwards: l.forwards, Headers: append(l.proven(), l.carried...),
			Origin: signal.Origin{Account: signal.AOR(m.Account)},
		})}})
	if !m.Fork {
		l.leaveTask()
	}
}

// shown is the progress of a search that the caller is shown: beside a Task that goes on to serve it only
// the status is, since the media are the Task's.
func (s *search) shown(m *msg.LegProgress) *msg.LegProgress {
	if !s.on || !s.fork || m.By == nil {
		return m
	}
	return &msg.LegProgress{Status: m.Status, Reason: m.Reason}
}

// wasTaken ends a search: somebody takes the call, and the Task has lost it.
func (l *Leg) wasTaken() {
	if !l.search.on {
		return
	}
	l.search.on = false
	l.loseTask()
}

// loseTask: the party is in another call now. What its Task says of the old one concerns it no more.
func (l *Leg) loseTask() {
	if l.service.on {
		l.do(tellTask{&msg.LegTaken{}})
		l.leaveTask()
	}
}

// notFound ends a search in vain. The Task that still serves the caller decides what follows.
func (l *Leg) notFound(status int, reason string, h signal.Headers) {
	l.search.on = false
	if l.service.on {
		l.do(tellTask{&msg.LegFound{Status: int32(status), Reason: reason}})
		return
	}
	l.reject(refusal(status), reason, h)
}

// giveUpSearch ends a search whose result nobody wants any more.
func (l *Leg) giveUpSearch() {
	if l.search.on {
		l.search.on = false
		l.do(tellFinder{487})
	}
}

// refusal is the status of a refusal, whatever somebody asked for.
func refusal(status int) int {
	if status < 300 || status > 699 {
		return 500
	}
	return status
}
