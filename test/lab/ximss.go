package lab

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// XIMSS is a client of a session: it asks, and keeps what it is told. Its methods fail the test.
type XIMSS struct {
	User string
	// Session is the data message of the login.
	Session Message

	t     testing.TB
	write func(text string) error
	shut  func()

	mu     sync.Mutex
	hears  func(Message) (taken bool) // see Hearing
	number int
	said   []Message
	all    []string // also what was looked at
	over   bool     // the connection has ended
}

// Message is one element that a client was told.
type Message struct {
	Name     string
	Attrs    map[string]string
	Text     string
	Children []Message
	At       time.Time
}

// Attr is the value of an attribute, "" where there is none.
func (m Message) Attr(name string) string { return m.Attrs[name] }

// Child is the first child of a name.
func (m Message) Child(name string) (Message, bool) {
	i := slices.IndexFunc(m.Children, func(c Message) bool { return c.Name == name })
	if i < 0 {
		return Message{}, false
	}
	return m.Children[i], true
}

// SDP is the text of the description in a message, "" where there is none.
func (m Message) SDP() string {
	c, _ := m.Child("sdpText")
	return c.Text
}

// XIMSS logs a demo account in over TCP. The end of the test ends the session, unless its connection was broken off.
func (m *Member) XIMSS(t testing.TB, user string) *XIMSS {
	t.Helper()
	return m.connectXIMSS(t, user).login()
}

// connectXIMSS connects over TCP.
func (m *Member) connectXIMSS(t testing.TB, user string) *XIMSS {
	t.Helper()
	conn, err := net.Dial("tcp", net.JoinHostPort(m.Bind, strconv.Itoa(m.Ports.XIMSS)))
	if err != nil {
		t.Fatal(err)
	}
	x := &XIMSS{User: user, t: t, shut: func() { _ = conn.Close() }}
	x.write = func(text string) error { _, err := conn.Write([]byte(text + "\x00")); return err }
	go func() {
		for r := bufio.NewReader(conn); ; {
			text, err := r.ReadString(0)
			if err != nil {
				x.end()
				return
			}
			x.take(strings.TrimSuffix(text, "\x00"))
		}
	}()
	return x
}

// XIMSSOverWebSocket does the same over a WebSocket.
func (m *Member) XIMSSOverWebSocket(t testing.TB, user string) *XIMSS {
	t.Helper()
	return m.connectWebSocket(t, user).login()
}

// ResumeXIMSS is the client of a session whose connection was broken off, come back to this member over a WebSocket.
func (m *Member) ResumeXIMSS(t testing.TB, old *XIMSS) *XIMSS {
	t.Helper()
	x := m.connectWebSocket(t, old.User)
	t.Cleanup(func() { _ = x.write(`<bye id="bye"/>`); x.Close() })
	x.Must(fmt.Sprintf(`<login sessionID="%s" random="%s"/>`, old.Session.Attr("urlID"), old.Session.Attr("random")))
	x.Session = x.Await("session", "resumed", "1")
	return x
}

// connectWebSocket connects over a WebSocket.
func (m *Member) connectWebSocket(t testing.TB, user string) *XIMSS {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{"ximss"}}
	conn, _, err := dialer.Dial("ws"+strings.TrimPrefix(m.URL(), "http")+"/ximss", http.Header{})
	if err != nil {
		t.Fatal(err)
	}
	x := &XIMSS{User: user, t: t, shut: func() { _ = conn.Close() }}
	x.write = func(text string) error { return conn.WriteMessage(websocket.TextMessage, []byte(text)) }
	go func() {
		for {
			_, text, err := conn.ReadMessage()
			if err != nil {
				x.end()
				return
			}
			x.take(string(text))
		}
	}()
	return x
}

func (x *XIMSS) login() *XIMSS {
	x.t.Helper()
	x.t.Cleanup(func() { _ = x.write(`<bye id="bye"/>`); x.Close() })
	x.Must(fmt.Sprintf(`<login authData="%s@%s" password="%s"/>`, x.User, Domain, Password))
	x.Session = x.Await("session")
	return x
}

// Close breaks the connection off.
func (x *XIMSS) Close() { x.shut() }

func (x *XIMSS) end() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.over = true
}

// Over tells whether the connection has ended.
func (x *XIMSS) Over() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.over
}

// element is XML as encoding/xml reads it.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

func (e element) message(at time.Time) Message {
	m := Message{Name: e.XMLName.Local, Attrs: map[string]string{}, Text: e.Text, At: at}
	for _, a := range e.Attrs {
		m.Attrs[a.Name.Local] = a.Value
	}
	for _, c := range e.Children {
		m.Children = append(m.Children, c.message(at))
	}
	return m
}

func (x *XIMSS) take(text string) {
	var e element
	err := xml.Unmarshal([]byte(text), &e)
	m := e.message(time.Now())
	x.mu.Lock()
	defer x.mu.Unlock()
	if err == nil && x.hears != nil && x.hears(m) {
		return
	}
	x.all = append(x.all, text)
	if err != nil {
		x.t.Errorf("the client of %s was told what it can not read: %v: %s", x.User, err, text)
		return
	}
	x.said = append(x.said, m)
}

// Hearing gives all that the client is told from now on to a function first, which says whether it takes it away. It
// is called by the goroutine that reads, and must not ask the client anything.
func (x *XIMSS) Hearing(f func(Message) (taken bool)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.hears = f
}

// Send asks, and does not wait. It gives the id of the request, which need not have one.
func (x *XIMSS) Send(request string) (id string) {
	x.t.Helper()
	x.mu.Lock()
	x.number++
	id = fmt.Sprint("r", x.number)
	x.mu.Unlock()
	word := strings.FieldsFunc(request, func(r rune) bool { return r == ' ' || r == '/' || r == '>' })[0]
	if err := x.write(word + ` id="` + id + `"` + request[len(word):]); err != nil {
		x.t.Fatalf("%s: %v", request, err)
	}
	return id
}

// Ask asks and waits for the response: its errorText, "" when all went well.
func (x *XIMSS) Ask(request string) (failure string) {
	x.t.Helper()
	return x.Await("response", "id", x.Send(request)).Attr("errorText")
}

// Must is Ask for what has to go well.
func (x *XIMSS) Must(request string) {
	x.t.Helper()
	if failure := x.Ask(request); failure != "" {
		x.t.Fatalf("%s: %s", request, failure)
	}
}

// Await waits for a message of a name and with these attributes, name, value, name, value. It is the next one that
// was not looked at; others stay.
func (x *XIMSS) Await(name string, attributes ...string) Message {
	x.t.Helper()
	return x.AwaitIn(patience, name, attributes...)
}

// AwaitIn is Await for what has to come within a time.
func (x *XIMSS) AwaitIn(most time.Duration, name string, attributes ...string) (found Message) {
	x.t.Helper()
	if !poll(most, nil, func() (ok bool) { found, ok = x.Look(name, attributes...); return ok }) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.t.Fatalf("the client of %s has waited %v for %s %v in vain; it was told\n%s", x.User, most, name, attributes,
			strings.Join(x.all, "\n"))
	}
	return found
}

// Look is Await without waiting; false: there is no such message.
func (x *XIMSS) Look(name string, attributes ...string) (Message, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i, m := range x.said {
		if m.Name != name {
			continue
		}
		fits := true
		for n := 0; n+1 < len(attributes); n += 2 {
			fits = fits && m.Attr(attributes[n]) == attributes[n+1]
		}
		if fits {
			x.said = slices.Delete(x.said, i, i+1)
			return m, true
		}
	}
	return Message{}, false
}

// NewEar is audio for a call of the session.
func (x *XIMSS) NewEar() *Ear {
	x.t.Helper()
	e := (&Phone{t: x.t}).newEar()
	x.t.Cleanup(e.close)
	return e
}

// Description is what an Ear offers or answers, as an element; with a direction, "inactive", that instead of sendrecv.
func (e *Ear) Description(direction string) string {
	text := e.sdp()
	if direction != "" {
		text = e.Offer(direction)
	}
	return "<sdpText>" + strings.ReplaceAll(text, "\r\n", "\n") + "</sdpText>"
}

// Hear takes the other side's description: from here on it sends there, and keeps what comes.
func (e *Ear) Hear(t testing.TB, m Message) netip.AddrPort {
	t.Helper()
	at := mediaOf(strings.ReplaceAll(strings.ReplaceAll(m.SDP(), "\r\n", "\n"), "\n", "\r\n"))
	if at == nil {
		t.Fatalf("%s describes no audio: %q", m.Name, m.SDP())
	}
	e.connect(at)
	return at.AddrPort()
}

// Dial calls and waits until the call is up.
func (x *XIMSS) Dial(leg, peer string) *Ear {
	x.t.Helper()
	e := x.NewEar()
	x.Must(fmt.Sprintf(`<callStart callLeg="%s" peer="%s">%s</callStart>`, leg, peer, e.Description("")))
	e.Hear(x.t, x.Await("callConnected", "callLeg", leg))
	return e
}

// Bind has the session rung and told messages.
func (x *XIMSS) Bind() {
	x.t.Helper()
	if failure := x.TryBind(); failure != "" {
		x.t.Fatalf("signalBind: %s", failure)
	}
}

// TryBind is Bind for one that may be refused: it returns why, "" when it was not.
func (x *XIMSS) TryBind() (failure string) {
	x.t.Helper()
	return x.Ask(`<signalBind deviceName="Lab" readIM="1">` + x.NewEar().Description("") + `</signalBind>`)
}

// Take accepts the next call that comes.
func (x *XIMSS) Take() (leg string, e *Ear) {
	x.t.Helper()
	in := x.Await("callIncoming")
	leg, e = in.Attr("callLeg"), x.NewEar()
	x.Must(`<callProvision callLeg="` + leg + `"/>`)
	x.Must(`<callAccept callLeg="` + leg + `">` + e.Description("") + `</callAccept>`)
	x.Await("callConnected", "callLeg", leg)
	e.Hear(x.t, in)
	return leg, e
}
