package load

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"flag"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tandem/test/lab"
)

var sessions = flag.Int("sessions", 10000, "sessions of the program of XIMSS clients")

const (
	maxSessions = 12000 // each takes a file here, and one in the member
	logins      = 16    // at the same time
	askers      = 100   // of the sessions ask
	askedEach   = 50 * time.Millisecond
	// sessionRoom is what 10,000 silent sessions may take beside the member itself.
	sessionRoom = 300 << 20
	// soon is when 99 of 100 answers must be there.
	soon = 10 * time.Millisecond
)

// TestSessions logs clients in over WebSocket and measures what they take while they are silent, and how soon
// some are answered beside the silent ones: 100 of them ask 20 times a second each.
func TestSessions(t *testing.T) {
	onDemand(t)
	if *sessions < askers || *sessions > maxSessions {
		t.Fatalf("-sessions %d: must be from %d to %d", *sessions, askers, maxSessions)
	}
	m := lab.Start(t, lab.Options{Set: append([]string{"ximss.max_conns_per_ip=100000", "ximss.ping_every=5m"}, roomy...)})
	tb := table{title: "Sessions of XIMSS clients over WebSocket"}
	tb.add("after", "RSS MiB", "heap MiB", "goroutines", "each: RSS KiB", "heap KiB", "stack KiB", "goroutines")
	start := look(t, m, 1)
	tb.sample("start", start, start, 0)
	clients := logIn(t, m, *sessions)
	now := look(t, m, eagerLooks)
	tb.sample(fmt.Sprintf("%d sessions", len(clients)), now, start, len(clients))
	delays := ask(t, clients[:askers], time.Duration(*seconds*float64(time.Second)))
	now = look(t, m, 1)
	tb.sample("requests", now, start, len(clients))
	tb.print()
	p99 := quantile(delays, 0.99)
	t.Logf("%d requests, %d a second: answered within %v (median), %v (99 of 100), %v (all)", len(delays),
		int(float64(len(delays)) / *seconds), quantile(delays, 0.5), p99, delays[len(delays)-1])
	if grown := now.rss - start.rss; grown > sessionRoom {
		t.Logf("more than is allowed: %.0f MiB for %d sessions", grown/(1<<20), len(clients))
	}
	if p99 > soon {
		t.Logf("later than is allowed: %v", p99)
	}
}

// logIn opens sessions of the demo accounts with CRAM-MD5, which costs the member no hash of the password.
func logIn(t *testing.T, m *lab.Member, n int) []*websocket.Conn {
	t.Helper()
	began := time.Now()
	all := make([]*websocket.Conn, n)
	var wait sync.WaitGroup
	for first := range logins {
		wait.Go(func() {
			for i := first; i < n && !t.Failed(); i += logins {
				conn, err := session(m, fmt.Sprint(1000+i%20), i)
				if err != nil {
					t.Errorf("session %d: %v", i, err)
					return
				}
				all[i] = conn
			}
		})
	}
	wait.Wait()
	t.Cleanup(func() {
		for _, c := range all {
			if c != nil {
				_ = c.Close()
			}
		}
	})
	if t.Failed() {
		t.FailNow()
	}
	t.Logf("%d sessions in %v", n, time.Since(began))
	return all
}

// session opens one, from one of several addresses, each of which has ports enough.
func session(m *lab.Member, user string, i int) (*websocket.Conn, error) {
	from := &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+i%20))}
	d := websocket.Dialer{Subprotocols: []string{"ximss"}, ReadBufferSize: 512, WriteBufferSize: 512,
		NetDialContext: (&net.Dialer{LocalAddr: from}).DialContext}
	conn, _, err := d.Dial("ws"+strings.TrimPrefix(m.URL(), "http")+"/ximss", nil)
	if err != nil {
		return nil, err
	}
	say := func(document string) error { return conn.WriteMessage(websocket.TextMessage, []byte(document)) }
	if err = say(`<login id="1" method="CRAM-MD5"/>`); err != nil {
		return nil, err
	}
	for {
		_, heard, err := conn.ReadMessage()
		switch {
		case err != nil:
			return nil, err
		case bytes.HasPrefix(heard, []byte("<challenge ")):
			_, rest, _ := bytes.Cut(heard, []byte(`value="`))
			value, _, _ := bytes.Cut(rest, []byte(`"`))
			nonce, err := base64.StdEncoding.DecodeString(string(value))
			if err != nil {
				return nil, err
			}
			mac := hmac.New(md5.New, []byte(lab.Password))
			mac.Write(nonce)
			proof := user + " " + hex.EncodeToString(mac.Sum(nil))
			if err = say(`<auth id="2" value="` + base64.StdEncoding.EncodeToString([]byte(proof)) + `"/>`); err != nil {
				return nil, err
			}
		case bytes.HasPrefix(heard, []byte(`<response id="2"`)):
			if bytes.Contains(heard, []byte("errorText")) {
				return nil, fmt.Errorf("%s", heard)
			}
			return conn, nil
		}
	}
}

// ask lets clients ask for a time, each at its own pace, and gives the delays of the answers in order.
func ask(t *testing.T, clients []*websocket.Conn, long time.Duration) (all []time.Duration) {
	t.Helper()
	var mu sync.Mutex
	var wait sync.WaitGroup
	over := time.Now().Add(long)
	for n, c := range clients {
		wait.Go(func() {
			next := time.Now().Add(askedEach * time.Duration(n) / time.Duration(len(clients)))
			for next.Before(over) {
				time.Sleep(time.Until(next))
				next = next.Add(askedEach)
				asked := time.Now()
				err := c.WriteMessage(websocket.TextMessage, []byte(`<noop id="3"/>`))
				if err == nil {
					_, _, err = c.ReadMessage()
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				all = append(all, time.Since(asked))
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	slices.Sort(all)
	return all
}
