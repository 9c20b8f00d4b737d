package deck

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/conf"
	"tandem/media"
	"tandem/media/shelf"
	"tandem/media/wav"
)

// owner is who has a deck: it keeps what its deck made elsewhere, and what it says, until a test takes it.
type owner struct {
	*testing.T
	*Deck
	came  chan any
	told  chan proto.Message
	plays []string // names of what the line plays, "" for silence
	read  chan struct{}
	fails error // of Record
	dir   string
}

func (o *owner) Play(s media.Source) {
	name := ""
	if s != nil {
		name = s.Name()
	}
	o.plays = append(o.plays, name)
}
func (o *owner) Rate() int                    { return 8000 }
func (o *owner) Record(*media.Recorder) error { return o.fails }
func (o *owner) StopRecord(*media.Recorder)   {}

// deckLine gives the deck its line, whose Play is not that of the deck.
type deckLine struct{ *owner }

func (l deckLine) Play(s media.Source) { l.owner.Play(s) }

func newOwner(t *testing.T) *owner {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	engine, err := media.New(conf.DefaultMedia(), log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	o := &owner{T: t, came: make(chan any, 1000), told: make(chan proto.Message, 1000),
		read: make(chan struct{}, 1000), dir: t.TempDir()}
	sounds := shelf.New(1<<20, func(_, path string) ([]byte, error) {
		<-o.read
		if path == "none" {
			return nil, os.ErrNotExist
		}
		return append(wav.AppendHeader(nil, wav.Format{Encoding: wav.PCM, Rate: 8000, Channels: 1}, 1600), make([]byte, 1600)...), nil
	})
	o.Deck = New(Floor{Engine: engine, Sounds: sounds, Spool: o.dir}, deckLine{o}, func(m any) { o.came <- m }, log)
	o.Serve(func(m proto.Message) { o.told <- m })
	return o
}

// deliver hands the deck the next thing that it made elsewhere.
func (o *owner) deliver() {
	o.Helper()
	select {
	case m := <-o.came:
		if !o.Came(m) {
			o.Errorf("%T is not the deck's", m)
		}
	case <-time.After(5 * time.Second):
		o.Fatal("nothing was made")
	}
}

// heard is what the deck said since, in a line each.
func (o *owner) heard() (out []string) {
	for {
		select {
		case m := <-o.told:
			out = append(out, fmt.Sprint(string(m.ProtoReflect().Descriptor().Name()), " ", strings.Join(strings.Fields(fmt.Sprint(m)), " ")))
		default:
			return out
		}
	}
}

func (o *owner) want(lines ...string) {
	o.Helper()
	if got := o.heard(); strings.Join(got, "\n") != strings.Join(lines, "\n") {
		o.Errorf("told %q, want %q", got, lines)
	}
}

func file(number uint64, path string) *msg.LegPlay {
	return &msg.LegPlay{Play: number, Sound: &msg.Sound{File: &msg.SoundFile{Path: path}}}
}

// A sound that is stopped or replaced while it is got ready is never heard.
func TestStoppedBeforeItIsReady(t *testing.T) {
	o := newOwner(t)
	o.Deck.Play(file(1, "a"))
	o.Deck.Play(file(2, "a"))
	o.want("LegPlayed play:1")
	o.Stop(&msg.LegStop{Play: 2})
	o.want("LegPlayed play:2")
	o.Deck.Play(file(3, "a"))
	o.read <- struct{}{} // one reading is for all of them
	for o.played.player == nil {
		o.deliver()
	}
	if len(o.plays) != 1 || o.plays[0] != o.played.player.Name() {
		t.Errorf("the line played %q", o.plays)
	}
	o.Finished("another")
	o.want()
	o.Finished(o.plays[0])
	o.want("LegPlayed play:3")
	o.Finished(o.plays[0])
	o.want()
}

func TestNothingToPlay(t *testing.T) {
	o := newOwner(t)
	o.read <- struct{}{}
	o.Deck.Play(file(1, "none"))
	o.deliver()
	o.want(`LegPlayed play:1 error:"` + os.ErrNotExist.Error() + `"`)
	o.Deck.Play(&msg.LegPlay{Play: 2})
	o.deliver()
	o.want(`LegPlayed play:2 error:"` + errNothing.Error() + `"`)
	if len(o.plays) != 0 || o.Busy() {
		t.Errorf("the line played %q", o.plays)
	}
}

// Another Task hears nothing of what was made for the one before it, and that one gets it.
func TestAnotherTask(t *testing.T) {
	o := newOwner(t)
	o.Tape(&msg.LegTape{Record: 1}, "c1")
	o.Deck.Play(&msg.LegPlay{Play: 2, LimitMs: -1, Sound: &msg.Sound{Tone: &msg.SoundTone{Frequency: 440}}})
	later := make(chan proto.Message, 10)
	o.Serve(func(m proto.Message) { later <- m })
	o.want("LegPlayed play:2")
	o.deliver() // the file is open, and nobody wants it any more
	o.deliver() // it is whole
	o.want("LegRecorded record:1")
	if len(later) != 0 || o.Busy() {
		t.Errorf("the other Task was told %v", <-later)
	}
}

// A stream that can not be recorded is told of as such, and leaves no file.
func TestRecordFails(t *testing.T) {
	o := newOwner(t)
	o.fails = media.ErrClosed
	o.Tape(&msg.LegTape{Record: 1, LimitMs: -5}, "c1")
	o.deliver()
	o.deliver()
	o.want(`LegRecorded record:1 error:"` + media.ErrClosed.Error() + `"`)
	if left, err := os.ReadDir(o.dir); err != nil || len(left) != 0 || o.Busy() {
		t.Errorf("there lie %v, %v", left, err)
	}
}

// A Task that takes nothing out of the spool is given no more room there, until it does.
func TestSpoolIsBounded(t *testing.T) {
	o := newOwner(t)
	for i := range maxSpooled {
		o.spool[fmt.Sprint(i, ".wav")] = true
	}
	o.Tape(&msg.LegTape{Record: 1}, "c1")
	o.want(`LegRecorded record:1 error:"` + errSpooled.Error() + `"`)
	o.Kept(&msg.LegKept{Spool: "strange.wav"})
	o.Kept(&msg.LegKept{Spool: "7.wav"})
	if len(o.spool) != maxSpooled-1 || !o.Busy() {
		t.Errorf("%d lie there", len(o.spool))
	}
	o.Tape(&msg.LegTape{Record: 2}, "c1")
	o.deliver()
	o.End()
	for len(o.closes) > 0 {
		o.deliver()
	}
	o.want("LegRecorded record:2")
	o.Kept(&msg.LegKept{})
	if o.Busy() {
		t.Error("something waits to be taken")
	}
}

func TestSpans(t *testing.T) {
	for ms, want := range map[int64]time.Duration{0: 0, 20: 20 * time.Millisecond, -7: -time.Millisecond,
		1 << 62: 1000 * time.Hour} {
		if got := span(ms); got != want {
			t.Errorf("%d ms is %v", ms, got)
		}
	}
}
