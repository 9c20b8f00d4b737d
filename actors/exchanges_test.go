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
		Seats: []web.LiveSeat{{Server: "A", Device: "SIP/101", Queues: []string{"sales"}}, {Server: "B", Device: "SIP/101", Queues: []string{"sales", "care"}}}}}}
	source, err := report.ParseSource(v.Source)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		verb   string
		queues []string
		some   bool
		told   string
	}{
		{"logoff", nil, true, "A remove [sales], B remove [sales care]"}, {"logoff", nil, false, "A remove [], B remove []"},
		{"pause", nil, true, "A pause [sales], B pause [sales care]"}, {"pause", nil, false, "A pause [], B pause []"},
		{"unpause", []string{"care"}, true, "A unpause [care], B unpause [care]"},
	} {
		orders, err := ordersOf(web.LiveAct{Verb: tt.verb, Agent: "Agent/101", Queues: tt.queues}, v, source, tt.some)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, o := range orders {
			told = append(told, fmt.Sprint(o.server, " ", o.act.Verb, " ", o.act.Queues))
		}
		if got := strings.Join(told, ", "); got != tt.told {
			t.Errorf("%s %v: %s, want %s", tt.verb, tt.queues, got, tt.told)
		}
	}
}
