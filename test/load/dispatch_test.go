package load

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"tandem/test/lab"
)

// The queue under load: so many agents, each of whom talks for so long, as testdata/agent.xml says.
const (
	agentsAtWork = 50
	talkTime     = 2 * time.Second
	loadQueue    = "load"
	loadNumber   = "8000"
)

// overtaken is how much later somebody may have come and be served first: within it the order of coming is that in which
// the member's processor took them up.
const overtaken = 100 * time.Millisecond

// TestDispatch lets 50 agents work while nobody waits, and more and more callers do: how long an agent is idle between
// his BYE and his next INVITE, who overtakes whom, and what a connected call costs the member.
func TestDispatch(t *testing.T) {
	onDemand(t)
	tool := lab.Tool(t, "sip-tester", "sipp")
	tb := table{title: fmt.Sprintf("%d agents who talk for %v", agentsAtWork, talkTime)}
	tb.add("waiting", "connects/s", "of ideal", "gap p50 ms", "p99 ms", "overtook", "others % of core", "upkeep ms/s", "ms CPU each", "ratio", "")
	var base time.Duration
	for _, waiting := range []int{0, 20, 100, 400, *crowd} {
		r := work(t, tool, waiting)
		if waiting == 20 {
			base = r.cost()
		}
		ideal := agentsAtWork / talkTime.Seconds()
		tb.add(waiting, r.rate(), r.rate()/ideal, millis(quantile(r.gaps, 0.5)), millis(quantile(r.gaps, 0.99)), r.overtook,
			r.spent.others, millis(r.upkeep), millis(r.cost()), ratio(r.cost(), max(base, 1)), doubt(r.spent.others))
	}
	tb.print()
}

// worked is what came of one population.
type worked struct {
	offers   int
	took     time.Duration
	gaps     []time.Duration // sorted
	overtook int
	spent    spent
	upkeep   time.Duration // of a second, while all wait and nobody works: their calls, and the music that they do not hear
}

func (w worked) rate() float64 { return float64(w.offers) / w.took.Seconds() }

// cost is the processor time of a connected call, beyond the upkeep of those who wait.
func (w worked) cost() time.Duration {
	return (w.spent.cpu - time.Duration(float64(w.upkeep)*w.spent.took.Seconds())) / time.Duration(max(w.offers, 1))
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// work starts a member with a queue, agents and so many callers more than agents, and watches them.
func work(t *testing.T, tool string, waiting int) (w worked) {
	t.Helper()
	m, member := startMember(t)
	foundQueue(t, m)
	h := openHall(t, member, agentsAtWork+waiting)
	lab.Wait(t, 3*time.Minute, "as many wait as are to", func() bool { return h.inside() >= agentsAtWork+waiting })
	w.upkeep = member.spend(t, func() { time.Sleep(3*time.Second - settle) }).cpu / 3
	shift := beginShift(t, tool, m, member)
	time.Sleep(2 * talkTime)
	began := time.Now()
	w.spent = member.spend(t, func() { time.Sleep(time.Duration(*seconds*4) * time.Second) })
	ended := time.Now()
	h.close()
	if h.failed > 0 {
		t.Errorf("%d calls failed", h.failed)
	}
	said := shift.read(t)
	w.took = ended.Sub(began)
	w.gaps, w.offers = gaps(said, began, ended)
	w.overtook = overtakings(said, h.joined, began, ended)
	return w
}

// foundQueue makes the queue and its agents.
func foundQueue(t *testing.T, m *lab.Member) {
	t.Helper()
	define := func(path string, definition map[string]any) {
		t.Helper()
		if err := m.Ask(http.MethodPut, path, map[string]any{"definition": definition}, nil); err != nil {
			t.Fatal(err)
		}
	}
	define("queues/"+loadQueue, map[string]any{"numbers": []string{loadNumber}, "strategy": "leastrecent", "announce_position": "no",
		"announce_holdtime": "no"})
	for _, u := range addAccounts(t, m, agentsAtWork) {
		define("agents/"+u.user, map[string]any{"account": u.user + "@" + lab.Domain, "memberships": []map[string]any{{"queue": loadQueue}}})
	}
}

// shift is the agents' phones: one SIPp.
type shift struct {
	*lab.Process
	messages string
}

// beginShift lets the phones of all agents register, and the agents log on.
func beginShift(t *testing.T, tool string, m *lab.Member, member server) *shift {
	t.Helper()
	scenario, err := filepath.Abs("testdata/agent.xml")
	if err != nil {
		t.Fatal(err)
	}
	users := make([]identity, agentsAtWork)
	for i := range users {
		users[i] = identity{user: fmt.Sprint(20000 + i), password: "load-password"}
	}
	dir, d := t.TempDir(), &desk{conn: dial(t, member.at)}
	mustDo(t, d.run(&registering{users: users, contacts: 1}, agentsAtWork, registerPace), "registering")
	port := d.conn.LocalAddr().(*net.UDPAddr).Port // calls come to where a phone has registered from
	_ = d.conn.Close()
	s := &shift{messages: filepath.Join(dir, "messages")}
	s.Process = lab.Go(t, lab.Command{Path: tool, Dir: dir, Args: []string{"-sf", scenario, "-nostdin", "-i", loopback.String(),
		"-p", strconv.Itoa(port), "-mi", loopback.String(), "-mp", strconv.Itoa(lab.Port(t)), "-timeout", "300",
		"-trace_msg", "-message_file", s.messages, "-trace_err", "-error_file", filepath.Join(dir, "errors")}})
	lab.Wait(t, time.Minute, "SIPp takes its port", func() bool { return taken(port) })
	for _, u := range users {
		time.Sleep(talkTime / agentsAtWork) // they are not in step
		body := map[string]string{"device": u.user + "@" + lab.Domain}
		if err := m.Ask(http.MethodPost, "agents/"+u.user+"/login", body, nil); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// read ends the phones and gives what they have heard and said.
func (s *shift) read(t *testing.T) []heard {
	t.Helper()
	s.Signal(syscall.SIGTERM) // it writes down what it has kept
	select {
	case <-s.Ended():
	case <-time.After(time.Minute):
		t.Fatal("SIPp goes on")
	}
	text, err := os.ReadFile(s.messages)
	if err != nil {
		t.Fatal(err)
	}
	return record(string(text))
}

// taken tells whether somebody has a UDP port.
func taken(port int) bool {
	c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(here(port)))
	if err != nil {
		return true
	}
	_ = c.Close()
	return false
}
