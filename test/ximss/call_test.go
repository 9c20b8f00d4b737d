package ximss

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// heard is how long a tone must be heard to count.
const heard = 400 * time.Millisecond

// settle is a deadline that a busy machine meets.
const settle = 30 * time.Second

// TestCalls are the calls of sessions on one member.
func TestCalls(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	for _, story := range []struct {
		name string
		play func(*testing.T, *lab.Member)
	}{
		{"echo", echo}, {"tone", tone}, {"phone", phone}, {"called by a phone", calledByPhone}, {"hold", hold},
		{"blind transfer", blindTransfer}, {"attended transfer", attendedTransfer}, {"redirect", redirect},
		{"reject", reject}, {"keys", keys}, {"notes", notes}, {"early media", earlyMedia}, {"keys before the answer", keysBeforeTheAnswer},
		{"kill", kill},
		{"several sessions", several}, {"messages", messages}, {"make call", makeCall}, {"not bound", notBound},
		{"refusals", refusals}, {"reload", reload},
		{"held by a program", heldByProgram},
	} {
		t.Run(story.name, func(t *testing.T) { story.play(t, m) })
	}
}

// A session calls the echo by either connection, and hears itself.
func echo(t *testing.T, m *lab.Member) {
	for _, x := range []*lab.XIMSS{m.XIMSS(t, "1000"), m.XIMSSOverWebSocket(t, "1000")} {
		ear := x.Dial("a", "9196")
		ear.Say(600)
		ear.AwaitTones(t, heard, 600)
		x.Must(`<callUpdateAccept callLeg="a"/>`)
		x.Must(`<callKill callLeg="a"/>`)
	}
}

func tone(t *testing.T, m *lab.Member) {
	x := m.XIMSS(t, "1000")
	x.Dial("a", "9197").AwaitTones(t, heard, 1004)
	x.Must(`<callList/>`)
	if c := x.Await("callState"); c.Attr("state") != "connected" || c.Attr("direction") != "out" || c.Attr("peer") != "9197@"+lab.Domain {
		t.Errorf("listed as %v", c.Attrs)
	}
	x.Must(`<callKill callLeg="a"/>`)
}

// taken is a phone that answers its next call.
func taken(p *lab.Phone) chan *lab.Call {
	got := make(chan *lab.Call, 1)
	go func() {
		c := <-p.Incoming()
		c.Answer()
		got <- c
	}()
	return got
}

func await(t *testing.T, calls chan *lab.Call) *lab.Call {
	t.Helper()
	select {
	case c := <-calls:
		return c
	case <-time.After(settle):
		t.Fatal("the phone was not called")
		return nil
	}
}

// registered is a phone that can be called.
func registered(t *testing.T, m *lab.Member, user string) *lab.Phone {
	t.Helper()
	p := m.Phone(t, user)
	p.Register(300)
	t.Cleanup(func() { p.Register(0) })
	return p
}

// A session calls a phone: both hear each other, and the phone hangs up.
func phone(t *testing.T, m *lab.Member) {
	x, p := m.XIMSS(t, "1000"), registered(t, m, "1001")
	got := taken(p)
	ear := x.Dial("a", "1001")
	c := await(t, got)
	ear.Say(600)
	c.AwaitTones(t, heard, 600)
	c.Say(900)
	ear.AwaitTones(t, heard, 900)
	c.Hangup()
	if d := x.Await("callDisconnected"); d.Attr("callLeg") != "a" || d.Attr("errorText") != "" {
		t.Errorf("told %v", d.Attrs)
	}
	x.Must(`<callKill callLeg="a"/>`)
}

// A phone calls a session.
func calledByPhone(t *testing.T, m *lab.Member) {
	x, p := m.XIMSSOverWebSocket(t, "1002"), m.Phone(t, "1001")
	p.Display = "Bob"
	x.Bind()
	got := make(chan *lab.Call, 1)
	go func() { got <- p.Call("1002") }()
	leg, ear := x.Take()
	c := <-got
	if c.Status != 200 {
		t.Fatalf("the phone hears %d", c.Status)
	}
	c.Say(900)
	ear.AwaitTones(t, heard, 900)
	ear.Say(600)
	c.AwaitTones(t, heard, 600)
	x.Must(`<callKill callLeg="` + leg + `"/>`)
	c.AwaitEnd()
}

// Two sessions: one holds the other, who hears music meanwhile, and takes it back with other audio.
func hold(t *testing.T, m *lab.Member) {
	a, b := m.XIMSS(t, "1000"), m.XIMSS(t, "1003")
	b.Bind()
	done := make(chan *lab.Ear, 1)
	go func() { _, ear := b.Take(); done <- ear }()
	mine := a.Dial("a", "1003")
	theirs := <-done
	mine.Say(600)
	theirs.AwaitTones(t, heard, 600)

	a.Must(`<callUpdate callLeg="a">` + mine.Description("inactive") + `</callUpdate>`)
	if u := a.Await("callUpdated"); u.Attr("signalCode") != "" || !strings.Contains(u.SDP(), "a=inactive") {
		t.Errorf("held: %v %s", u.Attrs, u.SDP())
	}
	a.Must(`<callList/>`)
	if c := a.Await("callState"); c.Attr("held") != "1" {
		t.Errorf("listed as %v", c.Attrs)
	}
	lab.Wait(t, settle, "the other side hears nothing of us any more", func() bool {
		return theirs.Latest(heard).Heard(0, 600) == 0
	})
	again := a.NewEar() // a page that was loaded anew
	a.Must(`<callUpdate callLeg="a">` + again.Description("") + `</callUpdate>`)
	again.Hear(t, a.Await("callUpdated"))
	again.Say(700)
	theirs.AwaitTones(t, heard, 700)
	theirs.Say(800)
	again.AwaitTones(t, heard, 800)
	a.Must(`<callKill callLeg="a"/>`)
	b.Await("callDisconnected")
}

// A session sends a phone on to the tone.
func blindTransfer(t *testing.T, m *lab.Member) {
	x, p := m.XIMSS(t, "1000"), registered(t, m, "1001")
	got := taken(p)
	x.Dial("a", "1001")
	c := await(t, got)
	x.Must(`<callTransfer callLeg="a" peer="9197"/>`)
	x.Await("callOpCompleted", "callLeg", "a")
	x.Await("callDisconnected", "callLeg", "a")
	c.AwaitTones(t, heard, 1004)
	c.Hangup()

	got = taken(p)
	x.Dial("b", "1001")
	c = await(t, got)
	x.Must(`<callTransfer callLeg="b" peer="96486"/>`)
	if f := x.Await("callOpFailed", "callLeg", "b"); f.Attr("signalCode") == "" || f.Attr("errorText") == "" {
		t.Errorf("failed with %v", f.Attrs)
	}
	x.Must(`<callKill callLeg="b"/>`)
	c.AwaitEnd()
}

// A session joins a phone with a session that it has talked to, which is told so.
func attendedTransfer(t *testing.T, m *lab.Member) {
	x, p, y := m.XIMSS(t, "1000"), registered(t, m, "1001"), m.XIMSS(t, "1003")
	y.Bind()
	got := taken(p)
	x.Dial("a", "1001")
	c := await(t, got)
	done := make(chan *lab.Ear, 1)
	go func() { _, ear := y.Take(); done <- ear }()
	x.Dial("b", "1003")
	ear := <-done
	x.Must(`<callTransfer callLeg="a" otherLeg="b"/>`)
	x.Await("callOpCompleted", "callLeg", "a")
	x.Await("callDisconnected", "callLeg", "a")
	x.Await("callDisconnected", "callLeg", "b")
	c.Say(900)
	ear.AwaitTones(t, heard, 900)
	ear.Say(600)
	c.AwaitTones(t, heard, 600)
	c.Hangup()
	y.Await("callDisconnected")
}

func redirect(t *testing.T, m *lab.Member) {
	x, p := m.XIMSS(t, "1002"), m.Phone(t, "1001")
	x.Bind()
	got := make(chan *lab.Call, 1)
	go func() { got <- p.Call("1002") }()
	leg := x.Await("callIncoming").Attr("callLeg")
	x.Must(`<callRedirect callLeg="` + leg + `"><To>9197</To></callRedirect>`)
	c := <-got
	c.AwaitTones(t, heard, 1004)
	c.Hangup()

	y, z := m.XIMSS(t, "1000"), m.XIMSS(t, "1003")
	y.Bind()
	z.Bind()
	go func() { got <- p.Call("1002") }()
	leg = x.Await("callIncoming").Attr("callLeg")
	x.Must(`<callRedirect callLeg="` + leg + `"><To>1000</To><To>1003</To></callRedirect>`)
	y.Await("callIncoming")
	leg, _ = z.Take()
	y.Await("callDisconnected")
	c = <-got
	if c.Status != 200 {
		t.Errorf("the caller hears %d", c.Status)
	}
	c.Hangup()
	z.Await("callDisconnected", "callLeg", leg)
}

func reject(t *testing.T, m *lab.Member) {
	x, p := m.XIMSS(t, "1002"), m.Phone(t, "1001")
	x.Bind()
	got := make(chan *lab.Call, 1)
	go func() { got <- p.Call("1002") }()
	leg := x.Await("callIncoming").Attr("callLeg")
	x.Must(`<callReject callLeg="` + leg + `" signalCode="486"/>`)
	if c := <-got; c.Status != 486 {
		t.Errorf("the caller hears %d", c.Status)
	}
	x.Must(`<callKill callLeg="` + leg + `"/>`)
}

// keysBack presses for its caller what that has pressed.
const keysBack = `
entry Main is
  if AcceptCall() != null then stop; end if;
  loop
    key = ReadInput(30);
    exitif key == null or IsDisconnectEvent(key);
    if IsString(key) then SendDTMF(key); end if;
  end loop;
end entry;
`

// Keys go into a program and come out of one; and from a phone.
func keys(t *testing.T, m *lab.Member) {
	m.Program("keysback.sppr", keysBack)
	x := m.XIMSS(t, "1000")
	x.Dial("a", "keysback#1000")
	x.Must(`<callSendDTMF callLeg="a">5#</callSendDTMF>`)
	for _, want := range "5#" {
		if key := x.Await("callDTMF", "callLeg", "a"); key.Text != string(want) {
			t.Errorf("key %q, want %q", key.Text, string(want))
		}
	}
	x.Must(`<callKill callLeg="a"/>`)

	p := registered(t, m, "1001")
	got := taken(p)
	x.Dial("b", "1001")
	c := await(t, got)
	c.Press("7")
	if key := x.Await("callDTMF", "callLeg", "b"); key.Text != "7" {
		t.Errorf("key %q", key.Text)
	}
	c.InfoKeys("8")
	if key := x.Await("callDTMF", "callLeg", "b"); key.Text != "8" {
		t.Errorf("key %q", key.Text)
	}
	x.Must(`<callKill callLeg="b"/>`)
}

func notes(t *testing.T, m *lab.Member) {
	a, b := m.XIMSS(t, "1000"), m.XIMSS(t, "1003")
	b.Bind()
	done := make(chan string, 1)
	go func() { leg, _ := b.Take(); done <- leg }()
	a.Dial("a", "1003")
	leg := <-done
	a.Must(`<callSendInfo callLeg="a" contentType="application/x-note">a &lt; b</callSendInfo>`)
	if n := b.Await("callInfo", "callLeg", leg); n.Text != "a < b" || n.Attr("contentType") != "application/x-note" {
		t.Errorf("told %v %q", n.Attrs, n.Text)
	}
	b.Must(`<callSendInfo callLeg="` + leg + `" contentType="application/x-note">back</callSendInfo>`)
	if n := a.Await("callInfo"); n.Text != "back" {
		t.Errorf("told %q", n.Text)
	}
	a.Must(`<callKill callLeg="a"/>`)
}

// Early media of a number is heard before the answer; so is that of a session.
func earlyMedia(t *testing.T, m *lab.Member) {
	x := m.XIMSS(t, "1000")
	ear := x.NewEar()
	x.Must(`<callStart callLeg="a" peer="9182">` + ear.Description("") + `</callStart>`)
	for p := x.Await("callProvisioned", "callLeg", "a"); ; p = x.Await("callProvisioned", "callLeg", "a") {
		if p.SDP() != "" {
			if p.Attr("tag") == "" {
				t.Error("early media without a tag")
			}
			ear.Hear(t, p)
			break
		}
	}
	lab.Wait(t, settle, "music before the answer", func() bool { return len(ear.Heard().Channels[0]) > 8000 })
	x.Must(`<callKill callLeg="a"/>`)

	y, p := m.XIMSS(t, "1002"), m.XIMSS(t, "1001")
	y.Bind()
	theirs, mine := y.NewEar(), p.NewEar()
	p.Must(`<callStart callLeg="e" peer="1002">` + mine.Description("") + `</callStart>`)
	in := y.Await("callIncoming")
	y.Must(`<callProvision callLeg="` + in.Attr("callLeg") + `">` + theirs.Description("") + `</callProvision>`)
	y.Await("callUpdated", "callLeg", in.Attr("callLeg"))
	theirs.Hear(t, in)
	theirs.Say(800)
	for q := p.Await("callProvisioned", "callLeg", "e"); ; q = p.Await("callProvisioned", "callLeg", "e") {
		if q.SDP() != "" {
			mine.Hear(t, q)
			break
		}
	}
	mine.AwaitTones(t, heard, 800)
	p.Must(`<callSendDTMF callLeg="e">4</callSendDTMF>`)
	if key := y.Await("callDTMF", "callLeg", in.Attr("callLeg")); key.Text != "4" {
		t.Errorf("key %q before the answer", key.Text)
	}
	y.Must(`<callAccept callLeg="` + in.Attr("callLeg") + `"/>`)
	p.Await("callConnected", "callLeg", "e")
	p.Must(`<callKill callLeg="e"/>`)
	y.Await("callDisconnected")
}

// early is a menu that takes the call only for a key pressed before.
const early = `
entry Main is
  ProvisionCall("YES", null);
  if ReadInput(20) != "6" then RejectCall(480); stop; end if;
  AcceptCall();
  ReadInput(20);
end entry;
`

// keysBeforeTheAnswer reach a program that has not taken the call yet.
func keysBeforeTheAnswer(t *testing.T, m *lab.Member) {
	m.Program("early.sppr", early)
	x := m.XIMSS(t, "1000")
	x.Must(`<callStart callLeg="a" peer="early#1000">` + x.NewEar().Description("") + `</callStart>`)
	for x.Await("callProvisioned", "callLeg", "a").SDP() == "" {
	}
	x.Must(`<callSendDTMF callLeg="a">6</callSendDTMF>`)
	x.Await("callConnected", "callLeg", "a")
	x.Must(`<callKill callLeg="a"/>`)
}

// kill ends calls in every state; nothing stays behind.
func kill(t *testing.T, m *lab.Member) {
	x, y := m.XIMSS(t, "1000"), m.XIMSS(t, "1002")
	y.Bind()
	before := len(m.Records())
	offer := x.NewEar().Description("")
	x.Must(`<callStart callLeg="a" peer="9180">` + offer + `</callStart>`)
	x.Must(`<callKill callLeg="a"/>`) // at once
	x.Must(`<callStart callLeg="a" peer="9180">` + offer + `</callStart>`)
	x.Await("callProvisioned")
	x.Must(`<callKill callLeg="a"/>`) // it rings
	x.Dial("a", "9196")
	x.Must(`<callKill callLeg="a"/>`) // up
	x.Must(`<callKill callLeg="a"/>`) // dead
	x.Must(`<callStart callLeg="a" peer="1002">` + offer + `</callStart>`)
	leg := y.Await("callIncoming").Attr("callLeg")
	y.Must(`<callKill callLeg="` + leg + `"/>`) // it rings here
	if d := x.Await("callDisconnected"); d.Attr("signalCode") != "480" {
		t.Errorf("told %v", d.Attrs)
	}
	x.Must(`<callStart callLeg="a" peer="1002">` + offer + `</callStart>`)
	leg = y.Await("callIncoming").Attr("callLeg")
	x.Must(`<callKill callLeg="a"/>`)
	y.Await("callDisconnected", "callLeg", leg)
	x.Must(`<callStart callLeg="a" peer="1002">` + offer + `</callStart>`)
	leg = y.Await("callIncoming").Attr("callLeg")
	x.Close() // the session waits for its client; that one's end is another story
	y.Must(`<callKill callLeg="` + leg + `"/>`)
	lab.Wait(t, settle, "no leg is left", func() bool { return len(m.Legs()) == 0 })
	lab.Wait(t, settle, "a record for each leg", func() bool { return len(m.Records())-before == 9 })
}

// Several sessions of one account ring; who accepts first has the call.
func several(t *testing.T, m *lab.Member) {
	a, b, c := m.XIMSS(t, "1000"), m.XIMSS(t, "1002"), m.XIMSSOverWebSocket(t, "1002")
	b.Bind()
	c.Bind()
	go a.Dial("a", "1002")
	other := b.Await("callIncoming").Attr("callLeg")
	leg, _ := c.Take()
	if d := b.Await("callDisconnected", "callLeg", other); !strings.Contains(d.Attr("errorText"), "elsewhere") {
		t.Errorf("told %v", d.Attrs)
	}
	c.Must(`<callKill callLeg="` + leg + `"/>`)
	a.Await("callDisconnected")
}

// Messages between sessions and phones, both ways; and to nobody.
func messages(t *testing.T, m *lab.Member) {
	x, y, p := m.XIMSS(t, "1000"), m.XIMSS(t, "1002"), registered(t, m, "1001")
	x.Bind()
	y.Must(`<signalBind readIM="1"><sdp/></signalBind>`) // messages, and no calls
	x.Must(`<sendIM peer="1002" type="chat">hello</sendIM>`)
	r := y.Await("readIM", "peer", "1000@"+lab.Domain)
	if b, _ := r.Child("body"); b.Text != "hello" {
		t.Errorf("read %+v", r)
	}
	y.Must(`<sendIM peer="1000@` + lab.Domain + `"><composing/></sendIM>`)
	r = x.Await("readIM")
	if _, ok := r.Child("composing"); !ok {
		t.Errorf("read %+v", r)
	}
	x.Must(`<sendIM peer="1001">to a phone</sendIM>`)
	if text := p.AwaitMessage(); text != "to a phone" {
		t.Errorf("the phone reads %q", text)
	}
	if status := p.Message("1002", "from a phone"); status != 200 {
		t.Errorf("the phone's message is answered %d", status)
	}
	if b, _ := y.Await("readIM", "peer", "1001@"+lab.Domain).Child("body"); b.Text != "from a phone" {
		t.Errorf("read %q", b.Text)
	}
	if text := x.Ask(`<sendIM peer="1009">nobody</sendIM>`); text != "Temporarily Unavailable" {
		t.Errorf("to nobody: %q", text)
	}
	x.Must(`<iqSend peer="1002" type="get" iqid="q1"><vCard/></iqSend>`)
	if q := y.Await("iqRead", "iqid", "q1"); q.Attr("type") != "get" || q.Attr("peer") != "1000@"+lab.Domain {
		t.Errorf("read %v", q.Attrs)
	}
	go x.Send(`<callStart callLeg="a" peer="1002">` + x.NewEar().Description("") + `</callStart>`)
	if d := x.Await("callDisconnected"); d.Attr("signalCode") != "480" {
		t.Errorf("a session without media: %v", d.Attrs)
	}
}

// makeCall rings the user's own phone, and then the number.
func makeCall(t *testing.T, m *lab.Member) {
	x, p := m.XIMSS(t, "1001"), registered(t, m, "1001")
	got := taken(p)
	x.Must(`<makeCall peer="9197"/>`)
	c := await(t, got)
	c.AwaitTones(t, heard, 1004)
	for x.Await("makeCallReport").Text != "" {
	}
	c.Hangup()

	x.Must(`<makeCall peer="96486"/>`)
	c = <-p.Incoming()
	c.Refuse("486 Busy Here")
	var said []string
	for text := x.Await("makeCallReport").Text; text != ""; text = x.Await("makeCallReport").Text {
		said = append(said, text)
	}
	if len(said) == 0 || said[len(said)-1] != "Busy Here" {
		t.Errorf("reported %q", said)
	}
}

// A session that is not bound any more is not rung; nor is one that is gone.
func notBound(t *testing.T, m *lab.Member) {
	x, p := m.XIMSS(t, "1004"), m.Phone(t, "1001")
	x.Bind()
	for _, r := range m.Registrations() {
		if strings.Contains(r.Contact, "ximss") && !strings.EqualFold(r.Transport, "XIMSS") {
			t.Errorf("listed as %+v", r)
		}
	}
	x.Must(`<signalUnbind/>`)
	lab.Wait(t, settle, "the registration is gone", func() bool { return registrations(m, "1004") == 0 })
	if c := p.Call("1004"); c.Status != 480 {
		t.Errorf("the caller hears %d", c.Status)
	}
	x.Bind()
	x.Must(`<bye/>`)
	lab.Wait(t, settle, "the registration is gone", func() bool { return registrations(m, "1004") == 0 })
}

func registrations(m *lab.Member, user string) (n int) {
	for _, r := range m.Registrations() {
		if strings.HasPrefix(r.AOR, user+"@") {
			n++
		}
	}
	return n
}

// What an account may not do, and what goes nowhere, is told as the end of the call.
func refusals(t *testing.T, m *lab.Member) {
	x := m.XIMSS(t, "1000")
	for peer, want := range map[string]string{"96486": "486", "1999": "404", "1009": "480", "bob@elsewhere.test": ""} {
		x.Must(fmt.Sprintf(`<callStart callLeg="%s" peer="%s">%s</callStart>`, peer, peer, x.NewEar().Description("")))
		d := x.Await("callDisconnected", "callLeg", peer)
		if d.Attr("signalCode") == "" || want != "" && d.Attr("signalCode") != want {
			t.Errorf("%s: told %v", peer, d.Attrs)
		}
	}
	x.Must(`<callStart callLeg="bad" peer="9196"><sdpText>v=0</sdpText></callStart>`)
	if d := x.Await("callDisconnected", "callLeg", "bad"); d.Attr("signalCode") == "" {
		t.Errorf("told %v", d.Attrs)
	}
}

// A page is loaded anew during a call: it resumes its session, hears what came meanwhile, finds the call, and offers
// its new audio. A call that ended meanwhile it is told of too.
func reload(t *testing.T, m *lab.Member) {
	x, p := m.XIMSS(t, "1002"), registered(t, m, "1001")
	got := taken(p)
	x.Dial("a", "1001")
	c := await(t, got)
	x.Dial("b", "9702") // which hangs up after five seconds
	x.Close()
	lab.Wait(t, settle, "the number has hung up", func() bool { return len(m.Legs()) == 2 })
	c.Press("5")
	y := m.ResumeXIMSS(t, x)
	y.Await("callDisconnected", "callLeg", "b")
	y.Await("callDTMF", "callLeg", "a")
	y.Must(`<callList/>`)
	if s := y.Await("callState"); s.Attr("callLeg") != "a" || s.Attr("state") != "connected" {
		t.Errorf("the call is %v", s.Attrs)
	}
	ear := y.NewEar()
	y.Must(`<callUpdate callLeg="a">` + ear.Description("") + `</callUpdate>`)
	ear.Hear(t, y.Await("callUpdated"))
	ear.Say(700)
	c.AwaitTones(t, heard, 700)
	c.Say(900)
	ear.AwaitTones(t, heard, 900)
	y.Must(`<callKill callLeg="a"/>`)
	c.AwaitEnd()
}

// holds holds its caller and takes it back.
const holds = `
entry Main is
  if AcceptCall() != null then stop; end if;
  Void(ReadInput(1));
  SetLocalHold(true);
  Void(ReadInput(1));
  SetLocalHold(false);
  Void(ReadInput(30));
end entry;
`

// A program holds a session: its client is asked each time, refuses once, and hears what its list says.
func heldByProgram(t *testing.T, m *lab.Member) {
	m.Program("holds.sppr", holds)
	x := m.XIMSSOverWebSocket(t, "1000")
	ear := x.Dial("a", "holds#1000")
	u := x.Await("callUpdateRequest", "callLeg", "a")
	if !strings.Contains(u.SDP(), "a=sendonly") && !strings.Contains(u.SDP(), "a=inactive") {
		t.Errorf("held by %s", u.SDP())
	}
	x.Must(`<callUpdateAccept callLeg="a"/>`) // a courtesy
	x.Must(`<callUpdateAccept callLeg="a">` + ear.Description("recvonly") + `</callUpdateAccept>`)
	x.Must(`<callList/>`)
	if c := x.Await("callState"); c.Attr("peerHeld") != "1" {
		t.Errorf("listed as %v", c.Attrs)
	}
	x.Await("callUpdateRequest", "callLeg", "a")
	x.Must(`<callUpdateReject callLeg="a" signalCode="488"/>`)
	x.Must(`<callUpdate callLeg="a">` + ear.Description("") + `</callUpdate>`)
	x.Await("callUpdated", "callLeg", "a")
	x.Must(`<callKill callLeg="a"/>`)
}
