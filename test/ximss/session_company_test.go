package ximss

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// TestSessionAndConnectionOnSeveralMembers: a session lives on the first member; its client comes back to the second,
// hears events from the third, and asks there over HTTP.
func TestSessionAndConnectionOnSeveralMembers(t *testing.T) {
	lab.Long(t)
	all := company(t)
	a, b, c := all[0], all[1], all[2]
	x, friend := a.XIMSS(t, "1000"), c.XIMSS(t, "1000")
	lab.Wait(t, settle, "meetings are kept", func() bool {
		failure := x.Ask(`<taskCreateMeeting meetingName="x"/>`)
		return failure == "" || failure == "meeting already exists"
	})
	x.Must(`<taskActivateMeeting meetingName="x"/>`)
	x.Close()
	again := b.ResumeXIMSS(t, x)
	friend.Must(`<taskFindMeeting meetingName="x"/>`)
	ref := friend.Await("taskMeeting").Attr("taskRef")
	friend.Must(fmt.Sprintf(`<taskSendEvent taskRef="%s" eventName="hello">from there</taskSendEvent>`, ref))
	e := again.Await("taskEvent", "eventName", "hello")
	again.Must(fmt.Sprintf(`<taskSendEvent taskRef="%s" eventName="back"/>`, e.Attr("taskRef")))
	friend.Await("taskEvent", "eventName", "back")
	if status, got := c.AskOverHTTP(t, x.Session, 1, `<noop id="1"/><cliExecute id="2">GETACCOUNTALIASES *</cliExecute>`); status != 200 || len(got) != 3 {
		t.Errorf("over HTTP, by the third member: %d %v", status, got)
	}
	if list := c.Tandem("session", "list", "--account", "1000@"+lab.Domain); strings.Count(list, "1000@"+lab.Domain) != 2 || !strings.Contains(list, a.Name) {
		t.Errorf("the third member lists\n%s", list)
	}

	// The second member dies: the session waits, and its client comes back to the third.
	b.Kill()
	lab.Wait(t, settle, "the session waits for its client", func() bool { return a.Metric("tandem_sessions", "detached") == 1 })
	third := c.ResumeXIMSS(t, x)
	third.Must(`<noop/>`)

	// The member of the session dies: the client hears it, and nobody else is harmed.
	began := time.Now()
	a.Kill()
	lab.Wait(t, settle, "the connection is closed", third.Over)
	t.Logf("closed %v after the death of the session's member", time.Since(began).Round(time.Millisecond))
	friend.Must(`<noop/>`)
	lab.Wait(t, settle, "events to it find nobody", func() bool {
		return friend.Ask(fmt.Sprintf(`<taskSendEvent taskRef="%s" eventName="x"/>`, ref)) == "async Object not found"
	})
	if status, _ := c.AskOverHTTP(t, x.Session, 2, `<noop id="3"/>`); status != 550 {
		t.Errorf("over HTTP the dead session is %d", status)
	}
}
