package report

import (
	"maps"

	"tandem/actors/queuelog/line"
)

// Fold makes stints, sessions and pauses of the lines of one partition, in the order of its file.
type Fold struct {
	partition string
	callsOnly bool
	names     *namer
	sink      Sink
	words     map[string]string // queues, reasons: one copy of each
	near      recents

	open   map[string]*Stint // by call; those of one call are chained
	stays  int               // how many are open
	line   []*Stint          // open ones, oldest first; those that have ended meanwhile are passed over
	agents map[string]*presence

	row   line.Row                // that is being read
	heard func(*line.Row, []byte) // is called after each line; nil: nobody listens
	free  []*Stint                // to be used again

	now      int64 // time of the last line
	lines    int64
	bad      int64
	restarts []int64
	other    map[string]int64
}

// NewFold begins a partition. callsOnly: sessions and pauses are not followed.
func NewFold(p Part, s Source, n Names, sink Sink) *Fold {
	prefix := ""
	if s.Rewrite {
		prefix = p.Name
	}
	return &Fold{partition: p.Name, callsOnly: p.CallsOnly, names: newNamer(n, prefix), sink: sink, words: map[string]string{},
		open: map[string]*Stint{}, agents: map[string]*presence{}, other: map[string]int64{}}
}

// Line takes the next line as it stands in the file. Blank ones are none; what can not be read is counted, and false.
func (f *Fold) Line(text []byte) bool {
	if blank(text) {
		return true
	}
	f.lines++
	if !f.row.Read(text) {
		f.bad++
		return false
	}
	f.Row(&f.row)
	if f.heard != nil {
		f.heard(&f.row, text)
	}
	return true
}

func blank(text []byte) bool {
	for _, c := range text {
		if c > ' ' {
			return false
		}
	}
	return true
}

// Row takes the next line.
func (f *Fold) Row(r *line.Row) {
	f.now = r.At
	if f.callRow(r) || f.agentRow(r) {
		return
	}
	switch string(r.Verb) {
	case "QUEUESTART":
		f.restart(r.At)
	default:
		f.note(r)
		f.count(string(r.Verb))
	}
}

// count counts what has no other meaning here.
func (f *Fold) count(what string) {
	if _, known := f.other[what]; !known && len(f.other) >= maxVerbs {
		what = "others"
	}
	f.other[what]++
}

// restart: the server of this partition was started again, so all that was open there is gone.
func (f *Fold) restart(at int64) {
	if len(f.restarts) >= maxRestarts {
		f.restarts = f.restarts[1:]
	}
	f.restarts = append(f.restarts, at)
	for _, s := range f.line {
		if f.isOpen(s) {
			f.cut(s, at, Restart)
		}
	}
	clear(f.line)
	f.line = f.line[:0]
	f.leaveAll(at, Restart)
}

// cut ends a stint that no line ends. How long was talked is not known then.
func (f *Fold) cut(s *Stint, at int64, cause string) {
	switch {
	case s.State == Talking:
		s.Talk = Unknown
	case s.dumped && cause == Restart:
		cause = AgentDump
		fallthrough
	default:
		s.Wait = at - s.Enter
	}
	f.ended(s, at, cause)
}

// word gives one copy of a name.
func (f *Fold) word(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	near := f.near.of(b)
	if near.raw == string(b) {
		return near.raw
	}
	w, ok := f.words[string(b)]
	if !ok {
		w = string(b)
		if len(f.words) < maxNames {
			f.words[w] = w
		}
	}
	*near = recent{w, w}
	return w
}

// recents are names that were looked up lately: nearly all lines have few queues, agents and verbs among them, and a look at
// one place is quicker than a map.
type recents [512]recent

type recent struct{ raw, name string }

// of is the place of a name, which another one may have now. It is not empty.
func (r *recents) of(b []byte) *recent {
	place := uint(len(b))
	for _, c := range b[max(0, len(b)-5):] {
		place = 31*place + uint(c)
	}
	return &r[place%uint(len(r))]
}

// Open hands what is open to a sink as it would be if nothing came any more: who waits is Waiting, who talks is Talking,
// sessions and pauses go on to the last line. The Fold goes on as if it had not been asked.
func (f *Fold) Open(sink Sink) {
	for _, s := range f.line {
		if f.isOpen(s) {
			shown := *s
			if shown.dumped && shown.State == Waiting {
				shown.Wait = f.now - shown.Enter
				shown.end(f.now, AgentDump)
			}
			sink.Stint(&shown)
		}
	}
	for name, p := range f.agents {
		p.show(f, name, sink)
	}
}

// Read is what was read of a partition.
type Read struct {
	Partition string
	Last      int64 // time of the last line
	Lines     int64
	Malformed int64
	Restarts  []int64
	Other     map[string]int64 // lines that are no part of a call, session or pause, by verb
}

// Read tells what was read so far.
func (f *Fold) Read() Read {
	return Read{f.partition, f.now, f.lines, f.bad, append([]int64{}, f.restarts...), maps.Clone(f.other)}
}
