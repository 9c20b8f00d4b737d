package web

import (
	"encoding/xml"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"tandem/test/lab"
)

// exchange is a server of XIMSS that does as a test tells it: it lets 1000 in with 1234, says yes to what it
// knows, and keeps what it was asked.
type exchange struct {
	t testing.TB

	mu       sync.Mutex
	conn     *websocket.Conn
	asked    []xmlNode
	answers  map[string]string // operation -> data messages before its response, with %ID
	refuse   map[string]string // operation -> errorText
	away     bool              // nobody gets in
	gone     bool              // the session is unknown
	overflow bool
	logins   int
	account  string // who may log in
	agent    string // to whom the account belongs
}

// xmlNode is an element as it came.
type xmlNode struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Inner   string     `xml:",innerxml"`
}

func (n xmlNode) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func newExchange(t testing.TB) *exchange {
	return &exchange{t: t, account: "1000", answers: map[string]string{}, refuse: map[string]string{"rosterList": "unknown command"}}
}

// ServeHTTP is one connection of a page.
func (x *exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	away := x.away
	x.mu.Unlock()
	if away {
		http.Error(w, "away", http.StatusServiceUnavailable)
		return
	}
	upgrader := websocket.Upgrader{Subprotocols: []string{"ximss"}}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	for {
		_, text, err := conn.ReadMessage()
		if err != nil {
			return
		}
		var n xmlNode
		if err := xml.Unmarshal(text, &n); err != nil {
			x.t.Errorf("the page sent %s: %v", text, err)
			return
		}
		x.mu.Lock()
		x.asked = append(x.asked, n)
		x.answer(conn, n)
		x.mu.Unlock()
	}
}

// answer says what a request is answered with.
func (x *exchange) answer(conn *websocket.Conn, n xmlNode) {
	op, id := n.XMLName.Local, n.attr("id")
	data, fault := strings.ReplaceAll(x.answers[op], "%ID", id), ""
	if text := x.refuse[op]; text != "" {
		fault = ` errorText="` + text + `" errorNum="500"`
	}
	if op == "login" {
		data, fault = x.login(n)
		if fault == "" {
			x.conn = conn
		}
	}
	for _, m := range split(data) {
		_ = conn.WriteMessage(websocket.TextMessage, []byte(m))
	}
	_ = conn.WriteMessage(websocket.TextMessage, []byte(`<response id="`+id+`"`+fault+`/>`))
}

func (x *exchange) login(n xmlNode) (data, fault string) {
	session := `<session id="login" urlID="100001-AAAABBBBCCCCDDDDEEEE" userName="` + x.account + `@tandem.local" realName="Alice" random="77" agent="` + x.agent + `"`
	switch {
	case n.attr("sessionID") != "":
		if x.gone || n.attr("sessionID") != "100001-AAAABBBBCCCCDDDDEEEE" || n.attr("random") != "77" {
			return "", ` errorText="async Object not found" errorNum="510"`
		}
		if x.overflow {
			return session + ` resumed="1" overflow="1"/>`, ""
		}
		return session + ` resumed="1"/>`, ""
	case n.attr("authData") != x.account || n.attr("password") != "1234":
		return "", ` errorText="incorrect password" errorNum="515"`
	}
	x.logins++
	x.gone = false
	return session + `/>`, ""
}

// split cuts data messages, one a line.
func split(data string) []string {
	return strings.FieldsFunc(data, func(r rune) bool { return r == '\n' })
}

// say sends a message to the page that has logged in.
func (x *exchange) say(message string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.conn.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
		x.t.Error(err)
	}
}

// cut breaks the connection, and lets nobody in until it is called with false.
func (x *exchange) cut(away bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.away = away
	if away {
		_ = x.conn.Close()
	}
}

func (x *exchange) set(f func()) {
	x.mu.Lock()
	defer x.mu.Unlock()
	f()
}

// await waits for the next request of an operation whose text has a mark in it, and forgets those before it.
func (x *exchange) await(op, mark string) (found xmlNode) {
	x.t.Helper()
	lab.Wait(x.t, browserPatience, "the page never asked for "+op+" "+mark, func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		for i, n := range x.asked {
			var all strings.Builder
			for _, a := range n.Attrs {
				all.WriteString(a.Name.Local + "=" + a.Value + " ")
			}
			if n.XMLName.Local == op && strings.Contains(all.String()+n.Inner, mark) {
				x.asked, found = x.asked[i+1:], n
				return true
			}
		}
		return false
	})
	return found
}

// incoming lets somebody call; the SDP offer is one of a server that nobody reaches.
func (x *exchange) incoming(leg, peer, name string) {
	x.say(`<callIncoming callLeg="` + leg + `" peer="` + escaped(peer) + `" peerName="` + escaped(name) + `"><sdpText>` +
		serverSDP("0", "actpass") + `</sdpText></callIncoming>`)
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

// serverSDP is a description of a WebRTC server that answers nothing.
func serverSDP(mid, setup string) string {
	return strings.ReplaceAll(`v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
a=ice-lite
a=group:BUNDLE MID
m=audio 9 UDP/TLS/RTP/SAVPF 0 101
a=mid:MID
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=sendrecv
a=rtcp-mux
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=fingerprint:sha-256 `+strings.TrimSuffix(strings.Repeat("AB:", 32), ":")+`
a=setup:`+setup+`
a=candidate:1 1 UDP 2130706431 127.0.0.1 9 typ host
a=end-of-candidates
`, "MID", mid)
}

// midOf is the name that an offer gives its audio.
var midOf = regexp.MustCompile(`a=mid:(\S+)|<attr name="mid">([^<]+)<`)

// connect answers a call of the page; it returns the name of the leg.
func (x *exchange) connect(start xmlNode) (leg string) {
	leg = start.attr("callLeg")
	x.say(`<callConnected callLeg="` + leg + `" tag="t1"><sdpText>` + x.answerTo(start) + `</sdpText></callConnected>`)
	return leg
}

func (x *exchange) answerTo(offer xmlNode) string {
	m := midOf.FindStringSubmatch(offer.Inner)
	if m == nil {
		x.t.Fatalf("no mid in %s", offer.Inner)
	}
	answer := serverSDP(m[1]+m[2], "passive")
	if strings.Contains(offer.Inner, "inactive") {
		answer = strings.Replace(answer, "sendrecv", "inactive", 1)
	}
	return answer
}

// updated answers the page's next SDP offer for a leg.
func (x *exchange) updated(leg, mark string) xmlNode {
	x.t.Helper()
	n := x.await("callUpdate", mark)
	x.say(`<callUpdated callLeg="` + leg + `"><sdpText>` + x.answerTo(n) + `</sdpText></callUpdated>`)
	return n
}
