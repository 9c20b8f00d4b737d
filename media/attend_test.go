package media

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tandem/media/codec"
)

// What three parties say in these tests: the caller, the agent, and who supervises him.
var saysTones = []float64{600, 1100, 1700}

// hearsThese waits until the phone hears these of the tones and no other.
func (p *phone) hearsThese(who string, hz ...float64) {
	p.t.Helper()
	for try := 0; ; try++ {
		var got []float64
		for i, level := range p.levels(saysTones, 300*time.Millisecond) {
			if level > -20 {
				got = append(got, saysTones[i])
			}
		}
		if slices.Equal(got, hz) {
			return
		}
		if try == 8 {
			p.t.Fatalf("%s hears %v, not %v", who, got, hz)
		}
	}
}

func attend(t *testing.T, s, target *Stream, p Part) {
	t.Helper()
	if err := s.Attend(target, p); err != nil {
		t.Fatal(err)
	}
}

// A supervisor listens, whispers and barges, and leaves: the call is a relay again.
func TestAttend(t *testing.T) {
	for _, codecs := range [][3]string{{"PCMU", "PCMU", "PCMU"}, {"PCMA", "G722", "PCMU"}} {
		t.Run(fmt.Sprint(codecs), func(t *testing.T) {
			t.Parallel()
			e := newTestEngine(t, testConf())
			caller, agent, boss := newPhone(t, codecs[0]), newPhone(t, codecs[1]), newPhone(t, codecs[2])
			_, sa := join(t, e, caller, agent)
			sb := boss.call(e, Options{Call: "c"})
			caller.talk(600)
			agent.talk(1100)
			boss.talk(1700)
			agent.hearsThese("agent", 600)
			attend(t, sb, sa, Listen)
			boss.hearsThese("boss", 600, 1100)
			agent.hearsThese("agent", 600)
			caller.hearsThese("caller", 1100)
			attend(t, sb, sa, Whisper)
			agent.hearsThese("agent", 600, 1700)
			caller.hearsThese("caller", 1100)
			attend(t, sb, sa, Barge)
			caller.hearsThese("caller", 1100, 1700)
			agent.hearsThese("agent", 600, 1700)
			attend(t, sb, sa, Listen)
			caller.hearsThese("caller", 1100)
			sb.Play(nil)
			agent.hearsThese("agent", 600)
			caller.hearsThese("caller", 1100)
			boss.hearsThese("boss")
			relayed := e.Snapshot().Relayed
			for codecs[0] == codecs[1] && e.Snapshot().Relayed == relayed {
				agent.hearPackets(1)
			}
			if n := e.Snapshot().Mixers; n != 0 {
				t.Errorf("%d mixers are left", n)
			}
		})
	}
}

// The supervisor stays with the agent over holds and new callers, hears those that are in a mixer with him, and is heard
// by nobody when all is over.
func TestAttendanceGoesOn(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	caller, agent, boss := newPhone(t, "PCMU"), newPhone(t, "PCMU"), newPhone(t, "PCMU")
	sa, sb := agent.call(e, Options{Call: "b"}), boss.call(e, Options{Call: "c"})
	agent.talk(1100)
	boss.talk(1700)
	attend(t, sb, sa, Whisper)
	boss.hearsThese("boss")
	agent.hearsThese("agent")
	sc := caller.call(e, Options{Call: "a"})
	caller.talk(600)
	if err := Bridge(sc, sa); err != nil {
		t.Fatal(err)
	}
	boss.hearsThese("boss", 600, 1100)
	agent.hearsThese("agent", 600, 1700)
	sa.Play(nil) // the caller is on hold
	boss.hearsThese("boss")
	caller.hearsThese("caller")
	if err := Bridge(sa, sc); err != nil {
		t.Fatal(err)
	}
	caller.hearsThese("caller", 1100)
	agent.hearsThese("agent", 600, 1700)
	room := e.Mixer("room", 8000)
	for _, s := range []*Stream{sa, sc} {
		if err := s.Join(room); err != nil {
			t.Fatal(err)
		}
	}
	boss.hearsThese("boss", 600, 1100)
	caller.hearsThese("caller", 1100)
	agent.hearsThese("agent", 600, 1700)
	if err := sa.JoinAs(room, Role{Muted: true}); err != nil {
		t.Fatal(err)
	}
	caller.hearsThese("caller")
	agent.hearsThese("agent", 600, 1700)
	sa.Close()
	boss.hearsThese("boss")
	sc.Close()
	if n := e.Snapshot().Mixers; n != 0 {
		t.Errorf("%d mixers are left", n)
	}
	sb.Close()
}

// Each side of a call may have its supervisor; where both whisper, one is heard by his own agent and the other by nobody,
// so that no whisper reaches the other side. Impossible attendances are refused.
func TestAttendBothSides(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b, x, y := newPhone(t, "PCMU"), newPhone(t, "PCMU"), newPhone(t, "PCMU"), newPhone(t, "PCMU")
	sa, sb := join(t, e, a, b)
	sx, sy := x.call(e, Options{Call: "x"}), y.call(e, Options{Call: "y"})
	x.talk(1700)
	y.talk(1100)
	attend(t, sx, sa, Whisper)
	attend(t, sy, sb, Whisper)
	first, second, heard, whisper := a, b, sx, 1700.0
	if sb.id < sa.id {
		first, second, heard, whisper = b, a, sy, 1100
	}
	first.hearsThese("one side", whisper)
	second.hearsThese("the other side")
	for _, wrong := range [][2]*Stream{{sa, sa}, {sa, sx}, {sx, sy}} {
		if err := wrong[0].Attend(wrong[1], Listen); err == nil {
			t.Errorf("%s attends %s", wrong[0].id, wrong[1].id)
		}
	}
	heard.Close()
	second.hearsThese("the other side", 1700+1100-whisper)
	if err := heard.Attend(sa, Listen); err == nil {
		t.Error("a stream that is closed attends")
	}
	for i := len(sa.attending.by); i < maxAttendants; i++ {
		attend(t, newPhone(t, "PCMU").call(e, Options{Call: fmt.Sprint("more", i)}), sa, Listen)
	}
	if err := newPhone(t, "PCMU").call(e, Options{Call: "last"}).Attend(sa, Listen); err == nil {
		t.Error("there is no limit")
	}
}

// When a supervisor comes and goes no packet is missing, and what is said has no gap that is worth hearing.
func TestAttendLeavesNoGap(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	caller, agent, boss := newPhone(t, "PCMU"), newPhone(t, "PCMU"), newPhone(t, "PCMU")
	_, sa := join(t, e, caller, agent)
	sb := boss.call(e, Options{Call: "c"})
	caller.talk(600)
	agent.talk(1100)
	caller.hearsThese("caller", 1100)
	agent.hearsThese("agent", 600)
	done := make(chan bool)
	held := heldUp(done)
	var both sync.WaitGroup
	gaps := make([]time.Duration, 2)
	for i, p := range []*phone{caller, agent} {
		both.Go(func() { gaps[i] = p.gaps(done) })
	}
	for range 3 {
		attend(t, sb, sa, Listen)
		boss.hearsThese("boss", 600, 1100)
		sb.Play(nil)
		boss.hearsThese("boss")
	}
	close(done)
	both.Wait()
	// Where the machine holds up a phone or a stream some of what is said comes late: that is no gap of ours.
	most := 100*time.Millisecond + 2*<-held
	for i, who := range []string{"caller", "agent"} {
		t.Logf("the %s hears %v of silence at most, the machine's included, of %v that may be", who, gaps[i], most)
		if gaps[i] > most {
			t.Errorf("the %s hears %v of silence, more than %v", who, gaps[i], most)
		}
	}
}

// heldUp tells, once done, for how long the machine held somebody up who wanted to run each frame.
func heldUp(done chan bool) <-chan time.Duration {
	out := make(chan time.Duration, 1)
	go func() {
		longest := time.Duration(0)
		ticker := time.NewTicker(codec.Frame)
		defer ticker.Stop()
		for last := time.Now(); ; {
			select {
			case <-done:
				out <- longest
				return
			case <-ticker.C:
			}
			now := time.Now()
			longest = max(longest, now.Sub(last)-codec.Frame)
			last = now
		}
	}()
	return out
}

// gaps reads packets until done, which must be in sequence, and tells the longest silence in them.
func (p *phone) gaps(done chan bool) (longest time.Duration) {
	p.t.Helper()
	last, missing, quiet := uint16(0), 0, time.Duration(0)
	began := false
	for over := false; !over; {
		select {
		case <-done:
			over = true
		default:
		}
		packet, ok := p.tryNext(time.Now().Add(time.Second))
		if !ok {
			return longest
		}
		if began && packet.SequenceNumber != last+1 {
			missing++
		}
		began, last = true, packet.SequenceNumber
		loud := slices.ContainsFunc(p.decode.Decode(nil, packet.Payload), func(x int16) bool { return x > 1000 })
		if quiet += 20 * time.Millisecond; loud {
			quiet = 0
		}
		longest = max(longest, quiet)
	}
	if missing > 0 {
		p.t.Errorf("%d packets out of sequence", missing)
	}
	return longest
}
