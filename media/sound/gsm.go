package sound

// gsmFrame is the length of a frame of 160 samples in a bare file: 260 bits behind a mark of four.
const (
	gsmFrame  = 33
	gsmMark   = 0xD
	gsmLength = 160
	gsmRate   = 8000
)

// waveGSMFrame is the length of two frames in a WAV file.
const waveGSMFrame = 65

// isGSM tells a bare file by the mark of its first frames.
func isGSM(file []byte) bool {
	frames := min(len(file)/gsmFrame, 10)
	for i := range frames {
		if file[i*gsmFrame]>>4 != gsmMark {
			return false
		}
	}
	return frames > 0
}

func readGSM(file []byte) (audio, error) {
	a := audio{rate: gsmRate, channels: 1, pcm: make([]int16, 0, len(file)/gsmFrame*gsmLength)}
	d := newGSMDecoder()
	for ; len(file) >= gsmFrame; file = file[gsmFrame:] {
		in := bitReader{octets: file, at: 4}
		a.pcm = d.frame(a.pcm, in.high)
	}
	return a, nil
}

// waveGSM reads Microsoft's packing: two frames of 260 bits each, the lowest bit first.
func waveGSM(octets []byte) []int16 {
	pcm := make([]int16, 0, len(octets)/waveGSMFrame*2*gsmLength)
	d := newGSMDecoder()
	for ; len(octets) >= waveGSMFrame; octets = octets[waveGSMFrame:] {
		in := bitReader{octets: octets}
		pcm = d.frame(pcm, in.low)
		pcm = d.frame(pcm, in.low)
	}
	return pcm
}

// bitReader takes numbers out of octets.
type bitReader struct {
	octets []byte
	at     int // bit
}

// high reads a number whose highest bit comes first.
func (r *bitReader) high(bits int) (n int16) {
	for range bits {
		n = n<<1 | int16(r.octets[r.at/8]>>(7-r.at%8)&1)
		r.at++
	}
	return n
}

// low reads a number whose lowest bit comes first.
func (r *bitReader) low(bits int) (n int16) {
	for i := range bits {
		n |= int16(r.octets[r.at/8]>>(r.at%8)&1) << i
		r.at++
	}
	return n
}
