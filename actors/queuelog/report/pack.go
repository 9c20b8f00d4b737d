package report

import (
	"encoding/binary"
	"errors"
)

// rollForm changes whenever a Roll is packed otherwise.
const rollForm = 1

// ErrRoll: this is no packed Roll, or one of another form of this program.
var ErrRoll = errors.New("this is no roll-up of this form")

// packer writes numbers and texts; a text that was there is written by its number.
type packer struct {
	out   []byte
	texts map[string]uint64
}

func (p *packer) number(n int64) { p.out = binary.AppendVarint(p.out, n) }
func (p *packer) count(n int)    { p.out = binary.AppendUvarint(p.out, uint64(n)) }
func (p *packer) numbers(n ...int64) {
	for _, v := range n {
		p.number(v)
	}
}

func (p *packer) text(s string) {
	if n, ok := p.texts[s]; ok {
		p.count(int(n))
		return
	}
	p.count(0)
	p.count(len(s))
	p.out = append(p.out, s...)
	p.texts[s] = uint64(len(p.texts) + 1)
}

// Pack writes a Roll in little space.
func (r *Roll) Pack() []byte {
	p := &packer{texts: map[string]uint64{}}
	p.numbers(rollForm, one(r.coarse))
	p.count(len(r.cells))
	for name, c := range r.cells {
		p.text(name.queue)
		p.text(name.agent)
		p.cell(c)
	}
	p.count(len(r.attempts))
	at := int64(0)
	for _, a := range r.attempts {
		p.text(a.Queue)
		p.text(a.Agent)
		p.numbers(a.At-at, int64(a.Kind), a.Milliseconds)
		at = a.At
	}
	p.count(len(r.sessions))
	for agent, all := range r.sessions {
		p.text(agent)
		p.intervals(all)
	}
	p.count(len(r.pauses))
	for name, all := range r.pauses {
		p.text(name.queue)
		p.text(name.agent)
		p.intervals(all)
	}
	return p.out
}

func (p *packer) cell(c *cell) {
	p.count(len(c.ends))
	for _, e := range c.ends {
		p.text(e.cause)
		p.numbers(one(e.outbound), int64(e.state), e.n)
	}
	for _, w := range []waits{c.answered, c.lost} {
		p.count(len(w))
		for _, e := range w {
			p.numbers(e.seconds, e.n)
		}
	}
	p.numbers(c.talks, c.talk, c.talkOut, c.zero)
	for _, n := range c.tries {
		p.numbers(n[0], n[1])
	}
}

func (p *packer) intervals(all []Interval) {
	p.count(len(all))
	at := int64(0)
	for _, i := range all {
		p.numbers(i.Start-at, i.End-i.Start)
		at = i.End
	}
}

// unpacker reads what a packer wrote. After the first fault all is zero.
type unpacker struct {
	in    []byte
	texts []string
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

// Unpack reads a packed Roll. The error is ErrRoll.
func Unpack(text []byte) (*Roll, error) {
	u := &unpacker{in: text}
	if u.number() != rollForm {
		return nil, ErrRoll
	}
	r := NewRoll(u.number() != 0)
	for range u.count() {
		queue, agent := u.text(), u.text()
		u.cell(r.cell(queue, agent))
	}
	at := int64(0)
	for range u.count() {
		a := Attempt{Queue: u.text(), Agent: u.text(), At: at + u.number(), Kind: AttemptKind(u.number()), Milliseconds: u.number()}
		if a.Kind < Taken || a.Kind > Dumped {
			return nil, ErrRoll
		}
		r.attempts = append(r.attempts, a)
		at = a.At
	}
	for range u.count() {
		agent := u.text()
		r.sessions[agent] = u.intervals()
	}
	for range u.count() {
		name := cellName{u.text(), u.text()}
		r.pauses[name] = u.intervals()
	}
	if u.bad || len(u.in) > 0 {
		return nil, ErrRoll
	}
	return r, nil
}

func (u *unpacker) cell(c *cell) {
	for range u.count() {
		c.ends = append(c.ends, ended{ending{cause: u.text(), outbound: u.number() != 0, state: State(u.number())}, u.number()})
	}
	for _, w := range []*waits{&c.answered, &c.lost} {
		*w = make(waits, u.count())
		for i := range *w {
			(*w)[i] = waited{u.number(), u.number()}
		}
	}
	c.talks, c.talk, c.talkOut, c.zero = u.number(), u.number(), u.number(), u.number()
	for kind := range c.tries {
		c.tries[kind] = [2]int64{u.number(), u.number()}
	}
}

func (u *unpacker) intervals() []Interval {
	n := u.count()
	all := make([]Interval, 0, n)
	at := int64(0)
	for range n {
		start := at + u.number()
		at = start + u.number()
		all = append(all, Interval{start, at})
	}
	return all
}
