package actors

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"tandem/actors/cluster"
	"tandem/actors/desk"
	"tandem/actors/form"
	"tandem/actors/msg"
	"tandem/actors/pbx/task"
	"tandem/signal"
	"tandem/ximss/object"
)

// What is done with Tasks by their handlers goes to the member on which they live, so that the answer tells whether it
// was done.

// askTask is the question for all of it.
const askTask = "task"

// taskTime is how long that waits for another member.
const taskTime = 2 * time.Second

// taskAct is what is to be done with a Task. Objects are in their text form.
type taskAct struct {
	Do        string // event, kill, owner, status
	Handler   string
	Name      string `json:",omitempty"` // of the event
	Parameter string `json:",omitempty"`
	Sender    string `json:",omitempty"` // handler of the session that sends it
}

// answerOthers lets other members ask what lives here.
func (h *House) answerOthers() {
	h.calls().Answer()
	h.deskTasks().Answer()
	h.deskSessions().Answer()
	h.deskQueues().Answer()
	h.deskAgents().Answer()
	h.deskCluster().Answer()
	h.member.Answers(askTask, func(_ context.Context, body []byte) ([]byte, error) {
		var a taskAct
		if err := json.Unmarshal(body, &a); err != nil {
			return nil, err
		}
		text, err := h.actHere(a)
		return []byte(text), err
	})
}

// legsOfAll are the living legs of all members.
func (h *House) legsOfAll(ctx context.Context, q form.LegQuery) []form.Leg {
	return h.calls().Find(ctx, q)
}

// act does something with a Task where it lives. ErrNoObject: none lives under the handler.
func (h *House) act(a taskAct) (string, error) {
	home, err := h.member.Home(a.Handler)
	switch {
	case err != nil:
		return "", desk.ErrNoObject
	case home == h.Name():
		return h.actHere(a)
	}
	body, err := json.Marshal(a)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), taskTime)
	defer cancel()
	answer, err := h.member.AskMember(ctx, home, askTask, body)
	var refused *cluster.Refusal
	switch {
	case errors.Is(err, cluster.ErrGone), errors.As(err, &refused) && refused.Text == desk.ErrNoObject.Error():
		return "", desk.ErrNoObject
	case err != nil:
		return "", err
	}
	return string(answer), nil
}

// actHere does it with a Task of this member.
func (h *House) actHere(a taskAct) (string, error) {
	row, lives := h.tasks.Row(a.Handler)
	switch a.Do {
	case "owner":
		if lives {
			return row.Owner, nil
		}
	case "status":
		if lives {
			return row.Status, nil
		}
	case "kill":
		if lives {
			return "", h.offerTask(a.Handler, &msg.TaskKill{})
		}
	case "event": // for Sessions too
		if kind := h.member.KindOf(a.Handler); kind != "task" && kind != "session" {
			break
		}
		e := &msg.TaskEvent{Name: a.Name, Parameter: a.Parameter}
		if a.Sender != "" {
			e.Sender, _ = h.member.Parse(a.Sender) // one whose member has died meanwhile is nobody
		}
		return "", h.offerTask(a.Handler, e)
	}
	return "", desk.ErrNoObject
}

func (h *House) offerTask(handler string, message any) error {
	pid, err := h.member.Parse(handler)
	if err != nil {
		return desk.ErrNoObject
	}
	if err := h.member.Offer(pid, message); errors.Is(err, cluster.ErrOverload) {
		return errors.New(string(task.ErrQueueFull))
	} else if err != nil {
		return desk.ErrNoObject
	}
	return nil
}

// SendTaskEvent sends an event to a Task or a Session.
func (h *House) SendTaskEvent(handler, name string, parameter object.Value) error {
	return h.sendEvent(handler, name, parameter, "")
}

// sendEvent is SendTaskEvent in the name of a session.
func (h *House) sendEvent(handler, name string, parameter object.Value, sender string) error {
	a := taskAct{Do: "event", Handler: handler, Name: name, Sender: sender}
	if !parameter.IsNull() {
		text, err := object.Writer{Limit: task.DefaultLimits.Text}.Write(parameter)
		if err != nil {
			return err
		}
		a.Parameter = text
	}
	_, err := h.act(a)
	return err
}

// KillTask ends a Task.
func (h *House) KillTask(handler string) error {
	_, err := h.act(taskAct{Do: "kill", Handler: handler})
	return err
}

// TaskOwner is the account in whose name a Task was started; false: it does not live.
func (h *House) TaskOwner(handler string) (signal.AOR, bool) {
	owner, err := h.act(taskAct{Do: "owner", Handler: handler})
	return signal.AOR(owner), err == nil
}

// TaskStatus is what the Task has set by SetApplicationStatus; null where it has set nothing.
func (h *House) TaskStatus(handler string) (object.Value, error) {
	text, err := h.act(taskAct{Do: "status", Handler: handler})
	if err != nil || text == "" {
		return object.Null, err
	}
	return object.Parse(text)
}
