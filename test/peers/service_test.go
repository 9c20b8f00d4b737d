package peers

import (
	"testing"
	"time"

	"tandem/test/lab"
)

// TestAttendant lets a phone dial an extension at 200, and be sent on by who answered it.
func TestAttendant(t *testing.T) {
	for _, c := range []struct {
		name              string
		from, to, further kind
	}{
		{"baresip, linphone, baresip", baresipUDP, linphoneTCP, baresipTCP},
		{"baresip, baresip, linphone", baresipTCP, baresipUDP, linphoneUDP},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := member(t)
			from := start(t, m, c.from, seats[0]).(*baresip)
			to, further := start(t, m, c.to, seats[1]), start(t, m, c.further, seats[2])
			from.Call("200")
			from.AwaitTalk()
			from.Press("1")
			from.Press(to.Number() + "#")
			to.AwaitRing()
			to.Answer()
			to.AwaitTalk()
			hearEachOther(t, from, to)
			to.Transfer(further.Number())
			further.AwaitRing()
			further.Answer()
			further.AwaitTalk()
			to.AwaitEnd()
			hearEachOther(t, from, further)
			further.Hangup()
			from.AwaitEnd()
			lab.Wait(t, patience, "all tasks have ended", func() bool { return len(tasks(t, m)) == 0 })
		})
	}
}

// TestPark parks callers in each way, and picks them up.
func TestPark(t *testing.T) {
	t.Run("in a slot that is dialled", func(t *testing.T) {
		m := member(t)
		a, b := start(t, m, baresipUDP, seats[0]), start(t, m, linphoneTCP, seats[1])
		a.Call("6007")
		a.AwaitTalk()
		waits(t, m, "park", "PlayFile", " stay")
		b.Call("6007")
		b.AwaitTalk()
		hearEachOther(t, a, b)
		a.Hangup()
		b.AwaitEnd()
	})
	t.Run("in the first that is free", func(t *testing.T) {
		m := member(t)
		a, b := start(t, m, baresipUDP, seats[0]), start(t, m, baresipTCP, seats[1]).(*baresip)
		a.Call("5900")
		a.AwaitTalk()
		waits(t, m, "park", "PlayFile", " stay")
		b.Call("5901")
		b.AwaitTalk()
		b.Press("00")
		hearEachOther(t, a, b)
		b.Hangup()
		a.AwaitEnd()
	})
	t.Run("by a transfer", func(t *testing.T) {
		m := member(t)
		a, b := start(t, m, baresipUDP, seats[0]), start(t, m, baresipTCP, seats[1])
		c := start(t, m, baresipUDP, seats[2])
		connect(a, b)
		hearEachOther(t, a, b)
		b.Transfer("6012")
		b.AwaitEnd()
		waits(t, m, "park", "PlayFile", " stay")
		c.Call("6012")
		c.AwaitTalk()
		hearEachOther(t, a, c)
		c.Hangup()
		a.AwaitEnd()
	})
}

// TestVoiceMail lets a caller leave a message for who does not answer. The owner's lamp goes on; he hears it,
// deletes it, and the lamp goes out. From a phone that is not his he needs his PIN.
func TestVoiceMail(t *testing.T) {
	m := member(t)
	owner := m.Phone(t, "1001")
	owner.Register(600)
	if s := owner.Subscribe("message-summary"); s/100 != 2 {
		t.Fatalf("the subscription got %d", s)
	}
	owner.AwaitNotice("Messages-Waiting: no")
	m.Tandem("account", "edit", "1001@"+lab.Domain, "--voicemail=no-answer,busy", "--voicemail-after=2")
	do(t, m, "UPDATEACCOUNTPREFS 1001 {PIN=2580;}")

	// Nobody answers.
	go func() { owner.Await() }()
	c := call(t, m.Phone(t, "1000"), "1001")
	deposit(t, m, c, 1700)
	owner.AwaitNotice("Voice-Message: 1/0")

	box := call(t, owner, "*98")
	box.Press("1")
	box.AwaitTones(t, 2500*time.Millisecond, 1700)
	box.Press("2") // it is kept
	owner.AwaitNotice("Voice-Message: 0/1")
	box.Press("*") // to the menu
	box.Press("2") // the old ones
	box.AwaitTones(t, 2500*time.Millisecond, 1700)
	box.Press("3") // it is deleted
	owner.AwaitNotice("Messages-Waiting: no")
	box.Hangup()

	// He is busy.
	go func() { owner.Await().Refuse("486 Busy Here") }()
	c = call(t, m.Phone(t, "1000"), "1001")
	deposit(t, m, c, 1300)
	owner.AwaitNotice("Voice-Message: 1/0")

	// From elsewhere: mailbox, PIN, first a wrong one.
	stranger := m.Phone(t, "owner")
	stranger.Domain = "elsewhere.test"
	box = call(t, stranger, "sip:4000@"+lab.Domain)
	box.Press("1001#9999#")
	waits(t, m, "voicemail", "PlayTone", "pin") // who guesses must wait
	box.Press("2580#")
	box.Press("1")
	box.AwaitTones(t, 2500*time.Millisecond, 1300)
	box.Press("3")
	owner.AwaitNotice("Messages-Waiting: no")
	box.Hangup()
	lab.Wait(t, patience, "all tasks have ended", func() bool { return len(tasks(t, m)) == 0 })
}

// deposit leaves a message of three seconds of a tone, and hangs up.
func deposit(t testing.TB, m *lab.Member, c *lab.Call, hz float64) {
	t.Helper()
	waits(t, m, "voicemail", "Record", "")
	c.SayFor(t, hz, 3*time.Second)
	c.Hangup()
}
