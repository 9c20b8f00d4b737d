package meeting

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/msg"
)

// player tells stories of one hall. Lines are: TASK WORD set [key] [parameter=..] [priority=..]; "TASK ends";
// "pass DURATION"; "show".
type player struct {
	hall *Hall
	now  time.Time
}

func TestStories(t *testing.T) {
	acttest.Play(t, "testdata", func(*testing.T) acttest.Player {
		return &player{hall: NewHall(), now: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}
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
	case words[1] == "ends":
		p.hall.Gone(words[0])
		return nil
	}
	return p.ask(words)
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
	a := p.hall.Ask(m, words[0], p.now)
	if a.Error != "" {
		return []string{words[0] + ": " + a.Error}
	}
	line := words[0] + ":"
	if a.Found {
		line += fmt.Sprintf(" found parameter=%q task=%q", a.Parameter, a.task)
	}
	if queueOperations[m.What] != nil {
		line += fmt.Sprintf(" length=%d position=%d", a.Length, a.Position)
	}
	return []string{line}
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
