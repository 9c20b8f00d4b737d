package queuelog

import (
	"container/heap"
	"math/rand/v2"
	"strconv"
)

// log makes the lines of one server's queue_log, always the same: calls that come at an even pace day and night, of which
// seven in eight are answered, by agents who log on each day and pause now and then.
type log struct {
	partition string
	dice      *rand.Rand
	at, pace  float64 // seconds since 1970, and from one call to the next
	calls     int
	day       int64
	later     later
	made      int
}

const (
	begin          = 1_767_225_600 // 2026-01-01 00:00 UTC
	month          = 31 * 86400
	queues, agents = 12, 100
	linesOfCall    = 4.2 // about
)

// newLog begins the log of a partition that is to have so many lines in a month.
func newLog(partition string, lines int, seed uint64) *log {
	return &log{partition: partition, dice: rand.New(rand.NewPCG(seed, 8)), at: begin, pace: month / (float64(lines) / linesOfCall), day: -1}
}

// moment is a line that is due.
type moment struct {
	at    int64
	order int
	text  string
}

type later []moment

func (l later) Len() int { return len(l) }
func (l later) Less(i, j int) bool {
	return l[i].at < l[j].at || l[i].at == l[j].at && l[i].order < l[j].order
}
func (l later) Swap(i, j int) { l[i], l[j] = l[j], l[i] }
func (l *later) Push(m any)   { *l = append(*l, m.(moment)) }
func (l *later) Pop() any {
	m := (*l)[len(*l)-1]
	*l = (*l)[:len(*l)-1]
	return m
}

func (l *log) due(at int64, text string) {
	l.made++
	heap.Push(&l.later, moment{at, l.made, strconv.FormatInt(at, 10) + "|" + text})
}

// next is the next line.
func (l *log) next() string {
	for len(l.later) == 0 || float64(l.later[0].at) >= l.at {
		l.call()
	}
	return heap.Pop(&l.later).(moment).text
}

// call lets a caller come.
func (l *log) call() {
	at := int64(l.at)
	if day := at / 86400; day != l.day {
		l.day = day
		l.workday(day * 86400)
	}
	l.calls++
	id := l.partition + "-" + strconv.FormatInt(at, 10) + "." + strconv.Itoa(l.calls)
	queue := "queue-" + strconv.Itoa(l.dice.IntN(queues))
	head := id + "|" + queue + "|"
	l.due(at, head+"NONE|ENTERQUEUE||0"+strconv.Itoa(100000000+l.dice.IntN(900000000))+"|1")
	wait := l.dice.Int64N(20) + l.dice.Int64N(40)
	for l.dice.IntN(3) == 0 {
		l.due(at+l.dice.Int64N(wait+1), head+l.agent()+"|RINGNOANSWER|"+strconv.Itoa(1000*l.dice.IntN(15)))
	}
	if l.dice.IntN(8) == 0 {
		l.due(at+wait, head+"NONE|ABANDON|1|1|"+strconv.FormatInt(wait, 10))
	} else {
		agent, talk := l.agent(), 30+l.dice.Int64N(300)
		l.due(at+wait, head+agent+"|CONNECT|"+strconv.FormatInt(wait, 10)+"|"+id+"1|"+strconv.Itoa(l.dice.IntN(8)))
		verb := [...]string{"COMPLETECALLER", "COMPLETEAGENT"}[l.dice.IntN(2)]
		l.due(at+wait+talk, head+agent+"|"+verb+"|"+strconv.FormatInt(wait, 10)+"|"+strconv.FormatInt(talk, 10)+"|1")
	}
	l.at += l.pace
}

func (l *log) agent() string { return "Agent/" + strconv.Itoa(100+l.dice.IntN(agents)) }

// workday lets agents log on and off, and pause in between.
func (l *log) workday(midnight int64) {
	for n := range agents {
		agent := "Agent/" + strconv.Itoa(100+n)
		begins := midnight + 3600 + l.dice.Int64N(3600)
		for _, queue := range []string{"queue-" + strconv.Itoa(n%queues), "queue-" + strconv.Itoa((n+5)%queues)} {
			l.due(begins, "MANAGER|"+queue+"|"+agent+"|ADDMEMBER|")
			l.due(begins+10*3600, "MANAGER|"+queue+"|"+agent+"|REMOVEMEMBER|")
		}
		for pause := range int64(5) {
			at := begins + 3600*(1+pause) + l.dice.Int64N(1800)
			l.due(at, "NONE|NONE|"+agent+"|PAUSEALL|tea")
			l.due(at+600, "NONE|NONE|"+agent+"|UNPAUSEALL|tea")
		}
	}
}
