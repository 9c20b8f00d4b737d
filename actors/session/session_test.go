package session

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/signal"
	"tandem/ximss"
	"tandem/ximss/object"
)

// stage plays one session: each line is an event, and what comes of it is written down.
//
//	http                         it begins anew, of a client without a connection
//	take <element/>              the client asks
//	post SEQ <element/>...       it asks by a POST; async, fetch instead of post are the other kinds
//	poll ACKED SECONDS           it polls
//	serve                        the errand under way is done
//	met NUMBER [error]           the meetings answer
//	event NAME [parameter]       a Task sends an event
//	attend, unattend             the telephone is bound with presence, and unbound
//	roster PEER:FLAGS..., news   the whole roster is heard, or what is new; stands PEER STATE STANDING TEXT; asks PEER
//	agent NAME STATE [QUEUE[-]...]   an agent stands otherwise; queue NAME WAITING READY [stale] a queue does
//	stats; told KIND ID VALUE TIME, ...; heard   there is something to tell of statistics; it is told; the network has it
//	bind, unbind                 the agent's device is there, and is not
//	leave, attach, unsaid TEXT, end, after DURATION, say <element/>
type stage struct {
	*testing.T
	session *Session
	now     time.Time
	asks    int
	serving func(context.Context, Services) Result
	works   fake // the services
}

var testLimits = Limits{Resume: 2 * time.Minute, Idle: 10 * time.Minute, MinIdle: time.Second, MaxIdle: time.Hour,
	Queued: 3, Bytes: 500, Open: 4, Stats: 2, Said: 4 << 10}

func newStage(t *testing.T) acttest.Player {
	s := &stage{T: t, now: time.Unix(1e9, 0), works: fake{agent: &AgentView{Agent: "1000", State: "logged out", Next: "logged out",
		Queues: []AgentQueue{{Queue: "sales"}, {Queue: "support", Penalty: 2}}}}}
	s.begin(true)
	s.session.Greet("0", s.now)
	s.session.Effects()
	return s
}

func (s *stage) begin(line bool) {
	s.session = New(Who{AOR: "1000@t.local", RealName: "Ann", URLID: "000001-X", Handler: "self", Random: "r", Version: "1",
		Agent: func() string { return s.works.agent.Agent }},
		Client{Binding: ximss.TCP, Remote: "10.0.0.1:5"}, line, testLimits, s.now, slog.New(slog.DiscardHandler))
	s.session.Effects()
}

// Do acts out one line.
func (s *stage) Do(line string) []string {
	word, rest, _ := strings.Cut(line, " ")
	m := s.session
	switch word {
	case "http":
		s.begin(false)
	case "take":
		if x := s.elements(rest); len(x) == 1 {
			m.Take(x[0], s.now)
		} else {
			m.Garbled(s.now)
		}
	case "post", "async", "fetch":
		number, elements, _ := strings.Cut(rest, " ")
		seq, _ := strconv.ParseUint(number, 10, 64)
		s.asks++
		m.Post(s.asks, seq, s.elements(elements), word == "async", word == "fetch", s.now)
	case "poll":
		var acked uint64
		var most int
		_, _ = fmt.Sscan(rest, &acked, &most)
		s.asks++
		m.Poll(s.asks, acked, time.Duration(most)*time.Second, s.now)
	case "serve":
		m.Served(s.serving(s.Context(), s.works), s.now)
	case "attend":
		m.attend()
	case "unattend":
		m.unattend()
	case "roster", "news": // PEER:FLAGS, of s, w, a, g for sees, wanted, agreed, gone
		m.RosterHeard(peersOf(rest), word == "roster", s.now)
	case "stands":
		f := strings.SplitN(rest, " ", 4)
		m.PeerStands(f[0], Seen{signal.Presence(f[1]), strings.Join(f[3:], ""), f[2] == "pending", f[2] == "refused"}, s.now)
	case "agent":
		m.AgentStands(standsOf(strings.Fields(rest)), s.now)
	case "agent-hidden":
		m.AgentHidden(rest, s.now)
	case "queue-hidden":
		m.QueueHidden(rest, s.now)
	case "queue":
		v := QueueView{Stale: strings.Contains(rest, "stale"), Longest: s.now}
		_, _ = fmt.Sscan(rest, &v.Queue, &v.Waiting, &v.Ready)
		m.QueueStands(v, s.now)
	case "stats": // there is something to tell; then it is told: KIND ID VALUE TIME, a comma between two
		m.StatsWait(s.now)
	case "told":
		m.StatsTold(toldOf(rest), s.now)
	case "heard":
		m.StatsHeard(s.now)
	case "bind", "unbind":
		m.deviceBound(word == "bind")
	case "nobody":
		s.works.agent.Agent = ""
	case "asks":
		m.PeerAsks(rest, s.now)
	case "met":
		number, text, _ := strings.Cut(rest, " ")
		n, _ := strconv.ParseUint(number, 10, 64)
		m.Met(n, Meeting{Error: text, Found: text == "", Task: "task9", Parameter: "{a=1;}"}, s.now)
	case "event":
		name, parameter, _ := strings.Cut(rest, " ")
		m.TaskEvent(name, parameter, "task7", s.now)
	case "leave":
		m.Leave("lost", s.now)
	case "unsaid":
		m.Unsaid([]string{rest}, s.now)
	case "attach":
		m.Attach("r1", Client{Binding: ximss.WebSocket, Remote: "10.0.0.2:6"}, s.now)
	case "end":
		m.End("killed", s.now)
	case "after":
		d, err := time.ParseDuration(rest)
		if err != nil {
			s.Fatal(err)
		}
		s.now = s.now.Add(d)
		m.Elapsed(s.now)
	case "say":
		m.say(s.elements(rest)[0])
	default:
		s.Fatalf("no such event: %s", line)
	}
	return s.outcome()
}

func peersOf(text string) (all []Peer) {
	for _, w := range strings.Fields(text) {
		peer, flags, _ := strings.Cut(w, ":")
		has := func(f string) bool { return strings.Contains(flags, f) }
		all = append(all, Peer{Peer: peer, Sees: has("s"), Wanted: has("w"), Agreed: has("a"), Gone: has("g")})
	}
	return all
}

func (s *stage) elements(text string) (all []*object.XML) {
	for text != "" {
		x, rest, err := object.ParseXMLPrefix(text)
		if err != nil {
			return nil
		}
		all, text = append(all, x), rest
	}
	return all
}

func (s *stage) outcome() (out []string) {
	state := s.session.state
	for _, e := range s.session.Effects() {
		switch e := e.(type) {
		case Say:
			for _, d := range e.Documents {
				out = append(out, "say "+d)
			}
			if e.Close {
				out = append(out, "close: "+e.Reason)
			}
			if e.Heard {
				out = append(out, "waits until that is heard")
			}
		case Posted:
			out = append(out, fmt.Sprintf("posted #%d %s", e.Ask, strings.Join(e.Documents, "")))
		case Polled:
			out = append(out, fmt.Sprintf("polled #%d %d %s", e.Ask, e.Seq, strings.Join(e.Documents, "")))
		case Serve:
			s.serving = e.Do
			out = append(out, "serves")
		case AskMeeting:
			out = append(out, strings.TrimSpace(fmt.Sprintf("asks %d %s %q %q %s", e.Number, e.What, e.Set, e.Key, e.Parameter)))
		case Publish:
			out = append(out, "shows "+state.String())
		case SayPresence:
			out = append(out, fmt.Sprintf("says %q %q attends %v", e.State, e.Status, e.Attend))
		case WatchPeer:
			out = append(out, "watches "+e.Peer)
		case UnwatchPeer:
			out = append(out, "watches no more "+e.Peer)
		case WatchAgent:
			out = append(out, "watches agent "+e.Agent)
		case UnwatchAgent:
			out = append(out, "watches agent no more "+e.Agent)
		case ShowDevice:
			out = append(out, fmt.Sprintf("device of agent %s is there: %v", e.Agent, e.There))
		case WatchQueue:
			out = append(out, "watches queue "+e.Queue)
		case UnwatchQueue:
			out = append(out, "watches queue no more "+e.Queue)
		case FollowStat:
			out = append(out, fmt.Sprintf("follows %s %s %g %d", e.ID, e.How.Mode, e.How.Insensitivity, e.How.Frequency))
		case LeaveStat:
			out = append(out, "follows no more "+e.ID)
		case SuspendStat:
			out = append(out, fmt.Sprintf("suspends %s: %v", e.ID, e.Suspended))
		case HearNames:
			out = append(out, "hears of names")
		case TakeStats:
			out = append(out, "takes what there is to tell")
		case RenewStats:
			out = append(out, "renews")
		case Turn:
			out = append(out, "turns")
		case Stop:
			out = append(out, "stops")
		default:
			out = append(out, fmt.Sprintf("%T", e))
		}
	}
	return out
}

// fake are services that need no store.
type fake struct {
	agent *AgentView // of the account
}

// toldOf reads what there is to tell of statistics.
func toldOf(text string) (all []ximss.StatEvent) {
	for _, part := range strings.Split(text, ",") {
		e := ximss.StatEvent{Value: ximss.StatValue{Valid: true, Age: -1}}
		_, _ = fmt.Sscan(part, &e.Kind, &e.Value.ID, &e.Value.Number, &e.Value.At)
		if e.Kind == "names" {
			e.Names = &ximss.StatNames{Filters: map[string]string{"Silver": "1"}}
		}
		all = append(all, e)
	}
	return all
}

func (f fake) Statistic(_ context.Context, _ signal.AOR, q ximss.StatRequest) (ximss.StatValue, *ximss.Error) {
	if q.Type == "Nothing" {
		return ximss.StatValue{}, ximss.Fail(ximss.NumStatistic, "stat type: there is none named %q", q.Type)
	}
	return ximss.StatValue{ID: strings.ToLower(q.Type), Object: q.Object, Number: 1, Valid: true, At: 10, Age: -1}, nil
}

func (f fake) StatPeek(_ context.Context, _ signal.AOR, id string, at int64) (ximss.StatValue, *ximss.Error) {
	if id == "none" {
		return ximss.StatValue{}, ximss.ErrStatistic
	}
	return ximss.StatValue{ID: id, Object: "Queue:q", Number: 2, At: at, Age: 7}, nil
}

func (fake) StatNames() ximss.StatNames {
	return ximss.StatNames{Filters: map[string]string{"Gold": `PairExists("grade","gold")`}}
}

// standsOf reads how an agent stands.
func standsOf(f []string) AgentView {
	v := AgentView{Agent: f[0], State: f[1], Next: f[1], Since: time.Unix(1e9, 0)}
	for _, q := range f[2:] {
		name, off := strings.CutSuffix(q, "-")
		v.Queues = append(v.Queues, AgentQueue{Queue: name, Paused: off})
	}
	return v
}

func (f fake) Recording(_ context.Context, _ signal.AOR, agent, turn string) (string, *ximss.Error) {
	switch {
	case agent == "1009":
		return "", ximss.ErrAccess
	case turn == "pause":
		return "paused", nil
	}
	return "on", nil
}

func (f fake) Agent(_ context.Context, aor signal.AOR, act AgentAct) (*AgentView, *ximss.Error) {
	v := f.agent
	switch {
	case act.Agent == "" && v.Agent == "":
		return nil, ximss.ErrAgent
	case act.Agent == "1009":
		return nil, ximss.ErrAccess
	case act.Agent != "" && act.Agent != v.Agent:
		other := standsOf([]string{act.Agent, "ready"})
		return &other, nil
	}
	out, busy := v.State == "logged out", v.State == "talking"
	become := func(state string) {
		if busy {
			v.Next = state
			return
		}
		v.State, v.Next = state, state
	}
	switch act.What {
	case AgentLogin:
		v.Device, v.LoggedOn = act.Device, time.Unix(1e9, 0)
		become("ready")
	case AgentLogout:
		become("logged out")
	case AgentPause:
		if !out {
			v.Reason = act.Reason
			become("paused")
		}
	case AgentReady:
		if v.Reason = ""; !out {
			become("ready")
		}
		if busy {
			v.Next = v.State
		}
	case AgentMoreWrapUp:
		v.WrapUpUntil = time.Unix(1e9, 0).Add(act.More)
	case AgentSwitch:
		if q := v.queue(act.Queue); q != nil && !out {
			q.Paused = !act.On
		}
	}
	now := *v
	now.Queues = slices.Clone(v.Queues)
	return &now, nil
}

func (f fake) Queue(_ context.Context, _ signal.AOR, ask QueueAsk) (QueueView, *ximss.Error) {
	queue, full, caller := ask.Queue, ask.Full, ask.Caller
	switch {
	case queue == "none":
		return QueueView{}, ximss.ErrQueue
	case full && f.agent.Agent != "":
		return QueueView{}, ximss.ErrAccess
	}
	v := QueueView{Queue: queue, Waiting: 1, Longest: time.Unix(1e9, 0), Agents: 2, Ready: 1}
	if full {
		v.Callers = []QueueCaller{{"c1", "0301", "Eve & co", 1, 5, "waiting", time.Unix(1e9, 0), true, []string{"1002"}}}
	}
	if caller == "c1" {
		v.Reasons = []QueueReason{{"1002", "is paused"}}
	}
	return v, nil
}

func (fake) QueueDoes(_ context.Context, _ signal.AOR, act QueueAct) *ximss.Error {
	return ximss.Fail(599, "%d %s %s %d%s", act.What, act.Queue, act.Caller, act.Number, act.To)
}

func (fake) Execute(_ context.Context, _ signal.AOR, line string) (object.Value, bool, *ximss.Error) {
	switch line {
	case "LIST":
		d := object.NewDictionary()
		d.Set("a", object.NewArray(object.String("x"), object.Number(2)).Value())
		return d.Value(), true, nil
	case "SET":
		return object.Null, false, nil
	case "HALF":
		return object.String(strings.Repeat("x", testLimits.Said*5/8)), true, nil
	case "LONG":
		return object.String(strings.Repeat("x", testLimits.Said)), true, nil
	}
	return object.Null, false, ximss.Fail(501, "not allowed")
}

func (fake) ChangePassword(_ context.Context, _ signal.AOR, old, _, _ string) (bool, *ximss.Error) {
	return old == "secret", nil
}

func (fake) Preferences(_ context.Context, _ signal.AOR, own bool) (*object.Dictionary, *ximss.Error) {
	d := object.NewFolded()
	d.Set("Language", object.String("English"))
	d.Set("two words", object.Number(7))
	if !own {
		d.Set("TimeZone", object.String("UTC"))
	}
	return d, nil
}

func (fake) StorePreferences(_ context.Context, _ signal.AOR, changes *object.Dictionary) *ximss.Error {
	return ximss.Fail(599, "%s", object.Format(changes.Value()))
}

func (fake) StartTask(_ context.Context, _ signal.AOR, program, entry string, p object.Value) (string, *ximss.Error) {
	if program == "none" {
		return "", ximss.ErrFile
	}
	return "task." + program + "." + entry + "." + object.Format(p), nil
}

func (fake) SendEvent(_ context.Context, to, name string, p object.Value, from string) *ximss.Error {
	if to == "dead" {
		return ximss.ErrObject
	}
	return ximss.Fail(599, "%s to %s of %s: %s", name, to, from, object.Format(p))
}

func (fake) Roster(context.Context, signal.AOR) []Peer {
	return []Peer{{Peer: "a@t.local", Name: "Ann", Groups: []string{"office", "tea & cake"}, Sees: true, Wanted: true, Agreed: true},
		{Peer: "b@t.local", Sees: true}, {Peer: "c@t.local", Wanted: true}, {Peer: "d@t.local", Wanted: true, Agreed: true}}
}

func (fake) ChangeRoster(_ context.Context, _ signal.AOR, what, peer string, about *object.Dictionary) *ximss.Error {
	return ximss.Fail(599, "%s %s %s", what, peer, object.Format(about.Value()))
}

func TestStories(t *testing.T) { acttest.Play(t, "testdata", newStage) }

// One HTTP request is answered with no more than one message may have, whoever of its operations asked for it.
func TestAnswersToOneRequestShareTheirRoom(t *testing.T) {
	s := newStage(t).(*stage)
	s.Do("http")
	s.Do(`post 1 <cliExecute id="1">HALF</cliExecute><cliExecute id="2">HALF</cliExecute>`)
	s.Do("serve")
	said := strings.Join(s.Do("serve"), "")
	if !strings.Contains(said, `<response id="1"/>`) || !strings.Contains(said, `id="2" errorText="the result is too long"`) {
		t.Errorf("of two halves that are more than all together the first is told, and the second refused: %s", said)
	}
	if len(said) > testLimits.Said {
		t.Errorf("%d bytes are said, the most is %d", len(said), testLimits.Said)
	}
	s.Do(`post 2 <cliExecute id="3">HALF</cliExecute>`)
	if said := strings.Join(s.Do("serve"), ""); !strings.Contains(said, `<response id="3"/>`) {
		t.Errorf("the next request has its own room: %s", said)
	}
}

// Before login a client is told to log in for each operation that there is.
func TestBindingsKnowTheOperations(t *testing.T) {
	for word := range rows {
		if !ximss.IsOperation(word) {
			t.Errorf("package ximss does not know the operation %s", word)
		}
	}
}
