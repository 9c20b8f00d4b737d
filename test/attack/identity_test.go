package attack

import (
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// TestStrangersAndTheirClaims lets strangers pretend, guess and search (attack groups A13 to A17, A20 to A23, A25).
func TestStrangersAndTheirClaims(t *testing.T) {
	t.Parallel()
	w := newWitness(t)
	r := newStranger(t, w.Member, "127.0.0.1")
	t.Run("A13 reflection", func(t *testing.T) { reflection(t, w, r) })
	t.Run("A14 who is there", func(t *testing.T) { enumeration(t, r) })
	t.Run("A15 replays and guesses", func(t *testing.T) { replays(t, w, r) })
	t.Run("A16 our BYE is challenged", func(t *testing.T) { harvest(t, w) })
	t.Run("A17 without a proof", func(t *testing.T) { unproven(t, r) })
	t.Run("A20 other people's calls", func(t *testing.T) { hijack(t, w, r) })
	t.Run("A21 races", func(t *testing.T) { races(t, w, r) })
	t.Run("A22 registrations", func(t *testing.T) { registrations(t, w) })
	t.Run("A23 subscriptions", func(t *testing.T) { subscriptions(t, w, r) })
	t.Run("A25 scanners", func(t *testing.T) { scanners(t, w, r) })
	w.unharmed(t)
	lab.Wait(t, 2*patience, "calls that nobody acknowledges have ended", func() bool { return len(w.Legs()) == 1 })
	w.over(t)
}

// reflection names a victim in every place that could make the member talk to it, and listens there.
func reflection(t *testing.T, w *witness, r *stranger) {
	r.t = t
	victim, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 66)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = victim.Close() }()
	at := victim.LocalAddr().String()
	for _, method := range []string{"INVITE", "REGISTER", "OPTIONS", "SUBSCRIBE", "MESSAGE", "BYE", "REFER"} {
		for _, user := range []string{"1001", "9196", "96486"} {
			for _, line := range []string{"Via: SIP/2.0/UDP " + at + ";branch=z9hG4bKv1", "Via: SIP/2.0/UDP " + at + ";rport;received=127.0.0.66;branch=z9hG4bKv2",
				"Contact: <sip:a@" + at + ">", "Route: <sip:" + at + ";lr>", "Record-Route: <sip:" + at + ";lr>", "Refer-To: <sip:a@" + at + ">",
				"Reply-To: <sip:a@" + at + ">", "Path: <sip:" + at + ";lr>"} {
				l := with(r.plain(method, user), line)
				if strings.HasPrefix(line, "Via") {
					l = with(l, strings.Replace(line, "z9hG4bK", "z9hG4bK"+strings.ReplaceAll(method+user, " ", ""), 1))
				}
				r.ask(lines(l))
			}
		}
	}
	drain(r)
	_ = victim.SetReadDeadline(time.Now().Add(time.Second))
	buffer := make([]byte, 2000)
	if n, from, err := victim.ReadFromUDP(buffer); err == nil {
		t.Errorf("a third party hears from %v: %.300q", from, buffer[:n])
	}
	// A call that is routed to the member itself, over and over, ends.
	l := r.plain("INVITE", "1001")
	for range 60 {
		l = more(l, "Route: <sip:"+w.UDPAddr()+";lr>")
	}
	r.refused("a route of sixty times the member", lines(l))
}

var varies = regexp.MustCompile(`(nonce|opaque|branch|tag|rport|received)="?[^";,\r\n]*"?|(Call-ID|i): ?[^\r]*|\b1[0-9]{3}\b`)

// enumeration asks for accounts that are there and for such that are not: nothing may tell them apart.
func enumeration(t *testing.T, r *stranger) {
	r.t = t
	wrong := `Digest username="%s", realm="` + lab.Domain + `", nonce="x", uri="sip:` + lab.Domain + `", response="00000000000000000000000000000000"`
	for _, method := range []string{"INVITE", "REGISTER", "MESSAGE", "OPTIONS", "SUBSCRIBE", "PUBLISH"} {
		for _, authorization := range []string{"", "Authorization: " + wrong, "Proxy-Authorization: " + wrong} {
			var heard []string
			for _, user := range []string{"1001", "1999", "1003", "1777"} {
				l := with(r.plain(method, user), fmt.Sprintf("From: <sip:%s@%s>;tag=1", user, lab.Domain))
				if authorization != "" {
					l = more(l, fmt.Sprintf(authorization, user))
				}
				if method == "SUBSCRIBE" || method == "PUBLISH" {
					l = more(more(l, "Event: presence"), "Expires: 60")
				}
				answers := r.ask(lines(l))
				heard = append(heard, varies.ReplaceAllString(strings.Join(answers, "|"), "$1"))
			}
			for i := range heard {
				if heard[i] != heard[0] {
					t.Errorf("%s (%.20s) tells accounts apart:\n%s\n%s", method, authorization, heard[0], heard[i])
				}
			}
		}
	}
}

// replays uses proofs of others again: the same words, for another method, from another address.
func replays(t *testing.T, w *witness, r *stranger) {
	r.t = t
	p := w.Phone(t, "1003")
	p.Register(60)
	spoken := p.Said("REGISTER")
	if !strings.Contains(spoken, "Authorization: Digest") {
		t.Fatalf("the phone has not proved itself:\n%s", spoken)
	}
	proof := spoken[strings.Index(spoken, "Authorization: "):]
	proof, _, _ = strings.Cut(proof, "\r\n")
	other := newStranger(t, w.Member, "127.0.0.77")
	for what, text := range map[string]string{
		"from another address":  lines(more(with(other.plain("REGISTER", "1003"), "From: <sip:1003@"+lab.Domain+">;tag=2"), proof)),
		"for another method":    lines(more(other.plain("INVITE", "1001"), "Proxy-"+proof)),
		"for another account":   lines(more(with(other.plain("REGISTER", "1004"), "From: <sip:1004@"+lab.Domain+">;tag=2"), proof)),
		"of an algorithm of no": lines(more(other.plain("REGISTER", "1003"), strings.Replace(proof, "SHA-256", "MD5", 1))),
	} {
		if c := code(other.ask(text)...); c/100 == 2 {
			t.Errorf("%s: %d", what, c)
		}
	}
	thief := w.PhoneAt(t, "1003", "127.0.0.77")
	thief.Password = "1"
	for range 50 {
		if s := thief.TryRegister(60); s/100 == 2 {
			t.Fatal("a wrong password is right")
		}
	}
	if s := p.TryRegister(60); s != 200 { // it is another source: the thief may be shut out, the phone not
		t.Errorf("beside somebody who guesses, the phone gets %d", s)
	}
	p.Register(0)
}

// harvest is a phone that asks the member for credentials when it hangs up.
func harvest(t *testing.T, w *witness) {
	called, caller := w.Phone(t, "1004"), w.Phone(t, "1005")
	called.Register(60)
	called.Challenge = `Digest realm="` + lab.Domain + `", nonce="abc", algorithm=MD5`
	made := make(chan *lab.Call)
	go func() { made <- caller.Call("1004") }()
	called.Await().Answer()
	(<-made).Hangup()
	lab.Wait(t, patience, "the call is over", func() bool {
		return !slices.ContainsFunc(w.Legs(), func(l lab.Leg) bool { return strings.HasPrefix(l.Account, "1004@") })
	})
	byes := 0
	for _, text := range called.Asked() {
		if strings.HasPrefix(text, "BYE ") {
			byes++
		}
		if strings.Contains(text, "Authorization") {
			t.Errorf("the member proves itself to a phone:\n%s", text)
		}
	}
	if byes == 0 {
		t.Error("the phone was not told that the call is over")
	}
	called.Register(0)
}

func unproven(t *testing.T, r *stranger) {
	r.t = t
	for _, method := range []string{"MESSAGE", "SUBSCRIBE", "NOTIFY", "PUBLISH", "REFER", "INFO", "UPDATE", "PRACK", "INVITE", "REGISTER"} {
		l := more(more(r.plain(method, "1001"), "Event: message-summary"), "Refer-To: <sip:9196@"+lab.Domain+">")
		l = with(l, "From: <sip:1000@"+lab.Domain+">;tag=1")
		l = more(l, "Subscription-State: active")
		if c := code(r.ask(lines(l))...); c < 400 || c > 499 {
			t.Errorf("%s: answered %d", method, c)
		}
	}
}

// hijack speaks in a call of others, whose Call-ID it knows.
func hijack(t *testing.T, w *witness, r *stranger) {
	r.t = t
	id := w.call.ID()
	for _, method := range []string{"BYE", "INVITE", "UPDATE", "INFO", "REFER", "NOTIFY", "MESSAGE", "CANCEL", "PRACK"} {
		for _, tag := range []string{"guess", strings.Repeat("A", 64), strings.Repeat("z", 2000), ""} {
			to := "9197"
			if tag == "" {
				to = "1777" // none at all makes a call of its own, which nobody must take
			}
			l := with(with(r.plain(method, to), "Call-ID: "+id), "To: <sip:"+to+"@"+lab.Domain+">;tag="+tag)
			l = with(l, "CSeq: 100 "+method)
			if c := code(r.ask(lines(l))...); c/100 == 2 {
				t.Errorf("%s with the tag %.10q: %d", method, tag, c)
			}
		}
	}
	for _, replaces := range []string{id + ";to-tag=a;from-tag=b", id + ";to-tag=;from-tag=", id, strings.Repeat("x", 1000)} {
		if c := code(r.ask(lines(more(r.plain("INVITE", "9196"), "Replaces: "+replaces)))...); c/100 == 2 {
			t.Errorf("Replaces %.30q: %d", replaces, c)
		}
	}
}

// races does things in an order that no honest phone has.
func races(t *testing.T, w *witness, r *stranger) {
	r.t = t
	invite := r.plain("INVITE", "9196")
	r.send(lines(invite))
	var ok string
	for code(ok) != 200 || branchOf(ok) != branchOf(invite[1]) {
		ok = r.receive(patience)
	}
	to := ok[strings.Index(ok, "\r\nTo: ")+2:]
	to, _, _ = strings.Cut(to, "\r\n")
	within := func(method string, cseq int) []string {
		l := r.plain(method, "9196")
		for _, line := range []string{invite[3], invite[5], to, fmt.Sprintf("CSeq: %d %s", cseq, method)} {
			l = with(l, line)
		}
		return l
	}
	heard := map[string]int{}
	for _, step := range []struct {
		what string
		text []string
		want []int
	}{
		{"re-INVITE before ACK", within("INVITE", 2), []int{491, 500}},
		{"a lower CSeq", within("INFO", 1), []int{500}},
		{"PRACK of nothing", more(within("PRACK", 3), "RAck: 1 1 INVITE"), []int{481, 405, 501}},
		{"CANCEL after 200", with(with(within("CANCEL", 1), invite[1]), "To: <sip:9196@"+lab.Domain+">"), []int{200, 481}},
		{"ACK", within("ACK", 1), []int{0}},
		{"ACK again", within("ACK", 1), []int{0}},
		{"ACK of nothing", with(within("ACK", 77), "Call-ID: nothing"), []int{0}},
		{"BYE", within("BYE", 10), []int{200}},
		{"BYE again", within("BYE", 11), []int{481, 200}},
		{"re-INVITE after BYE", within("INVITE", 12), []int{481}},
	} {
		r.send(lines(step.text))
		branch := branchOf(step.text[1])
		if slices.Contains(step.want, 0) {
			continue
		}
		got := 0
		for got == 0 {
			if m := r.receive(patience); branchOf(m) == branch && strings.Contains(m, " "+strings.Fields(step.text[0])[0]+"\r\n") {
				got = code(m)
			}
		}
		if heard[step.what] = got; !slices.Contains(step.want, got) {
			t.Errorf("%s: %d, want one of %v", step.what, got, step.want)
		}
	}
	t.Log(heard)
	drain(r)
}

// registrations tries contacts that nobody should be reached at.
func registrations(t *testing.T, w *witness) {
	p := w.Phone(t, "1006")
	for _, c := range []struct {
		contact, expires string
		want             []int
	}{
		{"*", "60", []int{400}}, {"*", "", []int{400}},
		{"<sip:a@224.0.0.1>", "60", []int{400, 403}}, {"<sip:a@0.0.0.0>", "60", []int{400, 403}}, {"<sip:a@255.255.255.255>", "60", []int{400, 403}},
		{"<sip:a@" + w.UDPAddr() + ">", "60", []int{400, 403}}, {"<mailto:a@b>", "60", []int{400, 416, 200}}, {"<sip:a@127.0.0.1:99999>", "60", []int{400}},
		{"<sip:a@[::1>", "60", []int{400}}, {"<sip:" + strings.Repeat("a", 5000) + "@127.0.0.1>", "60", []int{400, 403, 413, 513, 500}},
		{"<sip:a@127.0.0.1:5999>", "4294967295", []int{200, 400}}, {"<sip:a@127.0.0.1:5999>", "99999999999", []int{200, 400}},
		{strings.TrimSuffix(strings.Repeat("<sip:a@127.0.0.1:5999>, ", 500), ", "), "60", []int{400, 403, 200, 413, 513}},
	} {
		got := p.RegisterAs(c.contact, c.expires)
		if !slices.Contains(c.want, got) {
			t.Errorf("%.60q for %s: %d, want %v", c.contact, c.expires, got, c.want)
		}
	}
	kept := 0
	for i := range 50 {
		if p.RegisterAs(fmt.Sprintf("<sip:a@127.0.0.1:%d>", 20000+i), "60") == 200 {
			kept++
		}
	}
	if kept > 10 { // accounts of dev have ten
		t.Errorf("%d contacts are kept", kept)
	}
	p.RegisterAs("*", "0")
}

// subscriptions asks for more events than anybody follows.
func subscriptions(t *testing.T, w *witness, r *stranger) {
	p := w.Phone(t, "1007")
	p.Register(60)
	got := map[int]int{}
	for range 300 {
		got[p.Subscribe("message-summary")]++
	}
	t.Log("subscriptions of one phone: ", got)
	r.t = t
	for _, line := range []string{"Subscription-State: terminated;reason=" + strings.Repeat("x", 5000), "Subscription-State: ;;;=", "Subscription-State: active;expires=-1"} {
		if c := code(r.ask(lines(more(more(r.plain("NOTIFY", "1007"), "Event: presence"), line)))...); c/100 == 2 {
			t.Errorf("%.40q: %d", line, c)
		}
	}
	p.Register(0)
}

// scanners are not let in, and do not shut anybody out who has the same address.
func scanners(t *testing.T, w *witness, r *stranger) {
	r.t = t
	for i := range 300 {
		for _, agent := range []string{"friendly-scanner", "sipvicious", "sipcli/v1.8", "VaxSIPUserAgent", "Zoiper rev.5"} {
			l := more(r.plain([]string{"OPTIONS", "REGISTER", "INVITE"}[i%3], fmt.Sprint(1000+i)), "User-Agent: "+agent)
			r.send(lines(l))
		}
	}
	drain(r)
	p := w.Phone(t, "1008") // from the same address
	p.Register(60)
	p.Register(0)
}
