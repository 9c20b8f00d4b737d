package actors

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/actors/account"
	"tandem/actors/queuelog/report"
	"tandem/web"
)

// Who lets himself into a call of another server needs the right to listen to the calls of its queue, in each of its queues.
func TestWhoMayHearACallOfAnotherServer(t *testing.T) {
	l := liveLogs{&House{directory: account.NewDirectory(time.Now)}}
	l.directory.SetAccount(&account.Record{AOR: "1700@tandem.local", Rights: []string{"CanSupervise"}})
	l.directory.SetAccount(&account.Record{AOR: "1701@tandem.local", Rights: []string{"CanListen:sales"}})
	l.directory.SetAccount(&account.Record{AOR: "1702@tandem.local", Rights: []string{"CanListen"}})
	l.directory.SetAccount(&account.Record{AOR: "gone@tandem.local", Rights: []string{"CanListen"}, Disabled: true})
	v := web.LiveView{Calls: []web.LiveCall{{Server: "A", ID: "1.1", Queue: "sales"}, {Server: "A", ID: "1.2", Queue: "sales"},
		{Server: "A", ID: "1.2", Queue: "care"}, {Server: "B", ID: "1.1", Queue: "care"}}}
	for _, tt := range []struct {
		account, verb, call string
		may                 bool
	}{
		{"1700@tandem.local", "spy", "A:1.1", false}, {"1700@tandem.local", "whisper", "A:1.1", false}, {"1700@tandem.local", "barge", "A:1.1", false},
		{"1700@tandem.local", "hangup", "A:1.1", true}, {"", "spy", "A:1.1", false}, {"gone@tandem.local", "spy", "A:1.1", false},
		{"1701@tandem.local", "spy", "A:1.1", true}, {"1701@tandem.local", "spy", "B:1.1", false}, {"1701@tandem.local", "barge", "A:1.2", false},
		{"1702@tandem.local", "spy", "A:1.2", true},
	} {
		a := web.LiveAct{By: web.Asker{Account: tt.account}, Verb: tt.verb, Call: tt.call, Device: "SIP/204"}
		orders, err := callOrder(a, v)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.mayHear(a, orders, v.Calls); (err == nil) != tt.may {
			t.Errorf("%s, %s %s: %v", tt.account, tt.verb, tt.call, err)
		}
	}
}

// Who supervises some queues alone takes an agent out of those, and pauses him in those: never in all, as those do who
// supervise all.
func TestWhoSupervisesSomeQueuesActsInThoseAlone(t *testing.T) {
	v := web.LiveView{Source: "cluster:A|B", Servers: []web.LiveServer{{Name: "A"}, {Name: "B"}}, Agents: []web.LiveAgent{{Name: "Agent/101",
		Seats: []web.LiveSeat{{Server: "A", Device: "SIP/101", Queues: []string{"sales"}}, {Server: "B", Device: "SIP/101", Queues: []string{"sales", "care"}}}},
		{Name: "Agent/102", Seats: []web.LiveSeat{{Server: "A", State: "talking", Device: "SIP/102", On: "sales"}}},
		{Name: "Agent/103", Seats: []web.LiveSeat{{Server: "A", Device: "SIP/103", Queues: []string{"sales"}}, {Server: "B", Device: "SIP/103", On: "sales"}}}}}
	source, err := report.ParseSource(v.Source)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		verb, agent, device string
		queues              []string
		some                bool
		told                string
	}{
		{"logoff", "101", "", nil, true, "A remove SIP/101 [sales], B remove SIP/101 [sales care]"},
		{"logoff", "101", "", nil, false, "A remove SIP/101 [], B remove SIP/101 []"},
		{"pause", "101", "", nil, true, "A pause SIP/101 [sales], B pause SIP/101 [sales care]"},
		{"pause", "101", "", nil, false, "A pause SIP/101 [], B pause SIP/101 []"},
		{"unpause", "101", "", []string{"care"}, true, "A unpause SIP/101 [care], B unpause SIP/101 [care]"},
		// He is seen for a call alone: none of his queues is known to who asks, and none would be all.
		{"logoff", "102", "", nil, true, "Agent/102 serves no queue at A"}, {"pause", "102", "", nil, true, "Agent/102 serves no queue at A"},
		{"remove", "102", "", nil, true, "Agent/102 serves no queue at A"}, {"logoff", "102", "", nil, false, "A remove SIP/102 []"},
		{"logoff", "103", "", nil, true, "A remove SIP/103 [sales]"},
		// A device that nobody sees who supervises those queues is not his to act on.
		{"pause", "101", "SIP/777", nil, true, "rung at SIP/777"}, {"pause", "101", "SIP/102", nil, true, "rung at SIP/102"},
		{"pause", "101", "SIP/103", []string{"sales"}, true, "A pause SIP/103 [sales]"},
		{"pause", "101", "SIP/777", nil, false, "A pause SIP/777 [], B pause SIP/777 []"},
	} {
		a := web.LiveAct{Verb: tt.verb, Agent: "Agent/" + tt.agent, Device: tt.device, Queues: tt.queues}
		orders, err := ordersOf(a, v, source, tt.some)
		var told []string
		for _, o := range orders {
			told = append(told, fmt.Sprint(o.server, " ", o.act.Verb, " ", o.act.Device, " ", o.act.Queues))
		}
		got := strings.Join(told, ", ")
		if refused := err != nil && strings.Contains(err.Error(), tt.told); !refused && (err != nil || got != tt.told) {
			t.Errorf("%s %v: %s %v, want %s", tt.verb, tt, got, err, tt.told)
		}
	}
}
