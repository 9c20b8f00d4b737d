package actors

import (
	"strings"
	"testing"

	"tandem/actors/acttest"
	"tandem/actors/msg"
	"tandem/signal"
)

// lobby answers its calls, and writes messages down until one says that it is over.
const lobby = `entry Main is
  if PendingRequestData("From") != null then AcceptCall(); end if;
  loop
    x = ReadInput(3600);
    exitif IsDisconnectEvent(x);
    if IsInstantMessageEvent(x) != null then
      m = x.parameter;
      AppendStorageFile("starts.txt", m.From + "|" + m.authName + "|" + m.("") + ";");
      exitif m.("") == "over";
    end if;
  end loop;
end;`

// Calls and messages to a name start its task, and reach the one that runs.
func TestNamedTasks(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	program(t, h, "lobby", lobby)
	execute(t, h, "CREATENAMEDTASK lobby FOR 1000")
	p := newPhone(t, h)
	invite := func(id string) {
		t.Helper()
		offer := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n"
		from := signal.Party{URI: signal.URI{Scheme: "sip", User: "1001", Host: "tandem.local"}}.WithTag("phone")
		to := signal.Party{URI: signal.URI{Scheme: "sip", User: "lobby", Host: "tandem.local"}}
		h.ingress.Receive(&signal.Request{ID: id, Method: signal.INVITE, URI: to.URI, From: from, To: to, CallID: id, CSeq: 1,
			MaxForwards: 70, Contacts: []signal.Party{from}, ContentType: "application/sdp", Body: []byte(offer),
			Origin: signal.Origin{Account: "1001@tandem.local", Flow: registeredFlow(p, h)}})
	}
	send := func(id, text string) {
		t.Helper()
		from := signal.Party{URI: signal.URI{Scheme: "sip", User: "1001", Host: "tandem.local"}}.WithTag("phone")
		to := signal.URI{Scheme: "sip", User: "lobby", Host: "tandem.local"}
		h.ingress.Receive(&signal.Request{ID: id, Method: signal.MESSAGE, URI: to, From: from, To: signal.Party{URI: to}, CallID: id, CSeq: 1,
			MaxForwards: 70, ContentType: "text/plain", Body: []byte(text), Origin: signal.Origin{Account: "1001@tandem.local", Flow: registeredFlow(p, h)}})
	}
	living := func(n int) func() bool { return func() bool { return len(h.tasks.Rows()) == n } }

	send("early", "nobody") // it has no program yet
	acttest.Until(t, "no signal lives", func() bool { return h.member.Alive("signal") == 0 })
	if !living(0)() {
		t.Fatal("a task without a program runs")
	}
	execute(t, h, `UPDATENAMEDTASK lobby {"Program Name"=lobby;RealName=Lobby;}`)
	acttest.Until(t, "the name is known", func() bool { _, _, ok := h.directory.NamedTask("lobby@tandem.local"); return ok })
	send("m1", "hello")
	acttest.Until(t, "the message is read", func() bool { return written(t, h, "starts.txt") == "1001@tandem.local|1001@tandem.local|hello;" })
	first := h.tasks.Rows()
	if len(first) != 1 || first[0].Owner != "1000@tandem.local" || first[0].Program != "lobby" {
		t.Fatalf("there run %+v", first)
	}
	send("m2", "again")
	acttest.Until(t, "the second is read", func() bool { return strings.HasSuffix(written(t, h, "starts.txt"), "|again;") })
	invite("c1") // it has no second instance for a call
	acttest.Until(t, "the call is over", func() bool { return h.member.Alive("leg") == 0 && h.member.Alive("signal") == 0 })
	if now := h.tasks.Rows(); len(now) != 1 || now[0].Task != first[0].Task {
		t.Errorf("there run %+v", now)
	}
	send("m3", "over")
	acttest.Until(t, "the task has ended", living(0))

	invite("c2")
	acttest.Until(t, "a call has started it", func() bool { r := h.tasks.Rows(); return len(r) == 1 && r[0].Leg != "" })
	story(t, h, [][2]string{{`bob SendInstantMessage (#NULL#,lobby,"in the call")`, `#null#`}})
	acttest.Until(t, "a program's message is read in the call", func() bool {
		return strings.HasSuffix(written(t, h, "starts.txt"), "1001@tandem.local|1001@tandem.local|in the call;")
	})
	h.member.Broadcast("leg", &msg.LegHangup{})
	acttest.Until(t, "the task has ended with its call", living(0))

	execute(t, h, "DELETENAMEDTASK lobby")
	acttest.Until(t, "the name is gone", func() bool { _, _, ok := h.directory.NamedTask("lobby@tandem.local"); return !ok })
	send("m4", "nobody")
	acttest.Until(t, "no signal lives", func() bool { return h.member.Alive("signal") == 0 })
	if !living(0)() {
		t.Error("a task runs whose name is gone")
	}
}
