package codec

import "testing"

// play runs pcm through a concealer in frames of 20 ms, losing those named.
func play(rate int, pcm []int16, lost func(frame int) bool) []int16 {
	c, n := NewConcealer(rate), rate/50
	out := append([]int16(nil), pcm...)
	for i := 0; (i+1)*n <= len(out); i++ {
		frame := out[i*n : (i+1)*n]
		if lost(i) {
			c.Conceal(frame)
		} else {
			c.Good(frame)
		}
	}
	return out
}

func TestConcealWithoutLossChangesNothing(t *testing.T) {
	in := speechLike(8000, 8000)
	if out := play(8000, in, func(int) bool { return false }); bestSNR(in, out, 0) < 100 {
		t.Error("frames changed though none was lost")
	}
}

// A steady voice of 125 Hz goes on through single lost frames, far better than silence would.
func TestConcealContinuesAVoice(t *testing.T) {
	for _, rate := range []int{8000, 16000} {
		in := make([]int16, rate)
		for i := range in {
			in[i] = int16(12000 - 24000*(i%(rate/125))/(rate/125))
		}
		every10th := func(i int) bool { return i%10 == 9 }
		with := bestSNR(in, play(rate, in, every10th), 0)
		silence := append([]int16(nil), in...)
		for i := range silence {
			if every10th(i / (rate / 50)) {
				silence[i] = 0
			}
		}
		if without := bestSNR(in, silence, 0); with < without+8 {
			t.Errorf("%d Hz: concealed %.1f dB, silenced %.1f dB", rate, with, without)
		}
	}
}

// No click: sample to sample the made-up sound moves little more than the real one.
func TestConcealHasNoJumps(t *testing.T) {
	in := sine(173, 12000, 8000, 8000)
	out := play(8000, in, func(i int) bool { return i%7 == 6 })
	largest := 0
	for i := 1; i < len(out); i++ {
		largest = max(largest, abs(int(out[i])-int(out[i-1])))
	}
	if real := 1700; largest > 2*real {
		t.Errorf("a jump of %d, the tone itself moves %d", largest, real)
	}
}

// The same where audio is left out, wherever in its period the tone goes on.
func TestSpliceHasNoJumps(t *testing.T) {
	const real = 1700
	in := sine(173, 12000, 8000, 8000)
	for cut := 160; cut < 320; cut += 7 {
		c := NewConcealer(8000)
		out := append([]int16(nil), in[:800]...)
		c.Good(out)
		c.Splice()
		out = append(out, in[800+cut:1120+cut]...)
		c.Good(out[800:])
		for i := 790; i < 850; i++ {
			if jump := abs(int(out[i]) - int(out[i-1])); jump > 2*real {
				t.Errorf("%d samples left out: a jump of %d", cut, jump)
			}
		}
	}
}

func TestConcealFadesAway(t *testing.T) {
	in := sine(200, 12000, 8000, 8000)
	out := play(8000, in, func(i int) bool { return i >= 10 })
	first, second := peak(out[1600:1680]), peak(out[1600+320:1600+480])
	if first < 10000 || second >= first || second == 0 {
		t.Errorf("peak %d in the first 10 ms, %d in the third frame", first, second)
	}
	if p := peak(out[1600+silentAfter*8:]); p != 0 {
		t.Errorf("peak %d after %d ms", p, silentAfter)
	}
}

func TestConcealBeforeAnythingIsSilent(t *testing.T) {
	frame := []int16{1, 2, 3}
	NewConcealer(8000).Conceal(frame)
	if peak(frame) != 0 {
		t.Errorf("%v", frame)
	}
}

func TestConcealDoesNotAllocate(t *testing.T) {
	c, frame := NewConcealer(16000), speechLike(320, 16000)
	if n := testing.AllocsPerRun(50, func() { c.Good(frame); c.Conceal(frame) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func peak(pcm []int16) int {
	p := 0
	for _, x := range pcm {
		p = max(p, abs(int(x)))
	}
	return p
}

func BenchmarkConceal(b *testing.B) {
	c, good, frame := NewConcealer(8000), speechLike(160, 8000), make([]int16, 160)
	b.ReportAllocs()
	for b.Loop() {
		copy(frame, good)
		c.Good(frame)
		c.Conceal(frame)
	}
}
