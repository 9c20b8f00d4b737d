package dialog

import (
	"slices"
	"testing"

	"tandem/signal"
)

func party(t *testing.T, text string) signal.Party {
	t.Helper()
	p, err := signal.ParseParty(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A bystander's BYE goes where the owner's would have gone, above the owner's numbers.
func TestShadowSaysBYE(t *testing.T) {
	phone, us := party(t, "<sip:1001@t.local>;tag=phone"), party(t, "<sip:1000@t.local>;tag=us")
	contact := []signal.Party{party(t, "<sip:1001@192.0.2.7:5070>")}
	received := &signal.Request{Method: signal.INVITE, CallID: "c", CSeq: 7, From: phone, To: party(t, "<sip:1000@t.local>"),
		Contacts: contact, Routes: []string{"<sip:p1;lr>, <sip:p2;lr>", "<sip:p3;lr>"}}
	ours := &signal.Request{Method: signal.INVITE, CallID: "c", CSeq: 3, From: us, To: party(t, "<sip:1001@t.local>"),
		URI: party(t, "<sip:1001@192.0.2.9>").URI, Headers: signal.Headers{{Name: "Proxy-Authorization", Value: "x"}}}
	strict := &signal.Response{To: phone, Contacts: contact, Routes: []string{"<sip:p1>"}}
	for name, c := range map[string]struct {
		shadow *Shadow
		uri    string
		routes []string
		cseq   uint32
	}{
		"server": {ServerShadow(received, &signal.Response{To: us}), "sip:1001@192.0.2.7:5070",
			[]string{"<sip:p1;lr>", "<sip:p2;lr>", "<sip:p3;lr>"}, 12},
		"client": {ClientShadow(ours, &signal.Response{To: phone, Contacts: contact, Routes: []string{"<sip:p1;lr>", "<sip:p2;lr>"}}),
			"sip:1001@192.0.2.7:5070", []string{"<sip:p2;lr>", "<sip:p1;lr>"}, 12},
		"client without Contact": {ClientShadow(ours, &signal.Response{To: phone}), "sip:1001@192.0.2.9", nil, 12},
		"strict router":          {ClientShadow(ours, strict), "sip:p1", []string{"<sip:1001@192.0.2.7:5070>"}, 12},
	} {
		own := &signal.Request{Method: signal.INFO, CallID: "c", CSeq: c.cseq, To: phone}
		if !c.shadow.Holds(own) || c.shadow.Holds(&signal.Request{CallID: "c", To: us}) || c.shadow.Holds(&signal.Request{To: phone}) {
			t.Errorf("%s: takes the wrong requests for its own", name)
		}
		c.shadow.Sent(own)
		c.shadow.Sent(&signal.Request{CSeq: 2})
		r := c.shadow.BYE("id", "why")
		if r.Method != signal.BYE || r.URI.String() != c.uri || !slices.Equal(r.Routes, c.routes) || r.CSeq <= c.cseq ||
			r.From.Tag() != "us" || r.To.Tag() != "phone" || r.CallID != "c" || r.ID != "id" || r.Headers.Get("Reason") != "why" {
			t.Errorf("%s: %+v", name, r)
		}
		if again := c.shadow.BYE("id", ""); again.CSeq <= r.CSeq {
			t.Errorf("%s: two requests with CSeq %d and %d", name, r.CSeq, again.CSeq)
		}
		c.shadow.Refresh([]signal.Party{party(t, "<sip:1001@192.0.2.8>")})
		if r := c.shadow.BYE("id", ""); name != "strict router" && r.URI.Host != "192.0.2.8" {
			t.Errorf("%s: the new target is not used: %v", name, r.URI)
		}
	}
	ack := ClientShadow(ours, strict).ACK("a", ours)
	if ack.CSeq != 3 || ack.Headers.Get("Proxy-Authorization") != "x" || ack.To.Tag() != "phone" {
		t.Errorf("ACK %+v", ack)
	}
}
