package ximss

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"tandem/test/lab"
)

// bindings are the ways in which a client is connected.
var bindings = []struct {
	name    string
	connect func(*lab.Member, testing.TB, string) *lab.XIMSS
}{
	{"tcp", (*lab.Member).XIMSS},
	{"websocket", (*lab.Member).XIMSSOverWebSocket},
	{"http sync", func(m *lab.Member, t testing.TB, user string) *lab.XIMSS { return m.XIMSSOverHTTP(t, user, false) }},
	{"http async", func(m *lab.Member, t testing.TB, user string) *lab.XIMSS { return m.XIMSSOverHTTP(t, user, true) }},
}

// dialogue is what a client asks, what it is refused with, and the data message it gets; MY stands for the handler of
// the session itself.
var dialogue = []struct{ request, failure, data string }{
	{`<noop/>`, "", ""},
	{`<nonsense/>`, "unknown command", ""},
	{`<login authData="1000" password="1234"/>`, "already logged in", ""},
	{`<setClientName name="a page"/>`, "", ""},
	{`<setClientName/>`, "a required parameter is missing", ""},
	{`<setSessionOption name="idleTimeout" value="300"/>`, "", ""},
	{`<setSessionOption name="idleTimeout" value="x"/>`, "idleTimeout is a number of seconds", ""},
	{`<cliExecute>GETACCOUNTSETTINGS *</cliExecute>`, "", "cliResult"},
	{`<cliExecute>GETACCOUNTSETTINGS admin</cliExecute>`, "access denied", ""},
	{`<cliExecute>NOSUCHCOMMAND</cliExecute>`, "unknown command", ""},
	{`<prefsStore><Color>blue</Color></prefsStore>`, "", ""},
	{`<prefsRead><name>Color</name></prefsRead>`, "", "prefs"},
	{`<prefsStore><Color/></prefsStore>`, "", ""},
	{`<passwordModify oldPassword="wrong" newPassword="other"/>`, "incorrect password", ""},
	{`<taskStart programName="none"/>`, "file is not found", ""},
	{`<taskFindMeeting meetingName="m"/>`, "meeting not found", ""},
	{`<taskCreateMeeting meetingName="m">word</taskCreateMeeting>`, "", ""},
	{`<taskActivateMeeting meetingName="m"/>`, "", ""},
	{`<taskFindMeeting meetingName="m"/>`, "", "taskMeeting"},
	{`<taskSendEvent taskRef="MY" eventName="echo">text</taskSendEvent>`, "", ""},
	{`<taskSendEvent taskRef="made-up" eventName="echo"/>`, "async Object not found", ""},
	{`<taskDeactivateMeeting meetingName="m"/>`, "", ""},
	{`<taskClearMeeting meetingName="m"/>`, "", ""},
	{`<taskRemoveMeeting meetingName="m"/>`, "", ""},
	{`<callKill callLeg="none"/>`, "", ""},
}

// TestOperations asks the same over each binding.
func TestOperations(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	for i, b := range bindings {
		t.Run(b.name, func(t *testing.T) {
			x := b.connect(m, t, fmt.Sprint(1001+i))
			my := ""
			for _, d := range dialogue {
				request := strings.ReplaceAll(d.request, "MY", my)
				id := x.Send(request)
				if got := x.Await("response", "id", id).Attr("errorText"); got != d.failure {
					t.Errorf("%s: %q, want %q", request, got, d.failure)
				}
				if d.data == "" {
					continue
				}
				data, ok := x.Look(d.data, "id", id)
				if !ok {
					t.Errorf("%s: no %s before the response", request, d.data)
				}
				if data.Name == "taskMeeting" {
					my = data.Attr("taskRef")
				}
			}
			if e := x.Await("taskEvent", "eventName", "echo"); e.Text != "text" || e.Attr("taskRef") != my || e.Attr("id") != "" {
				t.Errorf("the event of itself is %v", e)
			}
			if failure := x.Ask(`<bye/>`); failure != "" {
				t.Errorf("goodbye is refused: %s", failure)
			}
			lab.Wait(t, settle, "the connection ends, or the session is none any more", x.Over)
		})
	}
}

// TestHTTPTwice: a POST that comes again is not done again; a session that has ended is status 550.
func TestHTTPTwice(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	x := m.XIMSSOverHTTP(t, "1000", false)
	const requests = `<taskCreateMeeting id="a" meetingName="once"/><taskActivateMeeting id="b" meetingName="once"/>`
	for range 2 {
		status, got := m.AskOverHTTP(t, x.Session, 1000, requests)
		if status != 200 || len(got) != 2 || got[0].Attr("errorText")+got[1].Attr("errorText") != "" {
			t.Errorf("%d %v", status, got)
		}
	}
	if status, got := m.AskOverHTTP(t, x.Session, 1001, requests); len(got) != 2 || got[0].Attr("errorText") == "" {
		t.Errorf("a new number does it anew: %d %v", status, got)
	}
	if status, got := m.AskOverHTTP(t, x.Session, 1002, `<bye id="c"/>`); status != 200 || len(got) != 1 {
		t.Errorf("%d %v", status, got)
	}
	lab.Wait(t, settle, "the session is none any more", func() bool {
		status, _ := m.AskOverHTTP(t, x.Session, 1003, `<noop id="d"/>`)
		return status == 550
	})
}

// TestResume: the connection breaks, and the client comes back to what it has missed.
func TestResume(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	x, friend := m.XIMSS(t, "1000"), m.XIMSS(t, "1000")
	x.Must(`<taskCreateMeeting meetingName="x"/>`)
	x.Must(`<taskActivateMeeting meetingName="x"/>`)
	friend.Must(`<taskFindMeeting meetingName="x"/>`)
	ref := friend.Await("taskMeeting").Attr("taskRef")

	x.Close()
	lab.Wait(t, settle, "the session waits for its client", func() bool { return m.Metric("tandem_sessions", "detached") == 1 })
	for i := range 20 {
		friend.Must(fmt.Sprintf(`<taskSendEvent taskRef="%s" eventName="e%d"/>`, ref, i))
	}
	again := m.ResumeXIMSS(t, x)
	for i := range 20 {
		if e := again.Await("taskEvent"); e.Attr("eventName") != fmt.Sprint("e", i) {
			t.Errorf("event %d is %s", i, e.Attr("eventName"))
		}
	}
	// Another page takes over.
	third := m.ResumeXIMSS(t, x)
	again.Await("bye")
	lab.Wait(t, settle, "the old connection is closed", again.Over)
	third.Must(`<noop/>`)
	// An operator ends it, and it can not be resumed.
	m.Tandem("session", "kill", ref)
	third.Await("bye")
	lab.Wait(t, settle, "it is in no list", func() bool { return !strings.Contains(m.Tandem("session", "list"), ref) })
	friend.Must(`<noop/>`)
}

// words are operations that a client may send at any time; bye and passwordModify apart.
var words = strings.Fields(`noop setSessionOption setClientName cliExecute prefsRead prefsStore taskStart taskSendEvent
	taskFindMeeting taskCreateMeeting taskActivateMeeting taskDeactivateMeeting taskClearMeeting taskRemoveMeeting signalBind
	signalUnbind callStart callProvision callAccept callReject callRedirect callUpdate callUpdateAccept callUpdateReject
	callTransfer callSendDTMF callSendInfo callKill callList makeCall sendIM iqSend presenceSet rosterList rosterSet
	login auth starttls listFeatures nonsense response session x:y`)

var names = strings.Fields(`callLeg peer media otherLeg signalCode name value taskRef eventName meetingName meetingSet
	programName entryName type iqid what readIM presence deviceName clientID tag sdp`)

var values = []string{"", "a", "b", "1", "9197", "nobody@nowhere.test", "1000", "sip:x;y=z", "-1", "99999999999999999999", "&#10;",
	"&#13;&#10;Via: x", "WebRTC", "chat", "\u00e9\u4e16", strings.Repeat("long", 300), "%s%n", "true", "486", "../../etc"}

var bodies = []string{"", "text", "<sdpText>v=0</sdpText>", "<sdpText/>", "<sdp/>", `<sdp ip="[1.2.3.4]"><media media="audio" ip="[1.2.3.4]:5"/></sdp>`,
	"<subKey key=\"a\">b</subKey>", "<To>x</To>", "<param><subValue/></param>", "<body>x</body>", "<name>Color</name>", "GETACCOUNTSETTINGS *",
	"<presence>online</presence>", "<a><b><c/></b></a>", strings.Repeat("<x>", 50) + strings.Repeat("</x>", 50), "&lt;&amp;"}

// TestAnyLineInAnyState: whatever a client sends, in whatever order, each request is answered once, and the session
// and its member live on.
func TestAnyLineInAnyState(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	for i, b := range bindings {
		t.Run(b.name, func(t *testing.T) {
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			random := rand.New(rand.NewPCG(seed, 1))
			pick := func(from []string) string { return from[random.IntN(len(from))] }
			x := b.connect(m, t, fmt.Sprint(1001+i))
			asked := map[string]string{}
			for range 60 {
				var ids []string
				for range 10 {
					word := pick(words)
					request := "<" + word
					used := map[string]bool{}
					for range random.IntN(4) {
						if name := pick(names); !used[name] {
							used[name] = true
							request += fmt.Sprintf(" %s=\"%s\"", name, pick(values))
						}
					}
					request += ">" + pick(bodies) + "</" + word + ">"
					id := x.Send(request)
					ids, asked[id] = append(ids, id), request
				}
				for _, id := range ids {
					x.Await("response", "id", id)
				}
			}
			x.Must(`<noop/>`)
			for id, request := range asked {
				if again, twice := x.Look("response", "id", id); twice {
					t.Errorf("%s is answered again: %v", request, again)
				}
			}
		})
	}
	if n := m.Metric("tandem_actor_crashes_total", `kind="session"`); n != 0 {
		t.Errorf("%v sessions have crashed", n)
	}
}
