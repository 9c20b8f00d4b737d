package lab

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// httpSession is how a client asks its session over HTTP.
type httpSession struct {
	url string
	ctx context.Context
	mu  sync.Mutex
	seq int // of the last POST
}

// XIMSSOverHTTP logs a demo account in over HTTP and polls. Requests are sent by POSTs whose replies have the answers,
// or with async by such whose answers come by the poll.
func (m *Member) XIMSSOverHTTP(t testing.TB, user string, async bool) *XIMSS {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	x := &XIMSS{User: user, t: t, shut: cancel}
	h := &httpSession{ctx: ctx}
	query := url.Values{"userName": {user + "@" + Domain}, "password": {Password}, "errorAsXML": {"1"}}
	status, reply := h.do(http.MethodGet, m.URL()+"/XIMSSLogin/?"+query.Encode(), "")
	if status != http.StatusOK || len(reply.Children) != 1 || reply.Children[0].XMLName.Local != "session" {
		t.Fatalf("login over HTTP: %d %v", status, reply)
	}
	x.Session = reply.Children[0].message(time.Now())
	h.url = m.URL() + "/Session/" + x.Session.Attr("urlID") + "/"
	x.write = func(text string) error { return h.post(x, text, async) }
	t.Cleanup(func() { _ = x.write(`<bye id="bye"/>`); cancel() })
	go h.poll(x)
	return x
}

// AskOverHTTP sends requests to a session of whatever member by one POST to this one. It gives the status, and the
// names of the messages in the reply.
func (m *Member) AskOverHTTP(t testing.TB, session Message, seq int, requests string) (status int, messages []Message) {
	t.Helper()
	h := &httpSession{ctx: t.Context()}
	status, reply := h.do(http.MethodPost, fmt.Sprintf("%s/Session/%s/sync?reqSeq=%d", m.URL(), session.Attr("urlID"), seq),
		"<XIMSS>"+requests+"</XIMSS>")
	return status, reply.message(time.Now()).Children
}

// do sends one HTTP request. Status 0: it was not answered.
func (h *httpSession) do(method, to, body string) (status int, e element) {
	r, err := http.NewRequestWithContext(h.ctx, method, to, strings.NewReader(body))
	if err != nil {
		return 0, e
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, e
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, e
	}
	_ = xml.Unmarshal(text, &e) // a refusal is no XML
	return answer.StatusCode, e
}

func (h *httpSession) post(x *XIMSS, text string, async bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	kind := "sync"
	if async {
		kind = "async"
	}
	status, e := h.do(http.MethodPost, fmt.Sprintf("%s%s?reqSeq=%d", h.url, kind, h.seq), "<XIMSS>"+text+"</XIMSS>")
	if status != http.StatusOK {
		return fmt.Errorf("status %d", status)
	}
	x.takeAll(e)
	return nil
}

// poll takes what the session says, until there is none.
func (h *httpSession) poll(x *XIMSS) {
	acked := "0"
	for {
		status, e := h.do(http.MethodGet, h.url+"?maxWait=10&ackSeq="+acked, "")
		if status != http.StatusOK {
			x.end()
			return
		}
		if seq := e.message(time.Now()).Attr("respSeq"); seq != "" {
			acked = seq
		}
		x.takeAll(e)
	}
}

// takeAll takes the messages of a reply.
func (x *XIMSS) takeAll(e element) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, c := range e.Children {
		m := c.message(time.Now())
		x.said = append(x.said, m)
		x.all = append(x.all, fmt.Sprint(m.Name, " ", m.Attrs, " ", m.Text))
	}
}
