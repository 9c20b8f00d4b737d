package ami

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/conf"
)

func TestLogin(t *testing.T) {
	b := serve(t, nil)
	c := b.dial()
	c.say("Action: Ping", "Response: Error; Message: Permission denied")
	c.say("Hello: you", "Response: Error; Message: Missing action in request")
	c.say("Action: Challenge; AuthType: SHA", "Response: Error; Message: Must specify AuthType: MD5 is known")
	c.send("action: challenge; ActionID: 7; AuthType: md5")
	answer := c.next()
	challenge, ok := strings.CutPrefix(answer, "Response: Success; ActionID: 7; Challenge: ")
	if !ok {
		t.Fatal(answer)
	}
	sum := md5.Sum([]byte(challenge + "boss's"))
	c.say("Action: Login; ActionID: 8; AuthType: MD5; Username: boss; Key: "+hex.EncodeToString(sum[:]),
		"Response: Success; ActionID: 8; Message: Authentication accepted")
	if e := c.next(); !strings.HasPrefix(e, "Event: FullyBooted; Privilege: system,all; Status: Fully Booted") {
		t.Error(e)
	}
	c.say("Action: Login; Username: boss; Secret: boss's", "Response: Error; Message: Already logged in")
	c.send("Action: Ping; ActionID: x")
	if got := c.next(); !strings.HasPrefix(got, "Response: Success; ActionID: x; Ping: Pong; Timestamp: ") {
		t.Error(got)
	}
	c.say("Action: Logoff; ActionID: y", "Response: Goodbye; ActionID: y; Message: The connection is closed")
	c.gone()
}

func TestLoginRefused(t *testing.T) {
	b := serve(t, nil)
	sum := md5.Sum([]byte("boss's"))
	for _, action := range []string{
		"Action: Login; Username: boss; Secret: wrong",
		"Action: Login; Username: nobody; Secret: nobody's",
		"Action: Login; Username: clerk; Secret: clerk's", // may not
		"Action: Login",
		"Action: Login; AuthType: MD5; Username: boss; Key: " + hex.EncodeToString(sum[:]), // without a challenge
	} {
		c := b.dial()
		c.say(action, "Response: Error; Message: Authentication failed")
		c.gone()
	}
	for range 5 {
		c := b.dial()
		c.send("Action: Login; Username: boss; Secret: wrong")
		c.next()
	}
	c := b.dial()
	c.send("Action: Login; Username: boss; Secret: boss's")
	if got := c.next(); !strings.HasPrefix(got, "Response: Error; Message: Too many wrong passwords") {
		t.Error(got)
	}
	c.gone()
	if n := b.Snapshot(); n.Failed != 11 {
		t.Errorf("%+v", n)
	}
}

func TestLimits(t *testing.T) {
	b := serve(t, func(c *conf.AMI) { c.MaxAction, c.MaxConns, c.LoginTime = 4<<10, 6, 500*time.Millisecond })
	boss := b.as("boss")
	boss.say("Action: QueueLog; Queue: q; Event: X; Message: "+strings.Repeat("x", 3000), "Response: Success; Message: Event added successfully")
	boss.send("Action: QueueLog; Queue: q; Event: X; Message: " + strings.Repeat("x", 5000))
	if got := boss.next(); got != "Response: Error; Message: the action is too large: the connection is closed" {
		t.Error(got)
	}
	boss.gone()
	stranger := b.dial()
	stranger.send("Action: Login; Username: " + strings.Repeat("x", 3000))
	if got := stranger.next(); !strings.Contains(got, "too large") {
		t.Error(got)
	}
	garbage := b.dial()
	garbage.send("Action: \x00\x01")
	if got := garbage.next(); !strings.Contains(got, "is not text") {
		t.Error(got)
	}
	silent := b.dial()
	silent.gone() // after LoginTime

	boss = b.as("boss")
	var crowd []*client
	for range 8 {
		crowd = append(crowd, b.dial())
	}
	crowd[0].gone() // strangers do not keep others out
	late := b.as("boss")
	late.send("Action: Ping")
	late.next()
	boss.send("Action: Ping")
	boss.next()
}

// TestSlow: a client that does not read is cut off, and nobody waits for it.
func TestSlow(t *testing.T) {
	b := serve(t, func(c *conf.AMI) { c.MaxUnread = 64 << 10 })
	c := b.dial()
	c.say("Action: Login; Username: boss; Secret: boss's; Events: agent", "Response: Success; Message: Authentication accepted")
	c.send("Action: Ping")
	if c.next(); !b.Heard() {
		t.Error("nobody hears")
	}
	e := MemberEvent("QueueMemberStatus", Member{Queue: "sales", Name: strings.Repeat("x", 1000)})
	for n := 0; b.Snapshot().Connections > 0; n++ {
		if b.Publish(e); n > 100_000 {
			t.Fatal("it is still there")
		}
	}
	if n := b.Snapshot(); n.Slow != 1 {
		t.Errorf("%+v", n)
	}
}

// TestLongAnswer: a client that reads gets an answer of any length, and events between its parts; only what it has not
// asked for is counted against it.
func TestLongAnswer(t *testing.T) {
	b := serve(t, func(c *conf.AMI) { c.MaxUnread = 64 << 10 })
	b.office.more = 20_000
	c := b.as("boss")
	c.send("Action: QueueStatus; ActionID: 1")
	members := 0
	for {
		answer := c.next()
		if strings.HasPrefix(answer, "Event: QueueMember;") {
			members++
		}
		if strings.HasPrefix(answer, "Event: QueueStatusComplete") {
			break
		}
	}
	if n := b.Snapshot(); members != 20_003 || n.Slow != 0 {
		t.Errorf("%d members, %+v", members, n)
	}
}

func TestEvents(t *testing.T) {
	b := serve(t, nil)
	boss, guard, quiet := b.as("boss"), b.as("guard"), b.as("boss")
	boss.say("Action: Events; EventMask: agent,call,nonsense", "Response: Success; Events: On")
	guard.say("Action: Events; EventMask: on", "Response: Success; Events: On")
	quiet.say("Action: Events; EventMask: off", "Response: Success; Events: Off")
	for _, queue := range []string{"support", "sales"} {
		b.Publish(CallerJoins(Caller{ID: "c", Queue: queue, Position: 1}, 1))
	}
	for _, queue := range []string{"support", "sales"} {
		if e := boss.next(); !strings.HasPrefix(e, "Event: QueueCallerJoin; Privilege: agent,all; ") || !strings.HasSuffix(e, "Queue: "+queue+"; Position: 1; Count: 1") {
			t.Error(e)
		}
	}
	if e := guard.next(); !strings.Contains(e, "Queue: sales") {
		t.Errorf("the guard hears %s", e)
	}
	quiet.send("Action: Ping")
	if got := quiet.next(); !strings.Contains(got, "Pong") {
		t.Error(got)
	}
}

// What belongs to no queue is heard by who sees all calls, and what becomes of a call by who has ordered it, if he wants
// to. That an agent works is heard by who watches any of his queues.
func TestWhoHears(t *testing.T) {
	b := serve(t, nil)
	boss, guard, dialler, other := b.as("boss"), b.as("guard"), b.as("dialler"), b.as("dialler")
	for _, c := range []*client{boss, guard, dialler, other} {
		c.say("Action: Events; EventMask: on", "Response: Success; Events: On")
	}
	dialler.say("Action: Originate; Channel: SIP/1002; Exten: 2000", "Response: Success; Message: Originate successfully queued")
	b.office.order.Callback(Outcome{Order: b.office.order, Call: "leg-9"})
	b.Publish(AgentLogsOn("1002", "SIP/1002", []string{"support", "sales"}))
	b.Publish(AgentLogsOff("1004", "SIP/1004", []string{"support"}, 0))
	b.Publish(AgentLogsOff("1005", "SIP/1005", nil, 0))
	for c, want := range map[*client]string{boss: "OriginateResponse AgentLogin AgentLogoff AgentLogoff", guard: "AgentLogin",
		dialler: "OriginateResponse", other: ""} {
		c.send("Action: Ping")
		var got []string
		for p := c.next(); !strings.Contains(p, "Pong"); p = c.next() {
			name, _, _ := strings.Cut(strings.TrimPrefix(p, "Event: "), ";")
			got = append(got, name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%v is heard, want %s", got, want)
		}
	}
}

func TestQueueStatus(t *testing.T) {
	b := serve(t, nil)
	c := b.as("guard") // who sees sales alone
	c.send("Action: QueueStatus; ActionID: 9")
	var got []string
	for len(got) < 7 {
		got = append(got, c.next())
	}
	want := []string{
		"Response: Success; ActionID: 9; EventList: start; Message: Queue status will follow",
		"Event: QueueParams; Queue: sales; Max: 100; Strategy: leastrecent; Calls: 1; Holdtime: 7; TalkTime: 61; Completed: 3; Abandoned: 1; " +
			"ServiceLevel: 20; ServicelevelPerf: 75.0; ServicelevelPerf2: 80.0; Weight: 2; ActionID: 9",
		"Event: QueueMember; Queue: sales; Name: 1002; Location: SIP/1002; StateInterface: SIP/1002; Membership: static; Penalty: 0; CallsTaken: 2; " +
			"LastCall: 1795305077; LastPause: 0; LoginTime: 1795305017; InCall: 0; Status: 1; Paused: 0; PausedReason: ; Wrapuptime: 0; ActionID: 9",
		"Event: QueueMember; Queue: sales; Name: 1003; Location: SIP/1003; StateInterface: SIP/1003; Membership: dynamic; Penalty: 1; CallsTaken: 0; " +
			"LastCall: 0; LastPause: 1795305017; LoginTime: 1795305017; InCall: 0; Status: 1; Paused: 1; PausedReason: Coffee; Wrapuptime: 5; ActionID: 9",
		"Event: QueueMember; Queue: sales; Name: 1004; Location: SIP/1004; StateInterface: SIP/1004; Membership: static; Penalty: 0; CallsTaken: 0; " +
			"LastCall: 0; LastPause: 0; LoginTime: 0; InCall: 0; Status: 5; Paused: 0; PausedReason: ; Wrapuptime: 0; ActionID: 9",
		"Event: QueueEntry; Queue: sales; Position: 1; Channel: SIP/5550010-c-7; Uniqueid: c-7; CallerIDNum: 5550010; CallerIDName: <unknown>; " +
			"ConnectedLineNum: <unknown>; ConnectedLineName: <unknown>; Wait: 5; Priority: 3; ActionID: 9",
		"Event: QueueStatusComplete; ActionID: 9; EventList: Complete; ListItems: 5",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	c.send("Action: QueueSummary; Queue: sales")
	c.next()
	if e := c.next(); e != "Event: QueueSummary; Queue: sales; LoggedIn: 2; Available: 1; Callers: 1; HoldTime: 7; TalkTime: 61; LongestHoldTime: 5" {
		t.Error(e)
	}
	c.say("Action: QueueStatus; Queue: support", "Event: QueueSummaryComplete; EventList: Complete; ListItems: 1")
}

func TestActions(t *testing.T) {
	b := serve(t, nil)
	c := b.as("boss")
	good := func(message string) string { return "Response: Success; Message: " + message }
	bad := func(message string) string { return "Response: Error; Message: " + message }
	for _, s := range []struct{ action, answer, done string }{
		{"QueueAdd; Queue: sales; Interface: SIP/1005; Penalty: 3; Paused: true", good("Added interface to queue"), "boss adds SIP/1005 to sales, penalty 3, paused true"},
		{"QueueAdd; Queue: sales; Interface: SIP/1005; MemberName: 1005", good("Added interface to queue"), "boss adds 1005 to sales, penalty 0, paused false"},
		{"QueueAdd; Queue: none; Interface: SIP/1005", bad("There is no such queue"), ""},
		{"QueueAdd; Queue: sales", bad("'Interface' is missing"), ""},
		{"QueueAdd; Queue: sales; Interface: x; Penalty: much", bad("'Penalty' is no number from 0 to 1000000"), ""},
		{"QueueRemove; Queue: sales; Interface: SIP/1005", good("Removed interface from queue"), "boss removes SIP/1005 from sales"},
		{"QueuePause; Interface: SIP/1005; Paused: 1; Reason: lunch", good("Interface paused successfully"), `boss pauses SIP/1005 in "": true lunch`},
		{"QueuePause; Interface: SIP/1005; Paused: no; Queue: sales", good("Interface unpaused successfully"), `boss pauses SIP/1005 in "sales": false `},
		{"QueuePenalty; Interface: SIP/1005; Penalty: 2", good("Interface penalty set successfully"), `boss sets the penalty of SIP/1005 in "" to 2`},
		{"QueueMemberRingInUse; Interface: SIP/1005; RingInUse: yes; Queue: sales", good("Interface ringinuse set successfully"), `boss rings SIP/1005 in use in "sales": true`},
		{"QueueLog; Queue: sales; Event: CALLSTATUS; Uniqueid: c-1; Interface: Agent/5; Message: a|b", good("Event added successfully"),
			"log {Call:c-1 Queue:sales Agent:Agent/5 Verb:CALLSTATUS Text:a|b}"},
		{"QueueWithdrawCaller; Queue: sales; Caller: SIP/5550010-c-7; WithdrawInfo: closed", good("Withdraw requested successfully"), "boss withdraws c-7 from sales: closed"},
		{"QueueWithdrawCaller; Queue: sales; Caller: who", bad("There is no such caller in that queue"), ""},
		{"QueueWithdrawCaller; Queue: none; Caller: who", bad("There is no such queue"), ""},
		{"QueueChangePriorityCaller; Queue: sales; Caller: c-7; Priority: 9", good("Priority change for caller on queue requested successfully"), "boss promotes c-7 in sales to 9"},
		{"Hangup; Channel: SIP/1002-leg-1", good("Channel Hungup"), "boss ends leg-1"},
		{"Hangup; Channel: SIP/1002", bad("No such channel"), ""},
		{"Redirect; Channel: leg-1; Exten: 2001; Context: x; Priority: 1", good("Redirect successful"), "boss sends leg-1 to 2001"},
		{"Redirect; Channel: leg-1; Exten: broken", bad("Internal error, see the log"), ""},
		{"Redirect; Channel: leg-1; Exten: panic", bad("Internal error, see the log"), ""},
		{`Originate; Channel: SIP/1002; Exten: 2000; CallerID: "Tandem" <1000>; Timeout: 5000`, good("Originate successfully queued"), "boss calls SIP/1002 for 2000 as Tandem <1000>, 5s"},
		{"Originate; Channel: SIP/1002; Application: Playback", bad("Application is not known here: name an Exten"), ""},
		{"Dance", bad("Invalid/unknown command: ListCommands tells what there is"), ""},
	} {
		b.office.done = nil
		c.say("Action: "+s.action, s.answer)
		if got := strings.Join(b.office.done, "; "); got != s.done {
			t.Errorf("%s\nhas done    %s\nbut should %s", s.action, got, s.done)
		}
	}
	guard := b.as("guard")
	for name := range byName {
		switch name {
		case "login", "logoff", "challenge", "ping", "events", "listcommands", "queuestatus", "queuesummary":
			continue
		}
		guard.say("Action: "+name+"; Queue: sales; Channel: leg-1", "Response: Error; Message: Permission denied")
	}
}

func TestCalls(t *testing.T) {
	b := serve(t, nil)
	c := b.as("boss")
	c.say("Action: CoreShowChannels", "Response: Success; EventList: start; Message: Channels will follow")
	if e := c.next(); e != "Event: CoreShowChannel; Channel: SIP/1002-leg-1; ChannelState: 6; ChannelStateDesc: Up; CallerIDNum: 1002; CallerIDName: <unknown>; "+
		"ConnectedLineNum: 5550010; ConnectedLineName: <unknown>; Language: en; AccountCode: ; Context: calls; Exten: 2000; Priority: 1; Uniqueid: leg-1; "+
		"Linkedid: leg-1; Application: ; ApplicationData: ; Duration: 01:02:03; BridgeId: " {
		t.Error(e)
	}
	c.next()
	c.say("Action: Status; Channel: nobody", "Response: Error; Message: No such channel")
	c.say("Action: Status; Channel: leg-1", "Response: Success; EventList: start; Message: Channel status will follow")
	if e := c.next(); !strings.HasSuffix(e, "Seconds: 3723") {
		t.Error(e)
	}
	c.next()
	c.say("Action: Events; EventMask: call", "Response: Success; Events: On")
	c.say("Action: Originate; ActionID: 5; Channel: SIP/1002; Exten: 2000", "Response: Success; ActionID: 5; Message: Originate successfully queued")
	for _, failed := range []string{"", "busy"} {
		b.office.order.Callback(Outcome{Order: b.office.order, Call: "leg-9", Failed: failed})
		response := map[bool]string{true: "Success", false: "Failure"}[failed == ""]
		if e := c.next(); !strings.HasPrefix(e, fmt.Sprintf("Event: OriginateResponse; Privilege: call,all; ActionID: 5; Response: %s; Channel: SIP/1002; ", response)) {
			t.Error(e)
		}
	}
}
