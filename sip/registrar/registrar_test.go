package registrar

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/conf"
	"tandem/signal"
)

var (
	noon   = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	limits = conf.Accounts{MaxContacts: 3, MinExpires: time.Minute, MaxExpires: time.Hour, DefaultExpires: 30 * time.Minute}
	flow   = signal.Flow{Edge: "m1", Transport: "UDP", Local: netip.MustParseAddrPort("192.0.2.1:5060"),
		Remote: netip.MustParseAddrPort("198.51.100.2:5060")}
)

func registrar() Registrar {
	return Registrar{Limits: limits, Own: func(u signal.URI) bool { return u.Host == "192.0.2.1" }}
}

// register is a REGISTER with these contacts; header fields come as "Name: value".
func register(t interface{ Fatal(...any) }, callID string, cseq uint32, lines ...string) *signal.Request {
	to := signal.Party{URI: signal.URI{Scheme: "sip", User: "alice", Host: "tandem.local"}}
	r := &signal.Request{ID: "r1", Method: signal.REGISTER, URI: signal.URI{Scheme: "sip", Host: "tandem.local"},
		From: to.WithTag("f"), To: to, CallID: callID, CSeq: cseq, Origin: signal.Origin{Flow: flow, Agent: "phone/1"}}
	for _, line := range lines {
		if name, value, is := strings.Cut(line, ": "); is {
			r.Headers = append(r.Headers, signal.Header{Name: name, Value: value})
			continue
		}
		c, err := signal.ParseParty(line)
		if err != nil {
			t.Fatal(err)
		}
		r.Contacts = append(r.Contacts, c)
	}
	return r
}

// contacts are those of a response as text.
func contacts(r *signal.Response) string {
	var out []string
	for _, c := range r.Contacts {
		out = append(out, c.String())
	}
	return strings.Join(out, " ")
}

// kinds are the changes as text.
func kinds(changes []Change) string {
	var out []string
	for _, c := range changes {
		out = append(out, c.Kind.String()+" "+c.Binding.Contact.User)
	}
	return strings.Join(out, ", ")
}

// TestStory follows one account through a day.
func TestStory(t *testing.T) {
	var bindings []Binding
	now := noon
	steps := []struct {
		after    time.Duration
		callID   string
		cseq     uint32
		lines    []string
		status   int
		contacts string
		changes  string
	}{
		{0, "c1", 1, nil, 200, "", ""},
		{0, "c1", 2, []string{"<sip:a@10.0.0.1>;expires=600"}, 200, "<sip:a@10.0.0.1>;expires=600", "added a"},
		{time.Minute, "c1", 2, []string{"<sip:a@10.0.0.1>;expires=600"}, 200, "<sip:a@10.0.0.1>;expires=540", ""}, // again
		{0, "c1", 1, []string{"<sip:a@10.0.0.1>"}, 500, "", ""},
		{0, "c1", 3, []string{"<sip:a@10.0.0.1>", "Expires: 120"}, 200, "<sip:a@10.0.0.1>;expires=120", "refreshed a"},
		{0, "c2", 1, []string{`"B" <sip:b@10.0.0.2>;q=0.5;expires=90`, "Expires: 900", `<sip:c@10.0.0.3>;q=0`}, 200,
			`<sip:a@10.0.0.1>;expires=120 "B" <sip:b@10.0.0.2>;q=0.5;expires=90 <sip:c@10.0.0.3>;q=0;expires=900`, "added b, added c"},
		{0, "c2", 2, []string{"<sip:d@10.0.0.4>"}, 403, "", ""},
		{0, "c2", 3, []string{"<sip:d@10.0.0.4>", "<sip:c@10.0.0.3>;expires=0"}, 200,
			`<sip:a@10.0.0.1>;expires=120 <sip:d@10.0.0.4>;expires=1800 "B" <sip:b@10.0.0.2>;q=0.5;expires=90`, "added d, removed c"},
		{100 * time.Second, "c2", 4, nil, 200, `<sip:a@10.0.0.1>;expires=20 <sip:d@10.0.0.4>;expires=1700`, "expired b"},
		{0, "c3", 1, []string{"<sip:a@10.0.0.1>;expires=5"}, 423, "", ""},
		{0, "c3", 1, []string{"<sip:e@10.0.0.5>", "<sip:a@10.0.0.1>;expires=59"}, 423, "", ""}, // whole or not at all
		{0, "c3", 1, []string{"<sip:z@10.0.0.9>;expires=0"}, 200, `<sip:a@10.0.0.1>;expires=20 <sip:d@10.0.0.4>;expires=1700`, ""},
		{0, "c3", 2, []string{"*"}, 400, "", ""},
		{0, "c3", 2, []string{"*", "Expires: 60"}, 400, "", ""},
		{0, "c3", 2, []string{"*", "<sip:a@10.0.0.1>", "Expires: 0"}, 400, "", ""},
		{0, "c2", 3, []string{"*", "Expires: 0"}, 500, "", ""},
		{0, "c3", 2, []string{"*", "Expires: 0"}, 200, "", "removed a, removed d"},
		{0, "c3", 2, []string{"*", "Expires: 0"}, 200, "", ""},
		{0, "c3", 3, []string{"<sip:a@10.0.0.1>;expires=99999999999999999999"}, 200, "<sip:a@10.0.0.1>;expires=3600", "added a"},
		{0, "c3", 4, []string{"<sip:a@10.0.0.1>;expires=soon"}, 200, "<sip:a@10.0.0.1>;expires=3600", "refreshed a"},
	}
	for i, s := range steps {
		now = now.Add(s.after)
		before := slices.Clone(bindings)
		got := registrar().Register(register(t, s.callID, s.cseq, s.lines...), bindings, now)
		if got.Response.Status != s.status || contacts(got.Response) != s.contacts || kinds(got.Changes) != s.changes {
			t.Errorf("step %d %q: %d %s\n contacts %s\n changes %s", i, s.lines, got.Response.Status,
				got.Response.Reason, contacts(got.Response), kinds(got.Changes))
		}
		if !reflect.DeepEqual(before, bindings) && len(before) > 0 {
			t.Errorf("step %d changed what it was given", i)
		}
		bindings = got.Bindings
	}
	if b := bindings[0]; !b.Since.Equal(now) || !b.Updated.Equal(now) || b.Agent != "phone/1" || b.Flow != flow || b.CSeq != 4 {
		t.Errorf("%+v", b)
	}
}

func TestMinExpiresIsTold(t *testing.T) {
	got := registrar().Register(register(t, "c", 1, "<sip:a@b>;expires=1"), nil, noon)
	if got.Response.Status != 423 || got.Response.Headers.Get("Min-Expires") != "60" {
		t.Errorf("%+v", got.Response)
	}
	// A member that grants less than its own minimum at most does not refuse what it grants.
	g := registrar()
	g.Limits.MaxExpires = 30 * time.Second
	if got := g.Register(register(t, "c", 1, "<sip:a@b>;expires=600"), nil, noon); got.Response.Status != 200 {
		t.Errorf("%+v", got.Response)
	}
}

func TestHostileContacts(t *testing.T) {
	long := "<sip:" + strings.Repeat("a", maxContact) + "@x>"
	many := make([]string, 2*limits.MaxContacts+1)
	for i := range many {
		many[i] = fmt.Sprintf("<sip:a@b>;x=%d", i)
	}
	control := register(t, "c", 1, "<sip:a@b>")
	control.Contacts[0].URI.User = "a\r\nVia: x"
	params := register(t, "c", 1, "<sip:a@b>")
	params.Contacts[0].Params = signal.Params{{Name: "x", Value: "\x00"}}
	tests := map[string]struct {
		r      *signal.Request
		status int
		reason string
	}{
		"control":      {control, 400, "Control Character In Contact"},
		"parameter":    {params, 400, "Control Character In Contact"},
		"too long":     {register(t, "c", 1, long), 400, "Contact Too Long"},
		"tel":          {register(t, "c", 1, "<tel:+123>"), 400, "Contact Is Not A SIP URI"},
		"headers":      {register(t, "c", 1, "<sip:a@b?Replaces=x>"), 400, "Contact With Headers"},
		"multicast":    {register(t, "c", 1, "<sip:a@224.0.1.75>"), 400, "Contact Is No Unicast Address"},
		"multicast 6":  {register(t, "c", 1, "<sip:a@[ff02::1]>"), 400, "Contact Is No Unicast Address"},
		"mapped":       {register(t, "c", 1, "<sip:a@[::ffff:224.0.0.1]>"), 400, "Contact Is No Unicast Address"},
		"broadcast":    {register(t, "c", 1, "<sip:a@255.255.255.255>"), 400, "Contact Is No Unicast Address"},
		"nowhere":      {register(t, "c", 1, "<sip:a@0.0.0.0>"), 400, "Contact Is No Unicast Address"},
		"maddr":        {register(t, "c", 1, "<sip:a@b;maddr=224.0.0.1>"), 400, "Contact Is No Unicast Address"},
		"ourselves":    {register(t, "c", 1, "<sip:a@192.0.2.1>"), 403, "Contact Is This Server"},
		"bad q":        {register(t, "c", 1, "<sip:a@b>;q=1.1"), 400, "Bad q In Contact"},
		"too many":     {register(t, "c", 1, many...), 403, "Too Many Contacts"},
		"path":         {register(t, "c", 1, "<sip:a@b>", "Path: <sip:p\r\n>"), 400, "Control Character In Path"},
		"path length":  {register(t, "c", 1, "<sip:a@b>", "Path: "+strings.Repeat("x", maxPath+1)), 400, "Path Too Long"},
		"Call-ID":      {register(t, strings.Repeat("c", maxCallID+1), 1, "<sip:a@b>"), 400, "Bad Call-ID"},
		"one bad, one": {register(t, "c", 1, "<sip:good@b>", "<sip:a@224.0.1.75>"), 400, "Contact Is No Unicast Address"},
	}
	for name, tt := range tests {
		got := registrar().Register(tt.r, nil, noon)
		if got.Response.Status != tt.status || got.Response.Reason != tt.reason || len(got.Bindings)+len(got.Changes) > 0 {
			t.Errorf("%s: %d %q, %d bindings", name, got.Response.Status, got.Response.Reason, len(got.Bindings))
		}
	}
	// Without a judge of our own addresses there are none.
	if got := (Registrar{Limits: limits}).Register(tests["ourselves"].r, nil, noon); got.Response.Status != 200 {
		t.Errorf("%+v", got.Response)
	}
}

func TestEqualContacts(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"sip:alice@AtLanTa.CoM;Transport=tcp", "sip:%61lice@atlanta.com;transport=TCP", true},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true},
		{"sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on", true},
		{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false},
		{"sip:ALICE@atlanta.com", "sip:alice@atlanta.com", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false},
		{"sip:bob@biloxi.com;transport=udp", "sip:bob@biloxi.com;transport=tcp", false},
		{"sip:bob@biloxi.com", "sips:bob@biloxi.com", false},
		{"sip:bob@biloxi.com;user=phone", "sip:bob@biloxi.com", false},
		{"sip:bob@biloxi.com;ob", "sip:bob@biloxi.com;ob", true},
	}
	for _, tt := range tests {
		a, err := signal.ParseURI(tt.a)
		if err != nil {
			t.Fatal(err)
		}
		b, err := signal.ParseURI(tt.b)
		if err != nil {
			t.Fatal(err)
		}
		if equal(a, b) != tt.want || equal(b, a) != tt.want {
			t.Errorf("%s and %s: equal is %t", tt.a, tt.b, !tt.want)
		}
	}
}

// TestInstance: a device that comes back from another address takes the place of its old contact,
// and of whatever was bound at its new one.
func TestInstance(t *testing.T) {
	const instance = `;+sip.instance="<urn:uuid:1>";reg-id=1`
	g := registrar()
	b := g.Register(register(t, "c1", 1, "<sip:a@10.0.0.1>"+instance, "<sip:b@10.0.0.2>"), nil, noon).Bindings
	got := g.Register(register(t, "c2", 1, "<sip:b@10.0.0.2>"+instance), b, noon.Add(time.Second))
	if kinds(got.Changes) != "refreshed b, removed b" || len(got.Bindings) != 1 {
		t.Fatalf("%s: %s", kinds(got.Changes), contacts(got.Response))
	}
	if one := got.Bindings[0]; one.Instance() != "<urn:uuid:1>" || one.RegID() != "1" || !one.Since.Equal(noon) {
		t.Errorf("%+v", one)
	}
	if c := contacts(got.Response); !strings.Contains(c, instance) {
		t.Errorf("200 has %s", c)
	}
	// Another flow of the same device stands beside the first.
	got = g.Register(register(t, "c3", 1, `<sip:c@10.0.0.3>;+sip.instance="<urn:uuid:1>";reg-id=2`), got.Bindings, noon)
	if len(got.Bindings) != 2 {
		t.Errorf("%s", contacts(got.Response))
	}
}

func TestPath(t *testing.T) {
	path := []string{"Path: <sip:p1;lr>", "Path: <sip:p2;lr>"}
	r := register(t, "c", 1, append(path, "<sip:a@b>")...)
	got := registrar().Register(r, nil, noon)
	if !slices.Equal(got.Bindings[0].Path, []string{"<sip:p1;lr>", "<sip:p2;lr>"}) || got.Response.Headers.Get("Path") != "" {
		t.Errorf("%q, %v", got.Bindings[0].Path, got.Response.Headers)
	}
	r.Headers = r.Headers.With("Supported", "path")
	if got := registrar().Register(r, nil, noon); len(got.Response.Headers.All("Path")) != 2 {
		t.Errorf("200 has %v", got.Response.Headers)
	}
}

// A phone without a clock of its own sets it by the 200 (RFC 3261 section 10.3, step 8).
func TestDate(t *testing.T) {
	there := time.Date(2030, 1, 1, 14, 0, 5, 0, time.FixedZone("east", 2*60*60))
	got := registrar().Register(register(t, "c", 1, "<sip:a@10.0.0.1>"), nil, there).Response
	if date := got.Headers.Get("Date"); date != "Tue, 01 Jan 2030 12:00:05 GMT" {
		t.Errorf("Date %q", date)
	}
}

func TestAgent(t *testing.T) {
	for in, want := range map[string]string{"": "x/2", "y": "y", strings.Repeat("é", maxAgent): strings.Repeat("é", maxAgent/2),
		"a\r\nb": ""} {
		r := register(t, "c", 1, "<sip:a@b>", "User-Agent: x/2")
		r.Origin.Agent = in
		if got := registrar().Register(r, nil, noon).Bindings[0].Agent; got != want {
			t.Errorf("%q is kept as %q", in, got)
		}
	}
}

func TestResponseTag(t *testing.T) {
	r := register(t, "c", 1)
	first := registrar().Register(r, nil, noon).Response
	if tag := first.To.Tag(); tag == "" || registrar().Register(r, nil, noon).Response.To.Tag() != tag {
		t.Errorf("To tag %q", tag)
	}
	if first.Request != "r1" || first.Method != signal.REGISTER || r.To.Tag() != "" {
		t.Errorf("%+v", first)
	}
}

// TestBindingTravels: a binding survives the journal and the wire.
func TestBindingTravels(t *testing.T) {
	for _, b := range []Binding{
		registrar().Register(register(t, "c", 1, `"A" <sip:a@[2001:db8::1]:5070;transport=tcp>;q=0.3;+sip.instance="<urn:x>"`,
			"Path: <sip:p;lr>"), nil, noon).Bindings[0],
		{Contact: signal.URI{Scheme: "sip", Host: "x"}},
	} {
		text, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		var fromJSON, fromGob Binding
		if err := json.Unmarshal(text, &fromJSON); err != nil {
			t.Fatal(err)
		}
		var wire bytes.Buffer
		if err := gob.NewEncoder(&wire).Encode(b); err != nil {
			t.Fatal(err)
		}
		if err := gob.NewDecoder(&wire).Decode(&fromGob); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(fromJSON, b) || !reflect.DeepEqual(fromGob, b) {
			t.Errorf("\n was  %+v\n JSON %+v\n gob  %+v", b, fromJSON, fromGob)
		}
	}
}

func TestQ(t *testing.T) {
	for text, want := range map[string]int{"0": 0, "1": 1000, "0.5": 500, "0.05": 50, "0.123": 123, "1.000": 1000, "0.": 0,
		"": -1, "2": -1, "1.001": -1, "0.1234": -1, "-0": -1, "0,5": -1, "0.x": -1, "00": -1} {
		q, valid := parseQ(text)
		if valid != (want >= 0) || valid && q != want {
			t.Errorf("%q: %d, %t", text, q, valid)
		}
		if valid {
			if again, _ := parseQ(formatQ(q)); again != q {
				t.Errorf("%q is written %q", text, formatQ(q))
			}
		}
	}
}

// TestAnyRequests: whatever is registered, in whatever order: never more than the limit, never an
// expired binding, never the same contact twice; a refusal changes nothing; and the order of
// contacts and of bindings does not matter.
func TestAnyRequests(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var bindings []Binding
		now := noon
		for range rapid.IntRange(1, 12).Draw(t, "requests") {
			now = now.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "seconds")) * time.Second)
			lines := rapid.SliceOfNDistinct(rapid.Custom(drawContact), 0, 4, userOf).Draw(t, "contacts")
			callID := rapid.SampledFrom([]string{"c1", "c2"}).Draw(t, "Call-ID")
			cseq := uint32(rapid.IntRange(1, 10).Draw(t, "CSeq"))
			got := registrar().Register(register(t, callID, cseq, lines...), bindings, now)
			check(t, got, bindings, now)

			shuffled := rapid.Permutation(lines).Draw(t, "other order")
			present := rapid.Permutation(bindings).Draw(t, "other present")
			again := registrar().Register(register(t, callID, cseq, shuffled...), present, now)
			if got.Response.Status == 200 && (!reflect.DeepEqual(got.Bindings, again.Bindings) ||
				contacts(got.Response) != contacts(again.Response)) {
				t.Fatalf("order matters: %s, %s", contacts(got.Response), contacts(again.Response))
			}
			bindings = got.Bindings
		}
	})
}

func drawContact(t *rapid.T) string {
	user := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "user")
	expires := rapid.SampledFrom([]string{"", ";expires=0", ";expires=60", ";expires=9999", ";expires=1"}).Draw(t, "expires")
	return "<sip:" + user + "@10.0.0.1>" + expires
}

func userOf(line string) string { user, _, _ := strings.Cut(line, "@"); return user }

func check(t *rapid.T, got Result, before []Binding, now time.Time) {
	if len(got.Bindings) > limits.MaxContacts {
		t.Fatalf("%d bindings", len(got.Bindings))
	}
	for i, b := range got.Bindings {
		if !b.Live(now) || b.Expires.Sub(now) > limits.MaxExpires {
			t.Fatalf("expires %s at %s", b.Expires, now)
		}
		for _, c := range got.Bindings[i+1:] {
			if same(b, c) {
				t.Fatalf("%s is bound twice", b.Contact)
			}
		}
	}
	count := len(before)
	for _, c := range got.Changes {
		switch c.Kind {
		case Added:
			count++
		case Removed, Expired:
			count--
		}
	}
	if count != len(got.Bindings) {
		t.Fatalf("%d before, changes %s, %d after", len(before), kinds(got.Changes), len(got.Bindings))
	}
	if live, _ := Expire(before, now); got.Response.Status != 200 && len(live) != len(got.Bindings) {
		t.Fatalf("a refusal changed %d bindings to %d", len(live), len(got.Bindings))
	}
}

func FuzzContact(f *testing.F) {
	f.Add("<sip:a@10.0.0.1;transport=tcp>;q=0.5;expires=60", "60")
	f.Add("sip:a@[::1]", "4294967296")
	f.Fuzz(func(t *testing.T, contact, expires string) {
		c, err := signal.ParseParty(contact)
		if err != nil {
			return
		}
		r := register(t, "c", 1)
		r.Contacts = []signal.Party{c}
		r.Headers = signal.Headers{{Name: "Expires", Value: expires}}
		got := registrar().Register(r, nil, noon)
		for _, b := range got.Bindings {
			if !b.Live(noon) || !printable(contacts(got.Response)) || b.Q < 0 || b.Q > maxQ {
				t.Fatalf("%q: %+v", contact, b)
			}
		}
	})
}

// TestOutbound: a device with several flows has a registration for each, is told that they are understood, and begins each
// anew by its number alone (RFC 5626 section 6).
func TestOutbound(t *testing.T) {
	g := registrar()
	g.Limits.ServiceRoute = []string{"sip:edge.tandem.local;lr"}
	const device = `;+sip.instance="<urn:uuid:1>";reg-id=`
	first := g.Register(register(t, "a", 1, "<sip:alice@10.0.0.1>"+device+"1", "Supported: path, outbound"), nil, noon)
	second := g.Register(register(t, "b", 1, "<sip:alice@10.0.0.1>"+device+"2", "Supported: outbound"), first.Bindings, noon)
	again := g.Register(register(t, "c", 1, "<sip:alice@10.0.0.9>"+device+"2", "Supported: outbound"), second.Bindings, noon)
	if len(second.Bindings) != 2 || len(again.Bindings) != 2 || kinds(again.Changes) != "refreshed alice" {
		t.Errorf("%d and %d registrations, %v", len(second.Bindings), len(again.Bindings), again.Changes)
	}
	if h := first.Response.Headers; h.Get("Require") != "outbound" || h.Get("Flow-Timer") != "" || h.Get("Service-Route") != "<sip:edge.tandem.local;lr>" {
		t.Errorf("by UDP it is told %v", h)
	}
	stream := register(t, "a", 1, "<sip:alice@10.0.0.1>"+device+"1", "Supported: outbound")
	stream.Origin.Flow.Transport, stream.Origin.Flow.Conn = "TCP", 7
	if h := g.Register(stream, nil, noon).Response.Headers; h.Get("Flow-Timer") != "120" {
		t.Errorf("by TCP it is told %v", h)
	}
	for _, c := range []struct {
		want  int
		lines []string
	}{
		{200, []string{"<sip:alice@10.0.0.1>;reg-id=1", "Supported: outbound"}}, // no name: the number says nothing
		{200, []string{"<sip:alice@10.0.0.1>" + device + "1"}},                  // it does not know of several flows
		{400, []string{"<sip:alice@10.0.0.1>" + device + "0", "Supported: outbound"}},
		{400, []string{"<sip:alice@10.0.0.1>" + device + "x", "Supported: outbound"}},
		{400, []string{"<sip:alice@10.0.0.1>" + device + "1", "<sip:alice@10.0.0.2>" + device + "2", "Supported: outbound"}},
		{439, []string{"<sip:alice@10.0.0.1>" + device + "1", "Supported: outbound, path", "Path: <sip:p1.example;lr;ob>", "Path: <sip:p2.example;lr>"}},
		{200, []string{"<sip:alice@10.0.0.1>" + device + "1", "Supported: outbound, path", "Path: <sip:p2.example;lr>", "Path: <sip:t0ken@p1.example;lr;ob>"}},
	} {
		got := g.Register(register(t, "d", 1, c.lines...), nil, noon).Response
		if got.Status != c.want || got.Status == 200 && got.Headers.Get("Require") != "" && len(c.lines) < 4 {
			t.Errorf("%q: %d %v", c.lines, got.Status, got.Headers)
		}
	}
}
