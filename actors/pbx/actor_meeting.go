package pbx

import (
	"errors"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/pbx/task"
)

// asking is a question to the keeper of an account's meetings that is not answered yet.
type asking struct {
	account string
	ask     *msg.MeetingAsk
	until   time.Time // afterwards nobody waits for the answer
}

// askAgain is the time to ask the keeper again, who could not be reached.
type askAgain struct{ operation uint64 }

const (
	askPause    = 100 * time.Millisecond
	askPatience = 9 * time.Second // a little less than that of the program
)

// toMeeting asks the keeper of meetings. While the account moves to another member nobody keeps them: then it asks again.
func (a *taskActor) toMeeting(ctx actor.Context, e task.ToMeeting) {
	e.Ask.Asker = a.self
	a.asking = &asking{e.Account, e.Ask, time.Now().Add(askPatience)}
	a.askKeeper(ctx)
}

func (a *taskActor) askKeeper(ctx actor.Context) {
	err := a.floor.Member.Tell("meeting", a.asking.account, a.asking.ask)
	if err == nil {
		return
	}
	unheard := errors.Is(err, cluster.ErrNoOwner) || errors.Is(err, cluster.ErrGone)
	ctx.Send(ctx.Self(), &msg.MeetingAnswer{Operation: a.asking.ask.Operation, Error: err.Error(), Position: -1, Unheard: unheard})
}

func (a *taskActor) onAskAgain(ctx actor.Context, m *askAgain) {
	if a.asking != nil && a.asking.ask.Operation == m.operation {
		a.askKeeper(ctx)
	}
}

// onAnswer announces what the Task has now, so that it is known to the next keeper too, and goes on.
func (a *taskActor) onAnswer(ctx actor.Context, m *msg.MeetingAnswer, now time.Time) {
	asked := a.asking
	mine := asked != nil && asked.ask.Operation == m.Operation
	if m.Unheard && mine && now.Before(asked.until) {
		cluster.After(ctx, askPause, &askAgain{m.Operation})
		return
	}
	if mine {
		a.asking = nil
	}
	if s := m.Stands; s != nil {
		a.announce(announced(s.Account, s.Queued, s.Set, s.Key), s)
	}
	a.machine.Answered(m, a.handler(m.Task), now)
}

// onParted withdraws what another Task has taken, cleared or removed, unless it is there anew.
func (a *taskActor) onParted(m *msg.MeetingParted) {
	e := announced(m.Account, m.Queued, m.Set, m.Key)
	e.Owner = a.self
	a.floor.Member.Withdraw(e, m)
}

// announced names what a Task announces of a meeting or a queue.
func announced(account string, queued bool, set, key string) cluster.Announcement {
	k := "meeting " + set + "\x00" + key
	if queued {
		k = "queue " + set
	}
	return cluster.Announcement{Kind: "meeting", Name: account, Key: k}
}

// announceName makes the Task known to the keeper of the name under which it was started, and to each next one.
func (a *taskActor) announceName(named string) {
	if named != "" {
		a.announce(cluster.Announcement{Kind: "named", Name: named},
			&msg.NamedStands{Task: a.self, Since: a.started.UnixMicro()})
	}
}

func (a *taskActor) announce(e cluster.Announcement, m proto.Message) {
	e.Owner, e.Message = a.self, m
	if err := a.floor.Member.Announce(e); err != nil {
		a.log.Warn("what the task has is forgotten when its name moves to another member", "kind", e.Kind, "name", e.Name,
			"key", e.Key, "err", err)
	}
}
