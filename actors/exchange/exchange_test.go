package exchange

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/actors/msg"
	"tandem/conf"
	"tandem/ximss/ami"
)

// talk is a machine with its time, and all that it has wanted.
type talk struct {
	*testing.T
	*Exchange
	now  time.Time
	set  conf.Exchange
	told []string
}

func begin(t *testing.T) *talk {
	return &talk{T: t, Exchange: New(nil), now: time.Unix(1795305015, 0), set: conf.Exchange{Name: "A", Address: "192.0.2.1:5038", User: "tandem",
		Secret: "word", Context: "inside"}}
}

func (k *talk) note(effects []Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case Dial:
			k.told = append(k.told, "dial "+e.Address)
		case HangUp:
			k.told = append(k.told, "hang up")
		case Write:
			var words []string
			for _, h := range e.Packet {
				words = append(words, h.Value)
			}
			k.told = append(k.told, strings.Join(words, " "))
		case Answer:
			m := e.Message.(*msg.ExchangeActed)
			k.told = append(k.told, fmt.Sprintf("answer %d: %t %s", e.Ask, m.Done, m.Text))
		}
	}
}

// after is what the machine wants since the last look.
func (k *talk) want(want ...string) {
	k.Helper()
	if got := strings.Join(k.told, "\n"); got != strings.Join(want, "\n") {
		k.Errorf("wanted\n%s\ngot\n%s", strings.Join(want, "\n"), got)
	}
	k.told = nil
}

func (k *talk) keep() { k.note(k.Keep(&k.set, k.now)) }

// hear is a packet written as "Event: A, Queue: sales".
func (k *talk) hear(text string) {
	var p ami.Packet
	for h := range strings.SplitSeq(text, ", ") {
		name, value, _ := strings.Cut(h, ": ")
		p = append(p, ami.Header{Name: name, Value: value})
	}
	k.note(k.Heard(p, k.now))
}

// live is a conversation that has come so far that all is known.
func living1(t *testing.T) *talk {
	k := begin(t)
	k.keep()
	k.note(k.Connected(k.now))
	k.hear("Response: Success, ActionID: tandem-1, Challenge: 42")
	k.hear("Response: Success, ActionID: tandem-2")
	k.hear("Response: Success, ActionID: tandem-3")
	k.hear("Event: QueueMember, ActionID: tandem-3, Queue: sales, Name: Agent/101, Location: Local/101@agents/n, Status: 1, Paused: 0")
	k.hear("Event: QueueEntry, ActionID: tandem-3, Queue: sales, Uniqueid: 1.7, Channel: SIP/x-7, Wait: 5, Position: 1")
	k.hear("Event: QueueStatusComplete, ActionID: tandem-3")
	k.want("dial 192.0.2.1:5038", "Challenge tandem-1 MD5", "Login tandem-2 MD5 tandem "+ami.Key("42", "word")+" system,agent", "QueueStatus tandem-3")
	if f := k.Find(); f.State != "live" || len(f.Members) != 1 || len(f.Callers) != 1 || f.Callers[0].EnterMs != k.now.Add(-5*time.Second).UnixMilli() {
		t.Fatalf("%v", f)
	}
	return k
}

func TestItLogsInAndAsksForAllThereIs(t *testing.T) {
	k := living1(t)
	k.keep()
	k.want() // pinged by the list
	k.now = k.now.Add(pingEvery)
	k.keep()
	k.want("Ping tandem-4")
	k.hear("Response: Success, ActionID: tandem-4, Ping: Pong, Timestamp: 1795305026.5")
	if k.Find().AheadMs != 10500 {
		t.Errorf("%d ms ahead", k.Find().AheadMs)
	}
	k.now = k.now.Add(listEvery)
	k.heard = k.now
	k.keep()
	k.want("QueueStatus tandem-5")
	k.hear("Event: QueueStatusComplete, ActionID: tandem-5")
	if f := k.Find(); len(f.Members)+len(f.Callers) != 0 {
		t.Errorf("who is not in the list is there: %v", f)
	}
}

func TestItComesBackLaterEachTime(t *testing.T) {
	k := begin(t)
	for _, wait := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
		k.keep()
		k.note(k.Lost("refused", k.now))
		k.want("dial 192.0.2.1:5038", "hang up")
		k.now = k.now.Add(wait*time.Second - 1)
		k.keep()
		k.want()
		k.now = k.now.Add(1)
	}
	k = living1(t)
	k.note(k.Lost("gone", k.now))
	k.now = k.now.Add(firstWait)
	k.keep()
	k.want("hang up", "dial 192.0.2.1:5038")
	k.note(k.Connected(k.now))
	if f := k.Find(); f.State != "proving" || len(f.Members) != 0 {
		t.Errorf("a new connection remembers: %v", f)
	}
	k.hear("Response: Error, ActionID: tandem-4, Message: Authentication failed")
	k.want("Challenge tandem-4 MD5", "hang up")
	if !strings.Contains(k.Find().Why, "Authentication failed") {
		t.Error(k.Find().Why)
	}
}

func TestSilenceAndSettingsEndAConnection(t *testing.T) {
	k := living1(t)
	k.now = k.now.Add(silence + 1)
	k.keep()
	k.want("hang up")
	k = begin(t)
	k.keep()
	k.note(k.Connected(k.now))
	k.now = k.now.Add(loginTime + 1)
	k.keep()
	k.want("dial 192.0.2.1:5038", "Challenge tandem-1 MD5", "hang up")
	k = living1(t)
	k.set.Secret = "other"
	k.keep()
	k.want("hang up", "dial 192.0.2.1:5038")
	k = living1(t)
	k.note(k.Keep(nil, k.now))
	k.note(k.Keep(nil, k.now))
	k.want("hang up")
	k = living1(t)
	k.hear("Event: Shutdown, Shutdown: Cleanly")
	k.want("hang up")
}

func TestActs(t *testing.T) {
	const device = "Local/101@agents/n"
	for _, x := range []struct {
		m     *msg.ExchangeAct
		wants string
	}{
		{&msg.ExchangeAct{Verb: "pause", Agent: "Agent/101", Device: device, Reason: "lunch"}, "QueuePause tandem-4 " + device + " true lunch"},
		{&msg.ExchangeAct{Verb: "unpause", Device: device, Queues: []string{"sales"}}, "QueuePause tandem-4 sales " + device + " false"},
		{&msg.ExchangeAct{Verb: "add", Agent: "Agent/9", Device: "SIP/9", Queues: []string{"a", "b"}, Penalty: 2},
			"QueueAdd tandem-4 a SIP/9 Agent/9 2 false\nQueueAdd tandem-5 b SIP/9 Agent/9 2 false"},
		{&msg.ExchangeAct{Verb: "remove", Device: device}, "QueueRemove tandem-4 sales " + device},
		{&msg.ExchangeAct{Verb: "remove", Agent: "Agent/9", Device: "SIP/9"}, "answer 1: false Agent/9 is in no queue of it"},
		{&msg.ExchangeAct{Verb: "pause", Agent: "Agent/9"}, "answer 1: false it is not known where Agent/9 is rung: name a device"},
		{&msg.ExchangeAct{Verb: "hangup", Call: "1.7"}, "Hangup tandem-4 SIP/x-7"},
		{&msg.ExchangeAct{Verb: "transfer", Call: "1.7", To: "777"}, "Redirect tandem-4 SIP/x-7 inside 777 1"},
		{&msg.ExchangeAct{Verb: "hangup", Call: "1.8"}, "answer 1: false there is no call 1.8 now, or its channel is not known"},
		{&msg.ExchangeAct{Verb: "spy", Call: "1.7", Device: "SIP/boss"}, "answer 1: false nobody talks in the call 1.7"},
	} {
		k := living1(t)
		k.note(k.Act(1, x.m, k.now))
		k.want(strings.Split(x.wants, "\n")...)
	}
	k := living1(t)
	k.hear("Event: AgentConnect, Queue: sales, Uniqueid: 1.7, Channel: SIP/x-7, MemberName: Agent/101, DestChannel: Local/101@agents-1;1")
	k.note(k.Act(7, &msg.ExchangeAct{Verb: "whisper", Call: "1.7", Device: "SIP/boss"}, k.now))
	k.want("Originate tandem-4 SIP/boss ChanSpy Local/101@agents-1;1,qEw true")
	k.hear("Response: Success, ActionID: tandem-4, Message: Originate successfully queued")
	k.want("answer 7: true Originate successfully queued")
	k.note(k.Act(8, &msg.ExchangeAct{Verb: "add", Device: "SIP/9", Queues: []string{"a", "b"}}, k.now))
	k.hear("Response: Error, ActionID: tandem-5, Message: No such queue")
	k.hear("Response: Success, ActionID: tandem-6, Message: Added")
	k.hear("Response: Success, ActionID: tandem-6, Message: twice")
	k.want("QueueAdd tandem-5 a SIP/9 0 false", "QueueAdd tandem-6 b SIP/9 0 false", "answer 8: false No such queue; Added")
	k.note(k.Act(9, &msg.ExchangeAct{Verb: "hangup", Call: "1.7"}, k.now))
	k.now = k.now.Add(actTime + 1)
	k.keep()
	k.want("Hangup tandem-7 SIP/x-7", "answer 9: false it did not answer within 3s: it may be done yet", "Ping tandem-8")
	k.note(k.Act(10, &msg.ExchangeAct{Verb: "hangup", Call: "1.7"}, k.now))
	k.note(k.Lost("gone", k.now))
	k.note(k.Act(11, &msg.ExchangeAct{Verb: "hangup", Call: "1.7"}, k.now))
	k.want("Hangup tandem-9 SIP/x-7", "hang up", "answer 10: false gone", "answer 11: false it is not heard now: gone")
}
