package load

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/test/lab"
)

// What is asked for in the environment.
const (
	soakFor  = "TANDEM_SOAK"      // how long, such as 1h; with TANDEM_LOAD alone it is soakBrief
	soakRate = "TANDEM_SOAK_RATE" // stories a second at most
)

const (
	soakBrief = time.Minute
	// soakBound is how many stories begin in a second at most, unless soakRate says otherwise.
	soakBound = 8.0
	// soakShare is the part of the server's core that the stories are to take: half load. loadShare is the part of the
	// load's own core that may go into telling them, for a load that is late tells other stories.
	soakShare, loadShare = 0.5, 0.6
	// Of the calibration: how many stories at what pace.
	calibrationStories, calibrationPace = 60, 3.0
	// soakOpen is how many stories may go on at once; the next one waits.
	soakOpen = 200
	// soakPeople, soakRooms and soakAgents are lent to one story at a time.
	soakPeople, soakRooms, soakAgents = 240, 20, 3
	// soakDrain is the wait for what ends by itself after the load: subscriptions and registrations of a minute,
	// sessions whose client does not come back, transactions.
	soakDrain = 4 * time.Minute
	// soakRest is how long the store takes to let go of what nobody adds to, and soakCollect the wait for a collection of the
	// memory after that: the runtime makes one each two minutes, whatever there is to do.
	soakRest, soakCollect = time.Minute, 3 * time.Minute
	// soakEvery is how often the member is looked at.
	soakEvery = time.Minute
	// soakFailures is the part of stories that may fail before the rest says nothing: it is a telephone's trouble, with
	// this machine as it may be. What the books say is never excused.
	soakFailures = tolerated
	// soakKind is the part of one kind of stories that may fail, where at least soakTold of it were told.
	soakKind, soakTold = 0.1, 10
	// soakUnheard is the part of the talks that may say nothing, and soakAway that of registrations, of accounts and of
	// sessions, that may be put off: beyond it nobody has looked, or the store is slow for good.
	soakUnheard, soakAway = 0.1, 0.01
)

// soakSettings give stories that wait for a limit a short one, and nonces the life that they have by default: each that
// was used is remembered for so long.
var soakSettings = []string{"routing.ring_timeout=4s", "ximss.resume=10s", "ximss.max_conns_per_ip=1000", "media.srtp_clear=true",
	"queues.log_refusals=true", "sip.nonce_life=2m"}

// soak is a member, one that is its carrier, and what they are told.
type soak struct {
	t        *testing.T
	m, far   *lab.Member
	server   server
	books    *books
	still    *stillness
	people   chan string // accounts, each lent to one story
	guests   chan string // accounts that register and are never called
	rooms    chan string
	agents   chan string
	deck     []story
	queued   *queueBook
	callers  sync.Map // of the queue, by account: told when an agent has taken the call
	stories  atomic.Int64
	failures atomic.Int64

	registrations, sentAway atomic.Int64 // of phones and of sessions, and tries of these that were to come later
	talks, unheard          atomic.Int64 // of these say nothing, as the member's core stood still

	mu    sync.Mutex
	told  map[string]int // stories by kind
	said  map[string]int // failures likewise
	shown int
}

// TestSoak tells a member mixed stories at half load, for as long as it is asked to. Memory, goroutines, files and ports
// must be flat and be given back, and the records and the queue_log must hold each call exactly once.
func TestSoak(t *testing.T) {
	length := soakLength(t)
	s := newSoak(t)
	rate := s.calibrate()
	s.drain()
	s.audit("after the calibration")
	base := s.rested()
	meter := newMeter(base)
	s.tell(rate, length, func() { meter.add(s.measure()); s.books.read() })
	meter.add(s.measure())
	fmt.Printf("\nthe load has ended; what is left may take %v\n", soakDrain+soakRest+soakCollect)
	s.drain()
	after := s.rested()
	meter.add(after)
	s.audit("afterwards")
	s.verdict(meter, base, after)
}

// soakLength is how long the soak lasts, or skips it.
func soakLength(t *testing.T) time.Duration {
	t.Helper()
	lab.Long(t)
	length := soakBrief
	if text := os.Getenv(soakFor); text != "" {
		var err error
		if length, err = time.ParseDuration(text); err != nil || length <= 0 {
			t.Fatalf("%s=%s is no length of time, such as 1h", soakFor, text)
		}
	} else if os.Getenv(asked) != "1" {
		t.Skipf("run it with %s=1h and -v -timeout 90m; with %s=1 it takes a minute and what belongs to it", soakFor, asked)
	}
	pinLoad(t)
	return length
}

func newSoak(t *testing.T) *soak {
	t.Helper()
	farPort := lab.Port(t)
	m, member := startMemberWith(t, append([]string{
		fmt.Sprintf(`trunks.list=[{name: far, targets: ["127.0.0.2:%d"]}]`, farPort),
		`trunks.numbers=[{match: "00n.", trunks: [far], strip: 2}]`}, soakSettings...))
	far := lab.Start(t, lab.Options{Bind: "127.0.0.2", Env: []string{"GOMAXPROCS=1"}, Set: append(slices.Clone(roomy),
		fmt.Sprint("sip.udp=", farPort), fmt.Sprintf(`trunks.list=[{name: near, targets: [%q]}]`, m.UDPAddr()),
		`trunks.numbers=[{match: "01n.", trunks: [near], strip: 2}]`)})
	pin(t, far.PID(), cores[1])
	s := &soak{t: t, m: m, far: far, server: member, books: newBooks(t, m, far), still: watchCore(t), queued: newQueueBook(),
		people: make(chan string, soakPeople), guests: make(chan string, soakPeople), rooms: make(chan string, soakRooms),
		agents: make(chan string, soakAgents), told: map[string]int{}, said: map[string]int{}}
	s.settle()
	s.deck = deck()
	return s
}

// settle makes the accounts, the queue and its agents.
func (s *soak) settle() {
	s.t.Helper()
	must := func(method, path string, body any) {
		s.t.Helper()
		if err := s.m.Ask(method, path, body, nil); err != nil {
			s.t.Fatal(err)
		}
	}
	for i := range 2*soakPeople + soakAgents {
		user := fmt.Sprint(20000 + i)
		must(http.MethodPost, "accounts", map[string]string{"aor": user + "@" + lab.Domain, "password": lab.Password})
		switch {
		case i < soakPeople:
			s.people <- user
		case i < 2*soakPeople:
			s.guests <- user
		default:
			s.agents <- user
		}
	}
	must(http.MethodPut, "queues/"+loadQueue, map[string]any{"definition": map[string]any{"numbers": []string{loadNumber},
		"strategy": "leastrecent", "announce_position": "no", "announce_holdtime": "no"}})
	for i := range soakAgents {
		user := fmt.Sprint(20000 + 2*soakPeople + i)
		must(http.MethodPut, "agents/"+user, map[string]any{"definition": map[string]any{"account": user + "@" + lab.Domain,
			"memberships": []map[string]any{{"queue": loadQueue}}}})
	}
	for i := range soakRooms {
		s.rooms <- fmt.Sprint(3000 + i)
	}
}

// calibrate tells some stories slowly, and says how many a second take half of the server's core.
func (s *soak) calibrate() (rate float64) {
	s.t.Helper()
	began, own := time.Now(), servers{{pid: os.Getpid()}, {pid: s.far.PID()}}
	mine := own.cpuTime(s.t)
	idle := s.server.spend(s.t, func() { time.Sleep(3 * time.Second) })
	mineIdle := own.cpuTime(s.t) - mine
	r := s.server.spend(s.t, func() { s.tellSome(calibrationStories, calibrationPace) })
	mine = own.cpuTime(s.t) - mine - mineIdle
	n := float64(s.stories.Load())
	rest := idle.cpu.Seconds() / idle.took.Seconds()
	each := max(0, r.cpu.Seconds()-rest*r.took.Seconds()) / n
	rate = min((soakShare-rest)/each, loadShare/(mine.Seconds()/n), fastest(s.t))
	fmt.Printf("calibration in %v: a story takes %.2f ms of the member's processor and %.2f ms of the load's, an idle member "+
		"%.1f %% of its core; half load is %.1f stories a second, the load could tell %.1f; told are %.1f\n",
		time.Since(began).Round(time.Second), 1000*each, 1000*mine.Seconds()/n, 100*rest, (soakShare-rest)/each,
		loadShare/(mine.Seconds()/n), rate)
	return rate
}

func fastest(t *testing.T) float64 {
	t.Helper()
	text := os.Getenv(soakRate)
	if text == "" {
		return soakBound
	}
	most, err := strconv.ParseFloat(text, 64)
	if err != nil || most <= 0 {
		t.Fatalf("%s=%s is no number of stories a second", soakRate, text)
	}
	return most
}

// tellSome tells so many stories and waits until all are over.
func (s *soak) tellSome(n int, perSecond float64) {
	left := n
	s.schedule(perSecond, func() bool { left--; return left >= 0 })
}

// tell tells stories for a time, and looks each minute.
func (s *soak) tell(rate float64, length time.Duration, look func()) {
	over := time.Now().Add(length)
	next := time.Now().Add(soakEvery)
	s.schedule(rate, func() bool {
		if time.Now().After(next) {
			next = next.Add(soakEvery)
			look()
		}
		return time.Now().Before(over)
	})
}

// schedule begins stories at a pace for as long as more says so, with agents at work beside them, and returns when all
// are over.
func (s *soak) schedule(perSecond float64, more func() bool) {
	room := make(chan struct{}, soakOpen)
	var open, shifts sync.WaitGroup
	var closing atomic.Bool
	for range soakAgents {
		shifts.Go(func() {
			for !closing.Load() {
				s.perform(story{name: "an agent's shift", tell: (*scene).shift}, &closing)
			}
		})
	}
	interval := time.Duration(float64(time.Second) / perSecond)
	var cards []story
	for due := time.Now(); more(); {
		due = due.Add(interval)
		time.Sleep(time.Until(due))
		if len(cards) == 0 {
			cards = slices.Clone(s.deck)
			rand.Shuffle(len(cards), func(i, j int) { cards[i], cards[j] = cards[j], cards[i] })
		}
		card := cards[0]
		cards = cards[1:]
		room <- struct{}{}
		open.Go(func() { s.perform(card, &closing); <-room })
	}
	open.Wait()
	closing.Store(true)
	shifts.Wait()
}

// perform tells one story and keeps what went wrong.
func (s *soak) perform(card story, closing *atomic.Bool) {
	began := time.Now()
	c := &scene{trial: &trial{TB: s.t}, soak: s, closing: closing, name: card.name}
	wrong := c.run(func() { card.tell(c) })
	s.stories.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told[card.name]++
	if len(wrong) == 0 {
		return
	}
	s.failures.Add(1)
	s.said[card.name]++
	if s.shown++; s.shown <= 40 {
		fmt.Printf("%s, %s, begun %s with %s: %.600s\n", time.Now().Format(time.TimeOnly), card.name, began.Format(time.TimeOnly),
			strings.Join(c.names(), " "), strings.Join(wrong, "; "))
	}
}

// drain waits until nothing is left of the load.
func (s *soak) drain() {
	s.t.Helper()
	var left string
	over := time.Now().Add(soakDrain)
	for time.Now().Before(over) {
		if left = s.measure().left(); left == "" {
			return
		}
		time.Sleep(time.Second)
	}
	s.t.Errorf("%v after the load there is still: %s", soakDrain, left)
}

// rested is what the member has once it has had nothing to do for a while, and has collected its memory since: what lives is
// known as of a collection.
func (s *soak) rested() (r reading) {
	s.t.Helper()
	idle := time.Now().Add(soakRest)
	for over := idle.Add(soakCollect); time.Now().Before(over); time.Sleep(time.Second) {
		if r = s.measure(); r.collected.After(idle) {
			return r
		}
	}
	s.t.Errorf("the member has not collected its memory for %v", soakCollect)
	return r
}

// audit compares what the stories have made with what was written.
func (s *soak) audit(when string) {
	s.t.Helper()
	wrong := append(s.books.audit(), s.queued.audit(s.m)...)
	fmt.Printf("%s: %d stories, %d failed %v; %d registrations were told to come later; %v, in %d talks; %v; %v; %d things are wrong in the books\n", when,
		s.stories.Load(), s.failures.Load(), s.said, s.sentAway.Load(), s.still, s.unheard.Load(), s.books, s.queued, len(wrong))
	slices.Sort(wrong)
	const shown = 50
	for _, w := range wrong[:min(len(wrong), shown)] {
		s.t.Error(w)
	}
	if len(wrong) > shown {
		s.t.Errorf("and %d more", len(wrong)-shown)
	}
}

// verdict says how it went.
func (s *soak) verdict(meter *meter, base, after reading) {
	s.t.Helper()
	n, failed := s.stories.Load(), s.failures.Load()
	meter.print()
	for _, wrong := range meter.judge(base, after) {
		s.t.Error(wrong)
	}
	if float64(failed) > soakFailures*float64(n) {
		s.t.Errorf("%d of %d stories have failed", failed, n)
	}
	for _, wrong := range s.excused() {
		s.t.Error(wrong)
	}
	for kind, told := range s.told {
		if failed := s.said[kind]; told >= soakTold && float64(failed) > soakKind*float64(told) {
			s.t.Errorf("%d of %d stories of the kind %q have failed", failed, told, kind)
		}
	}
}

// excused says what was excused too often: a soak that looked at little has shown little.
func (s *soak) excused() (wrong []string) {
	if n, all := s.unheard.Load(), s.talks.Load(); float64(n) > soakUnheard*float64(all) {
		wrong = append(wrong, fmt.Sprintf("%d of %d talks say nothing, as the member's core stood still", n, all))
	}
	if n, all := s.sentAway.Load(), s.registrations.Load(); float64(n) > soakAway*float64(all) {
		wrong = append(wrong, fmt.Sprintf("%d times a registration was to come later, of %d", n, all))
	}
	return wrong
}

// TestExcuses counts what a soak excuses.
func TestExcuses(t *testing.T) {
	for _, c := range []struct{ talks, unheard, registrations, sentAway, wrong int64 }{
		{0, 0, 0, 0, 0}, {100, 10, 1000, 10, 0}, {100, 11, 1000, 10, 1}, {100, 10, 1000, 11, 1}, {100, 100, 1000, 1000, 2},
	} {
		var s soak
		s.talks.Store(c.talks)
		s.unheard.Store(c.unheard)
		s.registrations.Store(c.registrations)
		s.sentAway.Store(c.sentAway)
		if wrong := s.excused(); len(wrong) != int(c.wrong) {
			t.Errorf("%+v: %q", c, wrong)
		}
	}
}
