package queuelog

import (
	"slices"
	"time"

	"tandem/actors/msg"
)

// visited adds what a job has done to what is shown of its load.
func (p *Partition) visited(j *job) {
	a := j.answer
	var v *msg.PartitionVisit
	if s := j.session; s != nil {
		v = s.visit
	}
	if v == nil {
		if len(j.all) == 0 && a.Refusal == "" || a.Refusal == Position || a.Refusal == Busy {
			return // a beginning, a sign of life, or a loader that will find its place
		}
		v = &msg.PartitionVisit{Writer: j.load.Writer.Name, File: j.load.File, BeginMs: p.now.UnixMilli()}
		if p.visits = append(p.visits, v); len(p.visits) > maxVisits {
			p.visits = p.visits[1:]
		}
		if j.session != nil {
			j.session.visit = v
		}
	}
	v.LastMs, v.Refusal = p.now.UnixMilli(), a.Refusal
	v.Added += a.Added
	v.Present += a.Present
	v.Malformed += a.Malformed
	v.Late += a.Late
}

// Find shows how the partition stands, as far as it is known.
func (p *Partition) Find(now time.Time) *msg.PartitionFound {
	f := p.follower
	out := &msg.PartitionFound{Refused: f.refused, RefusedMs: millis(f.at), HeardMs: millis(f.heard), Offset: f.offset, Size: f.size,
		AheadMs: f.ahead.Milliseconds()}
	if f.lives(now) {
		out.Writer = f.who
	}
	if h := p.head; h != nil {
		out.Lines, out.High, out.Malformed, out.First, out.Note = h.Lines, h.High, h.Note.GetMalformed(), h.Note.GetFirst(), h.Note
	}
	for _, v := range slices.Backward(p.visits) {
		out.Visits = append(out.Visits, v)
	}
	return out
}

// Busy tells whether something is under way or somebody follows.
func (p *Partition) Busy(now time.Time) bool { return len(p.jobs) > 0 || p.follower.lives(now) }

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Wake wants what is needed to show how the partition stands. Our own lines come behind the machine's back.
func (p *Partition) Wake() []Effect {
	if p.looking || p.head != nil && p.head.Note.GetWriter() != OwnWriter {
		return nil
	}
	p.looking = true
	return []Effect{Look{}}
}

// Awake tells whether nothing is waited for that Find would need: the store may have failed.
func (p *Partition) Awake() bool { return !p.looking }

// Head is the newest piece that is known.
func (p *Partition) Head() Head {
	if p.head == nil {
		return Head{}
	}
	return *p.head
}
