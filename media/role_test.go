package media

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/media/codec"
)

// room is a mixer whose frames the test makes, with a party for each role, each of which says a tone of
// its own that is told apart by a bit: party i adds 1<<(i+6) to every sample.
type room struct {
	t       *testing.T
	mixer   *Mixer
	phones  []*phone
	streams []*Stream
	voices  []*Voice
	at      time.Time
}

func newRoom(t *testing.T, roles ...Role) *room {
	t.Helper()
	e := newTestEngine(t, testConf())
	r := &room{t: t, mixer: e.Mixer("room", 8000), at: time.Now()}
	for i, role := range roles {
		p := newPhone(t, "L16")
		s := p.manual(e, Options{ID: fmt.Sprint(i)})
		if err := s.JoinAs(r.mixer, role); err != nil {
			t.Fatal(err)
		}
		r.phones, r.streams = append(r.phones, p), append(r.streams, s)
	}
	r.mixer.shard.remove(r.mixer.turn)
	r.mixer.shard.settle()
	for i, s := range r.streams { // what was sent until here
		for sent, _ := s.counted(); sent > 0; sent-- {
			r.phones[i].next()
		}
	}
	return r
}

// constant is a source of one value.
type constant struct {
	name   string
	x      int16
	frames int // then it ends
}

func (c *constant) Name() string { return c.name }
func (c *constant) Rate() int    { return 8000 }
func (c *constant) Read(frame []int16) bool {
	for i := range frame {
		frame[i] = c.x
	}
	c.frames--
	return c.frames >= 0
}

// voice plays a value that is told apart as a party's is.
func (r *room) voice(i int) *Voice {
	r.t.Helper()
	v, err := r.mixer.engine.Voice(r.mixer, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	v.Play(&constant{fmt.Sprint(i), 1 << (i + 6), 1000})
	r.voices = append(r.voices, v)
	return v
}

// hears lets everybody speak for a frame, and tells who hears whom: a line for each party.
func (r *room) hears() string {
	r.t.Helper()
	for i, s := range r.streams {
		s.ear.mu.Lock()
		s.ear.ready = s.ear.ready[:0]
		for range 160 {
			s.ear.ready = append(s.ear.ready, 1<<(i+6))
		}
		s.ear.mu.Unlock()
	}
	r.at = r.at.Add(codec.Frame)
	r.mixer.tick(r.at)
	var lines []string
	for i, p := range r.phones {
		pcm := p.audio()
		heard := int(pcm[len(pcm)-1])
		line := fmt.Sprint(i, " hears")
		for j := range len(r.phones) + len(r.voices) {
			if heard>>(j+6)&1 == 1 {
				line += fmt.Sprint(" ", j)
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func (r *room) want(want string) {
	r.t.Helper()
	if got, want := r.hears(), strings.TrimSpace(want); got != want {
		r.t.Errorf("--- got\n%s\n--- want\n%s", got, want)
	}
}

// Who hears whom, whatever the roles. 0 and 1 are ordinary, 2 is muted, 3 special, 4 hears special
// parties, 5 is deaf, 6 is special and hears such; 7 is a voice.
func TestRoles(t *testing.T) {
	r := newRoom(t, Role{}, Role{}, Role{Muted: true}, Role{Special: true}, Role{HearsSpecial: true},
		Role{Deaf: true}, Role{Special: true, HearsSpecial: true})
	r.voice(7)
	r.hears() // what is played begins softly
	r.want(`
0 hears 1 4 5 7
1 hears 0 4 5 7
2 hears 0 1 4 5 7
3 hears 0 1 4 5 7
4 hears 0 1 3 5 6 7
5 hears 7
6 hears 0 1 3 4 5 7`)
	// Roles change while it goes on: whispering to 0, which 1 does not hear.
	for i, role := range []Role{
		{HearsSpecial: true}, {}, {Special: true}, {Muted: true}, {}, {}, {Muted: true, Deaf: true},
	} {
		if err := r.streams[i].JoinAs(r.mixer, role); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.streams[0].Join(r.mixer); err != nil { // and back
		t.Fatal(err)
	}
	r.want(`
0 hears 1 4 5 7
1 hears 0 4 5 7
2 hears 0 1 4 5 7
3 hears 0 1 4 5 7
4 hears 0 1 5 7
5 hears 0 1 4 7
6 hears 7`)
	if n := r.mixer.Parties(); n != 7 {
		t.Errorf("%d parties", n)
	}
}

// Two voices are heard together, and one alone when the other is silent.
func TestVoices(t *testing.T) {
	r := newRoom(t, Role{}, Role{Deaf: true})
	first, second := r.voice(2), r.voice(3)
	r.hears()
	r.want("0 hears 1 2 3\n1 hears 2 3")
	first.Play(nil)
	r.want("0 hears 1 3\n1 hears 3")
	second.Close()
	second.Close() // twice is once
	r.want("0 hears 1\n1 hears")
}

// A party below the threshold is not mixed; one that was above stays for a fifth of a second.
func TestThreshold(t *testing.T) {
	r := newRoom(t, Role{}, Role{})
	if r.mixer.Threshold() != inaudible {
		t.Errorf("it begins with %d", r.mixer.Threshold())
	}
	r.want("0 hears 1\n1 hears 0")
	r.mixer.SetThreshold(100) // 0 says 64, 1 says 128
	r.want("0 hears 1\n1 hears")
	r.mixer.SetThreshold(300)
	for range heldFrames - 1 {
		r.want("0 hears 1\n1 hears")
	}
	r.want("0 hears\n1 hears")
	r.mixer.SetThreshold(1 << 20)
	if r.mixer.Threshold() != 32767 {
		t.Errorf("it is %d", r.mixer.Threshold())
	}
	r.mixer.SetThreshold(-1)
	r.want("0 hears 1\n1 hears 0")
}

// A mixer of three audiences, with a voice that records, allocates nothing per frame.
func TestRolesAllocateNothing(t *testing.T) {
	r := newRoom(t, Role{}, Role{Special: true}, Role{HearsSpecial: true}, Role{Deaf: true})
	v := r.voice(4)
	v.Play(&constant{"x", 1000, 1 << 30})
	noAllocs(t, "mixing", func() {
		r.at = r.at.Add(codec.Frame)
		r.mixer.tick(r.at)
	})
}
