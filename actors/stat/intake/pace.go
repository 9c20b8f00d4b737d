package intake

import (
	"time"

	"tandem/actors/stat/source"
)

// paceOver is over how many seconds the pace of lines is told.
const paceOver = 10

// pace counts lines by the second in which they come.
type pace struct {
	counts [paceOver + 1]uint64 // that of the second which goes on, and of those before it
	second int64                // of the newest count, since 1970
}

// add counts lines that come now.
func (p *pace) add(n uint64, now time.Time) {
	p.turn(now)
	p.counts[p.second%int64(len(p.counts))] += n
}

// turn forgets what is too long ago.
func (p *pace) turn(now time.Time) {
	second := now.Unix()
	for s := max(p.second+1, second-paceOver); s <= second; s++ {
		p.counts[s%int64(len(p.counts))] = 0
	}
	p.second = max(p.second, second)
}

// perSecond is the mean over the whole seconds before this one.
func (p *pace) perSecond(now time.Time) float64 {
	p.turn(now)
	sum := uint64(0)
	for i, n := range p.counts {
		if int64(i) != p.second%int64(len(p.counts)) {
			sum += n
		}
	}
	return float64(sum) / paceOver
}

// maxRefused is how many refused lines of a source its holder remembers.
const maxRefused = 20

// Refused is a line that was refused.
type Refused struct {
	At     int64  `json:"at"` // ms since 1970
	Seq    uint64 `json:"seq,omitempty"`
	Reason string `json:"reason"`
}

// remember keeps the newest refused lines, the newest last.
func remember(all []Refused, faults []source.Fault, now time.Time) []Refused {
	for _, f := range faults {
		all = append(all, Refused{now.UnixMilli(), f.Seq, f.Reason})
	}
	if over := len(all) - maxRefused; over > 0 {
		all = append([]Refused(nil), all[over:]...)
	}
	return all
}
