package media

import "time"

// delayed is what a stream hears, played to itself later.
type delayed struct {
	overheard
	by   time.Duration
	line []int16 // the time under way, as a ring
	at   int
}

func newDelayed(s *Stream, rate int, by time.Duration) *delayed {
	return &delayed{
		overheard: overheard{from: s, rate: rate}, by: by,
		line: make([]int16, max(1, int(by)*rate/int(time.Second))),
	}
}

// Read swaps what was heard now for what was heard then.
func (d *delayed) Read(frame []int16) bool {
	d.overheard.Read(frame)
	for i := range frame {
		frame[i], d.line[d.at] = d.line[d.at], frame[i]
		d.at = (d.at + 1) % len(d.line)
	}
	return true
}

// delayFrom begins the delayed echo once there is a codec. An exchange that leaves the sample rate
// as it is leaves what is under way as well.
func (s *Stream) delayFrom(p *plan) {
	if p == nil {
		s.send(&feed{paced: true})
		return
	}
	if d, ok := s.feed.Load().source.(*delayed); ok && d.rate == p.Codec.Rate && d.by == s.delay {
		return
	}
	s.send(&feed{paced: true, source: newDelayed(s, p.Codec.Rate, s.delay)})
}
