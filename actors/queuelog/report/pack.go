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
