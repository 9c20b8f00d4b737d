package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"tandem/actors/store"
	"tandem/signal"
)

// Queue says what a queue is like: JSON in the bucket of settings. Where app_queue has the same setting its name is the
// key (reference queuelog.md 4); what is left out stands at its default, see DefaultQueue.
type Queue struct {
	Name        string   `json:"name"`        // a word, the same in the whole cluster; queue_log has it
	Display     string   `json:"display"`     // name shown to people
	Numbers     []string `json:"numbers"`     // dialled, that lead to it in the main domain
	Application string   `json:"application"` // program that its callers hear, "queue#account": the queue's name becomes its first parameter
	Recording   bool     `json:"recording"`   // its conversations are recorded
	Target      int      `json:"target"`      // percent of callers who should be answered within the service level
	QueueEntry
	QueueChoice
	QueueTalk
	QueueMusic
}

// QueueEntry says who gets in, and how callers get out without an agent.
type QueueEntry struct {
	Closed         bool          `json:"closed"`         // nobody may enter; who is there stays
	MaxLen         int           `json:"maxlen"`         // callers that wait; 0: as many as a queue takes
	MaxStay        Span          `json:"max_stay"`       // how long a caller may stay; 0s: for ever
	JoinEmpty      string        `json:"joinempty"`      // conditions under which agents are not there for who enters
	LeaveWhenEmpty string        `json:"leavewhenempty"` // the same for who waits
	Exits          []QueueExit   `json:"exits"`          // keys that lead out
	Overflow       QueueOverflow `json:"overflow"`
	Callback       QueueCallback `json:"callback"`
}

// QueueExit is a key by which a caller leaves, and the address where it goes.
type QueueExit struct {
	Key string `json:"key"`
	To  string `json:"to"`
}

// QueueOverflow says when callers go on to another queue; the time that they have waited goes with them.
type QueueOverflow struct {
	Queue     string `json:"queue"`
	After     Span   `json:"after"`      // 0s: not by time
	WhenFull  bool   `json:"when_full"`  // who finds no room
	WhenEmpty bool   `json:"when_empty"` // for whom nobody is there
}

// QueueCallback says how callers are called back instead of waiting.
type QueueCallback struct {
	Key   string `json:"key"`   // by which a caller asks for it; "": it is not offered
	After Span   `json:"after"` // when it is offered
	Tries int    `json:"tries"` // until it is given up
	Again Span   `json:"again"` // from a call that failed to the next
	Ring  Span   `json:"ring"`  // how long the caller's phone rings
	Life  Span   `json:"life"`  // after which it is given up in any case
}

// QueueChoice says which agent gets which caller, and when.
type QueueChoice struct {
	Strategy            string        `json:"strategy"` // one of QueueStrategies
	Timeout             Span          `json:"timeout"`  // how long an agent is rung; 0s: until somebody gives up
	TimeoutPriority     string        `json:"timeoutpriority"`
	Retry               Span          `json:"retry"`        // how long an agent who did not answer is left alone
	CallerRests         bool          `json:"caller_rests"` // the caller waits as long as that too, which is what app_queue does
	Autofill            bool          `json:"autofill"`     // not only the first caller is served
	Weight              int           `json:"weight"`       // for agents of several queues: the heavier one goes first
	ForceLongest        string        `json:"force_longest_waiting_caller"`
	SharedLastCall      bool          `json:"shared_lastcall"`     // calls of other queues count for leastrecent and fewestcalls
	PenaltyMembersLimit int           `json:"penaltymemberslimit"` // with no more agents than this penalties do not count
	Rules               []PenaltyRule `json:"rules"`               // how bounds of penalties change while a caller waits
	Relax               []SkillStep   `json:"relax"`               // how wanted skills do
	Tiers               QueueTiers    `json:"tiers"`
}

// PenaltyRule changes the bounds of penalties once a caller has waited so long. A text is a number, "+" or "-" and a
// number for a change, or "" for none.
type PenaltyRule struct {
	After Span   `json:"after"`
	Max   string `json:"max"`
	Min   string `json:"min"`
	Raise string `json:"raise"`
}

// SkillStep lowers what callers want once they have waited so long.
type SkillStep struct {
	After Span   `json:"after"`
	Skill string `json:"skill"` // "": every skill
	By    int    `json:"by"`    // levels
}

// QueueTiers say when callers reach agents of higher levels (mod_callcenter's tier rules).
type QueueTiers struct {
	Apply         bool `json:"apply"`
	Wait          Span `json:"wait"`             // until the next level is reached
	Multiply      bool `json:"multiply"`         // level n is reached after n times that
	NoAgentNoWait bool `json:"no_agent_no_wait"` // levels at which nobody works are passed at once
}

// QueueTalk says what comes with a conversation.
type QueueTalk struct {
	WrapUpTime       Span   `json:"wrapuptime"`   // what an agent has to do after a call
	ServiceLevel     Span   `json:"servicelevel"` // a caller should be answered within
	Announce         string `json:"announce"`     // what an agent hears before the caller
	MemberDelay      Span   `json:"memberdelay"`  // from answer to conversation
	AutoPause        string `json:"autopause"`    // no, yes: in this queue, all: who is rung in vain
	AutoPauseBusy    bool   `json:"autopausebusy"`
	AutoPauseUnavail bool   `json:"autopauseunavail"`
	AutoPauseDelay   Span   `json:"autopausedelay"` // not so soon after his last call
}

// QueueMusic says what callers hear while they wait.
type QueueMusic struct {
	MusicClass        string   `json:"musicclass"`
	AnnounceFrequency Span     `json:"announce_frequency"` // position and expected wait; 0s: never
	AnnounceLeast     Span     `json:"min_announce_frequency"`
	AnnouncePosition  string   `json:"announce_position"` // yes, no, more: "more than" the limit beyond it
	PositionLimit     int      `json:"announce_position_limit"`
	PositionOnlyUp    bool     `json:"announce_position_only_up"`
	AnnounceHoldTime  string   `json:"announce_holdtime"` // yes, no, once
	RoundSeconds      int      `json:"announce_round_seconds"`
	Periodic          []string `json:"periodic_announce"` // texts or files, in turn
	PeriodicFrequency Span     `json:"periodic_announce_frequency"`
	PeriodicDelay     Span     `json:"periodic_announce_startdelay"`
	PeriodicRandom    bool     `json:"random_periodic_announce"`
	ToFirstUser       bool     `json:"announce_to_first_user"` // the first caller too hears all that
}

// DefaultQueue is a queue of which nothing was said but its name (reference queuelog.md 4.7).
func DefaultQueue(name string) Queue {
	return Queue{Name: name, Application: "queue#pbx", Target: 80,
		QueueEntry: QueueEntry{MaxStay: "0s",
			Overflow: QueueOverflow{After: "0s"},
			Callback: QueueCallback{After: "0s", Tries: 3, Again: "10m", Ring: "30s", Life: "24h"}},
		QueueChoice: QueueChoice{Strategy: "ringall", Timeout: "15s", TimeoutPriority: "app", Retry: "5s", Autofill: true,
			ForceLongest: "no", Tiers: QueueTiers{Wait: "0s"}},
		QueueTalk: QueueTalk{WrapUpTime: "0s", ServiceLevel: "20s", MemberDelay: "0s", AutoPause: "no", AutoPauseDelay: "0s"},
		QueueMusic: QueueMusic{AnnounceFrequency: "0s", AnnounceLeast: "15s", AnnouncePosition: "yes", PositionLimit: 10,
			AnnounceHoldTime: "yes", PeriodicFrequency: "1m", PeriodicDelay: "0s"},
	}
}

// decodeQueue reads what is kept of a queue.
func decodeQueue(name string, value []byte) (*Queue, error) {
	q := DefaultQueue(name)
	if err := json.Unmarshal(value, &q); err != nil {
		return nil, err
	}
	q.Name = name
	return &q, nil
}

// Queue is what a queue is like; nobody may change what is returned. False: there is no such queue.
func (l *Ledger) Queue(name string) (*Queue, bool) { q, _, ok := l.queues.get(name); return q, ok }

// QueueRevision is that with its revision.
func (l *Ledger) QueueRevision(name string) (*Queue, uint64, bool) { return l.queues.get(name) }

// QueueKept is what the store has of a queue: by whom it was changed last, and why.
func (l *Ledger) QueueKept(name string) (store.Entry, bool) { return l.queues.kept(name) }

// Queues are all queues, in the order of their names.
func (l *Ledger) Queues() []*Queue { return l.queues.all() }

// WatchQueues calls f with the name of each queue whose definition is changed, made or removed afterwards, by whatever
// member; Queue shows the change already. f must hand on and return, and must not write.
func (l *Ledger) WatchQueues(f func(name string)) (stop func()) { return l.queues.watch(f) }

// PutQueue makes or replaces a queue and returns its revision. A *Refusal names everything that is wrong with it. w.Expect,
// if there, is the revision that it must have, 0: it must not exist.
func (l *Ledger) PutQueue(ctx context.Context, q Queue, w store.Write) (uint64, error) {
	if err := l.checkQueue(&q); err != nil {
		return 0, err
	}
	if _, exists := l.Queue(q.Name); !exists && l.queues.count() >= l.Conf().Queues.MaxQueues {
		return 0, refuse(Conflict, "no further queue: queues.max_queues is reached")
	}
	if len(q.Numbers) > 0 { // of two queues that want one number on this member one gets it
		l.shelving.Lock()
		defer l.shelving.Unlock()
		if err := l.freeNumbers(&q); err != nil {
			return 0, err
		}
	}
	revision, err := l.queues.put(ctx, q.Name, q, w)
	if err == nil {
		l.obeyNumbers(q.Name)
	}
	return revision, err
}

// FoundQueue makes a queue at the first start of an installation, before there are calls. One that is there stays.
func (l *Ledger) FoundQueue(ctx context.Context, q Queue, w store.Write) error {
	if err := l.checkQueue(&q); err != nil {
		return err
	}
	w.Expect = new(uint64)
	_, err := l.queues.put(ctx, q.Name, q, w)
	return unlessThere(err)
}

// unlessThere forgives that something is there already.
func unlessThere(err error) error {
	var r *Refusal
	if errors.As(err, &r) && r.Verdict == Conflict {
		return nil
	}
	return err
}

// RemoveQueue ends a queue: its agents belong to it no more, and nobody can enter it.
func (l *Ledger) RemoveQueue(ctx context.Context, name string, w store.Write) error {
	if _, ok := l.Queue(name); !ok {
		return refuse(Absent, "there is no queue %q", name)
	}
	inQueue := func(m Membership) bool { return m.Queue == name }
	for _, a := range l.Agents() {
		if !slices.ContainsFunc(a.Memberships, inQueue) {
			continue
		}
		err := l.ChangeAgent(ctx, a.Name, store.Write{Author: w.Author, Reason: "its queue is removed: " + name}, func(a *Agent) error {
			a.Memberships = slices.DeleteFunc(a.Memberships, inQueue)
			return nil
		})
		if err != nil {
			return err
		}
	}
	err := l.queues.remove(ctx, name, w)
	if err == nil {
		l.obeyNumbers(name)
	}
	return err
}

// Program is the address of the program that callers of a queue reach.
func (q *Queue) Program(domain string) (signal.Program, error) {
	p, err := signal.ParseProgram(q.Application, signal.AOR("@"+domain))
	p.Params = slices.Concat([]string{q.Name}, p.Params)
	return p, err
}

// queueNumbers are the numbers of the queues, with the programs that they reach. Of two queues that claim one number the
// first in order has it, on every member.
func (l *Ledger) queueNumbers() (all []signal.Number) {
	for _, q := range l.Queues() {
		all = append(all, l.numbersOf(q)...)
	}
	return all
}

// numbersOf are those of one queue.
func (l *Ledger) numbersOf(q *Queue) (all []signal.Number) {
	if len(q.Numbers) == 0 {
		return nil
	}
	p, err := q.Program(l.Conf().Routing.Domain)
	if err != nil {
		return nil
	}
	for _, number := range q.Numbers {
		all = append(all, signal.Number{Match: number, Application: address(p)})
	}
	return all
}

// address is a program's address as a text.
func address(p signal.Program) string {
	u := p.URI()
	return u.User + "@" + u.Host
}

// obeyNumbers has calls let in by the numbers of a queue that has changed, where those are others than before. Most
// queues have none, and a thousand of them are made one after the other.
func (l *Ledger) obeyNumbers(name string) {
	l.numbering.Lock()
	defer l.numbering.Unlock()
	if l.noteNumbers(name) {
		l.Obey(l.Policy())
	}
}

// noteNumbers notes the numbers by which calls are let in to a queue, and tells whether they are others than before. The
// lock is held.
func (l *Ledger) noteNumbers(name string) bool {
	var now []signal.Number
	if q, ok := l.Queue(name); ok {
		now = l.numbersOf(q)
	}
	if slices.Equal(now, l.numbers[name]) {
		return false
	}
	if l.numbers == nil {
		l.numbers = map[string][]signal.Number{}
	}
	if l.numbers[name] = now; len(now) == 0 {
		delete(l.numbers, name)
	}
	return true
}

// followNumbers lets calls in by the numbers of all queues that there are.
func (l *Ledger) followNumbers() {
	l.numbering.Lock()
	defer l.numbering.Unlock()
	changed := false
	for _, q := range l.Queues() {
		changed = l.noteNumbers(q.Name) || changed
	}
	if changed {
		l.Obey(l.Policy())
	}
}

// freeNumbers refuses numbers that reach something else.
func (l *Ledger) freeNumbers(q *Queue) error {
	own, _ := l.Queue(q.Name)
	for _, number := range q.Numbers {
		if own != nil && slices.Contains(own.Numbers, number) {
			continue
		}
		for _, other := range l.Queues() {
			if other.Name != q.Name && slices.Contains(other.Numbers, number) {
				return refuse(Conflict, "%s is the number of queue %s already", number, other.Name)
			}
		}
		if l.Free(signal.NewAOR(number, l.Conf().Routing.Domain)) != nil {
			return refuse(Conflict, "%s is an account, another name or the number of an application already", number)
		}
	}
	return nil
}

// agentsFirst orders agents by their position in a queue, then by name.
func agentsFirst(queue string) func(a, b *Agent) int {
	return func(a, b *Agent) int {
		return cmp.Or(cmp.Compare(a.position(queue), b.position(queue)), strings.Compare(a.Name, b.Name))
	}
}

// AgentsOf are the agents that belong to a queue, in the order of their positions.
func (l *Ledger) AgentsOf(queue string) (all []*Agent) {
	for _, a := range l.Agents() {
		if slices.ContainsFunc(a.Memberships, func(m Membership) bool { return m.Queue == queue }) {
			all = append(all, a)
		}
	}
	slices.SortStableFunc(all, agentsFirst(queue))
	return all
}
