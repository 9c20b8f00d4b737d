package load

import (
	"flag"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

var (
	signsPace  = flag.Int("signs", 2000, "XIMSS call messages a second")
	signsPairs = flag.Int("sign-pairs", 20, "calls between two sessions that they are parted among")
	signsTime  = flag.Duration("sign-time", 10*time.Second, "how long")
)

// signs is what came of the messages of one round.
type signs struct {
	mu   sync.Mutex
	took []time.Duration // from the request of one client to the message at the other
	done int             // requests that were answered
	sent int
}

// TestCallMessages lets clients in calls send each other INFO: by session, leg, leg and session of one member, each way
// a request with its answer. It says how long each takes from client to client.
func TestCallMessages(t *testing.T) {
	onDemand(t)
	m, member := startMember(t)
	type side struct {
		x   *lab.XIMSS
		leg string
	}
	var talkers []side
	for n := range *signsPairs {
		a, b := m.XIMSSOverWebSocket(t, fmt.Sprint(1000+n%10)), m.XIMSSOverWebSocket(t, fmt.Sprint(1010+n%10))
		still := a.NewEar().Description("inactive")
		b.Must(`<signalBind>` + still + `</signalBind>`)
		a.Must(`<callStart callLeg="a" peer="` + b.User + `">` + still + `</callStart>`)
		leg := b.Await("callIncoming").Attr("callLeg")
		b.Must(`<callAccept callLeg="` + leg + `">` + still + `</callAccept>`)
		a.Await("callConnected")
		b.Must(`<signalUnbind/>`)
		talkers = append(talkers, side{a, "a"}, side{b, leg})
	}
	tb := table{title: fmt.Sprintf("%d call messages a second among %d sessions for %v", *signsPace, len(talkers), *signsTime)}
	tb.add("round", "sent", "came", "p50 µs", "p99 µs", "max µs", "µs CPU/message", "others %", "")
	for round := range *rounds {
		s := &signs{}
		for _, k := range talkers {
			s.listen(k.x)
		}
		cost := member.spend(t, func() {
			tick := time.NewTicker(time.Second / time.Duration(*signsPace/10))
			defer tick.Stop()
			for until := time.Now().Add(*signsTime); time.Now().Before(until); <-tick.C {
				for range 10 {
					k := talkers[s.sent%len(talkers)]
					s.say(k.x, k.leg)
				}
			}
			s.await(t)
		})
		slices.Sort(s.took)
		tb.add(round+1, s.sent, len(s.took), quantile(s.took, 0.5), quantile(s.took, 0.99), quantile(s.took, 1),
			cost.cpu/time.Duration(s.sent), cost.others, doubt(cost.others))
	}
	tb.print()
}

// await waits until all have come and are answered.
func (s *signs) await(t *testing.T) {
	t.Helper()
	lab.Wait(t, time.Minute, "all messages have come", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.took) == s.sent && s.done == s.sent
	})
}

// say sends the time.
func (s *signs) say(x *lab.XIMSS, leg string) {
	s.sent++
	x.Send(fmt.Sprintf(`<callSendInfo callLeg="%s" contentType="text/x-time">%d</callSendInfo>`, leg, time.Now().UnixNano()))
}

// listen notes how long messages took.
func (s *signs) listen(x *lab.XIMSS) {
	x.Hearing(func(m lab.Message) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		switch m.Name {
		case "callInfo":
			began, _ := strconv.ParseInt(m.Text, 10, 64)
			s.took = append(s.took, m.At.Sub(time.Unix(0, began)))
		case "response":
			s.done++
		default:
			return false
		}
		return true
	})
}
