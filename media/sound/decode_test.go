package sound

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/media/codec"
	"tandem/media/tone"
	"tandem/media/wav"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// sine is a second of 1000 Hz at -10 dBm0.
func sine(rate int) []int16 {
	pcm := make([]int16, rate)
	tone.Sine(rate, 1000, -10).Read(pcm)
	return pcm
}

// wave makes a WAV file of a second of 1000 Hz. write puts a sample of -1 to 1.
func wave(encoding, bits, rate, channels int, write func(dst []byte, x float64) []byte) []byte {
	var body []byte
	for _, x := range sine(rate) {
		for range channels {
			body = write(body, float64(x)/32768)
		}
	}
	le := binary.LittleEndian
	file := append([]byte("RIFF\x00\x00\x00\x00WAVELIST\x03\x00\x00\x00abc\x00fmt "), 16, 0, 0, 0)
	file = le.AppendUint16(file, uint16(encoding))
	file = le.AppendUint16(file, uint16(channels))
	file = le.AppendUint32(file, uint32(rate))
	file = append(file, 0, 0, 0, 0, 0, 0)
	file = le.AppendUint16(file, uint16(bits))
	file = append(file, "data"...)
	return append(le.AppendUint32(file, uint32(len(body))), body...)
}

// au makes an AU file likewise.
func au(encoding, rate, channels int, write func(dst []byte, x float64) []byte) []byte {
	file := []byte(".snd")
	for _, n := range []int{28, 1<<32 - 1, encoding, rate, channels} {
		file = binary.BigEndian.AppendUint32(file, uint32(n))
	}
	file = append(file, "name"...)
	for _, x := range sine(rate) {
		for range channels {
			file = write(file, float64(x)/32768)
		}
	}
	return file
}

func law8(name string) func([]byte, float64) []byte {
	c, _ := codec.ByName(name)
	return func(dst []byte, x float64) []byte { return c.NewEncoder().Encode(dst, []int16{int16(x * 32768)}) }
}

// linear writes samples of so many octets.
func linear(width int, order binary.ByteOrder) func([]byte, float64) []byte {
	return func(dst []byte, x float64) []byte {
		var four [4]byte
		order.PutUint32(four[:], uint32(int32(x*(1<<31))))
		if order == binary.ByteOrder(binary.LittleEndian) {
			return append(dst, four[4-width:]...)
		}
		return append(dst, four[:width]...)
	}
}

func float32le(dst []byte, x float64) []byte {
	return binary.LittleEndian.AppendUint32(dst, math.Float32bits(float32(x)))
}

func float32be(dst []byte, x float64) []byte {
	return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(x)))
}

// Whatever a file's kind, encoding, rate and channels: a second of 1000 Hz is one, at its level.
func TestDecodeKinds(t *testing.T) {
	offset8 := func(dst []byte, x float64) []byte { return append(dst, byte(int(math.Round(x*128))+128)) }
	little, big := binary.LittleEndian, binary.BigEndian
	for name, file := range map[string][]byte{
		"wav pcm 8":         wave(1, 8, 8000, 1, offset8),
		"wav pcm 16":        wave(1, 16, 8000, 1, linear(2, little)),
		"wav pcm 16 stereo": wave(1, 16, 44100, 2, linear(2, little)),
		"wav pcm 24":        wave(1, 24, 48000, 2, linear(3, little)),
		"wav pcm 32":        wave(1, 32, 16000, 1, linear(4, little)),
		"wav float":         wave(3, 32, 32000, 2, float32le),
		"wav A-law":         wave(6, 8, 8000, 1, law8("PCMA")),
		"wav mu-law 11025":  wave(7, 8, 11025, 1, law8("PCMU")),
		"wav mu-law 22050":  wave(7, 8, 22050, 1, law8("PCMU")),
		"wav mu-law 12000":  wave(7, 8, 12000, 1, law8("PCMU")),
		"wav mu-law 24000":  wave(7, 8, 24000, 2, law8("PCMU")),
		"au mu-law":         au(1, 8012, 1, law8("PCMU")),
		"au A-law":          au(27, 8000, 2, law8("PCMA")),
		"au linear 8":       au(2, 8000, 1, linear(1, big)),
		"au linear 16":      au(3, 44100, 2, linear(2, big)),
		"au linear 24":      au(4, 16000, 1, linear(3, big)),
		"au linear 32":      au(5, 16000, 1, linear(4, big)),
		"au float":          au(6, 48000, 1, float32be),
		"wav of our own maker": append(
			wav.AppendHeader(nil, wav.Format{Encoding: wav.MuLaw, Rate: 8000, Channels: 1}, 8000),
			wave(7, 8, 8000, 1, law8("PCMU"))[56:]...),
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Decode(name, file)
			if err != nil {
				t.Fatal(err)
			}
			if off := (s.Length() - time.Second).Abs(); off > 2*time.Millisecond {
				t.Errorf("it lasts %v", s.Length())
			}
			for _, rate := range rates {
				d := tone.NewDetector(rate, 1000)
				frame := make([]int16, rate/50)
				for p := s.Player("x", rate, 100*time.Millisecond, 800*time.Millisecond); p.Read(frame); {
					d.Hear(frame)
				}
				if !d.Present() || math.Abs(d.Level()+10) > 0.2 {
					t.Errorf("at %d Hz its level is %.2f dBm0, a tone: %v", rate, d.Level(), d.Present())
				}
			}
		})
	}
}

// GSM 06.10 is decoded to the bit as by the reference decoder, bare and in a WAV file.
func TestDecodeGSM(t *testing.T) {
	for _, name := range []string{"speech.gsm", "speech-gsm.wav"} {
		s, err := Decode(name, read(t, name))
		if err != nil {
			t.Fatal(err)
		}
		want := little16(read(t, name+".raw"))
		got := s.at(8000).pcm
		for i := range want {
			if i >= len(got) || got[i] != want[i] {
				t.Fatalf("%s: sample %d of %d differs", name, i, len(want))
			}
		}
	}
}

// A minute of public-domain speech, its first 60 frames: 1.57 s.
func TestDecodeMP3(t *testing.T) {
	file := read(t, "speech.mp3")
	s, err := Decode("speech.mp3", file)
	if err != nil {
		t.Fatal(err)
	}
	if s.Length() < 1400*time.Millisecond || s.Length() > 1600*time.Millisecond {
		t.Errorf("it lasts %v", s.Length())
	}
	loudest := int16(0)
	for _, x := range s.at(16000).pcm {
		loudest = max(loudest, x)
	}
	if loudest < 1000 {
		t.Errorf("its peak is %d", loudest)
	}
	// Behind names, and cut off, it is read as far as it goes.
	named := append([]byte("ID3\x04\x00\x00\x00\x00\x00\x05junk!"), file[:len(file)/2]...)
	if s, err = Decode("half.mp3", named); err != nil || s.Length() < 500*time.Millisecond {
		t.Errorf("half of it: %v", err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		file []byte
		why  string
	}{
		"nothing":          {nil, "neither WAV nor AU"},
		"text":             {[]byte("Hello, this is no sound at all, but text."), "neither WAV nor AU"},
		"an odd rate":      {wave(1, 16, 9600, 1, linear(2, binary.LittleEndian)), "9600 samples a second"},
		"three channels":   {wave(1, 16, 8000, 3, linear(2, binary.LittleEndian)), "3 channels"},
		"ADPCM":            {wave(17, 4, 8000, 1, law8("PCMU")), "encoding 17 of 4 bits"},
		"GSM stereo":       {wave(49, 0, 8000, 2, law8("PCMU")), "GSM of 2 channels"},
		"no samples":       {[]byte("RIFF\x04\x00\x00\x00WAVE"), "no samples"},
		"no format":        {[]byte("RIFF\x04\x00\x00\x00WAVEdata\x02\x00\x00\x00aa"), "before their format"},
		"a short format":   {[]byte("RIFF\x04\x00\x00\x00WAVEfmt \x02\x00\x00\x00aa"), "a format of 2 bytes"},
		"AU ADPCM":         {au(23, 8000, 1, law8("PCMU")), "AU encoding 23"},
		"AU behind itself": {append([]byte(".snd\x00\x00\x00\xff"), au(1, 8000, 1, law8("PCMU"))[8:30]...), "samples begin at 255"},
		"MP3 of nothing":   {[]byte{0xFF, 0xFB, 0x90, 0}, "MP3"},
		"too large":        {make([]byte, MaxBytes+1), "33554433 bytes"},
		"too long":         {wave(7, 8, 8000, 1, law8("PCMU")), "longer than 30m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "too long" {
				c.file = append(c.file, make([]byte, samples(MaxLength, 8000))...)
				binary.LittleEndian.PutUint32(c.file[52:], uint32(len(c.file)-56))
			}
			_, err := Decode("it", c.file)
			if !errors.Is(err, ErrFormat) || !strings.Contains(fmt.Sprint(err), c.why) {
				t.Errorf("%v, not %s", err, c.why)
			}
		})
	}
}

// A process that died left sizes that are not true: what there is is read.
func TestDecodeCutFile(t *testing.T) {
	file := wave(1, 16, 8000, 1, linear(2, binary.LittleEndian))
	for _, cut := range []int{len(file) - 1, len(file) - 8000, 57} {
		s, err := Decode("cut.wav", file[:cut])
		if err != nil {
			t.Fatal(err)
		}
		if want := span((cut-56)/2, 8000); s.Length() != want {
			t.Errorf("%d octets last %v, not %v", cut, s.Length(), want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"speech.gsm", "speech-gsm.wav", "speech.mp3"} {
		f.Add(read(f, name)[:500])
	}
	f.Add(wave(1, 16, 44100, 2, linear(2, binary.LittleEndian))[:300])
	f.Add(au(3, 22050, 2, linear(2, binary.BigEndian))[:300])
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := Decode("fuzz", file)
		if (s == nil) == (err == nil) {
			t.Fatal("neither a sound nor an error")
		}
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatal(err)
			}
			return
		}
		frame := make([]int16, 320)
		p := s.Player("fuzz", 16000, 0, 0)
		for range int(s.Length()/codec.Frame) + 1 {
			p.Read(frame)
		}
		if p.Read(frame) || !p.Completed() || (p.Position()-s.Length()).Abs() > time.Millisecond {
			t.Fatalf("%v of %v were played", p.Position(), s.Length())
		}
	})
}
