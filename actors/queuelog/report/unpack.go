package report

import "encoding/binary"

// taker takes what a packed Roll has, one after the other: a report over hours reads many of them, and has no use for the
// Rolls. A cell and intervals are good until it returns.
type taker interface {
	begin(coarse bool)
	cell(queue, agent string, c *cell)
	attempt(Attempt)
	session(agent string, all []Interval)
	pause(queue, agent string, all []Interval)
}

// unpack takes a packed Roll apart. The error is ErrRoll; some of it may have been taken then.
func unpack(text []byte, to taker) error {
	u := &unpacker{in: text}
	if u.number() != rollForm {
		return ErrRoll
	}
	to.begin(u.number() != 0)
	var c cell
	for range u.count() {
		queue, agent := u.text(), u.text()
		u.cell(&c)
		to.cell(queue, agent, &c)
	}
	at := int64(0)
	for range u.count() {
		a := Attempt{Queue: u.text(), Agent: u.text(), At: at + u.number(), Kind: AttemptKind(u.number()), Milliseconds: u.number()}
		if a.Kind < Taken || a.Kind > Dumped {
			return ErrRoll
		}
		to.attempt(a)
		at = a.At
	}
	for range u.count() {
		to.session(u.text(), u.intervals())
	}
	for range u.count() {
		to.pause(u.text(), u.text(), u.intervals())
	}
	if u.bad || len(u.in) > 0 {
		return ErrRoll
	}
	return nil
}

// AddPacked adds what a packed Roll has counted. The error is ErrRoll; the Roll is of no use then.
func (r *Roll) AddPacked(text []byte) error { return unpack(text, added{r}) }

// added is a Roll that goes into another one.
type added struct{ to *Roll }

func (a added) begin(bool) {}

func (a added) cell(queue, agent string, c *cell) { a.to.cell(queue, agent).add(c) }

func (a added) attempt(one Attempt) { a.to.Attempt(one) }

func (a added) session(agent string, all []Interval) {
	a.to.sessions[agent] = a.to.joined(append(a.to.sessions[agent], all...))
}

func (a added) pause(queue, agent string, all []Interval) {
	name := cellName{queue, agent}
	a.to.pauses[name] = a.to.joined(append(a.to.pauses[name], all...))
}

// PackedAttempts hands out the attempts of a packed Roll that is fine, without their partition. The error is ErrRoll.
func PackedAttempts(text []byte, each func(Attempt)) error { return unpack(text, attempts(each)) }

type attempts func(Attempt)

func (t attempts) begin(bool)                       {}
func (t attempts) cell(string, string, *cell)       {}
func (t attempts) attempt(a Attempt)                { t(a) }
func (t attempts) session(string, []Interval)       {}
func (t attempts) pause(string, string, []Interval) {}

// unpacker reads what a packer wrote. After the first fault all is zero.
type unpacker struct {
	in    []byte
	texts []string
	times []Interval // those that were read last
	bad   bool
}

func (u *unpacker) number() int64 {
	n, size := binary.Varint(u.in)
	if size <= 0 {
		u.bad, u.in = true, nil
		return 0
	}
	u.in = u.in[size:]
	return n
}

// count reads how many there are, of which each takes a byte at least.
func (u *unpacker) count() int {
	n, size := binary.Uvarint(u.in)
	if size <= 0 || n > uint64(len(u.in)+len(u.texts)) {
		u.bad, u.in = true, nil
		return 0
	}
	u.in = u.in[size:]
	return int(n)
}

func (u *unpacker) text() string {
	n := u.count()
	if n > 0 {
		if n > len(u.texts) {
			u.bad, u.in = true, nil
			return ""
		}
		return u.texts[n-1]
	}
	n = u.count()
	if u.bad || n > len(u.in) {
		u.bad, u.in = true, nil
		return ""
	}
	s := string(u.in[:n])
	u.in = u.in[n:]
	u.texts = append(u.texts, s)
	return s
}

func (u *unpacker) cell(c *cell) {
	c.ends = c.ends[:0]
	for range u.count() {
		c.ends = append(c.ends, ended{ending{cause: u.text(), outbound: u.number() != 0, state: State(u.number())}, u.number()})
	}
	c.answered, c.lost = u.waits(c.answered), u.waits(c.lost)
	c.talks, c.talk, c.talkOut, c.zero = u.number(), u.number(), u.number(), u.number()
	for kind := range c.tries {
		c.tries[kind] = [2]int64{u.number(), u.number()}
	}
}

// waits are read into room that is there.
func (u *unpacker) waits(room waits) waits {
	room = room[:0]
	for range u.count() {
		room = append(room, waited{u.number(), u.number()})
	}
	return room
}

func (u *unpacker) intervals() []Interval {
	u.times = u.times[:0]
	at := int64(0)
	for range u.count() {
		start := at + u.number()
		at = start + u.number()
		u.times = append(u.times, Interval{start, at})
	}
	return u.times
}
