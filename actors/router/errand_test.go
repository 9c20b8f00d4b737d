package router

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"tandem/signal"
)

// withRules gives an account of the lab's world rules of its own, looked at when it is called.
func (l *lab) withRules(user string, actions ...signal.Action) {
	w := l.ingress.directory.(world)
	aor := signal.AOR(user + "@t.local")
	a := w.accounts[aor]
	a.Rules = []signal.Rule{{Number: signal.NewNumber(signal.Immediate, signal.Usual), Name: "r", Actions: actions}}
	w.accounts[aor] = a
}

func TestRuleSendsAMessage(t *testing.T) {
	l := newLab(t, newWorld())
	l.withRules("1001", signal.Action{Verb: signal.SendIM, Value: "1003@t.local You are wanted"})
	l.ringing("q", "1001")
	for range 2 { // to the devices of 1003
		sent := <-l.edge.requests
		r := sent.request
		if r.Method != signal.MESSAGE || string(r.Body) != "You are wanted" || r.ContentType != "text/plain" ||
			r.From.URI.User != "1001" || r.MaxForwards != 68 {
			t.Errorf("sent %+v", r)
		}
		sent.answered(&signal.Response{Request: r.ID, Method: signal.MESSAGE, Status: 200})
	}
	if len(l.edge.responses) != 0 {
		t.Errorf("answered %+v, which nobody had asked", l.response())
	}
}

func TestErrands(t *testing.T) {
	l := newLab(t, newWorld())
	done := make(chan string, 10)
	l.ingress.SetErrands(Errands{
		SendURL:  func(a signal.AOR, url string) { done <- fmt.Sprint("url ", a, " ", url) },
		SendPush: func(a signal.AOR, text string) { done <- fmt.Sprint("push ", a, " ", text) },
		Remember: func(a signal.AOR, set string, from signal.Party) {
			done <- fmt.Sprint("remember ", a, " ", set, " ", from)
		},
	})
	l.withRules("1001", signal.Action{Verb: signal.SendURL, Value: "http://h/x"}, signal.Action{Verb: signal.SendPush, Value: "p"},
		signal.Action{Verb: signal.Remember, Value: "Callers"})
	l.ringing("q", "1001")
	for _, want := range []string{"url 1001@t.local http://h/x", "push 1001@t.local p", "remember 1001@t.local Callers <sip:1000@t.local>"} {
		if got := <-done; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// What nobody can do, and what goes to the log anyway, is told there; so is a message to nobody.
func TestErrandsInTheLog(t *testing.T) {
	var text bytes.Buffer
	in := &Ingress{log: slog.New(slog.NewTextHandler(&text, nil))}
	in.SetPolicy(&signal.Policy{Table: table})
	r := &signal.Request{URI: uri(t, "sip:1001@t.local"), From: signal.Party{URI: uri(t, "sip:1000@t.local")}}
	for _, verb := range []string{signal.WriteLog, signal.SendURL, signal.SendPush, signal.Remember} {
		text.Reset()
		in.run(signal.Note{Account: "1001@t.local", Rule: "mine", Verb: verb, Value: "something"}, r)
		for _, want := range []string{"account=1001@t.local", "rule=mine", verb, "value=something", "from=sip:1000@t.local"} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("%s: the log has %q, not %q", verb, text.String(), want)
			}
		}
	}
	text.Reset()
	in.run(signal.Note{Account: "1001@t.local", Rule: "mine", Verb: signal.SendIM, Value: "<> hello"}, r)
	if !strings.Contains(text.String(), "has no address") {
		t.Errorf("the log has %q", text.String())
	}
}
