package queue

import "time"

// Counters are what a queue counts since its owner began, as app_queue does (reference queuelog.md 4.6).
type Counters struct {
	Hold, Talk               time.Duration // smoothed: three parts old, one part new
	Answered, Completed      int
	AnsweredInTime           int // within the service level
	Abandoned                int // left without an answer, for any reason
	AbandonedInTime, Refused int
}

func (n *Counters) answered(waited, level time.Duration) {
	if n.Answered+n.Abandoned == 0 {
		n.Hold = waited
	} else {
		n.Hold = (3*n.Hold + waited) >> 2
	}
	n.Answered++
	if waited <= level {
		n.AnsweredInTime++
	}
}

func (n *Counters) completed(talked time.Duration) {
	if n.Completed == 0 {
		n.Talk = talked
	} else {
		n.Talk = (3*n.Talk + talked) >> 2
	}
	n.Completed++
}

func (n *Counters) lost(waited, level time.Duration) {
	n.Abandoned++
	if waited <= level {
		n.AbandonedInTime++
	}
}
