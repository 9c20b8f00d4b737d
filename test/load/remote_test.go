package load

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/test/lab"
)

// trips is how many times an event goes to and fro in one round.
const trips = 1000

// pong sends every event back, ping sends them and tells how many microseconds each was away. They find each other by a
// meeting.
const (
	pong = `
entry main is
  room = Vars().startParameter;
  Void(CreateMeeting("load", room));
  Void(ActivateMeeting("load", room));
  SetApplicationStatus("ready");
  loop
    e = ReadInput(600);
    exitif e == null;
    Void(SendEvent(e.sender, "ball"));
  end loop;
end entry;
`
	ping = `
entry main is
  p = Vars().startParameter; took = NewArray(); peer = FindMeeting("load", p.room).id;
  for n = 0 while n < p.trips by n += 1 loop
    began = SystemInfo("upTime");
    exitif SendEvent(peer, "ball") != null;
    exitif ReadInput(10) == null;
    AddElement(took, SystemInfo("upTime") - began);
  end loop;
  SetApplicationStatus(took);
  Void(ReadInput(600));
end entry;
`
)

// TestRemoteEvent lets two Tasks send an event to and fro, on one member and on two, while calls talk through all
// members of the cluster.
func TestRemoteEvent(t *testing.T) {
	onDemand(t)
	g := startGroup(t, lab.ClusterOptions{Env: []string{"GOMAXPROCS=2"}})
	first, second := g.members[0], g.members[1]
	first.Program("pong.sppr", pong)
	first.Program("ping.sppr", ping)
	x := newExchange(t, g)
	x.begin(t, *among)
	hush := speak(x.caller, x.called)

	places := []struct {
		name string
		at   *lab.Member
		took []time.Duration
	}{{"one member", first, nil}, {"two members", second, nil}}
	for n := range *rounds {
		for i, p := range places {
			room := fmt.Sprint("room", n*len(places)+i)
			peer := startTask(t, p.at, "pong", room)
			says(t, p.at, peer)
			places[i].took = append(p.took, play(t, first, room)...)
			endTask(t, p.at, peer)
		}
	}
	heard := hush()
	tb := table{title: fmt.Sprintf("An event to another Task and back, while %d calls talk: %d rounds of %d", len(x.caller.targets),
		*rounds, trips)}
	tb.add("tasks on", "trips", "p50 µs", "p99 µs", "max µs", "")
	for _, p := range places {
		slices.Sort(p.took)
		tb.add(p.name, len(p.took), quantile(p.took, 0.5), quantile(p.took, 0.99), quantile(p.took, 1))
	}
	tb.print()
	fmt.Printf("of %d packets of audio %d came\n", heard.sent, heard.received)
	x.end(t)
}

// speak lets both sides talk until hush, which says what was sent and what came.
func speak(sides ...*phones) (hush func() talked) {
	var silent, deaf atomic.Bool
	var talking, listening sync.WaitGroup
	for _, p := range sides {
		p.sent.Store(0)
		p.received.Store(0)
		p.keep.Store(true)
		listening.Go(func() { p.listen(&deaf) })
		talking.Go(func() { p.talk(&silent) })
	}
	return func() (r talked) {
		silent.Store(true)
		talking.Wait()
		time.Sleep(settle)
		deaf.Store(true)
		listening.Wait()
		for _, p := range sides {
			p.keep.Store(false)
			r.sent, r.received = r.sent+p.sent.Load(), r.received+p.received.Load()
		}
		return r
	}
}

// startTask starts a program at a member, as soon as that has it, and gives the Task's handler.
func startTask(t *testing.T, m *lab.Member, program, parameter string) string {
	t.Helper()
	var made struct{ Handler string }
	var err error
	lab.Wait(t, 30*time.Second, program+" is started at "+m.Name, func() bool {
		err = m.Ask(http.MethodPost, "tasks", map[string]string{"account": "pbx@" + lab.Domain, "program": program,
			"parameter": parameter}, &made)
		return err == nil
	})
	return made.Handler
}

func endTask(t *testing.T, m *lab.Member, handler string) {
	t.Helper()
	if err := m.Ask(http.MethodDelete, "tasks/"+handler, nil, nil); err != nil {
		t.Fatal(err)
	}
}

var number = regexp.MustCompile(`#(\d+)`)

// says waits for what a Task has to say.
func says(t *testing.T, m *lab.Member, handler string) string {
	t.Helper()
	var row struct{ Status string }
	lab.Wait(t, time.Minute, "a task says something", func() bool {
		return m.Ask(http.MethodGet, "tasks/"+handler, nil, &row) == nil && row.Status != ""
	})
	return row.Status
}

// play has a Task at a member play with the one that is in a room, and gives what each trip took.
func play(t *testing.T, m *lab.Member, room string) (took []time.Duration) {
	t.Helper()
	player := startTask(t, m, "ping", fmt.Sprintf("{room=%s;trips=#%d;}", room, trips))
	said := says(t, m, player)
	endTask(t, m, player)
	for _, found := range number.FindAllStringSubmatch(said, -1) {
		n, _ := strconv.Atoi(found[1])
		took = append(took, time.Duration(n)*time.Microsecond)
	}
	if len(took) != trips {
		t.Fatalf("of %d events %d came back: %.200s", trips, len(took), said)
	}
	return took
}
