package console

import (
	"tandem/actors/ledger"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// taskWorks are the commands about living PBX Tasks.
var taskWorks = map[string]work{
	"STARTPBXTASK":   (*Console).startPBXTask,
	"SENDTASKEVENT":  (*Console).sendTaskEvent,
	"KILLNODE":       (*Console).killNode,
	"READNODESTATUS": (*Console).readNodeStatus,
}

func (c *Console) startPBXTask(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f == nil {
		f = c.guards(r, a) // whoever runs a program in somebody's name has his rights
	}
	if f != nil {
		return object.Null, f
	}
	handler, err := c.Tasks.StartTask(a.AOR, r.Text("program"), r.Text("entry"), r.Value("param"))
	if err != nil {
		return fail("%v", err)
	}
	return found(object.String(handler))
}

// sendTaskEvent sends an event. Whoever has a handler may send to it: nobody can guess one.
func (c *Console) sendTaskEvent(r *request) (object.Value, *cli.Failure) {
	if err := c.Tasks.SendTaskEvent(r.Text("task"), r.Text("event"), r.Value("param")); err != nil {
		return fail("%v", err)
	}
	return object.Null, nil
}

func (c *Console) killNode(r *request) (object.Value, *cli.Failure) {
	if f := c.mayLook(r); f != nil {
		return object.Null, f
	}
	if err := c.Tasks.KillTask(r.Text("task")); err != nil {
		return fail("%v", err)
	}
	return object.Null, nil
}

func (c *Console) readNodeStatus(r *request) (object.Value, *cli.Failure) {
	if f := c.mayLook(r); f != nil {
		return object.Null, f
	}
	v, err := c.Tasks.TaskStatus(r.Text("task"))
	if err != nil {
		return fail("%v", err)
	}
	return found(v)
}

// mayLook lets an account at the Tasks that were started for it, and at others with the right.
func (c *Console) mayLook(r *request) *cli.Failure {
	if ledger.May(r.who, cli.Monitor) {
		return nil
	}
	if owner, ok := c.Tasks.TaskOwner(r.Text("task")); ok && owner == r.who.AOR {
		return nil
	}
	return cli.ErrAccess
}
