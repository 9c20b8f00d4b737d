package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"tandem/actors/ledger"
	"tandem/actors/msg"
	"tandem/signal"
	"tandem/web"
)

// bySomebody is the source of what is done by no phone, as a queue_log has it (reference queuelog.md 1.2).
const bySomebody = "MANAGER"

// maxMore is the longest time in seconds by which a wrap-up is made longer at once.
const maxMore = 3600

// ActOnAgent has an agent do something, and returns how he stands then.
func (d Agents) ActOnAgent(ctx context.Context, a web.AgentAct) (none web.Agent, err error) {
	def, c, err := d.Obey(ctx, a)
	if err != nil {
		return none, err
	}
	return eyesOf(d.Ledger, a.By).cut(def, d.row(def, d.now(ctx, a.Name, c))), nil
}

// Obey has an agent do something, whoever asks, by whatever way: it looks at the rights, says it to the agent's owner and
// writes down who acts on behalf of another one. It returns who he is, and what he has answered. A refusal is a
// *web.Error, and one of those in errors.go.
func (d Agents) Obey(ctx context.Context, a web.AgentAct) (*ledger.Agent, *msg.AgentChanged, error) {
	def, see, err := d.known(a.By, a.Name)
	if err != nil {
		return nil, nil, err
	}
	a.Source = cmp.Or(a.Source, bySomebody)
	word, err := d.wordOf(a, def, see)
	if err == nil {
		err = d.mayInAll(ctx, a, def, see)
	}
	if err != nil {
		return nil, nil, err
	}
	if !see.is(def) {
		d.Log.Info("somebody acts on behalf of an agent", "kind", "agent", "id", a.Name, "verb", a.Verb, "author", a.By.Name)
	}
	c, err := d.tell(ctx, a, word)
	return def, c, err
}

// known is an agent whom somebody may see, with what else he may.
func (d Agents) known(by web.Asker, name string) (*ledger.Agent, eyes, error) {
	def, ok := d.Agent(name)
	see := eyesOf(d.Ledger, by)
	if !ok || !see.leads(def) && !see.is(def) {
		return nil, see, noAgent(name)
	}
	return def, see, nil
}

// tell says one word to an agent's owner.
func (d Agents) tell(ctx context.Context, a web.AgentAct, word proto.Message) (*msg.AgentChanged, error) {
	answer, err := d.Member.Ask(ctx, "agent", a.Name, word, askWait)
	if err != nil {
		return nil, web.Unavailable("the owner of agent %s does not answer: %v; look how he stands before you try again", a.Name, err)
	}
	c, ok := answer.(*msg.AgentChanged)
	if !ok {
		return nil, errors.New("desk: an agent has answered something else")
	}
	return c, refusedOf(c.Refused, a)
}

// Find asks an agent's owner how he stands.
func (d Agents) Find(ctx context.Context, by web.Asker, name string) (*msg.AgentFound, error) {
	if _, _, err := d.known(by, name); err != nil {
		return nil, err
	}
	answer, err := d.Member.Ask(ctx, "agent", name, &msg.AgentFind{}, askWait)
	if err != nil {
		return nil, web.Unavailable("the owner of agent %s does not answer: %v", name, err)
	}
	found, ok := answer.(*msg.AgentFound)
	if !ok || found.Agent == nil {
		return nil, errors.New("desk: an agent has answered something else")
	}
	return found, refusedOf(found.Agent.Refused, web.AgentAct{Name: name})
}

// now is how an agent stands after what he has answered, with his devices, of which that does not tell.
func (d Agents) now(ctx context.Context, name string, c *msg.AgentChanged) web.Agent {
	answer, err := d.Member.Ask(ctx, "agent", name, &msg.AgentFind{}, askWait)
	found, ok := answer.(*msg.AgentFound)
	if err != nil || !ok || found.Agent == nil {
		return agentOf(c)
	}
	a := agentOf(found.Agent)
	a.Devices = append([]string{}, found.Devices...)
	return a
}

// wordOf is what the agent's actor is told.
func (d Agents) wordOf(a web.AgentAct, def *ledger.Agent, see eyes) (proto.Message, error) {
	if a.Queue != "" && !see.is(def) && !see.supervises(a.Queue) && a.Verb != "queues" { // who leads him by another queue
		return nil, noQueue(a.Queue)
	}
	switch a.Verb {
	case "login":
		return d.logOn(a, def, see)
	case "logout":
		return &msg.AgentLogOff{Source: a.Source}, nil
	case "pause":
		return &msg.AgentPause{Queue: a.Queue, Reason: clip(a.Reason), Source: a.Source}, nil
	case "resume":
		return &msg.AgentResume{Queue: a.Queue, Source: a.Source}, nil
	case "ready":
		return &msg.AgentResume{Source: a.Source}, nil
	case "reason":
		return &msg.AgentReason{Reason: clip(a.Reason), Source: a.Source}, nil
	case "wrapup":
		return &msg.AgentWrapUp{More: int64(max(0, min(a.Seconds, maxMore))) * 1000}, nil
	case "check":
		return &msg.AgentCheck{Source: a.Source}, nil
	case "queues":
		set, err := d.membership(a, see)
		if err != nil {
			return nil, err // and not a nil set
		}
		return set, nil
	}
	return nil, web.Invalid("an agent can be told: %s; not %s", strings.Join(web.AgentVerbs, ", "), clip(a.Verb))
}

// mayInAll refuses what concerns all queues of an agent to who leads him by some of them alone: those that are his by
// definition, and those that he has joined.
func (d Agents) mayInAll(ctx context.Context, a web.AgentAct, def *ledger.Agent, see eyes) error {
	one := a.Queue != "" && (a.Verb == "pause" || a.Verb == "resume")
	if one || see.whole(def) || !slices.Contains([]string{"logout", "pause", "resume", "ready"}, a.Verb) {
		return nil
	}
	found, err := d.Find(ctx, a.By, a.Name)
	if err != nil {
		return err
	}
	var queues []string
	for _, m := range def.Memberships {
		queues = append(queues, m.Queue)
	}
	for _, m := range found.Agent.Queues {
		queues = append(queues, m.Queue)
	}
	if !see.leadsAll(queues) {
		return noRight("agent %s works for queues that you do not supervise: name one of yours to pause him there", a.Name)
	}
	return nil
}

// logOn has him work at a device.
func (d Agents) logOn(a web.AgentAct, def *ledger.Agent, see eyes) (proto.Message, error) {
	device, err := d.deviceOf(a.Device, def, see)
	if err != nil {
		return nil, err
	}
	for _, q := range a.Queues {
		if !slices.ContainsFunc(def.Memberships, func(m ledger.Membership) bool { return m.Queue == q }) {
			return nil, noMember(a.Name, q)
		}
	}
	on := &msg.AgentLogOn{Device: string(device), Phone: "SIP/" + device.User(), HotDesk: a.HotDesk || string(device) != def.Account,
		Source: a.Source, Only: a.Queues}
	if a.Queue != "" {
		a.Add = true
		set, err := d.membership(a, see)
		if err != nil {
			return nil, err
		}
		on.Queues = []*msg.AgentMembership{set.Membership}
	}
	return on, nil
}

// deviceOf is the account at which he works: his own where none is named. Another one's, of his domain, he may take with
// that one's PIN only, which is asked for at the phone; or a supervisor gives it to him.
func (d Agents) deviceOf(name string, def *ledger.Agent, see eyes) (signal.AOR, error) {
	own := signal.AOR(def.Account)
	if name == "" {
		return own, nil
	}
	found, ok := d.Resolve(strings.ToLower(name), own.Domain())
	device := signal.AOR(found)
	switch {
	case !ok || device.Domain() != own.Domain() && !see.master:
		return "", noDevice(name)
	case device != own && !see.leads(def):
		return "", noRight("another one's device is taken at that phone, with its PIN, or by a supervisor")
	}
	return device, nil
}

// membership changes what he is to a queue, which a supervisor of that queue may.
func (d Agents) membership(a web.AgentAct, see eyes) (*msg.AgentSet, error) {
	if _, ok := d.Queue(a.Queue); !ok || !see.sees(a.Queue) {
		return nil, noQueue(a.Queue)
	}
	if !see.supervises(a.Queue) {
		return nil, noRight("who belongs to queue %s is said by its supervisors", a.Queue)
	}
	m := &msg.AgentMembership{Queue: a.Queue, Dynamic: a.Add, Paused: a.Add && a.Paused}
	set := &msg.AgentSet{Membership: m, Add: a.Add, Remove: a.Remove, Source: a.Source}
	if a.Penalty != nil {
		if *a.Penalty < 0 || *a.Penalty > maxPosition {
			return nil, web.Invalid("penalty %d is out of range: 0 to %d", *a.Penalty, maxPosition)
		}
		n := int32(*a.Penalty)
		if m.Penalty = n; !a.Add {
			set.Penalty = &n
		}
	}
	if a.RingInUse != nil {
		if m.RingInUse = *a.RingInUse; !a.Add {
			set.RingInUse = a.RingInUse
		}
	}
	return set, nil
}

// refusedOf says why an agent's actor has not done what it was told.
func refusedOf(why string, a web.AgentAct) error {
	switch why {
	case "":
		return nil
	case "UNKNOWN":
		return noAgent(a.Name)
	case "LOGGEDOUT":
		return about{web.Conflict("agent %s is logged out: log him on first", a.Name), ErrLoggedOut}
	case "NOMEMBER":
		return noMember(a.Name, a.Queue)
	case "CROWDED":
		return web.Conflict("agent %s has too many devices or queues", a.Name)
	}
	return web.Invalid("agent %s does not take that: %s", a.Name, why)
}
