package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/ximss/object"
)

// wave is a WAV file of so many seconds of 8000 samples, one byte each.
func wave(seconds int) []byte {
	b := []byte("RIFF....WAVEfmt \x10\x00\x00\x00\x07\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00data....")
	binary.LittleEndian.PutUint32(b[len(b)-4:], uint32(8000*seconds))
	return append(b, make([]byte, 8000*seconds)...)
}

func at(second int) time.Time { return time.Unix(1764000000+int64(second), 0).UTC() }

func (l *lab) deliver(n int) (string, error) {
	l.Helper()
	return l.Deliver(l.Context(), bob, Message{From: fmt.Sprint("caller", n), Received: at(n), Sound: fmt.Append(nil, "sound ", n),
		Duration: time.Second}, fmt.Sprint("ID", n))
}

func (l *lab) senders() string {
	var all []string
	for _, m := range l.Messages(bob) {
		heard := ""
		if m.Heard {
			heard = "*"
		}
		all = append(all, strings.TrimPrefix(m.From, "caller")+heard)
	}
	return strings.Join(all, " ")
}

func TestMessagesAreDeliveredAndHeard(t *testing.T) {
	l := newLab(t)
	if fresh, heard := l.Count(bob); fresh+heard != 0 {
		t.Errorf("%d %d", fresh, heard)
	}
	first, err := l.deliver(1)
	if err != nil || first != "20251124-160001-000-ID1.wav" {
		t.Errorf("%s %v", first, err)
	}
	if _, err := l.deliver(2); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := l.MarkHeard(t.Context(), bob, first); err != nil {
			t.Error(err)
		}
	}
	if fresh, heard := l.Count(bob); fresh != 1 || heard != 1 || l.senders() != "1* 2" {
		t.Errorf("%d %d: %s", fresh, heard, l.senders())
	}
	both := "storage/1001@tandem.local/voicemail/new/" + first
	if err := l.desk.Put(t.Context(), both, nil, -1, nil); err != nil {
		t.Fatal(err)
	}
	if fresh, heard := l.Count(bob); fresh != 1 || heard != 1 || l.senders() != "1* 2" {
		t.Errorf("while one is moved: %d %d: %s", fresh, heard, l.senders())
	}
	if err := l.desk.Delete(t.Context(), both); err != nil {
		t.Fatal(err)
	}
	m := l.Messages(bob)[1]
	if m.From != "caller2" || !m.Received.Equal(at(2)) || m.Duration != time.Second || m.Format != "wav" || m.Size != 7 || m.Heard {
		t.Errorf("%+v", m)
	}
	if err := l.MarkHeard(t.Context(), bob, "none"); !errors.Is(err, ErrNoFile) {
		t.Errorf("%v", err)
	}
	for sound, want := range map[string]bool{"sound 1": false, "sound 2": false, "sound 3": true} {
		did, err := l.DeliverOnce(t.Context(), bob, Message{From: "caller3", Received: at(3), Sound: []byte(sound)})
		if err != nil || did != want {
			t.Errorf("%s: %v %v", sound, did, err)
		}
	}
	if l.senders() != "1* 2 3" {
		t.Error(l.senders())
	}
	for key, want := range map[string]string{
		"storage/1001@tandem.local/voicemail/new/x": bob, "storage/1001@tandem.local/voicemail/old/x": bob,
		"storage/1001@tandem.local/voicemail/x": "", "storage/1001@tandem.local/a": "", "pbx/cluster/voicemail/new/x": "", "storage/": "",
	} {
		if account, ok := Mailbox(key); ok != (want != "") || ok && account != want {
			t.Errorf("%s: %s %v", key, account, ok)
		}
	}
}

// Heard messages give way to new ones, the oldest first; new ones do not.
func TestFullMailbox(t *testing.T) {
	l := newLab(t)
	for i := range 3 {
		id, err := l.deliver(i)
		if err != nil {
			t.Fatal(err)
		}
		if i != 1 {
			if err := l.MarkHeard(t.Context(), bob, id); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i, want := range []string{"1 2* 3", "1 3 4", "1 3 4"} {
		_, err := l.deliver(3 + i)
		if l.senders() != want || (err != nil) != (i == 2) || err != nil && !errors.Is(err, ErrMailbox) {
			t.Errorf("%d: %s, want %s, %v", i, l.senders(), want, err)
		}
	}
	l.limits.Bytes = 1
	if err := l.Delete(t.Context(), bob, "voicemail/new/"+l.Messages(bob)[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := l.deliver(9); !errors.Is(err, ErrQuota) {
		t.Errorf("without room: %v", err)
	}
}

func TestHeardMessagesExpire(t *testing.T) {
	l := newLab(t)
	for i := range 2 {
		id, err := l.deliver(i)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			if err := l.MarkHeard(t.Context(), bob, id); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, step := range []struct {
		after time.Duration
		now   int
		want  string
	}{{0, 1e6, "0* 1"}, {time.Hour, 3600, "0* 1"}, {time.Hour, 3601, "1"}, {time.Hour, 1e6, "1"}} {
		l.limits.Heard = step.after
		if err := l.Expire(t.Context(), bob, at(step.now)); err != nil || l.senders() != step.want {
			t.Errorf("%+v: %s %v", step, l.senders(), err)
		}
	}
}

func TestTextsOfMessagesAreCut(t *testing.T) {
	l := newLab(t)
	_, err := l.Deliver(t.Context(), bob, Message{From: strings.Repeat("ä", maxText), Subject: "a\xffb", Format: "../x"}, "1")
	if m := l.Messages(bob); err != nil || len(m) != 1 || m[0].From != strings.Repeat("ä", maxText/2) || m[0].Subject != "ab" || m[0].Format != "wav" {
		t.Errorf("%+v %v", m, err)
	}
}

func TestSubmittedMail(t *testing.T) {
	l := newLab(t)
	l.limits.Bytes = 1 << 20
	submit := func(headers, content string) string {
		t.Helper()
		h, err1 := object.Parse(headers)
		c, err2 := object.Parse(content)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		return l.call(alice, "SubmitEMail", h, c)
	}
	const to = `{From="9@elsewhere.org"; To="1001@tandem.local"; Subject=Hi;}`
	const sound = `{"Content-Type"=audio; "Content-Subtype"=wav; filename="message.wav"; body=[UklGRg==];}`
	for _, c := range []struct{ headers, content, want string }{
		{to, sound, `#null#`},
		{to, `("", {"Content-Type"=text; body=hello;}, {"Content-Type"="audio/mpeg"; ""="sound";})`, `#null#`},
		{`{To="Bob <alice@tandem.local>, 1001@tandem.local";}`, sound, `#null#`},
		{to, `"only text"`, `"message has no audio part"`},
		{to, `{"Content-Type"=text; body=hello;}`, `"message has no audio part"`},
		{to, `{"Content-Type"=audio; body="";}`, `"message has no audio part"`},
		{`{From=x;}`, sound, `"message has no local recipient"`},
		{`{To="(1001@tandem.local";}`, sound, `"message has no local recipient"`},
		{`{To=("1001@tandem.local","9@elsewhere.org");}`, sound, `"message has no local recipient"`},
		{to, sound, `"mailbox is full"`},
	} {
		if got := submit(c.headers, c.content); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.headers, c.content, got, c.want)
		}
	}
	found := map[string]int{}
	for _, m := range l.Messages(bob) {
		found[fmt.Sprint(m.From, " ", m.Subject, " ", m.Format, " ", m.Size)]++
	}
	if len(found) != 3 || found["9@elsewhere.org Hi wav 4"] != 1 || found["9@elsewhere.org Hi mp3 5"] != 1 ||
		found["  wav 4"] != 1 || len(l.Messages(alice)) != 1 {
		t.Errorf("%v", found)
	}
}

func TestLengthOfSounds(t *testing.T) {
	unfinished := wave(3)
	for i := range 4 {
		unfinished[40+i] = 0
	}
	listed := append([]byte(nil), wave(2)[:12]...)
	listed = append(append(listed, "LIST\x03\x00\x00\x00abc\x00"...), wave(2)[12:]...)
	for name, c := range map[string]struct {
		b    []byte
		want time.Duration
	}{
		"whole": {wave(3), 3 * time.Second}, "unfinished": {unfinished, 3 * time.Second}, "with a list": {listed, 2 * time.Second},
		"cut": {wave(3)[:44+8000], time.Second}, "none": {[]byte("noise"), 0}, "header": {wave(1)[:30], 0}, "empty": {nil, 0},
	} {
		if got := soundLength(c.b); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func FuzzLength(f *testing.F) {
	f.Add(wave(0))
	f.Add([]byte("RIFF....WAVELIST\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if d := soundLength(b); d < 0 {
			t.Error(d)
		}
	})
}
