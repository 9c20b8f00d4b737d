package task

import (
	"strings"
	"time"

	"tandem/actors/msg"
	"tandem/signal"
	"tandem/ximss/object"
)

// Message takes an instant message that came for the Task's name: the event instantMessage (reference cgpl.md
// 3.3).
func (t *Task) Message(m *msg.TaskMessage, now time.Time) {
	t.now = now
	t.event(eventMessage, messageContent(m.Request.Signal()), "")
}

// messageContent is a MESSAGE as programs see it: what SendInstantMessage was given, and who sent it to whom.
func messageContent(r *signal.Request) object.Value {
	d := object.NewFolded()
	kind, _, _ := strings.Cut(r.ContentType, ";")
	switch kind = strings.ToLower(strings.TrimSpace(kind)); {
	case kind == "application/im-iscomposing+xml":
		d.Set("IMState", object.String(writing(string(r.Body))))
	case kind == "text/plain" || kind == "":
		d.Set("", object.String(string(r.Body)))
	default:
		d = content(r.ContentType, r.Body).Dictionary()
	}
	set := func(key, text string) {
		if text != "" {
			d.Set(key, object.String(text))
		}
	}
	set("IMSubject", r.Headers.Get("Subject"))
	set("From", string(r.From.URI.AOR()))
	set("peerName", r.From.Display)
	set("To", string(r.URI.AOR()))
	set("authName", string(r.Origin.Account))
	for key, u := range map[string]signal.URI{"fromInstance": r.From.URI, "toInstance": r.URI} {
		instance, _ := u.Params.Get("instance")
		set(key, instance)
	}
	return d.Value()
}

// writing is what an isComposing document says (RFC 3994): composing or paused.
func writing(text string) string {
	if x, err := object.ParseXML(text); err == nil && x.Child("state") != nil {
		for _, v := range x.Child("state").Body {
			if strings.EqualFold(strings.TrimSpace(v.Text()), "active") {
				return "composing"
			}
		}
	}
	return "paused"
}
