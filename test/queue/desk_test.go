package queue

import (
	"testing"
	"time"

	"tandem/test/lab"
)

// An agent takes the phone of somebody else with his number and his PIN. A caller is put through to him there, and a
// supervisor who dials his number hears them both.
func TestHotDesk(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	if _, err := m.Console().Do("UPDATEACCOUNTPREFS 1002 {PIN=2580;}"); err != nil {
		t.Fatal(err)
	}
	p := m.Phone(t, "1003")
	p.Register(600)
	desk := p.Call("*45")
	desk.Press("1002#2580#")
	desk.AwaitEnd()
	logged(t, m, "|1002|AGENTLOGIN|SIP/1003")
	caller := enter(t, m, "1001", "2000")
	call := p.Await()
	call.Answer()
	talk(t, caller, call)
	boss := m.Phone(t, "1010").Call("*751002")
	boss.AwaitTones(t, 500*time.Millisecond, 500, 700)
	boss.Hangup()
	caller.Hangup()
	call.AwaitEnd()
	logged(t, m, "|sales|1002|CONNECT|", "|sales|1002|COMPLETECALLER|")
}
