package leg

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/msg"
	"tandem/media/spool"
	"tandem/media/tone"
	"tandem/media/wav"
	"tandem/signal"
)

// archive keeps recordings in a directory, and tells of them.
type archive struct {
	dir   string
	fails error
	kept  chan spool.Note
	name  string // of the last one
}

func (a *archive) Begin(n spool.Note) (string, string, error) {
	if a.fails != nil {
		return "", "", a.fails
	}
	name, err := spool.Begin(a.dir, n)
	return name, a.dir, err
}

func (a *archive) Keep(name string, n spool.Note) error {
	a.name = name
	a.kept <- n
	return nil
}

func (a *archive) File(n spool.Note) string { return "calls/" + n.Meta["agent"] + ".wav" }

// tracks are the two channels of the recording that was kept last.
func (a *archive) tracks(t *testing.T) (left, right []int16) {
	t.Helper()
	f, err := os.Open(filepath.Join(a.dir, a.name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := wav.NewReader(f)
	if err != nil || r.Format().Channels != 2 {
		t.Fatal(err)
	}
	pcm := make([]int16, r.Samples())
	for have := 0; have < len(pcm); {
		n, err := r.Read(pcm[have:])
		if have += n; err != nil {
			break
		}
	}
	for i := 0; i+1 < len(pcm); i += 2 {
		left, right = append(left, pcm[i]), append(right, pcm[i+1])
	}
	return left, right
}

// loud is for how long the tone is heard.
func loud(pcm []int16, hz float64) time.Duration {
	d := tone.NewDetector(8000, hz)
	d.Hear(pcm)
	present, _ := d.Heard()
	return time.Duration(present) * time.Second / 8000
}

// record tells the leg what is to become of its recording, and waits for the answer.
func (c *call) record(action string, meta map[string]string) int32 {
	c.lab.Helper()
	c.tell(&msg.LegRecordCall{Operation: 5, Action: action, Account: "recordings@t.local", Program: "queue", Meta: meta})
	return acttest.Await[*msg.LegDone](c.lab, c.task).Status
}

// turns has somebody else than the Task turn the recording, and says how the call is recorded then.
func (c *call) turns(turn, want string) {
	c.lab.Helper()
	answer, err := c.lab.member.AskActor(c.lab.T.Context(), c.leg, &msg.LegRecordingFind{Turn: turn}, 2*time.Second)
	if found, ok := answer.(*msg.LegRecordingFound); err != nil || !ok || found.State != want {
		c.lab.Errorf("%q: the recording is %v %v, want %s", turn, answer, err, want)
	}
}

// The recording that a Task wants has the party left and whoever it talks to right, one after the other; what is said in
// a pause is cut out.
func TestTaskRecordsItsCall(t *testing.T) {
	l := newLab(t)
	c, first, second := l.incoming().answered(), l.incoming().answered(), l.incoming().answered()
	if status := c.record("pause", nil); status != 481 {
		t.Errorf("a recording that is none is paused: %d", status)
	}
	c.joins(first)
	first.joins(c)
	if status := c.record("start", map[string]string{"queue": "sales"}); status != 200 {
		t.Fatalf("started: %d", status)
	}
	speak := func(other *call, hz float64) {
		done := make(chan bool)
		go func() { c.sing(440, 500*time.Millisecond); done <- true }()
		other.sing(hz, 500*time.Millisecond)
		<-done
	}
	speak(first, 700)
	c.record("note", map[string]string{"agent": "1002"})
	c.turns("", "on")
	c.turns("pause", "paused")
	c.turns("pause", "paused")
	speak(first, 900) // nobody is to know this
	c.turns("resume", "on")
	c.record("pause", nil)
	c.turns("", "paused")
	c.record("resume", nil)
	c.joins(second)
	second.joins(c)
	speak(second, 1100)
	if n := l.engine.Snapshot().Recordings; n != 1 {
		t.Errorf("%d recordings", n)
	}
	c.send(signal.BYE)
	n := <-l.archive.kept
	left, right := l.archive.tracks(t)
	if n.Account != "recordings@t.local" || n.Call != c.id || n.Meta["queue"] != "sales" || n.Meta["agent"] != "1002" || n.Meta["cuts"] == "" {
		t.Errorf("the note is %+v", n)
	}
	if ms, _ := strconv.Atoi(n.Meta["length"]); ms != len(left)/8 {
		t.Errorf("it is %s ms long by its note and %d by its file", n.Meta["length"], len(left)/8)
	}
	enough, little := 300*time.Millisecond, 100*time.Millisecond
	if own := loud(left, 440); own < 2*enough || loud(left, 700) > little || loud(left, 1100) > little {
		t.Errorf("left: own %v, others %v and %v", own, loud(left, 700), loud(left, 1100))
	}
	if a, b := loud(right, 700), loud(right, 1100); a < enough || b < enough || loud(right, 440) > little {
		t.Errorf("right: the first %v, the second %v, the other side %v", a, b, loud(right, 440))
	}
	if secret := loud(right, 900); secret > little {
		t.Errorf("%v of what was said in the pause is there", secret)
	}
	acttest.Until(t, "the record is durable", func() bool { return len(l.table.Ended(9, recordedAs("~recordings@t.local/calls/1002.wav"))) == 1 })
}

func recordedAs(file string) func(*msg.LegRecord) bool {
	return func(r *msg.LegRecord) bool { return r.Recording == file }
}

// A recording that is stopped is whole while the call goes on, another one may follow, and one that can not begin says so.
func TestTaskStopsRecording(t *testing.T) {
	l := newLab(t)
	c := l.incoming().answered()
	for range 2 {
		if status := c.record("start", nil); status != 200 {
			t.Fatalf("started: %d", status)
		}
		if status := c.record("start", nil); status != 491 {
			t.Errorf("started twice: %d", status)
		}
		c.speak(200 * time.Millisecond)
		if status := c.record("stop", nil); status != 200 {
			t.Errorf("stopped: %d", status)
		}
		if n := <-l.archive.kept; n.Meta["length"] == "" {
			t.Errorf("the note is %+v", n)
		}
	}
	l.archive.fails = os.ErrPermission
	for range 2 {
		if status := c.record("start", nil); status != 503 {
			t.Errorf("it can not be recorded: %d", status)
		}
	}
	c.send(signal.BYE)
	acttest.Await[*msg.LegEnded](t, c.task)
	if n := l.engine.Snapshot().Recordings; n != 0 {
		t.Errorf("%d recordings", n)
	}
}

// A partner on another member is recorded by the junction to it.
func TestTaskRecordsAPartnerElsewhere(t *testing.T) {
	near, far := twoLabs(t)
	c, other := near.incoming().answered(), far.incoming().answered()
	if status := c.record("start", nil); status != 200 {
		t.Fatalf("started: %d", status)
	}
	c.joins(other)
	other.joins(c)
	defer c.talk(440)()
	defer other.talk(700)()
	c.hears(700)
	other.hears(440)
	c.send(signal.BYE)
	<-near.archive.kept
	left, right := near.archive.tracks(t)
	if loud(left, 440) < 200*time.Millisecond || loud(right, 700) < 200*time.Millisecond || loud(left, 700)+loud(right, 440) > 100*time.Millisecond {
		t.Errorf("left %v and %v, right %v and %v", loud(left, 440), loud(left, 700), loud(right, 700), loud(right, 440))
	}
}
