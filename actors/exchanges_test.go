package actors

import (
	"testing"
	"time"

	"tandem/actors/account"
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
