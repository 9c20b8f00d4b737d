package attack

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// menu reads keys and INFO, and shows how many there were.
const menu = `
entry main is
  if AcceptCall() != null then stop; end if;
  keys = 0;
  loop
    got = ReadInput(60);
    exitif IsDisconnectEvent(got) or else not IsConnected();
    if IsString(got) then keys += 1; end if;
    if got == "#" then SetApplicationStatus("hash after " + String(keys)); end if;
  end loop;
end entry;
`

// dozing never reads what is pressed.
const dozing = `
entry main is
  if AcceptCall() != null then stop; end if;
  SetInterruptOnDTMF(null);
  loop
    PlayTone(440, 60000);
    exitif not IsConnected();
  end loop;
end entry;
`

const (
	perSecond = 1000
	flood     = 5 * time.Second
	// fewest keys of a flood must arrive, or it was none: the rest may be dropped.
	fewest = 1000
)

// pour calls throw so often a second for the time of a flood.
func pour(throw func(i int)) {
	began := time.Now()
	for i := 0; time.Since(began) < flood; i++ {
		throw(i)
		time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second / perSecond)))
	}
}

// TestDigitFloods presses a thousand keys a second, by INFO and by telephone events, while a Task reads them
// and while one does not.
func TestDigitFloods(t *testing.T) {
	w := newWitness(t)
	w.account(t, "menu", menu)
	w.account(t, "dozing", dozing)
	for _, number := range []string{"menu", "dozing"} {
		t.Run("INFO to "+number, func(t *testing.T) {
			c := w.dial(t, w.Phone(t, "1000"), number)
			pour(func(i int) {
				c.Throw("INFO", "application/dtmf-relay", fmt.Sprintf("Signal=%d\r\nDuration=160\r\n", i%10))
			})
			w.unharmed(t)
			w.flooded(t, c, number)
			c.Hangup()
		})
		t.Run("events to "+number, func(t *testing.T) {
			c := w.dial(t, w.Phone(t, "1000"), number)
			pour(func(i int) { c.Ear.Throw([]byte{byte(i % 10), 0x8a, 3, 0x20}) })
			w.unharmed(t)
			w.flooded(t, c, number)
			c.Hangup()
		})
		t.Run("broken events to "+number, func(t *testing.T) {
			c := w.dial(t, w.Phone(t, "1000"), number)
			random := rand.New(rand.NewPCG(1, 2))
			pour(func(int) {
				payload := make([]byte, random.IntN(40))
				for i := range payload {
					payload[i] = byte(random.Uint32())
				}
				if random.IntN(2) == 0 && len(payload) >= 4 {
					payload[0] = byte(random.IntN(16))
					binary.BigEndian.PutUint16(payload[2:], uint16(random.Uint32()))
				}
				c.Ear.Throw(payload)
			})
			w.unharmed(t)
			c.Hangup()
		})
	}
	w.over(t)
}

// flooded demands that the menu has read a flood, and reads what is pressed after it.
func (w *witness) flooded(t *testing.T, c *lab.Call, number string) {
	t.Helper()
	if number != "menu" {
		return
	}
	c.Press("#")
	keys := 0
	lab.Wait(t, patience, "the key after the flood is read", func() bool {
		n, err := fmt.Sscanf(w.status(w.taskOf(t, "menu")), "\"hash after %d\"", &keys)
		return n == 1 && err == nil
	})
	if keys < fewest {
		t.Errorf("%d keys of the flood were read", keys)
	}
	t.Logf("%d keys were read", keys)
}

// TestLongInput sends what is far longer than anybody means.
func TestLongInput(t *testing.T) {
	w := newWitness(t)
	w.account(t, "menu", menu)
	p := w.Phone(t, "1000")
	c := w.dial(t, p, "menu")
	for _, body := range []string{
		"Signal=" + strings.Repeat("1", 50_000), strings.Repeat("Signal=1\r\n", 5_000), strings.Repeat("\x00", 50_000),
		"Signal=5\r\nDuration=" + strings.Repeat("9", 1000), "Signal=-1\r\n", "Signal=\r\n", "=", "",
	} {
		c.Throw("INFO", "application/dtmf-relay", body)
		c.Throw("INFO", "application/dtmf", body)
		c.Throw("INFO", "application/json", body)
	}
	if s := c.Ask("INFO", "application/dtmf-relay", "Signal=#\r\nDuration=160\r\n"); s != 200 {
		t.Errorf("an honest INFO after them got %d", s)
	}
	lab.Wait(t, patience, "the honest key is read", func() bool { return strings.Contains(w.status(w.taskOf(t, "menu")), "hash") })
	c.Hangup()

	long := strings.Repeat("7", 8000)
	if s := w.Phone(t, "1000").Call(long).Status; s == 200 {
		t.Error("a number of 8000 digits was answered")
	}
	named := w.Phone(t, "1000")
	named.Display = strings.Repeat("N", 20_000)
	if c := named.Call("menu"); c.Status == 200 {
		c.Hangup()
	}
	console := w.Console()
	if out, err := console.Do("ECHO \"" + strings.Repeat("x", 64<<20) + "\""); err == nil {
		t.Errorf("a command of 64 MiB gave %.80q", out)
	}
	w.unharmed(t)
	w.over(t)
}

// taskOf is the handler of the only task of a program.
func (w *witness) taskOf(t *testing.T, program string) string {
	t.Helper()
	var list struct{ Tasks []struct{ Handler string } }
	if err := w.Ask("GET", "tasks?limit=10&program="+program, nil, &list); err != nil || len(list.Tasks) != 1 {
		t.Fatalf("tasks of %s: %v, %v", program, list.Tasks, err)
	}
	return list.Tasks[0].Handler
}

// crowdSize is from how many addresses a flood of requests comes.
const crowdSize = 400

// TestRequestFloods sends requests from everywhere, sound ones and broken ones (attack group A24), over datagrams and
// streams: an honest phone is let in meanwhile, and the other call hears nothing of it.
func TestRequestFloods(t *testing.T) {
	t.Parallel()
	w := newWitness(t, "sip.late_after=20ms")
	var crowd []*stranger
	for i := range crowdSize {
		crowd = append(crowd, newStranger(t, w.Member, fmt.Sprintf("127.1.%d.%d", i/200, i%200+1)))
	}
	methods := []string{"INVITE", "REGISTER", "OPTIONS", "SUBSCRIBE", "BYE", "MESSAGE"}
	honest := 0
	p := w.Phone(t, "1009")
	let := make(chan int, 1)
	go func() {
		for range 5 {
			if p.TryRegister(60) == 200 {
				honest++
			}
		}
		let <- honest
	}()
	stream := crowd[0].stream()
	_ = stream.SetWriteDeadline(time.Now().Add(2 * flood))
	pour(func(i int) {
		r := crowd[i%len(crowd)]
		for range 3 {
			l := r.plain(methods[i%len(methods)], fmt.Sprint(1000+i%1000))
			text := lines(l)
			switch i % 5 {
			case 0:
				text = text[:len(text)*(i%7)/7]
			case 1:
				text = strings.Replace(text, "CSeq: 1", "CSeq: x", 1)
			}
			if i%50 == 0 {
				_, _ = stream.Write([]byte(overTCP(lines(l))))
			}
			if text != "" {
				r.send(text)
			}
		}
	})
	w.unharmed(t)
	if n := <-let; n == 0 {
		t.Error("an honest phone was never let in")
	}
	for _, r := range crowd {
		_ = r.c.Close()
	}
	t.Logf("the honest phone registered %d of 5 times; %v requests were shed, %v refused late", honest, w.Metric("tandem_shed_total"), w.Metric("tandem_sip_refused_late_total"))
	w.over(t)
}
