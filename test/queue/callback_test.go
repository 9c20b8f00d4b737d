package queue

import (
	"testing"

	"tandem/test/lab"
)

// A caller chooses to be called back and hangs up. When an agent is ready it is dialled first, and then joined with him.
func TestCallback(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	m.Tandem("queue", "set", "sales", "callback.key=8")
	phone := m.Phone(t, "1001")
	phone.Register(600)
	caller := phone.Call("2000")
	logged(t, m, "|sales|NONE|ENTERQUEUE||1001|1")
	caller.Press("8")
	lab.Wait(t, patience, "the callback is confirmed", func() bool {
		select {
		case <-caller.Ended():
			return true
		default:
			caller.Press("1")
			return false
		}
	})
	p := agent(t, m, "1002")
	back := phone.Await()
	back.Answer()
	call := p.Await()
	call.Answer()
	talk(t, back, call)
	back.Hangup()
	call.AwaitEnd()
	logged(t, m, "ENTERQUEUE", "|sales|1002|CONNECT|", "|sales|1002|COMPLETECALLER|")
}
