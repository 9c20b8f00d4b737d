package meeting

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/msg"
)

// player tells stories of one hall. Lines are: TASK WORD set [key] [parameter=..] [priority=..]; "TASK ends";
// "pass DURATION"; "show"; "moves [without TASK]": another hall takes over, to which all but one Task announce what they
// have, in an order of no meaning; "TASK announces": that one does it late; "TASK obeys", or "all obeys": it withdraws what it was
// told to. What Tasks hear without having asked is told as "TASK has no more ..".
type player struct {
	hall     *Hall
	now      time.Time
	serial   uint64
	standing map[string]map[string]*msg.MeetingStands // by Task, and what it is
	words    map[string][]*msg.MeetingParted          // by Task: what it is to withdraw
}

func TestStories(t *testing.T) {
	acttest.Play(t, "testdata", func(*testing.T) acttest.Player {
		return &player{hall: NewHall(), now: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC),
			standing: map[string]map[string]*msg.MeetingStands{}, words: map[string][]*msg.MeetingParted{}}
	})
}

func (p *player) Do(event string) []string {
	words := strings.Fields(event)
	switch {
	case words[0] == "pass":
		d, err := time.ParseDuration(words[1])
		if err != nil {
			return []string{err.Error()}
		}
		p.now = p.now.Add(d)
		return nil
	case words[0] == "show":
		return []string{fmt.Sprintf("meetings %d, queues %d, empty %v", len(p.hall.meetings), len(p.hall.queues), p.hall.Empty())}
	case words[0] == "moves":
		return p.moves(words[len(words)-1])
	case words[1] == "ends":
		p.hall.Gone(words[0])
		delete(p.standing, words[0])
		return nil
	case words[1] == "announces":
		return p.announces(words[0])
	case words[1] == "obeys":
		p.obeys(words[0])
		return nil
	}
	return p.ask(words)
}

// obeys lets a Task withdraw what it was told to, or all of them.
func (p *player) obeys(who string) {
	for task, words := range p.words {
		if task != who && who != "all" {
			continue
		}
		for _, w := range words {
			what := thing(w.Queued, w.Set, w.Key)
			if s := p.standing[task][what]; s != nil && s.Serial <= w.Serial {
				delete(p.standing[task], what)
			}
			p.hall.Parted(w, task)
		}
		delete(p.words, task)
	}
}

// thing names what a Task has.
func thing(queued bool, set, key string) string {
	if queued {
		return "a place in " + set
	}
	return "meeting " + set + " " + key
}

// moves has another hall take over. Its clock is an hour slow.
func (p *player) moves(without string) (lines []string) {
	p.hall, p.now = NewHall(), p.now.Add(-time.Hour)
	for _, task := range slices.Backward(slices.Sorted(maps.Keys(p.standing))) {
		if task != without {
			lines = append(lines, p.announces(task)...)
		}
	}
	return lines
}

func (p *player) announces(task string) (lines []string) {
	for _, what := range slices.Sorted(maps.Keys(p.standing[task])) {
		s := p.standing[task][what]
		for range 2 { // the second does no harm
			lines = append(lines, p.lost(p.hall.Stands(s, task, p.now))...)
		}
	}
	return lines
}

// lost notes what Tasks are told that they have no more.
func (p *player) lost(all []Loss) (lines []string) {
	for _, l := range all {
		w := l.Parted
		p.words[l.Task] = append(p.words[l.Task], w)
		lines = append(lines, l.Task+" has no more "+thing(w.Queued, w.Set, w.Key))
	}
	return lines
}

func (p *player) ask(words []string) []string {
	m := &msg.MeetingAsk{What: words[1]}
	var names []string
	for _, w := range words[2:] {
		switch name, value, ok := strings.Cut(w, "="); {
		case ok && name == "parameter":
			m.Parameter = value
		case ok && name == "priority":
			m.Priority = value
		default:
			names = append(names, strings.ReplaceAll(w, "-", ""))
		}
	}
	if len(names) > 0 {
		m.Set = names[0]
	}
	if len(names) > 1 {
		m.Key = names[1]
	}
	p.serial++
	m.Operation = p.serial
	a := p.hall.Ask(m, words[0], p.now)
	lines := p.lost(a.lost)
	if a.Error != "" {
		return append(lines, words[0]+": "+a.Error)
	}
	if s := a.Stands; s != nil {
		if p.standing[words[0]] == nil {
			p.standing[words[0]] = map[string]*msg.MeetingStands{}
		}
		p.standing[words[0]][thing(s.Queued, s.Set, s.Key)] = s
	}
	line := words[0] + ":"
	if a.Found {
		line += fmt.Sprintf(" found parameter=%q task=%q", a.Parameter, a.task)
	}
	if queueOperations[m.What] != nil {
		line += fmt.Sprintf(" length=%d position=%d", a.Length, a.Position)
	}
	return append(lines, line)
}

// A Task that the hall has never seen may ask anything, and the limits hold.
func TestLimits(t *testing.T) {
	h, now := NewHall(), time.Now()
	for i := range maxMeetings {
		if a := h.Ask(&msg.MeetingAsk{What: "create", Key: fmt.Sprint(i)}, "t", now); a.Error != "" {
			t.Fatal(i, a.Error)
		}
	}
	if a := h.Ask(&msg.MeetingAsk{What: "create", Key: "more"}, "t", now); a.Error != full {
		t.Errorf("beyond the limit: %q", a.Error)
	}
	if a := h.Ask(&msg.MeetingAsk{What: "create", Key: "more"}, "t", now.Add(25*time.Hour)); a.Error != "" {
		t.Errorf("a day later: %q", a.Error)
	}
	for i := range maxWaiting {
		if a := h.Ask(&msg.MeetingAsk{What: "enqueue"}, fmt.Sprint(i), now); a.Error != "" {
			t.Fatal(i, a.Error)
		}
	}
	if a := h.Ask(&msg.MeetingAsk{What: "enqueue"}, "more", now); a.Error != noQueue {
		t.Errorf("queue beyond the limit: %q", a.Error)
	}
}

// Parameters have room in all, which comes back when what they belong to is gone.
func TestParametersAreBounded(t *testing.T) {
	h, now := NewHall(), time.Now()
	large := strings.Repeat("x", maxBytes/8)
	ask := func(what, key, parameter string) string {
		return h.Ask(&msg.MeetingAsk{What: what, Set: "s", Key: key, Parameter: parameter}, "task", now).Error
	}
	for i := range 7 {
		if e := ask("create", fmt.Sprint(i), large); e != "" {
			t.Fatalf("meeting %d: %s", i, e)
		}
	}
	if e := ask("enqueue", "", large); e != "" {
		t.Errorf("enqueue: %s", e)
	}
	for what, want := range map[string]string{"create": full, "enqueue": noQueue} {
		if e := ask(what, "more", large); e != want {
			t.Errorf("%s beyond the room: %q", what, e)
		}
	}
	if e := ask("activate", "1", large+"x"); e != full {
		t.Errorf("a longer parameter beyond the room: %q", e)
	}
	if e := ask("activate", "1", "short"); e != "" {
		t.Errorf("a shorter parameter: %q", e)
	}
	h.Gone("task")
	for i := range 7 {
		if e := ask("remove", fmt.Sprint(i), ""); e != "" {
			t.Errorf("remove: %q", e)
		}
	}
	if h.bytes != 0 || !h.Empty() {
		t.Errorf("%d bytes are left", h.bytes)
	}
}
