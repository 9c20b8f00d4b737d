package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os/exec"
	"strconv"

	"tandem/media/wav"
)

const synthesiser = "espeak-ng"

// speaker is a voice of the synthesiser, and how fast it speaks in words a minute.
type speaker struct {
	voice string
	speed int
}

// usual speaks unless the command line wants another.
var usual = speaker{voice: "en-us+f3", speed: 150}

const rate = 8000 // of the files

// speak gives the samples of a text, and their rate.
func (s speaker) speak(text string) (pcm []float64, from int, err error) {
	// The text comes by standard input, so that none can be taken for an option.
	cmd := exec.Command(synthesiser, "-v", s.voice, "-s", strconv.Itoa(s.speed), "--stdin", "--stdout")
	cmd.Stdin = bytes.NewBufferString(text)
	out, err := cmd.Output()
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", synthesiser, err)
	}
	r, err := wav.NewReader(bytes.NewReader(out))
	if err != nil {
		return nil, 0, err
	}
	if r.Format().Channels != 1 {
		return nil, 0, fmt.Errorf("%s: %d channels", synthesiser, r.Format().Channels)
	}
	piece := make([]int16, 2048)
	for {
		n, err := r.Read(piece)
		if errors.Is(err, io.EOF) {
			return pcm, r.Format().Rate, nil
		}
		if err != nil {
			return nil, 0, err
		}
		for _, x := range piece[:n] {
			pcm = append(pcm, float64(x))
		}
	}
}

// reach is how far resample looks to either side, in samples of the file's rate.
const reach = 48

// resample interpolates by a windowed sinc that passes what a telephone does.
func resample(pcm []float64, from int) []float64 {
	common := gcd(from, rate)
	up, down := rate/common, from/common
	// Where a new sample lies between two old ones repeats, and with it what they weigh.
	kernels := make([][]float64, up)
	out := make([]float64, len(pcm)*up/down)
	for i := range out {
		base, phase := i*down/up, i*down%up
		if kernels[phase] == nil {
			kernels[phase] = kernel(float64(phase)/float64(up), float64(down)/float64(up))
		}
		weights := kernels[phase]
		first := base - len(weights)/2
		for j := max(first, 0); j < min(first+len(weights), len(pcm)); j++ {
			out[i] += pcm[j] * weights[j-first]
		}
	}
	return out
}

// kernel is what old samples weigh in a new one that lies offset behind the middle one of them; step old
// samples make a new one.
func kernel(offset, step float64) []float64 {
	half := int(math.Ceil(reach * step))
	cut := 0.9 / step // of half the source's rate
	weights := make([]float64, 2*half+1)
	for k := range weights {
		t := float64(k-half) - offset
		if math.Abs(t) < reach*step {
			weights[k] = cut * sinc(cut*t) * (0.5 + 0.5*math.Cos(math.Pi*t/(reach*step)))
		}
	}
	return weights
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// trim cuts off what is silent at both ends, but for a little, which is faded.
func trim(pcm []float64) []float64 {
	const (
		silent = 0.01             // of the peak
		keep   = rate * 15 / 1000 // samples
	)
	limit := silent * peak(pcm)
	first, last := 0, len(pcm)-1
	for first < last && math.Abs(pcm[first]) < limit {
		first++
	}
	for last > first && math.Abs(pcm[last]) < limit {
		last--
	}
	pcm = pcm[max(first-keep, 0):min(last+1+keep, len(pcm))]
	for i := range min(keep, len(pcm)/2) {
		gain := float64(i) / keep
		pcm[i] *= gain
		pcm[len(pcm)-1-i] *= gain
	}
	return pcm
}

// level brings speech to -17 dBm0, less where its peaks would come near the end of the scale.
func level(pcm []float64) []int16 {
	const (
		want    = 2260.0 // root mean square: -17 dB of the digital milliwatt's 16017
		highest = 20000.0
	)
	sum := 0.0
	for _, x := range pcm {
		sum += x * x
	}
	gain := min(want/math.Sqrt(sum/float64(len(pcm))), highest/peak(pcm))
	out := make([]int16, len(pcm))
	for i, x := range pcm {
		out[i] = int16(math.Round(x * gain))
	}
	return out
}

func peak(pcm []float64) float64 {
	p := 1.0
	for _, x := range pcm {
		p = max(p, math.Abs(x))
	}
	return p
}
