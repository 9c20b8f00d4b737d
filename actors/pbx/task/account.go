package task

import (
	"time"

	"tandem/actors/pbx/cgpl"
	"tandem/signal"
	"tandem/ximss/object"
)

// impersonate makes an account the current one: its language and time zone are selected.
func (t *Task) impersonate(account string) {
	t.who = identity{account: account, domain: signal.AOR(account).Domain()}
	if p, ok := t.world.Person(account); ok {
		t.who.account, t.who.domain = p.Address, signal.AOR(p.Address).Domain()
		t.who.language, t.who.zone = p.Language, p.Zone
		if p.Zone != nil {
			t.who.zoneName = p.Zone.String()
		}
	}
}

func fnMyDomain(t *Task, _ *cgpl.Call) (object.Value, error) { return word(t.who.domain), nil }
func fnMyEmail(t *Task, _ *cgpl.Call) (object.Value, error)  { return word(t.who.account), nil }

// fnImpersonate changes the current account: an address that is not local clears it, another account of ours
// needs the right CanImpersonate for its domain.
func fnImpersonate(t *Task, c *cgpl.Call) (object.Value, error) {
	p, local := t.world.Person(c.Arg(0).Text())
	switch {
	case !local:
		t.who = identity{}
		return object.Null, nil
	case p.Address == t.who.account:
		return object.Null, nil
	case !t.may("mayimpersonate", p.Address):
		return fail(ErrDenied), nil
	}
	t.impersonate(p.Address)
	t.do(Publish{})
	return object.Null, nil
}

// may asks a quick service whether the current account has a right on another one.
func (t *Task) may(service, account string) bool {
	s, ok := t.world.Service(service)
	return ok && s.Quick && !s.Run(nil, t.caller(), []object.Value{object.String(account)}).IsNull()
}

func fnGetLanguage(t *Task, _ *cgpl.Call) (object.Value, error) { return word(t.who.language), nil }

func fnSetLanguage(t *Task, c *cgpl.Call) (object.Value, error) {
	t.who.language = c.Arg(0).Text()
	return object.Null, nil
}

func fnGetTimeZoneName(t *Task, _ *cgpl.Call) (object.Value, error) {
	if t.who.zoneName == "" {
		return object.String(t.Zone().String()), nil
	}
	return object.String(t.who.zoneName), nil
}

// fnSetTimeZone selects a time zone of the IANA data base; an unknown one is the server's own.
func fnSetTimeZone(t *Task, c *cgpl.Call) (object.Value, error) {
	name := c.Arg(0).Text()
	t.who.zone, t.who.zoneName = nil, ""
	if name == "" {
		return object.Null, nil
	}
	if z, err := time.LoadLocation(name); err == nil && name != "Local" {
		t.who.zone, t.who.zoneName = z, name
	}
	return object.Null, nil
}

func fnThisTask(t *Task, _ *cgpl.Call) (object.Value, error) { return handle(t.world.Self()), nil }

func fnIsTask(_ *Task, c *cgpl.Call) (object.Value, error) {
	h := c.Arg(0).Handle()
	return object.Bool(h != nil && h.Class == object.ClassTask), nil
}

func fnSystemInfo(t *Task, c *cgpl.Call) (object.Value, error) {
	return t.world.System(c.Arg(0).Text()), nil
}

// fnSysLog writes the text form of an object into the server's log.
func fnSysLog(t *Task, c *cgpl.Call) (object.Value, error) {
	text := object.Format(c.Arg(0))
	if s, ok := c.Arg(0).Str(); ok {
		text = s
	}
	if !t.says.may(t.now, t.log) {
		return object.Null, nil
	}
	t.log.Info("program says", "program", t.start.program, "text", text[:min(len(text), mostLogged)])
	return object.Null, nil
}

// mostLogged bounds what one SysLog writes, in bytes.
const mostLogged = 4096

// fnSysProfile changes how much is logged of the task; the platform logs each mode anyway.
func fnSysProfile(_ *Task, _ *cgpl.Call) (object.Value, error) { return object.Null, nil }

// fnSetApplicationStatus keeps an object that lists and READNODESTATUS show.
func fnSetApplicationStatus(t *Task, c *cgpl.Call) (object.Value, error) {
	if _, ok := t.write(c.Arg(0), true); !ok {
		return object.Null, nil
	}
	t.status = object.Copy(c.Arg(0))
	t.do(Publish{})
	return object.Null, nil
}

// spawn starts a Task at another entry of the program; its value is the handle, null when it can not be made.
func fnSpawn(t *Task, c *cgpl.Call) (object.Value, error) {
	parameter, ok := t.write(c.Arg(1), true)
	if !ok {
		return object.Null, nil
	}
	op := t.number()
	t.do(Spawn{op, c.Arg(0).Text(), parameter})
	return t.block(wait{name: "spawn", operation: op, spawned: func(id string) {
		if id == "" {
			t.resume(object.Null)
			return
		}
		t.resume(handle(id))
	}})
}
