package attack

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

// rude are how many clients of sessions of each kind come at the same time.
const rude = 50

// TestRudeClientsOfSessions lets clients come that say nothing, half a document, documents that are made to hurt,
// requests without end whose answers they do not read, and passwords that they guess.
func TestRudeClientsOfSessions(t *testing.T) {
	w := newWitness(t)
	polite := w.XIMSS(t, "1002")
	at := net.JoinHostPort(w.Bind, strconv.Itoa(w.Ports.XIMSS))
	over := make(chan struct{})
	var clients sync.WaitGroup
	come := func(rudeness func(net.Conn) error) {
		for range rude {
			clients.Go(func() {
				for {
					conn, err := net.Dial("tcp", at)
					if err != nil {
						t.Error(err)
						return
					}
					stop := make(chan struct{})
					go func() {
						select {
						case <-over:
						case <-stop:
						}
						_ = conn.Close()
					}()
					for err == nil {
						err = rudeness(conn)
					}
					close(stop)
					select {
					case <-over:
						return
					default:
					}
				}
			})
		}
	}
	waits := func(c net.Conn) error { _, err := io.Copy(io.Discard, c); return orEOF(err) }
	come(waits)
	come(func(c net.Conn) error {
		_, _ = io.WriteString(c, `<noop id="`)
		return waits(c)
	})
	come(func(c net.Conn) error {
		_, err := io.WriteString(c, `<!DOCTYPE a [<!ENTITY b "`+strings.Repeat("b", 100000)+`">]><noop id="&b;&b;"/>`+"\x00"+
			strings.Repeat("<a>", 10000)+"\x00"+strings.Repeat("<a/>", 20000)+"\x00")
		go func() { _, _ = io.Copy(io.Discard, c) }()
		return err
	})
	noops := strings.Repeat("<noop id=\"1\"/>\x00", 1000)
	come(func(c net.Conn) error { // and reads nothing
		_, err := io.WriteString(c, noops)
		return err
	})
	come(func(c net.Conn) error {
		_, err := io.WriteString(c, `<login id="1" authData="1010" password="guess"/>`+"\x00")
		if err == nil {
			_, err = c.Read(make([]byte, 4096))
		}
		return err
	})
	var worst time.Duration
	for began := time.Now(); time.Since(began) < flood; {
		asked := time.Now()
		polite.Must("<noop/>")
		worst = max(worst, time.Since(asked))
	}
	t.Logf("a polite client was answered within %v", worst)
	if worst > moment {
		t.Errorf("a polite client waited %v", worst)
	}
	w.unharmed(t)
	close(over)
	clients.Wait()
	polite.Must("<noop/>")
	w.over(t)
}

func orEOF(err error) error {
	if err == nil {
		return io.EOF
	}
	return err
}

// TestFloodsOfASession lets clients that are logged in ask without end: one that reads nothing is closed, and the
// session waits for another connection.
func TestFloodsOfASession(t *testing.T) {
	w := newWitness(t)
	flooders := make([]*lab.XIMSS, 5)
	for i := range flooders {
		flooders[i] = w.XIMSS(t, fmt.Sprint(1003+i))
	}
	polite := w.XIMSS(t, "1002")
	var asked sync.WaitGroup
	began := time.Now()
	for _, f := range flooders {
		asked.Go(func() {
			for time.Since(began) < flood {
				f.Must("<prefsRead/>")
			}
		})
	}
	for time.Since(began) < flood {
		polite.Must("<noop/>")
	}
	asked.Wait()
	w.unharmed(t)
	w.over(t)
}

// TestPollsWithoutEnd holds many polls of sessions that there are not, and of one that there is.
func TestPollsWithoutEnd(t *testing.T) {
	w := newWitness(t)
	var polls sync.WaitGroup
	began := time.Now()
	for range rude {
		polls.Go(func() {
			for time.Since(began) < flood {
				res, err := http.Get(w.URL() + "/Session/000001-AAAAAAAAAAAAAAAAAAAA/?ackSeq=0&maxWait=50")
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				if res.StatusCode != 550 {
					t.Errorf("a session that there is not: %d", res.StatusCode)
				}
			}
		})
	}
	polls.Wait()
	w.unharmed(t)
	w.over(t)
}
