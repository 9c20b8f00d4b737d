package script

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/actors/pbx/meeting"
	"tandem/actors/pbx/task"
	"tandem/ximss/object"
)

// Stage is what a script is played on.
type Stage struct {
	Program *cgpl.Module
	Name    string                                                                   // of the program
	Load    func(language, name string) (*cgpl.Module, error)                        // nil: there are no other modules
	Sound   func(language, name string) (path string, length time.Duration, ok bool) // nil: every sound is there, of a second
	Service func(name string, args []object.Value) (object.Value, bool)              // nil or false: the script says what a service answers
	Account string                                                                   // in whose name the program runs
	Now     time.Time
	Log     *slog.Logger
}

// Player plays one script: give its lines to Do.
type Player struct {
	stage   Stage
	now     time.Time
	out     []string
	tasks   []*played
	hall    *meeting.Hall
	given   map[string]object.Value
	next    map[string][]object.Value
	fails   map[string][]int
	alarms  []alarm
	serial  int
	steps   int                                 // of the present line
	lag     time.Duration                       // until others answer, and hear each other
	flying  int                                 // answers and messages that have not come
	gone    map[string]bool                     // who is no more, of those that are not played
	witness func(t *played, effect task.Effect) // nil: nobody looks on
}

// Limits of a stage: a program that makes Tasks or noise without end is stopped.
const (
	mostTasks  = 1000
	mostSteps  = 100_000 // effects and alarms of one line
	longestRun = 20 * 365 * 24 * time.Hour
)

// alarm is something that the clock will bring.
type alarm struct {
	at   time.Time
	name any // a later one of the same name replaces it
	ring func()
}

// played is one Task on the stage.
type played struct {
	*Player
	number int
	task   *task.Task
	over   bool
	leg    string
	sounds map[uint64]playing

	partner  string // whom its leg was joined with last
	asked    uint64 // the ticket of its last StartBridge or StartTransfer
	askedOf  string // whom it asked
	transfer bool
	watches  map[string]bool // whose end it is told

	queued, caller string                       // the queue that it is in, and the name of its caller there
	place          int                          // how often it was placed
	offers         map[string]*msg.QueueOfferID // by agent
}

// playing is a sound or a recording under way.
type playing struct {
	by    string // the leg or the mixer that does it
	from  time.Time
	at    int64 // ms at the beginning
	turn  int64 // ms of one turn, 0 when it has no end
	limit int64 // ms in all, 0 when it has none
}

// New makes a player.
func New(s Stage) *Player {
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	return &Player{stage: s, now: s.Now, hall: meeting.NewHall(), given: map[string]object.Value{},
		next: map[string][]object.Value{}, fails: map[string][]int{}, gone: map[string]bool{}}
}

// Do plays one line and returns what it brought about.
func (p *Player) Do(line string) []string {
	p.out, p.steps = nil, 0
	if err := p.line(line); err != nil {
		p.say("script: %v", err)
	}
	return p.out
}

// Over tells whether all Tasks have ended, and there was one.
func (p *Player) Over() bool {
	return len(p.tasks) > 0 && !slices.ContainsFunc(p.tasks, func(t *played) bool { return !t.over })
}

func (p *Player) say(format string, args ...any) { p.out = append(p.out, fmt.Sprintf(format, args...)) }

// say of a Task names it, unless it is the first.
func (t *played) say(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if t.number > 1 {
		line = fmt.Sprintf("@%d %s", t.number, line)
	}
	t.out = append(t.out, line)
}

// line finds whom an event is for and what it is.
func (p *Player) line(line string) error {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return nil
	}
	number := 1
	if line[0] == '@' {
		head, rest, _ := strings.Cut(line[1:], " ")
		n, err := strconv.Atoi(head)
		if err != nil {
			return fmt.Errorf("%q is no number of a task", head)
		}
		number, line = n, strings.TrimSpace(rest)
	}
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	if do, ok := stageEvents[word]; ok {
		return do(p, rest)
	}
	do, ok := taskEvents[word]
	if !ok {
		return fmt.Errorf("no such event: %q", word)
	}
	if number < 1 || number > len(p.tasks) {
		return fmt.Errorf("there is no task %d", number)
	}
	t := p.tasks[number-1]
	if t.over {
		return fmt.Errorf("task %d has ended", number)
	}
	if err := do(t, rest); err != nil {
		return err
	}
	p.settle()
	return nil
}

// start makes a Task and runs it.
func (p *Player) start(m *msg.TaskStart, leg string) *played {
	t := &played{Player: p, number: len(p.tasks) + 1, leg: leg, sounds: map[uint64]playing{},
		watches: map[string]bool{}, offers: map[string]*msg.QueueOfferID{}}
	p.tasks = append(p.tasks, t)
	t.task = task.New(m, leg, p.stage.Program, t, task.DefaultLimits, slog.New(ear{p.stage.Log.Handler(), t}))
	t.task.Start(p.now)
	p.settle()
	return t
}

// settle does what all Tasks want, until none wants more and nothing is due.
func (p *Player) settle() {
	for again := true; again && p.steps < mostSteps; {
		again = false
		for i := 0; i < len(p.tasks); i++ { // what one does may start others
			t := p.tasks[i]
			for _, e := range t.task.Effects() {
				if p.steps++; p.witness != nil {
					p.witness(t, e)
				}
				t.effect(e)
				again = true
			}
		}
		if !again && len(p.alarms) > 0 && !p.alarms[0].at.After(p.now) {
			p.ring()
			again = true
		}
	}
}

// ring has the next thing happen that the clock brings.
func (p *Player) ring() {
	a := p.alarms[0]
	p.alarms = p.alarms[1:]
	p.steps++
	a.ring()
}

// later has others answer, and hear each other: at once, or after the lag, in order.
func (t *played) later(arrive func()) {
	p := t.Player
	if p.lag == 0 {
		arrive()
		return
	}
	p.flying++
	p.at(new(int), p.lag, func() { // a name of its own
		if p.flying--; !t.over {
			arrive()
		}
	})
}

// reply is what a phone answers, or what one Task sends another: never before the present one has done.
func (t *played) reply(name any, arrive func()) {
	if t.lag == 0 {
		t.at(name, 0, arrive)
		return
	}
	t.later(arrive)
}

// at has something happen when the clock gets there.
func (p *Player) at(name any, after time.Duration, ring func()) {
	p.cancel(name)
	a := alarm{p.now.Add(after), name, ring}
	i := slices.IndexFunc(p.alarms, func(b alarm) bool { return b.at.After(a.at) })
	if i < 0 {
		i = len(p.alarms)
	}
	p.alarms = slices.Insert(p.alarms, i, a)
}

func (p *Player) cancel(name any) {
	p.alarms = slices.DeleteFunc(p.alarms, func(a alarm) bool { return a.name == name })
}

// wait lets the clock go on.
func (p *Player) wait(d time.Duration) error {
	if d < 0 || d > longestRun {
		return fmt.Errorf("wait: the clock can not go on by %v", d)
	}
	end := p.now.Add(d)
	for len(p.alarms) > 0 && !p.alarms[0].at.After(end) {
		if p.steps >= mostSteps {
			return fmt.Errorf("wait: after %v too much has happened", d-end.Sub(p.now))
		}
		p.now = p.alarms[0].at
		p.ring()
		p.settle()
	}
	p.now = end
	return nil
}

// name is the handler of a Task on the stage.
func (t *played) name() string { return "task" + strconv.Itoa(t.number) }

// find is the Task of a handler that is on the stage and lives.
func (p *Player) find(handler string) *played {
	for _, t := range p.tasks {
		if t.name() == handler && !t.over {
			return t
		}
	}
	return nil
}

// ended tells that a Task is no more: the keeper of meetings, and who watches it.
func (t *played) ended() {
	if t.over {
		return
	}
	t.over = true
	t.hall.Gone(t.name())
	for _, w := range t.watchers(t.name()) {
		w.later(func() { w.task.Gone(t.name(), w.now) })
	}
}

// watchers are those who are to be told, once, that an actor is no more.
func (p *Player) watchers(handler string) (out []*played) {
	for _, t := range p.tasks {
		if t.watches[handler] && !t.over {
			delete(t.watches, handler)
			out = append(out, t)
		}
	}
	return out
}

// watched: the Task wants to be told of the end of an actor; of one that is no more it is told at once.
func (t *played) watched(handler string) {
	number, isTask := strings.CutPrefix(handler, "task")
	n, err := strconv.Atoi(number)
	if t.gone[handler] || isTask && err == nil && n > 0 && n <= len(t.tasks) && t.find(handler) == nil {
		t.later(func() { t.task.Gone(handler, t.now) })
		return
	}
	t.watches[handler] = true
}
