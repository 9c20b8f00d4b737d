package actors

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/desk"
	"tandem/actors/msg"
	"tandem/web"
	"tandem/ximss/object"
)

// client is a client of sessions over TCP.
type client struct {
	testing.TB
	conn net.Conn
	in   *bufio.Reader
	last int

	early []*object.XML // came while something else was waited for
}

func connectXIMSS(t testing.TB, h *House) *client {
	t.Helper()
	conn, err := net.Dial("tcp", net.JoinHostPort(h.live.Conf().XIMSS.Bind[0], fmt.Sprint(h.Ports()["ximss"])))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &client{TB: t, conn: conn, in: bufio.NewReader(conn)}
}

// read is the next document; nil when the connection has ended.
func (c *client) read() *object.XML {
	c.Helper()
	_ = c.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	text, err := c.in.ReadString(0)
	if err != nil {
		return nil
	}
	x, err := object.ParseXML(strings.TrimSuffix(text, "\x00"))
	if err != nil {
		c.Fatalf("%q: %v", text, err)
	}
	return x
}

// await reads until a document has a name. What came before an answer to an operation counts: events overtake it.
func (c *client) await(name string) *object.XML {
	c.Helper()
	for {
		x := c.next()
		if x == nil {
			c.Fatalf("the connection ended while %s was waited for", name)
		}
		if x.Type == name {
			return x
		}
	}
}

// next is the oldest document that nobody has asked for.
func (c *client) next() *object.XML {
	c.Helper()
	if len(c.early) == 0 {
		return c.read()
	}
	x := c.early[0]
	c.early = c.early[1:]
	return x
}

// ask sends an operation, whose id it adds, and gives its data message, if there is one, and its response.
func (c *client) ask(text string) (data, response *object.XML) {
	c.Helper()
	c.last++
	id := fmt.Sprint(c.last)
	word, rest, _ := strings.Cut(text, " ")
	if _, err := fmt.Fprintf(c.conn, "%s id=%q %s\x00", word, id, rest); err != nil {
		c.Fatal(err)
	}
	for {
		x := c.read()
		switch {
		case x == nil:
			c.Fatalf("no answer to %s", text)
		case x.Attr("id") != id:
			c.early = append(c.early, x)
		case x.Type == "response":
			return data, x
		default:
			data = x
		}
	}
}

// does asks for what must succeed.
func (c *client) does(text string) *object.XML {
	c.Helper()
	data, response := c.ask(text)
	if response.Attr("errorText") != "" {
		c.Fatalf("%s: %s", text, response.Attr("errorText"))
	}
	return data
}

// fails asks for what must not.
func (c *client) fails(text, errorText string) {
	c.Helper()
	if _, response := c.ask(text); response.Attr("errorText") != errorText {
		c.Errorf("%s: %q, want %q", text, response.Attr("errorText"), errorText)
	}
}

func (c *client) login(user, password string) *object.XML {
	c.Helper()
	return c.does(fmt.Sprintf(`<login authData=%q password=%q/>`, user, password))
}

func TestSessionOfAnAccount(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	c := connectXIMSS(t, h)
	c.fails(`<login authData="1000" password="wrong"/>`, "incorrect password or account name")
	session := c.login("1000", "1234")
	if session.Type != "session" || session.Attr("userName") != "1000@tandem.local" || session.Attr("realName") == "" ||
		session.Attr("version") != "test" || len(session.Attr("random")) < 20 {
		t.Errorf("the session is %v", session)
	}
	c.does(`<noop />`)
	c.fails(`<cliExecute >GETACCOUNTSETTINGS admin</cliExecute>`, "access denied")
	if got := c.does(`<cliExecute >GETACCOUNTSETTINGS *</cliExecute>`); got.Child("subKey") == nil {
		t.Errorf("the own settings are %v", got)
	}
	c.does(`<prefsStore ><Language>German</Language></prefsStore>`)
	if got := c.does(`<prefsRead />`).Child("Language"); got == nil || got.Text() != "German" {
		t.Errorf("the preference is %v", got)
	}
	c.fails(`<passwordModify oldPassword="4321" newPassword="5678"/>`, "incorrect password")
	other := connectXIMSS(t, h)
	other.login("1000", "1234")
	c.does(`<passwordModify oldPassword="1234" newPassword="5678"/>`)
	other.await("bye") // whoever logged in with the old one
	again := connectXIMSS(t, h)
	again.fails(`<login authData="1000" password="1234"/>`, "incorrect password or account name")
	again.login("1000", "5678")
	c.does(`<bye />`)
	if x := c.read(); x != nil {
		t.Errorf("after the goodbye comes %v", x)
	}
}

// Sessions and Tasks find each other by meetings, and send each other events.
func TestSessionMeetsTask(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	storeProgram(t, h, "echo.sppr", `entry main is
	  loop e = ReadInput(3600); exitif IsDisconnectEvent(e);
	    if not IsString(e) and e.what == "ask" then Void(SendEvent(e.sender, "answer", e.parameter)); end if;
	    if not IsString(e) and e.what == "find" then
	      m = FindMeeting("", "here"); Void(SendEvent(m.id, "found", m.parameter)); end if;
	  end loop;
	end entry;`)
	c := connectXIMSS(t, h)
	c.login("1000", "1234")
	c.fails(`<taskStart programName="nothing"/>`, "file is not found")
	task := c.does(`<taskStart programName="echo"/>`).Attr("taskRef")
	c.does(fmt.Sprintf(`<taskSendEvent taskRef=%q eventName="ask"><subKey key="a">b</subKey></taskSendEvent>`, task))
	if e := c.await("taskEvent"); e.Attr("eventName") != "answer" || e.Attr("taskRef") != task || e.Child("subKey").Text() != "b" {
		t.Errorf("the task answers %v", e)
	}
	c.fails(`<taskFindMeeting meetingName="here"/>`, "meeting not found")
	c.does(`<taskCreateMeeting meetingName="here">room</taskCreateMeeting>`)
	c.does(`<taskActivateMeeting meetingName="here"/>`)
	c.does(fmt.Sprintf(`<taskSendEvent taskRef=%q eventName="find"/>`, task))
	if e := c.await("taskEvent"); e.Attr("eventName") != "found" || e.Text() != "room" {
		t.Errorf("the task says %v", e)
	}
	other := connectXIMSS(t, h)
	other.login("1000", "1234")
	other.fails(`<taskActivateMeeting meetingName="here"/>`, "meeting is already activated")
	found := other.does(`<taskFindMeeting meetingName="here"/>`)
	other.does(fmt.Sprintf(`<taskSendEvent taskRef=%q eventName="hello"/>`, found.Attr("taskRef")))
	if e := c.await("taskEvent"); e.Attr("eventName") != "hello" {
		t.Errorf("the other session says %v", e)
	}
	c.does(`<taskRemoveMeeting meetingName="here"/>`)
	c.does(`<bye />`)
	acttest.Until(t, "it is gone", func() bool { return h.member.Alive("session") == 1 })
	leg, err := h.member.Spawn("leg", &msg.LegHangup{}) // whose handler is none of a Task
	if err != nil {
		t.Fatal(err)
	}
	for _, nobody := range []string{found.Attr("taskRef"), "made up", h.member.Handler(leg)} {
		other.fails(fmt.Sprintf(`<taskSendEvent taskRef=%q eventName="hello"/>`, nobody), "async Object not found")
	}
}

// Administrators see the sessions of others and end them; everybody does so with his own.
func TestSessionsAreAdministered(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	admin, c, d := connectXIMSS(t, h), connectXIMSS(t, h), connectXIMSS(t, h)
	admin.login("admin", "1234")
	id := c.login("1000", "1234").Attr("urlID")
	c.does(`<setClientName name="page"/>`)
	d.login("1000", "1234")

	if got := admin.does(`<cliExecute >LISTACCOUNTSESSIONS 1000</cliExecute>`); len(got.Body) != 2 {
		t.Errorf("the sessions are %v", got)
	}
	if got := admin.does(`<cliExecute >FINDACCOUNTSESSION 1000 ADDRESS 127.0.0.1 PROTOCOL ximss TRANSPORT tcp CLIENT page</cliExecute>`); got.Text() != id &&
		h.live.Conf().XIMSS.Bind[0] == "127.0.0.1" {
		t.Errorf("that of the page is %v", got)
	}
	told := map[string]string{}
	for _, v := range admin.does(fmt.Sprintf(`<cliExecute >GETSESSION %q</cliExecute>`, id)).Body {
		told[v.XML().Attr("key")] = v.XML().Text()
	}
	if told["accountName"] != "1000@tandem.local" || told["client"] != "page" || told["transport"] != "tcp" || told["state"] != "attached" {
		t.Errorf("it is %v", told)
	}
	d.fails(fmt.Sprintf(`<cliExecute >GETSESSION %q</cliExecute>`, id), "access denied")
	d.fails(`<cliExecute >CREATEXIMSSSESSION 1001 ADDRESS 127.0.0.9</cliExecute>`, "access denied")
	admin.does(fmt.Sprintf(`<cliExecute >KILLSESSION %q</cliExecute>`, id))
	c.await("bye")
	admin.fails(fmt.Sprintf(`<cliExecute >KILLSESSION %q</cliExecute>`, id), "async Object not found")
	admin.fails(`<cliExecute >GETSESSION "1-2"</cliExecute>`, "async Object not found")

	made := admin.does(`<cliExecute >CREATEXIMSSSESSION 1001 ADDRESS "127.0.0.9"</cliExecute>`).Text()
	s, err := h.door.Find(t.Context(), made, netip.MustParseAddr("127.0.0.9"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Sync(t.Context(), 0, []*object.XML{object.NewXML("noop", "id", "1")}, false); err != nil || len(got) != 1 {
		t.Errorf("the session that was made answers %v, %v", got, err)
	}
	admin.fails(`<cliExecute >CREATEXIMSSSESSION 1001 ADDRESS here</cliExecute>`, "the ADDRESS is no IP address")

	// The page's list, and its button.
	list, err := h.deskSessions().Sessions(t.Context(), web.SessionQuery{Limit: 10})
	if err != nil || len(list) != 3 {
		t.Errorf("the page shows %v, %v", list, err)
	}
	admin.does(`<cliExecute >KILLACCOUNTSESSIONS 1000</cliExecute>`)
	d.await("bye")

	// A new login ends the older ones of that address; an account that is disabled loses all.
	e, f := connectXIMSS(t, h), connectXIMSS(t, h)
	e.login("1000", "1234")
	f.does(`<login authData="1000" password="1234" killOld="1"/>`)
	e.await("bye")
	off := false
	if _, err := (desk.Accounts{Ledger: h.ledger}).Save(t.Context(), web.AccountChange{AOR: "1000", Enabled: &off}); err != nil {
		t.Fatal(err)
	}
	h.endOrphanedSessions()
	f.await("bye")
}
