package source

import (
	"encoding/json"
	"fmt"
	"testing"

	"tandem/actors/stat/engine"
	"tandem/actors/stat/measure"
)

// desktop is an agent at a place with a telephone and channels, of which several sources tell.
type desktop struct {
	testing.TB
	book  *Book
	world *engine.World
	at    int64
	seq   map[string]int
}

// tells plays a line of a source, a second after the one before it.
func (d *desktop) tells(from, media, event, rest string) {
	d.Helper()
	d.at += 1000
	d.seq[from]++
	line := fmt.Sprintf(`{"seq":%d,"at":%d,"event":%q,%s}`, d.seq[from], d.at/1000, event, rest)
	d.take(Batch{Source: from, What: Lines, Rules: Rules{Media: media, Switch: map[string]string{"pbx": "west"}[from]}, Lines: []json.RawMessage{json.RawMessage(line)}})
}

// loses tells that a source is lost.
func (d *desktop) loses(from string) { d.Helper(); d.take(Batch{Source: from, What: Lost}) }

func (d *desktop) take(b Batch) {
	d.Helper()
	body, err := b.Encode()
	if err != nil {
		d.Fatal(err)
	}
	if err := d.book.Read(body, func(f engine.Fact) {
		if err := d.world.Apply(f); err != nil {
			d.Fatalf("%+v: %v", f, err)
		}
	}); err != nil {
		d.Fatal(err)
	}
}

// restart has the book go on from what was written of it.
func (d *desktop) restart() {
	d.Helper()
	text, err := json.Marshal(d.book)
	if err == nil {
		d.book = NewBook()
		err = json.Unmarshal(text, d.book)
	}
	if err != nil {
		d.Fatal(err)
	}
}

// stands demands statuses of the agent and his place, and that the agent's statistics are valid or not.
func (d *desktop) stands(when, agent, place string, valid bool) {
	d.Helper()
	d.at += 1000
	d.world.Advance(d.at)
	for id, want := range map[string]string{"Agent:ann": agent, "AgentPlace:desk": place} {
		s, err := d.world.State(id, d.at)
		if err != nil {
			d.Fatal(err)
		}
		if s.Status != want {
			d.Errorf("%s: %s is %s, want %s", when, id, s.Status, want)
		}
	}
	if v, err := d.world.Value("number", d.at); err != nil || v.Valid != valid {
		d.Errorf("%s: valid is %v (%v)", when, v.Valid, err)
	}
}

// TestPartialStates: what sources of several media tell of an agent, two of them of the same channel, unites by the rules of
// places: voice above not ready first, else the higher one, else voice where he is logged in there (reference 2.5).
func TestPartialStates(t *testing.T) {
	d := &desktop{t, NewBook(), engine.New(engine.Options{Lateness: -1}), 1_000_000, map[string]int{}}
	for id, o := range map[string]engine.Object{"Agent:ann": {Type: engine.Agent, ID: "ann"}, "AgentPlace:desk": {Type: engine.AgentPlace, ID: "desk"}} {
		subject := map[string]measure.Subject{"Agent:ann": measure.AgentStatus, "AgentPlace:desk": measure.PlaceStatus}[id]
		main, err := measure.ParseMask("*", subject)
		if err == nil {
			_, err = d.world.Open(id, o, measure.Definition{Category: "CurrentState", Subject: subject, Main: main}, d.at)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	main, _ := measure.ParseMask("*", measure.DNAction)
	if _, err := d.world.Open("number", engine.Object{Type: engine.Agent, ID: "ann"}, measure.Definition{Category: "TotalNumber", Main: main}, d.at); err != nil {
		t.Fatal(err)
	}
	const voice, at = `"dn":"7001","agent":"ann","place":"desk"`, `"agent":"ann","place":"desk"`

	d.tells("chat1", "chat", "EventAgentLogin", at)
	d.stands("logged in to chat alone", "LoggedIn", "LoggedIn", true)
	d.tells("chat1", "chat", "EventAgentReady", at)
	d.tells("chat2", "chat", "EventAgentLogin", at)
	d.tells("chat2", "chat", "EventAgentNotReady", at)
	d.stands("one source of chat says ready, the other one not ready", "NotReadyForNextCall", "NotReadyForNextCall", true)
	d.tells("chat2", "chat", "EventAgentReady", at)
	d.stands("both say ready", "WaitForNextCall", "WaitForNextCall", true)
	d.tells("chat1", "chat", "EventInvite", at+`,"conn":"i1"`)
	d.tells("chat1", "chat", "EventAccepted", at+`,"conn":"i1","call_type":"Inbound"`)
	d.stands("an item of one of them", "CallInbound", "CallInbound", true)

	d.tells("pbx", "", "EventAgentLogin", voice)
	d.tells("pbx", "", "EventAgentReady", voice)
	d.stands("voice is ready, chat works", "CallInbound", "CallInbound", true)
	d.tells("pbx", "", "EventRinging", voice+`,"conn":"c1","call_type":"Inbound"`)
	d.stands("voice rings, chat works", "CallInbound", "CallInbound", true)
	d.tells("mail", "email", "EventAgentLogin", at)
	d.tells("mail", "email", "EventAgentNotReady", at)
	d.tells("chat1", "chat", "EventReleased", at+`,"conn":"i1"`)
	d.stands("voice rings, mail is not ready", "NotReadyForNextCall", "NotReadyForNextCall", true)
	d.tells("pbx", "", "EventEstablished", voice+`,"conn":"c1"`)
	d.stands("voice talks: it is above not ready", "CallInbound", "CallInbound", true)
	d.tells("pbx", "", "EventReleased", voice+`,"conn":"c1"`)
	d.tells("mail", "email", "EventAgentReady", at)
	d.stands("all wait", "WaitForNextCall", "WaitForNextCall", true)

	d.restart()
	d.loses("chat1")
	d.stands("a source of chat is lost", "WaitForNextCall", "WaitForNextCall", false)
	d.loses("chat2")
	d.tells("chat1", "chat", "EventAgentNotReady", at)
	d.stands("it is heard again, the other one is lost", "NotReadyForNextCall", "NotReadyForNextCall", false)
	d.tells("chat2", "chat", "EventAgentReady", at)
	d.stands("both are heard", "NotReadyForNextCall", "NotReadyForNextCall", true)

	d.tells("chat3", "chat", "EventAgentLogin", at)
	d.tells("chat3", "chat", "EventAgentReady", at)
	d.tells("chat3", "chat", "EventInvite", at+`,"conn":"i9"`)
	d.tells("chat3", "chat", "EventAccepted", at+`,"conn":"i9","call_type":"Inbound"`)
	d.stands("he works for a third source of chat", "CallInbound", "CallInbound", true)
	d.loses("chat3")
	d.stands("the third one is lost", "CallInbound", "CallInbound", false)
	d.take(Batch{Source: "chat3", What: Gone})
	d.stands("the third one is none any more", "NotReadyForNextCall", "NotReadyForNextCall", true)
	if d.restart(); d.book.State("chat3").Known || !d.book.State("chat1").Known {
		t.Error("the book has the one that is none, or not the others")
	}

	d.tells("chat1", "chat", "EventAgentLogout", at)
	d.stands("he has left chat by one of its sources", "WaitForNextCall", "WaitForNextCall", true)
	d.tells("pbx", "", "EventAgentLogout", voice)
	d.tells("mail", "email", "EventAgentLogout", at)
	d.stands("chat by the other one is left", "WaitForNextCall", "WaitForNextCall", true)
	d.tells("chat2", "chat", "EventAgentLogout", at)
	d.stands("he has left all", "LoggedOut", "NotMonitored", true)
}
