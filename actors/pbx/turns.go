package pbx

import (
	"runtime"
	"sync"
)

// turns says whose program runs. Few run at once, so that calls, which do not ask here, go on beside any number
// of programs; and where more would run, each account has its turn before one has a second, so that what one
// account's Tasks do is not felt by those of another. The zero turns is ready.
type turns struct {
	lanes [2]lane
}

// pace is how a program ran the last time, which is how it is taken to run the next time.
type pace int

// The paces.
const (
	brief pace = iota // it came to a function that waits
	long              // it used up its slice
)

// atOnce is how many programs run at once: of the long ones one less than there are processors, if there are
// several, so that one is left for calls. The brief ones have done before many can be there, unless there are so
// many that they would keep all others waiting.
var atOnce = [...]int{brief: 16 * runtime.GOMAXPROCS(0), long: max(1, runtime.GOMAXPROCS(0)-1)}

// lane are the programs of one pace.
type lane struct {
	mu      sync.Mutex
	running int
	lines   map[string]*line // by account: who waits
	next    []*line          // of the accounts in lines, in the order of their turns
}

// line are the Tasks of one account that wait, the first first.
type line struct {
	account string
	waiting []chan struct{}
}

// take waits for a turn of an account. Whoever has one must give it back, and take no second one.
func (t *turns) take(account string, p pace) {
	if wait := t.lanes[p].enter(account, atOnce[p]); wait != nil {
		<-wait
	}
}

// give gives a turn back: the next one has it.
func (t *turns) give(p pace) { t.lanes[p].leave() }

// enter lets a Task in at once, or gives what it must wait for.
func (l *lane) enter(account string, most int) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running < most {
		l.running++
		return nil
	}
	mine := l.lines[account]
	if mine == nil {
		if l.lines == nil {
			l.lines = map[string]*line{}
		}
		mine = &line{account: account}
		l.lines[account] = mine
		l.next = append(l.next, mine)
	}
	turn := make(chan struct{})
	mine.waiting = append(mine.waiting, turn)
	return turn
}

func (l *lane) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.next) == 0 {
		l.running--
		return
	}
	first := l.next[0]
	l.next = l.next[1:]
	close(first.waiting[0])
	if first.waiting = first.waiting[1:]; len(first.waiting) > 0 {
		l.next = append(l.next, first)
		return
	}
	delete(l.lines, first.account)
}
