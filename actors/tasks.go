package actors

import (
	"cmp"
	"encoding/hex"
	"errors"
	"runtime"
	"slices"
	"strings"
	"time"

	"tandem/actors/account"
	"tandem/actors/desk"
	"tandem/actors/msg"
	"tandem/actors/pbx"
	"tandem/actors/pbx/meeting"
	namedtask "tandem/actors/pbx/named"
	"tandem/actors/pbx/task"
	"tandem/actors/router"
	"tandem/actors/service"
	"tandem/conf"
	"tandem/signal"
	"tandem/web"
	"tandem/ximss/object"
)

// introduceTasks makes Tasks known to the member: what they stand on, and what is done for them.
func (h *House) introduceTasks() {
	c := h.live.Conf().Tasks
	h.tasks = pbx.NewTable()
	services := h.newServices()
	floor := &pbx.Floor{Member: h.member, Programs: h.environment, Services: services.Functions(),
		Person: h.person, System: h.systemInfo, Challenge: h.challenge, CallsForHelp: h.ingress.CallsForHelp, Table: h.tasks, NonceKey: h.nonceKey,
		Limits:     func() task.Limits { return taskLimits(h.live.Conf().Tasks) },
		PerAccount: func() int { return h.live.Conf().Tasks.MaxPerAccount },
		Workers:    make(chan struct{}, c.MaxServices), Log: h.log}
	h.spawnTask = floor.Begin
	meetings := &meeting.Floor{Member: h.member, Log: h.log}
	h.member.Introduce("task", floor.Make)
	h.member.Introduce("meeting", meetings.Make)
	h.member.Introduce("named", (&namedtask.Floor{Member: h.member, Log: h.log}).Make)
	h.openErrands(floor.Services["httpcall"])
}

// newServices is what is done for Tasks, and lets go of what it holds when the house is closed.
func (h *House) newServices() *service.Services {
	s := service.New(service.Options{Ledger: h.ledger, Elements: h.elements, Files: h.fileFunctions(), Legs: h.legsOfAll,
		Commands: h.console, Send: h.sendSignal, TellLamp: h.tellLamp, Ask: h.member.Ask, Log: h.log})
	h.closes(s.Close)
	return s
}

// sendSignal sends a request that no phone has sent.
func (h *House) sendSignal(r *signal.Request) error {
	_, err := h.member.Spawn("signal", &msg.SignalStart{Request: msg.FromRequest(r), Call: router.NewCall()})
	return err
}

// openErrands lets the router have errands run, until the house is closed.
func (h *House) openErrands(httpCall task.Service) {
	e := service.NewErrands(h.ledger, httpCall, h.log)
	h.closes(e.Close)
	h.ingress.SetErrands(router.Errands{Remember: e.Remember, SendURL: e.SendURL, TakeMessage: h.takeMessage})
}

// taskLimits are what one Task may use.
func taskLimits(c conf.Tasks) task.Limits {
	l := task.DefaultLimits
	l.Program.Memory, l.Program.Steps, l.Program.Depth = int64(c.Memory), int64(c.Steps), c.Depth
	l.Input = c.MaxInput
	return l
}

// endOldTasks ends the Tasks that have lived longer than any may.
func (h *House) endOldTasks(now time.Time) {
	most := h.live.Conf().Tasks.MaxLife
	if most == 0 {
		return
	}
	for _, r := range h.tasks.Rows() { // the oldest first
		if now.Sub(r.Started) <= most {
			return
		}
		h.log.Warn("task has lived too long and is ended", "kind", "task", "id", r.Task, "program", r.Program,
			"account", r.Owner, "since", r.Started, "limit", most)
		_ = h.KillTask(r.Task) // it may have ended by itself
	}
}

// person is an account as a Task sees it: by its address or by another name of it.
func (h *House) person(address string) (task.Person, bool) {
	a, ok := h.directory.Account(signal.AOR(strings.ToLower(address)))
	if !ok {
		return task.Person{}, false
	}
	p := task.Person{Address: string(a.AOR), Name: a.Display}
	if r, ok := h.directory.Record(a.AOR); ok {
		p.Language, p.Zone = preferred(r)
	}
	return p, true
}

// preferred are the language and the time zone of an account's preferences.
func preferred(r *account.Record) (language string, zone *time.Location) {
	v, err := object.Parse(r.Preferences)
	if err != nil || r.Preferences == "" {
		return "", nil
	}
	d := v.Dictionary()
	if name := d.GetFold("TimeZone").Text(); name != "" {
		if z, err := time.LoadLocation(name); err == nil {
			zone = z
		}
	}
	return strings.ToLower(d.GetFold("Language").Text()), zone
}

// challenge are the headers by which a 401 asks for a password of a domain.
func (h *House) challenge(domain string, r *signal.Request) signal.Headers {
	var out signal.Headers
	for _, v := range h.auth.Challenges(domain, r, false) {
		out = append(out, signal.Header{Name: "WWW-Authenticate", Value: v})
	}
	return out
}

// systemInfo is SystemInfo (reference cgpl.md 2.1); null for what it does not know. Beyond the ancestor, upTime is for
// how long the member has run, in microseconds, whatever becomes of the clock: for programs that measure.
func (h *House) systemInfo(what string) object.Value {
	switch strings.ToLower(what) {
	case "serverversion":
		return object.String(h.version)
	case "serveros":
		return object.String(runtime.GOOS)
	case "servercpu":
		return object.String(runtime.GOARCH)
	case "maindomainname", "licensedomainname":
		return object.String(h.live.Conf().Routing.Domain)
	case "starttime":
		return object.Date(h.started.Unix())
	case "uptime":
		return object.Number(time.Since(h.started).Microseconds())
	case "serverinstance":
		return object.String(h.member.Boot())
	case "clusterinstance":
		return object.String(h.instance)
	}
	return object.Null
}

// clusterInstance is the same on all members: it names the cluster without telling its secret.
func clusterInstance(secret []byte) string { return hex.EncodeToString(derive(secret, "instance")[:8]) }

// What others do with Tasks: commands, clients, pages.

// unusable is desk.ErrNoProgram whose text says why: the file is not found, its name is none, or it does not compile.
type unusable struct{ error }

func (unusable) Is(target error) bool { return target == desk.ErrNoProgram }

// StartTask starts a program in the name of an account, without a call. It gives the Task's handler.
func (h *House) StartTask(aor signal.AOR, program, entry string, parameter object.Value) (string, error) {
	a, ok := h.directory.Account(aor)
	if !ok {
		return "", errors.New(string(task.ErrNoAccount))
	}
	start := &msg.TaskStart{Program: program, Entry: entry, Account: string(a.AOR)}
	if !parameter.IsNull() {
		text, err := object.Writer{Limit: task.DefaultLimits.Text}.Write(parameter)
		if err != nil {
			return "", err
		}
		start.Parameter = text
	}
	module, err := h.environment.Program(a.AOR.Domain(), "", program)
	if err != nil {
		return "", unusable{err}
	}
	if !slices.ContainsFunc(module.Entries(), func(e string) bool { return strings.EqualFold(e, cmp.Or(entry, "main")) }) {
		return "", desk.ErrNoSection
	}
	pid, err := h.spawnTask(start)
	if err != nil {
		return "", err
	}
	return h.member.Handler(pid), nil
}

// taskRows are the living Tasks as pages show them, the oldest first.
func (h *House) taskRows() []web.Task {
	rows := h.tasks.Rows()
	out := make([]web.Task, len(rows))
	for i, r := range rows {
		out[i] = web.Task{Handler: r.Task, Program: r.Program, Account: r.Account, Owner: r.Owner,
			Mode: r.Mode, Waiting: r.Waiting, Where: r.Where, Party: r.Party, Leg: r.Leg, With: r.With,
			Parties: r.Parties, Call: r.Call, Since: r.Started, Member: h.member.Name(), Status: r.Status}
	}
	return out
}
