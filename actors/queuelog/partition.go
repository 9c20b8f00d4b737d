package queuelog

import (
	"math"
	"time"

	"tandem/actors/msg"
)

// Partition is the machine of one partition: it has one job under way, and the others wait.
type Partition struct {
	head     *Head // nil: not known
	looking  bool
	now      time.Time
	jobs     []*job // the first one is under way
	sessions map[string]*session
	visits   []*msg.PartitionVisit // the oldest first
	follower follower
}

// job is what was asked.
type job struct {
	ask     uint64
	load    *msg.PartitionLoad // of a row: made of it
	row     bool
	session *session
	all     []entry
	fresh   []entry
	answer  *msg.PartitionLoaded
	step    step
}

// step says how far a job has come.
type step int

// The steps of a job.
const (
	waits    step = iota // for jobs in front of it, or for the newest piece
	compares             // for the lines that are there
	appends              // for its piece to be written
)

// New is a partition of which nothing is known yet.
func New() *Partition { return &Partition{sessions: map[string]*session{}} }

// Load takes lines that are offered.
func (p *Partition) Load(ask uint64, l *msg.PartitionLoad, now time.Time) []Effect {
	return p.take(&job{ask: ask, load: l}, now)
}

// Row takes one line of a loader that knows no position.
func (p *Partition) Row(ask uint64, r *msg.PartitionRow, now time.Time) []Effect {
	return p.take(&job{ask: ask, row: true, load: &msg.PartitionLoad{Writer: r.Writer, Text: r.Line, Late: true}}, now)
}

// Mark begins the session of such a loader anew.
func (p *Partition) Mark(ask uint64, m *msg.PartitionMark, now time.Time) []Effect {
	return p.take(&job{ask: ask, row: true, load: &msg.PartitionLoad{Writer: m.Writer, Late: true}}, now)
}

func (p *Partition) take(j *job, now time.Time) []Effect {
	p.now = now
	if j.load.Writer == nil {
		j.load.Writer = &msg.PartitionWriter{}
	}
	j.answer = &msg.PartitionLoaded{}
	if len(p.jobs) >= maxJobs {
		return []Effect{p.refuse(j, Busy, "too many have something for this partition: try again in a moment")}
	}
	p.jobs = append(p.jobs, j)
	return p.advance()
}

// advance does what can be done without the store.
func (p *Partition) advance() (out []Effect) {
	for len(p.jobs) > 0 && p.jobs[0].step == waits {
		if p.head == nil {
			if p.looking {
				return out
			}
			p.looking = true
			return append(out, Look{})
		}
		j := p.jobs[0]
		e := p.begin(j)
		out = append(out, e)
		if _, answered := e.(Answer); answered {
			p.jobs = p.jobs[1:]
		}
	}
	return out
}

// Looked is told the newest piece, or why it is not known.
func (p *Partition) Looked(h Head, failed Failure, now time.Time) []Effect {
	p.now, p.looking = now, false
	if failed.Word == "" {
		p.head = &h
		return p.advance()
	}
	var out []Effect
	for _, j := range p.jobs {
		out = append(out, p.refuse(j, failed.Word, failed.Why))
	}
	p.jobs = nil
	return out
}

// begin looks at a job that is the first one. Its answer may be known, or the store has to be asked.
func (p *Partition) begin(j *job) Effect {
	if e := p.admit(j); e != nil {
		return *e
	}
	if j.session = p.sessionOf(j); j.session == nil {
		return p.refuse(j, Position, "that is not where the partition is: go on there, or begin the file again")
	}
	j.all = entries(j.load.Text, j.session.before)
	if len(j.all) == 0 {
		return p.done(j)
	}
	far := farFrom(p.now)
	if low, high := span(j.all, far, j.session.near); j.session.compares && low <= p.head.High {
		j.step = compares
		return Compare{low, high, soughtOf(j.all)}
	}
	return p.decide(j, counts{})
}

// Compared is told how often the lines in question are there.
func (p *Partition) Compared(sought *Sought, failed Failure, now time.Time) []Effect {
	p.now = now
	j := p.jobs[0]
	var e Effect
	if failed.Word != "" {
		e = p.refuse(j, failed.Word, failed.Why) // nothing was counted: the loader can say the same again
	} else {
		e = p.decide(j, sought.n)
	}
	return p.went(e)
}

// went goes on when the first job has gone on: an answer ends it.
func (p *Partition) went(e Effect) []Effect {
	if _, answered := e.(Answer); !answered {
		return []Effect{e}
	}
	p.jobs = p.jobs[1:]
	return append([]Effect{e}, p.advance()...)
}

// decide finds what is new, and wants it written.
func (p *Partition) decide(j *job, stored counts) Effect {
	s := j.session
	j.fresh = s.take(j.all, stored)
	late := uint64(0)
	for _, e := range j.fresh {
		if e.at >= p.head.High {
			continue
		}
		late++
		if s.compares && !j.load.Late && !e.bad && e.at < p.head.High-muchLater {
			p.forget(s)
			return p.refuse(j, Late, "line "+string(clip(e.text))+" is more than an hour older than the last line of the partition, and new: "+
				"load the oldest file first, or say that late lines are wanted")
		}
	}
	j.answer.Late = late
	j.answer.Added, j.answer.Present = uint64(len(j.fresh)), uint64(len(j.all)-len(j.fresh))
	if len(j.fresh) == 0 {
		return p.done(j)
	}
	j.step = appends
	return Append{p.piece(j), p.head.Sequence}
}

// piece is what is written of a job.
func (p *Partition) piece(j *job) Piece {
	note := &msg.PartitionNote{Writer: j.load.Writer.Name, File: j.load.File, Offset: j.load.To, Hash: HashOf(j.all[len(j.all)-1].text)}
	out := p.head.piece(j.fresh, note, farFrom(p.now))
	j.answer.Malformed = note.Malformed - p.head.Note.GetMalformed()
	return out
}

// piece has new lines, of which there is one at least, behind a head. The note gets what is counted over all. What is
// beyond far is where the partition was before.
func (h *Head) piece(fresh []entry, note *msg.PartitionNote, far int64) Piece {
	out := Piece{From: h.Lines, Before: h.Before, Late: h.Late, Low: math.MaxInt64, High: h.High, Note: note}
	note.Malformed, note.First = h.Note.GetMalformed(), h.Note.GetFirst()
	before := h.Before
	for _, e := range fresh {
		out.Lines = append(out.Lines, e.text)
		if e.bad {
			note.Malformed++
		} else {
			before = e.at
		}
		if before > far {
			out.Low = min(out.Low, h.High)
			continue
		}
		out.Low = min(out.Low, before)
		if !e.bad {
			out.High = max(out.High, e.at)
			if note.First == 0 || e.at < note.First {
				note.First = e.at
			}
		}
	}
	note.Late = out.Low < h.High
	return out
}

// Appended is told what became of the piece.
func (p *Partition) Appended(piece Piece, sequence uint64, failed Failure, now time.Time) []Effect {
	p.now = now
	j := p.jobs[0]
	if failed.Word != "" {
		p.forget(j.session) // it has counted what is not there
		p.head = nil        // and it is not known what is
		return p.went(p.refuse(j, failed.Word, failed.Why))
	}
	p.head = headOf(piece, sequence)
	return p.went(p.done(j))
}

// headOf is a partition behind a piece.
func headOf(piece Piece, sequence uint64) *Head {
	h := &Head{Sequence: sequence, Lines: piece.From + uint64(len(piece.Lines)), Before: piece.Before, High: piece.High,
		Late: piece.Late, Note: piece.Note}
	for _, text := range piece.Lines {
		if all := entries(text, h.Before); len(all) > 0 {
			h.Before = all[0].at
		}
	}
	if piece.Note.GetLate() {
		h.Late = sequence
	}
	return h
}

// HeadOf is a partition whose newest piece was read.
func HeadOf(piece Piece, sequence uint64) Head { return *headOf(piece, sequence) }

// done answers a job that is taken.
func (p *Partition) done(j *job) Answer {
	s := j.session
	s.file, s.piece, s.heard = j.load.File, p.head.Sequence, p.now
	s.passed(j.all, j.load.To, farFrom(p.now))
	p.visited(j)
	return p.reply(j)
}

// refuse answers a job that is not.
func (p *Partition) refuse(j *job, word, why string) Answer {
	j.answer.Refusal, j.answer.Why = word, why
	j.answer.Added, j.answer.Present, j.answer.Malformed, j.answer.Late = 0, 0, 0, 0
	p.visited(j)
	return p.reply(j)
}

// reply says where the partition is, to a loader by its own session if it has one.
func (p *Partition) reply(j *job) Answer {
	a := j.answer
	if p.head != nil {
		note := p.head.Note
		a.Lines, a.High = p.head.Lines, p.head.High
		a.File, a.Offset, a.Hash = note.GetFile(), note.GetOffset(), note.GetHash()
	}
	if s := p.sessions[key(j)]; s != nil && p.head != nil && (s.compares || s.piece == p.head.Sequence) {
		a.File, a.Offset, a.Hash = s.file, s.offset, s.hash
	}
	return Answer{j.ask, a}
}

// clip is the beginning of a line, as it is shown.
func clip(text []byte) []byte { return text[:min(len(text), 60)] }
