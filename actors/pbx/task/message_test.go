package task

import (
	"testing"

	"tandem/signal"
	"tandem/ximss/object"
)

// A message is shown as the function that sends one was given it, with who sent it to whom.
func TestMessageContent(t *testing.T) {
	for _, c := range []struct{ kind, body, subject, want string }{
		{"text/plain;charset=utf-8", "hello", "", `{""=hello;`},
		{"", "hello", "Greeting", `{""=hello;IMSubject=Greeting;`},
		{"application/im-iscomposing+xml", `<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>active</state></isComposing>`,
			"", `{IMState=composing;`},
		{"application/im-iscomposing+xml", `<isComposing><state>idle</state></isComposing>`, "", `{IMState=paused;`},
		{"application/im-iscomposing+xml", `no XML <`, "", `{IMState=paused;`},
		{"application/json", "x", "", `{Content-Type=application;Content-Subtype=json;""=x;`},
	} {
		from, _ := signal.ParseParty(`"Bob" <sip:1001@t.local;instance=desk>;tag=x`)
		to, _ := signal.ParseURI("sip:lobby@t.local")
		r := &signal.Request{Method: signal.MESSAGE, URI: to, From: from, ContentType: c.kind, Body: []byte(c.body),
			Origin: signal.Origin{Account: "1001@t.local"}}
		if c.subject != "" {
			r.Headers = signal.Headers{{Name: "Subject", Value: c.subject}}
		}
		got, want := messageContent(r), c.want+`From="1001@t.local";peerName=Bob;To="lobby@t.local";authName="1001@t.local";fromInstance=desk;}`
		v, err := object.Parser{Folded: true}.Parse(want)
		if err != nil {
			t.Fatal(err)
		}
		if !object.Equal(got, v) {
			t.Errorf("%s %q:\n gives %s\n want  %s", c.kind, c.body, object.Format(got), want)
		}
	}
}
