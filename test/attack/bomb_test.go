package attack

import (
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

// listener plays a file and then a tone; its number is that of the file.
const listener = `
entry main is
  if AcceptCall() != null then stop; end if;
  SetInterruptOnDTMF("#");
  PlayFile("%s");
  SetInterruptOnDTMF(null);
  loop PlayTone(440, 60000); exitif not IsConnected(); end loop;
end entry;
`

// greedy records as long as it may, over and over.
const greedy = `
entry main is
  if AcceptCall() != null then stop; end if;
  n = 0;
  loop
    sound = Record(100000000);
    exitif not IsConnected();
    if sound != null then
      n += 1;
      SetApplicationStatus("recorded " + String(n));
    else
      ReadInput(1);
    end if;
  end loop;
end entry;
`

// riff is a WAV file with these fields of its format, these octets of audio, and lengths that may lie.
func riff(format, channels uint16, rate, perSecond uint32, block, bits uint16, claimed uint32, audio []byte) []byte {
	b := append([]byte("RIFF"), 0xff, 0xff, 0xff, 0xff)
	b = append(append(b, "WAVEfmt "...), 16, 0, 0, 0)
	b = binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(b, format), channels)
	b = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(b, rate), perSecond)
	b = binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(b, block), bits)
	return append(binary.LittleEndian.AppendUint32(append(b, "data"...), claimed), audio...)
}

// bombs are files that are no sound, or more of it than they look.
func bombs() map[string][]byte {
	audio := make([]byte, 32000)
	big := make([]byte, 1<<20)
	return map[string][]byte{
		"claims 4 GB":            riff(1, 1, 8000, 16000, 2, 16, 0xffffffff, audio),
		"has no channel":         riff(1, 0, 8000, 16000, 0, 16, 32000, audio),
		"has 65535 channels":     riff(1, 65535, 8000, 16000, 65535, 16, 32000, audio),
		"has no rate":            riff(1, 1, 0, 0, 2, 16, 32000, audio),
		"has a rate of 1 Hz":     riff(1, 1, 1, 2, 2, 16, uint32(len(big)), big),
		"has a rate of 4 GHz":    riff(1, 1, 0xffffffff, 0xffffffff, 2, 16, 32000, audio),
		"has samples of 0 bits":  riff(1, 1, 8000, 16000, 0, 0, 32000, audio),
		"has samples of 65535":   riff(1, 1, 8000, 16000, 65535, 65535, 32000, audio),
		"is of no format":        riff(0xfffe, 2, 8000, 16000, 4, 16, 32000, audio),
		"is GSM that is none":    riff(0x31, 1, 8000, 1625, 65, 0, uint32(len(big)), big),
		"ends in its head":       riff(1, 1, 8000, 16000, 2, 16, 0, nil)[:30],
		"has 100000 parts":       append(riff(1, 1, 8000, 16000, 2, 16, 0, nil), []byte(strings.Repeat("LIST\x00\x00\x00\x00", 100000))...),
		"has a part of 2 GB":     append([]byte("RIFF\xff\xff\xff\x7fWAVELIST\xff\xff\xff\x7f"), audio...),
		"is an AU that lies":     append([]byte(".snd\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff"), audio...),
		"is MP3 frames of noise": []byte(strings.Repeat("\xff\xfb\x90\x64noise", 50000)),
		"is a tag of 256 MB":     append([]byte("ID3\x04\x00\x00\x7f\x7f\x7f\x7f"), audio...),
		"is Ogg":                 append([]byte("OggS\x00\x02"), audio...),
		"is empty":               {},
		"is an hour of silence":  riff(7, 1, 8000, 8000, 1, 8, 1<<20, big),
	}
}

// TestAudioBombs plays files that are no sound or far too much of it, and records without end (attack group A36): the callers
// hear what comes after, the call beside them keeps its audio, and the memory returns.
func TestAudioBombs(t *testing.T) {
	t.Parallel()
	w := newWitness(t, "media.max_recording=5s", "media.max_recordings=3", "media.sounds=8MiB")
	t.Run("files", func(t *testing.T) {
		for what, octets := range bombs() {
			n := fmt.Sprint("bomb", w.accounts)
			w.Program(n+".wav", string(octets))
			w.account(t, n, fmt.Sprintf(listener, n+".wav"))
			var calls sync.WaitGroup
			for i := range 5 {
				p := w.Phone(t, fmt.Sprint(1010+i))
				calls.Go(func() {
					c := p.Call(n)
					if c.Status != 200 {
						t.Errorf("a file that %s: the call got %d", what, c.Status)
						return
					}
					c.Press("#") // of what is a sound nobody waits for the end
					c.AwaitTones(t, 300*time.Millisecond, 440)
					c.Hangup()
				})
			}
			calls.Wait()
		}
	})
	t.Run("recordings", func(t *testing.T) {
		w.account(t, "greedy", greedy)
		var calls []*lab.Call
		for i := range 8 {
			c := w.dial(t, w.Phone(t, fmt.Sprint(1010+i)), "greedy")
			c.Say(600)
			calls = append(calls, c)
		}
		var list struct{ Tasks []task }
		lab.Wait(t, patience, "as many recordings as there may be at once end by themselves", func() bool {
			return w.Ask("GET", "tasks?limit=10&program=greedy", nil, &list) == nil && len(list.Tasks) == len(calls) &&
				recorded(list.Tasks) >= 3
		})
		for _, c := range calls {
			c.Hangup()
		}
	})
	w.unharmed(t)
	w.over(t)
}

type task struct{ Status string }

// recorded is how many Tasks have recorded something.
func recorded(all []task) (n int) {
	for _, one := range all {
		if strings.HasPrefix(one.Status, `"recorded`) {
			n++
		}
	}
	return n
}
