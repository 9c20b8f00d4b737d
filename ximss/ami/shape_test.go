package ami

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestForm compares our events with those of a real Asterisk 22: the same headers in the same order, and the same
// values in all that is said of queue and agent.
func TestForm(t *testing.T) {
	caller := func(number, id string, position int, waited time.Duration) Caller {
		return Caller{ID: id, Number: number, Queue: "sales", Position: position, Waited: waited}
	}
	ring := func(c Caller, queue, agent string, up bool) Ring {
		c.Queue = queue
		return Ring{Caller: c, Member: "Agent/" + agent, Location: "Local/" + agent + "@agents/n", Up: up}
	}
	member := func(queue, agent string, login int64, status Status) Member {
		return Member{Queue: queue, Name: "Agent/" + agent, Location: "Local/" + agent + "@agents/n", Dynamic: true,
			LoginTime: time.Unix(login, 0), Status: status}
	}
	first, second := caller("5550010", "1795305021.0", 1, 2*time.Second), caller("5100003", "1795305081.24", 1, 15*time.Second)
	second.Queue = "support"
	removed := member("dump", "104", 1795305196, InUse)
	removed.InCall = true
	paused := member("sales", "102", 1795305018, InUse)
	paused.InCall, paused.Paused, paused.Reason, paused.CallsTaken = true, true, "Coffee", 1
	paused.LastCall, paused.LastPause = time.Unix(1795305062, 0), time.Unix(1795305086, 0)
	ours := map[string]Event{}
	for _, e := range []Event{
		MemberEvent("QueueMemberAdded", member("sales", "101", 1795305017, NotInUse)),
		MemberEvent("QueueMemberRemoved", removed),
		MemberEvent("QueueMemberPause", paused),
		MemberEvent("QueueMemberStatus", member("support", "101", 1795305017, InUse)),
		CallerJoins(first, 1), CallerLeaves(first, 0), CallerAbandons(second, 1),
		AgentCalled(ring(first, "sales", "101", false)),
		AgentConnects(ring(first, "sales", "101", true), 2*time.Second),
		AgentCompletes(ring(first, "sales", "101", true), 13*time.Second, "caller"),
		AgentDumps(ring(first, "dump", "104", true)),
		AgentRingsInVain(ring(second, "support", "101", false), 6*time.Second),
		AgentLogsOn("501", "SIP/501", nil), AgentLogsOff("501", "SIP/501", nil, 200*time.Second),
	} {
		ours[e.Name] = e
	}
	for _, theirs := range recorded(t) {
		e := ours[theirs.Get("Event")].packet()
		if !slices.Equal(names(e), names(theirs)) {
			t.Errorf("%s has\n%v, want\n%v", theirs.Get("Event"), names(e), names(theirs))
		}
		for i, h := range theirs {
			switch of := strings.TrimPrefix(h.Name, "Dest"); of {
			case "Channel", "Context", "Exten", "Priority", "Uniqueid", "Linkedid", "StateInterface", "CallerIDNum", "ConnectedLineNum", "CallerIDName":
				if h.Name == of && (of == "CallerIDNum" || of == "Uniqueid") && theirs.Get("Queue") != "dump" && theirs.Get("Agent") == "" && e[i] != h {
					t.Errorf("%s has %v, want %v", theirs.Get("Event"), e[i], h)
				}
			default:
				if e[i] != h {
					t.Errorf("%s has %v, want %v", theirs.Get("Event"), e[i], h)
				}
			}
		}
		delete(ours, theirs.Get("Event"))
	}
	if len(ours) > 0 {
		t.Errorf("not compared: %v", ours)
	}
}

// recorded are events of a real server, one of each kind.
func recorded(t *testing.T) (all []Packet) {
	text, err := os.ReadFile("testdata/asterisk22.txt")
	if err != nil {
		t.Fatal(err)
	}
	r := newReader(strings.NewReader(string(text)))
	for {
		p, err := r.read(1 << 20)
		if err != nil {
			return all
		}
		all = append(all, p)
	}
}

func names(p Packet) (out []string) {
	for _, h := range p {
		out = append(out, h.Name)
	}
	return out
}

func FuzzPacket(f *testing.F) {
	for _, text := range []string{"Action: Ping\r\n\r\n", "\n\nAction:Login\nSecret: a: b\n\n", ": x\r\n\r\n", "a\x00\r\n\r\n", "A: b\r\nA: c\r\n\r\nB: d\r\n\r\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := newReader(strings.NewReader(text))
		for {
			p, err := r.read(1000)
			if err != nil {
				return
			}
			if len(p) > maxHeaders {
				t.Fatal("too many lines")
			}
			again, err := newReader(strings.NewReader(string(p.Append(nil)))).read(10000)
			if len(p) == 0 {
				continue // lines without a colon are none
			}
			if err != nil || !slices.Equal(again, p) && !strings.ContainsAny(text, "\t") {
				t.Fatalf("%q is read again as %q, %v", p, again, err)
			}
		}
	})
}

// FuzzDialogue says anything to a session: it answers or closes, and does not fall.
func FuzzDialogue(f *testing.F) {
	f.Add("Action: Login\r\nUsername: boss\r\nSecret: boss's\r\n\r\nAction: QueueStatus\r\n\r\nAction: QueueAdd\r\nQueue: q\r\n\r\n")
	f.Add("Action: Challenge\nAuthType: MD5\n\nAction: Login\nAuthType: MD5\n\n")
	f.Fuzz(func(t *testing.T, text string) { converse(t, text) })
}
