package codec

// Times of concealment, in milliseconds, after the manner of G.711 Appendix I.
const (
	shortestPitch = 5  // 200 Hz
	longestPitch  = 15 // 67 Hz
	pitchWindow   = 20 // compared to find the pitch
	fullFor       = 10 // a made-up sound keeps its level so long
	silentAfter   = 60 // and has faded away by then
	blendBack     = 5  // from the made-up sound into the next real one
)

// Concealer makes up for lost frames: it repeats the last pitch period of what was heard and fades
// it out. Every real frame must pass through Good, in the order it is played.
type Concealer struct {
	perMS   int     // samples in a millisecond
	heard   []int16 // the last longestPitch + pitchWindow
	period  []int16 // one pitch period, ready to be repeated; cap is the longest
	at      int     // next sample of period
	made    int     // samples made up since the last real frame
	step    int     // jump from the last real sample to the period's start, smoothed away
	anyReal bool
}

// NewConcealer serves one stream of the given sample rate.
func NewConcealer(rate int) *Concealer {
	perMS := rate / 1000
	return &Concealer{
		perMS:  perMS,
		heard:  make([]int16, (longestPitch+pitchWindow)*perMS),
		period: make([]int16, 0, longestPitch*perMS),
	}
}

// Splice tells that the next real frame does not follow the last one, for what was between them is
// left out. Its beginning is blended with what would have followed.
func (c *Concealer) Splice() {
	if c.made == 0 && c.anyReal {
		c.takePeriod()
		c.made = 1
	}
}

// Good remembers a real frame. After a loss its beginning is blended with what was made up.
func (c *Concealer) Good(frame []int16) {
	if c.made > 0 {
		n := min(blendBack*c.perMS, len(frame))
		for i := range n {
			frame[i] = int16((int(c.next())*(n-i) + int(frame[i])*i) / n)
		}
	}
	c.made, c.anyReal = 0, true
	if len(frame) >= len(c.heard) {
		copy(c.heard, frame[len(frame)-len(c.heard):])
		return
	}
	copy(c.heard, c.heard[len(frame):])
	copy(c.heard[len(c.heard)-len(frame):], frame)
}

// Conceal fills a frame that was lost. Before anything was heard that is silence.
func (c *Concealer) Conceal(frame []int16) {
	if !c.anyReal {
		clear(frame)
		return
	}
	if c.made == 0 {
		c.takePeriod()
	}
	for i := range frame {
		frame[i] = c.next()
	}
}

// next is the next made-up sample.
func (c *Concealer) next() int16 {
	x := int(c.period[c.at])
	if c.at++; c.at == len(c.period) {
		c.at = 0
	}
	if smooth := len(c.period) / 4; c.made < smooth {
		x += c.step * (smooth - c.made) / smooth
	}
	full, silent := fullFor*c.perMS, silentAfter*c.perMS
	if c.made >= silent {
		x = 0
	} else if c.made > full {
		x = x * (silent - c.made) / (silent - full)
	}
	c.made++
	return int16(saturate(x))
}

// takePeriod cuts the last pitch period out of what was heard. Its end is blended into what came
// before its beginning, so that one repetition flows into the next.
func (c *Concealer) takePeriod() {
	lag := c.pitch()
	end := len(c.heard)
	c.period = append(c.period[:0], c.heard[end-lag:]...)
	n := lag / 4
	for i := range n {
		before := int(c.heard[end-lag-n+i])
		c.period[lag-n+i] = int16((int(c.period[lag-n+i])*(n-i) + before*i) / n)
	}
	c.at = 0
	c.step = int(c.heard[end-1]) - int(c.heard[end-lag-1])
}

// pitch finds the lag at which the end of what was heard resembles itself most: first on every
// fourth part of a millisecond, then to the sample around the best.
func (c *Concealer) pitch() int {
	stride := max(c.perMS/4, 1)
	shortest, longest := shortestPitch*c.perMS, longestPitch*c.perMS
	best := c.bestLag(shortest, longest, stride)
	return c.bestLag(max(best-stride+1, shortest), min(best+stride-1, longest), 1)
}

// bestLag compares by normalised correlation without its root: the sign is kept by asking for
// positive correlation, and the energy of the end itself is the same for all.
func (c *Concealer) bestLag(from, to, stride int) int {
	n := pitchWindow * c.perMS
	end := c.heard[len(c.heard)-n:]
	best, bestScore := from, 0.0
	for lag := from; lag <= to; lag += stride {
		earlier := c.heard[len(c.heard)-n-lag:]
		product, energy := 0, 1
		for i := 0; i < n; i += stride {
			y := int(earlier[i])
			product += int(end[i]) * y
			energy += y * y
		}
		p := float64(product)
		if score := p * p / float64(energy); product > 0 && score > bestScore {
			best, bestScore = lag, score
		}
	}
	return best
}
