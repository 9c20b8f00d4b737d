package mixer

import (
	"bytes"
	"encoding/binary"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"testing"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/acttest"
	"tandem/actors/cluster"
	"tandem/actors/deck"
	"tandem/actors/junction"
	"tandem/actors/msg"
	"tandem/conf"
	"tandem/media"
	"tandem/media/shelf"
	"tandem/media/spool"
	"tandem/media/wav"
)

// lab is a member whose mixers are real; probes are their owners and the legs in them.
type lab struct {
	*testing.T
	member *cluster.Member
	engine *media.Engine
	probes *acttest.Probes
	spool  string
}

func newLab(t *testing.T) *lab {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	c := conf.DefaultMedia()
	c.Bind, c.PortMin, c.PortMax, c.Quarantine, c.MaxParties = []string{"127.0.0.1"}, 28000, 29999, 0, 3
	engine, err := media.New(c, log)
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{T: t, engine: engine, probes: acttest.NewProbes(), spool: t.TempDir()}
	l.member = cluster.New(cluster.Options{Name: "m1", Key: []byte("key"), Mailbox: 100, Log: log,
		Kinds: []cluster.Kind{{Name: "mixer"}, {Name: "task", Make: l.probes.Make}}})
	t.Cleanup(func() {
		l.member.Stop()
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	sounds := shelf.New(1<<20, func(string, string) ([]byte, error) { return nil, os.ErrNotExist })
	floor := &Floor{Member: l.member, Log: log, Deck: deck.Floor{Engine: engine, Sounds: sounds, Spool: l.spool},
		Junction: junction.Floor{Engine: engine, Facing: func(netip.Addr) netip.Addr { return netip.MustParseAddr("127.0.0.1") }}}
	l.member.Introduce("mixer", floor.Make)
	return l
}

func (l *lab) probe() *acttest.Probe {
	l.Helper()
	if _, err := l.member.Spawn("task", &msg.SignalCancel{}); err != nil {
		l.Fatal(err)
	}
	return l.probes.Next(l)
}

func (l *lab) mixer(owner *acttest.Probe) *actor.PID {
	l.Helper()
	pid, err := l.member.Spawn("mixer", &msg.MixerStart{Owner: owner.PID, Call: "c1", Rate: 16000})
	if err != nil {
		l.Fatal(err)
	}
	return pid
}

func (l *lab) gone() {
	l.Helper()
	acttest.Until(l, "the mixer is gone", func() bool { return l.member.Alive("mixer") == 0 && l.engine.Snapshot().Mixers == 0 })
}

// samples are those of a WAV file.
func samples(t *testing.T, octets []byte) []int16 {
	t.Helper()
	clip, err := wav.ReadClip("recorded", bytes.NewReader(octets))
	if err != nil {
		t.Fatal(err)
	}
	return clip.Samples()
}

// The owner plays to all, and records what is said in a room; those in it learn of its end.
func TestMixer(t *testing.T) {
	l := newLab(t)
	owner, in, left := l.probe(), l.probe(), l.probe()
	mixer := l.mixer(owner)
	room := l.member.Handler(mixer)
	acttest.Until(t, "the room is open", func() bool { return l.engine.Snapshot().Mixers == 1 })
	for _, leg := range []*acttest.Probe{in, left, in} {
		l.member.Send(mixer, &msg.MixerJoined{Leg: leg.PID})
	}
	l.member.Send(mixer, &msg.MixerJoined{Leg: left.PID, Left: true})
	l.member.Send(mixer, &msg.MixerSet{SilenceLevel: 500})

	l.member.Send(mixer, &msg.LegTape{Record: 1, Account: "pbx@t.local", Program: "conference"})
	// Another voice speaks meanwhile: a recording has what others say.
	other, err := l.engine.Voice(l.engine.Mixer(room, 16000), nil)
	if err != nil {
		t.Fatal(err)
	}
	speaks := make([]byte, 0, 16000)
	for i := range 8000 {
		speaks = binary.LittleEndian.AppendUint16(speaks, uint16(4000*(i%2)))
	}
	clip, err := wav.ReadClip("speech", bytes.NewReader(append(wav.AppendHeader(nil,
		wav.Format{Encoding: wav.PCM, Rate: 16000, Channels: 1}, len(speaks)), speaks...)))
	if err != nil {
		t.Fatal(err)
	}
	acttest.Until(t, "it is recorded", func() bool { return l.engine.Snapshot().Recordings == 1 })
	other.Play(clip.Source())

	l.member.Send(mixer, &msg.LegPlay{Play: 7, LimitMs: 600, Sound: &msg.Sound{Tone: &msg.SoundTone{Frequency: 440}}})
	if m := acttest.Await[*msg.LegPlayed](t, owner); m.Play != 7 || !m.Completed || m.PositionMs != 600 || !m.Leg.Equal(mixer) {
		t.Errorf("played so: %v", m)
	}
	if n := l.engine.Mixer(room, 16000).Threshold(); n != 500 {
		t.Errorf("the threshold is %d", n)
	}
	other.Close()
	l.member.Send(mixer, &msg.LegHangup{})
	if m := acttest.Await[*msg.LegParted](t, in); !m.Leg.Equal(mixer) {
		t.Errorf("told who is in it: %v", m)
	}
	if m := acttest.Await[*msg.LegEnded](t, owner); m.Status != 200 || !m.Leg.Equal(mixer) {
		t.Errorf("told the owner: %v", m)
	}
	m := acttest.Await[*msg.LegRecorded](t, owner)
	pcm := samples(t, m.Data)
	loud := false
	for _, x := range pcm {
		loud = loud || x > 1000
	}
	if m.Record != 1 || m.Error != "" || len(pcm) < 8000/4 || !loud {
		t.Errorf("recorded %d samples, loud %v, error %q", len(pcm), loud, m.Error)
	}
	late := l.probe()
	l.member.Send(mixer, &msg.MixerJoined{Leg: late.PID})
	acttest.Await[*msg.LegParted](t, late)
	if l.engine.Snapshot().Mixers != 0 || l.member.Alive("mixer") != 1 {
		t.Error("the room is not closed, or what was recorded is not waited for")
	}
	l.member.Send(mixer, &msg.LegKept{})
	l.gone()
	acttest.Until(t, "the spool is empty", func() bool {
		entries, err := os.ReadDir(l.spool)
		return err == nil && len(entries) == 0
	})
	// Who had left heard nothing of all that.
	l.member.Send(left.PID, &msg.SignalCancelled{}) // marks the end of what it was told
	for over := false; !over; {
		switch m := acttest.Await[any](t, left).(type) {
		case *msg.SignalCancelled:
			over = true
		case *msg.LegParted:
			t.Errorf("one that had left was told %v", m)
		}
	}
}

// A mixer ends with its owner; what it recorded is left to the next start.
func TestOwnerDies(t *testing.T) {
	l := newLab(t)
	owner, in := l.probe(), l.probe()
	mixer := l.mixer(owner)
	l.member.Send(mixer, &msg.MixerJoined{Leg: in.PID})
	l.member.Send(mixer, &msg.LegTape{Record: 1, Account: "pbx@t.local"})
	acttest.Until(t, "it is recorded", func() bool { return l.engine.Snapshot().Recordings == 1 })
	l.member.Send(mixer, &msg.LegPlay{Play: 1, LimitMs: 200, Sound: &msg.Sound{Tone: &msg.SoundTone{Frequency: 440}}})
	acttest.Await[*msg.LegPlayed](t, owner)
	owner.Stop(t)
	acttest.Await[*msg.LegParted](t, in)
	l.gone()
	acttest.Until(t, "the recording has ended", func() bool { return l.engine.Snapshot().Recordings == 0 })
	orphans, err := spool.Orphans(l.spool)
	if err != nil || len(orphans) != 1 || orphans[0].Account != "pbx@t.local" {
		t.Errorf("orphans %v, %v", orphans, err)
	}
}

// An engine that is closed has no mixers, and the owner learns it.
func TestNoMixer(t *testing.T) {
	l := newLab(t)
	if err := l.engine.Close(); err != nil {
		t.Fatal(err)
	}
	owner := l.probe()
	l.mixer(owner)
	if m := acttest.Await[*msg.LegEnded](t, owner); m.Status != 503 {
		t.Errorf("told the owner: %v", m)
	}
	acttest.Until(t, "the mixer is gone", func() bool { return l.member.Alive("mixer") == 0 })
}

// A party that dies is no more in the room.
func TestPartyDies(t *testing.T) {
	l := newLab(t)
	owner, in := l.probe(), l.probe()
	mixer := l.mixer(owner)
	l.member.Send(mixer, &msg.MixerJoined{Leg: in.PID})
	in.Stop(t)
	l.member.Send(mixer, &msg.LegPlay{Play: 1, LimitMs: 20, Sound: &msg.Sound{Tone: &msg.SoundTone{}}})
	if m := acttest.Await[*msg.LegPlayed](t, owner); !m.Completed {
		t.Errorf("silence was played so: %v", m)
	}
	l.member.Send(mixer, &msg.LegHangup{})
	acttest.Await[*msg.LegEnded](t, owner)
	l.gone()
}
