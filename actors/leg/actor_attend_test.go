package leg

import (
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/msg"
	"tandem/media/tone"
	"tandem/signal"
)

// attends lets the call's party attend another call, and waits for the answer.
func (c *call) attends(other *call, part string) {
	c.lab.Helper()
	c.tell(&msg.LegAttend{Operation: 3, Leg: elsewhere(other.leg), Part: part})
	if m := acttest.Await[*msg.LegDone](c.lab, c.task); m.Operation != 3 || m.Status != 200 {
		c.lab.Fatalf("attended so: %v", m)
	}
}

// picks waits until the phone hears a tone for a while, whatever else it hears; deaf, until it hears none of it.
func (c *call) picks(hz float64) {
	c.lab.Helper()
	c.follows(hz, func(dBm0 float64) bool { return dBm0 > -20 })
}
func (c *call) deaf(hz float64) {
	c.lab.Helper()
	c.follows(hz, func(dBm0 float64) bool { return dBm0 < -30 })
}

func (c *call) follows(hz float64, good func(dBm0 float64) bool) {
	c.lab.Helper()
	detector, decoder := tone.NewDetector(c.params.Codec.Rate, hz), c.params.Codec.NewDecoder()
	run := 0
	for deadline := time.Now().Add(10 * time.Second); run < 15; run++ {
		packet, ok := c.packet(deadline)
		if !ok {
			c.lab.Fatalf("%s: %g Hz is not as it should be", c.id, hz)
		}
		if packet[1]&0x7f != c.params.RecvPayload {
			continue
		}
		if detector.Hear(decoder.Decode(nil, packet[12:])); !good(detector.Level()) {
			run = 0
		}
	}
}

// A supervisor attends the agent's call, wherever he and the two others live: he listens, whispers, barges and leaves; his
// leaving and the end of the call are told.
func TestTaskAttendsACall(t *testing.T) {
	for _, where := range []string{"one member", "supervisor elsewhere", "caller elsewhere"} {
		t.Run(where, func(t *testing.T) {
			near, far := twoLabs(t)
			at := func(elsewhere bool) *call {
				if elsewhere {
					return far.incoming().answered()
				}
				return near.incoming().answered()
			}
			caller, agent, boss := at(where == "caller elsewhere"), at(false), at(where == "supervisor elsewhere")
			caller.joins(agent)
			agent.joins(caller)
			defer caller.talk(600)()
			defer agent.talk(1100)()
			defer boss.talk(1700)()
			boss.attends(agent, "listen")
			boss.picks(600)
			boss.picks(1100)
			agent.picks(600)
			agent.deaf(1700)
			boss.attends(agent, "whisper")
			agent.picks(1700)
			caller.deaf(1700)
			boss.attends(agent, "barge")
			caller.picks(1700)
			boss.tell(&msg.LegPart{})
			caller.deaf(1700)
			boss.deaf(600)
			caller.picks(1100)
			agent.picks(600)
			boss.attends(agent, "listen")
			boss.picks(600)
			agent.send(signal.BYE)
			if m := acttest.Await[*msg.LegParted](t, boss.task); m.Partner == nil || m.Partner.Id != agent.leg.Id || !m.Leg.Equal(boss.leg) {
				t.Errorf("the end was told as %v", m)
			}
			boss.deaf(600)
			boss.tell(&msg.LegAttend{Leg: elsewhere(agent.leg), Part: "listen"})
			if m := acttest.Await[*msg.LegParted](t, boss.task); m.Status < 300 {
				t.Errorf("a call that is over is attended: %v", m)
			}
			acttest.Until(t, "no stream is left over", func() bool { return near.engine.Snapshot().Mixers+far.engine.Snapshot().Mixers == 0 })
		})
	}
}

// A supervisor who is lost leaves the call as it was.
func TestAttendantIsLost(t *testing.T) {
	near, far := twoLabs(t)
	caller, agent, boss := near.incoming().answered(), near.incoming().answered(), far.incoming().answered()
	caller.joins(agent)
	agent.joins(caller)
	defer caller.talk(600)()
	defer agent.talk(1100)()
	defer boss.talk(1700)()
	boss.attends(agent, "barge")
	caller.picks(1700)
	far.stop()
	caller.deaf(1700)
	agent.picks(600)
	acttest.Until(t, "the bridge is a relay again", func() bool { return near.engine.Snapshot().Mixers == 0 })
}
