package browser

import (
	"strings"
	"testing"
)

// TestMessageBetweenPages: both ways, short, long and in several scripts.
func TestMessageBetweenPages(t *testing.T) {
	d := open(t)
	a, b := d.registered("1000"), d.registered("1001")
	for _, text := range []string{"hello", "Grüße, 你好, שלום, 🙂", strings.Repeat("a long story; ", 400)} {
		a.deliver(b.number, text)
		b.expect(a.number, text)
		b.deliver(a.number, "answer to "+text)
		a.expect(b.number, "answer to "+text)
	}
}

// TestMessageWithPhone: a page and linphone, over UDP and over TCP.
func TestMessageWithPhone(t *testing.T) {
	d := open(t)
	p := d.registered("1000")
	for number, transport := range map[string]string{"1002": "udp", "1003": "tcp"} {
		l := startLinphone(t, d.Member, number, transport)
		p.deliver(number, "from the page over "+transport)
		l.expect("from the page over " + transport)
		l.send(p.number, "from the phone over "+transport)
		p.expect(number, "from the phone over "+transport)
	}
}

// TestTwoTabs: both tabs of an account get a message to it, and the one that is left when the other
// is closed.
func TestTwoTabs(t *testing.T) {
	d := open(t)
	a, first, second := d.registered("1000"), d.registered("1001"), d.registered("1001")
	a.deliver("1001", "to both")
	first.expect("1000", "to both")
	second.expect("1000", "to both")
	first.close()
	a.deliver("1001", "to the one that is left")
	second.expect("1000", "to the one that is left")
}

// TestClosedPage: when the page of an account is gone, its registration receives nothing more, and
// the sender is told so, not left waiting.
func TestClosedPage(t *testing.T) {
	d := open(t)
	a, b := d.registered("1000"), d.registered("1001")
	a.deliver("1001", "while it is there")
	b.close()
	if status := a.send("1001", "when it is gone"); status != 480 {
		t.Errorf("the message ended with %d, want 480", status)
	}
}
